"""SQL of refunds: money in beside purchases that it may be for, and what was linked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id
from strongroom.transactions.refunds.types import Linked, MaybeRefund

# Money that came back, and purchases that were not paid back whole so far. ``shop`` and ``price``
# are hashes: two that share one by chance are looked at and found to be none.
_ROWS = """
        WITH back AS MATERIALIZED (
            SELECT t.id, t.account_id, t.category_id, t.currency, t.amount, t.day, t.merchant,
                   t.description, c.kind,
                   hashtextextended(t.currency || ' of ' || lower(t.merchant), 0) AS shop,
                   hash_numeric_extended(t.amount, hashtext(t.currency)) AS price
            FROM transactions t
            JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
            JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
            WHERE t.user_id = %(owner)s AND t.day = ANY(%(days)s::date[]) AND t.amount > 0
              AND t.transfer_id IS NULL AND t.removed_by_bank IS NULL
              AND t.never_booked_at IS NULL AND a.category IN ('cash', 'credit_cards')
              AND (c.key IS NULL OR c.key NOT IN ('salary', 'pension', 'benefits',
                                                  'interest_and_dividends', 'own_transfer',
                                                  'card_payment'))
              AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.user_id = t.user_id
                              AND r.refund_id = t.id AND r.confirmed_at IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM doubles d
                              WHERE d.user_id = t.user_id AND d.row_id = t.id)
        ), paid_back AS MATERIALIZED (
            SELECT r.purchase_id, sum(b.amount) AS amount FROM refunds r
            CROSS JOIN LATERAL (
                SELECT b.amount FROM transactions b
                WHERE b.user_id = %(owner)s AND b.id = r.refund_id
                  AND (r.confirmed_at IS NOT NULL OR b.day <> ALL(%(days)s::date[]))
                LIMIT 1) b
            WHERE r.user_id = %(owner)s
            GROUP BY r.purchase_id
        ), bought AS MATERIALIZED (
            SELECT t.id, t.account_id, t.category_id, t.currency, t.amount, t.day, t.merchant,
                   t.description, -t.amount - coalesce(paid_back.amount, 0) AS left_of,
                   t.shop, t.price
            FROM (SELECT *, hashtextextended(currency || ' of ' || lower(merchant), 0) AS shop,
                         hash_numeric_extended(-amount, hashtext(currency)) AS price
                  FROM transactions) t
            LEFT JOIN paid_back ON paid_back.purchase_id = t.id
            JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
            WHERE t.user_id = %(owner)s AND t.amount < 0 AND c.kind = 'spending'
              AND t.day BETWEEN (SELECT min(day) FROM back) - %(back)s::int
                            AND (SELECT max(day) FROM back)
              AND t.transfer_id IS NULL AND t.removed_by_bank IS NULL
              AND t.never_booked_at IS NULL
              AND (t.shop IN (SELECT shop FROM back) OR t.price IN (SELECT price FROM back))
              AND NOT EXISTS (SELECT 1 FROM doubles d
                              WHERE d.user_id = t.user_id AND d.row_id = t.id)
"""
# Which of them stand last before it, of one shop or one amount: their places are counted.
_PAIRS = """
        ), keyed AS (
            SELECT id, day, true AS is_back, shop AS key, true AS is_shop
            FROM back WHERE shop IS NOT NULL
            UNION ALL
            SELECT id, day, false, shop, true FROM bought WHERE shop IN (SELECT shop FROM back)
            UNION ALL
            SELECT id, day, true, price, false FROM back
            UNION ALL
            SELECT id, day, false, price, false
            FROM bought WHERE price IN (SELECT price FROM back)
        ), placed AS MATERIALIZED (
            SELECT id, is_back, key, is_shop,
                   count(*) FILTER (WHERE NOT is_back) OVER (
                       PARTITION BY key, is_shop ORDER BY day, is_back, id
                       ROWS UNBOUNDED PRECEDING) AS place
            FROM keyed
        ), wanted AS MATERIALIZED (
            SELECT id, key, is_shop, place - back_by AS place
            FROM placed CROSS JOIN generate_series(0, 7) AS back_by WHERE is_back
        ), pairs AS (
            SELECT DISTINCT w.id AS refund_id, p.id AS purchase_id
            FROM wanted w
            JOIN placed p ON p.key = w.key AND p.is_shop = w.is_shop AND p.place = w.place
            WHERE NOT p.is_back
        )
