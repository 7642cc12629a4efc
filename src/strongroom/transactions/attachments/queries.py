"""SQL of attachments, one function a statement. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attachment's columns but its content."""

    id: UUID
    transaction_id: UUID
    name: str
    media_type: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """How much a person has attached."""

    of_row: int
    bytes: int


async def of_rows(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[AttachmentRow]:
    """Return what is attached to rows, in the order in which it came."""
    return await core_db.many(
        db,
        AttachmentRow,
        """
        SELECT id, transaction_id, name, media_type, size, created_at FROM attachments
        WHERE user_id = %(owner)s AND transaction_id = ANY(%(ids)s)
        ORDER BY created_at, id
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


async def every(db: Db, owner: UUID) -> list[AttachmentRow]:
    """Return all that a person has attached, in the order in which it came."""
    return await core_db.many(
        db,
        AttachmentRow,
        """
        SELECT id, transaction_id, name, media_type, size, created_at FROM attachments
        WHERE user_id = %(owner)s ORDER BY created_at, id
        """,
        {"owner": owner},
    )


async def find(db: Db, owner: UUID, attachment_id: UUID) -> AttachmentRow | None:
    """Return one attachment without its content."""
    return await core_db.one(
        db,
        AttachmentRow,
        """
        SELECT id, transaction_id, name, media_type, size, created_at FROM attachments
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": attachment_id},
    )


async def sealed(db: Db, owner: UUID, attachment_id: UUID) -> bytes:
    """Return an attachment's sealed content."""
    found = await core_db.value(
        db,
        "SELECT sealed FROM attachments WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": attachment_id},
    )
    return bytes(found)


async def held(db: Db, owner: UUID, transaction_id: UUID) -> Held:
    """Return how many attachments a row has, and how many bytes a person has in all."""
    found = await core_db.one(
        db,
        Held,
        """
        SELECT (count(*) FILTER (WHERE transaction_id = %(id)s))::int AS of_row,
               coalesce(sum(size), 0)::bigint AS bytes
        FROM attachments WHERE user_id = %(owner)s
        """,
        {"owner": owner, "id": transaction_id},
    )
    assert found is not None  # noqa: S101 - an aggregate without GROUP BY always has its row
    return found


async def add(db: Db, owner: UUID, row: AttachmentRow, content: bytes) -> None:
    """Store an attachment; ``content`` is sealed."""
    await db.execute(
        """
        INSERT INTO attachments (
            user_id, id, transaction_id, name, media_type, size, sealed, created_at)
        VALUES (%(owner)s, %(id)s, %(transaction_id)s, %(name)s, %(media_type)s, %(size)s,
                %(sealed)s, %(created_at)s)
        """,
        {
            "owner": owner,
            "id": row.id,
            "transaction_id": row.transaction_id,
            "name": row.name,
            "media_type": row.media_type,
            "size": row.size,
            "sealed": content,
            "created_at": row.created_at,
        },
    )


async def remove(db: Db, owner: UUID, attachment_id: UUID) -> int:
    """Delete an attachment."""
    return await core_db.execute(
        db,
        "DELETE FROM attachments WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": attachment_id},
    )
