"""The pages of a goal's simulations: all of them, one with what decided it, and its replay."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import goals, identity, ui
from strongroom.core import ids
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.money import Currency, Money
from strongroom.core.time import today
from strongroom.core.wire import WireId
from strongroom.goals import runs
from strongroom.goals.pages import figures
from strongroom.goals.pages.future import as_csv
from strongroom.goals.pages.lever_words import months_text
from strongroom.goals.pages.views import STATES, Future, RunRow
from strongroom.goals.runs import Replayed, Run
from strongroom.goals.runs.service import RunNotFound
from strongroom.goals.simulation import FEWEST_PATHS, MOST_PATHS, MOST_SEED
from strongroom.goals.simulation.types import Outcome
from strongroom.goals.types import GoalId, RunId, RunState
from strongroom.identity.access import may
from strongroom.ui import N_
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]
GoalRef = Annotated[GoalId, WireId("goal")]
RunRef = Annotated[RunId, WireId("run")]
_CHOICES: Final = (10_000, 100_000, 1_000_000)
_USUAL: Final = "100000"
_A_PAGE: Final = 25


class RunIsLong(Refused):
    """It takes longer than a person should wait for a page."""


@router.get("/goals/{goal_id}/runs")
async def show_runs(
    request: Request, caller: Reader, goal_id: GoalRef, after: str = ""
) -> HTMLResponse:
    """List a goal's simulations, the newest first, archived ones too."""
    return await _list(request, caller, goal_id, after)