"""


async def candidates(
    db: Db, owner: UUID, days: Sequence[date], back: int, most: int
) -> list[MaybeRefund]:
    """Return money that came in on these days beside the last purchases of its amount or shop.

    The last eight of either: places are counted, so that no shop's rows are paired with each other
    one by one.

    Their currencies are compared in a way that joins nothing: pairs are few, and all of one
    currency are not.

    Legs of transfers, pay, and what a person linked or confirmed are left out; so is what they
    said is no refund of the other, another shop's, or more than is left of the purchase.
    """
    return await core_db.many(
        db,
        MaybeRefund,
        _ROWS  # noqa: S608 - all parts are written here
        + _PAIRS
        + """
        SELECT b.id AS refund_id, p.id AS purchase_id, b.day - p.day AS days, b.amount,
               -p.amount AS bought_for, p.left_of AS left,
               b.account_id = p.account_id AS same_account,
               b.category_id = p.category_id AS same_category, b.kind = 'income' AS is_income,
               b.description AS text, b.merchant, p.description AS purchase_text,
               p.merchant AS purchase_merchant
        FROM pairs
        JOIN back b ON b.id = pairs.refund_id
        JOIN bought p ON p.id = pairs.purchase_id
        WHERE b.day - p.day <= %(back)s::int AND b.amount <= p.left_of
          AND (b.currency = p.currency) IS TRUE
          AND (b.shop = p.shop OR b.merchant IS NULL OR p.merchant IS NULL)
          AND NOT EXISTS (SELECT 1 FROM rejected_pairs r
                          WHERE r.user_id = %(owner)s AND r.kind = 'refund'
                            AND r.one_id = b.id AND r.other_id = p.id)
        ORDER BY b.day, b.id, p.day DESC, p.id LIMIT %(most)s
        """,
        {"owner": owner, "days": list(days), "back": back, "most": most},
    )


async def end_where_changed(
    db: Db, owner: UUID, days: Sequence[date], kept: Sequence[Linked]
) -> None:
    """Unlink refunds of these days that nobody confirmed, but for those kept."""
    gone = await db.execute(
        """
        SELECT r.id FROM transactions b
        JOIN refunds r ON r.user_id = b.user_id AND r.refund_id = b.id
        WHERE b.user_id = %(owner)s AND b.day = ANY(%(days)s::date[]) AND r.confirmed_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM unnest(%(refunds)s::uuid[], %(purchases)s::uuid[])
                            AS k (refund_id, purchase_id)
              WHERE k.refund_id = r.refund_id AND k.purchase_id = r.purchase_id)
        """,
        {
            "owner": owner,
            "days": list(days),
            "refunds": [one.refund_id for one in kept],
            "purchases": [one.purchase_id for one in kept],
        },
    )
    if ids := [row[0] for row in await gone.fetchall()]:
        await unlink(db, owner, ids)


async def store(db: Db, owner: UUID, found: Sequence[Linked], now: datetime) -> None:
    """Store what was found; what stands just so is not written."""
    await db.execute(
        """
        INSERT INTO refunds AS r (user_id, id, refund_id, purchase_id, state, score, reasons,
                                  rival_id, rival_score, made_by, made_at)
        SELECT %(owner)s, f.id, f.refund_id, f.purchase_id, f.state, f.score, f.reasons,
               f.rival_id, f.rival_score, 'match', %(now)s
        FROM jsonb_to_recordset(%(found)s::jsonb) AS f (
            id uuid, refund_id uuid, purchase_id uuid, state text, score integer, reasons jsonb,
            rival_id uuid, rival_score integer)
        ON CONFLICT (user_id, refund_id) DO UPDATE SET
            state = excluded.state, score = excluded.score, reasons = excluded.reasons,
            rival_id = excluded.rival_id, rival_score = excluded.rival_score
            WHERE r.confirmed_at IS NULL AND r.purchase_id = excluded.purchase_id
              AND (r.state, r.score, r.reasons, r.rival_id, r.rival_score) IS DISTINCT FROM
                  (excluded.state, excluded.score, excluded.reasons, excluded.rival_id,
                   excluded.rival_score)
        """,
        {"owner": owner, "now": now, "found": json.dumps([_plain(one) for one in found])},
    )


def _plain(one: Linked) -> dict[str, object]:
    return {
        "id": str(new_id()),
        "refund_id": str(one.refund_id),
        "purchase_id": str(one.purchase_id),
        "state": one.state.value,
        "score": one.score,
        "reasons": [{"fact": reason.fact, "points": reason.points} for reason in one.reasons],
        "rival_id": None if one.rival_id is None else str(one.rival_id),
        "rival_score": one.rival_score,
    }


# Money moves to another category in months that the unit of work may not have come to touch.
_MAKE_STALE = """
        INSERT INTO stale_months (user_id, month)
        SELECT DISTINCT %(owner)s::uuid, date_trunc('month', day::timestamp)::date FROM written
        ON CONFLICT DO NOTHING
