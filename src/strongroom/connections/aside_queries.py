"""SQL of what was kept aside of a bank's answers, and of the products read. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.connections.types import SetAside, Unreadable
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that is kept aside, without its words: there may be very many."""

    id: UUID
    kind: str
    plaid_id: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a bank said, word for word."""

    id: UUID
    raw: str


async def shown_rows(
    db: Db,
    owner: UUID,
    item_id: UUID | None,
    after: tuple[datetime, UUID] | tuple[None, None],
    limit: int,
) -> list[SetAside]:
    """Return what is kept aside and was not let be, oldest first, from after a row on."""
    return await core_db.many(
        db,
        SetAside,
        """
        SELECT id, item_id, kind, plaid_id, reason, raw, first_seen_at, last_seen_at, said
        FROM set_aside_rows
        WHERE user_id = %(owner)s AND resolved_at IS NULL AND dismissed_at IS NULL
          AND (%(item_id)s::uuid IS NULL OR item_id = %(item_id)s)
          AND (%(at)s::timestamptz IS NULL
               OR (first_seen_at, id) > (%(at)s::timestamptz, %(after)s::uuid))
        ORDER BY first_seen_at, id LIMIT %(limit)s
        """,
        {"owner": owner, "item_id": item_id, "at": after[0], "after": after[1], "limit": limit},
    )


async def waiting(db: Db, owner: UUID, item_id: UUID) -> list[Waiting]:
    """Return all that is kept aside of an item, what a person let be too."""
    return await core_db.many(
        db,
        Waiting,
        """
        SELECT id, kind, plaid_id FROM set_aside_rows
        WHERE user_id = %(owner)s AND item_id = %(item_id)s AND resolved_at IS NULL
        """,
        {"owner": owner, "item_id": item_id},
    )


async def texts(db: Db, owner: UUID, ids: Sequence[UUID]) -> list[Text]:
    """Return what a bank said word for word of these, in no order."""
    return await core_db.many(
        db,
        Text,
        "SELECT id, raw FROM set_aside_rows WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(ids)},
    )


async def keep(
    db: Db, owner: UUID, item_id: UUID, found: Sequence[Unreadable], now: datetime
) -> int:
    """Keep these aside; one that is there is seen again, and shown again if its reason changed."""
    return await core_db.execute(
        db,
        """
        INSERT INTO set_aside_rows AS s (
            user_id, id, item_id, kind, plaid_id, reason, said, raw, first_seen_at, last_seen_at)
        SELECT %(owner)s, f.id, %(item_id)s, f.kind, f.plaid_id, f.reason, f.said, f.raw, %(now)s,
               %(now)s
        FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(plaid_ids)s::text[],
                    %(reasons)s::text[], %(said)s::jsonb[], %(raws)s::text[])
             AS f (id, kind, plaid_id, reason, said, raw)
        ON CONFLICT (user_id, item_id, kind, plaid_id) DO UPDATE SET
            reason = excluded.reason, said = excluded.said, raw = excluded.raw,
            last_seen_at = excluded.last_seen_at,
            dismissed_at = CASE WHEN s.reason = excluded.reason THEN s.dismissed_at END,
            resolved_at = NULL
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "now": now,
            "ids": [new_id() for _ in found],
            "kinds": [one.kind for one in found],
            "plaid_ids": [one.plaid_id for one in found],
            "reasons": [str(one.reason) for one in found],
            "said": [Jsonb(asdict(one.reason)) for one in found],
            "raws": [one.raw for one in found],
        },
    )


async def resolve(db: Db, owner: UUID, ids: Sequence[UUID], now: datetime) -> int:
    """Note that what was kept aside was taken in, or is told no more."""
    return await core_db.execute(
        db,
        """
        UPDATE set_aside_rows SET resolved_at = %(now)s
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) AND resolved_at IS NULL
        """,
        {"owner": owner, "ids": list(ids), "now": now},
    )


async def dismiss(db: Db, owner: UUID, row_id: UUID, now: datetime) -> int:
    """Note that the person lets one be; return 0 if there is none."""
    return await core_db.execute(
        db,
        """
        UPDATE set_aside_rows SET dismissed_at = coalesce(dismissed_at, %(now)s)
        WHERE user_id = %(owner)s AND id = %(row_id)s AND resolved_at IS NULL
        """,
        {"owner": owner, "row_id": row_id, "now": now},
    )


async def note_product(
    db: Db, owner: UUID, item_id: UUID, product: str, error_code: str | None, now: datetime
) -> None:
    """Note that a product was read, or what its provider said instead."""
    await db.execute(
        """
        INSERT INTO item_products AS p (user_id, item_id, product, tried_at, read_at, error_code)
        VALUES (%(owner)s, %(item_id)s, %(product)s, %(now)s,
                CASE WHEN %(error_code)s::text IS NULL THEN %(now)s::timestamptz END,
                %(error_code)s)
        ON CONFLICT (user_id, item_id, product) DO UPDATE SET
            tried_at = excluded.tried_at, read_at = coalesce(excluded.read_at, p.read_at),
            error_code = excluded.error_code
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "product": product,
            "error_code": error_code,
            "now": now,
        },
    )


async def set_products(db: Db, owner: UUID, item_id: UUID, products: Sequence[str]) -> int:
    """Note what Plaid reads for an item; return 0 if that is known."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET products = %(products)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND products <> %(products)s
        """,
        {"owner": owner, "item_id": item_id, "products": list(products)},
    )


async def products(db: Db, owner: UUID, item_id: UUID) -> list[str]:
    """Return what Plaid reads for an item, under Plaid's names."""
    found: list[str] | None = await core_db.value(
        db,
        "SELECT products FROM plaid_items WHERE user_id = %(owner)s AND id = %(item_id)s",
        {"owner": owner, "item_id": item_id},
    )
    return found or []
