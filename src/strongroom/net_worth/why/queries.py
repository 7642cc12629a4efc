"""SQL of what moved balances between two days, by account, flow and category. Decides nothing.

Rows in the base currency come from the monthly sums where a whole month is meant, so that ten
years cost little more than ten weeks; rows in others are turned into it one by one, each at the
rate of its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions import Span

# OFFSET 0: else the planner joins the view whole, and reads a book for the days of one month.


@dataclass(frozen=True, slots=True)
class MovedRow:
    """What an account's rows came to in one category, as one kind of flow."""

    account_id: UUID
    flow: str
    category_id: UUID
    amount: Decimal
    converted: Decimal
    unrated: Decimal


async def moved(
    db: Db, owner: UUID, base: str, digits: int, spans: Sequence[Span]
) -> list[MovedRow]:
    """Return what the rows of accounts in other currencies came to, each account in its span."""
    return await core_db.many(
        db,
        MovedRow,
        """
        WITH parts AS MATERIALIZED (
            SELECT p.account_id, p.flow, p.category_id, p.day, p.currency, p.amount
            FROM unnest(%(accounts)s::uuid[], %(after)s::date[], %(until)s::date[])
                AS s (account_id, after, until)
            CROSS JOIN LATERAL (
                SELECT * FROM balance_parts b
                WHERE b.user_id = %(owner)s AND b.account_id = s.account_id
                  AND b.day > s.after AND b.day <= s.until OFFSET 0) p
        ), rates AS MATERIALIZED (
            SELECT d.day, d.currency, r.rate
            FROM (SELECT DISTINCT day, currency FROM parts) d
            LEFT JOIN LATERAL fx_rate(d.currency, %(base)s, d.day) r ON true
        )
        SELECT p.account_id, p.flow, p.category_id, sum(p.amount) AS amount,
               coalesce(sum(round(p.amount * r.rate, %(digits)s)), 0) AS converted,
               coalesce(sum(p.amount) FILTER (WHERE r.rate IS NULL), 0) AS unrated
        FROM parts p JOIN rates r ON r.day = p.day AND r.currency = p.currency
        GROUP BY 1, 2, 3
        """,
        _params(owner, spans) | {"base": base, "digits": digits},
    )


async def moved_in_base(db: Db, owner: UUID, base: str, spans: Sequence[Span]) -> list[MovedRow]:
    """Return what the rows of accounts in the base currency came to, each account in its span.

    Whole months: the kept sums, less what is pending, and the transfers that those leave out. The
    days before and after them: the rows.
    """
    return await core_db.many(
        db,
        MovedRow,
        """
        WITH span AS MATERIALIZED (
            SELECT s.account_id, s.after, s.until, a.category,
                   (date_trunc('month', s.after::timestamp) + interval '1 month')::date AS first,
                   date_trunc('month', (s.until + 1)::timestamp)::date AS next
            FROM unnest(%(accounts)s::uuid[], %(after)s::date[], %(until)s::date[])
                AS s (account_id, after, until)
            JOIN accounts a ON a.user_id = %(owner)s AND a.id = s.account_id
        ), edges AS (
            SELECT account_id, after + 1 AS lo,
                   CASE WHEN first < next THEN first - 1 ELSE until END AS hi
            FROM span
            UNION ALL
            SELECT account_id, next, until FROM span WHERE first < next
        ), parts AS (
            SELECT p.account_id, p.flow, p.category_id, p.amount
            FROM edges e
            CROSS JOIN LATERAL (
                SELECT * FROM balance_parts b
                WHERE b.user_id = %(owner)s AND b.account_id = e.account_id
                  AND b.day BETWEEN e.lo AND e.hi OFFSET 0) p
            UNION ALL
            SELECT m.account_id,
                   CASE WHEN c.kind = 'transfer' THEN c.kind
                        WHEN s.category IN ('loans', 'mortgages') THEN 'debt' ELSE c.kind END,
                   m.category_id, m.counted
            FROM span s
            JOIN monthly_totals m ON m.user_id = %(owner)s AND m.account_id = s.account_id
             AND m.month >= s.first AND m.month < s.next AND m.currency = %(base)s
            JOIN categories c ON c.user_id = %(owner)s AND c.id = m.category_id
            WHERE s.category IN ('cash', 'credit_cards', 'loans', 'mortgages')
            UNION ALL
            SELECT p.account_id,
                   CASE WHEN c.kind = 'transfer' THEN c.kind
                        WHEN s.category IN ('loans', 'mortgages') THEN 'debt' ELSE c.kind END,
                   p.category_id, -p.amount
            FROM span s
            JOIN transactions t ON t.user_id = %(owner)s AND t.account_id = s.account_id
             AND t.day >= s.first AND t.day < s.next AND t.pending
            JOIN transaction_parts p ON p.user_id = t.user_id AND p.transaction_id = t.id
            JOIN categories c ON c.user_id = %(owner)s AND c.id = p.category_id
            WHERE p.counts AND p.currency = %(base)s
              AND s.category IN ('cash', 'credit_cards', 'loans', 'mortgages')
            UNION ALL
            SELECT p.account_id, 'transfer', p.category_id, p.amount
            FROM span s
            JOIN transactions t ON t.user_id = %(owner)s AND t.transfer_id IS NOT NULL
             AND t.account_id = s.account_id AND t.day >= s.first AND t.day < s.next
            JOIN transaction_parts p ON p.user_id = t.user_id AND p.transaction_id = t.id
            WHERE NOT t.pending AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
              AND p.currency = %(base)s
        )
        SELECT account_id, flow, category_id, sum(amount) AS amount, sum(amount) AS converted,
               0::numeric AS unrated
        FROM parts GROUP BY 1, 2, 3 HAVING sum(amount) <> 0
        """,
        _params(owner, spans) | {"base": base},
    )


def _params(owner: UUID, spans: Sequence[Span]) -> dict[str, Any]:
    return {
        "owner": owner,
        "accounts": [one.account_id for one in spans],
        "after": [one.after for one in spans],
        "until": [one.until for one in spans],
    }
