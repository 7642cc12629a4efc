"""The pages of goals as a list and as a form: in what order they come, change one, delete it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import accounts, goals, identity, ui
from strongroom.accounts import Account, Category
from strongroom.core import ids
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import AccountId
from strongroom.core.wire import WireId
from strongroom.goals.cards import cards
from strongroom.goals.labels import type_label
from strongroom.goals.pages import forms
from strongroom.goals.types import LOWEST_PRIORITY, Goal, GoalChange, GoalId, GoalType
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]
GoalRef = Annotated[GoalId, WireId("goal")]
_MAY_HOLD = (Category.CASH, Category.INVESTMENTS, Category.DIGITAL_ASSETS)


@router.get("/goals")
async def show_goals(request: Request, caller: Reader) -> HTMLResponse:
    """Show all goals, the first by priority first, with the chance and the share of each."""
    async with caller.unit_of_work() as db:
        found = await cards(db, owner=caller.owner, now=caller.now)
    return render(
        request,
        "goals/goals.html",
        nav="goals",
        found=found,
        busy=any((one.chance is None and not one.lacking) or one.is_coming for one in found),
    )


@router.post("/goals/{goal_id}/move")
async def move(caller: Writer, goal_id: GoalRef, way: Annotated[str, Form()]) -> RedirectResponse:
    """Let a goal come before the one above it, or after the one below."""
    async with caller.unit_of_work() as db:
        every = await goals.list_all(db, owner=caller.owner)
        await goals.get(db, owner=caller.owner, goal_id=goal_id)
        for one, priority in moved(every, goal_id, up=way != "down"):
            await goals.change(
                db,
                owner=caller.owner,
                goal_id=one.id,
                change=GoalChange(priority=priority),
                now=caller.now,
                actor=caller.actor,
            )
    return redirect("/goals")


def moved(every: Sequence[Goal], goal_id: GoalId, *, up: bool) -> list[tuple[Goal, int]]:
    """Return what priorities change when one goal changes places with its neighbour.

    Neighbours that are as important as each other stay so, but for the one that was moved.
    """
    order = list(every)
    at = next(n for n, one in enumerate(order) if one.id == goal_id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return []
    order[at], order[to] = order[to], order[at]
    ranks = [1]
    for before, one in pairwise(order):
        apart = goal_id in (before.id, one.id) or before.priority != one.priority
        ranks.append(min(LOWEST_PRIORITY, ranks[-1] + apart))
    return [(one, rank) for one, rank in zip(order, ranks, strict=True) if one.priority != rank]


@router.get("/goals/{goal_id}/edit")
async def show_edit(request: Request, caller: Writer, goal_id: GoalRef) -> HTMLResponse:
    """Show the form of a goal as it is."""
    async with caller.unit_of_work() as db:
        goal = await goals.get(db, owner=caller.owner, goal_id=goal_id)
    with ui.using(request.state.preferences):
        texts = forms.of_goal(goal, caller.today)
    return await form(request, caller, texts, chosen=goal.accounts, goal_id=goal_id)


@router.post("/goals/{goal_id}")
async def change(request: Request, caller: Writer, goal_id: GoalRef) -> Response:
    """Write a goal anew, or show what is wrong with the form."""
    told = await request.form()
    texts = forms.texts_of(told)
    chosen: Sequence[AccountId] = ()
    with ui.using(request.state.preferences):
        try:
            chosen = forms.chosen_accounts(told)
            new = forms.read_goal(texts, chosen, assumptions={})
            async with caller.unit_of_work() as db:
                was = await goals.get(db, owner=caller.owner, goal_id=goal_id)
                same_time = new.timeline_months == was.months_left(caller.today)
                await goals.change(
                    db,
                    owner=caller.owner,
                    goal_id=goal_id,
                    change=GoalChange(
                        name=new.name,
                        goal_type=new.goal_type,
                        target=new.target,
                        timeline_months=None if same_time else new.timeline_months,
                        goal_text=was.goal_text,
                        priority=new.priority if texts["priority"] else None,
                        monthly_contribution=new.monthly_contribution,
                        all_that_is_left=new.monthly_contribution is None,
                        todays_money=new.todays_money,
                        accounts=new.accounts,
                    ),
                    now=caller.now,
                    actor=caller.actor,
                )
        except StrongroomError as problem:
            if isinstance(problem, goals.GoalNotFound):
                raise
            return await form(
                request, caller, texts, chosen=chosen, goal_id=goal_id, problem=problem
            )
        return redirect(f"/goals/{ids.show('goal', goal_id)}", toast=ui.gettext("Saved."))


@router.post("/goals/{goal_id}/delete")
async def delete(request: Request, caller: Writer, goal_id: GoalRef) -> RedirectResponse:
    """Take a goal and its simulations away."""
    async with caller.unit_of_work() as db:
        await goals.delete(
            db, owner=caller.owner, goal_id=goal_id, now=caller.now, actor=caller.actor
        )
    with ui.using(request.state.preferences):
        return redirect("/goals", toast=ui.gettext("The goal is gone."))


async def form(
    request: Request,
    caller: identity.Caller,
    texts: Mapping[str, str],
    *,
    chosen: Sequence[AccountId] = (),
    goal_id: GoalId | None = None,
    problem: StrongroomError | None = None,
    **about: object,
) -> HTMLResponse:
    """Return the page with a goal's form. ``about``: what was understood of a text, if one was."""
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
    if problem is not None and problem.field in forms.SAME:
        problem.field = forms.SAME[problem.field]
    with ui.using(request.state.preferences):
        return render(
            request,
            "goals/form.html",
            status=200 if problem is None else problem.status,
            nav="goals",
            ref="" if goal_id is None else ids.show("goal", goal_id),
            texts=dict.fromkeys(forms.FIELDS, "") | dict(texts),
            types=[(one.value, type_label(one)) for one in GoalType],
            when_help=forms.when_help(texts.get("timeline_months", ""), caller.today),
            held=[(ids.show("acc", one.id), one.name, _balance(one)) for one in held if _may(one)],
            chosen={ids.show("acc", one) for one in chosen},
            problem=problem,
            **({"origins": {}, "asked": {}, "assumed": {}, "ask_born": False, "marked": ""}
               | {"read_by": "", "model_name": "", "constraints": []} | about),
        )  # fmt: skip


def _may(one: Account) -> bool:
    return one.category in _MAY_HOLD and one.closed_at is None and one.hidden_at is None


def _balance(one: Account) -> str:
    return "" if one.balance is None else ui.money(one.balance)
