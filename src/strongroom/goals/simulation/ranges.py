"""What a simulation may be asked: every number within its range, or one message that names it.

Nothing is rounded, cut off or put right here.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from strongroom.goals.reasons import CannotBeSimulated
from strongroom.goals.simulation.types import Case
from strongroom.ui import N_

MOST: Final = Decimal(10) ** 12
MOST_MONTHS: Final = 720
FEWEST_PATHS, MOST_PATHS = 1_000, 10_000_000
MOST_SEED: Final = 2**63 - 1


class SimulationInputIsWrong(CannotBeSimulated):
    """A number is missing its range; ``field`` says which."""


RANGES: Final = {
    "annual_return": (Decimal("-0.5"), Decimal("0.5")),
    "annual_return_sd": (Decimal("0"), Decimal("1")),
    "cash_return": (Decimal("-0.5"), Decimal("0.5")),
    "borrowing_rate": (Decimal("0"), Decimal("1")),
    "inflation": (Decimal("-0.2"), Decimal("0.5")),
    "inflation_sd": (Decimal("0"), Decimal("0.2")),
    "raise_mean": (Decimal("-0.5"), Decimal("0.5")),
    "raise_sd": (Decimal("0"), Decimal("0.5")),
    "promotion_chance": (Decimal("0"), Decimal("1")),
    "promotion_mean": (Decimal("-0.5"), Decimal("0.5")),
    "promotion_sd": (Decimal("0"), Decimal("0.5")),
    "emergency_chance": (Decimal("0"), Decimal("1")),
    "emergency_fund_months": (Decimal("0"), Decimal("120")),
}
"""The range of each assumption that is no amount. Amounts have theirs from ``MOST``."""


def check(case: Case, *, paths: int, seed: int) -> None:
    """Raise ``SimulationInputIsWrong`` for the first number that cannot be reckoned with."""
    home, aim = case.household, case.aim
    _within("months", aim.months, 1, MOST_MONTHS)
    _within("paths", paths, FEWEST_PATHS, MOST_PATHS)
    _within("seed", seed, 0, MOST_SEED)
    _within("target", aim.target, Decimal("0.01"), MOST)
    for name in ("saved", "free"):
        _within(name, getattr(home, name), -MOST, MOST)
    for name in (
        "monthly_income", "monthly_spending", "card_debt", "monthly_elsewhere", "monthly_here",
    ):  # fmt: skip
        _within(name, getattr(home, name), 0, MOST)
    for name in ("income_volatility", "spending_volatility", "part", "part_of_raises"):
        _within(name, getattr(home, name), 0, 1)
    _optional("card_payment", home.card_payment)
    _optional("monthly_contribution", aim.monthly_contribution)
    _within("extra_saving", aim.extra_saving, -MOST, MOST)
    for name, (least, most) in RANGES.items():
        _within(name, getattr(case.assumptions, name), least, most)
    _within("emergency_least", case.assumptions.emergency_least, 0, MOST)
    least_emergency = case.assumptions.emergency_least
    _within("emergency_most", case.assumptions.emergency_most, least_emergency, MOST)
    for loan in home.loans:
        _within("loans.balance", loan.balance, 0, MOST)
        _within("loans.monthly_payment", loan.monthly_payment, 0, MOST)
        _within("loans.annual_rate", loan.annual_rate, 0, 1)


def check_allocation(shares: Iterable[tuple[str, Decimal]], known: Iterable[str]) -> None:
    """Raise ``SimulationInputIsWrong`` unless the shares are of known kinds and come to 1."""
    names = set(known)
    total = Decimal(0)
    for name, share in shares:
        if name not in names:
            raise SimulationInputIsWrong(
                N_("There is no such kind of investment."),
                field=f"allocation.{name}",
                hint=N_("There are stocks, bonds, cash and other."),
            )
        _within(f"allocation.{name}", share, 0, 1)
        total += share
    if abs(total - 1) > Decimal("0.001"):
        raise SimulationInputIsWrong(
            N_("The shares of the investments do not come to 1."), field="allocation"
        )


def _optional(name: str, value: Decimal | None) -> None:
    if value is not None:
        _within(name, value, 0, MOST)


def _within(name: str, value: Decimal | int, least: Decimal | int, most: Decimal | int) -> None:
    if not Decimal(value).is_finite() or not least <= value <= most:
        raise SimulationInputIsWrong(
            N_("%(name)s has to be from %(least)s to %(most)s."),
            field=name,
            hint=N_("Change that number and run it again."),
            values={"name": name, "least": Decimal(least), "most": Decimal(most)},
        )
