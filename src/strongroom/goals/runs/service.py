"""The verbs of simulations: run one now or later, list, read, stop, replay, delete.

What is simulated is reckoned first, in a unit of work; simulating itself is done in none. A
simulation stores all that decided it, so that it can be run again to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom import audit, identity
from strongroom.core.db import Database, Db
from strongroom.core.errors import Conflict, NotFound
from strongroom.core.ids import UserId, new_id
from strongroom.core.paging import Page, decode_cursor, encode_cursor
from strongroom.core.queue import enqueue
from strongroom.goals import run_rows, service, simulation
from strongroom.goals.pool import case_of
from strongroom.goals.reasons import Reason
from strongroom.goals.runs import archive, canonical, queries, running
from strongroom.goals.runs.types import MOST_WAITING, Replayed, Run, is_short
from strongroom.goals.simulation import ENGINE, MOST_SEED, PATHS, check
from strongroom.goals.simulation.types import Outcome
from strongroom.goals.types import AskedBy, CaseOf, GoalId, RunId, RunState, RunSummary
from strongroom.ui import gettext

JOB: Final = "goals.simulate"
_ORDER: Final = "simulations"
_MOST_AN_HOUR: Final = 600
_HOUR: Final = timedelta(hours=1)


class RunNotFound(NotFound):
    """No simulation of yours has that id."""


class RunHasEnded(Conflict):
    """The simulation has ended already: there is nothing to stop."""


class RunIsNotDone(Conflict):
    """The simulation found nothing, or has not yet: there is nothing to compare with."""


class TooManyWait(Conflict):
    """So many long simulations wait already that one has to end first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A simulation that is asked for: with what, how many paths, and which seed."""

    case_of: CaseOf
    paths: int
    seed: int

    @property
    def is_short(self) -> bool:
        """Whether it is answered at once."""
        return is_short(self.paths, self.case_of.case.aim.months)


def seed_of(goal_id: GoalId) -> int:
    """Return a goal's own seed: the same data gives the same chance, until the engine changes."""
    digest = sha256(f"{goal_id} {ENGINE}".encode()).digest()
    return int.from_bytes(digest[:8]) & MOST_SEED


async def count(database: Database, *, owner: UserId, now: datetime) -> None:
    """Count a simulation that a person asks for. Raises ``TooManyAttempts`` past 600 an hour."""
    async with database.unit_of_work(owner) as db:
        await identity.take(db, f"simulations {owner}", _MOST_AN_HOUR, _HOUR, now=now)


async def ask(
    db: Db, *, owner: UserId, goal_id: GoalId, paths: int | None, seed: int | None, now: datetime
) -> Asked:
    """Return what is to be simulated; nothing is stored yet.

    Raises ``SimulationInputIsWrong``, and what ``case_of`` does.
    """
    found = await case_of(db, owner=owner, goal_id=goal_id, now=now)
    asked = Asked(
        found,
        PATHS if paths is None else paths,
        seed_of(goal_id) if seed is None else seed,
    )
    check(found.case, paths=asked.paths, seed=asked.seed)
    return asked


async def reckon(asked: Asked, *, home: Path) -> Outcome:
    """Simulate what is short, in a thread. Raises ``AmountsAreBeyondReckoning``."""
    case, seed, paths = asked.case_of.case, asked.seed, asked.paths
    return await running.off_the_loop(
        lambda: simulation.simulate(case, seed=seed, paths=paths), home=home
    )


async def keep(
    db: Db,
    *,
    owner: UserId,
    asked: Asked,
    outcome: Outcome | Reason,
    now: datetime,
    by: AskedBy = AskedBy.PERSON,
    actor: str = "person",
) -> Run:
    """Store a simulation that is done, or that could not be and why.

    Raises ``GoalNotFound`` where its goal is gone.

    Of what the program itself asks for, the newest of a day (UTC) is kept, and of each plan.
    """
    if by is AskedBy.REFRESH:
        begun = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        await queries.forget_refreshed(db, owner, asked.case_of.goal.id, begun)
    if isinstance(outcome, Reason):
        state, found = RunState.FAILED, {"error": outcome.stored(), "ended_at": now}
    else:
        state = RunState.DONE
        found = {**columns_of(outcome), "ended_at": now, "paths_done": asked.paths}
    run_id = await _add(db, owner, asked, by, state, found, now)
    if by is AskedBy.PERSON:
        await _record(db, owner, "simulate", run_id, actor, now)
    return await get(db, owner=owner, run_id=run_id)


