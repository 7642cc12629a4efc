"""SQL of balance history, and of snapshots as they are read, set by set. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from psycopg import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError

from strongroom.core import db as core_db
from strongroom.core.db import Db

# Sums by windows and differences of sets, and no joins of days with days: the planner takes the
# rows it has just reckoned for a handful or for millions, and would compare each day with each.

# What the rows of one person can make a statement fail with. Not a server that is gone or full.
NOT_TAKEN = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)


async def carry_back(db: Db, owner: UUID) -> int:
    """Reckon the days before each account's first report backwards; return how many changed.

    The balance at the end of a day is the first one reported, less everything booked after that
    day; of an account that a bank reports, only what the bank or a file told: what a person wrote
    there is left to the remainder. It is marked estimated, and replaced when rows change. Accounts
    whose value moves by itself (investments) are held at their first report. An account that files
    feed is told of now and then: the days before each of its balances, down to the one before, are
    reckoned from that one.

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
            SELECT t.account_id, t.currency, t.day, sum(t.amount) AS amount
            FROM transactions t
            WHERE t.user_id = %(owner)s AND NOT t.pending AND t.removed_by_bank IS NULL
              AND t.account_id IN (SELECT a.account_id FROM anchor a WHERE a.by_rows)
              AND (t.origin <> 'manual'  -- a bank's balance knows nothing of what a person wrote
                   OR t.account_id IN (SELECT n.account_id FROM anchor n WHERE n.is_manual))
            GROUP BY t.account_id, t.currency, t.day
        ), days AS (
            SELECT a.account_id, a.currency, d::date AS day, 0 AS amount, a.day AS anchor_day,
                   a.balance
            FROM anchor a
            CROSS JOIN first_day f
            CROSS JOIN LATERAL generate_series(
                coalesce(a.before + 1, least(f.day, a.day)), a.day, interval '1 day') d
            UNION ALL
            SELECT account_id, currency, day, amount, NULL, NULL FROM moved
        ), summed AS (
            SELECT d.*, sum(d.amount) OVER (
                       PARTITION BY d.account_id, d.currency ORDER BY d.day) AS moved
            FROM days d
        ), reckoned AS (
            SELECT r.account_id, r.day, r.currency, r.balance - (r.until - r.moved) AS balance
            FROM (
                SELECT s.*, first_value(s.moved) OVER (
                           PARTITION BY s.account_id, s.anchor_day ORDER BY s.day DESC) AS until
                FROM summed s WHERE s.anchor_day IS NOT NULL
            ) r
            WHERE r.day < r.anchor_day
        ), stale AS (
            DELETE FROM account_balances b
            USING (
                SELECT account_id, day FROM account_balances
                WHERE user_id = %(owner)s AND source = 'estimated'
                EXCEPT
                SELECT account_id, day FROM reckoned
            ) gone
            WHERE b.user_id = %(owner)s AND b.source = 'estimated'
              AND b.account_id = gone.account_id AND b.day = gone.day
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


async def totals(
    db: Db, owner: UUID, currency: str, since: date | None, until: date
) -> list[tuple[date, Decimal, bool]]:
    """Return day, sum and whether it is estimated, between two days, oldest first."""
    cursor = await db.execute(
        """
        SELECT day, net_worth, estimated FROM net_worth_snapshots
        WHERE user_id = %(owner)s AND currency = %(currency)s
          AND day BETWEEN coalesce(%(since)s::date, '-infinity') AND %(until)s
        ORDER BY day
        """,
        {"owner": owner, "currency": currency, "since": since, "until": until},
    )
    return await cursor.fetchall()


async def archive_for_all(db: Db, before: date) -> int:
    """Put the balances of months that ended before a day away; return how many."""
    moved = await core_db.value(db, "SELECT archive_balances(%s)", (before,))
    return int(moved)
