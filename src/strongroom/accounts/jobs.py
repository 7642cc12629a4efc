"""The jobs of accounts: make next months' balance partitions before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from strongroom import accounts
from strongroom.core.db import Database
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs."""
    jobs = Jobs("accounts")

    @jobs.job(cron="20 3 * * *")
    async def make_partitions() -> None:
        """Make the partitions of balances that are missing, those of coming months first of all."""
        async with database.unit_of_work_for_all() as db:
            await accounts.make_partitions_for_all(db, today=clock().date())

    return jobs
