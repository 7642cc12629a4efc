"""Answers kept by Idempotency-Key: claimed once a key, stored with their effect, then forgotten.

Knows no HTTP: requests and responses, and what all this is good for, are ``core.http.idempotency``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from strongroom.core.db import Db, execute, one
from strongroom.core.errors import Conflict
from strongroom.core.ids import UserId

HEADER = "Idempotency-Key"


class KeyWasUsed(Conflict):
    """The key came before, with another request."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a key stands for: the request it came with first, and how that was answered."""

    request_hash: bytes
    status: int | None
    body: bytes | None
    content_type: str | None


async def claim(
    db: Db, key: str, request_hash: bytes, *, owner: UserId, now: datetime
) -> Kept | None:
    """Take the key, waiting for whoever holds it; return what it stands for if it was taken.

    Raises ``KeyWasUsed``.
    """
    claimed = await execute(
        db,
        "INSERT INTO idempotency_keys (user_id, key, request_hash, created_at)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (owner, key, request_hash, now),
    )
    if claimed:
        return None
    kept = await one(
        db,
        Kept,
        "SELECT request_hash, status, body, content_type FROM idempotency_keys"
        " WHERE user_id = %s AND key = %s",
        (owner, key),
    )
    if kept is None or kept.request_hash != request_hash:
        raise KeyWasUsed(
            f"This {HEADER} was used for another request.",
            field=HEADER,
            hint="Use a new key for a new request.",
        )
    return kept


async def keep(
    db: Db,
    key: str,
    *,
    owner: UserId,
    status: int,
    body: bytes,
    content_type: str | None,
) -> None:
    """Store how the request that claimed the key is answered."""
    await execute(
        db,
        "UPDATE idempotency_keys SET status = %s, body = %s, content_type = %s"
        " WHERE user_id = %s AND key = %s",
        (status, body, content_type, owner, key),
    )


async def forget_answers_for_all(db: Db, *, before: datetime) -> int:
    """Delete the keys that came before ``before``; return how many."""
    return await execute(db, "DELETE FROM idempotency_keys WHERE created_at < %s", (before,))
