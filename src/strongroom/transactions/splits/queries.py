"""SQL of the parts of rows, one function a statement. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import TransactionId
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

    transaction_id: UUID
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


async def parts(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[PartRow]:
    """Return the parts of rows, each row's in their order."""
    return await core_db.many(
        db,
        PartRow,
        """
        SELECT s.transaction_id, s.position, s.category_id, c.key AS category_key,
               c.name AS category_name, c.kind, s.amount, s.note
        FROM transaction_splits s
        JOIN categories c ON c.user_id = s.user_id AND c.id = s.category_id
        WHERE s.user_id = %(owner)s AND s.transaction_id = ANY(%(ids)s)
        ORDER BY s.transaction_id, s.position
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


async def forget(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> int:
    """Delete the parts of rows; return how many there were."""
    return await core_db.execute(
        db,
        """
        DELETE FROM transaction_splits
        WHERE user_id = %(owner)s AND transaction_id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


async def write(db: Db, owner: UUID, told: Mapping[TransactionId, Sequence[Part]]) -> None:
    """Store the parts of rows, each row's in this order; there are none yet."""
    facts = [
        (row, position, part)
        for row, parts in told.items()
        for position, part in enumerate(parts, 1)
    ]
    await db.execute(
        """
        INSERT INTO transaction_splits (
            user_id, transaction_id, position, category_id, amount, note)
        SELECT %(owner)s, p.id, p.position, p.category_id, p.amount, p.note
        FROM unnest(%(ids)s::uuid[], %(positions)s::int[], %(categories)s::uuid[],
                    %(amounts)s::numeric[], %(notes)s::text[])
             AS p (id, position, category_id, amount, note)
        """,
        {
            "owner": owner,
            "ids": [row for row, _, _ in facts],
            "positions": [position for _, position, _ in facts],
            "categories": [part.category_id for _, _, part in facts],
            "amounts": [part.amount for _, _, part in facts],
            "notes": [part.note for _, _, part in facts],
        },
    )


async def mark(db: Db, owner: UUID, are_split: Mapping[TransactionId, bool], now: datetime) -> None:
    """Note on rows whether they have parts."""
    await db.execute(
        """
        UPDATE transactions t SET is_split = w.is_split, updated_at = %(now)s
        FROM unnest(%(ids)s::uuid[], %(are_split)s::boolean[]) AS w (id, is_split)
        WHERE t.user_id = %(owner)s AND t.id = w.id AND t.is_split <> w.is_split
        """,
        {
            "owner": owner,
            "ids": list(are_split),
            "are_split": list(are_split.values()),
            "now": now,
        },
    )
