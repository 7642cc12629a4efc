"""The model of ``goals.simulation`` in plain NumPy: whole arrays, double precision, no tricks.

Written from what the model says, and taking the same case; of the compiled engine it shares neither
a line nor a random number. What the engine is held against, in time and in what it finds.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from strongroom.goals.simulation.types import Case

Array = NDArray[np.float64]
_PAID_ON_CARDS = 0.03


class Draws(Protocol):
    """Where random numbers come from; one call is one number for each path.

    ``what`` names what they move, and comes again each month or half-year.
    """

    def normal(self, what: str, paths: int) -> Array:
        """Standard normals."""

    def uniform(self, what: str, paths: int) -> Array:
        """Uniform in 0 to 1."""


def walk(case: Case, paths: int, draws: Draws) -> Array:
    """Return what is saved at the end of each path."""
    futures = Futures(case, paths, draws)
    for _ in range(case.aim.months):
        futures.pass_month()
    return futures.saved()


class Futures:
    """Many futures of one case, one month after the other."""

    def __init__(self, case: Case, paths: int, draws: Draws) -> None:
        home, aim = case.household, case.aim
        self._case, self._paths, self._draws = case, paths, draws
        self._month = 0
        everything, free = float(home.saved + home.free), float(home.free)
        self._planned = np.inf
        if aim.monthly_contribution is None:  # all that is free is for the goal
            free = 0.0
        else:
            self._planned = float(aim.monthly_contribution + aim.extra_saving)
        self.everything, self.free = np.full(paths, everything), np.full(paths, free)
        self._pay = np.full(paths, float(home.monthly_income))
        self._price, self._rise, self._lift = np.ones(paths), np.ones(paths), np.ones(paths)
        self._loans = [
            [float(one.balance), float(one.monthly_payment), _monthly(one.annual_rate)]
            for one in home.loans
        ]
        owed = float(home.card_debt)
        paid = owed * _PAID_ON_CARDS if home.card_payment is None else float(home.card_payment)
        self._card = [owed, paid, _monthly(case.assumptions.borrowing_rate)]

    def saved(self) -> Array:
        """What is saved by now, less what is owed on cards."""
        found: Array = self.everything - self.free - self._card[0]
        return found / self._price if self._case.aim.todays_money else found

    def pass_month(self) -> None:
        """Let a month pass: pay and prices change, markets move, then what is left comes in."""
        home, aim, its = self._case.household, self._case.aim, self._case.assumptions
        if self._month % 6 == 0:
            self._begin_half_year()
        self._month += 1
        self._price = self._price * self._rise
        spent = float(home.monthly_spending) * self._price
        leaves = float(home.monthly_elsewhere - aim.extra_saving)
        leaves += sum(_pay_off(debt) for debt in [*self._loans, self._card])
        growth, luck = self._market(), self._draws.uniform("emergencies", self._paths)
        size = float(its.emergency_most - its.emergency_least) * luck
        size = float(its.emergency_least) + size / (float(its.emergency_chance) or 1)
        mishap = np.where(luck < float(its.emergency_chance), size * self._price, 0)
        sd = np.hypot(float(home.income_volatility) * self._pay,
                      float(home.spending_volatility) * spent)  # fmt: skip
        swing = sd * self._draws.normal("flows", self._paths)
        left = self._pay - spent - leaves - mishap + swing
        invested = np.maximum(self.everything - float(its.emergency_fund_months) * spent, 0)
        cash = self.everything - invested
        rest, short = _monthly(its.cash_return), _monthly(its.borrowing_rate)
        gain = invested * growth + cash * np.where(cash > 0, rest, short)
        still = np.minimum(np.maximum(cash, 0), self.free)
        free = still * (1 + rest) + (self.free - still) * (1 + growth) + left - self._planned
        self.everything = self.everything + gain + left
        self.free = np.maximum(np.minimum(free, self.everything), 0)

    def _market(self) -> Array:
        its = self._case.assumptions
        sd = float(its.annual_return_sd) / 12**0.5
        mean = np.log1p(float(its.annual_return)) / 12 - sd * sd / 2
        moved: Array = np.expm1(mean + sd * self._draws.normal("markets", self._paths))
        return moved

    def _begin_half_year(self) -> None:
        """Promotions at every start but the first; prices and raises by turns."""
        its, half = self._case.assumptions, self._month // 6
        jump = self._draws.normal("promotions", self._paths)
        other = self._draws.normal("years", self._paths)
        luck = self._draws.uniform("chances", self._paths)
        if half:
            jumped = self._pay * (1 + float(its.promotion_mean) + float(its.promotion_sd) * jump)
            self._pay = np.where(luck < float(its.promotion_chance), jumped, self._pay)
        if half % 2:
            self._lift = 1 + float(its.raise_mean) + float(its.raise_sd) * other
        else:
            self._pay = self._pay * self._lift
            yearly = np.log1p(float(its.inflation)) + float(its.inflation_sd) * other
            self._rise = np.exp(yearly / 12)


def _monthly(yearly: Decimal) -> float:
    return float((1 + float(yearly)) ** (1 / 12) - 1)


def _pay_off(debt: list[float]) -> float:
    """Let a month of interest pass; take the payment off what is owed, and return it."""
    owed, payment, rate = debt
    paid = min(payment, owed * (1 + rate))
    debt[0] = owed * (1 + rate) - paid
    return paid
