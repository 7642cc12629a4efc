"""SQL of the parts of rows, one function a statement. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions.splits.types import Part


@dataclass(frozen=True, slots=True)
class WholeRow:
    """What a row comes to."""

    id: UUID
    amount: Decimal
    currency: str
    is_split: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part's columns, with its category's."""

    position: int
    category_id: UUID
    category_key: str | None
    category_name: str | None
    kind: str
    amount: Decimal
    note: str | None


async def whole(db: Db, owner: UUID, transaction_id: UUID) -> WholeRow | None:
    """Return what a row comes to."""
    return await core_db.one(
        db,
        WholeRow,
        """
        SELECT id, amount, currency, is_split FROM transactions
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": transaction_id},
    )


async def parts(db: Db, owner: UUID, transaction_id: UUID) -> list[PartRow]:
    """Return a row's parts in their order."""
    return await core_db.many(
        db,
        PartRow,
        """
        SELECT s.position, s.category_id, c.key AS category_key, c.name AS category_name, c.kind,
               s.amount, s.note
        FROM transaction_splits s
        JOIN categories c ON c.user_id = s.user_id AND c.id = s.category_id
        WHERE s.user_id = %(owner)s AND s.transaction_id = %(id)s
        ORDER BY s.position
        """,
        {"owner": owner, "id": transaction_id},
    )


async def forget(db: Db, owner: UUID, transaction_id: UUID) -> int:
    """Delete a row's parts; return how many there were."""
    return await core_db.execute(
        db,
        """
        DELETE FROM transaction_splits
        WHERE user_id = %(owner)s AND transaction_id = %(id)s
        """,
        {"owner": owner, "id": transaction_id},
    )


async def write(db: Db, owner: UUID, transaction_id: UUID, told: Sequence[Part]) -> None:
    """Store a row's parts in this order; there are none yet."""
    await db.execute(
        """
        INSERT INTO transaction_splits (
            user_id, transaction_id, position, category_id, amount, note)
        SELECT %(owner)s, %(id)s, p.position, p.category_id, p.amount, p.note
        FROM unnest(%(categories)s::uuid[], %(amounts)s::numeric[], %(notes)s::text[])
             WITH ORDINALITY AS p (category_id, amount, note, position)
        """,
        {
            "owner": owner,
            "id": transaction_id,
            "categories": [one.category_id for one in told],
            "amounts": [one.amount for one in told],
            "notes": [one.note for one in told],
        },
    )


async def mark(db: Db, owner: UUID, transaction_id: UUID, is_split: bool, now: datetime) -> None:
    """Note on a row whether it has parts."""
    await db.execute(
        """
        UPDATE transactions SET is_split = %(is_split)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": transaction_id, "is_split": is_split, "now": now},
    )
