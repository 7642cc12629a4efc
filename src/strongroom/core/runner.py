"""Runs what was declared and enqueued (``core.queue``), with procrastinate: the worker's half.

Tries again what may go better later, and gives back the jobs of a worker that died. Knows no
domain.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import procrastinate
from procrastinate.jobs import Job as StoredJob

from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.queue import Around, Job, Jobs

_STALLED_AFTER_SECONDS = 15  # three heartbeats of the worker
_FIRST_RETRY_SECONDS = 2
_LONGEST_RETRY_SECONDS = 3600


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
