"""SQL of the rows behind one figure of a report: a page of them, and what they add up to.

Two statements for two ways of counting: income and spending of the accounts a person lives from,
and everything that moved balances. Both name their parts alike, and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions.reports.types import Scope

_LIVED = sql.SQL(
    """
    SELECT p.*, c.kind AS flow FROM transaction_parts p
    JOIN accounts a ON a.user_id = p.user_id AND a.id = p.account_id
    JOIN categories c ON c.user_id = p.user_id AND c.id = p.category_id
    WHERE p.counts AND a.category IN ('cash', 'credit_cards') AND c.kind <> 'transfer'
    """
)
_MOVED = sql.SQL("SELECT p.* FROM balance_parts p WHERE true")
_SOURCES: Final = {Scope.LIVED: _LIVED, Scope.BALANCES: _MOVED}
_MEANT = sql.SQL(
    """
    WITH meant AS (
        SELECT p.transaction_id, p.position, p.account_id, p.day, p.category_id, p.currency,
               p.amount, coalesce(t.merchant, t.description) AS title, t.pending,
               c.key AS category_key, c.name AS category_name
        FROM ({source}) p
        JOIN transactions t ON t.user_id = p.user_id AND t.id = p.transaction_id
        JOIN categories c ON c.user_id = p.user_id AND c.id = p.category_id
        WHERE p.user_id = %(owner)s AND p.day BETWEEN %(since)s AND %(until)s
          AND (%(flow)s = '' OR p.flow = %(flow)s)
          AND (%(account_id)s::uuid IS NULL OR p.account_id = %(account_id)s)
          AND (NOT %(alone)s OR p.currency = %(currency)s)
          AND (%(category_id)s::uuid IS NULL OR p.category_id = %(category_id)s
               OR (c.parent_id = %(category_id)s AND NOT %(itself)s))
          AND (%(merchant)s::text IS NULL OR coalesce(t.merchant, t.description) = %(merchant)s)
          AND (%(accounts)s::uuid[] IS NULL OR EXISTS (
               SELECT 1 FROM unnest(%(accounts)s::uuid[], %(span_after)s::date[],
                                    %(span_until)s::date[]) s (account_id, after, until)
               WHERE s.account_id = p.account_id AND p.day > s.after AND p.day <= s.until))
    )
    """
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part's columns, with what it comes to in the report's currency."""

    transaction_id: UUID
    position: int
    account_id: UUID
    account_name: str
    day: date
    title: str
    category_id: UUID
    category_key: str | None
    category_name: str | None
    currency: str
    amount: Decimal
    converted: Decimal | None
    pending: bool


async def parts(db: Db, scope: Scope, params: dict[str, Any]) -> list[Part]:
    """Return the newest parts that are meant, at most ``limit``, beginning after a position."""
    query = _MEANT.format(source=_SOURCES[scope]) + sql.SQL(
        """
        , shown AS (
            SELECT * FROM meant m
            WHERE %(after_day)s::date IS NULL
               OR (m.day, m.transaction_id, -m.position)
                  < (%(after_day)s::date, %(after_id)s::uuid, -%(after_position)s::int)
            ORDER BY m.day DESC, m.transaction_id DESC, m.position LIMIT %(limit)s
        )
        SELECT s.transaction_id, s.position, s.account_id, a.name AS account_name, s.day, s.title,
               s.category_id, s.category_key, s.category_name, s.currency, s.amount,
               CASE WHEN s.currency = %(currency)s THEN s.amount
                    ELSE round(s.amount * r.rate, %(digits)s) END AS converted, s.pending
        FROM shown s
        JOIN accounts a ON a.user_id = %(owner)s AND a.id = s.account_id
        LEFT JOIN LATERAL fx_rate(s.currency, %(currency)s, s.day) r
               ON s.currency <> %(currency)s
        ORDER BY s.day DESC, s.transaction_id DESC, s.position
        """
    )
    return await core_db.many(db, Part, query, params)


@dataclass(frozen=True, slots=True)
class Sum:
    """What the parts of one currency add up to; ``converted`` is None where no rate is known."""

    currency: str
    is_known: bool
    count: int
    amount: Decimal
    converted: Decimal | None
    first: date
    last: date


async def sums_of_parts(db: Db, scope: Scope, params: dict[str, Any]) -> list[Sum]:
    """Return by currency, and by whether a rate is known, what the meant parts add up to."""
    query = _MEANT.format(source=_SOURCES[scope]) + sql.SQL(
        """
        , rates AS MATERIALIZED (
            SELECT d.day, d.currency, r.rate
            FROM (SELECT DISTINCT day, currency FROM meant WHERE currency <> %(currency)s) d
            LEFT JOIN LATERAL fx_rate(d.currency, %(currency)s, d.day) r ON true
        )
        SELECT m.currency, m.currency = %(currency)s OR r.rate IS NOT NULL AS is_known,
               count(*)::int AS count, sum(m.amount) AS amount,
               sum(CASE WHEN m.currency = %(currency)s THEN m.amount
                        ELSE round(m.amount * r.rate, %(digits)s) END) AS converted,
               min(m.day) AS first, max(m.day) AS last
        FROM meant m LEFT JOIN rates r ON r.day = m.day AND r.currency = m.currency
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
    return await core_db.many(db, Sum, query, params)
