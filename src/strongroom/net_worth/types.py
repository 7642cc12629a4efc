"""The values of net worth: one day's snapshot in one currency, and the live figure's parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from strongroom.accounts import Account
from strongroom.core.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Net worth at the end of one day, in one currency.

    ``assets`` and ``liabilities`` are both zero or more and ``net_worth`` is their difference.
    The breakdowns sum to them, by account category; an overdraft counts in the liabilities and
    a card's credit balance in the assets. ``estimated``: some account had no report that day.
    """

    day: date
    currency: Currency
    net_worth: Money
    assets: Money
    liabilities: Money
    asset_breakdown: Mapping[str, Money]
    liability_breakdown: Mapping[str, Money]
    estimated: bool


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A snapshot without what it is made of: for a line that shows the total by day."""

    day: date
    net_worth: Money
    estimated: bool


@dataclass(frozen=True, slots=True)
class Live:
    """Net worth now in one currency: always the sum of ``accounts``' balances, to the cent.

    ``unknown`` are accounts in this currency whose balance no bank has said.
    """

    currency: Currency
    net_worth: Money
    accounts: Sequence[Account]
    unknown: Sequence[Account]
