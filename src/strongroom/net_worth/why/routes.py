"""Why net worth changed as JSON, under ``/api/v1/net-worth/why``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import accounts, identity, net_worth, transactions
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.net_worth.why.service import Behind, explain, rows_behind
from strongroom.net_worth.why.types import Cause, Left, Why
from strongroom.transactions.reports.wire import PartPageOut

router = APIRouter(tags=["net worth"])

Reader = Annotated[identity.Caller, Depends(may("net_worth:read"))]
Since = Annotated[date, Query(description="From the end of this day")]
Until = Annotated[date | None, Query(description="To the end of this one; today without")]
Code = Annotated[str, Query(alias="currency", description="Yours if none is named")]


class CauseOut(BaseModel):
    """One cause; above zero it raised net worth. ``inside`` add up to ``amount``.

    ``kind``: income, spending, transfers, debt, market, revalued, rates, opened, closed, waiting,
    unexplained, unrated, rate_found or rate_lost.
    """

    kind: str
    amount: WireMoney
    category: Annotated[CategoryId, WireId("cat")] | None
    category_key: str | None
    category_name: str | None
    account: Annotated[AccountId, WireId("acc")] | None
    account_name: str | None
    inside: list[CauseOut]

    @classmethod
    def of(cls, cause: Cause) -> CauseOut:
        """Return the cause as it stands in JSON."""
        return cls(
            kind=cause.kind,
            amount=cause.amount,
            category=cause.category_id,
            category_key=cause.category_key,
            category_name=cause.category_name,
            account=cause.account_id,
            account_name=cause.account_name,
            inside=[cls.of(one) for one in cause.inside],
        )


class LeftOut(BaseModel):
    """An account that is in no figure here, because no rate of its currency is known."""

    account: Annotated[AccountId, WireId("acc")]
    name: str
    balance: WireMoney

    @classmethod
    def of(cls, one: Left) -> LeftOut:
        """Return it as it stands in JSON."""
        return cls(account=one.account_id, name=one.account_name, balance=one.balance)


class WhyOut(BaseModel):
    """Net worth at the end of two days, and causes that add up to the difference exactly.

    ``before_known``, ``after_known``: false where nothing could be counted for want of rates.
    """

    currency: str
    since: date
    until: date
    before: WireMoney
    after: WireMoney
    difference: WireMoney
    before_known: bool
    after_known: bool
    causes: list[CauseOut]
    not_counted: list[LeftOut]

    @classmethod
    def of(cls, found: Why) -> WhyOut:
        """Return the answer as it stands in JSON."""
        return cls(
            currency=found.base,
            since=found.since,
            until=found.until,
            before=found.before,
            after=found.after,
            difference=found.difference,
            before_known=found.before_known,
            after_known=found.after_known,
            causes=[CauseOut.of(one) for one in found.causes],
            not_counted=[LeftOut.of(one) for one in found.left],
        )


@router.get("/net-worth/why", summary="Why net worth changed between two days")
async def get_why(caller: Reader, since: Since, until: Until = None, code: Code = "") -> WhyOut:
    """Return the causes of the difference, the largest first."""
    async with caller.unit_of_work() as db:
        base = await _base(db, caller, code)
        found = await explain(
            db,
            owner=caller.owner,
            base=base,
            since=since,
            until=min(until or caller.today, caller.today),
        )
    return WhyOut.of(found)


@router.get(
    "/net-worth/why/rows",
    summary="The rows behind a cause",
    dependencies=[Depends(may("transactions:read"))],
)
async def get_rows(
    caller: Reader,
    since: Since,
    flow: Annotated[
        str, Query(pattern="^(income|spending|transfer|debt)$", description="Which flow")
    ],
    until: Until = None,
    category: Annotated[CategoryId | None, WireId("cat"), Query()] = None,
    itself: Annotated[bool, Query(description="A group without its categories")] = False,
    account: Annotated[AccountId | None, WireId("acc"), Query()] = None,
    code: Code = "",
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> PartPageOut:
    """Return exactly the rows that a cause is the sum of, newest first."""
    async with caller.unit_of_work() as db:
        base = await _base(db, caller, code)
        page = await rows_behind(
            db,
            owner=caller.owner,
            base=base,
            since=since,
            until=min(until or caller.today, caller.today),
            behind=Behind(flow, category, itself, account),
            after=transactions.read_part_position(after),
            limit=limit,
        )
    return PartPageOut.of(page, transactions.write_part_position(page.next) or None)


async def _base(db: Db, caller: identity.Caller, code: str) -> Currency:
    chosen = caller.settings.currency
    if code:
        chosen = await accounts.currency_asked(db, owner=caller.owner, code=code)
    return await net_worth.base_currency(db, owner=caller.owner, chosen=chosen)
