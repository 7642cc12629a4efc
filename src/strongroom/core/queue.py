"""Jobs: named ``"<domain>.<verb>"``, with ids as arguments, on the same PostgreSQL (procrastinate).

``enqueue`` runs on the unit of work's own connection, so that row and job are stored or vanish
together. A domain declares its jobs in a ``Jobs`` table; the worker runs every table
(``core.runner``). Knows no domain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from strongroom.core.db import Db

Result = Mapping[str, int | str] | None
"""What a job tells of its run: counts, by what was counted. Nothing of anybody's."""

Run = Callable[..., Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Job:
    """One declared job. ``attempts`` counts the first; ``cron`` makes it periodic (UTC).

    A periodic job works for everyone, and runs one at a time: its name is its lock.
    """

    name: str
    run: Run
    attempts: int
    cron: str | None


Around = Callable[[Job], Awaitable[object]]
"""Runs a periodic job, and may do something before and after it."""


class Jobs:
    """The jobs of one domain."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self.declared: list[Job] = []
        self.inboxes: list[Run] = []

    def job(self, *, attempts: int = 5, cron: str | None = None) -> Callable[[Run], Run]:
        """Declare the decorated function as ``"<domain>.<its name>"``.

        It is called with the keyword arguments it was enqueued with; a periodic one with none.
        """

        def declare(run: Run) -> Run:
            self.declared.append(Job(f"{self._domain}.{run.__name__}", run, attempts, cron))
            return run

        return declare

    def inbox(self, empty: Run) -> Run:
        """Declare the decorated function as what empties a table that is its own queue.

        The worker calls it every second, so that whoever adds a row need not add a job with it.
        Several workers may do so at once.
        """
        self.inboxes.append(empty)
        return empty


async def enqueue(
    db: Db,
    name: str,
    *,
    lock: str | None = None,
    once: str | None = None,
    at: datetime | None = None,
    **arguments: str,
) -> None:
    """Add a job to this unit of work: it exists if and only if the unit of work is stored.

    Jobs with the same ``lock`` run one at a time; a job whose ``once`` is already waiting is
    not added again; ``at`` is the earliest instant to run it.
    """
    await db.execute("SELECT enqueue(%s, %s, %s, %s, %s)", (name, lock, once, Jsonb(arguments), at))


def last_due(cron: str, now: datetime) -> datetime:
    """Return when a job with this schedule (in UTC) last fell due, at ``now`` or before."""
    return _due(cron, now + timedelta(microseconds=1), back=True)


def next_due(cron: str, now: datetime) -> datetime:
    """Return when a job with this schedule (in UTC) falls due next, after ``now``."""
    return _due(cron, now, back=False)


def _due(cron: str, now: datetime, *, back: bool) -> datetime:
    # The very reckoning by which procrastinate adds periodic jobs.
    from croniter import croniter  # type: ignore[import-untyped]

    times = croniter(cron, now.astimezone(UTC))
    found: datetime = times.get_prev(datetime) if back else times.get_next(datetime)
    return found
