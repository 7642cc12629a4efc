"""Net worth as JSON under ``/api/v1``: now, one figure a currency, and by day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import accounts, identity, net_worth
from strongroom.core.http import WireId, WireMoney
from strongroom.core.ids import AccountId
from strongroom.core.money import currency, total
from strongroom.net_worth import Live, Range, Snapshot

router = APIRouter(tags=["net worth"])

Reader = Annotated[identity.Caller, Depends(identity.may("net_worth:read"))]


class Part(BaseModel):
    """What one account adds; negative is owed. No bank has said it yet where it is null."""

    account: Annotated[AccountId, WireId("acc")]
    name: str
    category: str
    balance: WireMoney | None


class LiveOut(BaseModel):
    """Net worth now in one currency: always the sum of its parts, to the cent."""

    currency: str
    net_worth: WireMoney
    by_category: dict[str, WireMoney]
    parts: list[Part]

    @classmethod
    def of(cls, live: Live) -> LiveOut:
        """Return the figure as it stands in JSON."""
        held = live.accounts
        categories = sorted({account.category for account in held})
        return cls(
            currency=live.currency,
            net_worth=live.net_worth,
            by_category={
                category: total(
                    (a.balance for a in held if a.category is category and a.balance is not None),
                    live.currency,
                )
                for category in categories
            },
            parts=[
                Part(account=a.id, name=a.name, category=a.category, balance=a.balance)
                for a in (*held, *live.unknown)
            ],
        )


class LiveList(BaseModel):
    """One figure a currency, the main one first; they are never added together."""

    items: list[LiveOut]


class DayOut(BaseModel):
    """Net worth at the end of one day. ``estimated``: some account had no report that day."""

    day: date
    net_worth: WireMoney
    assets: WireMoney
    liabilities: WireMoney
    asset_breakdown: dict[str, WireMoney]
    liability_breakdown: dict[str, WireMoney]
    estimated: bool

    @classmethod
    def of(cls, day: Snapshot) -> DayOut:
        """Return the day as it stands in JSON."""
        return cls(
            day=day.day,
            net_worth=day.net_worth,
            assets=day.assets,
            liabilities=day.liabilities,
            asset_breakdown=dict(day.asset_breakdown),
            liability_breakdown=dict(day.liability_breakdown),
            estimated=day.estimated,
        )


class Series(BaseModel):
    """Net worth by day in one currency, oldest first. ``since`` is null for all there is."""

    currency: str
    since: date | None
    until: date
    items: list[DayOut]


@router.get("/net-worth", summary="Net worth now")
async def get_net_worth(caller: Reader) -> LiveList:
    """Return what is owned less what is owed, one figure a currency."""
    async with caller.unit_of_work() as db:
        found = await net_worth.live(db, owner=caller.owner)
    chosen = caller.settings.currency
    found.sort(key=lambda live: live.currency != chosen)
    return LiveList(items=[LiveOut.of(live) for live in found])


@router.get("/net-worth/series", summary="Net worth by day")
async def get_series(
    caller: Reader,
    span: Annotated[Range, Query(alias="range")] = Range.YEAR,
    code: Annotated[str, Query(alias="currency")] = "",
) -> Series:
    """Return the days of a span in one currency (the main one if none is named)."""
    async with caller.unit_of_work() as db:
        chosen = (
            currency(code)
            if code
            else await accounts.main_currency(
                db, owner=caller.owner, chosen=caller.settings.currency
            )
        )
        since = net_worth.since(span, caller.today)
        days = await net_worth.series(
            db, owner=caller.owner, currency=chosen, since=since, until=caller.today
        )
    return Series(
        currency=chosen, since=since, until=caller.today, items=[DayOut.of(day) for day in days]
    )
