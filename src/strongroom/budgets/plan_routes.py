"""Budgets as JSON under ``/api/v1``: write, change, delete, and how each stands today."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from strongroom import budgets, identity, transactions
from strongroom.budgets import Budget, BudgetId, Carry, Every, NewBudget, Period, Progress
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import CategoryId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["budgets"])

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]
Writer = Annotated[identity.Caller, Depends(may("budgets:write"))]
BudgetRef = Annotated[BudgetId, WireId("bdg")]
_MOST_PAST = 120


class BudgetBody(BaseModel):
    """A budget to write. ``category`` is an id or a default one's key; null: all spending.

    ``starts_on`` is the first day of the first period, such as a pay day. ``carry``: what goes on
    to the next period: nothing, surplus, deficit or both.
    """

    model_config = ConfigDict(extra="forbid")

    category: str | None = None
    amount: WireMoney
    every: Every = Every.MONTH
    starts_on: date
    carry: Carry = Carry.NOTHING


class CategoryOut(BaseModel):
    """A budget's category; a default one has a ``key``."""

    id: Annotated[CategoryId, WireId("cat")]
    key: str | None
    name: str | None


class BudgetOut(BaseModel):
    """A budget. ``category`` null: all spending. ``amount`` is what a period has by now."""

    id: BudgetRef
    category: CategoryOut | None
    amount: WireMoney
    every: Every
    starts_on: date
    carry: Carry

    @classmethod
    def of(cls, one: Budget) -> BudgetOut:
        """Return the budget as it stands in JSON."""
        category = None
        if one.category_id is not None:
            category = CategoryOut(id=one.category_id, key=one.category_key, name=one.category_name)
        return cls(
            id=one.id,
            category=category,
            amount=one.amount,
            every=one.every,
            starts_on=one.starts_on,
            carry=one.carry,
        )


class PeriodOut(BaseModel):
    """One period, both days included. ``available`` is planned and carried over.

    ``unknown``: spent in currencies without a known rate of the day; it is not in ``spent``.
    """

    first: date
    last: date
    planned: WireMoney
    carried: WireMoney
    available: WireMoney
    spent: WireMoney
    left: WireMoney
    unknown: list[WireMoney]

    @classmethod
    def of(cls, one: Period) -> PeriodOut:
        """Return the period as it stands in JSON."""
        return cls(
            first=one.span.first,
            last=one.span.last,
            planned=one.planned,
            carried=one.carried,
            available=one.available,
            spent=one.spent,
            left=one.left,
            unknown=list(one.unknown),
        )


class ProgressOut(BaseModel):
    """How a budget stands. ``now`` null: its first period has not begun.

    ``state``: waiting, good, ahead (of an even pace, which is ``even`` by today) or over. ``past``
    are the periods before, newest first.
    """

    budget: BudgetOut
    state: str
    now: PeriodOut | None
    even: WireMoney
    days_left: int
    past: list[PeriodOut]

    @classmethod
    def of(cls, one: Progress, past: int) -> ProgressOut:
        """Return the progress as it stands in JSON, with so many periods before."""
        return cls(
            budget=BudgetOut.of(one.budget),
            state=one.state,
            now=None if one.now is None else PeriodOut.of(one.now),
            even=one.even,
            days_left=one.days_left,
            past=[PeriodOut.of(period) for period in one.past[:past]],
        )


class ProgressList(BaseModel):
    """Budgets: all spending first, then in the order of categories."""

    items: list[ProgressOut]


Past = Annotated[int, Query(ge=0, le=_MOST_PAST, description="How many periods before")]


@router.get("/budgets", summary="How your budgets stand")
async def list_budgets(caller: Reader, past: Past = 0) -> ProgressList:
    """List the budgets and how each stands today."""
    async with caller.unit_of_work() as db:
        found = await budgets.budget_progress(db, owner=caller.owner, today=caller.today)
    return ProgressList(items=[ProgressOut.of(one, past) for one in found])


@router.post("/budgets", status_code=201, summary="Make a budget")
async def add_budget(caller: Writer, asked: AskedOnce, body: BudgetBody) -> BudgetOut:
    """Make a budget."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        made = await budgets.add_budget(
            db,
            owner=caller.owner,
            new=await read_new(db, caller, body),
            today=caller.today,
            now=caller.now,
            actor=caller.actor,
        )
        return turn.answer(BudgetOut.of(made), status=201)  # type: ignore[return-value]


@router.get("/budgets/{budget_id}", summary="How one budget stands")
async def get_budget(caller: Reader, budget_id: BudgetRef, past: Past = 12) -> ProgressOut:
    """Return one budget, how it stands today and its periods before."""
    async with caller.unit_of_work() as db:
        (found,) = await budgets.budget_progress(
            db, owner=caller.owner, today=caller.today, budget_id=budget_id
        )
    return ProgressOut.of(found, past)


@router.put("/budgets/{budget_id}", summary="Write a budget anew")
async def change_budget(caller: Writer, budget_id: BudgetRef, body: BudgetBody) -> BudgetOut:
    """Write a budget anew; another amount holds from this period on."""
    async with caller.unit_of_work() as db:
        changed = await budgets.change_budget(
            db,
            owner=caller.owner,
            budget_id=budget_id,
            new=await read_new(db, caller, body),
            today=caller.today,
            now=caller.now,
            actor=caller.actor,
        )
    return BudgetOut.of(changed)


@router.delete("/budgets/{budget_id}", status_code=204, summary="Delete a budget")
async def delete_budget(caller: Writer, budget_id: BudgetRef) -> Response:
    """Take a budget away; the book stays as it is."""
    async with caller.unit_of_work() as db:
        await budgets.delete_budget(
            db, owner=caller.owner, budget_id=budget_id, now=caller.now, actor=caller.actor
        )
    return Response(status_code=204)


async def read_new(db: Db, caller: identity.Caller, body: BudgetBody) -> NewBudget:
    """Return the budget that a body tells of. Raises ``CategoryNotFound``."""
    category_id = None
    if body.category is not None:
        known = await transactions.categories(db, owner=caller.owner)
        named = {ids.show("cat", one.id): one.id for one in known}
        named |= {one.key: one.id for one in known if one.key is not None}
        if body.category not in named:
            raise transactions.CategoryNotFound("There is no such category.", field="category")
        category_id = named[body.category]
    return NewBudget(category_id, body.amount, body.every, body.starts_on, body.carry)
