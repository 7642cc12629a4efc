"""SQL of balance history and net-worth snapshots, set by set. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from psycopg import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError

from strongroom.core import db as core_db
from strongroom.core.db import Db

# What is stale is found by NOT IN and not by NOT EXISTS: the planner takes the rows it has just
# reckoned for a handful, and would compare each day with each.

# What the rows of one person can make a statement fail with. Not a server that is gone or full.
NOT_TAKEN = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)


async def carry_back(db: Db, owner: UUID) -> int:
    """Reckon the days before each account's first report backwards; return how many changed.

    The balance at the end of a day is the first one reported, less everything booked after that
    day. It is marked estimated, and replaced when rows change. Accounts whose value moves by itself
    (investments) are held at their first report. An account that files feed is told of now and
    then: the days before each of its balances, down to the one before, are reckoned from that one.

    Reckoned from the day before the owner's first transaction, or from the first balance known if
    that is earlier; but a balance counts here only in the last 26 months before the first report
    of a bank (who tells up to 24). A house that was valued in 1970 begins its own line then, and
    does not give every account of a bank 20,000 days that nobody knows anything of.
    """
    return await core_db.execute(
        db,
        """
        WITH reported AS (
            SELECT b.account_id, b.day, b.balance, b.currency,
                   lag(b.day) OVER (PARTITION BY b.account_id ORDER BY b.day) AS before
            FROM account_balances b
            WHERE b.user_id = %(owner)s AND b.source NOT IN ('estimated', 'projected')
        ), anchor AS (
            SELECT r.*, a.is_manual,
                   a.category IN ('cash', 'credit_cards', 'loans', 'mortgages') AS by_rows
            FROM reported r JOIN accounts a ON a.user_id = %(owner)s AND a.id = r.account_id
            WHERE CASE WHEN NOT a.is_manual THEN r.before IS NULL
                       ELSE EXISTS (SELECT 1 FROM monthly_totals m
                                    WHERE m.user_id = %(owner)s AND m.account_id = a.id) END
        ), first_day AS (
            SELECT least((SELECT min(t.day) - 1 FROM transactions t WHERE t.user_id = %(owner)s),
                         (SELECT greatest(min(r.day), (SELECT min(a.day) - interval '26 months'
                                                       FROM anchor a WHERE NOT a.is_manual))
                          FROM reported r))::date AS day
        ), moved AS (
            SELECT t.account_id, a.day AS anchor_day, t.day, sum(t.amount) AS amount
            FROM transactions t
            JOIN anchor a ON a.account_id = t.account_id AND a.by_rows AND t.day <= a.day
             AND (a.before IS NULL OR t.day > a.before)
            WHERE t.user_id = %(owner)s AND NOT t.pending AND t.currency = a.currency
              AND t.removed_by_bank IS NULL
            GROUP BY t.account_id, a.day, t.day
        ), reckoned AS (
            SELECT a.account_id, d::date AS day, a.currency,
                   a.balance - coalesce(sum(m.amount) OVER (
                       PARTITION BY a.account_id, a.day ORDER BY d DESC), 0) AS balance
            FROM anchor a
            CROSS JOIN first_day f
            CROSS JOIN LATERAL generate_series(
                coalesce(a.before + 1, f.day), a.day - 1, interval '1 day') d
            LEFT JOIN moved m ON m.account_id = a.account_id AND m.anchor_day = a.day
                             AND m.day = d::date + 1
        ), stale AS (
            DELETE FROM account_balances b
            WHERE b.user_id = %(owner)s AND b.source = 'estimated'
              AND (b.account_id, b.day) NOT IN (SELECT r.account_id, r.day FROM reckoned r)
        )
        INSERT INTO account_balances AS b (user_id, account_id, day, balance, currency, source)
        SELECT %(owner)s, r.account_id, r.day, r.balance, r.currency, 'estimated' FROM reckoned r
        ON CONFLICT (user_id, account_id, day) DO UPDATE
            SET balance = excluded.balance, currency = excluded.currency
            WHERE b.source = 'estimated'
              AND (b.balance, b.currency) IS DISTINCT FROM (excluded.balance, excluded.currency)
        """,
        {"owner": owner},
    )


async def take_turn(db: Db, owner: UUID | None) -> None:
    """Wait until no other unit of work reckons these snapshots; one for all waits for each one.

    A statement of its own: what comes after it sees what the others stored.
    """
    if owner is None:
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('net worth', 0))")
    else:
        await db.execute(
            """
            SELECT pg_advisory_xact_lock_shared(hashtextextended('net worth', 0)),
                   pg_advisory_xact_lock(hashtextextended(%s, 0))
            """,
            (f"net worth {owner}",),
        )


async def take_snapshots(db: Db, owner: UUID | None, now: datetime) -> int:
    """Write the days of net worth that are missing or stale, up to today; return how many.

    One statement for one owner, or (as the system role, ``owner`` None) for everyone, each up to
    the day it is in their own time zone (UTC, if the server does not know it). A balance holds
    until the next one; a closed account counts as nothing from the day it closed.

    Only people whose ``net_worth_stale`` says so are looked at. Who had no news since the last
    time gets their last day again for each day that came; who had is reckoned from the first day
    that is otherwise.
    """
    return await core_db.execute(
        db,
        """
        WITH zone AS MATERIALIZED (
            SELECT d.time_zone, z.zone, (%(now)s AT TIME ZONE z.zone)::date AS today
            FROM (SELECT DISTINCT time_zone FROM settings
                  WHERE %(owner)s::uuid IS NULL OR user_id = %(owner)s) d
            CROSS JOIN LATERAL zone_or_utc(d.time_zone) AS z (zone)
        ), due AS MATERIALIZED (
            SELECT s.user_id, z.zone AS time_zone, z.today,
                   CASE WHEN m.kept IS NULL THEN '-infinity'::date
                        ELSE least(m.kept, m.news) END AS since,
                   m.kept IS NOT NULL AND (m.news IS NULL OR m.news > z.today) AS is_plain
            FROM settings s
            JOIN zone z ON z.time_zone = s.time_zone
            LEFT JOIN (
                SELECT user_id, min(since) FILTER (WHERE NOT is_news) AS kept,
                       min(since) FILTER (WHERE is_news) AS news
                FROM net_worth_stale
                WHERE %(owner)s::uuid IS NULL OR user_id = %(owner)s
                GROUP BY user_id
            ) m ON m.user_id = s.user_id
            WHERE (%(owner)s::uuid IS NULL OR s.user_id = %(owner)s)
              AND (m.kept IS NULL OR m.kept <> z.today + 1 OR m.news <= z.today)
        ), work AS MATERIALIZED (
            SELECT * FROM due WHERE NOT is_plain
        ), within AS MATERIALIZED (
            SELECT b.user_id, b.account_id, b.day, b.balance, b.currency, b.source
            FROM work w
            JOIN account_balances b ON b.user_id = w.user_id AND b.day BETWEEN w.since AND w.today
            WHERE b.day >= (SELECT min(since) FROM work)
        ), waiting AS MATERIALIZED (
            SELECT w.user_id, a.id AS account_id, w.since
            FROM work w JOIN accounts a ON a.user_id = w.user_id
            WHERE w.since > '-infinity' AND (a.user_id, a.id, w.since)
                NOT IN (SELECT i.user_id, i.account_id, i.day FROM within i)
        ), balances AS (
            SELECT * FROM within
            UNION ALL
            SELECT w.user_id, w.account_id, b.day, b.balance, b.currency, b.source
            FROM waiting w
            CROSS JOIN LATERAL (
                SELECT * FROM account_balances b
                WHERE b.user_id = w.user_id AND b.account_id = w.account_id AND b.day < w.since
                ORDER BY b.day DESC LIMIT 1) b
        ), held AS (
            SELECT b.user_id, b.day, b.balance, b.currency, p.since,
                   b.source IN ('estimated', 'projected') AS estimated, a.category,
                   a.category IN ('credit_cards', 'mortgages', 'loans', 'other_liabilities')
                       AS is_debt,
                   least(lead(b.day) OVER account_days - 1, p.today,
                         (a.closed_at AT TIME ZONE p.time_zone)::date - 1) AS until
            FROM balances b
            JOIN accounts a ON a.user_id = b.user_id AND a.id = b.account_id
            JOIN work p ON p.user_id = b.user_id
            WINDOW account_days AS (PARTITION BY b.user_id, b.account_id ORDER BY b.day)
        ), parts AS (
            SELECT h.user_id, h.currency, d::date AS day,
                   CASE WHEN h.balance >= 0 THEN
                       CASE WHEN h.is_debt THEN 'other_assets' ELSE h.category END END AS asset,
                   CASE WHEN h.balance < 0 THEN
                       CASE WHEN h.is_debt THEN h.category ELSE 'other_liabilities' END
                   END AS liability,
                   sum(h.balance) AS amount, bool_or(h.estimated OR d::date > h.day) AS estimated
            FROM held h
            CROSS JOIN LATERAL generate_series(
                greatest(h.day, h.since), h.until, interval '1 day') d
            GROUP BY 1, 2, 3, 4, 5
        ), totals AS (
            SELECT user_id, currency, day,
                   coalesce(sum(amount) FILTER (WHERE asset IS NOT NULL), 0) AS total_assets,
                   coalesce(-sum(amount) FILTER (WHERE liability IS NOT NULL), 0)
                       AS total_liabilities,
                   coalesce(jsonb_object_agg(asset, trim_scale(amount)::text)
                       FILTER (WHERE asset IS NOT NULL AND amount <> 0), '{}') AS asset_breakdown,
                   coalesce(jsonb_object_agg(liability, trim_scale(-amount)::text)
                       FILTER (WHERE liability IS NOT NULL), '{}') AS liability_breakdown,
                   bool_or(estimated) AS estimated
            FROM parts GROUP BY user_id, currency, day
        ), carried AS (
            SELECT s.user_id, s.currency, d::date AS day, s.total_assets, s.total_liabilities,
                   s.asset_breakdown, s.liability_breakdown, true AS estimated
            FROM due p
            JOIN net_worth_snapshots s ON s.user_id = p.user_id AND s.day = p.since - 1
            CROSS JOIN LATERAL generate_series(p.since, p.today, interval '1 day') d
            WHERE p.is_plain
        ), gone AS (
            DELETE FROM net_worth_snapshots s USING due p
            WHERE s.user_id = p.user_id AND s.day >= least(p.since, p.today + 1)
              AND (s.day > p.today OR (s.user_id, s.day, s.currency)
                  NOT IN (SELECT t.user_id, t.day, t.currency FROM totals t))
              AND (s.day > p.today OR NOT p.is_plain)
        ), told AS (
            DELETE FROM net_worth_stale m USING due p
            WHERE m.user_id = p.user_id AND (NOT m.is_news OR m.since <= p.today)
        ), kept AS (
            INSERT INTO net_worth_stale (user_id, since, is_news)
            SELECT user_id, today + 1, false FROM due
        )
        INSERT INTO net_worth_snapshots AS s (
            user_id, day, currency, total_assets, total_liabilities, asset_breakdown,
            liability_breakdown, estimated, created_at)
        SELECT user_id, day, currency, total_assets, total_liabilities, asset_breakdown,
               liability_breakdown, estimated, %(now)s
        FROM (SELECT * FROM totals UNION ALL
              SELECT user_id, currency, day, total_assets, total_liabilities, asset_breakdown,
                     liability_breakdown, estimated FROM carried) fresh
        ON CONFLICT (user_id, day, currency) DO UPDATE SET
            total_assets = excluded.total_assets, total_liabilities = excluded.total_liabilities,
            asset_breakdown = excluded.asset_breakdown,
            liability_breakdown = excluded.liability_breakdown,
            estimated = excluded.estimated, created_at = excluded.created_at
            WHERE (s.asset_breakdown, s.liability_breakdown, s.estimated)
                IS DISTINCT FROM
                  (excluded.asset_breakdown, excluded.liability_breakdown, excluded.estimated)
        """,
        {"owner": owner, "now": now},
    )


async def owners_for_all(db: Db) -> list[UUID]:
    """Return everyone who may have snapshots, for the system role."""
    cursor = await db.execute("SELECT user_id FROM settings ORDER BY user_id")
    return [row[0] for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A snapshot's columns; the breakdowns hold amounts as text."""

    day: date
    net_worth: Decimal
    total_assets: Decimal
    total_liabilities: Decimal
    asset_breakdown: dict[str, str]
    liability_breakdown: dict[str, str]
    estimated: bool


