"""Lets time pass for a case: moves every instant that the program compares with now back.

The same as if the case had lain still for so long, without waiting for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import psycopg

from tests.prove.ground import Base

_TRIES = 5

_MOVED = {
    "procrastinate_jobs": ("scheduled_at",),
    "plaid_items": ("created_at", "last_attempt_at", "next_try_at"),
    "webhook_events": ("received_at", "handled_at"),
    "link_sessions": ("created_at", "updated_at"),
    "data_refresh_logs": ("started_at",),
    "rate_limits": ("reset_at",),
}


def let_pass(base: Base, seconds: float, *, worker_died: bool = False) -> None:
    """Let ``seconds`` pass. ``worker_died``: no worker has beaten its heart since."""
    tables = dict(_MOVED)
    if worker_died:
        tables["procrastinate_workers"] = ("last_heartbeat",)
        seconds = max(seconds, 60)
    with base.admin() as db:
        for table, columns in tables.items():
            _move(db, table, columns, seconds)


def _move(db: psycopg.Connection, table: str, columns: Sequence[str], seconds: float) -> None:
    moved = ", ".join(f"{name} = {name} - make_interval(secs => %(s)s)" for name in columns)
    for _ in range(_TRIES):
        # The program works meanwhile and may hold the same rows in another order.
        with suppress(psycopg.errors.DeadlockDetected):
            db.execute(f"UPDATE {table} SET {moved}", {"s": seconds})
            return
    raise RuntimeError(f"{table} is too busy for time to pass")
