"""Net worth as JSON under ``/api/v1``: now, by day, between two days, and what nothing explains."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from strongroom import accounts, identity, net_worth
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency
from strongroom.core.plain import money_json
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.net_worth import Range, WorthSnapshot
from strongroom.net_worth.why import routes as why_routes
from strongroom.net_worth.wire import (
    BetweenOut,
    LiveList,
    LiveOut,
    RemainderList,
    RemainderOut,
    Series,
    WorthOut,
)


class Wanted(TypedDict):
    """Whose days, in what currency, from when to when."""

    owner: UserId
    base: Currency
    since: date | None
    until: date


router = APIRouter(tags=["net worth"])
router.include_router(why_routes.router)

Reader = Annotated[identity.Caller, Depends(may("net_worth:read"))]
Span = Annotated[Range, Query(alias="range", description="A span that ends today.")]
From = Annotated[date | None, Query(description="The first day, in place of a range.")]
To = Annotated[date | None, Query(description="The last day; today without.")]
Code = Annotated[
    str, Query(alias="currency", description="The currency to show it in; yours without.")
]


@router.get("/net-worth", summary="Net worth now")
async def get_net_worth(caller: Reader, code: Code = "") -> LiveList:
    """Return what is owned less what is owed: in one currency, and in each by itself."""
    async with caller.unit_of_work() as db:
        found = await net_worth.live(db, owner=caller.owner)
        base = await _base(db, caller, code)
        worth = await net_worth.worth(db, owner=caller.owner, base=base, day=caller.today)
    found.sort(key=lambda live: live.currency != caller.settings.currency)
    return LiveList(total=WorthOut.of(worth), items=[LiveOut.of(live) for live in found])


@router.get("/net-worth/series", summary="Net worth by day", response_model=Series)
async def get_series(
    caller: Reader,
    span: Span = Range.YEAR,
    code: Code = "",
    since: From = None,
    until: To = None,
    parts: Annotated[bool, Query(description="What each day is made of, as well.")] = False,
) -> Response:
    """Return the days of a span in one currency, each at its own day's rates, oldest first."""
    first, last = _days(caller, span, since, until)
    async with caller.unit_of_work() as db:
        base = await _base(db, caller, code)
        wanted: Wanted = {"owner": caller.owner, "base": base, "since": first, "until": last}
        if parts:
            days = await net_worth.days_with_parts(db, **wanted)
            items = json.dumps([_day_json(day) for day in days], separators=(",", ":"))
        else:
            items = await net_worth.days_as_json(db, **wanted)
    head = {"currency": base, "since": first and first.isoformat(), "until": last.isoformat()}
    # Ten years are thousands of days: written as they are, with nothing looked over twice.
    body = f'{json.dumps(head)[:-1]}, "items": {items}}}'
    return Response(body, media_type="application/json")


@router.get("/net-worth/changes", summary="How each account changed between two days")
async def get_changes(
    caller: Reader,
    span: Span = Range.MONTH,
    code: Code = "",
    since: From = None,
    until: To = None,
) -> BetweenOut:
    """Return each account's balances at the end of two days, its rows, and what they leave open."""
    first, last = _days(caller, span, since, until)
    async with caller.unit_of_work() as db:
        base = await _base(db, caller, code)
        found = await net_worth.between(
            db, owner=caller.owner, base=base, since=first or date.min, until=last
        )
    return BetweenOut.of(found)


@router.get("/net-worth/remainders", summary="What no transaction explains")
async def get_remainders(
    caller: Reader,
    span: Span = Range.MONTH,
    since: From = None,
    until: To = None,
    account: Annotated[AccountId | None, WireId("acc"), Query()] = None,
) -> RemainderList:
    """Return each day on which an account's balance changed by other than its rows."""
    first, last = _days(caller, span, since, until)
    async with caller.unit_of_work() as db:
        found = await net_worth.remainders(
            db, owner=caller.owner, since=first or date.min, until=last, account_id=account
        )
    return RemainderList(since=first, until=last, items=[RemainderOut.of(one) for one in found])


async def _base(db: Db, caller: identity.Caller, code: str) -> Currency:
    chosen = caller.settings.currency
    if code:
        chosen = await accounts.currency_asked(db, owner=caller.owner, code=code)
    return await net_worth.base_currency(db, owner=caller.owner, chosen=chosen)


def _days(
    caller: identity.Caller, span: Range, since: date | None, until: date | None
) -> tuple[date | None, date]:
    """Return the first and last day asked for; never later than the person's today."""
    last = min(until or caller.today, caller.today)
    first = since or net_worth.since(span, last)
    if first is not None and first > last:
        raise net_worth.SpanIsBackToFront("The first day must come before the last.", field="since")
    return first, last


def _day_json(day: WorthSnapshot) -> dict[str, object]:
    out: dict[str, object] = {
        "day": day.day.isoformat(),
        "net_worth": money_json(day.net_worth),
        "estimated": day.estimated,
        "unknown": list(day.unknown),
        "known": day.known,
        "assets": money_json(day.assets),
        "liabilities": money_json(day.liabilities),
    }
    for name, parts in (
        ("asset_breakdown", day.asset_breakdown),
        ("liability_breakdown", day.liability_breakdown),
    ):
        out[name] = {key: money_json(part) for key, part in parts.items()}
    return out
