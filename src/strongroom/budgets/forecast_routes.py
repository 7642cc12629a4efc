"""The forecast as JSON under ``/api/v1``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import accounts, budgets, identity
from strongroom.budgets import Band, Forecast
from strongroom.budgets.forecast_labels import what_is_lacking
from strongroom.core.wire import WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["forecast"])

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]


class BandOut(BaseModel):
    """What may be held at the end of a day: in 95, 80 and 50 of 100 futures between low and high.

    ``planned`` is what recurring items are expected to add on that day.
    """

    day: date
    low_95: WireMoney
    low_80: WireMoney
    low_50: WireMoney
    middle: WireMoney
    high_50: WireMoney
    high_80: WireMoney
    high_95: WireMoney
    planned: WireMoney

    @classmethod
    def of(cls, one: Band) -> BandOut:
        """Return the day as it stands in JSON."""
        return cls(
            day=one.day,
            low_95=one.low_95,
            low_80=one.low_80,
            low_50=one.low_50,
            middle=one.middle,
            high_50=one.high_50,
            high_80=one.high_80,
            high_95=one.high_95,
            planned=one.planned,
        )


class CheckOut(BaseModel):
    """How often forecasts made on ``origins`` days of the past held, without looking ahead.

    ``inside_80`` is the share of ``days`` looked at on which reality was inside that band. Null:
    the history is too short to tell.
    """

    origins: int
    days: int
    inside_50: Decimal | None
    inside_80: Decimal | None
    inside_95: Decimal | None


class LackingOut(BaseModel):
    """Why there is no forecast: ``what`` is history, rows, recent or balance; ``says`` in words."""

    what: str
    have: int
    need: int
    says: str


class ForecastOut(BaseModel):
    """What the accounts you live from may hold in one currency; they ``begin`` with this today."""

    currency: str
    made_at: datetime
    day: date
    begins: WireMoney
    history_days: int
    lacking: LackingOut | None
    check: CheckOut
    bands: list[BandOut]

    @classmethod
    def of(cls, one: Forecast) -> ForecastOut:
        """Return the forecast as it stands in JSON."""
        told, check = one.lacking, one.check
        return cls(
            currency=one.currency,
            made_at=one.made_at,
            day=one.day,
            begins=one.begins,
            history_days=one.history,
            lacking=None
            if told is None
            else LackingOut(
                what=told.what, have=told.have, need=told.need, says=what_is_lacking(told)
            ),
            check=CheckOut(
                origins=check.origins,
                days=check.checks,
                inside_50=_rounded(check.share(50)),
                inside_80=_rounded(check.share(80)),
                inside_95=_rounded(check.share(95)),
            ),
            bands=[BandOut.of(band) for band in one.bands],
        )


class ForecastList(BaseModel):
    """One forecast a currency. ``coming``: newer ones are being made; ask again in a moment."""

    coming: bool
    items: list[ForecastOut]


@router.get("/forecast", summary="What you may hold on the coming 90 days")
async def get_forecast(
    caller: Reader, code: Annotated[str, Query(alias="currency")] = ""
) -> ForecastList:
    """Return the forecasts as they were last made, of one currency or of all."""
    async with caller.unit_of_work() as db:
        wanted = await accounts.currency_asked(db, owner=caller.owner, code=code) if code else None
        coming = await budgets.ask_for_forecasts(db, owner=caller.owner, today=caller.today)
        found = await budgets.forecasts(db, owner=caller.owner)
    items = [ForecastOut.of(one) for one in found if wanted in (None, one.currency)]
    return ForecastList(coming=coming, items=items)


def _rounded(share: Decimal | None) -> Decimal | None:
    return None if share is None else share.quantize(Decimal("0.001"))