async def queue(
    db: Db, *, owner: UserId, asked: Asked, now: datetime, actor: str = "person"
) -> Run:
    """Store a long simulation, and let the worker do it.

    Raises ``TooManyWait``, and ``GoalNotFound`` where its goal is gone.
    """
    if await queries.waiting(db, owner) >= MOST_WAITING:
        raise TooManyWait(
            gettext("%(most)s long simulations wait already.", most=MOST_WAITING),
            hint=gettext("Wait until one has ended, or stop one."),
        )
    run_id = await _add(db, owner, asked, AskedBy.PERSON, RunState.QUEUED, {}, now)
    # One at a time for everybody: each takes all processors.
    await enqueue(db, JOB, lock=JOB, owner=str(owner), run=str(run_id))
    await _record(db, owner, "simulate", run_id, actor, now)
    return await get(db, owner=owner, run_id=run_id)


async def simulate(
    database: Database,
    *,
    owner: UserId,
    goal_id: GoalId,
    paths: int | None = None,
    seed: int | None = None,
    now: datetime,
    home: Path,
    waits_for_engine: bool = True,
    actor: str = "person",
) -> Run:
    """Simulate a goal with today's data and keep what came of it; what is long is done later.

    A flow: opens its own units of work. ``paths``: 100,000 unless told; ``seed``: the goal's own.
    Not ``waits_for_engine``: later too, while the engine is made. Raises what ``count``, ``ask``,
    ``reckon``, ``keep`` and ``queue`` do.
    """
    await count(database, owner=owner, now=now)
    ready = waits_for_engine or running.engine_is_ready(home)
    async with database.unit_of_work(owner) as db:
        asked = await ask(db, owner=owner, goal_id=goal_id, paths=paths, seed=seed, now=now)
        if not (ready and asked.is_short):
            return await queue(db, owner=owner, asked=asked, now=now, actor=actor)
    outcome = await reckon(asked, home=home)
    async with database.unit_of_work(owner) as db:
        return await keep(db, owner=owner, asked=asked, outcome=outcome, now=now, actor=actor)


async def list_runs(
    db: Db, *, owner: UserId, goal_id: GoalId, limit: int = 50, cursor: str | None = None
) -> Page[RunSummary]:
    """Return a goal's simulations, the newest first, archived ones too.

    Raises ``GoalNotFound`` and ``BadCursor``.
    """
    await service.get(db, owner=owner, goal_id=goal_id)
    after = None
    if cursor is not None:
        after = queries.After(*decode_cursor(_ORDER, cursor, datetime, UUID))
    rows = await queries.page(db, owner, goal_id, after, limit + 1)
    items = [run_rows.summary(row) for row in rows[:limit]]
    more = len(rows) > limit
    last = encode_cursor(_ORDER, items[-1].asked_at, items[-1].id) if more else None
    return Page(items, last)


async def put_aside(
    db: Db, *, owner: UserId, run_ids: Sequence[RunId]
) -> Mapping[RunId, Decimal | None]:
    """Return what each simulation put aside a month, in its target's currency.

    None for whatever was left over. Archived ones are unpacked: for no more than a page of them.
    """
    found: dict[RunId, Decimal | None] = {}
    for row in await queries.aims(db, owner, run_ids):
        aim = row.aim if row.body is None else archive.unpack(row.body)[0]["aim"]
        wish = (aim or {}).get("monthly_contribution")
        found[RunId(row.id)] = None if wish is None else Decimal(wish)
    return found


