"""SQL of an export, read as of one instant. Rows are fetched as they are written: any number.

Reads accounts and balances beside the book's own rows, and changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncServerCursor, sql
from psycopg.rows import args_row

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    CategoryLine,
    HandLine,
    OpeningLine,
    PartLine,
    RowLine,
)

Line = TypeVar("Line")
_AT_ONCE = 1_000


async def take_turn(db: Db, owner: UUID) -> bool:
    """Return whether no other export of the owner's is being read; holds to the end of the work."""
    found = await core_db.value(
        db,
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))",
        {"name": f"export {owner}"},
    )
    return bool(found)


async def accounts(db: Db, params: dict[str, Any]) -> list[AccountLine]:
    """Return the accounts with the days of their first and last row or balance, oldest first."""
    return await core_db.many(
        db,
        AccountLine,
        """
        SELECT a.id, a.name, a.official_name, a.type, a.subtype, a.category, a.mask, a.iban,
               a.institution_name, a.is_manual, a.currency, a.hidden_at, a.closed_at,
               least(t.first_day, b.first_day) AS first_day,
               greatest(t.last_day, b.last_day) AS last_day
        FROM accounts a
        CROSS JOIN LATERAL (
            SELECT min(t.day) AS first_day, max(t.day) AS last_day FROM transactions t
            WHERE t.user_id = a.user_id AND t.account_id = a.id
              AND t.day BETWEEN %(since)s AND %(until)s
        ) t
        CROSS JOIN LATERAL (
            SELECT min(b.day) AS first_day, max(b.day) AS last_day FROM account_balances b
            WHERE b.user_id = a.user_id AND b.account_id = a.id
              AND b.day BETWEEN %(since)s AND %(until)s
        ) b
        WHERE a.user_id = %(owner)s
          AND (%(account_id)s::uuid IS NULL OR a.id = %(account_id)s)
        ORDER BY a.created_at, a.id
        """,
        params,
    )


async def categories(db: Db, owner: UUID) -> list[CategoryLine]:
    """Return every category, groups before what is in them, and last what was done away with."""
    return await core_db.many(
        db,
        CategoryLine,
        """
        SELECT id, parent_id, key, name, kind, goes_to FROM categories
        WHERE user_id = %(owner)s
        ORDER BY goes_to IS NOT NULL, parent_id IS NOT NULL, position, key, name, id
        """,
        {"owner": owner},
    )


async def currencies(db: Db, params: dict[str, Any]) -> list[tuple[UUID, str]]:
    """Return which currencies each account has rows or balances in, besides its own."""
    cursor = await db.execute(
        """
        SELECT DISTINCT m.account_id, m.currency FROM monthly_totals m
        WHERE m.user_id = %(owner)s
        UNION
        SELECT DISTINCT b.account_id, b.currency FROM account_balances b
        WHERE b.user_id = %(owner)s
        ORDER BY 1, 2
        """,
        params,
    )
    return await cursor.fetchall()


async def openings(db: Db, params: dict[str, Any]) -> list[OpeningLine]:
    """Return what each account held before its first row: its first balance, less what led to it.

    Of accounts without a balance nothing is known.
    """
    return await core_db.many(
        db,
        OpeningLine,
        """
        WITH first AS (
            SELECT DISTINCT ON (b.account_id, b.currency)
                   b.account_id, b.currency, b.day, b.balance
            FROM account_balances b
            WHERE b.user_id = %(owner)s AND b.day BETWEEN %(since)s AND %(until)s
              AND (%(account_id)s::uuid IS NULL OR b.account_id = %(account_id)s)
            ORDER BY b.account_id, b.currency, b.day
        )
        SELECT f.account_id, f.currency, f.balance - coalesce((
            SELECT sum(t.amount) FROM transactions t
            WHERE t.user_id = %(owner)s AND t.account_id = f.account_id
              AND t.currency = f.currency AND t.day BETWEEN %(since)s AND f.day
              AND NOT t.pending AND t.removed_by_bank IS NULL
              AND t.never_booked_at IS NULL), 0) AS amount
        FROM first f
        """,
        params,
    )


