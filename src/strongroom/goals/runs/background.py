"""What the worker does about simulations: long ones, chances after a change, putting old ones away.

Flows: each opens its own units of work, and simulates in none of them, in a child process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from strongroom.core.db import Database, Db
from strongroom.core.errors import Refused, StrongroomError, Unavailable
from strongroom.core.ids import UserId
from strongroom.goals import queries as goal_queries
from strongroom.goals import service as goal_service
from strongroom.goals.pool import Cases, GoalHasNoRate, cases
from strongroom.goals.reasons import Reason
from strongroom.goals.runs import archive, canonical, queries, running, service
from strongroom.goals.runs.types import Run
from strongroom.goals.simulation import ENGINE, PATHS, SimulationWasStopped, check
from strongroom.goals.types import AskedBy, CaseOf, GoalId, RunId, RunState
from strongroom.ui import N_

KEEP: Final = timedelta(days=30)
"""How long a simulation is kept in full."""
_AT_ONCE: Final = 50
_BROKE: Final = Reason(N_("Something went wrong on our side. Simulate it again."))
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


async def prepare(home: Path) -> None:
    """Make the compiled engine ready under ``home``: once a machine, some seconds in a child."""
    try:
        await running.apart([], home=home)
    except (OSError, running.EngineBroke):
        _log.exception("the engine could not be compiled ahead")


async def carry_out(
    database: Database, *, owner: UserId, run_id: RunId, home: Path, clock: Clock
) -> None:
    """Do a long simulation from its beginning, unless it was stopped or deleted or has ended.

    After a worker's death another begins it again: the same comes out. Raises ``Unavailable``
    where somebody else is at it.
    """
    async with database.lease(f"simulation {run_id}") as ours:
        if not ours:
            raise Unavailable("Another worker simulates this.", retry_after_seconds=2)
        async with database.unit_of_work(owner) as db:
            wanted = await queries.begin(db, owner, run_id)
            if not wanted:
                await queries.end(db, owner, run_id, RunState.STOPPED.value, None, clock())
                return
            run = await service.get(db, owner=owner, run_id=run_id)
        await _carry_out(database, owner, run, home, clock)


async def _carry_out(database: Database, owner: UserId, run: Run, home: Path, clock: Clock) -> None:
    run_id = run.summary.id

    async def on_progress(done: int) -> bool:
        async with database.unit_of_work(owner) as db:
            return await queries.progress(db, owner, run_id, done)

    async def end(state: RunState, why: Reason | None = None) -> None:
        error = None if why is None else why.stored()
        async with database.unit_of_work(owner) as db:
            await queries.end(db, owner, run_id, state.value, error, clock())

    work = running.Work(run.case, run.summary.paths, run.summary.seed)
    try:
        (found,) = await running.apart([work], home=home, on_progress=on_progress)
    except SimulationWasStopped:
        await end(RunState.STOPPED)
        return
    except Unavailable:
        raise
    except Exception:
        await end(RunState.FAILED, _BROKE)
        raise
    if isinstance(found, Reason):
        await end(RunState.FAILED, found)
        return
    async with database.unit_of_work(owner) as db:
        columns = service.columns_of(found)
        await queries.finish(db, {**columns, "owner": owner, "id": run_id, "now": clock()})


async def refresh(database: Database, *, owner: UserId, home: Path, clock: Clock) -> int:
    """Simulate those of a person's goals whose newest chance is not of today's data.

    Returns how many. Where the data says too little there is nothing to do.
    """
    async with database.unit_of_work(owner) as db:
        wanted = await stale(db, owner=owner, now=clock())
    if not wanted:
        return 0
    asked = [service.Asked(one, PATHS, service.seed_of(one.goal.id)) for one in wanted]
    outcomes = await running.apart(
        [running.Work(one.case_of.case, one.paths, one.seed) for one in asked], home=home
    )
    kept, now = 0, clock()
    for one, outcome in zip(asked, outcomes, strict=True):
        with suppress(goal_service.GoalNotFound):  # deleted meanwhile
            async with database.unit_of_work(owner) as db:
                await service.keep(
                    db, owner=owner, asked=one, outcome=outcome, now=now, by=AskedBy.REFRESH
                )
            kept += not isinstance(outcome, Reason)
    return kept


async def stale(db: Db, *, owner: UserId, now: datetime) -> list[CaseOf]:
    """Return goals whose newest simulation was of other data, months or engine, or is archived."""
    if not await goal_queries.goals(db, owner):
        return []
    try:
        found = await cases(db, owner=owner, now=now)
    except StrongroomError as problem:
        _log.info("chances cannot be reckoned", extra={"why": problem.code})
        return []
    newest = {one.goal_id: one for one in await queries.newest_inputs(db, owner)}
    return [one for one in found.found if _is_stale(one, newest.get(one.goal.id)) and _can_be(one)]


async def outdated(db: Db, *, owner: UserId, now: datetime) -> dict[GoalId, bool]:
    """Return goals whose newest chance is not of today's data, months or engine, or is archived.

    True for each that the worker can reckon anew; where today's data says too little, or what
    it says is beyond reckoning, it cannot.
    """
    try:
        found = await cases(db, owner=owner, now=now)
    except StrongroomError:
        return {GoalId(one.goal_id): False for one in await queries.newest_inputs(db, owner)}
    return await outdated_of(db, owner=owner, today=found)


async def outdated_of(db: Db, *, owner: UserId, today: Cases) -> dict[GoalId, bool]:
    """Return what ``outdated`` does, of cases that are known already."""
    newest = {GoalId(one.goal_id): one for one in await queries.newest_inputs(db, owner)}
    old = {
        one: False
        for one, problem in today.lacking.items()
        if one in newest and isinstance(problem, GoalHasNoRate)
    }
    for one in today.found:
        was = newest.get(one.goal.id)
        if one.goal.latest is None:
            continue
        if _is_stale(one, was):
            old[one.goal.id] = _can_be(one)
        elif was is not None and was.state == RunState.FAILED:
            old[one.goal.id] = False
    return old


def _is_stale(one: CaseOf, newest: queries.NewestRow | None) -> bool:
    if newest is None or newest.engine != ENGINE:
        return True
    return not canonical.same(canonical.case_of(newest.inputs), one.case)


def _can_be(one: CaseOf) -> bool:
    try:
        check(one.case, paths=PATHS, seed=0)
    except Refused:
        return False
    return True


async def ask_if_stale(db: Db, *, owner: UserId, now: datetime) -> bool:
    """Let the worker reckon chances if any is not of today's data; return whether it will."""
    if not await stale(db, owner=owner, now=now):
        return False
    await goal_service.ask_to_refresh(db, owner=owner)
    return True


