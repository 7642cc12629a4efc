"""SQL of budgets, one function a statement: the budgets, and what the book says was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget's columns, with what its category is called."""

    id: UUID
    category_id: UUID | None
    category_key: str | None
    category_name: str | None
    currency: str
    every: str
    starts_on: date
    carry: str
    days: list[date]
    amounts: list[Decimal]


async def budgets(db: Db, owner: UUID, budget_id: UUID | None = None) -> list[BudgetRow]:
    """Return a person's budgets, or one; a category that went is where it went to."""
    return await core_db.many(
        db,
        BudgetRow,
        """
        WITH RECURSIVE went AS (
            SELECT id, id AS now_id, goes_to FROM categories WHERE user_id = %(owner)s
            UNION
            SELECT w.id, c.id, c.goes_to FROM went w
            JOIN categories c ON c.user_id = %(owner)s AND c.id = w.goes_to
        )
        SELECT b.id, c.id AS category_id, c.key AS category_key, c.name AS category_name,
               b.currency, b.every, b.starts_on, b.carry,
               array_agg(a.since ORDER BY a.since) AS days,
               array_agg(a.amount ORDER BY a.since) AS amounts
        FROM budgets b
        JOIN budget_amounts a ON a.user_id = b.user_id AND a.budget_id = b.id
        LEFT JOIN went w ON w.id = b.category_id AND w.goes_to IS NULL
        LEFT JOIN categories c ON c.user_id = b.user_id AND c.id = w.now_id
        WHERE b.user_id = %(owner)s AND (%(budget_id)s::uuid IS NULL OR b.id = %(budget_id)s)
        GROUP BY b.id, c.id, c.key, c.name, b.currency, b.every, b.starts_on, b.carry, c.position
        ORDER BY c.id IS NOT NULL, c.position, c.name, b.every, b.id
        """,
        {"owner": owner, "budget_id": budget_id},
    )


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work writes this person's budgets."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"budgets {owner}",))


async def write(db: Db, columns: dict[str, Any]) -> bool:
    """Store a budget, new or changed; return whether no other is in its way."""
    stored = await core_db.execute(
        db,
        """
        INSERT INTO budgets (
            user_id, id, category_id, currency, every, starts_on, carry, created_at, updated_at)
        SELECT %(owner)s, %(id)s, %(category_id)s, %(currency)s, %(every)s, %(starts_on)s,
               %(carry)s, %(now)s, %(now)s
        WHERE NOT EXISTS (
            SELECT 1 FROM budgets o
            WHERE o.user_id = %(owner)s AND o.every = %(every)s AND o.id <> %(id)s
              AND o.category_id IS NOT DISTINCT FROM %(category_id)s)
        ON CONFLICT (user_id, id) DO UPDATE SET
            category_id = excluded.category_id, currency = excluded.currency,
            every = excluded.every, starts_on = excluded.starts_on, carry = excluded.carry,
            updated_at = excluded.updated_at
        """,
        columns,
    )
    return stored == 1


async def write_amount(db: Db, owner: UUID, budget_id: UUID, since: date, amount: Decimal) -> None:
    """Let periods have so much from a day on; what was said of later days is forgotten."""
    params = {"owner": owner, "id": budget_id, "since": since, "amount": amount}
    await db.execute(
        """
        DELETE FROM budget_amounts
        WHERE user_id = %(owner)s AND budget_id = %(id)s AND since >= %(since)s
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO budget_amounts (user_id, budget_id, since, amount)
        VALUES (%(owner)s, %(id)s, %(since)s, %(amount)s)
        """,
        params,
    )


async def forget_amounts(db: Db, owner: UUID, budget_id: UUID) -> None:
    """Forget what periods had, for a budget that begins anew."""
    await db.execute(
        "DELETE FROM budget_amounts WHERE user_id = %(owner)s AND budget_id = %(id)s",
        {"owner": owner, "id": budget_id},
    )


async def count_changed(db: Db, owner: UUID, ids: Sequence[UUID], since: datetime) -> int:
    """Return how many of these budgets were written after an instant."""
    found = await core_db.value(
        db,
        """
        SELECT count(*) FROM budgets
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) AND updated_at > %(since)s
        """,
        {"owner": owner, "ids": list(ids), "since": since},
    )
    return int(found)


async def delete(db: Db, owner: UUID, budget_id: UUID) -> bool:
    """Take a budget away; return whether there was one."""
    done = await core_db.execute(
        db,
        "DELETE FROM budgets WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": budget_id},
    )
    return done == 1


@dataclass(frozen=True, slots=True)
class SpentRow:
    """What moved in a category, by day or month. Positive is money in.

    By day, ``equal`` is how many rows of the same amount it is the sum of.
    """

    day: date
    category_id: UUID
    currency: str
    amount: Decimal
    equal: int


async def by_month(db: Db, owner: UUID, since: date) -> list[SpentRow]:
    """Return what moved by month from one on, from the sums that are kept.

    Counts the accounts a person lives from; a loan's or fund's own rows are the other side.
    """
    return await core_db.many(
        db,
        SpentRow,
        """
        SELECT m.month AS day, m.category_id, m.currency, sum(m.counted) AS amount,
               1 AS equal
        FROM monthly_totals m
        JOIN accounts a ON a.user_id = m.user_id AND a.id = m.account_id
        WHERE m.user_id = %(owner)s AND m.month >= %(since)s
          AND a.category IN ('cash', 'credit_cards')
        GROUP BY 1, 2, 3
        """,
        {"owner": owner, "since": since},
    )


async def by_day(
    db: Db, owner: UUID, since: date, until: date, *, but: Sequence[str], own: Sequence[str]
) -> list[SpentRow]:
    """Return what moved by day, in currencies other than some; both days are included.

    What is turned into another currency is so row by row: only rows of equal amounts are summed,
    but for the rows of a currency that is all of ``own``, those that budgets are in.
    """
    return await core_db.many(
        db,
        SpentRow,
        """
        SELECT p.day, p.category_id, p.currency, sum(p.amount) AS amount,
               count(*)::int AS equal
        FROM transaction_parts p
        JOIN accounts a ON a.user_id = p.user_id AND a.id = p.account_id
        WHERE p.user_id = %(owner)s AND p.day BETWEEN %(since)s AND %(until)s AND p.counts
          AND a.category IN ('cash', 'credit_cards') AND p.currency <> ALL(%(but)s::text[])
        GROUP BY 1, 2, 3, CASE WHEN p.currency = ALL(%(own)s::text[]) THEN 0 ELSE p.amount END
        """,
        {"owner": owner, "since": since, "until": until, "but": list(but), "own": list(own)},
    )


@dataclass(frozen=True, slots=True)
class RateRow:
    """What one unit of a currency was worth in another on a day."""

    base: str
    quote: str
    day: date
    rate: Decimal


async def rates(db: Db, wanted: Sequence[tuple[str, str, date]]) -> list[RateRow]:
    """Return those of the wanted rates that are known."""
    return await core_db.many(
        db,
        RateRow,
        """
        SELECT w.base, w.quote, w.day, r.rate
        FROM unnest(%(bases)s::text[], %(quotes)s::text[], %(days)s::date[])
             AS w (base, quote, day)
        CROSS JOIN LATERAL fx_rate(w.base, w.quote, w.day) r
        """,
        {
            "bases": [one[0] for one in wanted],
            "quotes": [one[1] for one in wanted],
            "days": [one[2] for one in wanted],
        },
    )
