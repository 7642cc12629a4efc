"""SQL of pairs that a person said are none: remembered, and forgotten when they undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db

Pairing = Literal["transfer", "refund", "double"]


async def remember(
    db: Db, owner: UUID, kind: Pairing, pair: tuple[UUID, UUID], now: datetime
) -> None:
    """Remember that two rows are no such pair."""
    await db.execute(
        """
        INSERT INTO rejected_pairs (user_id, kind, one_id, other_id, rejected_at)
        VALUES (%(owner)s, %(kind)s, %(one)s, %(other)s, %(now)s)
        ON CONFLICT DO NOTHING
        """,
        {"owner": owner, "kind": kind, "one": pair[0], "other": pair[1], "now": now},
    )


async def forget(db: Db, owner: UUID, kind: Pairing, pair: tuple[UUID, UUID]) -> bool:
    """Forget that two rows are no such pair; return whether it was remembered."""
    forgotten = await core_db.execute(
        db,
        """
        DELETE FROM rejected_pairs
        WHERE user_id = %(owner)s AND kind = %(kind)s AND one_id = %(one)s AND other_id = %(other)s
        """,
        {"owner": owner, "kind": kind, "one": pair[0], "other": pair[1]},
    )
    return forgotten > 0
