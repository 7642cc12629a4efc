"""Exchange rates as JSON under ``/api/v1``: the one that holds on a day, and those that are known.

Rates are nobody's and the same for everybody; loading them is for whoever runs the server.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import fx, identity
from strongroom.core.money import Currency, currency
from strongroom.fx import KnownRate
from strongroom.fx.cursors import read_position, write_position
from strongroom.identity.access import may

router = APIRouter(tags=["exchange rates"])

Reader = Annotated[identity.Caller, Depends(may("net_worth:read"))]


class RateOut(BaseModel):
    """What one unit of ``base`` was worth in ``quote``.

    ``asked``: the day that was asked for. ``day``: the day that the rate is of, at most ten days
    before it. ``over``: the currency it was reckoned over, where no rate between the two is known.
    """

    base: str
    quote: str
    asked: date
    rate: Decimal
    day: date
    source: str
    over: str | None


class KnownRateOut(BaseModel):
    """A rate as it was loaded: one unit of ``base`` is ``rate`` units of ``quote``."""

    base: str
    quote: str
    day: date
    rate: Decimal
    source: str

    @classmethod
    def of(cls, one: KnownRate) -> KnownRateOut:
        """Return the rate as it stands in JSON."""
        return cls(base=one.base, quote=one.quote, day=one.day, rate=one.rate, source=one.source)


class KnownRateList(BaseModel):
    """Rates, newest first; ``next`` is the cursor to go on, null at the end."""

    items: list[KnownRateOut]
    next: str | None


@router.get("/rates", summary="The exchange rate of a day")
async def get_rate(
    caller: Reader,
    base: Annotated[str, Query(description="One unit of this currency, such as EUR")],
    quote: Annotated[str, Query(description="in this one, such as NOK")],
    day: Annotated[date | None, Query(description="Today without.")] = None,
) -> RateOut:
    """Return the rate that holds on a day, of which day it is and who says so.

    Where none is known, or the newest is more than ten days older, the answer is 404 and says
    which: no rate is ever made up.
    """
    one, other, asked = currency(base), currency(quote), day or caller.today
    async with caller.unit_of_work() as db:
        found = await fx.get_rate(db, base=one, quote=other, day=asked)
    return RateOut(
        base=one,
        quote=other,
        asked=asked,
        rate=found.rate,
        day=found.day,
        source=found.source,
        over=found.over,
    )


@router.get("/rates/known", summary="List exchange rates")
async def list_rates(
    caller: Reader,
    base: Annotated[str, Query(description="Only with this currency, on either side")] = "",
    quote: Annotated[str, Query(description="and with this one")] = "",
    since: date | None = None,
    until: date | None = None,
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> KnownRateList:
    """List the rates that were loaded, newest first."""
    async with caller.unit_of_work() as db:
        page = await fx.list_rates(
            db,
            codes=read_codes(base, quote),
            since=since,
            until=until,
            after=read_position(after),
            limit=limit,
        )
    return KnownRateList(
        items=[KnownRateOut.of(one) for one in page.items], next=write_position(page.next)
    )


def read_codes(*texts: str) -> list[Currency]:
    """Return the currencies that were named. Raises ``BadCurrency``."""
    return [currency(text) for text in texts if text]