async def ask_for_all(db: Db) -> int:
    """Let the worker look through everybody's chances; return how many people have goals."""
    owners = await goal_queries.owners_for_all(db)
    for owner in owners:
        await goal_service.ask_to_refresh(db, owner=UserId(owner))
    return len(owners)


async def put_away(database: Database, *, now: datetime) -> dict[str, int]:
    """Put simulations of more than 30 days ago into the archive; forget those that found nothing.

    In parts, each a unit of work: cut short, it goes on where it was.
    """
    count = 0
    while True:
        async with database.unit_of_work_for_all() as db:
            old = await queries.old_for_all(db, now - KEEP, _AT_ONCE)
            bodies = [archive.pack(one.inputs, one.outcome) for one in old]
            await queries.put_away_for_all(db, old, bodies, now)
        count += len(old)
        if len(old) < _AT_ONCE:
            break
    async with database.unit_of_work_for_all() as db:
        forgotten = await queries.forget_ended_for_all(db, now - KEEP)
    return {"simulations": count, "forgotten": forgotten}


async def give_up_for_all(db: Db, *, now: datetime) -> int:
    """Tell long simulations as failed whose job has used up its tries; return how many.

    A job may do so while the database is away; then nothing else would ever end its simulation.
    """
    return await queries.give_up_for_all(db, _BROKE.stored(), now)
