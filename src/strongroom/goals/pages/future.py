"""A goal's page: its chance, where it could go, what would change that; and the months as CSV.

What is tried with the sliders is reckoned on the plan's own futures and kept nowhere.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import goals, identity, ui
from strongroom.core import ids
from strongroom.core.errors import StrongroomError, TooManyRequests, Unavailable
from strongroom.core.ids import CategoryId
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.core.time import month_start
from strongroom.core.wire import WireId
from strongroom.goals import levers, profile, runs
from strongroom.goals.labels import type_label
from strongroom.goals.pages import figures, sliders, views
from strongroom.goals.pages.matters import WhatMatters, cut_words, what_matters
from strongroom.goals.pages.sliders import Tried
from strongroom.goals.pages.views import Future, RunRow
from strongroom.goals.profile import CategorySpending, NotEnoughHistory, Profile
from strongroom.goals.reasons import CannotBeSimulated
from strongroom.goals.runs import Run, current, engine_is_ready, off_the_loop
from strongroom.goals.simulation import AmountsAreBeyondReckoning, SimulationInputIsWrong
from strongroom.goals.types import SPEND_LESS, CaseOf, Goal, GoalChange, GoalId
from strongroom.identity.access import may
from strongroom.ui.charts import Chance
from strongroom.ui.responses import redirect, render, swap_targets

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]
GoalRef = Annotated[GoalId, WireId("goal")]
RUNS_SHOWN: Final = 5
_FIELD: Final = {
    "monthly_contribution": "monthly", "extra_saving": "extra", "annual_return": "return",
}  # fmt: skip
_EDGES: Final = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")


@dataclass(frozen=True, slots=True)
class Plan:
    """A goal as planned: what it is simulated with, and the simulation of exactly that.

    ``profile`` and what follows are left out where only what is tried is shown anew.
    """

    goal: Goal
    of: CaseOf
    run: Run
    profile: Profile | None
    runs: Sequence[RunRow]
    categories: Sequence[CategorySpending]

    @property
    def kept(self) -> frozenset[CategoryId | None]:
        """The categories on which less is spent as planned."""
        return frozenset(one.category_id for one in self.of.cuts)


@router.get("/goals/{goal_id}")
async def show_goal(request: Request, caller: Reader, goal_id: GoalRef) -> HTMLResponse:
    """Show a goal's chance; with numbers in the address, what they would make of it."""
    home = request.app.state.services.settings.home
    async with caller.unit_of_work() as db:
        goal = await goals.get(db, owner=caller.owner, goal_id=goal_id)
    waits = not engine_is_ready(home)
    about: dict[str, Any] = {"lacking": None, "refused": None, "view": None, "waits": waits}
    with ui.using(request.state.preferences):
        try:
            if waits:
                async with caller.unit_of_work() as db:
                    await goals.case_of(db, owner=caller.owner, goal_id=goal_id, now=caller.now)
            else:
                lean = bool(swap_targets(request) & {"chance", "where"})
                plan = await gather(request, caller, goal_id, lean=lean)
                about |= await _shown(request, caller, plan, home)
        except NotEnoughHistory as problem:
            about["lacking"] = problem
        except TooManyRequests:
            raise
        except StrongroomError as problem:
            soon = isinstance(problem, Unavailable) and problem.retry_after_seconds is not None
            if isinstance(problem, CannotBeSimulated):
                problem.message = figures.reason_sentence(problem.reason, goal.target.currency)
            about |= {"refused": problem, "waits": soon}
        return render(
            request,
            "goals/goal.html",
            nav="goals",
            goal=goal,
            ref=ids.show("goal", goal_id),
            kind=type_label(goal.goal_type),
            **about,
        )


