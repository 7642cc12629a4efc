"""The jobs of budgets: look through a book after it changed, and make forecasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from strongroom import budgets
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs."""
    jobs = Jobs("budgets")

    @jobs.job()
    async def look_through(owner: str) -> None:
        """Look through one person's book for what comes again and again."""
        await budgets.look_through(database, owner=UserId(UUID(owner)), now=clock())

    @jobs.job()
    async def forecast(owner: str) -> None:
        """Make one person's forecasts anew."""
        await budgets.make_forecasts(database, owner=UserId(UUID(owner)), now=clock())

    @jobs.job(cron="20 3 * * *")
    async def look_for_overdue() -> Mapping[str, int]:
        """Look through the books in which something should have come and has not."""
        async with database.unit_of_work_for_all() as db:
            owners = await budgets.overdue_for_all(db, now=clock())
            for owner in owners:
                await budgets.ask_to_look_through(db, owner=owner)
        return {"people": len(owners)}

    return jobs
