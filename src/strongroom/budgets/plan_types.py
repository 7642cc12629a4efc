"""The values of budgets: what a person plans, and what became of it. Plain data only.

Amounts are zero or more for what is planned; ``spent`` above zero went out, below zero more came
back. Days of a period are included on both ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency, Money

BudgetId = NewType("BudgetId", UUID)


class Every(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Carry(StrEnum):
    """What goes on to the next period: what is left, what was too much, both, or nothing."""

    NOTHING = "nothing"
    SURPLUS = "surplus"
    DEFICIT = "deficit"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class NewBudget:
    """A budget as a person writes it. ``category_id`` None: all spending together."""

    category_id: CategoryId | None
    amount: Money
    every: Every
    starts_on: date
    carry: Carry


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget. ``amounts`` are what a period has from a day on, oldest first."""

    id: BudgetId
    category_id: CategoryId | None
    category_key: str | None
    category_name: str | None
    currency: Currency
    every: Every
    starts_on: date
    carry: Carry
    amounts: Sequence[tuple[date, Decimal]]

    @property
    def amount(self) -> Money:
        """What a period has by the newest change."""
        return Money(self.amounts[-1][1], self.currency)


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a period."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Spent:
    """What moved in a category on a day, or in the month that begins on it. Positive is money in.

    ``is_month``: it is a whole month's. ``equal``: of how many rows of one amount it is the sum.
    """

    day: date
    category_id: CategoryId
    currency: Currency
    amount: Decimal
    is_month: bool = False
    equal: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a budget: planned and carried over, spent, and what is left.

    ``unknown`` is what was spent in currencies for which no rate of that day is known, each for
    itself: it is not in ``spent``, and nothing is known of what is left until it is.
    """

    span: Span
    planned: Money
    carried: Money
    spent: Money
    unknown: Sequence[Money] = ()

    @property
    def available(self) -> Money:
        """What there is to spend: planned, and carried over from the period before."""
        return self.planned + self.carried

    @property
    def left(self) -> Money:
        """What is left of it; below zero it was too much."""
        return self.available - self.spent


@dataclass(frozen=True, slots=True)
class Progress:
    """How a budget stands today. ``now`` None: its first period has not begun.

    ``even`` is what would have been spent by today if each day had its share; ``past`` are the
    periods before, newest first.
    """

    budget: Budget
    now: Period | None
    even: Money
    days_left: int
    past: Sequence[Period] = ()

    @property
    def state(self) -> str:
        """How it goes: waiting, over, ahead (of an even pace) or good."""
        if self.now is None:
            return "waiting"
        if self.now.left.amount < 0:
            return "over"
        return "ahead" if self.now.spent.amount > self.even.amount else "good"
