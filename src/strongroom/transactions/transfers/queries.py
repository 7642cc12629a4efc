"""SQL of transfers: rows that may be legs, set by set, and what was decided. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id
from strongroom.transactions.transfers.types import Decision, Leg, OwnAccount

# Rows that may be legs: those that count at all, on accounts that money moves between. What is
# split, or put into a category of income or spending by hand, is settled. What may be a double of
# another row waits until that is said. Transfers that are confirmed, or reach out of these days,
# stand.
_MOVED = """
        WITH moved AS MATERIALIZED (
            SELECT t.id, t.account_id, t.day, t.amount, t.currency, t.transfer_id, c.kind
            FROM transactions t
            JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
            JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
            LEFT JOIN transfers f ON f.user_id = t.user_id AND f.id = t.transfer_id
            WHERE t.user_id = %(owner)s AND t.day = ANY(%(days)s::date[]) AND t.amount <> 0
              AND a.category IN ('cash', 'credit_cards', 'investments', 'digital_assets')
              AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND NOT t.is_split
              AND NOT (t.category_by = 'person' AND c.kind <> 'transfer')
              AND NOT EXISTS (SELECT 1 FROM doubles d
                              WHERE d.user_id = t.user_id AND d.row_id = t.id)
              AND (f.id IS NULL OR f.confirmed_at IS NULL AND (
                   SELECT far.day FROM transactions far
                   WHERE far.user_id = %(owner)s
                     AND far.id = CASE WHEN f.out_id = t.id THEN f.into_id ELSE f.out_id END
                   ) = ANY(%(days)s::date[]))
        )
"""
# In one currency only a transfer by name, or a row of whose amount another went the other way, has
# anything to be paired with; between currencies any row may.
_OF_AN_AMOUNT = """
        , left_some AS MATERIALIZED (
            SELECT * FROM moved
            WHERE amount < 0 AND (kind = 'transfer' OR (currency, -amount) IN (
                SELECT currency, amount FROM moved WHERE amount > 0))
        ), pool AS MATERIALIZED (
            SELECT * FROM left_some
            UNION ALL
            SELECT * FROM moved
            WHERE amount > 0 AND (kind = 'transfer' OR (currency, -amount) IN (
                SELECT currency, amount FROM left_some))
        )
"""
_OF_ANY_AMOUNT = """
        , pool AS NOT MATERIALIZED (SELECT * FROM moved)
"""
# ``nth``: twins are rows of one account, amount and day. ``size``: amounts that are up to 1.5 %
# apart are of the same one or the next. What arrives stands under each day that it may have left
# on, so that days are looked up and not compared one by one.
_SIDES = """
        , numbered AS MATERIALIZED (
            SELECT pool.*, floor(ln(abs(amount)::float8) / 0.0152)::int AS size,
                   row_number() OVER (PARTITION BY account_id, currency, amount, day
                                      ORDER BY id) AS nth
            FROM pool
        ), left_then AS MATERIALIZED (
            SELECT * FROM numbered WHERE amount < 0
        ), arrived AS MATERIALIZED (
            SELECT numbered.*, day - late AS left_on
            FROM numbered CROSS JOIN generate_series(-%(early)s::int, %(late)s::int) AS late
            WHERE amount > 0
        )
"""
# Of many twins either will do: each is tried with those that stand near its own place.
_NEAR = """
          AND o.account_id <> i.account_id AND abs(o.nth - i.nth) < 8
          AND NOT EXISTS (SELECT 1 FROM rejected_pairs r
                          WHERE r.user_id = %(owner)s AND r.kind = 'transfer'
                            AND r.one_id = o.id AND r.other_id = i.id)
