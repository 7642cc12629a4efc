"""The jobs of the book: tell the planner of many new rows, once they are stored."""

from __future__ import annotations

from strongroom import transactions
from strongroom.core.db import Database
from strongroom.core.queue import Jobs


def build(database: Database) -> Jobs:
    """Return the domain's jobs."""
    jobs = Jobs("transactions")

    @jobs.job()
    async def refresh_statistics() -> None:
        """Let the planner know of a large sync, instead of when autovacuum comes by."""
        async with database.unit_of_work_for_all() as db:
            await transactions.refresh_statistics_for_all(db)

    return jobs
