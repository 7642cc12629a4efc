"""Dated exchange rates: what one currency was worth in another on a day. The door of the domain."""

from strongroom.fx.rules import RatesAreUnreadable
from strongroom.fx.service import (
    RateIsUnknown,
    RatesLookWrong,
    get_rate,
    list_rates,
    load_for_all,
    newest_days,
    rates_on,
)
from strongroom.fx.types import RATE_DAYS, KnownRate, Loaded, Rate, RatePage, RatePosition

__all__ = [
    "RATE_DAYS",
    "KnownRate",
    "Loaded",
    "Rate",
    "RateIsUnknown",
    "RatePage",
    "RatePosition",
    "RatesAreUnreadable",
    "RatesLookWrong",
    "get_rate",
    "list_rates",
    "load_for_all",
    "newest_days",
    "rates_on",
]
