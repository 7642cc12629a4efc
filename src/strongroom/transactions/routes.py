"""The book as JSON under ``/api/v1``: search, look at one, categorise, note, review, sums."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import accounts, identity, transactions
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.http import Page, WireId, WireMoney
from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, currency
from strongroom.transactions import Filter, Transaction, recurring_routes
from strongroom.transactions.attachments import routes as attachments_routes
from strongroom.transactions.cursors import read_position, write_position
from strongroom.transactions.export import routes as export_routes
from strongroom.transactions.own_categories import routes as own_categories_routes
from strongroom.transactions.own_categories.routes import CategoryOut
from strongroom.transactions.sorting import routes as sorting_routes
from strongroom.transactions.splits import routes as splits_routes
from strongroom.transactions.tags import routes as tags_routes

router = APIRouter(tags=["transactions"])
router.include_router(export_routes.router)
router.include_router(sorting_routes.router)
router.include_router(recurring_routes.router)
router.include_router(own_categories_routes.router)
router.include_router(tags_routes.router)
router.include_router(splits_routes.router)
router.include_router(attachments_routes.router)

Reader = Annotated[identity.Caller, Depends(identity.may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_LONGEST_TEXT = 200


class CategoryRef(BaseModel):
    """A transaction's category. ``key`` is stable for the default ones."""

    id: Annotated[CategoryId, WireId("cat")]
    key: str | None
    name: str | None
    kind: str


class TransactionOut(BaseModel):
    """One transaction; ``amount`` above zero is money in."""

    id: TransactionRef
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    day: date
    happened_on: date | None
    amount: WireMoney
    title: str
    description: str
    merchant: str | None
    category: CategoryRef
    category_by: str
    origin: str
    pending: bool
    note: str | None
    reviewed_at: datetime | None
    removed_by_bank: datetime | None
    never_booked_at: datetime | None

    @classmethod
    def of(cls, row: Transaction) -> TransactionOut:
        """Return the transaction as it stands in JSON."""
        return cls(
            id=row.id,
            account=row.account_id,
            account_name=row.account_name,
            day=row.day,
            happened_on=row.happened_on,
            amount=row.amount,
            title=row.title,
            description=row.description,
            merchant=row.merchant,
            category=CategoryRef(
                id=row.category_id, key=row.category_key, name=row.category_name, kind=row.kind
            ),
            category_by=row.category_by,
            origin=row.origin,
            pending=row.pending,
            note=row.note,
            reviewed_at=row.reviewed_at,
            removed_by_bank=row.removed_by_bank,
            never_booked_at=row.never_booked_at,
        )


class CategoryList(BaseModel):
    """Categories in the order to show."""

    items: list[CategoryOut]


class SummaryOut(BaseModel):
    """How many transactions a filter finds, and their sum in each currency.

    ``and_more``: there are more than ``count``, too many to sum while somebody waits.
    """

    count: int
    totals: list[WireMoney]
    and_more: bool


class TransactionChange(BaseModel):
    """What to change; what is left out stays. ``category`` is an id or a default one's key."""

    model_config = ConfigDict(extra="forbid")

    category: str | None = None
    note: str | None = None
    reviewed: bool | None = None


class SpendingOut(BaseModel):
    """One category group's spending, last month's up to the same day.

    Above zero is spent; below zero, refunds outweigh what was spent.
    """

    category: str
    this_month: WireMoney
    last_month: WireMoney


class SpendingList(BaseModel):
    """Spending this month, most first."""

    currency: str
    items: list[SpendingOut]


class FlowOut(BaseModel):
    """Money in and out of one month, both zero or more. ``month`` is its first day."""

    month: date
    money_in: WireMoney
    money_out: WireMoney


class FlowList(BaseModel):
    """Cash flow by month, oldest first."""

    currency: str
    items: list[FlowOut]


def filter_of(
    q: Annotated[str, Query(max_length=_LONGEST_TEXT, description="Text or amount")] = "",
    category: Annotated[str, Query(max_length=100, description="A category's key")] = "",
    account: Annotated[str, Query(description="acc_…")] = "",
    since: Annotated[date | None, Query(description="First day")] = None,
    until: Annotated[date | None, Query(description="Last day")] = None,
    to_review: Annotated[bool, Query()] = False,
    pending: Annotated[bool | None, Query()] = None,
) -> Filter:
    """Read a filter from an address. Raises ``BackToFront`` and ``NotFound`` for a bad id."""
    if since is not None and until is not None and since > until:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    return Filter(
        text=q.strip(),
        category=category,
        account_id=AccountId(ids.parse("acc", account)) if account else None,
        since=since,
        until=until,
        to_review=to_review,
        pending=pending,
    )


Wanted = Annotated[Filter, Depends(filter_of)]


@router.get("/transactions", summary="Search transactions")
async def list_transactions(
    caller: Reader,
    wanted: Wanted,
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[TransactionOut]:
    """List transactions, newest first."""
    async with caller.unit_of_work() as db:
        page = await transactions.search(
            db, owner=caller.owner, filter=wanted, after=read_position(after), limit=limit
        )
    return Page([TransactionOut.of(row) for row in page.items], write_position(page.next))


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


@router.patch("/transactions/{transaction_id}", summary="Categorise, note or review")
async def change_transaction(
    caller: Writer, transaction_id: TransactionRef, change: TransactionChange
) -> TransactionOut:
    """Change what is given: all of it or nothing. Syncs never overwrite it."""
    owner, now = caller.owner, caller.now
    async with caller.unit_of_work() as db:
        await transactions.get(db, owner=owner, transaction_id=transaction_id)
        if change.category is not None:
            await transactions.set_category(
                db,
                owner=owner,
                transaction_ids=[transaction_id],
                category_id=await find_category(db, caller, change.category),
                now=now,
                actor=caller.actor,
            )
        if change.note is not None:
            await transactions.set_note(
                db,
                owner=owner,
                transaction_id=transaction_id,
                note=change.note,
                now=now,
                actor=caller.actor,
            )
        if change.reviewed is not None:
            await transactions.mark_reviewed(
                db,
                owner=owner,
                transaction_ids=[transaction_id],
                reviewed=change.reviewed,
                now=now,
                actor=caller.actor,
            )
        return TransactionOut.of(
            await transactions.get(db, owner=owner, transaction_id=transaction_id)
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
    return SpendingList(
        currency=chosen,
        items=[
            SpendingOut(category=line.key, this_month=line.this_month, last_month=line.last_month)
            for line in lines
        ],
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
    return FlowList(
        currency=chosen,
        items=[
            FlowOut(month=flow.month, money_in=flow.money_in, money_out=flow.money_out)
            for flow in flows
        ],
    )


async def find_category(db: Db, caller: identity.Caller, text: str) -> CategoryId:
    """Return the category that a ``cat_…`` id or a key names. Raises ``CategoryNotFound``."""
    known = await transactions.categories(db, owner=caller.owner)
    for category in known:
        if text in (category.key, ids.show("cat", category.id)):
            return category.id
    raise transactions.CategoryNotFound("There is no such category.", field="category")


async def read_currency(db: Db, caller: identity.Caller, code: str) -> Currency:
    """Return the currency asked for, else the person's first one. Raises ``NothingSoFar``."""
    if code:
        return currency(code)
    return await accounts.main_currency(db, owner=caller.owner, chosen=caller.settings.currency)
