"""The jobs of identity: forgetting what has ended."""

from __future__ import annotations

from strongroom.core.db import Database
from strongroom.core.queue import Jobs
from strongroom.core.time import clock
from strongroom.identity import service


def build(database: Database) -> Jobs:
    """Return the domain's jobs. ``database`` must have the system role."""
    jobs = Jobs("identity")

    @jobs.job(attempts=1, cron="43 3 * * *")
    async def forget_ended() -> None:
        """Forget sessions that ended a month ago, and limits long over."""
        async with database.unit_of_work_for_all() as db:
            await service.forget_ended_for_all(db, now=clock())

    return jobs
