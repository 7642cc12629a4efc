"""The shapes of net worth in JSON: what each field means, and how a value becomes one.

Asks nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from strongroom.core.ids import AccountId
from strongroom.core.money import total
from strongroom.core.wire import WireId, WireMoney
from strongroom.fx import Rate
from strongroom.net_worth.types import (
    AccountChange,
    Between,
    Live,
    Remainder,
    RemainderKind,
    Worth,
    WorthPart,
)

AccountRef = Annotated[AccountId, WireId("acc")]


class Part(BaseModel):
    """What one account adds; negative is owed. No bank has said it yet where it is null."""

    account: AccountRef
    name: str
    category: str
    balance: WireMoney | None


class LiveOut(BaseModel):
    """Net worth now in one currency by itself: always the sum of its parts, to the cent."""

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


class RateOut(BaseModel):
    """What one unit of an account's currency is worth, of which day, and who says so.

    ``over``: the currency it was reckoned over, where no rate between the two is known.
    """

    rate: Decimal
    day: date
    source: str
    over: str | None

    @classmethod
    def of(cls, rate: Rate | None) -> RateOut | None:
        """Return the rate as it stands in JSON."""
        if rate is None:
            return None
        return cls(rate=rate.rate, day=rate.day, source=rate.source, over=rate.over)


class WorthPartOut(Part):
    """``Part`` with its value in the base currency: null where nobody knows the rate."""

    value: WireMoney | None
    rate: RateOut | None

    @classmethod
    def of(cls, part: WorthPart) -> WorthPartOut:
        """Return the part as it stands in JSON."""
        account = part.account
        return cls(
            account=account.id,
            name=account.name,
            category=account.category,
            balance=account.balance,
            value=part.value,
            rate=RateOut.of(part.rate),
        )


class WorthOut(BaseModel):
    """Net worth now in the base currency: always the sum of its parts' values, to the cent.

    ``unknown``: accounts that are not in it, for their balance or its rate is not known.
    ``known``: false where nothing could be counted; the figures of zero then say nothing.
    """

    currency: str
    day: date
    known: bool
    net_worth: WireMoney
    assets: WireMoney
    liabilities: WireMoney
    asset_breakdown: Mapping[str, WireMoney]
    liability_breakdown: Mapping[str, WireMoney]
    parts: list[WorthPartOut]
    unknown: list[AccountRef]

    @classmethod
    def of(cls, worth: Worth) -> WorthOut:
        """Return the figure as it stands in JSON."""
        return cls(
            currency=worth.base,
            day=worth.day,
            known=worth.known,
            net_worth=worth.net_worth,
            assets=worth.assets,
            liabilities=worth.liabilities,
            asset_breakdown=worth.asset_breakdown,
            liability_breakdown=worth.liability_breakdown,
            parts=[WorthPartOut.of(part) for part in worth.parts],
            unknown=[account.id for account in worth.unknown],
        )


class LiveList(BaseModel):
    """``total``: in one currency. ``items``: each currency by itself, the main one first."""

    total: WorthOut
    items: list[LiveOut]


class DayOut(BaseModel):
    """Net worth at the end of one day. ``estimated``: some account had no report that day.

    ``unknown``: currencies that are not in it, for nobody knows their rate that day. ``known``:
    false where that was all there is. The last four are there if parts were asked for.
    """

    day: date
    net_worth: WireMoney
    estimated: bool
    unknown: list[str]
    known: bool = True
    assets: WireMoney | None = None
    liabilities: WireMoney | None = None
    asset_breakdown: dict[str, WireMoney] | None = None
    liability_breakdown: dict[str, WireMoney] | None = None


class Series(BaseModel):
    """Net worth by day in one currency, oldest first. ``since`` is null for all there is."""

    currency: str
    since: date | None
    until: date
    items: list[DayOut]


class ChangeOut(BaseModel):
    """How one account changed between the ends of two days, in its own currency.

    ``after - before`` is ``opened + moved + waiting + remainder - closed``. The values are in the
    base currency at each day's rate.
    """

    account: AccountRef
    name: str
    category: str
    before: WireMoney | None
    after: WireMoney
    opened: WireMoney
    moved: WireMoney
    waiting: WireMoney
    remainder: WireMoney
    kind: RemainderKind
    closed: WireMoney
    closed_on: date | None
    value_before: WireMoney | None
    value_after: WireMoney | None
    rate_before: RateOut | None
    rate_after: RateOut | None

    @classmethod
    def of(cls, change: AccountChange) -> ChangeOut:
        """Return the change as it stands in JSON."""
        return cls(
            account=change.account,
            name=change.name,
            category=change.category,
            before=change.before,
            after=change.after,
            opened=change.opened,
            moved=change.moved,
            waiting=change.waiting,
            remainder=change.remainder,
            kind=change.kind,
            closed=change.closed,
            closed_on=change.closed_on,
            value_before=change.value_before,
            value_after=change.value_after,
            rate_before=RateOut.of(change.rate_before),
            rate_after=RateOut.of(change.rate_after),
        )


class BetweenOut(BaseModel):
    """Net worth at the end of two days, and each account that counted on or between them.

    ``before_known``, ``after_known``: false where nothing could be counted for want of rates.
    """

    currency: str
    since: date
    until: date
    before: WireMoney
    after: WireMoney
    before_known: bool
    after_known: bool
    items: list[ChangeOut]
    unknown_before: list[AccountRef]
    unknown_after: list[AccountRef]

    @classmethod
    def of(cls, found: Between) -> BetweenOut:
        """Return the span as it stands in JSON."""
        return cls(
            currency=found.base,
            since=found.since,
            until=found.until,
            before=found.before,
            after=found.after,
            before_known=found.before_known,
            after_known=found.after_known,
            items=[ChangeOut.of(one) for one in found.accounts],
            unknown_before=list(found.unknown_before),
            unknown_after=list(found.unknown_after),
        )


class RemainderOut(BaseModel):
    """A balance that changed by other than its rows between the ends of two days."""

    account: AccountRef
    name: str
    category: str
    kind: RemainderKind
    after: date
    day: date
    change: WireMoney
    moved: WireMoney
    remainder: WireMoney

    @classmethod
    def of(cls, one: Remainder) -> RemainderOut:
        """Return the remainder as it stands in JSON."""
        return cls(
            account=one.account,
            name=one.name,
            category=one.category,
            kind=one.kind,
            after=one.after,
            day=one.day,
            change=one.change,
            moved=one.moved,
            remainder=one.remainder,
        )


class RemainderList(BaseModel):
    """What no transaction explains, newest first."""

    since: date | None
    until: date
    items: list[RemainderOut]
