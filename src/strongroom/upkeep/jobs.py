"""The jobs of upkeep: catching up on what was missed, the weekly clean-up, a look at the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from strongroom import connections, identity, upkeep
from strongroom.core.db import Database
from strongroom.core.queue import Jobs

_KEEP_LINK_SESSIONS = timedelta(days=90)


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs. ``database`` must have the system role."""
    jobs = Jobs("upkeep")

    @jobs.job(cron="*/10 * * * *")
    async def catch_up() -> Mapping[str, int]:
        """Run what fell due while this computer was off."""
        async with database.unit_of_work_for_all() as db:
            missed = await upkeep.catch_up_for_all(db, now=clock())
        return {"jobs": len(missed)}

    @jobs.job(cron="30 4 * * 0")
    async def clean_up() -> Mapping[str, int]:
        """Clear away sessions and attempts to link that have ended. Exports are never kept."""
        now = clock()
        async with database.unit_of_work_for_all() as db:
            sessions = await identity.forget_ended_for_all(db, now=now)
        async with database.unit_of_work_for_all() as db:
            links = await connections.forget_link_sessions_for_all(
                db, before=now - _KEEP_LINK_SESSIONS
            )
        return {"sessions": sessions, "link_sessions": links}

    @jobs.job(cron="30 2 1 1,4,7,10 *")
    async def analyse() -> Mapping[str, int | str]:
        """Look at all tables anew, and report which statements take long."""
        async with database.unit_of_work_for_all() as db:
            tables = await upkeep.analyse_for_all(db)
        async with database.unit_of_work_for_all() as db:
            slow = await upkeep.report_slow_for_all(db, now=clock())
        return {"tables": tables, "slow_statements": "not counted" if slow is None else slow}

    return jobs
