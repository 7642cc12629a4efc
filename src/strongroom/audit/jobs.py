"""The jobs of the audit log: publishing the heads of its chains outside the database."""

from __future__ import annotations

from pathlib import Path

from strongroom.audit import service
from strongroom.audit.heads import HEADS_FILE
from strongroom.core.db import Database
from strongroom.core.queue import Jobs
from strongroom.core.time import clock


def build(database: Database, home: Path) -> Jobs:
    """Return the domain's jobs. ``database`` must have the system role; ``home`` gets the file."""
    jobs = Jobs("audit")

    @jobs.job(attempts=1, cron="*/5 * * * *")
    async def publish_heads() -> None:
        """Write the newest heads of the chains to the file under the home."""
        async with database.unit_of_work_for_all() as db:
            newest = await service.newest_heads_for_all(db)
        await service.publish_heads(newest, home / HEADS_FILE, now=clock())

    return jobs
