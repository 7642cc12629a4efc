"""Writes docs/reference from the program itself: settings, commands, jobs, the JSON interface.

A test compares the files with what this would write, so that they cannot go stale.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from strongroom import cli, web, wiring, worker
from strongroom.core import keys
from strongroom.core.errors import Conflict
from strongroom.core.settings import VARIABLES, Settings

_NOTE = "<!-- Written by `strongroom docs`; change the program, not this page. -->\n\n"


class StalePages(Conflict):
    """The pages no longer say what the program does."""


def docs(
    folder: Annotated[Path, typer.Argument(help="Where to write.", file_okay=False)] = Path(
        "docs/reference"
    ),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a page is stale.")
    ] = False,
) -> None:
    """Write docs/reference from the program."""
    stale = {name: text for name, text in pages().items() if _read(folder / name) != text}
    if check and stale:
        raise StalePages(f"Stale in {folder}: {', '.join(stale)}.", hint="Run: strongroom docs")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in stale.items():
        (folder / name).write_text(text, encoding="utf-8")
        typer.echo(folder / name)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    return {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "jobs.md": jobs_page(),
        "openapi.json": json.dumps(web.create_app(None).openapi(), indent=2) + "\n",
    }


def settings_page() -> str:
    """Return the page about environment variables."""
    defaults = {part.name: part.default for part in fields(Settings)}
    rows = ["| Variable | Default | What it decides |", "|---|---|---|"]
    for name, variable in VARIABLES.items():
        rows.append(f"| `{variable.name}` | {_default(name, defaults[name])} | {variable.says} |")
    return f"# Settings\n\n{_NOTE}All settings are environment variables.\n\n" + _lines(rows)


def _default(name: str, default: object) -> str:
    if name == "home":
        return "`~/.local/share/strongroom`"
    if isinstance(default, bool):
        return "`open`" if default else "`closed`"
    return f"`{default}`" if isinstance(default, (str, int)) else "unset"


def cli_page() -> str:
    """Return the page about the command line."""
    head = f"# Command line\n\n{_NOTE}{_exit_codes()}"
    return "\n".join([head, *_command("strongroom", typer.main.get_command(cli.app))])


def _command(path: str, command: Any) -> list[str]:
    """Return the help of a command and of those inside it."""
    context = command.make_context(
        path, [], resilient_parsing=True, terminal_width=90, max_content_width=90
    )
    found = [f"## `{path}`\n\n```\n{command.get_help(context).rstrip()}\n```\n"]
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            found += _command(f"{path} {name}", command.get_command(context, name))
    return found


def _exit_codes() -> str:
    from strongroom.core import errors

    kinds = (
        errors.Refused, errors.Forbidden, errors.NotFound, errors.Conflict, errors.Unavailable,
    )  # fmt: skip
    rows = ["| Exit code | Meaning |", "|---|---|", "| 0 | Done |"]
    for kind in kinds:
        said = (kind.__doc__ or "").strip().splitlines()[0]
        rows.append(f"| {kind.exit_code} | {said} |")
    rows.append("| 70 | A mistake of the program's: `--debug` shows where |")
    rows.append("| 130 | Interrupted |")
    return _lines(rows) + "\n"


def jobs_page() -> str:
    """Return the page about the worker's jobs."""
    ring = keys.new_ring()
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")), ring, admin_dsn="dbname=none", role="worker"
    )
    rows = ["| Job | When | Attempts | What it does |", "|---|---|---|---|"]
    declared = [job for table in worker.tables(services) for job in table.declared]
    for job in sorted(declared, key=lambda job: job.name):
        said = (job.run.__doc__ or "").strip().partition("\n")[0]
        when = f"`{job.cron}` (UTC)" if job.cron else "when asked for"
        rows.append(f"| `{job.name}` | {when} | {job.attempts} | {said} |")
    return f"# Jobs\n\n{_NOTE}The worker runs these.\n\n" + _lines(rows)


def _lines(rows: list[str]) -> str:
    return "\n".join(rows) + "\n"