"""


async def take_categories(db: Db, owner: UUID, days: Sequence[date], now: datetime) -> None:
    """Let refunds of these days that nobody sorted stand where their purchase does.

    Only such as their bank takes for income, or for nothing it knows: else they would count as
    income. Their months are summed anew with the unit of work's own.
    """
    await db.execute(
        """
        WITH moved AS (
            SELECT r.id, b.id AS row_id, b.category_id AS was, p.category_id AS becomes, b.day
            FROM transactions b
            JOIN refunds r ON r.user_id = b.user_id AND r.refund_id = b.id
             AND r.state = 'matched'
            JOIN transactions p ON p.user_id = r.user_id AND p.id = r.purchase_id
            JOIN categories c ON c.user_id = b.user_id AND c.id = b.category_id
            WHERE b.user_id = %(owner)s AND b.day = ANY(%(days)s::date[])
              AND b.category_by = 'bank' AND b.category_id <> p.category_id
              AND NOT b.is_split AND (c.kind <> 'spending' OR c.key = 'uncategorised')
        ), kept AS (
            UPDATE refunds r SET category_before = moved.was
            FROM moved WHERE r.user_id = %(owner)s AND r.id = moved.id
        ), written AS (
            UPDATE transactions t SET category_id = moved.becomes, updated_at = %(now)s
            FROM moved WHERE t.user_id = %(owner)s AND t.id = moved.row_id
            RETURNING t.day
        )
        """  # noqa: S608 - all parts are written here
        + _MAKE_STALE,
        {"owner": owner, "days": list(days), "now": now},
    )


async def of_removed(db: Db, owner: UUID, plaid_ids: Sequence[str]) -> list[tuple[UUID, date]]:
    """Return links to purchases that the bank removed and nobody edited, and the refunds' days."""
    cursor = await db.execute(
        """
        SELECT r.id, b.day
        FROM refunds r
        JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
        WHERE r.user_id = %(owner)s AND r.purchase_id = ANY(ARRAY(
              SELECT t.id FROM transactions t
              WHERE t.user_id = %(owner)s AND t.edited_at IS NULL AND t.bank_row_id = ANY(ARRAY(
                    SELECT p.id FROM plaid_transactions p
                    WHERE p.user_id = %(owner)s AND p.plaid_transaction_id = ANY(%(ids)s)
                      AND p.removed_at IS NOT NULL))))
        """,
        {"owner": owner, "ids": list(plaid_ids)},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def of_import(db: Db, owner: UUID, import_id: UUID) -> list[tuple[UUID, date]]:
    """Return links to purchases that an import brought, and the refunds' days.

    Refunds that it brought as well, and that go with it, are left out.
    """
    cursor = await db.execute(
        """
        SELECT r.id, b.day
        FROM file_transactions f
        JOIN transactions p ON p.user_id = %(owner)s AND p.id = f.id AND p.origin <> 'bank'
        JOIN refunds r ON r.user_id = %(owner)s AND r.purchase_id = p.id
        JOIN transactions b ON b.user_id = %(owner)s AND b.id = r.refund_id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND (b.origin = 'bank' OR NOT EXISTS (
              SELECT 1 FROM file_transactions o
              WHERE o.user_id = %(owner)s AND o.import_id = %(import_id)s AND o.id = b.id))
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def of_rows(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[tuple[UUID, date]]:
    """Return links to these purchases, and the days of the refunds that are not of these rows."""
    cursor = await db.execute(
        """
        SELECT r.id, b.day
        FROM refunds r
        JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
        WHERE r.user_id = %(owner)s AND r.purchase_id = ANY(%(ids)s) AND b.id <> ALL(%(ids)s)
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def unlink(db: Db, owner: UUID, ids: Sequence[UUID]) -> None:
    """End links, by their ids; each refund goes back to where it stood.

    Their months are summed anew with the unit of work's own.
    """
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM refunds WHERE user_id = %(owner)s AND id = ANY(%(ids)s)
            RETURNING refund_id, category_before
        ), written AS (
            UPDATE transactions t SET category_id = gone.category_before
            FROM gone
            WHERE t.user_id = %(owner)s AND t.id = gone.refund_id AND t.category_by = 'bank'
              AND gone.category_before IS NOT NULL
            RETURNING t.day
        )
        """  # noqa: S608 - all parts are written here
        + _MAKE_STALE,
        {"owner": owner, "ids": list(ids)},
    )


async def set_confirmed(db: Db, owner: UUID, refund_id: UUID, now: datetime) -> None:
    """Let a link stand for good."""
    await db.execute(
        """
        UPDATE refunds SET state = 'matched', confirmed_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": refund_id, "now": now},
    )


