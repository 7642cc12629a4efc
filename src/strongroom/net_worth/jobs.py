"""The jobs of net worth: keep a person's days true, everyone's each day, and old ones away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from strongroom import net_worth
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs."""
    jobs = Jobs("net_worth")

    @jobs.job()
    async def refresh(owner: str) -> None:
        """Keep one person's days true after their accounts changed."""
        person, now = UserId(UUID(owner)), clock()
        async with database.unit_of_work(person) as db:
            await net_worth.refresh(db, owner=person, now=now)

    @jobs.job(cron="5 * * * *")
    async def take_snapshots() -> Mapping[str, int]:
        """Take everyone's snapshot of the day, each when it is their day."""
        now = clock()
        async with database.unit_of_work_for_all() as db:
            return {"snapshots": await net_worth.take_snapshots_for_all(db, now=now)}

    @jobs.job(cron="40 3 2 * *")
    async def archive_balances() -> Mapping[str, int]:
        """Put balances older than two years away, once a month."""
        async with database.unit_of_work_for_all() as db:
            put = await net_worth.archive_balances_for_all(db, today=clock().date())
        return {"balances": put}

    return jobs
