"""What charts are drawn from and what drawing gives: plain frozen values, no markup built here.

Amounts are exact decimals in one stated currency, positive = owned or money in. Days are banking
days. A value of ``None`` is a missing day and shows as a gap.
"""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from strongroom.core.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a line. ``estimated`` days (typed in, or filled between) are drawn dashed."""

    day: date
    value: Decimal | None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day and should show on the line, such as a failed sync."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class NetWorthLine:
    """Net worth as one line, its axis fitted to the data. Points in order of their days."""

    title: str
    points: tuple[Point, ...]
    currency: Currency
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was held on one day, by kind. ``debt`` is zero or negative; so is an overdraft."""

    day: date
    property: Decimal = Decimal(0)
    investments: Decimal = Decimal(0)
    cash: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    debt: Decimal = Decimal(0)
    missing: bool = False

    @builtins.property  # the field of that name hides the plain one
    def net(self) -> Decimal:
        """What is left when the debt is taken off."""
        return self.property + self.investments + self.cash + self.other + self.debt


@dataclass(frozen=True, slots=True)
class NetWorthBreakdown:
    """Net worth as bands: what is owned above zero, what is owed below, the net as a line."""

    title: str
    days: tuple[Holdings, ...]
    currency: Currency


@dataclass(frozen=True, slots=True)
class FanDay:
    """One day ahead: the edges of 95, 80 and 50 in 100 futures about the middle, seven, rising."""

    day: date
    edges: tuple[Decimal, ...]

    @builtins.property
    def middle(self) -> Decimal:
        """The amount below which half of all futures lie."""
        return self.edges[3]


@dataclass(frozen=True, slots=True)
class Fan:
    """Where an amount may go, day by day from today; the axis fits the data."""

    title: str
    days: tuple[FanDay, ...]
    currency: Currency


@dataclass(frozen=True, slots=True)
class FanMonth:
    """One month ahead: the edges of 80 and 50 in 100 futures about the middle, five, rising."""

    month: date
    edges: tuple[Decimal, ...]

    @builtins.property
    def middle(self) -> Decimal:
        """The amount below which half of all futures lie."""
        return self.edges[2]


@dataclass(frozen=True, slots=True)
class GoalFan:
    """Where savings may go, month by month from today, and the amount to be reached."""

    title: str
    months: tuple[FanMonth, ...]
    target: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True)
class Chance:
    """How many of all futures get there, 0 to 1."""

    share: Decimal

    @builtins.property
    def hundredths(self) -> int:
        """The chance in whole hundredths: 0 for less than one, 100 for more than 99."""
        return int((self.share * 100).to_integral_value())

    @builtins.property
    def figure(self) -> str:
        """The number to show: ``53``, and for what is never quite sure ``< 1`` or ``> 99``."""
        return {0: "< 1", 100: "> 99"}.get(self.hundredths, str(self.hundredths))


@dataclass(frozen=True, slots=True)
class LeverBar:
    """What one change for the worse and for the better makes of a chance; all 0 to 1.

    ``least`` and ``most`` are the ends of the axis that the bars of one table share.
    """

    worse: Decimal
    now: Decimal
    better: Decimal
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class FlowMonth:
    """Money in and out of one month. ``income`` is positive, ``spending`` zero or negative.

    A quarter or a year has a ``name``, and a ``short`` one for under its bars.
    """

    month: date
    income: Decimal
    spending: Decimal
    name: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Income above a zero line, spending below it, a bar pair for each month."""

    title: str
    months: tuple[FlowMonth, ...]
    currency: Currency


@dataclass(frozen=True, slots=True)
class SpendingBar:
    """One category: this month so far, last month to the same day, the longest bar's amount.

    All three are sizes: a negative amount (money out) counts as its distance from zero.
    """

    amount: Money
    last_month: Money
    largest: Money


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line beside a number; at most 32 pixels high, never alone."""

    title: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: ``mark`` is the drawing's name (c1 to c5, net, dashed, ring)."""

    mark: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: the picture, the numbers that kit.js reads out, the legend, the table.

    ``data`` becomes a JSON block; in it amounts are rounded as shown and absent while hidden.
    """

    svg: Markup
    data: Mapping[str, object]
    legend: tuple[Key, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
