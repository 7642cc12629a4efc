"""Households made up from a seed: what they have, earn, spend, owe, want and assume."""

from __future__ import annotations

import random
from decimal import Decimal

from strongroom.goals.simulation.types import RISKS, Aim, Assumptions, Case, Household, Loan


def household(rng: random.Random) -> Case:
    """One household of any means; its target is something it may reach or miss."""
    income = amount(rng, 1_500, 12_000)
    spending = share(income, rng.uniform(0.5, 1.0))
    saved, free = share(income, rng.uniform(4, 24)), share(income, rng.uniform(0, 6))
    months = rng.randint(2, 120)
    left = max(income - spending, income / 20)
    planned = None if rng.random() < 0.5 else share(left, rng.uniform(0.2, 1.2))
    home = Household(
        saved=saved, free=free, monthly_income=income, monthly_spending=spending,
        income_volatility=fraction(rng, 0, 0.2), spending_volatility=fraction(rng, 0.02, 0.4),
        card_debt=share(income, rng.choice((0, rng.uniform(0, 2)))),
        card_payment=rng.choice((None, share(income, rng.uniform(0, 0.1)))),
        loans=[_loan(rng, income) for _ in range(rng.choice((0, 0, 1, 2)))],
        monthly_elsewhere=share(left, rng.choice((0, rng.uniform(0, 0.3)))),
    )  # fmt: skip
    target = (saved + free + left * months) * Decimal(rng.randint(60, 140)) / 100
    aim = Aim(
        target=target.quantize(Decimal(1)), months=months, monthly_contribution=planned,
        extra_saving=share(left, rng.choice((0, rng.uniform(0, 0.3)))),
        todays_money=rng.random() < 0.5,
    )  # fmt: skip
    return Case(home, aim, assumptions(rng, income))


def assumptions(rng: random.Random, income: Decimal) -> Assumptions:
    """What is assumed: any risk, and every other number somewhere about its default.

    Little is held back from the markets: what lies in cash alone ends in one sum in many futures,
    and has no band.
    """
    annual_return, annual_return_sd = rng.choice(list(RISKS.values()))
    return Assumptions(
        annual_return=annual_return, annual_return_sd=annual_return_sd,
        cash_return=fraction(rng, 0, 0.04), borrowing_rate=fraction(rng, 0.05, 0.3),
        inflation=fraction(rng, 0, 0.06), inflation_sd=fraction(rng, 0, 0.02),
        raise_mean=fraction(rng, 0, 0.05), raise_sd=fraction(rng, 0, 0.03),
        promotion_chance=fraction(rng, 0, 0.3), promotion_mean=fraction(rng, 0, 0.12),
        promotion_sd=fraction(rng, 0, 0.05),
        emergency_chance=rng.choice((Decimal(0), fraction(rng, 0, 0.2))),
        emergency_least=share(income, rng.uniform(0.05, 0.2)),
        emergency_most=share(income, rng.uniform(0.2, 1)),
        emergency_fund_months=fraction(rng, 0, 2),
    )  # fmt: skip


def amount(rng: random.Random, least: int, most: int) -> Decimal:
    """An amount of money, small ones as likely as large ones."""
    return Decimal(rng.uniform(least**0.5, most**0.5) ** 2).quantize(Decimal("0.01"))


def share(of: Decimal, times: float) -> Decimal:
    """So many times an amount, to the cent."""
    return (of * Decimal(times)).quantize(Decimal("0.01"))


def fraction(rng: random.Random, least: float, most: float) -> Decimal:
    """A rate or a share, to four decimals."""
    return Decimal(rng.uniform(least, most)).quantize(Decimal("0.0001"))


def _loan(rng: random.Random, income: Decimal) -> Loan:
    balance = share(income, rng.uniform(0.5, 20))
    return Loan(balance, share(balance, rng.uniform(0.01, 0.1)), fraction(rng, 0.01, 0.12))