async def _list(
    request: Request,
    caller: identity.Caller,
    goal_id: GoalId,
    after: str = "",
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        goal = await goals.get(db, owner=caller.owner, goal_id=goal_id)
        page = await runs.list_runs(
            db, owner=caller.owner, goal_id=goal_id, limit=_A_PAGE, cursor=after or None
        )
        wishes = await runs.put_aside(
            db, owner=caller.owner, run_ids=[one.id for one in page.items]
        )
    ref = ids.show("goal", goal_id)
    with ui.using(request.state.preferences):
        return render(
            request,
            "goals/runs.html",
            status=200 if problem is None else problem.status,
            nav="goals",
            goal=goal,
            ref=ref,
            runs=[RunRow(one, wishes.get(one.id)) for one in page.items],
            older=f"/goals/{ref}/runs?after={page.next}" if page.next else "",
            busy=any(one.state.is_busy for one in page.items),
            choices=[(str(count), ui.number(count)) for count in _CHOICES],
            usual=_USUAL,
            problem=problem,
        )


@router.post("/goals/{goal_id}/runs")
async def simulate(
    request: Request,
    caller: Writer,
    goal_id: GoalRef,
    paths: Annotated[str, Form()] = _USUAL,
    seed: Annotated[str, Form()] = "",
) -> Response:
    """Simulate with today's data: at once, or in the background where it takes long."""
    with ui.using(request.state.preferences):
        try:
            run = await runs.simulate(
                caller.database,
                owner=caller.owner,
                goal_id=goal_id,
                paths=_whole("paths", paths, (FEWEST_PATHS, MOST_PATHS)),
                seed=_whole("seed", seed, (0, MOST_SEED)) if seed.strip() else None,
                now=caller.now,
                home=request.app.state.services.settings.home,
                waits_for_engine=False,
                actor=caller.actor,
            )
        except StrongroomError as problem:
            if isinstance(problem, goals.GoalNotFound):
                raise
            return await _list(request, caller, goal_id, problem=problem)
    return redirect(_address(goal_id, run))


def _whole(name: str, text: str, ends: tuple[int, int]) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise goals.BadGoal(ui.gettext("Write a whole number."), field=name)
    least, most = map(Decimal, ends)
    label = ui.gettext("Futures") if name == "paths" else ui.gettext("Seed")
    figures.check_range(name, label, Decimal(text), (least, most), partial(ui.number, digits=0))
    return int(text)


def _address(goal_id: GoalId, run: Run) -> str:
    return f"/goals/{ids.show('goal', goal_id)}/runs/{ids.show('run', run.summary.id)}"


@router.get("/goals/{goal_id}/runs/{run_id}.csv")
async def download(caller: Reader, goal_id: GoalRef, run_id: RunRef) -> Response:
    """Return every month of a simulation, with exact amounts."""
    async with caller.unit_of_work() as db:
        run = await runs.get(db, owner=caller.owner, run_id=run_id, goal_id=goal_id)
    shown = _future(caller, run)
    if shown is None:
        raise RunNotFound(N_("This simulation found nothing."))
    return as_csv(shown)


@router.get("/goals/{goal_id}/runs/{run_id}")
async def show_run(
    request: Request, caller: Reader, goal_id: GoalRef, run_id: RunRef
) -> HTMLResponse:
    """Show one simulation: how far it is, or what it found, and all that decided it."""
    async with caller.unit_of_work() as db:
        run = await runs.get(db, owner=caller.owner, run_id=run_id, goal_id=goal_id)
    return await _page(request, caller, goal_id, run)


@router.post("/goals/{goal_id}/runs/{run_id}/replay")
async def replay(
    request: Request, caller: Reader, goal_id: GoalRef, run_id: RunRef
) -> HTMLResponse:
    """Run a short one again from what is kept, and say whether the same came out."""
    home = request.app.state.services.settings.home
    async with caller.unit_of_work() as db:
        was = await runs.get(db, owner=caller.owner, run_id=run_id, goal_id=goal_id)
    if not _may_replay(was):
        raise RunIsLong(
            N_("So long a simulation is run again at the terminal."),
            hint=f"strongroom goals replay {ids.show('run', run_id)}",
        )
    runs.check_engine(home)
    await runs.count(caller.database, owner=caller.owner, now=caller.now)
    done = await runs.replay(
        caller.database,
        owner=caller.owner,
        run_id=run_id,
        home=home,
    )
    return await _page(request, caller, goal_id, done.run, done)


@router.post("/goals/{goal_id}/runs/{run_id}/stop")
async def stop(caller: Writer, goal_id: GoalRef, run_id: RunRef) -> RedirectResponse:
    """Stop a simulation that waits or runs."""
    async with caller.unit_of_work() as db:
        run = await runs.stop(
            db,
            owner=caller.owner,
            run_id=run_id,
            goal_id=goal_id,
            now=caller.now,
            actor=caller.actor,
        )
    return redirect(_address(goal_id, run))


@router.post("/goals/{goal_id}/runs/{run_id}/delete")
async def delete(
    request: Request, caller: Writer, goal_id: GoalRef, run_id: RunRef
) -> RedirectResponse:
    """Delete a simulation for good."""
    async with caller.unit_of_work() as db:
        await runs.delete(
            db,
            owner=caller.owner,
            run_id=run_id,
            goal_id=goal_id,
            now=caller.now,
            actor=caller.actor,
        )
    with ui.using(request.state.preferences):
        return redirect(
            f"/goals/{ids.show('goal', goal_id)}/runs", toast=ui.gettext("The simulation is gone.")
        )


async def _page(
    request: Request,
    caller: identity.Caller,
    goal_id: GoalId,
    run: Run,
    replayed: Replayed | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        goal = await goals.get(db, owner=caller.owner, goal_id=goal_id)
    its = run.summary
    with ui.using(request.state.preferences):
        return render(
            request,
            "goals/run.html",
            nav="goals",
            goal=goal,
            ref=ids.show("goal", goal_id),
            here=_address(goal_id, run),
            run=its,
            view=_future(caller, run),
            replayed=replayed,
            may_replay=_may_replay(run),
            progress=ui.gettext(
                "%(done)s of %(all)s futures",
                done=ui.number(its.paths_done),
                all=ui.number(its.paths),
            ),
            ended=_ended(its.state),
            why=figures.reason_text(its.why, its.target.currency),
            found=[] if run.outcome is None else _found(run.outcome, its.target.currency),
            decided=_decided(run),
            inputs=[*_household(run), *figures.inputs(run.case, its.target.currency)],
            data_hash=run.data_hash.hex(),
            outcome_hash="" if run.outcome_hash is None else run.outcome_hash.hex(),
        )


def _may_replay(run: Run) -> bool:
    return runs.is_short(run.summary.paths, run.summary.months)


def _future(caller: identity.Caller, run: Run) -> Future | None:
    if run.outcome is None:
        return None
    day = today(run.summary.asked_at, caller.settings.time_zone)
    return Future(run.outcome, run.case, run.summary.target.currency, day)


def _ended(state: RunState) -> str:
    if state is RunState.STOPPED:
        return ui.gettext("It was stopped before it had found anything.")
    return ui.gettext(STATES[state.value]).capitalize() + "."


def _rough(code: Currency, amount: Decimal) -> str:
    return ui.money(Money(amount, code), exact=False)


def _found(outcome: Outcome, code: Currency) -> list[tuple[str, str]]:
    text, end = partial(_rough, code), outcome.at_the_end
    return [
        (ui.gettext("Chance"), ui.percent(outcome.chance, digits=2)),
        (ui.gettext("Its standard error"), ui.percent(outcome.standard_error, digits=2)),
        (ui.gettext("Mean"), text(outcome.mean)),
        (ui.gettext("Standard deviation"), text(outcome.sd)),
        (ui.gettext("1 in 20 has less than"), text(end.p5)),
        (ui.gettext("1 in 20 has more than"), text(end.p95)),
        (ui.gettext("The worst of all"), text(outcome.worst)),
        (ui.gettext("The best of all"), text(outcome.best)),
        (ui.gettext("All money used up at times"), ui.percent(outcome.chance_below_zero)),
    ]


def _decided(run: Run) -> list[tuple[str, str]]:
    its = run.summary
    return [
        (ui.gettext("Futures"), ui.number(its.paths)),
        (ui.gettext("Time"), months_text(its.months)),
        (ui.gettext("Target"), ui.money(its.target, exact=False)),
        (ui.gettext("Seed"), str(its.seed)),
        (ui.gettext("Engine"), its.engine),
        *figures.stood_in_texts(run.stood_in, its.target.currency),
    ]


def _household(run: Run) -> list[tuple[str, str]]:
    home, aim, code = run.case.household, run.case.aim, run.summary.target.currency
    text, wish = partial(_rough, code), aim.monthly_contribution
    return [
        (ui.gettext("For the goal today"), text(home.saved)),
        (ui.gettext("Other money at hand"), text(home.free)),
        (ui.gettext("Income a month"), text(home.monthly_income)),
        (ui.gettext("Spending a month"), text(home.monthly_spending)),
        (ui.gettext("How much income varies"), ui.percent(home.income_volatility)),
        (ui.gettext("How much spending varies"), ui.percent(home.spending_volatility)),
        (ui.gettext("Owed on cards"), text(home.card_debt)),
        (ui.gettext("Loans"), ui.number(len(home.loans))),
        (ui.gettext("Other goals have, a month"), text(home.monthly_elsewhere)),
        (ui.gettext("Its part of good and bad months"), ui.percent(home.part)),
        (
            ui.gettext("Put aside each month"),
            ui.gettext("whatever is left over") if wish is None else text(wish),
        ),
        (ui.gettext("Spent less a month, for this goal"), text(aim.extra_saving)),
    ]
