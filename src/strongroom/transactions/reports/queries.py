"""SQL of reports: sums by category and merchant, and the rows behind one figure. Decides nothing.

Amounts in the currency of the report are summed as they are. Others are turned into it row by row,
at the rate of the row's day and rounded to the currency's decimals, so that every sum is the sum
of what its rows show. Where no rate is known the converted amount is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class SumRow:
    """What a category moved in one month, money in above zero.

    ``has_foreign``: there are rows in other currencies too, which are not in the amount.
    """

    month: date
    category_id: UUID
    amount: Decimal
    has_foreign: bool


async def sums(db: Db, params: dict[str, Any]) -> list[SumRow]:
    """Return income and spending by month and category in the report's own currency.

    Of the kept monthly sums: no row is read. Which accounts and categories count is looked up
    once, and not for each sum.
    """
    return await core_db.many(
        db,
        SumRow,
        """
        SELECT m.month, m.category_id,
               coalesce(sum(m.counted) FILTER (WHERE m.currency = %(currency)s), 0) AS amount,
               bool_or(m.currency <> %(currency)s) AS has_foreign
        FROM monthly_totals m
        WHERE m.user_id = %(owner)s AND m.month BETWEEN %(since)s AND %(until)s
          AND m.account_id = ANY(ARRAY(
              SELECT a.id FROM accounts a
              WHERE a.user_id = %(owner)s AND a.category IN ('cash', 'credit_cards')))
          AND m.category_id = ANY(ARRAY(
              SELECT c.id FROM categories c
              WHERE c.user_id = %(owner)s AND c.kind <> 'transfer'))
        GROUP BY 1, 2
        """,
        params,
    )


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """What a category moved in one month and one other currency.

    ``amount``, ``converted`` and ``count`` are of rows whose rate is known, the others of those
    it is not. ``amount`` and ``unknown`` are in the other currency.
    """

    month: date
    category_id: UUID
    currency: str
    amount: Decimal
    converted: Decimal
    count: int
    unknown: Decimal
    unknown_count: int
    first_unknown: date | None
    last_unknown: date | None


async def foreign_sums(db: Db, params: dict[str, Any]) -> list[ForeignRow]:
    """Return income and spending by month and category in all other currencies, turned into it.

    Reads only the rows of accounts and months in which there are such.
    """
    return await core_db.many(
        db,
        ForeignRow,
        """
        WITH months AS MATERIALIZED (
            SELECT DISTINCT m.account_id, m.month, (m.month + interval '1 month')::date AS next
            FROM monthly_totals m
            JOIN accounts a ON a.user_id = m.user_id AND a.id = m.account_id
            WHERE m.user_id = %(owner)s AND m.currency <> %(currency)s
              AND m.month BETWEEN %(since)s AND %(until)s
              AND a.category IN ('cash', 'credit_cards')
        ), moved AS MATERIALIZED (
            SELECT m.month, p.day, p.category_id, p.currency, p.amount
            FROM months m
            CROSS JOIN LATERAL (
                SELECT * FROM transaction_parts p
                WHERE p.user_id = %(owner)s AND p.account_id = m.account_id
                  AND p.day >= m.month AND p.day < m.next
                  AND p.currency <> %(currency)s AND p.counts OFFSET 0) p
        ), rates AS MATERIALIZED (
            SELECT d.day, d.currency, r.rate
            FROM (SELECT DISTINCT day, currency FROM moved) d
            LEFT JOIN LATERAL fx_rate(d.currency, %(currency)s, d.day) r ON true
        )
        SELECT m.month, m.category_id, m.currency,
               coalesce(sum(m.amount) FILTER (WHERE r.rate IS NOT NULL), 0) AS amount,
               coalesce(sum(round(m.amount * r.rate, %(digits)s)), 0) AS converted,
               count(r.rate)::int AS count,
               coalesce(sum(m.amount) FILTER (WHERE r.rate IS NULL), 0) AS unknown,
               count(*) FILTER (WHERE r.rate IS NULL)::int AS unknown_count,
               min(m.day) FILTER (WHERE r.rate IS NULL) AS first_unknown,
               max(m.day) FILTER (WHERE r.rate IS NULL) AS last_unknown
        FROM moved m
        JOIN categories c ON c.user_id = %(owner)s AND c.id = m.category_id
        JOIN rates r ON r.day = m.day AND r.currency = m.currency
        WHERE c.kind <> 'transfer'
        GROUP BY 1, 2, 3
        """,
        params,
    )


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """What a merchant moved in one month; ``merchant`` None is everybody not among the first."""

    month: date | None
    merchant: str | None
    amount: Decimal
    merchants: int


async def merchants(db: Db, params: dict[str, Any]) -> list[MerchantRow]:
    """Return income or spending by month and merchant; the smaller merchants together.

    A merchant is what a row is called in lists: the merchant's name, or the bank's words, of which
    there may be as many as rows. So nothing is compared one by one here.
    """
    async with in_bulk(db):
        return await core_db.many(
            db,
            MerchantRow,
            """
            WITH moved AS MATERIALIZED (
                SELECT date_trunc('month', p.day)::date AS month, p.day, p.currency,
                       coalesce(t.merchant, t.description) AS merchant, p.amount
                FROM transaction_parts p
                JOIN transactions t ON t.user_id = p.user_id AND t.id = p.transaction_id
                 AND t.day BETWEEN %(since)s AND %(last)s
                JOIN accounts a ON a.user_id = p.user_id AND a.id = p.account_id
                JOIN categories c ON c.user_id = p.user_id AND c.id = p.category_id
                WHERE p.user_id = %(owner)s AND p.day BETWEEN %(since)s AND %(last)s AND p.counts
                  AND a.category IN ('cash', 'credit_cards') AND c.kind = %(kind)s
            ), rates AS MATERIALIZED (
                SELECT d.day, d.currency, r.rate
                FROM (SELECT DISTINCT day, currency FROM moved WHERE currency <> %(currency)s) d
                LEFT JOIN LATERAL fx_rate(d.currency, %(currency)s, d.day) r ON true
            ), converted AS MATERIALIZED (
                SELECT m.month, m.merchant, sum(CASE WHEN m.currency = %(currency)s THEN m.amount
                           ELSE round(m.amount * r.rate, %(digits)s) END) AS amount
                FROM moved m
                LEFT JOIN rates r ON r.day = m.day AND r.currency = m.currency
                GROUP BY 1, 2
            ), sizes AS MATERIALIZED (
                SELECT merchant, sum(amount) AS amount
                FROM converted WHERE amount IS NOT NULL GROUP BY merchant
            ), largest AS MATERIALIZED (
                SELECT merchant FROM sizes
                ORDER BY %(sign)s * amount DESC, merchant LIMIT %(limit)s
            )
            SELECT c.month, CASE WHEN c.merchant IN (SELECT merchant FROM largest)
                                 THEN c.merchant END AS merchant,
                   sum(c.amount) AS amount, 0 AS merchants
            FROM converted c
            WHERE c.amount IS NOT NULL
            GROUP BY 1, 2
            UNION ALL
            SELECT NULL, NULL, 0, greatest(0, count(*) - %(limit)s)::int FROM sizes
            """,
            params,
        )
