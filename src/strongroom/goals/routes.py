"""Goals as JSON under ``/api/v1``: write, change, delete, list, and what each has of the pool.

The rooms of this domain have routes of their own, and stand here with them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.money import Currency, Money
from strongroom.core.wire import WireDecimal, WireInt, WireMoney
from strongroom.goals import service
from strongroom.goals.levers import routes as levers_routes
from strongroom.goals.parsing import routes as parsing_routes
from strongroom.goals.pool import case_of
from strongroom.goals.profile import routes as profile_routes
from strongroom.goals.rules import BadGoal
from strongroom.goals.runs import ask_if_stale, outdated
from strongroom.goals.runs import routes as run_routes
from strongroom.goals.types import GoalChange, GoalType, NewGoal
from strongroom.goals.wire import AccountRef, GoalMade, GoalOut, GoalRef, ShareOut
from strongroom.identity.access import may
from strongroom.ui import N_

_own = APIRouter(tags=["goals"])

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]


class GoalBody(BaseModel):
    """A goal to keep. ``timeline_months``: 1 to 720, from today.

    ``priority``: 1 comes first; left out or null, it comes after all there are.
    ``monthly_contribution`` in the target's currency, null for whatever is left over.
    ``todays_money``: the target is in today's prices. ``assumptions`` by name, as fractions:
    annual_return, inflation, ...; ``spend_less.`` and a category's key or id is how much less of
    it is spent for the goal. ``accounts``: whose money is put aside for it.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    goal_text: str = ""
    goal_type: GoalType = GoalType.CUSTOM
    target: WireMoney
    timeline_months: WireInt
    priority: WireInt | None = None
    monthly_contribution: WireMoney | None = None
    todays_money: bool = False
    assumptions: dict[str, WireDecimal] = Field(default_factory=dict)
    accounts: list[AccountRef] = Field(default_factory=list)

    def read(self) -> NewGoal:
        """Return the goal. Raises ``BadGoal`` for a contribution in another currency."""
        return NewGoal(
            name=self.name,
            goal_type=self.goal_type,
            target=self.target,
            timeline_months=self.timeline_months,
            goal_text=self.goal_text,
            priority=self.priority,
            monthly_contribution=_same(self.monthly_contribution, self.target.currency),
            todays_money=self.todays_money,
            assumptions=self.assumptions,
            accounts=self.accounts,
        )


class GoalPatch(BaseModel):
    """What is to change of a goal; what is left out stays. ``timeline_months`` count from today.

    ``monthly_contribution`` null: whatever is left over from now on. ``assumptions`` and
    ``accounts`` take the place of all there were.
    """

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    goal_text: str | None = None
    goal_type: GoalType | None = None
    target: WireMoney | None = None
    timeline_months: WireInt | None = None
    priority: WireInt | None = None
    monthly_contribution: WireMoney | None = None
    todays_money: bool | None = None
    assumptions: dict[str, WireDecimal] | None = None
    accounts: list[AccountRef] | None = None

    def read(self, code: Currency) -> GoalChange:
        """Return the change of a goal in ``code``. Raises ``BadGoal``."""
        code = code if self.target is None else self.target.currency
        said_left = "monthly_contribution" in self.model_fields_set
        return GoalChange(
            name=self.name,
            goal_type=self.goal_type,
            target=self.target,
            timeline_months=self.timeline_months,
            goal_text=self.goal_text,
            priority=self.priority,
            monthly_contribution=_same(self.monthly_contribution, code),
            all_that_is_left=said_left and self.monthly_contribution is None,
            todays_money=self.todays_money,
            assumptions=self.assumptions,
            accounts=self.accounts,
        )


class GoalList(BaseModel):
    """Goals, the first by priority first."""

    items: list[GoalOut]


@_own.get("/goals", summary="List your goals")
async def list_goals(caller: Reader) -> GoalList:
    """List goals with the newest chance of each; one that is not of today's data is on its way."""
    async with caller.unit_of_work() as db:
        found = await service.list_all(db, owner=caller.owner)
        old = await outdated(db, owner=caller.owner, now=caller.now)
        if old or any(one.latest is None for one in found):
            await ask_if_stale(db, owner=caller.owner, now=caller.now)
    return GoalList(items=[GoalOut.of(one, caller.today, old) for one in found])


@_own.post("/goals", status_code=201, summary="Keep a goal")
async def add_goal(caller: Writer, body: GoalBody, asked: AskedOnce) -> GoalMade:
    """Keep a goal; its chance is reckoned in the background. Takes an Idempotency-Key."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        made = await service.add(
            db, owner=caller.owner, new=body.read(), now=caller.now, actor=caller.actor
        )
        before = await service.before(db, owner=caller.owner, goal=made, today=caller.today)
        answer = GoalMade.made(made, before, caller.today)
        return turn.answer(answer, status=201)  # type: ignore[return-value]


@_own.get("/goals/{goal_id}", summary="Look at a goal")
async def get_goal(caller: Reader, goal_id: GoalRef) -> GoalOut:
    """Return one goal with its newest chance."""
    async with caller.unit_of_work() as db:
        found = await service.get(db, owner=caller.owner, goal_id=goal_id)
        old = await outdated(db, owner=caller.owner, now=caller.now)
    return GoalOut.of(found, caller.today, old)


@_own.get("/goals/{goal_id}/share", summary="What a goal has of the pool")
async def get_share(caller: Reader, goal_id: GoalRef) -> ShareOut:
    """Return what a goal has today of the pool and of a month, and what is assumed for it."""
    async with caller.unit_of_work() as db:
        return ShareOut.of(await case_of(db, owner=caller.owner, goal_id=goal_id, now=caller.now))


@_own.patch("/goals/{goal_id}", summary="Change a goal")
async def change_goal(caller: Writer, goal_id: GoalRef, body: GoalPatch) -> GoalOut:
    """Change what is given: all of it or nothing."""
    async with caller.unit_of_work() as db:
        was = await service.get(db, owner=caller.owner, goal_id=goal_id)
        changed = await service.change(
            db,
            owner=caller.owner,
            goal_id=goal_id,
            change=body.read(was.target.currency),
            now=caller.now,
            actor=caller.actor,
        )
        old = await outdated(db, owner=caller.owner, now=caller.now)
    return GoalOut.of(changed, caller.today, old)


@_own.delete("/goals/{goal_id}", status_code=204, summary="Delete a goal")
async def delete_goal(caller: Writer, goal_id: GoalRef) -> Response:
    """Take a goal away with every simulation of it; accounts stay as they are."""
    async with caller.unit_of_work() as db:
        await service.delete(
            db, owner=caller.owner, goal_id=goal_id, now=caller.now, actor=caller.actor
        )
    return Response(status_code=204)


def _same(given: Money | None, code: Currency) -> Decimal | None:
    if given is None:
        return None
    if given.currency != code:
        raise BadGoal(
            N_("The contribution has to be in the currency of the target."),
            field="monthly_contribution",
        )
    return given.amount


router = APIRouter()
router.include_router(parsing_routes.router)
router.include_router(profile_routes.router)
router.include_router(run_routes.router)
router.include_router(_own)  # after these: /goals/{id} must not stand before others
router.include_router(levers_routes.router)