async def insert_by_person(
    db: Db, owner: UUID, link_id: UUID, refund_id: UUID, purchase_id: UUID, now: datetime
) -> None:
    """Store a link that a person made."""
    await db.execute(
        """
        INSERT INTO refunds (user_id, id, refund_id, purchase_id, state, score, reasons, made_by,
                             confirmed_at, made_at)
        VALUES (%(owner)s, %(id)s, %(refund_id)s, %(purchase_id)s, 'matched', 100, '[]', 'person',
                %(now)s, %(now)s)
        """,
        {
            "owner": owner,
            "id": link_id,
            "refund_id": refund_id,
            "purchase_id": purchase_id,
            "now": now,
        },
    )


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it is stored."""

    id: UUID
    refund_id: UUID
    purchase_id: UUID
    state: str
    score: int
    reasons: list[dict[str, Any]]
    rival_id: UUID | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None
    made_at: datetime


async def links(
    db: Db,
    owner: UUID,
    *,
    link_id: UUID | None = None,
    of: UUID | None = None,
    state: str | None = None,
    limit: int = 50,
) -> list[LinkRow]:
    """Return links, newest refund first: by id, of a row on either side, or of a state."""
    return await core_db.many(
        db,
        LinkRow,
        """
        SELECT r.id, r.refund_id, r.purchase_id, r.state, r.score, r.reasons, r.rival_id,
               r.rival_score, r.made_by, r.confirmed_at, r.made_at
        FROM refunds r
        JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
        WHERE r.user_id = %(owner)s
          AND (%(id)s::uuid IS NULL OR r.id = %(id)s::uuid)
          AND (%(of)s::uuid IS NULL OR %(of)s::uuid IN (r.refund_id, r.purchase_id))
          AND (%(state)s::text IS NULL OR r.state = %(state)s::text)
        ORDER BY b.day DESC, r.id DESC LIMIT %(limit)s
        """,
        {"owner": owner, "id": link_id, "of": of, "state": state, "limit": limit},
    )


async def purchases_near(db: Db, owner: UUID, refund_id: UUID, days: int, limit: int) -> list[UUID]:
    """Return purchases that a person may mean as what a row came back for, the likeliest first."""
    cursor = await db.execute(
        """
        SELECT t.id
        FROM transactions me
        JOIN transactions t
          ON t.user_id = me.user_id AND t.currency = me.currency AND t.amount <= -me.amount
         AND t.day BETWEEN me.day - %(days)s::int AND me.day
        WHERE me.user_id = %(owner)s AND me.id = %(id)s AND me.amount > 0
          AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND t.transfer_id IS NULL
          AND (t.amount = -me.amount OR lower(t.merchant) = lower(me.merchant)
               OR t.category_id = me.category_id)
        ORDER BY (lower(t.merchant) = lower(me.merchant)) IS TRUE DESC, t.amount <> -me.amount,
                 t.day DESC, t.id
        LIMIT %(limit)s
        """,
        {"owner": owner, "id": refund_id, "days": days, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def left_of(db: Db, owner: UUID, purchase_id: UUID) -> Decimal:
    """Return what of a purchase was not refunded yet; zero or more."""
    found: Decimal = await core_db.value(
        db,
        """
        SELECT greatest(0, -t.amount - coalesce((
            SELECT sum(b.amount) FROM refunds r
            JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
            WHERE r.user_id = t.user_id AND r.purchase_id = t.id AND r.state = 'matched'), 0))
        FROM transactions t WHERE t.user_id = %(owner)s AND t.id = %(id)s
        """,
        {"owner": owner, "id": purchase_id},
    )
    return found


async def count(db: Db, owner: UUID, state: str) -> int:
    """Return how many links are in a state."""
    found: int = await core_db.value(
        db,
        "SELECT count(*) FROM refunds WHERE user_id = %(owner)s AND state = %(state)s",
        {"owner": owner, "state": state},
    )
    return found
