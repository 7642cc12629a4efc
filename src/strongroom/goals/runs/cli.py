"""The commands of a goal's simulations: simulate now, list, stop, delete, replay."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, Final

import typer

from strongroom.core import ids, terminal
from strongroom.core.ids import UserId
from strongroom.core.paging import Page
from strongroom.core.plain import amount_text
from strongroom.goals.runs import service, told
from strongroom.goals.runs.types import Replayed, Run
from strongroom.goals.runs.wire import SimulationOut, SimulationSummary
from strongroom.goals.types import GoalId, RunId, RunSummary

RunName = Annotated[str, typer.Argument(help="The simulation (run_…), as `goals runs` shows it.")]
GoalName = Annotated[str, typer.Argument(help="The goal (goal_…), as `goals list` shows it.")]
_DIFFERS: Final = 1
_POLL_SECONDS: Final = 0.3


def simulate_goal(
    session: terminal.Session, goal: str, *, paths: int | None, seed: int | None
) -> None:
    """Simulate a goal of one's own, keep what came of it, and print it."""
    run = session.run(_simulate(session, goal_id(goal), paths, seed))
    if session.as_json:
        session.print_json(SimulationOut.of_run(run).model_dump(mode="json"))
    elif run.outcome is None:
        why = "" if run.summary.why is None else run.summary.why.text()
        session.say(f"{run.summary.state.value.capitalize()}. {why}".strip())
    else:
        session.say(told.says(run.outcome, run.summary.target.currency))
        session.say(told.stood_in(run.stood_in))


async def _simulate(
    session: terminal.Session, goal: GoalId, paths: int | None, seed: int | None
) -> Run:
    async with session.services() as services:
        owner = await session.owner(services)
        run = await service.simulate(
            services.database, owner=owner, goal_id=goal, paths=paths, seed=seed,
            now=session.now(), home=services.settings.home, actor="cli",
        )  # fmt: skip
        if run.summary.state.is_busy:
            run = await _await(session, services, owner, run)
        return run


async def _await(
    session: terminal.Session, services: terminal.Services, owner: UserId, run: Run
) -> Run:
    """Wait for a long one, which the worker does, or this process where none is up."""
    name = ids.show("run", run.summary.id)
    try:
        return await _watch(session, services, owner, run)
    except asyncio.CancelledError:
        # Ctrl-C. Standard output is the result's alone.
        sys.stderr.write(
            f"strongroom: {name} is kept: a worker goes on with it, now or when one is up."
            f" To stop it: strongroom goals stop {name}\n"
        )
        raise


async def _watch(
    session: terminal.Session, services: terminal.Services, owner: UserId, run: Run
) -> Run:
    working = asyncio.ensure_future(session.work_off(services))
    with session.progress("Simulating", total=run.summary.paths) as show:
        while run.summary.state.is_busy:
            await asyncio.sleep(_POLL_SECONDS)
            async with services.database.unit_of_work(owner) as db:
                run = await service.get(db, owner=owner, run_id=run.summary.id)
            show(run.summary.paths_done, run.summary.paths)
    await working
    return run


def runs(
    ctx: typer.Context,
    goal: GoalName,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List a goal's simulations, the newest first, archived ones among them."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Page[RunSummary]:
        async with session.work() as (db, owner):
            return await service.list_runs(db, owner=owner, goal_id=goal_id(goal), limit=limit)

    found = session.run(work()).items
    if session.as_json:
        session.print_json([SimulationSummary.of(one).model_dump(mode="json") for one in found])
        return
    session.print_table(
        ["Id", "At", "State", "Chance", ">Median", "", ">Months", ">Paths", ">Seed", ""],
        [_line(one) for one in found],
        empty="No simulations. Make one with: strongroom goals simulate GOAL",
    )


def stop(
    ctx: typer.Context,
    run: RunName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Stop a simulation that waits or runs."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await service.stop(db, owner=owner, run_id=run_id(run), now=session.now(), actor="cli")

    session.run(work())
    if session.as_json:
        session.print_json({"stopped": run})
    session.say("Stopped.")


def delete_run(
    ctx: typer.Context,
    run: RunName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Delete a simulation for good, archived or not."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await service.delete(
                db, owner=owner, run_id=run_id(run), now=session.now(), actor="cli"
            )

    session.run(work())
    if session.as_json:
        session.print_json({"deleted": run})
    session.say("Deleted.")


def replay(
    ctx: typer.Context,
    run: RunName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Run a simulation again from what is stored, and compare to the last bit.

    Exits with 1 where something else came out.
    """
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Replayed:
        async with session.services() as services:
            return await service.replay(
                services.database,
                owner=await session.owner(services),
                run_id=run_id(run),
                home=services.settings.home,
            )

    found = session.run(work())
    was = found.run.summary
    if session.as_json:
        hashes = found.run.outcome_hash or b"", found.outcome_hash
        session.print_json(
            {
                "run": run, "same": found.same, "stored_hash": hashes[0].hex(),
                "replayed_hash": hashes[1].hex(), "stored_engine": was.engine,
                "engine": found.engine, "paths": was.paths, "seed": was.seed,
            }
        )  # fmt: skip
    elif found.same:
        session.say(f"The same to the last bit: {told.in_hundred(was.chance)}.")
    elif was.engine != found.engine:
        session.say(f"Not the same: it was made by engine {was.engine}, this is {found.engine}.")
    else:
        session.say("Not the same: what is stored does not come out of what it says it did.")
    if not found.same:
        raise typer.Exit(_DIFFERS)


def goal_id(text: str) -> GoalId:
    """Read a goal's id as it is shown. Raises ``NotFound``."""
    return GoalId(ids.parse("goal", text))


def run_id(text: str) -> RunId:
    """Read a simulation's id as it is shown. Raises ``NotFound``."""
    return RunId(ids.parse("run", text))


def _line(one: RunSummary) -> tuple[object, ...]:
    median = None if one.median is None else amount_text(one.median.amount, one.median.currency)
    note = "archived" if one.archived else one.why and one.why.text()
    return (
        ids.show("run", one.id), f"{one.asked_at:%Y-%m-%d %H:%M}", one.state,
        told.in_hundred(one.chance), median, one.target.currency, one.months, one.paths, one.seed,
        note,
    )  # fmt: skip
