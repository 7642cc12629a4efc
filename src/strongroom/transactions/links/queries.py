"""SQL of links as they go out with an export and come back: many at once. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db

Links = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RejectedPair:
    """Two rows of which a person said that they are no such pair."""

    kind: str
    one_id: UUID
    other_id: UUID
    rejected_at: datetime


async def rejected(db: Db, owner: UUID) -> list[RejectedPair]:
    """Return all pairs of which a person said so."""
    return await core_db.many(
        db,
        RejectedPair,
        """
        SELECT kind, one_id, other_id, rejected_at FROM rejected_pairs
        WHERE user_id = %(owner)s ORDER BY rejected_at, kind, one_id, other_id
        """,
        {"owner": owner},
    )


# Whether a row of a pair (of p) came into the book just now.
_CAME_NOW: LiteralString = """
    EXISTS (SELECT 1 FROM transactions t
            WHERE t.user_id = %(owner)s AND t.id IN (p.one_id, p.other_id)
              AND t.created_at = %(now)s)
"""


async def reject(db: Db, owner: UUID, told: Links, now: datetime) -> list[tuple[str, UUID, UUID]]:
    """Keep that pairs are none, and return those of which that was new.

    Transfers and doubles that nobody confirmed end where one of the rows came just now. Rows that
    were there before and are linked stay so.
    """
    params = {"owner": owner, "told": json.dumps(told), "now": now}
    cursor = await db.execute(
        """
        INSERT INTO rejected_pairs (user_id, kind, one_id, other_id, rejected_at)
        SELECT %(owner)s, p.kind, p.one_id, p.other_id, p.rejected_at
        FROM jsonb_to_recordset(%(told)s::jsonb) AS p (
            kind text, one_id uuid, other_id uuid, rejected_at timestamptz)
        WHERE p.one_id <> p.other_id AND (
        """  # noqa: S608 - all parts are written here
        + _CAME_NOW
        + """
          OR NOT EXISTS (
            SELECT 1 FROM transfers f WHERE f.user_id = %(owner)s AND p.kind = 'transfer'
              AND f.out_id = p.one_id AND f.into_id = p.other_id
            UNION ALL
            SELECT 1 FROM doubles d WHERE d.user_id = %(owner)s AND p.kind = 'double'
              AND d.row_id = p.one_id AND d.kept_id = p.other_id
            UNION ALL
            SELECT 1 FROM refunds r WHERE r.user_id = %(owner)s AND p.kind = 'refund'
              AND r.refund_id = p.one_id AND r.purchase_id = p.other_id))
        ON CONFLICT DO NOTHING
        RETURNING kind, one_id, other_id
        """,
        params,
    )
    made = [(row[0], row[1], row[2]) for row in await cursor.fetchall()]
    await db.execute(
        """
        DELETE FROM transfers f USING rejected_pairs p
        WHERE f.user_id = %(owner)s AND p.user_id = f.user_id AND p.kind = 'transfer'
          AND p.one_id = f.out_id AND p.other_id = f.into_id AND f.confirmed_at IS NULL
          AND
        """  # noqa: S608 - all parts are written here
        + _CAME_NOW,
        params,
    )
    await db.execute(
        """
        DELETE FROM doubles d USING rejected_pairs p
        WHERE d.user_id = %(owner)s AND p.user_id = d.user_id AND p.kind = 'double'
          AND p.one_id = d.row_id AND p.other_id = d.kept_id
          AND
        """  # noqa: S608 - all parts are written here
        + _CAME_NOW,
        params,
    )
    return made


async def unreject(db: Db, owner: UUID, pairs: Sequence[Sequence[str]]) -> None:
    """Forget that pairs (kind and both rows) are none."""
    kinds, ones, others = zip(*pairs, strict=True)
    await db.execute(
        """
        DELETE FROM rejected_pairs p
        USING unnest(%(kinds)s::text[], %(ones)s::uuid[], %(others)s::uuid[])
              AS g (kind, one_id, other_id)
        WHERE p.user_id = %(owner)s AND p.kind = g.kind AND p.one_id = g.one_id
          AND p.other_id = g.other_id
        """,
        {"owner": owner, "kinds": list(kinds), "ones": list(ones), "others": list(others)},
    )


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A link that is there and was said to be none, and the day of its refund."""

    id: UUID
    day: date


async def rejected_refunds(db: Db, owner: UUID, now: datetime) -> list[Unwanted]:
    """Return links of refunds that nobody confirmed and of which a person said that it is none.

    Of rows of which one came into the book just now.
    """
    return await core_db.many(
        db,
        Unwanted,
        """
        SELECT r.id, b.day FROM refunds r
        JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
        JOIN rejected_pairs p ON p.user_id = r.user_id AND p.kind = 'refund'
         AND p.one_id = r.refund_id AND p.other_id = r.purchase_id
        WHERE r.user_id = %(owner)s AND r.confirmed_at IS NULL AND
        """  # noqa: S608 - all parts are written here
        + _CAME_NOW,
        {"owner": owner, "now": now},
    )


