"""The values of "why did this change": a difference, and causes that add up to it. Plain data.

All amounts are in the base currency; above zero raised net worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency, Money


class CauseKind(StrEnum):
    """What changed net worth."""

    INCOME = "income"
    SPENDING = "spending"
    TRANSFERS = "transfers"
    """Between the person's own accounts: nothing, unless one leg is on the way or not known."""
    DEBT = "debt"
    """A loan's own rows: what was lent, paid back, charged."""
    MARKET = "market"
    """Value that moves by itself: investments, coins, metals."""
    REVALUED = "revalued"
    """Another value that the person wrote."""
    GROWN = "grown"
    """What a yearly rate that the person gave makes of a value."""
    PAID_DOWN = "paid_down"
    """What a loan's schedule makes of what is owed."""
    RATES = "rates"
    """What is held in other currencies is worth more or less."""
    OPENED = "opened"
    """Accounts of which nothing was known before."""
    CLOSED = "closed"
    WAITING = "waiting"
    """Booked rows that the newest balance does not hold yet."""
    UNEXPLAINED = "unexplained"
    """Balances moved and no row says why."""
    UNRATED = "unrated"
    """Rows of days whose rate is unknown, at the last day's rate."""
    RATE_FOUND = "rate_found"
    """Held all along, but on the first day no rate was known, and so it did not count."""
    RATE_LOST = "rate_lost"
    """Still held, but on the last day no rate is known, and so it does not count."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause, or a part of one. ``inside`` add up to ``amount`` exactly, where there are any.

    Income and spending are told by group and category, everything else by account.
    """

    kind: CauseKind
    amount: Money
    category_id: CategoryId | None = None
    category_key: str | None = None
    category_name: str | None = None
    account_id: AccountId | None = None
    account_name: str | None = None
    inside: Sequence[Cause] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """An account that no rate is known for on either day: it is in no figure here."""

    account_id: AccountId
    account_name: str
    balance: Money


@dataclass(frozen=True, slots=True)
class Why:
    """Net worth at the end of two days, and the causes that lead from one to the other.

    ``sum(causes) = after - before``, to the last decimal. ``left`` counts nowhere.
    """

    base: Currency
    since: date
    until: date
    before: Money
    after: Money
    causes: Sequence[Cause]
    left: Sequence[Left]
    before_known: bool = True
    """False where nothing could be counted that day; ``after_known`` says so of the last one."""
    after_known: bool = True

    @property
    def difference(self) -> Money:
        """How net worth changed."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Moved:
    """What the rows of one account came to in one category, as one kind of flow.

    ``amount`` is in the account's currency, ``converted`` in the base currency, each row at the
    rate of its day. ``unrated`` is the part of ``amount`` whose days have no known rate.
    """

    account_id: AccountId
    flow: str
    category_id: CategoryId
    amount: Money
    converted: Money
    unrated: Money
