"""SQL of search by text: which texts fit, and how far down the list the newest rows are looked at.

A search is a few words; each has to stand somewhere in a row's merchant, description or note, in
any order, or all of it is the row's amount or day. See migrations/sql/0022_finding.sql, and
0030_bounded.sql for what is near to misspelt words. Decides nothing of how the rest of a filter
narrows.
"""

from __future__ import annotations

from collections import defaultdict
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
_MOST_NEAR = 40
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
    cursor = await db.execute(
        """
        SELECT key FROM book_texts
        WHERE user_id = %(owner)s AND text LIKE ALL(%(patterns)s::text[])
        """,
        {"owner": owner, "patterns": _patterns(words)},
    )
    return [row[0] for row in await cursor.fetchall()]


def _patterns(words: list[str]) -> list[str]:
    digits = str.maketrans("", "", "0123456789")
    return [rules.like_pattern(word.lower().translate(digits)) for word in words]


async def nearest(db: Db, owner: UUID, text: str) -> str | None:
    """Return what to look for in place of words that fit no text, None if nothing is near.

    What fits a text, or is an amount or a day, has nothing nearer. Words with digits stay.
    """
    words = rules.words_in(text)[:_MOST_WORDS]
    if not any(rules.may_be_misspelt(word) for word in words):
        return None
    if rules.day_in(text) is not None or rules.amount_in(text) is not None:
        return None
    if await _keys(db, owner, words):
        return None
    cursor = await db.execute(
        """
        SELECT place, known, word FROM nearest_words(
            %(owner)s, %(words)s::text[], %(patterns)s::text[], %(most)s)
        """,
        {
            "owner": owner,
            "words": [word.lower() if rules.may_be_misspelt(word) else "" for word in words],
            "patterns": _patterns(words),
            "most": _MOST_NEAR,
        },
    )
    known: dict[int, bool] = {}
    near: defaultdict[int, list[str]] = defaultdict(list)
    for place, stands_somewhere, word in await cursor.fetchall():
        known[place - 1] = stands_somewhere
        near[place - 1] += [word] if word else []
    found = rules.in_place_of(words, known, near)
    return None if found is None else " ".join(found)


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