@dataclass(frozen=True, slots=True)
class TransferLink:
    """A transfer as it is stored."""

    id: UUID
    out_id: UUID
    into_id: UUID
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


async def transfers(db: Db, owner: UUID) -> list[TransferLink]:
    """Return all transfers, by the days on which they left."""
    return await core_db.many(
        db,
        TransferLink,
        """
        SELECT f.id, f.out_id, f.into_id, f.kind, f.state, f.score, f.reasons, f.rival_id,
               f.rival_side, f.rival_score, f.made_by, f.confirmed_at, f.made_at
        FROM transfers f
        JOIN transactions t ON t.user_id = f.user_id AND t.id = f.out_id
        WHERE f.user_id = %(owner)s ORDER BY t.day, t.id
        """,
        {"owner": owner},
    )


async def link_transfers(db: Db, owner: UUID, told: Links) -> list[UUID]:
    """Store transfers between two accounts, of rows that are leg of none so far; return these."""
    cursor = await db.execute(
        """
        INSERT INTO transfers (
            user_id, id, out_id, into_id, kind, state, score, reasons, rival_id, rival_side,
            rival_score, made_by, confirmed_at, made_at)
        SELECT DISTINCT ON (f.into_id) %(owner)s, f.id, f.out_id, f.into_id, f.kind, f.state,
               f.score, f.reasons, f.rival_id, f.rival_side, f.rival_score, f.made_by,
               f.confirmed_at, f.made_at
        FROM jsonb_to_recordset(%(told)s::jsonb) AS f (
            id uuid, out_id uuid, into_id uuid, kind text, state text, score integer,
            reasons jsonb, rival_id uuid, rival_side text, rival_score integer, made_by text,
            confirmed_at timestamptz, made_at timestamptz)
        JOIN transactions o ON o.user_id = %(owner)s AND o.id = f.out_id AND o.amount < 0
        JOIN transactions i ON i.user_id = %(owner)s AND i.id = f.into_id AND i.amount > 0
        WHERE o.account_id <> i.account_id
          AND NOT EXISTS (SELECT 1 FROM transfers t
                          WHERE t.user_id = %(owner)s AND t.out_id = f.out_id)
          AND NOT EXISTS (SELECT 1 FROM transfers t
                          WHERE t.user_id = %(owner)s AND t.into_id = f.into_id)
        ORDER BY f.into_id, f.id
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        {"owner": owner, "told": json.dumps(told)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def unlink_transfers(db: Db, owner: UUID, ids: Sequence[UUID]) -> None:
    """End transfers."""
    await db.execute(
        "DELETE FROM transfers WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(ids)},
    )


@dataclass(frozen=True, slots=True)
class RefundLink:
    """A link of a refund as it is stored."""

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
    category_before: UUID | None


async def refunds(db: Db, owner: UUID) -> list[RefundLink]:
    """Return all links of refunds, by the days on which money came back."""
    return await core_db.many(
        db,
        RefundLink,
        """
        SELECT r.id, r.refund_id, r.purchase_id, r.state, r.score, r.reasons, r.rival_id,
               r.rival_score, r.made_by, r.confirmed_at, r.made_at, r.category_before
        FROM refunds r
        JOIN transactions t ON t.user_id = r.user_id AND t.id = r.refund_id
        WHERE r.user_id = %(owner)s ORDER BY t.day, t.id
        """,
        {"owner": owner},
    )


async def link_refunds(db: Db, owner: UUID, told: Links) -> list[UUID]:
    """Store links of money that came back to what was paid, where it has none; return these."""
    cursor = await db.execute(
        """
        INSERT INTO refunds (
            user_id, id, refund_id, purchase_id, state, score, reasons, rival_id, rival_score,
            made_by, confirmed_at, category_before, made_at)
        SELECT %(owner)s, f.id, f.refund_id, f.purchase_id, f.state, f.score, f.reasons,
               f.rival_id, f.rival_score, f.made_by, f.confirmed_at, f.category_before, f.made_at
        FROM jsonb_to_recordset(%(told)s::jsonb) AS f (
            id uuid, refund_id uuid, purchase_id uuid, state text, score integer, reasons jsonb,
            rival_id uuid, rival_score integer, made_by text, confirmed_at timestamptz,
            category_before uuid, made_at timestamptz)
        JOIN transactions b ON b.user_id = %(owner)s AND b.id = f.refund_id AND b.amount > 0
        JOIN transactions p ON p.user_id = %(owner)s AND p.id = f.purchase_id AND p.amount < 0
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        {"owner": owner, "told": json.dumps(told)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def unlink_refunds(db: Db, owner: UUID, ids: Sequence[UUID]) -> None:
    """End links, which moved no row: each stays where it stands."""
    await db.execute(
        "DELETE FROM refunds WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(ids)},
    )
