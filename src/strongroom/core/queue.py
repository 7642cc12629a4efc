"""Jobs: named ``"<domain>.<verb>"``, with ids as arguments, on the same PostgreSQL (procrastinate).

``enqueue`` runs on the unit of work's own connection, so that row and job are stored or vanish
together. A domain declares its jobs in a ``Jobs`` table; the worker registers every table.
Knows no domain. A job whose worker died is given back by the others (``give_back_stalled``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import procrastinate
from procrastinate.jobs import Job as StoredJob
from psycopg.types.json import Jsonb

from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError, Unavailable

Result = Mapping[str, int | str] | None
"""What a job tells of its run: counts, by what was counted. Nothing of anybody's."""

Run = Callable[..., Awaitable[Result]]

_STALLED_AFTER_SECONDS = 15  # three heartbeats of the worker
_FIRST_RETRY_SECONDS = 2
_LONGEST_RETRY_SECONDS = 3600


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


class _Retry(procrastinate.BaseRetryStrategy):
    """Try again when something outside was unavailable or broke; never when a rule said no."""

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts

    def get_retry_decision(
        self, *, exception: BaseException, job: StoredJob
    ) -> procrastinate.RetryDecision | None:
        """Return when to try again, or None to fail the job for good."""
        if isinstance(exception, asyncio.CancelledError | procrastinate.exceptions.JobAborted):
            # The worker is stopping: not the job's fault, so it is given back even the last time.
            return procrastinate.RetryDecision(retry_in={"seconds": 0})
        refused = isinstance(exception, StrongroomError) and not isinstance(exception, Unavailable)
        if refused or job.attempts + 1 >= self._attempts:
            return None
        wait = min(_FIRST_RETRY_SECONDS * 4**job.attempts, _LONGEST_RETRY_SECONDS)
        if isinstance(exception, Unavailable) and exception.retry_after_seconds is not None:
            wait = exception.retry_after_seconds
        return procrastinate.RetryDecision(retry_in={"seconds": wait})


def build_app(
    dsn: str, tables: Iterable[Jobs], *, around: Around | None = None
) -> procrastinate.App:
    """Return the procrastinate app that runs every declared job, connecting with ``dsn``.

    Periodic jobs are run by ``around``, if it is given.
    """
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=dsn, min_size=1, max_size=4, json_dumps=json.dumps
        )
    )
    for table in tables:
        for job in table.declared:
            _register(app, job, around or _just_run)
    return app


async def _just_run(job: Job) -> None:
    await job.run()


def _register(app: procrastinate.App, job: Job, around: Around) -> None:
    if job.cron is None:
        app.task(name=job.name, retry=_Retry(job.attempts))(job.run)
        return

    async def run(timestamp: int) -> None:
        await around(job)

    task = app.task(
        name=job.name, lock=job.name, queueing_lock=job.name, retry=_Retry(job.attempts)
    )(run)
    app.periodic(cron=job.cron)(task)


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


async def somebody_works(app: procrastinate.App) -> bool:
    """Return whether a worker is up: its heart has beaten within the last seconds."""
    row = await app.connector.execute_query_one_async(
        "SELECT EXISTS (SELECT 1 FROM procrastinate_workers WHERE last_heartbeat"
        " > now() - make_interval(secs => %(seconds)s)) AS somebody",
        seconds=_STALLED_AFTER_SECONDS,
    )
    return bool(row["somebody"])


async def give_back_stalled(app: procrastinate.App) -> int:
    """Give jobs whose worker stopped beating back to the queue; return how many.

    procrastinate never runs such a job again by itself. The worker calls this every few seconds.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS)
    count = 0
    for job in stalled:
        await app.job_manager.retry_job(job)
        count += 1
    return count