async def snapshots(
    db: Db, owner: UUID, currency: str, since: date | None, until: date
) -> list[SnapshotRow]:
    """Return the snapshots between two days, both included, oldest first."""
    return await core_db.many(
        db,
        SnapshotRow,
        """
        SELECT day, net_worth, total_assets, total_liabilities, asset_breakdown,
               liability_breakdown, estimated
        FROM net_worth_snapshots
        WHERE user_id = %(owner)s AND currency = %(currency)s
          AND day BETWEEN coalesce(%(since)s::date, '-infinity') AND %(until)s
        ORDER BY day
        """,
        {"owner": owner, "currency": currency, "since": since, "until": until},
    )


@dataclass(frozen=True, slots=True)
class TotalRow:
    """What a snapshot comes to."""

    day: date
    net_worth: Decimal
    estimated: bool


async def totals(
    db: Db, owner: UUID, currency: str, since: date | None, until: date
) -> list[TotalRow]:
    """Return the totals of the days between two, both included, oldest first."""
    return await core_db.many(
        db,
        TotalRow,
        """
        SELECT day, net_worth, estimated FROM net_worth_snapshots
        WHERE user_id = %(owner)s AND currency = %(currency)s
          AND day BETWEEN coalesce(%(since)s::date, '-infinity') AND %(until)s
        ORDER BY day
        """,
        {"owner": owner, "currency": currency, "since": since, "until": until},
    )


async def archive_for_all(db: Db, before: date) -> int:
    """Put the balances of months that ended before a day away; return how many."""
    moved = await core_db.value(db, "SELECT archive_balances(%s)", (before,))
    return int(moved)
