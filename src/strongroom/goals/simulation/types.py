"""What a simulation takes and gives: a household, an aim, assumptions, and what came of them.

Amounts are in one currency, whichever it is; rates and shares are fractions, 0.07 for 7 %. Plain
data only; ``ranges`` says what may stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

RISKS: Final[Mapping[str, tuple[Decimal, Decimal]]] = {
    "low": (Decimal("0.04"), Decimal("0.08")),
    "medium": (Decimal("0.07"), Decimal("0.15")),
    "high": (Decimal("0.10"), Decimal("0.20")),
}
"""The yearly return and its standard deviation by how much risk a person takes."""


@dataclass(frozen=True, slots=True)
class AssetClass:
    """What a kind of investment gives: the yearly return and its standard deviation."""

    annual_return: Decimal
    annual_sd: Decimal


ASSETS: Final[Mapping[str, AssetClass]] = {
    "stocks": AssetClass(Decimal("0.08"), Decimal("0.17")),
    "bonds": AssetClass(Decimal("0.04"), Decimal("0.06")),
    "cash": AssetClass(Decimal("0.02"), Decimal("0.01")),
    "other": AssetClass(Decimal("0.05"), Decimal("0.15")),
}
CORRELATIONS: Final[Mapping[tuple[str, str], Decimal]] = {
    ("stocks", "bonds"): Decimal("0.1"),
    ("stocks", "cash"): Decimal("0"),
    ("stocks", "other"): Decimal("0.6"),
    ("bonds", "cash"): Decimal("0.2"),
    ("bonds", "other"): Decimal("0.1"),
    ("cash", "other"): Decimal("0"),
}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed about years to come; each can be changed.

    Rates are yearly. ``annual_return_sd`` is that of the logarithm of a year's return.
    ``promotion_chance`` is for each half-year, ``emergency_chance`` for each month;
    ``borrowing_rate`` is what card debt costs, and what is missing once savings are used up.
    """

    annual_return: Decimal = RISKS["medium"][0]
    annual_return_sd: Decimal = RISKS["medium"][1]
    cash_return: Decimal = Decimal("0.02")
    borrowing_rate: Decimal = Decimal("0.20")
    inflation: Decimal = Decimal("0.025")
    inflation_sd: Decimal = Decimal("0.01")
    raise_mean: Decimal = Decimal("0.03")
    raise_sd: Decimal = Decimal("0.015")
    promotion_chance: Decimal = Decimal("0.15")
    promotion_mean: Decimal = Decimal("0.08")
    promotion_sd: Decimal = Decimal("0.03")
    emergency_chance: Decimal = Decimal("0.08")
    emergency_least: Decimal = Decimal("500")
    emergency_most: Decimal = Decimal("3000")
    emergency_fund_months: Decimal = Decimal("6")


@dataclass(frozen=True, slots=True)
class Loan:
    """What is owed, what is paid each month, and the yearly rate. It ends when it is paid."""

    balance: Decimal
    monthly_payment: Decimal
    annual_rate: Decimal = Decimal("0.06")


@dataclass(frozen=True, slots=True)
class Household:
    """Where a household stands. Debts and spending are positive.

    ``saved``: what is put aside for the goal already; ``free``: other liquid money, which is used
    first when a month falls short. ``monthly_spending`` has neither loans nor payments to cards
    in it. Volatilities: the standard deviation of a month's total, as a share of it.
    ``card_payment``: what is paid each month on card debt; None is 3 % of what is owed at first.
    ``monthly_elsewhere``: what goes to other goals each month.

    Where others have goals of the same household, ``part`` of its ups and downs is this goal's,
    ``part_of_raises`` of what raises, prices and ends of loans change, and ``monthly_here`` what
    the others leave of a month today. ``part`` says what is simulated then.
    """

    saved: Decimal
    monthly_income: Decimal
    monthly_spending: Decimal
    free: Decimal = Decimal(0)
    income_volatility: Decimal = Decimal("0.05")
    spending_volatility: Decimal = Decimal("0.15")
    card_debt: Decimal = Decimal(0)
    card_payment: Decimal | None = None
    loans: Sequence[Loan] = ()
    monthly_elsewhere: Decimal = Decimal(0)
    part: Decimal = Decimal(1)
    part_of_raises: Decimal = Decimal(1)
    monthly_here: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be reached, and in how many months.

    ``monthly_contribution``: what is put aside each month as far as there is money; None is
    whatever is left over. ``extra_saving`` is spent less each month and put aside on top.
    ``todays_money``: the target, and every amount that comes out, is in today's money.
    """

    target: Decimal
    months: int
    monthly_contribution: Decimal | None = None
    extra_saving: Decimal = Decimal(0)
    todays_money: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides a result, but for the seed and the number of paths."""

    household: Household
    aim: Aim
    assumptions: Assumptions = field(default_factory=Assumptions)


@dataclass(frozen=True, slots=True)
class Spread:
    """Seven percentiles of what is saved: half of all futures lie below ``p50``."""

    p5: Decimal
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal
    p95: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case. Amounts have two decimals; card debt still owed is taken off.

    ``chance``: the share of futures that reach the target, 0 to 1, and its standard error.
    ``by_month``: from today (month 0) to the last month. ``chance_below_zero``: the share of
    futures in which all liquid money was used up in some month.
    """

    chance: Decimal
    standard_error: Decimal
    mean: Decimal
    sd: Decimal
    at_the_end: Spread
    worst: Decimal
    best: Decimal
    by_month: Sequence[Spread]
    chance_below_zero: Decimal
    paths: int
    seed: int
    engine: str