def balances(db: Db, params: dict[str, Any]) -> AsyncIterator[BalanceLine]:
    """Return every balance by day, then by account."""
    return _stream(
        db,
        "exported_balances",
        sql.SQL(
            """
            SELECT account_id, day, balance, currency, source, available, credit_limit, reported_at
            FROM account_balances
            WHERE user_id = %(owner)s AND day BETWEEN %(since)s AND %(until)s
              AND (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
            ORDER BY day, account_id
            """
        ),
        params,
        BalanceLine,
    )


def rows(db: Db, params: dict[str, Any]) -> AsyncIterator[RowLine]:
    """Return every row of the book by day, then in the order in which they came."""
    return _stream(
        db,
        "exported_rows",
        sql.SQL(
            """
            SELECT t.id, t.account_id, t.day, t.happened_on, t.amount, t.currency, t.description,
                   t.merchant, t.category_id, t.category_by, t.origin, t.pending, t.note,
                   t.needs_review, t.reviewed_at, t.removed_by_bank, t.never_booked_at,
                   t.merchant_by, coalesce(tagged.names, '{}'), coalesce(split.parts, '[]'),
                   coalesce(hand.marks, '[]')
            FROM transactions t
            LEFT JOIN (
                SELECT x.transaction_id, array_agg(g.name ORDER BY lower(g.name), g.id) AS names
                FROM transaction_tags x
                JOIN tags g ON g.user_id = x.user_id AND g.id = x.tag_id
                WHERE x.user_id = %(owner)s GROUP BY x.transaction_id
            ) tagged ON tagged.transaction_id = t.id
            LEFT JOIN (
                SELECT transaction_id, jsonb_agg(
                    jsonb_build_array(category_id, amount::text, note) ORDER BY position) AS parts
                FROM transaction_splits WHERE user_id = %(owner)s GROUP BY transaction_id
            ) split ON split.transaction_id = t.id
            LEFT JOIN (
                SELECT m.transaction_id, jsonb_agg(
                    jsonb_build_array(m.field, coalesce(g.name, m.value), m.rule_id, m.was, m.at)
                    ORDER BY m.field, lower(g.name), m.value) AS marks
                FROM sorting_marks m
                LEFT JOIN tags g ON g.user_id = m.user_id AND m.field = 'tag'
                                AND g.id::text = m.value
                WHERE m.user_id = %(owner)s AND (m.field <> 'tag' OR g.id IS NOT NULL)
                GROUP BY m.transaction_id
            ) hand ON hand.transaction_id = t.id
            WHERE t.user_id = %(owner)s AND t.day BETWEEN %(since)s AND %(until)s
              AND (%(account_id)s::uuid IS NULL OR t.account_id = %(account_id)s)
            ORDER BY t.day, t.id
            """
        ),
        params,
        _row,
    )


def _row(*columns: Any) -> RowLine:
    *facts, tags, parts, marks = columns
    told = [PartLine(UUID(one), Decimal(amount), note) for one, amount, note in parts]
    hands = [
        HandLine(field, value, UUID(rule_id), was, datetime.fromisoformat(at).astimezone(UTC))
        for field, value, rule_id, was, at in marks
    ]
    return RowLine(*facts)._replace(tags=tags, parts=told, hands=hands)


async def _stream(
    db: Db, name: str, query: sql.SQL, params: dict[str, Any], kind: Callable[..., Line]
) -> AsyncIterator[Line]:
    async with AsyncServerCursor(db, name, row_factory=args_row(kind)) as cursor:
        await cursor.execute(query, params)
        while found := await cursor.fetchmany(_AT_ONCE):
            for line in found:
                yield line
