"""Recording the runs of periodic jobs: the one place, around each run, whatever the job does.

A run whose record cannot be written runs all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from strongroom.core import queue
from strongroom.core.db import Database
from strongroom.core.errors import StrongroomError
from strongroom.upkeep import service
from strongroom.upkeep.types import Declared, Outcome, RunId

_log = logging.getLogger(__name__)


def declared(tables: list[queue.Jobs]) -> list[Declared]:
    """Return the periodic jobs that domains declare, with the first line of what each says."""
    return [
        Declared(job.name, job.cron, (job.run.__doc__ or job.name).strip().splitlines()[0])
        for table in tables
        for job in table.declared
        if job.cron is not None
    ]


def recorder(database: Database, clock: Callable[[], datetime]) -> queue.Around:
    """Return what runs a periodic job and records when, and how it went.

    ``database`` must have the system role. What the job raises is raised.
    """

    async def note(run_id: RunId | None, outcome: Outcome, **more: object) -> None:
        if run_id is None:
            return
        try:
            async with database.unit_of_work_for_all() as db:
                await service.end_for_all(
                    db,
                    run_id=run_id,
                    outcome=outcome,
                    now=clock(),
                    **more,  # type: ignore[arg-type]
                )
        except StrongroomError as problem:
            _log.warning("a run was not recorded", extra={"error": problem.message})

    async def begin(name: str) -> RunId | None:
        try:
            async with database.unit_of_work_for_all() as db:
                return await service.begin_for_all(db, job=name, now=clock())
        except StrongroomError as problem:
            _log.warning("a run was not recorded", extra={"error": problem.message})
            return None

    async def around(job: queue.Job) -> None:
        run_id = await begin(job.name)
        try:
            result = await job.run()
        except asyncio.CancelledError:
            await asyncio.shield(note(run_id, Outcome.CUT_SHORT))
            raise
        except Exception as problem:
            refused = isinstance(problem, StrongroomError)
            await note(
                run_id, Outcome.FAILED, error=str(problem) if refused else type(problem).__name__
            )
            raise
        await note(run_id, Outcome.DONE, result=result)

    return around