"""
_NEAREST = """
        )
        SELECT out_id, into_id, off_rate, standing FROM found
        ORDER BY abs(into_day - out_day), out_day DESC, out_id, into_id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two rows that may be one transfer; ``standing``: they are one so far."""

    out_id: UUID
    into_id: UUID
    off_rate: Decimal | None
    standing: bool


async def of_one_currency(
    db: Db, owner: UUID, days: Sequence[date], early: int, late: int, most: int
) -> list[PairRow]:
    """Return pairs of one currency, at most so many, nearest first.

    Their amounts are the same; or their banks call both transfers, and up to 1.5 % did not arrive.
    """
    return await core_db.many(
        db,
        PairRow,
        _MOVED  # noqa: S608 - all parts are written here
        + _OF_AN_AMOUNT
        + _SIDES
        + """
        , sizes AS MATERIALIZED (
            SELECT left_then.*, size - less AS arrives_as
            FROM left_then CROSS JOIN generate_series(0, 1) AS less WHERE kind = 'transfer'
        ), found AS (
            SELECT o.id AS out_id, o.day AS out_day, i.id AS into_id, i.day AS into_day,
                   NULL::numeric AS off_rate,
                   (o.transfer_id = i.transfer_id) IS TRUE AS standing
            FROM left_then o
            JOIN arrived i
              ON i.currency = o.currency AND i.amount = -o.amount AND i.left_on = o.day
            WHERE true
        """
        + _NEAR
        + """
            UNION ALL
            SELECT o.id, o.day, i.id, i.day, NULL::numeric,
                   (o.transfer_id = i.transfer_id) IS TRUE
            FROM sizes o
            JOIN arrived i
              ON i.currency = o.currency AND i.size = o.arrives_as AND i.left_on = o.day
            WHERE i.kind = 'transfer' AND i.amount < -o.amount AND i.amount >= -o.amount * 0.985
        """
        + _NEAR
        + _NEAREST,
        _window(owner, days, early, late, most),
    )


async def exchanged(
    db: Db, owner: UUID, days: Sequence[date], early: int, late: int, most: int
) -> list[PairRow]:
    """Return pairs of two currencies, near the rate of the day the first left; one is a transfer.

    Where no rate is known nothing is returned: an unknown rate is no ground for a match.
    """
    return await core_db.many(
        db,
        PairRow,
        _MOVED  # noqa: S608 - all parts are written here
        + _OF_ANY_AMOUNT
        + _SIDES
        + """
        , rates AS MATERIALIZED (
            SELECT days.day, f.currency AS base, g.currency AS quote, r.rate
            FROM (SELECT DISTINCT day FROM pool) days
            CROSS JOIN (SELECT DISTINCT currency FROM pool) f
            JOIN (SELECT DISTINCT currency FROM pool) g ON g.currency <> f.currency
            CROSS JOIN LATERAL fx_rate(f.currency, g.currency, days.day) r
        ), found AS (
            SELECT o.id AS out_id, o.day AS out_day, i.id AS into_id, i.day AS into_day,
                   abs(i.amount / (-o.amount * r.rate) - 1) AS off_rate,
                   (o.transfer_id = i.transfer_id) IS TRUE AS standing
            FROM left_then o
            JOIN rates r ON r.day = o.day AND r.base = o.currency
            JOIN arrived i ON i.currency = r.quote AND i.left_on = o.day
            WHERE (o.kind = 'transfer' OR i.kind = 'transfer')
              AND i.amount BETWEEN -o.amount * r.rate * 0.955 AND -o.amount * r.rate * 1.045
        """
        + _NEAR
        + _NEAREST,
        _window(owner, days, early, late, most),
    )


async def compared(db: Db, owner: UUID, ids: Sequence[UUID]) -> list[Leg]:
    """Return what is compared of rows, in no order."""
    return await core_db.many(
        db,
        Leg,
        """
        SELECT t.id, t.account_id, t.day, t.amount, t.currency,
               concat_ws(' ', t.description, t.merchant) AS text, t.merchant,
               c.key AS category_key, c.kind
        FROM transactions t JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(ids)},
    )


def _window(
    owner: UUID, days: Sequence[date], early: int, late: int, most: int
) -> dict[str, object]:
    return {"owner": owner, "days": list(days), "early": early, "late": late, "most": most}


async def own_accounts(db: Db, owner: UUID) -> list[OwnAccount]:
    """Return what of the owner's accounts may stand in a text."""
    return await core_db.many(
        db,
        OwnAccount,
        """
        SELECT id, name, mask, institution_name AS institution, category
        FROM accounts WHERE user_id = %(owner)s
        """,
        {"owner": owner},
    )


async def has_currencies(db: Db, owner: UUID) -> bool:
    """Return whether the owner has accounts in more than one currency."""
    found: bool = await core_db.value(
        db,
        "SELECT count(DISTINCT currency) > 1 FROM accounts WHERE user_id = %(owner)s",
        {"owner": owner},
    )
    return found


