"""The house rules that no other tool checks: sizes, stray commits and clocks, doors, documents."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "strongroom"
MOST_LINES, MOST_LINES_OF_TESTS, MOST_LINES_OF_A_FUNCTION, MOST_COLUMNS = 500, 700, 70, 100

# Ratchets: what is too large already may shrink and never grow. Empty is the goal.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}

# Where the clock may be read: core/time.py, entry points, and what measures how long it waits.
CLOCKS = {"core/time.py", "core/log.py"}
# Where a binary fraction may stand: geometry of charts, and times in seconds. Never an amount.
FLOATS = (
    "ui/charts/", "ui/figures.py", "sandbox/", "core/postgres/", "core/log.py", "run/", "wiring.py",
    "worker.py", "connections/plaid.py", "core/terminal.py", "web.py", "cli.py",
    "budgets/forecast_paths.py", "goals/simulation/engine.py", "goals/simulation/kernel.py",
)  # fmt: skip
GRAB_BAGS = {"utils", "helpers", "common", "manager", "base", "util", "misc"}
DOMAINS = ("accounts", "audit", "budgets", "connections", "identity", "net_worth", "transactions")
FORBIDDEN_WORDS = re.compile(
    r"(?<![\w.])/(?:work|root)/\w|pypi\.org|pythonhosted|npmjs|artifactory|https?://[^\s/]*/simple\b"
)
# This file names what it looks for; a licence says what it says.
EXEMPT_FROM_WORDS = {"tests/test_tidy.py", "LICENSE"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is part of the repository, or will be once it is added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is not a git checkout: nothing says which files are part of it")
    return tuple(path for name in done.stdout.splitlines() if (path := ROOT / name).is_file())


def python(*places: str) -> list[Path]:
    return [
        path for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).as_posix().startswith(places or ("",))
    ]  # fmt: skip


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def inside(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in python()}
    wrong = {
        name(path): size
        for path, size in sizes.items()
        if size > LONG_FILES.get(name(path), _most_lines(path))
    }
    assert wrong == {}
    done = {one for one in LONG_FILES if sizes.get(ROOT / one, 0) <= _most_lines(ROOT / one)}
    assert done == set(), "these are short now: take them off the list"


def _most_lines(path: Path) -> int:
    return MOST_LINES_OF_TESTS if path.name.startswith("test_") else MOST_LINES


def test_functions_are_short() -> None:
    sizes = {
        f"{name(path)}: {one.name}": (one.end_lineno or 0) - one.lineno + 1
        for path in python()
        for one in functions(path)
    }
    wrong = {
        one: size
        for one, size in sizes.items()
        if size > LONG_FUNCTIONS.get(one, MOST_LINES_OF_A_FUNCTION)
    }
    assert wrong == {}
    done = {one for one in LONG_FUNCTIONS if sizes.get(one, 0) <= MOST_LINES_OF_A_FUNCTION}
    assert done == set(), "these are short now: take them off the list"


def test_lines_are_short() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in python()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        # A note to a tool at the end of a line is not text to read.
        if len(re.sub(r"\s*# (noqa|type: ignore|fmt).*", "", line)) > MOST_COLUMNS
        and " " in line.strip()  # one long word cannot be broken
    ]
    assert wrong == []


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        name(path)
        for path in python("src/", "tests/prove", "benchmarks/", "bootstrap.py")
        if not ast.get_docstring(tree(path))
    ]
    assert wrong == []


def test_what_is_public_is_explained() -> None:
    wrong = []
    for path in python("src/"):
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                wrong.append(f"{name(path)}: {node.name}")
    assert wrong == []


def test_only_the_unit_of_work_commits() -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in python("src/")
        if inside(path) not in ("core/db.py", "core/schema.py")
        and not inside(path).startswith("sandbox/")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback"))
        or (isinstance(node, ast.Constant) and node.value in ("COMMIT", "ROLLBACK"))
    ]
    assert wrong == []


def test_only_edges_read_the_clock() -> None:
    calls = {"now", "utcnow", "today", "time"}
    wrong = []
    for path in python("src/"):
        if inside(path) in CLOCKS or inside(path).startswith("sandbox/"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                if node.func.attr in calls and called.split(".")[0] in ("datetime", "date", "time"):
                    wrong.append(f"{name(path)}:{node.lineno} {called}")
    assert wrong == []


def test_rules_services_and_queries_are_told_the_time() -> None:
    wrong = [
        f"{name(path)}: {node.module}"
        for path in python("src/")
        if path.stem in ("rules", "queries", "service", "types")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "strongroom.core.time"
        and any(one.name == "clock" for one in node.names)
    ]
    assert wrong == []


def test_money_is_never_a_binary_fraction() -> None:
    wrong = []
    for path in python("src/"):
        if inside(path).startswith(FLOATS):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Name) and node.id == "float":
                line = path.read_text("utf-8").splitlines()[node.lineno - 1]
                if not re.search(r"second|isinstance|timeout|percent|share", line):
                    wrong.append(f"{name(path)}:{node.lineno} {line.strip()}")
    assert wrong == []


def test_no_column_is_a_binary_fraction() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in tracked()
        if path.suffix == ".sql"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"\b(real|double precision|float[48]?|money)\b", _sql_of(line), re.I)
    ]
    assert wrong == []


def _sql_of(line: str) -> str:
    """The line without its comment and its texts."""
    return re.sub(r"'[^']*'", "", line.partition("--")[0])


def test_nothing_is_a_grab_bag() -> None:
    wrong = [
        name(path)
        for path in python()
        if {path.stem, *path.relative_to(ROOT).parent.parts} & GRAB_BAGS
    ]
    assert wrong == []


def test_tests_use_the_real_thing() -> None:
    wrong = []
    for path in python("tests/"):
        for node in ast.walk(tree(path)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            wrong += [
                f"{name(path)}: {one}" for one in names
                if re.match(r"(unittest\.)?mock\b|unittest\.mock|pytest_mock|respx|responses", one)
            ]  # fmt: skip
    assert wrong == []


def test_skips_say_why_and_how_to_run_the_test() -> None:
    wrong = []
    for path in python("tests/"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and re.search(
                r"\b(skip|skipif|xfail|importorskip)$", ast.unparse(node.func)
            ):
                texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant)
                         and isinstance(one.value, str) and len(one.value) > 10]  # fmt: skip
                named = any(one.arg == "reason" for one in node.keywords)
                if not texts and not named and len(node.args) == 0:
                    wrong.append(f"{name(path)}:{node.lineno}")
    assert wrong == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    wrong = []
    for path in tracked():
        if name(path) in EXEMPT_FROM_WORDS or path.suffix in (".png", ".woff2", ".ico", ".gz"):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="ignore").splitlines(), 1):
            if FORBIDDEN_WORDS.search(line):
                wrong.append(f"{name(path)}:{number} {line.strip()[:80]}")
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_a_door(domain: str) -> None:
    door = tree(SOURCE / domain / "__init__.py")
    lists = [
        node for node in door.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]  # fmt: skip
    assert len(lists) == 1
    shown: list[str] = ast.literal_eval(lists[0].value)
    brought = {
        alias.asname or alias.name
        for node in door.body if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } - {"annotations"}  # fmt: skip
    assert len(shown) == len(set(shown))
    assert {one for one in shown if one not in brought and not one.startswith("__")} <= {
        node.name for node in door.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    } | {ast.unparse(node.targets[0]) for node in door.body if isinstance(node, ast.Assign)}


def test_ignored_types_say_which() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in python()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#\s*type:\s*ignore(?!\[)", line) and path.name != "test_tidy.py"
    ]
    assert wrong == []


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def test_links_in_documents_lead_somewhere() -> None:
    wrong = []
    for path in documents():
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
            place, _, heading = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            found = path if not place else (path.parent / place)
            lost = (
                heading
                and found.exists()
                and found.suffix == ".md"
                and heading not in headings(found)
            )
            if not found.exists() or lost:
                wrong.append(f"{name(path)}: {target}")
    assert wrong == []


def headings(path: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in found}


def test_commands_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    wrong = [
        f"{name(path)}: make {one}"
        for path in documents()
        for text in _code_of(path.read_text("utf-8"))
        for one in re.findall(r"(?:^|\s)make ([a-z]+)\b", text)
        if one not in targets
    ]
    assert wrong == []


def _code_of(text: str) -> list[str]:
    """What a document shows as code: fenced blocks, indented lines, and words in backticks."""
    fence = re.compile(r"^```.*?^```", re.M | re.S)
    rest = fence.sub("", text)
    indented = re.findall(r"^ {4}(.+)$", rest, re.M)
    return [*fence.findall(text), *indented, *re.findall(r"`([^`\n]+)`", rest)]


def test_each_decision_names_what_enforces_it() -> None:
    records = [path for path in documents() if path.parent.name == "decisions"]
    assert records
    parts = ("## Context", "## Decision", "## Consequences", "## Alternatives", "## Enforced by")
    for path in records:
        text = path.read_text("utf-8")
        assert [part for part in parts if part not in text] == [], name(path)
        enforced = text.split("## Enforced by")[1]
        named = re.findall(r"`([\w./*-]+\.\w+)`", enforced)
        assert named, f"{name(path)} names no file that enforces it"
        missing = [one for one in named if not list(ROOT.glob(one))]
        assert missing == [], name(path)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [
        int(path.name[:4]) for path in sorted(documents()) if path.parent.name == "decisions"
    ]
    assert numbers == list(range(1, len(numbers) + 1))