async def get(db: Db, *, owner: UserId, run_id: RunId, goal_id: GoalId | None = None) -> Run:
    """Return one simulation, archived or not; of one goal, if told. Raises ``RunNotFound``."""
    row = await queries.one(db, owner, run_id)
    whole = await queries.whole(db, owner, run_id)
    if row is None or whole is None or (goal_id is not None and row.goal_id != goal_id):
        raise RunNotFound(gettext("There is no such simulation."))
    inputs, outcome = whole.inputs, whole.outcome
    if whole.body is not None:
        inputs, outcome = archive.unpack(whole.body)
    return Run(
        summary=run_rows.summary(row),
        case=canonical.case_of(inputs or {}),
        data_hash=whole.data_hash,
        outcome=None if outcome is None else canonical.outcome_of(outcome),
        outcome_hash=whole.outcome_hash,
        stood_in=canonical.stood_in_of(inputs or {}),
    )


async def stop(
    db: Db, *, owner: UserId, run_id: RunId, goal_id: GoalId | None = None, now: datetime,
    actor: str = "person",
) -> Run:  # fmt: skip
    """Stop one that waits, or ask one that runs to stop, which it does within a second or so.

    Raises ``RunNotFound`` and ``RunHasEnded``.
    """
    await get(db, owner=owner, run_id=run_id, goal_id=goal_id)
    if not await queries.stop(db, owner, run_id, now):
        raise RunHasEnded(gettext("The simulation has ended already."))
    await _record(db, owner, "stop_simulation", run_id, actor, now)
    return await get(db, owner=owner, run_id=run_id)


async def delete(
    db: Db, *, owner: UserId, run_id: RunId, goal_id: GoalId | None = None, now: datetime,
    actor: str = "person",
) -> None:  # fmt: skip
    """Delete a simulation, for good; one that runs is stopped. Raises ``RunNotFound``."""
    await get(db, owner=owner, run_id=run_id, goal_id=goal_id)
    await queries.delete(db, owner, run_id)
    await _record(db, owner, "delete_simulation", run_id, actor, now)


async def replay(database: Database, *, owner: UserId, run_id: RunId, home: Path) -> Replayed:
    """Run a simulation again from what is stored, and compare to the last bit; stores nothing.

    Raises ``RunNotFound`` and ``RunIsNotDone``.
    """
    async with database.unit_of_work(owner) as db:
        run = await get(db, owner=owner, run_id=run_id)
    if run.outcome is None:
        raise RunIsNotDone(gettext("This simulation is not done: there is nothing to compare."))
    case, seed, paths = run.case, run.summary.seed, run.summary.paths
    outcome = await running.off_the_loop(
        lambda: simulation.simulate(case, seed=seed, paths=paths), home=home
    )
    return Replayed(run, canonical.outcome_hash(outcome), ENGINE)


def columns_of(outcome: Outcome) -> dict[str, Any]:
    """Return what a simulation found, by column."""
    return {
        "success_probability": outcome.chance,
        "median_outcome": outcome.at_the_end.p50,
        "outcome": Jsonb(canonical.outcome_json(outcome)),
        "outcome_hash": canonical.outcome_hash(outcome),
    }


async def _add(
    db: Db,
    owner: UserId,
    asked: Asked,
    by: AskedBy,
    state: RunState,
    found: dict[str, Any],
    now: datetime,
) -> RunId:
    run_id, case = RunId(new_id()), asked.case_of.case
    nothing = dict.fromkeys(
        ("success_probability", "median_outcome", "outcome", "outcome_hash", "error", "ended_at")
    )
    stored = await queries.add(
        db,
        {
            **nothing,
            "owner": owner,
            "id": run_id,
            "goal_id": asked.case_of.goal.id,
            "state": state.value,
            "asked_by": by.value,
            "paths": asked.paths,
            "paths_done": 0,
            "seed": asked.seed,
            "engine": ENGINE,
            "inputs": Jsonb(canonical.inputs_json(case, asked.case_of.stood_in)),
            "data_hash": asked.case_of.data_hash,
            "currency": asked.case_of.currency,
            "target_amount": case.aim.target,
            "months": case.aim.months,
            "now": now,
            **found,
        },
    )
    if not stored:
        raise service.GoalNotFound(gettext("There is no such goal."))
    return run_id


async def _record(
    db: Db, owner: UserId, verb: str, run_id: RunId, actor: str, now: datetime
) -> None:
    await audit.record(
        db, owner=owner, actor=actor, action=f"goals.{verb}", resource_type="simulation",
        resource_id=str(run_id), now=now,
    )  # fmt: skip
