"""The real worker of one schedule: started, killed, started again; and what its queue holds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psycopg

from tests.prove import outside
from tests.prove.ground import Base

_DUE = "status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now())"
_MOMENTS = 40


@dataclass
class Worker:
    """The real worker process of one schedule."""

    env: dict[str, str]
    log: Path
    process: Popen[bytes] | None = None
    outlived: bool = False
    """Whether the database server was killed under it."""

    def start(self) -> None:
        """Start it; it is at work a second or so later."""
        self.process = outside.start_worker(self.env, self.log)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def keep_up(self) -> bool:
        """Start it again if it has ended, as ``strongroom run`` does; tells whether it had.

        It ends by itself only where the database went away under it.
        """
        if self.is_alive:
            return False
        if not self.outlived:
            raise AssertionError(f"the worker ended: {self.log.read_text()[-500:]}")
        self.start()
        return True

    async def start_after_outage(self) -> bool:
        """Give it a moment to notice that the database went away; tell whether it ended of it."""
        for _ in range(_MOMENTS):
            if self.keep_up():
                return True
            await asyncio.sleep(0.05)
        return False

    async def until_busy(self, base: Base, seconds: float) -> None:
        """Wait until it has a job in hand, but not longer than ``seconds``."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            self.keep_up()
            if await asyncio.to_thread(count, base, "status = 'doing'"):
                return
            await asyncio.sleep(0.02)


def count(base: Base, condition: str) -> int:
    """How many jobs are so."""
    with base.patient_admin() as db:
        row = db.execute(f"SELECT count(*) FROM procrastinate_jobs WHERE {condition}").fetchone()
        return 0 if row is None else int(row[0])


def due(base: Base) -> int:
    """How many jobs run or should."""
    return count(base, _DUE)


def waiting_webhooks(base: Base) -> int:
    """How many webhooks nobody has looked at yet."""
    with base.patient_admin() as db:
        query = "SELECT count(*) FROM webhook_events WHERE state = 'received'"
        row = db.execute(query).fetchone()
        return 0 if row is None else int(row[0])


def left_over(db: psycopg.Connection) -> list[str]:
    """Jobs that are stuck, and webhooks of our items that nobody has handled."""
    stuck = db.execute(
        """
        SELECT task_name, status FROM procrastinate_jobs
        WHERE status = 'doing'
           OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now() - interval '1 second')
        """
    ).fetchall()
    unhandled = db.execute(
        """
        SELECT w.webhook_code, w.state, w.error FROM webhook_events w
        WHERE w.state <> 'done' AND EXISTS (
            SELECT 1 FROM plaid_items i WHERE i.plaid_item_id = w.plaid_item_id)
        """
    ).fetchall()
    return [f"stuck job: {job}" for job in stuck] + [f"webhook left: {one}" for one in unhandled]


def story(base: Base, log: Path) -> list[str]:
    """What somebody who looks into a failure asks first."""
    with base.admin() as db:
        told = [
            db.execute(query).fetchall()
            for query in (
                "SELECT 'item', status, error_code, next_try_at - now() FROM plaid_items",
                "SELECT 'job', task_name, status, attempts, scheduled_at - now()"
                " FROM procrastinate_jobs",
                "SELECT 'refresh', refresh_type, status, error_code, error_message, added,"
                " modified, removed FROM data_refresh_logs ORDER BY id DESC LIMIT 6",
            )
        ]
    tail: list[str] = []
    with suppress(FileNotFoundError):
        tail = log.read_text()[-2000:].splitlines()
    return [" ".join(map(str, row)) for rows in told for row in rows] + tail