async def gather(
    request: Request, caller: identity.Caller, goal_id: GoalId, *, lean: bool = True
) -> Plan:
    """Return a goal as planned; what was never simulated, or of other data, is simulated now.

    ``lean``: without what a slider does not move. Raises ``NotEnoughHistory``, ``GoalIsOver``,
    ``GoalHasNoRate`` and what simulations raise.
    """
    owner = caller.owner
    of, run = await current(
        caller.database,
        owner=owner,
        goal_id=goal_id,
        now=caller.now,
        home=request.app.state.services.settings.home,
    )
    if lean and sliders.CUT not in request.query_params:
        return Plan(of.goal, of, run, None, [], [])
    async with caller.unit_of_work() as db:
        found = await profile.get(db, owner=owner, now=caller.now)
        past = (await runs.list_runs(db, owner=owner, goal_id=goal_id, limit=RUNS_SHOWN)).items
        wishes = await runs.put_aside(db, owner=owner, run_ids=[one.id for one in past])
    rate = of.rate
    spent = [replace(one, monthly=one.monthly * rate) for one in found.spending_by_category]
    rows = [RunRow(one, wishes.get(one.id)) for one in past]
    return Plan(of.goal, of, run, found, rows, spent)


async def _shown(
    request: Request, caller: identity.Caller, plan: Plan, home: Path
) -> dict[str, Any]:
    """Return what the page shows of a plan, and of what is tried."""
    tried = sliders.read(plan.of.case, plan.of.currency, request.query_params)
    view, tried = await future(request, caller, plan, tried, home)
    page = f"/goals/{ids.show('goal', plan.goal.id)}"
    wanted = swap_targets(request)
    asked = "levers" in wanted or (not wanted and bool(request.query_params.get("levers")))
    if asked:
        await levers.count_sensitivity(caller.database, owner=caller.owner, now=caller.now)
    matters, failed = await _matters(plan, home, page) if asked else (None, None)
    return {
        "view": view,
        "sliders": sliders.sliders(plan.of.case, plan.of.currency, tried),
        "problem": tried.problem,
        "tried_cut": _cut_words(plan, tried),
        "sensitivity": matters,
        "levers_href": f"{page}?{urlencode({**request.query_params, 'levers': '1'})}#levers",
        "no_sensitivity": failed,
        "summary": figures.summary(plan.of),
        "standing": [
            *([] if plan.profile is None else figures.household_rows(plan.profile)),
            *figures.main_assumptions(plan.of, f"{page}/numbers"),
        ],
        "share": views.share_rows(plan.of, _begins(plan)),
        "share_month": views.month_rows(plan.of),
        "shares": plan.of.share.with_others,
        "share_why": views.share_why(plan.of.share),
        "runs": plan.runs,
    }


def _cut_words(plan: Plan, tried: Tried) -> str:
    if not tried.is_something:
        return ""
    return ", ".join(
        cut_words(tried.changes.cuts[one.category_id], one.key, one.name)
        for one in plan.categories
        if one.category_id in tried.changes.cuts
    )


def _begins(plan: Plan) -> Decimal:
    assert plan.run.outcome is not None  # noqa: S101 - a current run is done
    return plan.run.outcome.by_month[0].p50


async def future(
    request: Request, caller: identity.Caller, plan: Plan, tried: Tried, home: Path
) -> tuple[Future, Tried]:
    """Return the future as tried, or as planned where nothing is tried or it cannot be.

    Raises ``TooManyAttempts``.
    """
    ref = ids.show("goal", plan.goal.id)
    outcome = plan.run.outcome
    assert outcome is not None  # noqa: S101 - a current run is done
    planned = Future(
        outcome, plan.of.case, plan.of.currency, plan.of.day, f"/goals/{ref}/months.csv"
    )
    if not tried.is_something:
        return planned, tried
    await levers.count_what_if(caller.database, owner=caller.owner, now=caller.now)
    try:
        levers.check_cuts(tried.changes, plan.kept)
        found = await off_the_loop(
            lambda: levers.what_if(
                plan.of.case,
                tried.changes,
                seed=outcome.seed,
                paths=outcome.paths,
                own=outcome.chance,
                anew=plan.of.anew,
                categories=plan.categories,
            ),
            home=home,
        )
    except (SimulationInputIsWrong, AmountsAreBeyondReckoning, levers.WhatIfIsWrong) as problem:
        problem.field = _FIELD.get(problem.field or "", problem.field)
        return planned, replace(tried, problem=problem)
    return (
        replace(
            planned,
            outcome=found.outcome,
            case=found.case,
            csv=f"{planned.csv}?{request.url.query}",
            before=Chance(found.before),
            kept={name: text for name, text in tried.texts.items() if name != "extra"},
            left_out="extra" in tried.texts,
            share=plan.of.share,
            monthly=found.monthly,
        ),
        tried,
    )


