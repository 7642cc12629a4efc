"""The jobs of identity: forgetting what has ended, made-up households among it."""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.core.db import Database
from strongroom.core.queue import Jobs
from strongroom.core.time import clock
from strongroom.identity import service


def build(database: Database) -> Jobs:
    """Return the domain's jobs. ``database`` must have the system role."""
    jobs = Jobs("identity")

    @jobs.job(attempts=1, cron="43 3 * * *")
    async def forget_ended() -> Mapping[str, int]:
        """Forget sessions that ended a month ago, and limits long over."""
        async with database.unit_of_work_for_all() as db:
            return {"sessions": await service.forget_ended_for_all(db, now=clock())}

    @jobs.job(attempts=1, cron="53 3 * * *")
    async def forget_made_up() -> Mapping[str, int]:
        """Remove made-up households that nobody is signed in to any more, and old ones."""
        async with database.unit_of_work_for_all() as db:
            return {"people": await service.forget_made_up_for_all(db, now=clock())}

    return jobs
