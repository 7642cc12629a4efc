"""What a file's rows look like that the book has already, in a terminal: named, and asked about.

A likeness is never acted on by itself: what is left out is told, with the way to bring it. Stores
nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import typer

from strongroom.connections.imports import service
from strongroom.connections.imports.types import FileImport
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency
from strongroom.core.plain import amount_text
from strongroom.transactions import PreviewRow

_MOST_SHOWN = 50
_AT_ONCE = 500
_ALL, _NONE = "all", "none"


async def look(db: Db, owner: UserId, found: FileImport) -> list[PreviewRow]:
    """Return the rows of an import that look like one of the book, in the file's order."""
    rows: list[PreviewRow] = []
    while len(rows) < found.alike:
        page = await service.rows(
            db,
            owner=owner,
            import_id=found.id,
            mark="alike",
            after=rows[-1].id if rows else None,
            limit=_AT_ONCE,
        )
        if not page:
            break
        rows += page
    return rows


def ask(session: terminal.Session, rows: Sequence[PreviewRow]) -> list[UUID]:
    """Ask which of the rows to take all the same; nobody there to answer means none."""
    if not rows or session.as_json or not sys.stdin.isatty():
        return []
    _table(session, rows)
    lines = {str(row.line): row.id for row in rows}
    while True:
        answer: str = typer.prompt(
            f"Take which of them all the same? {_ALL}, {_NONE}, or lines such as {rows[0].line}",
            default=_NONE,
        )
        named = answer.replace(",", " ").casefold().split()
        if named == [_ALL]:
            return [row.id for row in rows]
        if named == [_NONE]:
            return []
        if named and all(one in lines for one in named):
            return [lines[one] for one in named]
        session.say("There is no such line among them.")


def tell(session: terminal.Session, rows: Sequence[PreviewRow], again: str) -> None:
    """Name the rows that were left out beside what they look like, and say how to bring them.

    ``again`` is the command that brought the file.
    """
    if not rows:
        return
    session.say("Left out, as they look like rows there are:")
    _table(session, rows)
    session.say(f"Bring them too with: {again} --all")


def as_json(rows: Sequence[PreviewRow]) -> list[dict[str, Any]]:
    """Return the rows as they stand in JSON, each beside the row of the book that it looks like."""
    return [
        {
            "line": row.line,
            "day": row.day.isoformat(),
            "text": row.payee or row.description,
            "amount": amount_text(row.amount, Currency(row.currency or "XXX")),
            "score": row.score,
            "looks_like": {
                "id": None if row.rival_id is None else ids.show("trn", row.rival_id),
                "day": None if row.rival_day is None else row.rival_day.isoformat(),
                "text": row.rival_text,
            },
        }
        for row in rows
    ]


def _table(session: terminal.Session, rows: Sequence[PreviewRow]) -> None:
    session.print_table(
        ["Line", "Day", "What", ">Amount", "Looks like", "Of"],
        [
            (
                row.line,
                row.day,
                row.payee or row.description,
                amount_text(row.amount, Currency(row.currency or "XXX")),
                row.rival_text,
                row.rival_day,
            )
            for row in rows[:_MOST_SHOWN]
        ],
        empty="",
    )
    if len(rows) > _MOST_SHOWN:
        session.say(f"… and {len(rows) - _MOST_SHOWN:,} more.")
