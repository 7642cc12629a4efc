"""SQL of net-worth snapshots: which are stale, what they should be, and putting them into place.

One statement, for one person or for everyone. Decides nothing; balances are another matter.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db

# What is stale is found by NOT IN and not by NOT EXISTS: the planner takes the rows it has just
# reckoned for a handful, and would compare each day with each.

# Whose snapshots are not what their balances say, and from which day on.
_DUE = """
        WITH zone AS MATERIALIZED (
            SELECT d.time_zone, z.zone, (%(now)s AT TIME ZONE z.zone)::date AS today
            FROM (SELECT DISTINCT time_zone FROM settings
                  WHERE %(owner)s::uuid IS NULL OR user_id = %(owner)s) d
            CROSS JOIN LATERAL zone_or_utc(d.time_zone) AS z (zone)
        ), due AS MATERIALIZED (
            SELECT s.user_id, z.zone AS time_zone, z.today, m.kept,
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
"""
# What their accounts held from that day on: balances of it, and the one before it.
_BALANCES = """
        ), work AS MATERIALIZED (
            SELECT * FROM due WHERE NOT is_plain
        ), held_by AS MATERIALIZED (
            SELECT w.user_id, a.id AS account_id, w.since, w.today, a.category,
                   a.category IN ('credit_cards', 'mortgages', 'loans', 'other_liabilities')
                       AS is_debt,
                   least(w.today, (a.closed_at AT TIME ZONE w.time_zone)::date - 1) AS last
            FROM work w JOIN accounts a ON a.user_id = w.user_id
        ), within AS MATERIALIZED (
            SELECT h.*, b.day, b.balance, b.currency, b.source
            FROM held_by h
            JOIN account_balances b ON b.user_id = h.user_id AND b.account_id = h.account_id
             AND b.day BETWEEN h.since AND h.today
            WHERE b.day >= (SELECT min(since) FROM work) AND b.day <= (SELECT max(today) FROM work)
        ), waiting AS MATERIALIZED (
            SELECT * FROM held_by h
            WHERE h.since > '-infinity' AND (h.user_id, h.account_id, h.since)
                NOT IN (SELECT i.user_id, i.account_id, i.day FROM within i)
        ), balances AS (
            SELECT * FROM within
            UNION ALL
            SELECT w.*, b.day, b.balance, b.currency, b.source
            FROM waiting w
            CROSS JOIN LATERAL (
                SELECT * FROM account_balances b
                WHERE b.user_id = w.user_id AND b.account_id = w.account_id AND b.day < w.since
                ORDER BY b.day DESC LIMIT 1) b
"""
# What each of those days comes to: a balance holds until the next one, or until it closes.
_TOTALS = """
        ), held AS (
            SELECT user_id, day, balance, currency, since, category, is_debt,
                   source IN ('estimated', 'projected') AS estimated,
                   least(lead(day) OVER account_days - 1, last) AS until
            FROM balances
            WINDOW account_days AS (PARTITION BY user_id, account_id ORDER BY day)
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
"""
# Quiet people's last day again, then everything into place.
_STORE = """
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
            WHERE m.user_id = p.user_id AND m.is_news AND m.since <= p.today
        ), again AS (
            UPDATE net_worth_stale m SET since = p.today + 1 FROM due p
            WHERE m.user_id = p.user_id AND NOT m.is_news AND m.since <> p.today + 1
        ), once AS (
            INSERT INTO net_worth_stale (user_id, since, is_news)
            SELECT user_id, today + 1, false FROM due WHERE kept IS NULL
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
"""


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
        db, _DUE + _BALANCES + _TOTALS + _STORE, {"owner": owner, "now": now}
    )
