"""What comes again and again, as we find it, as JSON under ``/api/v1``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import accounts, budgets, identity
from strongroom.budgets import Cadence, Coming, RecurringId, RecurringItem, Standing, Verdict
from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["recurring"])

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]
Writer = Annotated[identity.Caller, Depends(may("budgets:write"))]
RecurringRef = Annotated[RecurringId, WireId("rec")]
_MOST_DAYS = 366


class RecurringItemOut(BaseModel):
    """One item. Amounts above zero are money in; days are banking days.

    ``standing``: active; missed (the one of ``due_on`` has not been seen); ended (two in a row).
    ``amount`` is what to expect next, between ``low`` and ``high`` in the last year. ``was`` is
    the price before the change that began on ``changed_on``. ``inner``: between own accounts.
    """

    id: RecurringRef
    title: str
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    category: str | None
    cadence: Cadence
    standing: Standing
    verdict: Verdict | None
    count: int
    first_on: date
    last_on: date
    next_on: date
    due_on: date | None
    amount: WireMoney
    low: WireMoney
    high: WireMoney
    last: WireMoney
    varies: bool
    was: WireMoney | None
    changed_on: date | None
    inner: bool
    moves: bool

    @classmethod
    def of(cls, one: RecurringItem) -> RecurringItemOut:
        """Return the item as it stands in JSON."""
        return cls(
            id=one.id,
            title=one.title,
            account=one.account_id,
            account_name=one.account_name,
            category=one.category_key or one.category_name,
            cadence=one.cadence,
            standing=one.standing,
            verdict=one.verdict,
            count=one.count,
            first_on=one.first_on,
            last_on=one.last_on,
            next_on=one.next_on,
            due_on=one.due_on,
            amount=one.amount,
            low=one.low,
            high=one.high,
            last=one.last,
            varies=one.varies,
            was=one.was,
            changed_on=one.changed_on,
            inner=one.inner,
            moves=one.moves,
        )


class RecurringItems(BaseModel):
    """Items by the day that is next, those that ended last."""

    items: list[RecurringItemOut]


class RecurringWhole(RecurringItemOut):
    """One item with the transactions that it was seen in, newest first."""

    transactions: list[Annotated[TransactionId, WireId("trn")]]


class ComingOut(BaseModel):
    """One payment that is expected on a day."""

    day: date
    item: RecurringRef
    title: str
    amount: WireMoney
    varies: bool

    @classmethod
    def of(cls, one: Coming) -> ComingOut:
        """Return the payment as it stands in JSON."""
        item = one.item
        return cls(
            day=one.day, item=item.id, title=item.title, amount=one.amount, varies=item.varies
        )


class ComingList(BaseModel):
    """What is expected, the next first."""

    items: list[ComingOut]


class RecurringChange(BaseModel):
    """What a person says of an item: confirmed, dismissed, or null to say nothing."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict | None


@router.get("/recurring", summary="What comes again and again")
async def list_recurring(
    caller: Reader,
    account: Annotated[Annotated[AccountId, WireId("acc")] | None, Query()] = None,
    standing: Annotated[Standing | None, Query()] = None,
) -> RecurringItems:
    """List what comes again and again, as it was found in your transactions."""
    async with caller.unit_of_work() as db:
        if account is not None:
            await accounts.get(db, owner=caller.owner, account_id=account)
        found = await budgets.recurring_items(db, owner=caller.owner, account_id=account)
    wanted = [one for one in found if standing in (None, one.standing)]
    return RecurringItems(items=[RecurringItemOut.of(one) for one in wanted])


@router.get("/recurring/coming", summary="What is expected soon")
async def list_coming(
    caller: Reader, days: Annotated[int, Query(ge=1, le=_MOST_DAYS)] = 30
) -> ComingList:
    """List what is expected from today on, within so many days."""
    async with caller.unit_of_work() as db:
        found = await budgets.coming_up(db, owner=caller.owner, today=caller.today, days=days)
    return ComingList(items=[ComingOut.of(one) for one in found])


@router.get("/recurring/{item}", summary="Look at one recurring item")
async def get_recurring(caller: Reader, item: RecurringRef) -> RecurringWhole:
    """Return one item and the transactions that it was seen in."""
    async with caller.unit_of_work() as db:
        found = await budgets.recurring_item(db, owner=caller.owner, item_id=item)
        rows = await budgets.rows_of_recurring(db, owner=caller.owner, item_id=item)
    return RecurringWhole(**dict(RecurringItemOut.of(found)), transactions=rows)


@router.patch("/recurring/{item}", summary="Confirm or dismiss a recurring item")
async def change_recurring(
    caller: Writer, item: RecurringRef, change: RecurringChange
) -> RecurringItemOut:
    """Say that an item is one or none. One that is none is not expected any more."""
    async with caller.unit_of_work() as db:
        return RecurringItemOut.of(
            await budgets.judge_recurring(
                db,
                owner=caller.owner,
                item_id=item,
                verdict=change.verdict,
                now=caller.now,
                actor=caller.actor,
            )
        )