async def end_where_changed(
    db: Db, owner: UUID, days: Sequence[date], kept: Sequence[Decision]
) -> int:
    """End transfers that nobody confirmed between rows of these days, but for those kept.

    Those that reach out of the days are left alone. Legs are looked up one by one, by their ids:
    joined, a planner that knows nothing of rows this new compares all of a person's with all.
    """
    return await core_db.execute(
        db,
        """
        DELETE FROM transfers f
        WHERE f.user_id = %(owner)s AND f.confirmed_at IS NULL AND f.out_id = ANY(ARRAY(
              SELECT id FROM transactions
              WHERE user_id = %(owner)s AND day = ANY(%(days)s::date[])))
          AND (SELECT i.day FROM transactions i
               WHERE i.user_id = %(owner)s AND i.id = f.into_id) = ANY(%(days)s::date[])
          AND NOT EXISTS (
              SELECT 1 FROM unnest(%(outs)s::uuid[], %(intos)s::uuid[]) AS k (out_id, into_id)
              WHERE k.out_id = f.out_id AND k.into_id = f.into_id)
        """,
        {
            "owner": owner,
            "days": list(days),
            "outs": [one.out_id for one in kept],
            "intos": [one.into_id for one in kept],
        },
    )


async def store(db: Db, owner: UUID, decisions: Sequence[Decision], now: datetime) -> int:
    """Store what was decided; what stands just so is not written. A leg that is taken stays so."""
    return await core_db.execute(
        db,
        """
        WITH taken AS (
            SELECT out_id AS leg, out_id, into_id FROM transfers WHERE user_id = %(owner)s
            UNION ALL
            SELECT into_id, out_id, into_id FROM transfers WHERE user_id = %(owner)s
        )
        INSERT INTO transfers AS f (
            user_id, id, out_id, into_id, kind, state, score, reasons, rival_id, rival_side,
            rival_score, made_by, made_at)
        SELECT %(owner)s, d.id, d.out_id, d.into_id, d.kind, d.state, d.score, d.reasons,
               d.rival_id, d.rival_side, d.rival_score, 'match', %(now)s
        FROM jsonb_to_recordset(%(decisions)s::jsonb) AS d (
            id uuid, out_id uuid, into_id uuid, kind text, state text, score integer,
            reasons jsonb, rival_id uuid, rival_side text, rival_score integer)
        WHERE NOT EXISTS (SELECT 1 FROM taken
                          WHERE taken.leg = d.out_id AND taken.into_id <> d.into_id)
          AND NOT EXISTS (SELECT 1 FROM taken
                          WHERE taken.leg = d.into_id AND taken.out_id <> d.out_id)
        ON CONFLICT (user_id, out_id) DO UPDATE SET
            kind = excluded.kind, state = excluded.state, score = excluded.score,
            reasons = excluded.reasons, rival_id = excluded.rival_id,
            rival_side = excluded.rival_side, rival_score = excluded.rival_score
            WHERE f.confirmed_at IS NULL AND f.into_id = excluded.into_id
              AND (f.kind, f.state, f.score, f.reasons, f.rival_id, f.rival_score)
                  IS DISTINCT FROM (excluded.kind, excluded.state, excluded.score,
                                    excluded.reasons, excluded.rival_id, excluded.rival_score)
        """,
        {
            "owner": owner,
            "now": now,
            "decisions": json.dumps([_plain(one) for one in decisions]),
        },
    )


def _plain(one: Decision) -> dict[str, object]:
    facts = asdict(one) | {"id": new_id()}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}


