"""The pages of a new goal: its text, what was understood of it and what was not, and the goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import accounts, goals, identity, ui
from strongroom.core import ids
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency
from strongroom.goals import service
from strongroom.goals.labels import constraint_label, model_words
from strongroom.goals.pages import forms
from strongroom.goals.pages.goals import form
from strongroom.goals.parsing import assumptions_of
from strongroom.goals.parsing import understand as understand_text
from strongroom.goals.parsing.types import Interpreter, Understood
from strongroom.identity.access import may
from strongroom.ui import N_
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Writer = Annotated[identity.Caller, Depends(may("goals:write"))]
_LONGEST = 2_000
_EXAMPLES = (
    N_("Save 50 000 for a house in 3 years"),
    N_("Emergency fund of 6 000 by next summer"),
    N_("A trip to Japan for 4 000, putting aside 250 a month"),
)
_ASSUMED = {"retirement_age": [("timeline_months", N_("You named no age: we took 67."))]}


@router.get("/goals/new")
async def show_new(request: Request, caller: Writer) -> HTMLResponse:
    """Ask what the person saves for."""
    return _ask(request, "")


@router.post("/goals/understand")
async def understand(request: Request, caller: Writer) -> Response:
    """Show what was understood of a text, and ask what was not."""
    told = await request.form()
    text = str(told.get("text") or told.get("goal_text") or "")
    born = _day(str(told.get("born", "")))
    with ui.using(request.state.preferences):
        try:
            said = await understand_text(
                text,
                interpreter=_interpreter(request),
                today=caller.today,
                currency=await _currency(request, caller),
                born=born,
            )
        except StrongroomError as problem:
            return _ask(request, text[:_LONGEST], problem)
        return await _check(request, caller, said)


@router.post("/goals")
async def add(request: Request, caller: Writer) -> Response:
    """Keep the goal of the form, after those there are; or show what is wrong with it."""
    told = await request.form()
    texts = forms.texts_of(told)
    chosen: Sequence[AccountId] = ()
    with ui.using(request.state.preferences):
        try:
            chosen = forms.chosen_accounts(told)
            new = forms.read_goal(texts, chosen, assumptions={})
            said = assumptions_of(new.goal_text, new.target.currency)
            new = replace(new, assumptions=said)
            async with caller.unit_of_work() as db:
                goal = await goals.add(
                    db,
                    owner=caller.owner,
                    new=new,
                    now=caller.now,
                    actor=caller.actor,
                )
                before = await service.before(db, owner=caller.owner, goal=goal, today=caller.today)
        except StrongroomError as problem:
            about = await _understood_again(request, caller, texts)
            return await form(request, caller, texts, chosen=chosen, problem=problem, **about)
        toast = ui.gettext("The goal is set.")
        if before:
            toast = ui.gettext("The goal is set. It comes after the goals you have.")
        return redirect(f"/goals/{ids.show('goal', goal.id)}", toast=toast)


def _ask(request: Request, text: str, problem: StrongroomError | None = None) -> HTMLResponse:
    with ui.using(request.state.preferences):
        examples = [ui.gettext(one) for one in _EXAMPLES]
    return render(
        request,
        "goals/new.html",
        status=200 if problem is None else problem.status,
        nav="goals",
        text=text,
        examples=examples,
        problem=problem,
    )


async def _check(request: Request, caller: identity.Caller, said: Understood) -> HTMLResponse:
    texts = forms.of_understood(said)
    return await form(request, caller, texts, **_about(said, texts))


async def _understood_again(
    request: Request, caller: identity.Caller, texts: Mapping[str, str]
) -> dict[str, Any]:
    """Return what was understood of the form's text, for the form to say once more."""
    if not texts["goal_text"]:
        return {}
    try:
        said = await understand_text(
            texts["goal_text"],
            interpreter=_interpreter(request),
            today=caller.today,
            currency=await _currency(request, caller),
            born=_day(texts["born"]),
        )
    except StrongroomError:
        return {}  # the text itself may be what is wrong, and that is said already
    return _about(said, texts)


def _about(said: Understood, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form says beside its fields; of those that stand as they were understood."""
    read = forms.of_understood(said)
    same = {name for name, text in read.items() if texts.get(name, "") == text}
    asked: dict[str, str] = {}
    for one in said.questions:
        # A day of birth is asked for beside the months that it would give.
        name = "timeline_months" if one.field == "born" else one.field
        if name in same:
            asked.setdefault(name, ui.gettext(one.text))
    assumed = {name: ui.gettext(text) for one in said.assumed for name, text in _ASSUMED[one]}
    return {
        "origins": {one.field: one for one in said.origins if one.field in same},
        "asked": asked,
        "assumed": {name: text for name, text in assumed.items() if name in same},
        "ask_born": any(one.field == "born" for one in said.questions),
        "marked": forms.marked(said.goal_text, said.origins),
        "read_by": model_words(said.model),
        "model_name": said.model_name or "",
        "constraints": [
            {"label": constraint_label(one), "words": one.words, "reckoned": one.reckoned}
            for one in said.constraints
        ],
    }


def _interpreter(request: Request) -> Interpreter:
    """Return what texts are read with here: the rules, and a local model where one is set up."""
    found: Interpreter = request.app.state.services.interpreter
    return found


async def _currency(request: Request, caller: identity.Caller) -> Currency:
    """Return the currency of a text that names none: the person's own."""
    async with caller.unit_of_work() as db:
        try:
            return await accounts.main_currency(
                db, owner=caller.owner, chosen=caller.settings.currency
            )
        except accounts.NothingSoFar:
            usual: Currency = request.state.preferences.currency
            return usual


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
