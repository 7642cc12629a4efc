"""Rate limits: one atomic statement counts an attempt and says whether it is one too many.

Windows are fixed, begin with the first attempt and are kept in PostgreSQL, so that all web
processes share them. Keys are hashed with a key of the ring: the table tells nothing of anybody.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from strongroom.core.db import Db, one
from strongroom.core.errors import TooManyRequests
from strongroom.ui import N_

_key: bytes | None = None


class TooManyAttempts(TooManyRequests):
    """Someone tried too often; ``retry_after_seconds`` says when they may again."""


@dataclass(frozen=True, slots=True)
class _Counted:
    count: int
    reset_at: datetime


def use_key(key: bytes) -> None:
    """Set the key that limits are hashed with: called once by wiring, with ``rate limit``'s."""
    global _key  # noqa: PLW0603 - one installation, one key
    _key = key


async def take(db: Db, key: str, limit: int, window: timedelta, *, now: datetime) -> None:
    """Count one attempt under ``key``, such as ``"sync " + item``. Any unit of work will do.

    Raises ``TooManyAttempts`` past ``limit`` attempts in a ``window`` that the first one began.
    The attempt counts once the unit of work is stored: what may fail afterwards needs a unit of
    work of its own.
    """
    counted = await one(
        db,
        _Counted,
        "INSERT INTO rate_limits AS r (key, count, reset_at) VALUES (%(key)s, 1, %(end)s)"
        " ON CONFLICT (key) DO UPDATE SET"
        " count = CASE WHEN r.reset_at <= %(now)s THEN 1 ELSE least(r.count, 1000000) + 1 END,"
        " reset_at = CASE WHEN r.reset_at <= %(now)s THEN %(end)s ELSE r.reset_at END"
        " RETURNING r.count, r.reset_at",
        {"key": hashed(key), "now": now, "end": now + window},
    )
    if counted is None or counted.count <= limit:
        return
    seconds = max(1, ceil((counted.reset_at - now).total_seconds()))
    raise TooManyAttempts(
        N_("Too many attempts."),
        hint=f"Try again in {_in_words(seconds)}.",
        retry_after_seconds=seconds,
    )


def hashed(key: str) -> str:
    """Return what stands for ``key`` in the database. Raises ``RuntimeError`` without a key."""
    if _key is None:
        raise RuntimeError("identity.use_key was not called")
    return hmac.new(_key, key.encode(), hashlib.sha256).hexdigest()


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{ceil(seconds / 60)} minutes"
