"""The page of exchange rates: which holds between two currencies on a day, and those loaded."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from strongroom import fx, identity
from strongroom.core.money import BadCurrency, Currency, currency
from strongroom.core.paging import BadCursor
from strongroom.fx.cursors import read_position, write_position
from strongroom.identity.access import may
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("net_worth:read"))]
_EURO = Currency("EUR")
_ROWS = 50


@router.get("/rates")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show the rate of a day with its source, and the rates that were loaded, newest first."""
    query = request.query_params
    base = _code(query.get("base", "")) or _EURO
    quote = _code(query.get("quote", "")) or caller.settings.currency or _EURO
    day = _day(query.get("day", "")) or caller.today
    after = None
    with suppress(BadCursor):
        after = read_position(query.get("after", ""))
    async with caller.unit_of_work() as db:
        found, unknown = None, None
        try:
            found = await fx.get_rate(db, base=base, quote=quote, day=day)
        except fx.RateIsUnknown:
            newest = await fx.newest_days(db, codes=[base], quote=quote, day=day)
            unknown = newest.get(base)
        page = await fx.list_rates(
            db, codes=[] if base == quote else [base, quote], until=day, after=after, limit=_ROWS
        )
    return render(
        request,
        "fx/rates.html",
        nav="overview",
        base=base,
        quote=quote,
        day=day,
        today=caller.today,
        found=found,
        newest=unknown,
        page=page,
        older=write_position(page.next),
        later=after is not None,
        holds=fx.RATE_DAYS,
    )


def _code(text: str) -> Currency | None:
    try:
        return currency(text) if text else None
    except BadCurrency:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
