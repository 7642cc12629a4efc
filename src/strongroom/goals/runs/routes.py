"""Simulations of a goal as JSON under ``/api/v1``: run, list, read, stop, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.paging import Page
from strongroom.core.wire import WireInt
from strongroom.goals.runs import running, service
from strongroom.goals.runs.wire import GoalRef, RunRef, SimulationOut, SimulationSummary
from strongroom.identity.access import may

router = APIRouter(tags=["goals"])

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]


class SimulationBody(BaseModel):
    """How to simulate: ``paths`` (1,000 to 10,000,000; 100,000 unless given), and a ``seed``.

    Without a seed it is the goal's own, so that the same data gives the same chance.
    """

    model_config = ConfigDict(extra="forbid")

    paths: WireInt | None = None
    seed: WireInt | None = None


@router.post(
    "/goals/{goal_id}/simulations",
    status_code=201,
    summary="Simulate a goal",
    responses={202: {"description": "A long one: it waits", "model": SimulationOut}},
)
async def simulate(
    request: Request,
    caller: Writer,
    goal_id: GoalRef,
    asked: AskedOnce,
    body: SimulationBody | None = None,
) -> SimulationOut:
    """Simulate a goal with today's data. At once, or, if it is long, in the background: 202.

    So is a short one while the engine is made ready on a new machine. Takes an Idempotency-Key.
    At most 600 an hour: 429 past them.
    """
    owner, now, wanted = caller.owner, caller.now, body or SimulationBody()
    home = request.app.state.services.settings.home
    await service.count(caller.database, owner=owner, now=now)
    async with caller.unit_of_work() as db:
        work = await service.ask(
            db, owner=owner, goal_id=goal_id, paths=wanted.paths, seed=wanted.seed, now=now
        )
    outcome = None
    if work.is_short and running.engine_is_ready(home):
        outcome = await service.reckon(work, home=home)  # changes nothing: a repeat may do it again
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=owner, now=now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        if outcome is None:
            run = await service.queue(db, owner=owner, asked=work, now=now, actor=caller.actor)
        else:
            run = await service.keep(
                db, owner=owner, asked=work, outcome=outcome, now=now, actor=caller.actor
            )
        status = 202 if outcome is None else 201
        return turn.answer(SimulationOut.of_run(run), status=status)  # type: ignore[return-value]


@router.get("/goals/{goal_id}/simulations", summary="List a goal's simulations")
async def list_simulations(
    caller: Reader,
    goal_id: GoalRef,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> Page[SimulationSummary]:
    """List a goal's simulations, the newest first, archived ones among them."""
    async with caller.unit_of_work() as db:
        found = await service.list_runs(
            db, owner=caller.owner, goal_id=goal_id, limit=limit, cursor=cursor
        )
    return Page([SimulationSummary.of(one) for one in found.items], found.next)


@router.get("/goals/{goal_id}/simulations/{run_id}", summary="Look at a simulation")
async def get_simulation(caller: Reader, goal_id: GoalRef, run_id: RunRef) -> SimulationOut:
    """Return one simulation; of one that runs, how far it is."""
    async with caller.unit_of_work() as db:
        return SimulationOut.of_run(
            await service.get(db, owner=caller.owner, run_id=run_id, goal_id=goal_id)
        )


@router.post("/goals/{goal_id}/simulations/{run_id}/stop", summary="Stop a simulation")
async def stop_simulation(caller: Writer, goal_id: GoalRef, run_id: RunRef) -> SimulationOut:
    """Stop a simulation that waits or runs; one that runs stops within a second or so."""
    async with caller.unit_of_work() as db:
        return SimulationOut.of_run(
            await service.stop(
                db, owner=caller.owner, run_id=run_id, goal_id=goal_id, now=caller.now,
                actor=caller.actor,
            )
        )  # fmt: skip


@router.delete(
    "/goals/{goal_id}/simulations/{run_id}", status_code=204, summary="Delete a simulation"
)
async def delete_simulation(caller: Writer, goal_id: GoalRef, run_id: RunRef) -> Response:
    """Delete a simulation for good, archived or not; one that runs is stopped."""
    async with caller.unit_of_work() as db:
        await service.delete(
            db, owner=caller.owner, run_id=run_id, goal_id=goal_id, now=caller.now,
            actor=caller.actor,
        )  # fmt: skip
    return Response(status_code=204)
