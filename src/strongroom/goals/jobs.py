"""The jobs of goals: reckon profiles after a sync, run long simulations, archive old ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.queue import Jobs
from strongroom.goals import profile


def build(database: Database, clock: Callable[[], datetime], home: Path) -> Jobs:
    """Return the domain's jobs. ``home``: where the compiled engine lies."""
    jobs = Jobs("goals")

    @jobs.job()
    async def refresh_profile(owner: str) -> None:
        """Reckon one person's profile anew after their accounts or book changed."""
        person, now = UserId(UUID(owner)), clock()
        async with database.unit_of_work(person) as db:
            await profile.refresh(db, owner=person, now=now)

    @jobs.job(cron="50 3 * * *")
    async def refresh_profiles() -> Mapping[str, int]:
        """Reckon everybody's profile anew, each as of their day."""
        async with database.unit_of_work_for_all() as db:
            return {"people": await profile.refresh_for_all(db, now=clock())}

    return jobs
