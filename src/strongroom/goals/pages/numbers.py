"""The page of the numbers behind a goal's chance, and the form of what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import goals, identity, ui
from strongroom.core import ids
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.wire import WireId
from strongroom.goals import profile
from strongroom.goals.pages import figures
from strongroom.goals.pages.assumed import ALL
from strongroom.goals.profile import NotEnoughHistory
from strongroom.goals.types import SPEND_LESS, GoalChange, GoalId
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]
GoalRef = Annotated[GoalId, WireId("goal")]


@router.get("/goals/{goal_id}/numbers")
async def show_numbers(request: Request, caller: Reader, goal_id: GoalRef) -> Response:
    """Show every number: the household's, and what is assumed, each with its source."""
    with ui.using(request.state.preferences):
        try:
            return await _page(request, caller, goal_id)
        except NotEnoughHistory:
            return redirect("/goals/profile")


@router.post("/goals/{goal_id}/numbers")
async def save(request: Request, caller: Writer, goal_id: GoalRef) -> Response:
    """Keep what is assumed for this goal; an emptied field goes back to the default."""
    told = await request.form()
    texts = {
        key: str(value).strip()
        for key, value in told.items()
        if key in ALL or key.startswith(SPEND_LESS)
    }
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                of = await goals.case_of(db, owner=caller.owner, goal_id=goal_id, now=caller.now)
                own = figures.read_assumptions(of, of.goal, texts)
                await goals.change(
                    db,
                    owner=caller.owner,
                    goal_id=goal_id,
                    change=GoalChange(assumptions=own),
                    now=caller.now,
                    actor=caller.actor,
                )
        except Refused as problem:
            if isinstance(problem, NotEnoughHistory):
                raise
            return await _page(request, caller, goal_id, typed=texts, problem=problem)
        return redirect(f"/goals/{ids.show('goal', goal_id)}", toast=ui.gettext("Saved."))


async def _page(
    request: Request,
    caller: identity.Caller,
    goal_id: GoalId,
    *,
    typed: Mapping[str, str] | None = None,
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        of = await goals.case_of(db, owner=caller.owner, goal_id=goal_id, now=caller.now)
        found = await profile.get(db, owner=caller.owner, now=caller.now)
    if problem is not None and problem.field is not None:
        problem.field = problem.field.removeprefix("assumptions.")
    return render(
        request,
        "goals/numbers.html",
        status=200 if problem is None else problem.status,
        nav="goals",
        goal=of.goal,
        ref=ids.show("goal", goal_id),
        groups=figures.assumption_groups(of),
        standing=figures.household_rows(found),
        history=figures.history_text(found),
        typed=typed or {},
        problem=problem,
    )
