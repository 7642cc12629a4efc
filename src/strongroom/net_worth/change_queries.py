"""SQL of how balances changed between two days, set by set. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One account over a span; None where it had no balance. Amounts in its own currency.

    ``first`` is the balance that the account came with within the span. ``closed_on`` is set if it
    closed within the span; ``after`` is then the last balance before that. ``before_day`` and
    ``after_day`` are the days the balances are of. The three sums are of what was booked: until
    the span began but after the balance before it; within the span; and after the newest balance.
    Every booked row counts on cash, cards, loans and mortgages. On all others only matched
    transfers do: their other rows (a dividend, a fee, one holding turned into another) are part of
    what the value itself did.
    """

    account_id: UUID
    name: str
    category: str
    subtype: str | None
    currency: str
    is_manual: bool
    has_rows: bool
    closed_on: date | None
    before: Decimal | None
    before_day: date | None
    first: Decimal | None
    first_day: date | None
    after: Decimal | None
    after_day: date | None
    waited: Decimal
    moved: Decimal
    waits: Decimal


# Accounts that counted at either day, with the balances that a change is reckoned from.
_HELD = """
        WITH account AS (
            SELECT a.id, a.name, a.category, a.subtype, a.currency, a.is_manual, a.created_at,
                   (a.closed_at AT TIME ZONE z.zone)::date AS closed_on
            FROM settings s
            CROSS JOIN LATERAL zone_or_utc(s.time_zone) AS z (zone)
            JOIN accounts a ON a.user_id = s.user_id
            WHERE s.user_id = %(owner)s
        ), counted AS (
            SELECT a.*, least(%(until)s::date, a.closed_on - 1) AS last
            FROM account a WHERE a.closed_on IS NULL OR a.closed_on > %(since)s
        ), held AS (
            SELECT c.*, b.balance AS before, b.day AS before_day,
                   f.balance AS first, f.day AS first_day, e.balance AS after, e.day AS after_day,
                   coalesce(f.day, %(since)s::date) AS begins,
                   c.category IN ('cash', 'credit_cards', 'loans', 'mortgages') AS by_rows
            FROM counted c
            LEFT JOIN LATERAL (
                SELECT balance, day FROM account_balances b
                WHERE b.user_id = %(owner)s AND b.account_id = c.id AND b.day <= %(since)s
                ORDER BY b.day DESC LIMIT 1) b ON true
            LEFT JOIN LATERAL (
                SELECT balance, day FROM account_balances f
                WHERE f.user_id = %(owner)s AND f.account_id = c.id
                  AND f.day > %(since)s AND f.day <= c.last AND b.day IS NULL
                ORDER BY f.day LIMIT 1) f ON true
            LEFT JOIN LATERAL (
                SELECT balance, day FROM account_balances e
                WHERE e.user_id = %(owner)s AND e.account_id = c.id AND e.day <= c.last
                ORDER BY e.day DESC LIMIT 1) e ON true
        )
"""


async def changes(db: Db, owner: UUID, since: date, until: date) -> list[ChangeRow]:
    """Return the accounts that counted at the end of one of two days, or between them.

    An account counts as nothing from the day it closed, in its owner's time zone.
    """
    return await core_db.many(
        db,
        ChangeRow,
        _HELD  # noqa: S608 - both parts are written here
        + """
        SELECT h.id AS account_id, h.name, h.category, h.subtype, h.currency, h.is_manual,
               EXISTS (SELECT 1 FROM monthly_totals m
                       WHERE m.user_id = %(owner)s AND m.account_id = h.id) AS has_rows,
               CASE WHEN h.closed_on <= %(until)s THEN h.closed_on END AS closed_on,
               h.before, h.before_day, h.first, h.first_day, h.after, h.after_day,
               CASE WHEN h.by_rows THEN r.waited ELSE m.waited END AS waited,
               CASE WHEN h.by_rows THEN r.moved ELSE m.moved END AS moved,
               CASE WHEN h.by_rows THEN r.waits ELSE m.waits END AS waits
        FROM held h
        LEFT JOIN LATERAL (
            SELECT CASE WHEN h.before IS NULL THEN 0 ELSE booked_between(
                       %(owner)s, h.id, h.currency, h.before_day, %(since)s) END AS waited,
                   booked_between(%(owner)s, h.id, h.currency, h.begins, h.last) AS moved,
                   booked_between(%(owner)s, h.id, h.currency,
                                  greatest(h.after_day, h.begins), h.last)
                       + CASE WHEN h.after_day < %(since)s THEN booked_between(
                           %(owner)s, h.id, h.currency, h.after_day, %(since)s) ELSE 0 END AS waits
            WHERE h.by_rows) r ON true
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(t.amount) FILTER (WHERE h.before IS NOT NULL
                       AND t.day > h.before_day AND t.day <= %(since)s), 0) AS waited,
                   coalesce(sum(t.amount) FILTER (WHERE t.day > h.begins), 0) AS moved,
                   coalesce(sum(t.amount) FILTER (WHERE t.day > greatest(h.after_day, h.begins)
                       OR (t.day > h.after_day AND t.day <= %(since)s)), 0) AS waits
            FROM transactions t
            WHERE NOT h.by_rows AND t.user_id = %(owner)s AND t.account_id = h.id
              AND t.day > least(h.before_day, h.after_day, h.begins) AND t.day <= h.last
              AND t.currency = h.currency AND t.transfer_id IS NOT NULL AND NOT t.pending
              AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL) m ON true
        WHERE h.after IS NOT NULL
        ORDER BY h.created_at, h.id
        """,
        {"owner": owner, "since": since, "until": until},
    )