_SHOWN = """
        SELECT f.id, f.kind, f.state, f.score, f.reasons, f.rival_id, f.rival_side, f.rival_score,
               f.made_by, f.confirmed_at, f.made_at, f.out_id, f.into_id
        FROM transfers f
"""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer as it is stored."""

    id: UUID
    kind: str
    state: str
    score: int
    reasons: list[dict[str, Any]]
    rival_id: UUID | None
    rival_side: str | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None
    made_at: datetime
    out_id: UUID
    into_id: UUID


async def find(
    db: Db, owner: UUID, *, transfer_id: UUID | None = None, leg_id: UUID | None = None
) -> TransferRow | None:
    """Return one transfer by its id or by one of its legs, or None."""
    return await core_db.one(
        db,
        TransferRow,
        _SHOWN
        + """
        WHERE f.user_id = %(owner)s
          AND (f.id = %(id)s OR f.out_id = %(leg)s OR f.into_id = %(leg)s)
        """,
        {"owner": owner, "id": transfer_id, "leg": leg_id},
    )


async def newest(
    db: Db, owner: UUID, state: str, after: tuple[date, UUID] | None, limit: int
) -> list[TransferRow]:
    """Return transfers of a state by the day that money left, newest first."""
    day, last_id = after or (None, None)
    return await core_db.many(
        db,
        TransferRow,
        _SHOWN
        + """
        JOIN transactions o ON o.user_id = f.user_id AND o.id = f.out_id
        WHERE f.user_id = %(owner)s AND f.state = %(state)s
          AND (%(day)s::date IS NULL OR (o.day, f.id) < (%(day)s::date, %(last_id)s::uuid))
        ORDER BY o.day DESC, f.id DESC LIMIT %(limit)s
        """,
        {"owner": owner, "state": state, "day": day, "last_id": last_id, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class LegRow:
    """A row of the book as a leg is shown."""

    id: UUID
    account_id: UUID
    account_name: str
    account_mask: str | None
    day: date
    amount: Decimal
    currency: str
    title: str
    counts: bool


async def legs(db: Db, owner: UUID, ids: Sequence[UUID]) -> list[LegRow]:
    """Return rows of the book as legs are shown."""
    return await core_db.many(
        db,
        LegRow,
        """
        SELECT t.id, t.account_id, a.name AS account_name, a.mask AS account_mask, t.day,
               t.amount, t.currency, coalesce(t.merchant, t.description) AS title,
               t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AS counts
        FROM transactions t JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(ids)},
    )


async def others_near(db: Db, owner: UUID, leg_id: UUID, days: int, limit: int) -> list[LegRow]:
    """Return rows that a person may mean as the other leg of a row, the nearest in amount first.

    Of other accounts and the other direction, near in days and, in one currency, in amount; legs
    of confirmed transfers are left out.
    """
    return await core_db.many(
        db,
        LegRow,
        """
        SELECT t.id, t.account_id, a.name AS account_name, a.mask AS account_mask, t.day,
               t.amount, t.currency, coalesce(t.merchant, t.description) AS title, true AS counts
        FROM transactions me
        JOIN transactions t
          ON t.user_id = me.user_id AND t.account_id <> me.account_id
         AND t.day BETWEEN me.day - %(days)s::int AND me.day + %(days)s::int
         AND sign(t.amount) = -sign(me.amount)
         AND (t.currency <> me.currency OR abs(t.amount + me.amount) <= abs(me.amount) * 0.1)
        JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
        LEFT JOIN transfers f ON f.user_id = t.user_id AND f.id = t.transfer_id
        WHERE me.user_id = %(owner)s AND me.id = %(id)s
          AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND f.confirmed_at IS NULL
        ORDER BY t.currency <> me.currency, abs(t.amount + me.amount), abs(t.day - me.day), t.id
        LIMIT %(limit)s
        """,
        {"owner": owner, "id": leg_id, "days": days, "limit": limit},
    )


async def set_confirmed(db: Db, owner: UUID, transfer_id: UUID, now: datetime) -> None:
    """Let a transfer count for good."""
    await db.execute(
        """
        UPDATE transfers SET state = 'matched', confirmed_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": transfer_id, "now": now},
    )


async def insert_by_person(
    db: Db, owner: UUID, transfer_id: UUID, legs: tuple[UUID, UUID], kind: str, now: datetime
) -> None:
    """Store a transfer that a person made."""
    await db.execute(
        """
        INSERT INTO transfers (user_id, id, out_id, into_id, kind, state, score, reasons, made_by,
                               confirmed_at, made_at)
        VALUES (%(owner)s, %(id)s, %(out_id)s, %(into_id)s, %(kind)s, 'matched', 100, '[]',
                'person', %(now)s, %(now)s)
        """,
        {
            "owner": owner,
            "id": transfer_id,
            "out_id": legs[0],
            "into_id": legs[1],
            "kind": kind,
            "now": now,
        },
    )


async def delete(db: Db, owner: UUID, ids: Sequence[UUID]) -> None:
    """End transfers."""
    await db.execute(
        "DELETE FROM transfers WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(ids)},
    )


async def count(db: Db, owner: UUID, state: str) -> int:
    """Return how many transfers are in a state."""
    found: int = await core_db.value(
        db,
        "SELECT count(*) FROM transfers WHERE user_id = %(owner)s AND state = %(state)s",
        {"owner": owner, "state": state},
    )
    return found
