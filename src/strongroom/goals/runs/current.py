"""The simulation that a goal's page shows: the newest one, or a new one where the data moved on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.goals.pool import case_of
from strongroom.goals.runs import canonical, service
from strongroom.goals.runs.types import Run
from strongroom.goals.simulation import ENGINE, PATHS, check
from strongroom.goals.types import AskedBy, CaseOf, GoalId


async def current(
    database: Database, *, owner: UserId, goal_id: GoalId, now: datetime, home: Path
) -> tuple[CaseOf, Run]:
    """Return what a goal is simulated with today, and a simulation of exactly that, which is done.

    One is made where the newest is of other data, months or engine; it takes the place of those
    that the program made of the same plans today. A flow: opens its own units of work. Raises what
    ``case_of`` and ``reckon`` do, and ``SimulationInputIsWrong``.
    """
    async with database.unit_of_work(owner) as db:
        found = await case_of(db, owner=owner, goal_id=goal_id, now=now)
        latest = found.goal.latest
        if latest is not None and latest.engine == ENGINE and not latest.archived:
            # The worker may put another in its place this very moment.
            with suppress(service.RunNotFound):
                run = await service.get(db, owner=owner, run_id=latest.id)
                if run.outcome is not None and canonical.same(run.case, found.case):
                    return found, run
    asked = service.Asked(found, PATHS, service.seed_of(goal_id))
    check(found.case, paths=asked.paths, seed=asked.seed)
    outcome = await service.reckon(asked, home=home)
    async with database.unit_of_work(owner) as db:
        return found, await service.keep(
            db, owner=owner, asked=asked, outcome=outcome, now=now, by=AskedBy.REFRESH
        )


async def current_run(
    database: Database, *, owner: UserId, goal_id: GoalId, now: datetime, home: Path
) -> Run:
    """Return the simulation of ``current`` alone."""
    return (await current(database, owner=owner, goal_id=goal_id, now=now, home=home))[1]
