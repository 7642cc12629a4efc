"""Reports as JSON under ``/api/v1/reports``: sums, the rows behind them, and why they changed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from strongroom import accounts, identity
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions.reports import asked, rules
from strongroom.transactions.reports.changes import explain_known, explain_periods
from strongroom.transactions.reports.cursors import read_part_position, write_part_position
from strongroom.transactions.reports.service import (
    cash_flow_report,
    category_report,
    merchant_report,
    part_rows,
)
from strongroom.transactions.reports.types import Cell, Period, Step
from strongroom.transactions.reports.wire import (
    FlowReportOut,
    KnownWhyOut,
    LineReportOut,
    PartPageOut,
    PeriodWhyOut,
)
from strongroom.transactions.types import Kind

router = APIRouter(prefix="/reports", tags=["reports"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Code = Annotated[str, Query(alias="currency", description="The main currency if none is named")]
Length = Annotated[Step, Query(description="How long one period is")]
Last = Annotated[str, Query(description="The last period: 2026-11, 2026-Q4 or 2026; or this one")]
Count = Annotated[int | None, Query(ge=1, le=rules.MOST, description="How many periods")]


class By(StrEnum):
    """What a line is of."""

    CATEGORY = "category"
    MERCHANT = "merchant"


class Figure(StrEnum):
    """Which of the two figures."""

    SPENDING = "spending"
    INCOME = "income"


@router.get("/cash-flow", summary="Income against spending")
async def get_cash_flow(
    caller: Reader,
    step: Length = Step.MONTH,
    until: Last = "",
    count: Count = None,
    code: Code = "",
) -> FlowReportOut:
    """Return income and spending by month, quarter or year, oldest first."""
    wanted = _periods(caller, step, until, count)
    async with caller.unit_of_work() as db:
        report = await cash_flow_report(
            db,
            owner=caller.owner,
            currency=await asked.currency_named(db, caller, code),
            periods=wanted,
        )
    return FlowReportOut.of(report)


@router.get("/spending", summary="Spending or income by category or merchant")
async def get_lines(
    caller: Reader,
    by: By = By.CATEGORY,
    kind: Figure = Figure.SPENDING,
    step: Length = Step.MONTH,
    until: Last = "",
    count: Count = None,
    code: Code = "",
) -> LineReportOut:
    """Return sums by group and category, or by merchant (the 30 largest), the largest first."""
    wanted = _periods(caller, step, until, count)
    read = category_report if by is By.CATEGORY else merchant_report
    async with caller.unit_of_work() as db:
        report = await read(
            db,
            owner=caller.owner,
            currency=await asked.currency_named(db, caller, code),
            periods=wanted,
            kind=Kind(kind),
        )
    return LineReportOut.of(report)


@router.get("/rows", summary="The rows behind a figure")
async def get_rows(
    caller: Reader,
    since: Annotated[date | None, Query(description="First day; this month's without")] = None,
    until: Annotated[date | None, Query(description="Last day; today without")] = None,
    flow: Annotated[Figure | None, Query(description="Only spending, or only income")] = None,
    category: Annotated[CategoryId | None, WireId("cat"), Query()] = None,
    itself: Annotated[bool, Query(description="A group without its categories")] = False,
    merchant: Annotated[str | None, Query(max_length=500, description="A title, exactly")] = None,
    account: Annotated[AccountId | None, WireId("acc"), Query()] = None,
    code: Code = "",
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> PartPageOut:
    """Return exactly the rows that a report summed, newest first, and their sum."""
    first, last = since or caller.today.replace(day=1), until or caller.today
    if first > last:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    cell = Cell(first, last, flow or "", category, itself, merchant, account)
    async with caller.unit_of_work() as db:
        page = await part_rows(
            db,
            owner=caller.owner,
            currency=await asked.currency_named(db, caller, code),
            cell=cell,
            after=read_part_position(after),
            limit=limit,
        )
    return PartPageOut.of(page, write_part_position(page.next) or None)


@router.get("/spending/why", summary="Why spending differs between two periods")
async def get_why(
    caller: Reader,
    period: Annotated[str, Query(description="2026-11, 2026-Q4 or 2026")],
    against: Annotated[str, Query(description="The period to compare with")],
    step: Length = Step.MONTH,
    kind: Figure = Figure.SPENDING,
    code: Code = "",
) -> PeriodWhyOut:
    """Return the causes of the difference; they add up to it exactly."""
    two = rules.read_period(against, step), rules.read_period(period, step)
    async with caller.unit_of_work() as db:
        found = await explain_periods(
            db,
            owner=caller.owner,
            currency=await asked.currency_named(db, caller, code),
            kind=Kind(kind),
            against=two[0],
            period=two[1],
        )
    return PeriodWhyOut.of(found)


@router.get("/spending/since", summary="What is known of a period now and was not then")
async def get_known(
    caller: Reader,
    period: Annotated[str, Query(description="2026-11, 2026-Q4 or 2026")],
    known_at: Annotated[datetime, Query(description="An instant, such as 2026-11-01T00:00:00Z")],
    step: Length = Step.MONTH,
    kind: Figure = Figure.SPENDING,
    category: Annotated[CategoryId | None, WireId("cat"), Query()] = None,
    code: Code = "",
) -> KnownWhyOut:
    """Return what late rows, banks, rules and the person changed since; it adds up exactly."""
    if known_at.tzinfo is None:
        known_at = known_at.replace(tzinfo=caller.now.tzinfo)
    async with caller.unit_of_work() as db:
        found = await explain_known(
            db,
            owner=caller.owner,
            currency=await asked.currency_named(db, caller, code),
            kind=Kind(kind),
            period=rules.read_period(period, step),
            known_at=known_at,
            category_id=category,
        )
    return KnownWhyOut.of(found)


def _periods(caller: identity.Caller, step: Step, until: str, count: int | None) -> list[Period]:
    last = rules.read_period(until, step).first if until else caller.today
    return rules.periods(step, last, count or rules.USUAL[step])