async def _matters(
    plan: Plan, home: Path, page: str
) -> tuple[WhatMatters | None, StrongroomError | None]:
    outcome = plan.run.outcome
    assert outcome is not None  # noqa: S101 - a current run is done
    case, own, seed, paths = plan.of.case, outcome.chance, outcome.seed, outcome.paths

    def work() -> WhatMatters:
        found = levers.sensitivity(case, seed=seed, paths=paths, own=own, anew=plan.of.anew)
        others = [one for one in plan.categories if one.category_id not in plan.kept]
        cuts = levers.cut_rules(case, others, seed=seed, paths=paths, own=own)
        return what_matters(found, cuts, case, plan.of.currency, page)

    try:
        return await off_the_loop(work, home=home), None
    except StrongroomError as problem:
        return None, problem


@router.get("/goals/{goal_id}/months.csv")
async def download(request: Request, caller: Reader, goal_id: GoalRef) -> Response:
    """Return every month of the future that the chart shows, with exact amounts."""
    plan = await gather(request, caller, goal_id)
    tried = sliders.read(plan.of.case, plan.of.currency, request.query_params)
    if tried.problem is not None:
        raise tried.problem
    home = request.app.state.services.settings.home
    shown, _ = await future(request, caller, plan, tried, home)
    return as_csv(shown)


def as_csv(shown: Future) -> Response:
    """Return a future's months as a file."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("month", "currency", *_EDGES, "target"))
    for n, one in enumerate(shown.outcome.by_month):
        amounts = [*(getattr(one, name) for name in _EDGES), shown.case.aim.target]
        texts = [amount_text(amount, shown.currency) for amount in amounts]
        writer.writerow((f"{month_start(shown.today, -n):%Y-%m}", shown.currency, *texts))
    return Response(
        out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="goal.csv"'},
    )


@router.post("/goals/{goal_id}/keep")
async def keep(request: Request, caller: Writer, goal_id: GoalRef) -> RedirectResponse:
    """Make the plan of what was tried."""
    told = await request.form()
    names = (*sliders.NAMES, sliders.CUT)
    texts = {name: str(told.get(name, "")) for name in names if name in told}
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            of = await goals.case_of(db, owner=caller.owner, goal_id=goal_id, now=caller.now)
            tried = sliders.read(of.case, of.currency, texts)
            if tried.problem is not None:
                raise tried.problem
            # Tried on a plan that has changed since, or sent twice: it would set a share back.
            levers.check_cuts(tried.changes, {one.category_id for one in of.cuts})
            await goals.change(
                db,
                owner=caller.owner,
                goal_id=goal_id,
                change=_change(of, tried),
                now=caller.now,
                actor=caller.actor,
            )
        return redirect(f"/goals/{ids.show('goal', goal_id)}", toast=ui.gettext("Saved."))


def _change(of: CaseOf, tried: Tried) -> GoalChange:
    its = tried.changes
    own = {SPEND_LESS + ids.show("cat", one): share for one, share in its.cuts.items()}
    if its.annual_return is not None:
        own["annual_return"] = its.annual_return
    return GoalChange(
        monthly_contribution=its.monthly_contribution,
        timeline_months=its.months,
        target=None if its.target is None else Money(its.target, of.currency),
        assumptions={**of.goal.assumptions, **own} if own else None,
    )
