from __future__ import annotations

import json
from pathlib import Path

import pytest

from strongroom import cli, reference
from strongroom.core.settings import VARIABLES

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


@pytest.mark.parametrize("name", ["settings.md", "cli.md", "jobs.md", "openapi.json"])
def test_no_page_is_stale(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8") if (FOLDER / name).is_file() else ""
    assert written == reference.pages()[name], f"docs/reference/{name} is stale: run `make docs`"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(reference.pages())


def test_every_setting_and_every_command_is_described() -> None:
    settings, commands = reference.settings_page(), reference.cli_page()
    assert all(f"`{variable.name}`" in settings for variable in VARIABLES.values())
    assert all(f"## `strongroom {name}`" in commands for name in cli.COMMANDS)


def test_every_job_says_what_it_does() -> None:
    rows = [row for row in reference.jobs_page().splitlines() if row.startswith("| `")]
    assert rows
    silent = [row for row in rows if not row.rstrip("| ").endswith(".")]
    assert silent == [], "these jobs have no docstring"


def test_no_page_tells_of_this_machine() -> None:
    for text in reference.pages().values():
        assert str(Path.home()) not in text
        assert str(FOLDER.parents[1]) not in text


def test_the_openapi_document_is_whole() -> None:
    document = json.loads(reference.pages()["openapi.json"])
    names = set(document["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert used <= names
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert all(operation.get("summary") for operation in operations)
