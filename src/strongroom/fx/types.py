"""The values of exchange rates. Plain data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from strongroom.core.money import Currency


@dataclass(frozen=True, slots=True)
class Quote:
    """One line of a table of rates: one unit of ``base`` is ``rate`` units of ``quote``."""

    base: Currency
    quote: Currency
    day: date
    rate: Decimal
    line: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth in another.

    ``day`` is the day the rate is of, the wanted one or up to ten before it. ``over`` is the
    currency it was reckoned over, where no rate between the two is known.
    """

    rate: Decimal
    day: date
    source: str
    over: Currency | None


@dataclass(frozen=True, slots=True)
class Odd:
    """A rate that another one speaks against, and which."""

    quote: Quote
    expected: Decimal
    because: str


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A rate as it was loaded: one unit of ``base`` is ``rate`` units of ``quote``."""

    base: Currency
    quote: Currency
    day: date
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class RatePosition:
    """Where a page of rates ends: newest first, then by currency."""

    day: date
    base: str
    quote: str


@dataclass(frozen=True, slots=True)
class RatePage:
    """Some of the rates, newest first, and where they go on."""

    items: Sequence[KnownRate]
    next: RatePosition | None


RATE_DAYS: Final = 10
"""How many days a rate holds on after its own: weekends and holidays, and a missed load."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a table: new rates, rates that replaced another, and the days they cover."""

    added: int
    changed: int
    unchanged: int
    first: date | None
    last: date | None
    currencies: Sequence[Currency]
