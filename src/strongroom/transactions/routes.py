"""The book as JSON under ``/api/v1``: search, look at one, categorise, note, review, sums."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from strongroom import accounts, identity, transactions
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency
from strongroom.core.wire import WireId, WireMoney
from strongroom.transactions import recurring_routes
from strongroom.transactions.attachments import routes as attachments_routes
from strongroom.transactions.cursors import read_position, write_position
from strongroom.transactions.doubles import routes as doubles_routes
from strongroom.transactions.export import routes as export_routes
from strongroom.transactions.manual import routes as manual_routes
from strongroom.transactions.own_categories import routes as own_categories_routes
from strongroom.transactions.own_categories.routes import CategoryOut
from strongroom.transactions.refunds import routes as refunds_routes
from strongroom.transactions.reports import routes as report_routes
from strongroom.transactions.sorting import routes as sorting_routes
from strongroom.transactions.splits import routes as splits_routes
from strongroom.transactions.tags import routes as tags_routes
from strongroom.transactions.transfers import routes as transfers_routes
from strongroom.transactions.wire import Reader, TransactionOut, TransactionRef, Wanted

router = APIRouter(tags=["transactions"])
router.include_router(export_routes.router)
router.include_router(report_routes.router)
router.include_router(manual_routes.router)
router.include_router(sorting_routes.router)
router.include_router(recurring_routes.router)
router.include_router(own_categories_routes.router)
router.include_router(tags_routes.router)
router.include_router(splits_routes.router)
router.include_router(attachments_routes.router)
router.include_router(transfers_routes.router)
router.include_router(refunds_routes.router)
router.include_router(doubles_routes.router)


class CategoryList(BaseModel):
    """Categories in the order to show."""

    items: list[CategoryOut]


class FoundOut(BaseModel):
    """Part of what a filter finds; ``next`` is the cursor to go on, null at the end.

    ``instead``: no text has the words that were asked for, and these were taken in their place.
    """

    items: list[TransactionOut]
    next: str | None
    instead: str | None


class SummaryOut(BaseModel):
    """How many transactions a filter finds, and their sum in each currency.

    ``and_more``: there are more than ``count``, too many to sum while somebody waits. A text is
    taken as it is written.
    """

    count: int
    totals: list[WireMoney]
    and_more: bool


class SpendingOut(BaseModel):
    """One category group's spending, last month's up to the same day.

    Above zero is spent; below zero, refunds outweigh what was spent. ``category`` is its key, or
    its name where it is one of your own.
    """

    category: str
    category_id: Annotated[CategoryId, WireId("cat")]
    this_month: WireMoney
    last_month: WireMoney


class SpendingList(BaseModel):
    """Spending this month, most first.

    ``elsewhere``: what was spent in other currencies, each by itself; it is in no item.
    """

    currency: str
    items: list[SpendingOut]
    elsewhere: list[WireMoney]


class FlowOut(BaseModel):
    """Money in and out of one month, both zero or more. ``month`` is its first day."""

    month: date
    money_in: WireMoney
    money_out: WireMoney


class OtherFlowOut(BaseModel):
    """Money in and out of all these months in another currency."""

    money_in: WireMoney
    money_out: WireMoney


class FlowList(BaseModel):
    """Cash flow by month, oldest first. ``elsewhere``: in other currencies; it is in no item."""

    currency: str
    items: list[FlowOut]
    elsewhere: list[OtherFlowOut]


@router.get("/transactions", summary="Search transactions")
async def list_transactions(
    caller: Reader,
    wanted: Wanted,
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> FoundOut:
    """List transactions, newest first. Where nothing has the words of `q`: what has the nearest."""
    async with caller.unit_of_work() as db:
        page = await transactions.search_near(
            db, owner=caller.owner, filter=wanted, after=read_position(after), limit=limit
        )
    return FoundOut(
        items=[TransactionOut.of(row) for row in page.items],
        next=write_position(page.next),
        instead=page.instead or None,
    )


@router.get("/transactions/summary", summary="Count and sum what a filter finds")
async def summarise(caller: Reader, wanted: Wanted) -> SummaryOut:
    """Return the count and the total in each currency, never added together."""
    async with caller.unit_of_work() as db:
        found = await transactions.summary(db, owner=caller.owner, filter=wanted)
    return SummaryOut(count=found.count, totals=list(found.totals), and_more=found.and_more)


@router.get("/transactions/{transaction_id}", summary="Look at one transaction")
async def get_transaction(caller: Reader, transaction_id: TransactionRef) -> TransactionOut:
    """Return one transaction."""
    async with caller.unit_of_work() as db:
        return TransactionOut.of(
            await transactions.get(db, owner=caller.owner, transaction_id=transaction_id)
        )


@router.get("/categories", summary="List your categories")
async def list_categories(caller: Reader) -> CategoryList:
    """List the categories, groups first."""
    async with caller.unit_of_work() as db:
        found = await transactions.categories(db, owner=caller.owner)
    return CategoryList(items=[CategoryOut.of(category) for category in found])


@router.get("/spending", summary="Spending this month")
async def get_spending(
    caller: Reader, code: Annotated[str, Query(alias="currency")] = ""
) -> SpendingList:
    """Return spending by category group, this month and last month up to the same day."""
    async with caller.unit_of_work() as db:
        chosen = await read_currency(db, caller, code)
        lines = await transactions.spending(
            db, owner=caller.owner, currency=chosen, today=caller.today
        )
        others = await transactions.other_currencies(
            db, owner=caller.owner, currency=chosen, today=caller.today
        )
        elsewhere = await transactions.spent_elsewhere(
            db, owner=caller.owner, others=others, today=caller.today
        )
    return SpendingList(
        currency=chosen,
        items=[
            SpendingOut(
                category=line.key or line.name or "",
                category_id=line.category_id,
                this_month=line.this_month,
                last_month=line.last_month,
            )
            for line in lines
        ],
        elsewhere=elsewhere,
    )


@router.get("/cash-flow", summary="Money in and out by month")
async def get_cash_flow(
    caller: Reader,
    code: Annotated[str, Query(alias="currency")] = "",
    months: Annotated[int, Query(ge=1, le=60)] = 6,
) -> FlowList:
    """Return money in and out of the newest months, this one included."""
    async with caller.unit_of_work() as db:
        chosen = await read_currency(db, caller, code)
        flows = await transactions.cash_flow(
            db, owner=caller.owner, currency=chosen, today=caller.today, months=months
        )
        others = await transactions.other_currencies(
            db, owner=caller.owner, currency=chosen, today=caller.today, months=months
        )
        elsewhere = await transactions.flow_elsewhere(
            db, owner=caller.owner, others=others, today=caller.today, months=months
        )
    return FlowList(
        currency=chosen,
        items=[
            FlowOut(month=flow.month, money_in=flow.money_in, money_out=flow.money_out)
            for flow in flows
        ],
        elsewhere=[
            OtherFlowOut(money_in=one.money_in, money_out=one.money_out) for one in elsewhere
        ],
    )


async def read_currency(db: Db, caller: identity.Caller, code: str) -> Currency:
    """Return the currency asked for, else the person's first one.

    Raises ``BadCurrency`` and ``NothingSoFar``.
    """
    if code:
        return await accounts.currency_asked(db, owner=caller.owner, code=code)
    return await accounts.main_currency(db, owner=caller.owner, chosen=caller.settings.currency)
