"""The jobs of accounts: partitions ahead, values moved on by rates and schedules, reminders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from strongroom import accounts
from strongroom.accounts import keeping
from strongroom.core.db import Database
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs."""
    jobs = Jobs("accounts")

    @jobs.job(cron="20 3 * * *")
    async def make_partitions() -> Mapping[str, int]:
        """Make the partitions of balances that are missing, those of coming months first of all."""
        async with database.unit_of_work_for_all() as db:
            made = await accounts.make_partitions_for_all(db, today=clock().date())
        return {"partitions": made}

    @jobs.job(cron="25 * * * *")
    async def move_values_on() -> Mapping[str, int]:
        """Move values on by their yearly rates, and loans by their schedules, as days go by."""
        return await keeping.move_on_for_all(database, now=clock())

    @jobs.job(cron="35 * * * *")
    async def remind_of_old_values() -> Mapping[str, int]:
        """Remind people of values that are older than they wanted."""
        return await keeping.remind_for_all(database, now=clock())

    return jobs
