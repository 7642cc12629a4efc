"""The page of the forecast, and the same days as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import budgets, identity, ui
from strongroom.accounts.asked import currency_in_address
from strongroom.budgets import Forecast
from strongroom.budgets.forecast_labels import what_is_lacking
from strongroom.budgets.forecast_types import DAYS, LEVELS
from strongroom.core.plain import amount_text
from strongroom.identity.access import may
from strongroom.ui.charts import Fan, FanDay
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False, dependencies=[Depends(currency_in_address)])

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]
_EDGES = ("low_95", "low_80", "low_50", "middle", "high_50", "high_80", "high_95")


@router.get("/budgets/forecast")
async def show_forecast(request: Request, caller: Reader, cur: str = "") -> HTMLResponse:
    """Show where a person may stand in 90 days, and how often that held before."""
    owner, today = caller.owner, caller.today
    async with caller.unit_of_work() as db:
        busy = await budgets.ask_for_forecasts(db, owner=owner, today=today)
        found = await budgets.forecasts(db, owner=owner)
        coming = await budgets.coming_up(db, owner=owner, today=today, days=DAYS)
    chosen = pick(found, cur or caller.settings.currency or "")
    with ui.using(request.state.preferences):
        spec = None if chosen is None or not chosen.bands else fan(chosen)
        lacking = (
            "" if chosen is None or chosen.lacking is None else what_is_lacking(chosen.lacking)
        )
    mine = [
        one for one in coming if chosen and one.amount.currency == chosen.currency
        and not one.item.inner
    ]  # fmt: skip
    return render(
        request,
        "budgets/forecast.html",
        nav="budgets",
        busy=busy,
        found=found,
        chosen=chosen,
        none_in=cur.upper() if cur and chosen and chosen.currency != cur.upper() else "",
        spec=spec,
        lacking=lacking,
        shares=[
            (level, Decimal(level) / 100, chosen.check.share(level))
            for level in LEVELS
            if chosen is not None
        ],
        coming=mine,
        now=caller.now,
    )


@router.get("/budgets/forecast.csv")
async def download(caller: Reader, cur: str = "") -> Response:
    """Return the days that the chart shows, as CSV with exact amounts."""
    async with caller.unit_of_work() as db:
        found = await budgets.forecasts(db, owner=caller.owner)
    chosen = pick(found, cur or caller.settings.currency or "")
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("date", "currency", *_EDGES, "planned"))
    for band in () if chosen is None else chosen.bands:
        sums = [getattr(band, name) for name in (*_EDGES, "planned")]
        amounts = [amount_text(one.amount, one.currency) for one in sums]
        writer.writerow((band.day.isoformat(), band.middle.currency, *amounts))
    return Response(
        out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="forecast.csv"'},
    )


def pick(found: Sequence[Forecast], code: str) -> Forecast | None:
    """Return the forecast in a currency, or else the one with the longest history."""
    return next((one for one in found if one.currency == code.upper()), next(iter(found), None))


def fan(one: Forecast) -> Fan:
    """Return the chart of a forecast, from today on."""
    begins = FanDay(one.day, (one.begins.amount,) * len(_EDGES))
    ahead = (
        FanDay(band.day, tuple(getattr(band, name).amount for name in _EDGES)) for band in one.bands
    )
    return Fan(ui.gettext("Forecast of 90 days"), (begins, *ahead), one.currency)
