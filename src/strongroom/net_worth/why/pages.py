"""The pages "why did net worth change", the rows behind a cause, and net worth by period."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import identity, net_worth, transactions, ui
from strongroom.accounts.asked import currency_in_address
from strongroom.core.money import total
from strongroom.identity.access import may
from strongroom.net_worth.ranges import Range
from strongroom.net_worth.ranges import since as since_of
from strongroom.net_worth.why import asked, labels
from strongroom.net_worth.why.periods import PeriodEnd, period_ends, sheet
from strongroom.net_worth.why.service import explain, rows_behind
from strongroom.transactions import category_label, report_address
from strongroom.ui.charts import NetWorthLine, Point, SpendingBar
from strongroom.ui.responses import render

router = APIRouter(
    include_in_schema=False,
    dependencies=[
        Depends(may("transactions:read")),
        Depends(currency_in_address),
    ],
)

Reader = Annotated[identity.Caller, Depends(may("net_worth:read"))]
_ROWS = 50
_SPANS = (Range.MONTH, Range.SIX_MONTHS, Range.YEAR_TO_DATE, Range.YEAR, Range.FIVE_YEARS)
_A_DAY = timedelta(days=1)


@router.get("/why")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show what changed net worth between two days: causes that add up to the difference."""
    wanted = asked.read(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        chosen = wanted.currency or caller.settings.currency
        base = await net_worth.base_currency(db, owner=caller.owner, chosen=chosen)
        found = await explain(
            db, owner=caller.owner, base=base, since=wanted.since, until=wanted.until
        )
    largest = max((abs(one.amount) for one in found.causes), default=total((), base))
    return render(
        request,
        "net_worth/why.html",
        nav="reports",
        wanted=wanted,
        found=found,
        largest=largest,
        nothing=total((), base),
        spans=[(one.value, since_of(one, caller.today) or caller.today) for one in _SPANS],
        kind_label=labels.kind_label,
        kind_help=labels.kind_help,
        cause_label=labels.cause_label,
        bar=SpendingBar,
        today=caller.today,
    )


@router.get("/why/rows")
async def show_rows(request: Request, caller: Reader, after: str = "") -> HTMLResponse:
    """Show the rows behind a cause: exactly those that were summed, and their sum."""
    wanted, behind = (
        asked.read(request.query_params, caller.today),
        asked.read_behind(request.query_params),
    )
    async with caller.unit_of_work() as db:
        chosen = wanted.currency or caller.settings.currency
        base = await net_worth.base_currency(db, owner=caller.owner, chosen=chosen)
        page = await rows_behind(
            db, owner=caller.owner, base=base, since=wanted.since, until=wanted.until,
            behind=behind, after=transactions.read_part_position(after), limit=_ROWS,
        )  # fmt: skip
        known = {one.id: one for one in await transactions.categories(db, owner=caller.owner)}
    kinds = {flow: kind for kind, flow in asked.FLOWS.items()}
    older = transactions.write_part_position(page.next)
    query = {**request.query_params}
    return render(
        request,
        "net_worth/why_rows.html",
        nav="reports",
        wanted=wanted,
        page=page,
        first_day=wanted.since + _A_DAY,
        kind=kinds[behind.flow],
        category=None if behind.category_id is None else known.get(behind.category_id),
        kind_label=labels.kind_label,
        label=category_label,
        older=asked.address("/why/rows", {**query, "after": older}) if older else "",
        first=asked.address("/why/rows", {**query, "after": ""}) if after else "",
    )


@router.get("/reports/net-worth")
async def show_periods(request: Request, caller: Reader) -> HTMLResponse:
    """Show net worth at the end of each month, quarter or year, and how it changed."""
    wanted = report_address.read(request.query_params, caller.today)
    ends = await _ends(caller, wanted)
    path = "/reports/net-worth"
    with ui.using(request.state.preferences):
        title = ui.gettext("Net worth")
    points = tuple(
        Point(one.day, one.net_worth.amount if one.known else None, one.estimated) for one in ends
    )
    spec = NetWorthLine(title, points, ends[-1].net_worth.currency) if ends else None
    return render(
        request,
        "net_worth/worth_report.html",
        nav="reports",
        which="net-worth",
        wanted=wanted,
        ends=ends,
        spec=spec,
        at=path,
        newer=wanted.newer(path, caller.today),
        older=wanted.older(path),
        period_label=transactions.period_label,
        why=lambda one: asked.address("/why", {
            "since": one.since.isoformat(), "until": one.day.isoformat(),
            "cur": wanted.texts.get("cur", ""),
        }),
    )  # fmt: skip


@router.get("/reports/net-worth.csv")
async def download_periods(request: Request, caller: Reader) -> Response:
    """Return what the page of the same name shows, as CSV with exact amounts."""
    wanted = report_address.read(request.query_params, caller.today)
    return Response(
        sheet(await _ends(caller, wanted)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="net-worth-by-period.csv"'},
    )


async def _ends(caller: identity.Caller, wanted: report_address.Asked) -> list[PeriodEnd]:
    async with caller.unit_of_work() as db:
        chosen = wanted.currency or caller.settings.currency
        base = await net_worth.base_currency(db, owner=caller.owner, chosen=chosen)
        return await period_ends(
            db, owner=caller.owner, base=base, periods=wanted.periods, today=caller.today
        )
