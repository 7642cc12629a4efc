"""The values of reports: spans of time, sums by category or merchant, and the rows behind one.

Plain data only. Amounts are in one currency unless said otherwise; what could not be turned into
it, for want of a rate, is told beside the sums and is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, Money, total, zero
from strongroom.transactions.types import Kind


class Step(StrEnum):
    """How long one column of a report is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """One month, quarter or year of the calendar, both days included."""

    step: Step
    first: date
    last: date

    @property
    def key(self) -> str:
        """What it is called in addresses and files: ``2026-11``, ``2026-Q4``, ``2026``."""
        if self.step is Step.YEAR:
            return f"{self.first:%Y}"
        if self.step is Step.QUARTER:
            return f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Rows of one currency that no rate was known for, and so are in no sum.

    ``amount`` is in their own currency; ``first`` and ``last`` are days of theirs.
    """

    amount: Money
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Flow:
    """Income and spending of one period.

    Both are above zero as a rule. Below zero, more was paid back than came in, or came back than
    went out.
    """

    period: Period
    income: Money
    spending: Money

    @property
    def left(self) -> Money:
        """What was left over; below zero, more went out than came in."""
        return self.income - self.spending


@dataclass(frozen=True, slots=True)
class FlowReport:
    """Income against spending by period, oldest first."""

    currency: Currency
    periods: Sequence[Period]
    flows: Sequence[Flow]
    unknown: Sequence[Unknown]

    @property
    def income(self) -> Money:
        """Everything that came in."""
        return total((one.income for one in self.flows), self.currency)

    @property
    def spending(self) -> Money:
        """Everything that went out."""
        return total((one.spending for one in self.flows), self.currency)

    @property
    def left(self) -> Money:
        """What was left over of it all."""
        return self.income - self.spending


@dataclass(frozen=True, slots=True)
class Line:
    """What one category or merchant came to in each period, in the order of the periods.

    Above zero is what the report is about: spent, or earned. ``inside`` are a group's categories;
    the first of them may be the group itself, for rows that stand in no category of it.
    """

    amounts: Sequence[Money]
    category_id: CategoryId | None = None
    key: str | None = None
    name: str | None = None
    merchant: str | None = None
    inside: Sequence[Line] = ()

    @property
    def total(self) -> Money:
        """The sum over all periods."""
        return total(self.amounts, self.amounts[0].currency)


@dataclass(frozen=True, slots=True)
class LineReport:
    """Sums by category or merchant, the largest first. ``rest`` are merchants not shown singly."""

    kind: Kind
    currency: Currency
    periods: Sequence[Period]
    lines: Sequence[Line]
    unknown: Sequence[Unknown]
    rest: Line | None = None
    rest_count: int = 0

    @property
    def totals(self) -> list[Money]:
        """The sum of all lines in each period."""
        lines = [*self.lines, *([] if self.rest is None else [self.rest])]
        return [
            total((line.amounts[n] for line in lines), self.currency)
            for n in range(len(self.periods))
        ]

    @property
    def total(self) -> Money:
        """The sum of everything."""
        return total(self.totals, self.currency)

    @property
    def largest(self) -> Money:
        """The largest line, for bars that are drawn beside each other."""
        return max((abs(line.total) for line in self.lines), default=zero(self.currency))


class Scope(StrEnum):
    """Which rows count, and as what."""

    LIVED = "lived"
    """Income and spending: the accounts a person lives from, as every report counts."""
    BALANCES = "balances"
    """What moved balances: booked rows, transfers and a loan's own rows too."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one account: all after one day, up to and with another."""

    account_id: AccountId
    after: date
    until: date


@dataclass(frozen=True, slots=True)
class Cell:
    """Which rows stand behind a figure; every part narrows. Days are included on both ends.

    ``flow`` is income or spending, and among what moved balances also transfer or debt.
    ``category_id`` is a category or a whole group; with ``itself`` only what stands in it and in
    no category of it. ``merchant`` is a row's title, exactly. ``spans``: of these accounts only,
    each in its own days. ``alone``: only rows in the report's own currency, none turned into it.
    """

    since: date
    until: date
    flow: str = ""
    category_id: CategoryId | None = None
    itself: bool = False
    merchant: str | None = None
    account_id: AccountId | None = None
    scope: Scope = Scope.LIVED
    spans: Sequence[Span] | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a transaction: the whole of it, or what a split put into a category.

    ``amount`` is in the row's currency, above zero is money in. ``converted`` is in the currency
    of the report, None where no rate of that day is known.
    """

    transaction_id: TransactionId
    position: int
    account_id: AccountId
    account_name: str
    day: date
    title: str
    category_id: CategoryId
    category_key: str | None
    category_name: str | None
    amount: Money
    converted: Money | None
    pending: bool


@dataclass(frozen=True, slots=True)
class PartPosition:
    """Where a page of parts ends: newest first by day, then by row, then by part."""

    day: date
    id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class PartPage:
    """Some of the rows behind a figure, how many there are, and their sum; money in is positive."""

    items: Sequence[PartRow]
    next: PartPosition | None
    count: int
    sum: Money
    unknown: Sequence[Unknown]
