"""SQL of the book's monthly sums: kept true as rows are written, read in place of the rows.

Whoever changes the book calls ``take_turn`` before the first change and ``roll_up`` for the months
it touched, in the same unit of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.money import Currency


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work changes this book; it is ours until this one ends.

    A statement of its own: what comes after it sees what the others stored. Without it, two units
    of work that sum the same month would each miss the other's rows, and the last one's sum stays.
    """
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"book {owner}",))


async def months_of_staged(db: Db, owner: UUID, removed: Sequence[str]) -> list[date]:
    """Return the months that the staged and the removed rows stand in now, before they change."""
    cursor = await db.execute(
        """
        SELECT DISTINCT date_trunc('month', t.day)::date
        FROM (SELECT unnest(%(removed)s::text[])
              UNION SELECT plaid_transaction_id FROM staged
              UNION SELECT pending_transaction_id FROM staged
              WHERE pending_transaction_id IS NOT NULL) told (id)
        JOIN plaid_transactions p
          ON p.user_id = %(owner)s AND p.plaid_transaction_id = told.id
        JOIN transactions t ON t.user_id = p.user_id AND t.bank_row_id = p.id
        """,
        {"owner": owner, "removed": list(removed)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def months_of(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[date]:
    """Return the months that these rows stand in."""
    cursor = await db.execute(
        """
        SELECT DISTINCT date_trunc('month', day)::date FROM transactions
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


_FEW_MONTHS = 12
_MONTH_BY_MONTH = """
        WITH months AS (
            SELECT DISTINCT m AS first, (m + interval '1 month')::date AS next
            FROM unnest(%(months)s::date[]) m
        ), told AS NOT MATERIALIZED (
            SELECT m.first AS month, t.*
            FROM months m
            JOIN transactions t
              ON t.user_id = %(owner)s AND t.day >= m.first AND t.day < m.next
        ), fresh AS (
"""
# Very many months are read in one go: the planner would take each of them for a whole book. They
# are no table to join: it would compare each row with each month where rows have just come.
_ALL_AT_ONCE = """
        WITH months AS (
            SELECT DISTINCT m AS first FROM unnest(%(months)s::date[]) m
        ), told AS NOT MATERIALIZED (
            SELECT date_trunc('month', t.day::timestamp)::date AS month, t.*
            FROM transactions t
            WHERE t.user_id = %(owner)s AND t.day >= (SELECT min(first) FROM months)
              AND t.day < (SELECT max(first) + interval '1 month' FROM months)
              AND date_trunc('month', t.day::timestamp)::date = ANY(%(months)s::date[])
        ), fresh AS (
"""
# A row that is split counts once, in its own category; its parts move amounts to others.
_SUM = """
            SELECT month, account_id, category_id, currency, sum(rows)::int AS rows,
                   sum(split_parts)::int AS split_parts, sum(to_review)::int AS to_review,
                   sum(amount) AS amount, sum(counted) AS counted
            FROM (
                SELECT month, account_id, category_id, currency, count(*) AS rows,
                       0 AS split_parts,
                       count(*) FILTER (WHERE needs_review AND NOT pending) AS to_review,
                       sum(amount) AS amount,
                       coalesce(sum(amount) FILTER (
                           WHERE removed_by_bank IS NULL AND never_booked_at IS NULL
                             AND transfer_id IS NULL), 0) AS counted
                FROM told
                GROUP BY month, account_id, category_id, currency
                UNION ALL
                SELECT t.month, t.account_id, moved.category_id, t.currency, 0,
                       count(*) FILTER (WHERE moved.is_part), 0, sum(moved.amount),
                       coalesce(sum(moved.amount) FILTER (
                           WHERE t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
                             AND t.transfer_id IS NULL), 0)
                FROM told t
                JOIN transaction_splits s ON s.user_id = %(owner)s AND s.transaction_id = t.id
                CROSS JOIN LATERAL (VALUES (s.category_id, s.amount, true),
                                           (t.category_id, -s.amount, false))
                    AS moved (category_id, amount, is_part)
                WHERE t.is_split
                GROUP BY t.month, t.account_id, moved.category_id, t.currency
            ) parts
            GROUP BY month, account_id, category_id, currency
"""
_REPLACE_SUMS = """
        ), stale AS (
            DELETE FROM monthly_totals s USING months m
            WHERE s.user_id = %(owner)s AND s.month = m.first AND NOT EXISTS (
                SELECT 1 FROM fresh f
                WHERE (f.month, f.account_id, f.category_id, f.currency)
                    = (s.month, s.account_id, s.category_id, s.currency))
        )
        INSERT INTO monthly_totals AS s (
            user_id, month, account_id, category_id, currency, rows, split_parts, to_review,
            amount, counted)
        SELECT %(owner)s, month, account_id, category_id, currency, rows, split_parts, to_review,
               amount, counted
        FROM fresh
        ON CONFLICT (user_id, month, account_id, category_id, currency) DO UPDATE SET
            rows = excluded.rows, split_parts = excluded.split_parts,
            to_review = excluded.to_review, amount = excluded.amount, counted = excluded.counted
            WHERE (s.rows, s.split_parts, s.to_review, s.amount, s.counted)
                IS DISTINCT FROM (excluded.rows, excluded.split_parts, excluded.to_review,
                                  excluded.amount, excluded.counted)
"""


async def roll_up(db: Db, owner: UUID, months: Sequence[date]) -> None:
    """Sum these months anew from their rows; sums that did not change are not written.

    And those that a transfer's or a refund's beginning or end made stale in this unit of work.
    """
    stale = await db.execute(
        "DELETE FROM stale_months WHERE user_id = %(owner)s RETURNING month", {"owner": owner}
    )
    months = sorted({*months, *(row[0] for row in await stale.fetchall())})
    if not months:
        return
    params = {"owner": owner, "months": months}
    if len(months) > _FEW_MONTHS:
        await db.execute(_ALL_AT_ONCE + _SUM + _REPLACE_SUMS, params)
    else:
        await db.execute(_MONTH_BY_MONTH + _SUM + _REPLACE_SUMS, params)


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Rows and their sum in one currency."""

    currency: str
    count: int
    split_parts: int
    to_review: int
    amount: Decimal


async def totals(
    db: Db, owner: UUID, category_ids: Sequence[UUID] | None, account_id: UUID | None
) -> list[TotalRow]:
    """Return, by currency, how many rows there are in all months and their sum.

    Of all categories, or of these.
    A row that is split is counted in its own category; ``split_parts`` are the parts of others'
    rows that stand here.
    """
    return await core_db.many(
        db,
        TotalRow,
        """
        SELECT m.currency, sum(m.rows)::int AS count, sum(m.split_parts)::int AS split_parts,
               sum(m.to_review)::int AS to_review, sum(m.amount) AS amount
        FROM monthly_totals m
        WHERE m.user_id = %(owner)s
          AND (%(ids)s::uuid[] IS NULL OR m.category_id = ANY(%(ids)s::uuid[]))
          AND (%(account_id)s::uuid IS NULL OR m.account_id = %(account_id)s)
        GROUP BY m.currency
        ORDER BY sum(m.rows) DESC, m.currency
        """,
        {
            "owner": owner,
            "ids": None if category_ids is None else list(category_ids),
            "account_id": account_id,
        },
    )


async def currencies(db: Db, owner: UUID, first_month: date, last_month: date) -> list[Currency]:
    """Return the currencies that rows of some months are in."""
    cursor = await db.execute(
        """
        SELECT DISTINCT currency FROM monthly_totals
        WHERE user_id = %(owner)s AND month BETWEEN %(first)s AND %(last)s
        ORDER BY currency
        """,
        {"owner": owner, "first": first_month, "last": last_month},
    )
    return [Currency(code) for (code,) in await cursor.fetchall()]


async def months_in(db: Db, owner: UUID, category_ids: Sequence[UUID]) -> tuple[date, date] | None:
    """Return the first and last month with rows, or parts of them, in one of these categories."""
    cursor = await db.execute(
        """
        SELECT min(m.month), max(m.month) FROM monthly_totals m
        WHERE m.user_id = %(owner)s AND m.category_id = ANY(%(ids)s::uuid[])
        """,
        {"owner": owner, "ids": list(category_ids)},
    )
    first, last = await cursor.fetchone() or (None, None)
    return None if first is None or last is None else (first, last)


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Money in and out of one month, both zero or more."""

    month: date
    money_in: Decimal
    money_out: Decimal


async def cash_flow(
    db: Db, owner: UUID, currency: str, first_month: date, last_month: date
) -> list[FlowRow]:
    """Return income and spending by month; refunds lower spending, transfers count as neither.

    Counts the accounts a person lives from; a loan's or fund's own rows are the other side.
    """
    return await core_db.many(
        db,
        FlowRow,
        """
        WITH sums AS (
            SELECT m.month,
                   coalesce(sum(m.counted) FILTER (WHERE c.kind = 'income'), 0) AS income,
                   coalesce(-sum(m.counted) FILTER (WHERE c.kind = 'spending'), 0) AS spent
            FROM (
                SELECT month, category_id, sum(counted) AS counted
                FROM monthly_totals
                WHERE user_id = %(owner)s AND currency = %(currency)s
                  AND month BETWEEN %(first_month)s AND %(last_month)s
                  AND account_id = ANY(ARRAY(
                      SELECT a.id FROM accounts a
                      WHERE a.user_id = %(owner)s AND a.category IN ('cash', 'credit_cards')))
                GROUP BY month, category_id
            ) m
            JOIN categories c ON c.user_id = %(owner)s AND c.id = m.category_id
            GROUP BY m.month
        )
        SELECT d::date AS month,
               coalesce(greatest(income, 0) + greatest(-spent, 0), 0) AS money_in,
               coalesce(greatest(spent, 0) + greatest(-income, 0), 0) AS money_out
        FROM generate_series(%(first_month)s::date, %(last_month)s::date, interval '1 month') d
        LEFT JOIN sums ON sums.month = d::date
        ORDER BY d
        """,
        {
            "owner": owner,
            "currency": currency,
            "first_month": first_month,
            "last_month": last_month,
        },
    )
