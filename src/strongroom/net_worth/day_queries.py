"""SQL of net worth by day in one currency, and of what no transaction explains. Decides nothing.

Snapshots hold each currency apart; the rate of each day is put to them as they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


async def currencies(db: Db, owner: UUID) -> list[str]:
    """Return the currencies that any account of the owner is or was in."""
    cursor = await db.execute(
        "SELECT DISTINCT currency FROM accounts WHERE user_id = %s ORDER BY 1", (owner,)
    )
    return [row[0] for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Span:
    """Which days to read, in what currency, and from which others.

    ``every``: only each so-many-th day, counted back from ``until``, and the first.
    """

    owner: UUID
    base: str
    others: Sequence[str]
    since: date
    until: date
    every: int = 1

    @property
    def columns(self) -> dict[str, object]:
        """The parameters of the statements below."""
        return {
            "owner": self.owner,
            "base": self.base,
            "others": list(self.others),
            "since": self.since,
            "until": self.until,
            "every": self.every,
        }


async def ends(db: Db, owner: UUID, until: date) -> tuple[date, date]:
    """Return the first and the last day up to ``until`` that have a snapshot; it itself if none."""
    cursor = await db.execute(
        """
        SELECT coalesce(min(day), %(until)s), coalesce(max(day), %(until)s)
        FROM net_worth_snapshots WHERE user_id = %(owner)s AND day <= %(until)s
        """,
        {"owner": owner, "until": until},
    )
    first, last = await cursor.fetchone() or (until, until)
    return first, last


# Days in one currency, of which nothing needs a rate.
_ONE = """
        WITH sums AS (
            SELECT day, net_worth, estimated, '{}'::text[] AS unknown, true AS known
            FROM net_worth_snapshots
            WHERE user_id = %(owner)s AND currency = %(base)s
              AND day BETWEEN %(since)s AND %(until)s
              AND ((%(until)s::date - day) %% %(every)s = 0 OR day = %(since)s)
"""
# Days in several: what is owned in a currency is rounded once, and so is what is owed.
_SEVERAL = """
        WITH sums AS (
            SELECT s.day,
                   coalesce(sum(CASE WHEN s.currency = %(base)s
                                     THEN s.total_assets - s.total_liabilities
                                     ELSE round(s.total_assets * s.rate, u.places)
                                        - round(s.total_liabilities * s.rate, u.places) END), 0)
                       AS net_worth,
                   bool_or(s.estimated) AS estimated,
                   coalesce(array_agg(s.currency ORDER BY s.currency) FILTER (
                       WHERE s.rate IS NULL
                         AND (s.total_assets <> 0 OR s.total_liabilities <> 0)), '{}') AS unknown,
                   bool_or(s.rate IS NOT NULL OR s.currency = %(base)s)
                       OR bool_and(s.total_assets = 0 AND s.total_liabilities = 0) AS known
            FROM snapshots_with_rates(%(owner)s, %(base)s, %(others)s::text[], %(since)s, %(until)s,
                                      %(every)s) s
            CROSS JOIN (SELECT minor_units(%(base)s) AS places) u
            GROUP BY s.day
"""
_ROWS = """
        )
        SELECT day, net_worth, estimated, unknown, known FROM sums ORDER BY day
"""
# Each amount with the decimals of its currency, or more where it has more.
_AS_JSON = """
        ), shown AS (
            SELECT day, estimated, unknown, known,
                   round(net_worth, greatest(scale(trim_scale(net_worth)), u.places)) AS amount
            FROM sums CROSS JOIN (SELECT minor_units(%(base)s) AS places) u
        )
        SELECT string_agg(
            '{"day":"' || day || '","net_worth":{"amount":"' || amount || '","currency":"'
            || %(base)s || '"},"estimated":' || estimated || ',"unknown":'
            || array_to_json(unknown) || ',"known":' || known || '}', ',' ORDER BY day)
        FROM shown
"""


async def days(db: Db, span: Span) -> list[tuple[date, Decimal, bool, list[str], bool]]:
    """Return day, sum, whether it is estimated, what has no rate, and whether anything counted.

    Oldest first. Only ``base`` and ``others`` are counted.
    """
    query = _SEVERAL + _ROWS if span.others else _ONE + _ROWS
    cursor = await db.execute(query, span.columns)
    return await cursor.fetchall()


async def days_as_json(db: Db, span: Span) -> str:
    """Return what ``days`` does as the items of a JSON array, without its brackets."""
    query = _SEVERAL + _AS_JSON if span.others else _ONE + _AS_JSON
    found: str | None = await core_db.value(db, query, span.columns)
    return found or ""


@dataclass(frozen=True, slots=True)
class PartsRow:
    """One currency's snapshot of a day, and what one unit of it was worth, if that is known."""

    day: date
    currency: str
    asset_breakdown: dict[str, str]
    liability_breakdown: dict[str, str]
    estimated: bool
    rate: Decimal | None


