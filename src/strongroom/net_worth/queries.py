"""SQL of balance history, and of snapshots as they are read, set by set. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db

# Sums by windows and differences of sets, and no joins of days with days: the planner takes the
# rows it has just reckoned for a handful or for millions, and would compare each day with each.


# What was told of each account, where reckoning begins, and the rows that it is reckoned from.
_TOLD = """
        WITH reported AS (
            SELECT b.account_id, b.day, b.balance, b.currency, b.source,
                   lag(b.day) OVER told AS before, lead(b.day) OVER told AS next_day,
                   lead(b.source) OVER told AS next_source
            FROM account_balances b
            WHERE b.user_id = %(owner)s AND b.source NOT IN ('estimated', 'projected')
            WINDOW told AS (PARTITION BY b.account_id ORDER BY b.day)
        ), known AS (
            SELECT r.*, a.is_manual
            FROM reported r JOIN accounts a ON a.user_id = %(owner)s AND a.id = r.account_id
            WHERE NOT a.is_manual OR EXISTS (SELECT 1 FROM monthly_totals m
                                             WHERE m.user_id = %(owner)s AND m.account_id = a.id)
        ), anchor AS (
            SELECT * FROM known
            WHERE before IS NULL OR (is_manual AND source <> 'manual')
        ), first_day AS (
            SELECT least((SELECT min(t.day) - 1 FROM transactions t WHERE t.user_id = %(owner)s),
                         (SELECT greatest(min(r.day), (SELECT min(a.day) - interval '26 months'
                                                       FROM anchor a WHERE NOT a.is_manual))
                          FROM reported r))::date AS day
        ), moved AS (
            SELECT t.account_id, t.currency, t.day, sum(t.amount) AS amount
            FROM transactions t JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
            WHERE t.user_id = %(owner)s AND NOT t.pending AND t.removed_by_bank IS NULL
              AND t.never_booked_at IS NULL AND t.account_id IN (SELECT k.account_id FROM known k)
              AND (a.category IN ('cash', 'credit_cards', 'loans', 'mortgages')
                   OR t.transfer_id IS NOT NULL)
              AND (t.origin <> 'manual'  -- a bank's balance knows nothing of what a person wrote
                   OR t.account_id IN (SELECT n.account_id FROM anchor n WHERE n.is_manual))
            GROUP BY t.account_id, t.currency, t.day
"""
_BACKWARDS = """
        ), days AS (
            SELECT a.account_id, a.currency, d::date AS day, 0 AS amount, a.day AS anchor_day,
                   a.balance
            FROM anchor a
            CROSS JOIN first_day f
            CROSS JOIN LATERAL generate_series(
                coalesce(a.before + 1, least(a.day, CASE
                    WHEN a.is_manual THEN (SELECT min(m.day) - 1 FROM moved m
                                           WHERE m.account_id = a.account_id)
                    ELSE f.day END)), a.day, interval '1 day') d
            UNION ALL
            SELECT account_id, currency, day, amount, NULL, NULL FROM moved
        ), summed AS (
            SELECT d.*, sum(d.amount) OVER (
                       PARTITION BY d.account_id, d.currency ORDER BY d.day) AS moved
            FROM days d
        ), backwards AS (
            SELECT r.account_id, r.day, r.currency, r.balance - (r.until - r.moved) AS balance
            FROM (
                SELECT s.*, first_value(s.moved) OVER (
                           PARTITION BY s.account_id, s.anchor_day ORDER BY s.day DESC) AS until
                FROM summed s WHERE s.anchor_day IS NOT NULL
            ) r
            WHERE r.day < r.anchor_day
"""
# Only days on which something was booked: a balance holds until the next one.
_FORWARDS = """
        ), by_day AS (
            SELECT account_id, currency, day, sum(amount) AS amount, max(balance) AS balance,
                   bool_or(leads) AS leads
            FROM (
                SELECT account_id, currency, day, amount, NULL AS balance, NULL::boolean AS leads
                FROM moved
                UNION ALL
                SELECT k.account_id, k.currency, k.day, 0, k.balance,
                       coalesce(k.next_source, 'manual') = 'manual' AND NOT EXISTS (
                           SELECT 1 FROM account_balances p
                           WHERE p.user_id = %(owner)s AND p.account_id = k.account_id
                             AND p.day > k.day AND p.day < coalesce(k.next_day, 'infinity')
                             AND p.source = 'projected')
                FROM known k WHERE k.is_manual
            ) happened
            GROUP BY account_id, currency, day
        ), spans AS (
            SELECT b.*, sum(b.amount) OVER so_far AS moved, count(b.balance) OVER so_far AS span
            FROM by_day b
            WINDOW so_far AS (PARTITION BY b.account_id, b.currency ORDER BY b.day)
        ), forwards AS (
            SELECT f.account_id, f.day, f.currency, f.told + f.moved - f.moved_then AS balance
            FROM (
                SELECT s.*, first_value(s.balance) OVER since AS told,
                       first_value(s.moved) OVER since AS moved_then,
                       first_value(s.leads) OVER since AS goes_on
                FROM spans s WHERE s.span > 0
                WINDOW since AS (PARTITION BY s.account_id, s.currency, s.span ORDER BY s.day)
            ) f
            WHERE f.goes_on AND f.balance IS NULL
              AND f.day <= (SELECT (%(now)s AT TIME ZONE zone_or_utc(time_zone))::date
                            FROM settings WHERE user_id = %(owner)s)
        ), reckoned AS (
            SELECT * FROM backwards UNION ALL SELECT * FROM forwards
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
"""


async def carry_back(db: Db, owner: UUID, now: datetime) -> int:
    """Reckon the days between reports from the rows; return how many changed.

    Every row counts on accounts that move by their rows (cash, cards, loans, mortgages); on those
    whose value moves by itself (investments, coins, property) only matched transfers do: what came
    in and went out. The same rows are causes of a change (``balance_parts``).

    Backwards, of every account: the balance at the end of a day before the first report is that
    report, less everything booked after the day; of an account that a bank reports, only what the
    bank or a file told: what a person wrote there is left to the remainder. An account that files
    feed is told of now and then: the days before each of its balances, down to the one before, are
    reckoned from that one.

    Forwards, of what no bank reports: the balance of a day after a value that a person told is that
    value and the rows since, up to the day before the next one, or the owner's today. A newer value
    stands from its day, and leaves the days before it. Where a rate or a loan's schedule goes on
    from a value (projected), that says what follows.

    What is reckoned is marked estimated, and replaced when rows change. Of an account that no bank
    reports it begins the day before its own first row: it has no history that nobody told. Of a
    bank's it begins the day before the owner's first transaction, or from the first balance known
    if that is earlier; but a balance counts here only in the last 26 months before the first report
    of a bank (who tells up to 24). A house that was valued in 1970 begins its own line then, and
    does not give every account of a bank 20,000 days that nobody knows anything of.
    """
    return await core_db.execute(db, _TOLD + _BACKWARDS + _FORWARDS, {"owner": owner, "now": now})


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
