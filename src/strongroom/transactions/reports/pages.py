"""The pages of reports: cash flow, categories, merchants, the rows behind a figure, for printing.

Each has its address for a sheet, which holds what the page shows with exact amounts.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import identity, ui
from strongroom.core.db import Db
from strongroom.core.money import Currency
from strongroom.identity.access import may
from strongroom.transactions.labels import category_label
from strongroom.transactions.reports import asked, sheets
from strongroom.transactions.reports.asked import Asked
from strongroom.transactions.reports.cursors import read_part_position, write_part_position
from strongroom.transactions.reports.labels import period_label, short_label
from strongroom.transactions.reports.service import (
    cash_flow_report,
    category_report,
    merchant_report,
    part_rows,
)
from strongroom.transactions.reports.types import FlowReport, LineReport
from strongroom.transactions.service import categories
from strongroom.transactions.types import Kind
from strongroom.ui.charts import CashFlow, FlowMonth, SpendingBar
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
_ROWS = 50
_FEW = 12
_MANY = 60


@router.get("/reports")
async def show_cash_flow(request: Request, caller: Reader) -> HTMLResponse:
    """Show income against spending, period by period."""
    wanted = asked.read(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        code = await asked.currency_of(db, caller, wanted.currency)
        report = await cash_flow_report(
            db, owner=caller.owner, currency=code, periods=wanted.periods
        )
    return _render(request, caller, wanted, "flow", report, chart=_chart(request, report))


@router.get("/reports/categories")
async def show_categories(request: Request, caller: Reader) -> HTMLResponse:
    """Show spending or income by group and category."""
    wanted = asked.read(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        report = await _categories(db, caller, wanted)
    return _render(request, caller, wanted, "categories", report)


@router.get("/reports/merchants")
async def show_merchants(request: Request, caller: Reader) -> HTMLResponse:
    """Show spending or income by merchant."""
    wanted = asked.read(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        report = await _merchants(db, caller, wanted)
    return _render(request, caller, wanted, "merchants", report)


@router.get("/reports/cash-flow.csv")
@router.get("/reports/categories.csv")
@router.get("/reports/merchants.csv")
async def download(request: Request, caller: Reader) -> Response:
    """Return what the page of the same name shows, as CSV with exact amounts."""
    name = request.url.path.rpartition("/")[2]
    wanted = asked.read(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        if name == "cash-flow.csv":
            code = await asked.currency_of(db, caller, wanted.currency)
            text = sheets.flow_sheet(
                await cash_flow_report(
                    db, owner=caller.owner, currency=code, periods=wanted.periods
                )
            )
        else:
            read = _categories if name == "categories.csv" else _merchants
            report = await read(db, caller, wanted)
            with ui.using(request.state.preferences):
                text = sheets.line_sheet(report)
    return sheet(text, name)


@router.get("/reports/rows")
async def show_rows(request: Request, caller: Reader, after: str = "") -> HTMLResponse:
    """Show the rows behind a figure: exactly those that were summed, and their sum."""
    cell, chosen = asked.read_cell(request.query_params, caller.today)
    async with caller.unit_of_work() as db:
        code = await asked.currency_of(db, caller, chosen)
        page = await part_rows(
            db, owner=caller.owner, currency=code, cell=cell, after=read_part_position(after),
            limit=_ROWS,
        )  # fmt: skip
        known = {one.id: one for one in await categories(db, owner=caller.owner)}
    category = None if cell.category_id is None else known.get(cell.category_id)
    older = write_part_position(page.next)
    return render(
        request,
        "transactions/report_rows.html",
        nav="reports",
        cell=cell,
        page=page,
        currency=code,
        category=category,
        label=category_label,
        older=_with(request, after=older) if older else "",
        first=_with(request, after="") if after else "",
        sheet=_with(request, path="/reports/rows.csv", after=""),
    )


@router.get("/reports/rows.csv")
async def download_rows(request: Request, caller: Reader) -> Response:
    """Return every row behind a figure, as CSV."""
    cell, chosen = asked.read_cell(request.query_params, caller.today)
    texts, after, header = [], None, True
    while header or after is not None:
        async with caller.unit_of_work() as db:
            code = await asked.currency_of(db, caller, chosen)
            page = await part_rows(
                db, owner=caller.owner, currency=code, cell=cell, after=after, limit=500
            )
        with ui.using(request.state.preferences):
            texts.append(sheets.row_sheet(page.items, header=header))
        after, header = page.next, False
    return sheet("".join(texts), "rows.csv")


@router.get("/reports/print")
async def show_print(request: Request, caller: Reader) -> HTMLResponse:
    """Show all reports of the same periods on one page without navigation, made for paper."""
    wanted = asked.read(request.query_params, caller.today)
    owner = caller.owner
    async with caller.unit_of_work() as db:
        code = await asked.currency_of(db, caller, wanted.currency)
        flow = await cash_flow_report(db, owner=owner, currency=code, periods=wanted.periods)
        lines = {
            kind.value: await category_report(
                db, owner=owner, currency=code, periods=wanted.periods, kind=kind
            )
            for kind in (Kind.SPENDING, Kind.INCOME)
        }
        merchants = await merchant_report(
            db, owner=owner, currency=code, periods=wanted.periods, kind=Kind.SPENDING, limit=_FEW
        )
    return _render(
        request, caller, wanted, "print", flow, template="transactions/report_print.html",
        chart=_chart(request, flow), by_kind=lines, merchants=merchants,
    )  # fmt: skip


def sheet(text: str, name: str) -> Response:
    """Return a sheet as a download."""
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _categories(db: Db, caller: identity.Caller, wanted: Asked) -> LineReport:
    code = await asked.currency_of(db, caller, wanted.currency)
    return await category_report(
        db, owner=caller.owner, currency=code, periods=wanted.periods, kind=wanted.kind
    )


async def _merchants(db: Db, caller: identity.Caller, wanted: Asked) -> LineReport:
    code: Currency = await asked.currency_of(db, caller, wanted.currency)
    return await merchant_report(
        db, owner=caller.owner, currency=code, periods=wanted.periods, kind=wanted.kind,
        limit=_MANY,
    )  # fmt: skip


def _chart(request: Request, report: FlowReport) -> CashFlow:
    with ui.using(request.state.preferences):
        return CashFlow(
            ui.gettext("Income against spending"),
            tuple(
                FlowMonth(
                    one.period.first,
                    one.income.amount,
                    -one.spending.amount,
                    period_label(one.period),
                    short_label(one.period),
                )
                for one in report.flows
            ),
            report.currency,
        )


def _render(
    request: Request,
    caller: identity.Caller,
    wanted: Asked,
    which: str,
    report: FlowReport | LineReport,
    *,
    template: str = "transactions/reports.html",
    **more: Any,
) -> HTMLResponse:
    paths = {"flow": "/reports", "print": "/reports/print"}
    path = paths.get(which, f"/reports/{which}")
    return render(
        request,
        template,
        nav="reports",
        which=which,
        wanted=wanted,
        report=report,
        at=path,
        newer=wanted.newer(path, caller.today),
        older=wanted.older(path),
        label=category_label,
        period_label=period_label,
        short_label=short_label,
        bar=SpendingBar,
        today=caller.today,
        **more,
    )


def _with(request: Request, *, path: str = "/reports/rows", **changes: str) -> str:
    """Return the address asked for, with a part of it otherwise."""
    return asked.address(path, {**request.query_params, **changes})