async def days_with_parts(db: Db, span: Span) -> list[PartsRow]:
    """Return what the days of a span are made of, oldest first, each currency by itself."""
    return await core_db.many(
        db,
        PartsRow,
        """
        SELECT s.day, s.currency, s.asset_breakdown, s.liability_breakdown, s.estimated, s.rate
        FROM snapshots_with_rates(%(owner)s, %(base)s, %(others)s::text[], %(since)s, %(until)s,
                                  %(every)s) s
        ORDER BY s.day, s.currency
        """,
        span.columns,
    )


@dataclass(frozen=True, slots=True)
class RemainderRow:
    """A day on which an account's balance changed by other than its rows."""

    account_id: UUID
    name: str
    category: str
    currency: str
    is_manual: bool
    has_rows: bool
    day: date
    after: date
    change: Decimal
    moved: Decimal
    remainder: Decimal
    projected: bool


# Accounts, from which balance on they are looked at, and their last day.
_WATCHED = """
        WITH account AS (
            SELECT a.id, a.name, a.category, a.currency, a.is_manual, b.day AS begins,
                   least(%(until)s::date, (a.closed_at AT TIME ZONE z.zone)::date - 1) AS last
            FROM settings s
            CROSS JOIN LATERAL zone_or_utc(s.time_zone) AS z (zone)
            JOIN accounts a ON a.user_id = s.user_id
            CROSS JOIN LATERAL (
                SELECT coalesce(
                    (SELECT max(b.day) FROM account_balances b WHERE b.user_id = %(owner)s
                        AND b.account_id = a.id AND b.day <= %(since)s),
                    (SELECT min(b.day) FROM account_balances b WHERE b.user_id = %(owner)s
                        AND b.account_id = a.id AND b.day > %(since)s)) AS day) b
            WHERE s.user_id = %(owner)s
              AND (%(account_id)s::uuid IS NULL OR a.id = %(account_id)s)
              AND (NOT %(projected_only)s OR (a.is_manual AND EXISTS (
                  SELECT 1 FROM account_balances p
                  WHERE p.user_id = %(owner)s AND p.account_id = a.id AND p.source = 'projected'
                    AND p.day > %(since)s AND p.day <= %(until)s)))
"""


async def remainders(
    db: Db,
    owner: UUID,
    account_id: UUID | None,
    since: date,
    until: date,
    *,
    projected_only: bool = False,
) -> list[RemainderRow]:
    """Return each remainder after one day and up to another, newest first.

    A balance is held against the one before it and the rows booked between: those that
    ``change_queries.changes`` counts. An account's first balance is not a change; from the day it
    closes it has none. ``projected_only``: only those of days that a rate or a schedule reckoned.
    """
    return await core_db.many(
        db,
        RemainderRow,
        _WATCHED  # noqa: S608 - both parts are written here
        + """
        ), happened AS (
            SELECT a.id, b.day, b.balance, 0 AS amount, b.source = 'projected' AS projected
            FROM account a
            JOIN account_balances b ON b.user_id = %(owner)s AND b.account_id = a.id
             AND b.day BETWEEN a.begins AND a.last
            UNION ALL
            SELECT a.id, t.day, NULL, sum(t.amount), NULL FROM account a
            JOIN transactions t ON t.user_id = %(owner)s AND t.account_id = a.id
             AND t.day > a.begins AND t.day <= a.last AND t.currency = a.currency
            WHERE NOT t.pending AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
              AND (a.category IN ('cash', 'credit_cards', 'loans', 'mortgages')
                   OR t.transfer_id IS NOT NULL)
            GROUP BY a.id, t.day
        ), by_day AS (
            SELECT id, day, max(balance) AS balance, bool_or(projected) AS projected,
                   sum(sum(amount)) OVER (PARTITION BY id ORDER BY day) AS moved
            FROM happened GROUP BY id, day
        ), steps AS (
            SELECT id, day, balance, moved, projected, lag(day) OVER balances AS after,
                   lag(balance) OVER balances AS was, lag(moved) OVER balances AS moved_before
            FROM by_day WHERE balance IS NOT NULL
            WINDOW balances AS (PARTITION BY id ORDER BY day)
        )
        SELECT a.id AS account_id, a.name, a.category, a.currency, a.is_manual,
               EXISTS (SELECT 1 FROM monthly_totals m
                       WHERE m.user_id = %(owner)s AND m.account_id = a.id) AS has_rows,
               s.day, s.after, s.balance - s.was AS change, s.moved - s.moved_before AS moved,
               s.balance - s.was - (s.moved - s.moved_before) AS remainder, s.projected
        FROM steps s JOIN account a ON a.id = s.id
        WHERE s.after IS NOT NULL AND s.day > %(since)s
          AND s.balance - s.was <> s.moved - s.moved_before
          AND (s.projected OR NOT %(projected_only)s)
        ORDER BY s.day DESC, a.name, a.id
        """,
        {
            "owner": owner,
            "account_id": account_id,
            "since": since,
            "until": until,
            "projected_only": projected_only,
        },
    )
