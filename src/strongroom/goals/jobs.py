"""The jobs of goals: reckon profiles after a sync, run long simulations, archive old ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.queue import Jobs
from strongroom.goals import profile, runs
from strongroom.goals.types import RunId


def build(database: Database, clock: Callable[[], datetime], home: Path) -> Jobs:
    """Return the domain's jobs. ``home``: where the compiled engine lies."""
    jobs = Jobs("goals")

    @jobs.job()
    async def refresh_profile(owner: str) -> None:
        """Reckon one person's profile anew after their accounts or book changed."""
        person, now = UserId(UUID(owner)), clock()
        async with database.unit_of_work(person) as db:
            await profile.refresh(db, owner=person, now=now)
            await runs.ask_if_stale(db, owner=person, now=now)

    @jobs.job(cron="50 3 * * *")
    async def refresh_profiles() -> Mapping[str, int]:
        """Reckon everybody's profile anew, each as of their day."""
        async with database.unit_of_work_for_all() as db:
            return {"people": await profile.refresh_for_all(db, now=clock())}

    _declare_simulating(jobs, database, clock, home)
    return jobs


def _declare_simulating(
    jobs: Jobs, database: Database, clock: Callable[[], datetime], home: Path
) -> None:
    """Declare the jobs that simulate, and that look after simulations."""

    @jobs.job()
    async def simulate(owner: str, run: str) -> None:
        """Do one long simulation."""
        await runs.carry_out(
            database, owner=UserId(UUID(owner)), run_id=RunId(UUID(run)), home=home, clock=clock
        )

    @jobs.job(attempts=3)
    async def refresh_chances(owner: str) -> None:
        """Simulate those of one person's goals whose chance is not of today's data."""
        await runs.refresh(database, owner=UserId(UUID(owner)), home=home, clock=clock)

    @jobs.job(cron="* * * * *")
    async def give_up_simulations() -> Mapping[str, int]:
        """Tell long simulations as failed whose job has used up its tries."""
        async with database.unit_of_work_for_all() as db:
            return {"given_up": await runs.give_up_for_all(db, now=clock())}

    @jobs.job(cron="15 4 * * *")
    async def look_at_chances() -> Mapping[str, int]:
        """Let everybody's chances be reckoned anew where data or months moved on."""
        async with database.unit_of_work_for_all() as db:
            return {"people": await runs.ask_for_all(db)}

    @jobs.job(cron="35 4 * * *")
    async def archive_simulations() -> Mapping[str, int]:
        """Put simulations of more than 30 days ago into the archive."""
        return await runs.put_away(database, now=clock())
