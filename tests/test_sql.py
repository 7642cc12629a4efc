"""Every SQL statement in the program is one that the migrated schema understands.

Statements are taken from the source itself, so that none is left out by being forgotten; each is
prepared as the role that runs it: the system role in functions named ``..._for_all``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest

from tests.conftest import TestDatabase

_SOURCE = Path(__file__).parents[1] / "src" / "strongroom"
# What speaks to SQLite, or to a database that is not migrated yet, is another matter.
_NOT_OURS = ("sandbox", "core/postgres", "core/schema.py", "core/db.py")
_FILES = sorted(
    path
    for path in _SOURCE.rglob("*.py")
    if not path.relative_to(_SOURCE).as_posix().startswith(_NOT_OURS)
)
_VERB = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|LOCK|CREATE TEMPORARY|COPY)\b")
_NAMED, _POSITIONAL = re.compile(r"%\((\w+)\)[sbt]"), re.compile(r"%[sbt]")
_INSTANTS = {"now", "before"}
_PREPARED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


@dataclass(frozen=True)
class Statement:
    """One statement of the source, and the function it stands in."""

    file: str
    function: str
    line: int
    text: str

    @property
    def role(self) -> str:
        return "system" if self.function.endswith("_for_all") else "app"


def _statements(path: Path) -> Iterator[Statement]:
    texts = _texts(path)
    for function in ast.walk(_tree(path)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        docstring = ast.get_docstring(function, clean=False)
        for node in _outermost(function):
            text = _text(node, texts)
            if text and text != docstring and _VERB.match(text) and " " in text.strip():
                yield Statement(str(path.relative_to(_SOURCE)), function.name, node.lineno, text)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _texts(path: Path) -> dict[str, str]:
    """Texts that the module names, or takes from others, for statements put together of them."""
    found: dict[str, str] = {}
    for node in _tree(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("strongroom."):
            names = [one.name for one in node.names if one.name.isupper()]
            other = _SOURCE.parent.joinpath(*str(node.module).split(".")).with_suffix(".py")
            if names and other.is_file():
                theirs = _texts(other)
                found |= {name: theirs[name] for name in names if name in theirs}
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, found)
            if text is not None:
                found[node.targets[0].id] = text
    return found


def _outermost(function: ast.AST) -> Iterator[ast.expr]:
    """Expressions that may be a whole statement: sums before their parts."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.BinOp | ast.Constant | ast.JoinedStr):
            yield node
            if isinstance(node, ast.BinOp):
                continue
        waiting += ast.iter_child_nodes(node)


def _text(node: ast.AST, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, known), _text(node.right, known)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("SQL") and node.args:
        return _text(node.args[0], known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_where":
        return " WHERE t.user_id = %(owner)s"
    return None


_ALL = [one for path in _FILES for one in _statements(path)]
_LEAST = 60


def test_the_statements_are_found() -> None:
    assert len(_ALL) >= _LEAST
    functions = {(one.file, one.function) for one in _ALL}
    assert ("transactions/bank_rows.py", "write_book") in functions
    assert ("transactions/queries.py", "search") in functions
    assert ("net_worth/queries.py", "carry_back") in functions
    assert ("goals/profile/reckoning/__init__.py", "reckon") in functions


@pytest.fixture(scope="module")
def staged(module_database: TestDatabase) -> dict[str, str]:
    """The temporary tables that some statements read, as their makers write them."""
    return {
        match[1]: one.text
        for one in _ALL
        if (match := re.search(r"CREATE TEMPORARY TABLE (\w+)", one.text))
    }


@pytest.mark.parametrize("one", _ALL, ids=lambda one: f"{one.file}:{one.function}:{one.line}")
def test_a_statement_can_be_prepared(
    one: Statement, module_database: TestDatabase, staged: dict[str, str]
) -> None:
    dsn = module_database.system_dsn if one.role == "system" else module_database.app_dsn
    with psycopg.connect(dsn) as db:
        for name, maker in staged.items():
            if re.search(rf"\b{name}\b", one.text):
                db.execute(maker)  # type: ignore[arg-type]
        if _PREPARED.match(one.text):
            db.execute(_prepare(one.text))  # type: ignore[arg-type]
        elif one.text not in staged.values():
            assert not _NAMED.search(one.text)
        db.rollback()


def _prepare(text: str) -> str:
    """The statement with PostgreSQL's numbered parameters, the same name always the same number.

    psycopg sends instants with their type and texts without, as here.
    """
    order: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        order.setdefault(match[1], "timestamptz" if match[1] in _INSTANTS else "unknown")
        return f"${list(order).index(match[1]) + 1}"

    text = _NAMED.sub(numbered, text)
    while _POSITIONAL.search(text):
        order[f"position {len(order)}"] = "unknown"
        text = _POSITIONAL.sub(f"${len(order)}", text, count=1)
    types = f"({', '.join(order.values())})" if order else ""
    return f"PREPARE it{types} AS {text.replace('%%', '%')}"
