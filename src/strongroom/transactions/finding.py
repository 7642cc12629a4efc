"""SQL of search by text: which texts fit, and how far down the list the newest rows are looked at.

A search is a few words; each has to stand somewhere in a row's merchant, description or note, in
any order, or all of it is the row's amount or day. See migrations/sql/0022_finding.sql. Decides
nothing of how the rest of a filter narrows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions import rules

_MOST_WORDS = 8
NEWEST = 4_000
"""So many of the newest rows are looked through one by one; what is older is found by index."""

_TEXT = sql.SQL("t.text_key = ANY(%(text_keys)s::bigint[])")
_TEXT_WITH_NUMBERS = sql.SQL(
    "(t.text_key = ANY(%(text_keys)s::bigint[])"
    " AND concat_ws(' ', t.merchant, t.description) ILIKE ALL(%(text_numbers)s::text[]))"
)
_NOTE = sql.SQL(
    "(t.note IS NOT NULL"
    " AND concat_ws(' ', t.merchant, t.description, t.note) ILIKE ALL(%(text_words)s::text[]))"
)
_AMOUNT = sql.SQL("t.amount = ANY(%(text_amounts)s::numeric[])")
_DAY = sql.SQL("t.day = ANY(%(text_days)s::date[])")


def condition(params: dict[str, Any]) -> sql.Composed:
    """Return what a row must be like, for what ``params`` returned; what need not be is not asked.

    Ten thousand rows that are counted are not held against patterns that fit all.
    """
    ways = [_TEXT_WITH_NUMBERS if params["text_numbers"] else _TEXT, _NOTE]
    if params["text_amounts"]:
        ways.append(_AMOUNT)
    if params["text_days"]:
        ways.append(_DAY)
    return sql.SQL("({})").format(sql.SQL(" OR ").join(ways))


async def params(db: Db, owner: UUID, text: str) -> dict[str, Any]:
    """Return what ``condition`` asks for; nothing where no text is looked for."""
    words = rules.words_in(text)[:_MOST_WORDS]
    if not words:
        return {}
    day = rules.day_in(text)
    amount = rules.amount_in(text) if day is None else None
    amounts: list[Decimal] = [] if amount is None else [amount, -amount]
    return {
        "text": True,
        "text_keys": await _keys(db, owner, words),
        "text_words": [rules.like_pattern(word) for word in words],
        "text_numbers": [
            rules.like_pattern(word) for word in words if any(char.isdigit() for char in word)
        ],
        "text_amounts": amounts,
        "text_days": [] if day is None else [day],
    }


async def _keys(db: Db, owner: UUID, words: list[str]) -> list[int]:
    """Return the keys of the texts that have all of the words, digits left out of both."""
    digits = str.maketrans("", "", "0123456789")
    patterns = [rules.like_pattern(word.lower().translate(digits)) for word in words]
    cursor = await db.execute(
        """
        SELECT key FROM book_texts
        WHERE user_id = %(owner)s AND text LIKE ALL(%(patterns)s::text[])
        """,
        {"owner": owner, "patterns": patterns},
    )
    return [row[0] for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Edge:
    """The row at which looking one by one ends."""

    day: date
    id: UUID


async def edge(db: Db, owner: UUID, after_day: date | None, after_id: UUID | None) -> Edge | None:
    """Return the last of the newest rows after a position, or None if there are no others."""
    if after_day is None:
        return await core_db.one(
            db,
            Edge,
            """
            SELECT day, id FROM transactions WHERE user_id = %(owner)s
            ORDER BY day DESC, id DESC OFFSET %(count)s LIMIT 1
            """,
            {"owner": owner, "count": NEWEST - 1},
        )
    return await core_db.one(
        db,
        Edge,
        """
        SELECT day, id FROM transactions
        WHERE user_id = %(owner)s AND (day, id) < (%(after_day)s, %(after_id)s)
        ORDER BY day DESC, id DESC OFFSET %(count)s LIMIT 1
        """,
        {"owner": owner, "after_day": after_day, "after_id": after_id, "count": NEWEST - 1},
    )
