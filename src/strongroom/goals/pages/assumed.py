"""Every number that is assumed of years to come: its name, its unit, and how it is written.

The defaults themselves stand in ``simulation.types``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final, Literal

from strongroom.goals.simulation.types import Assumptions
from strongroom.goals.types import KEPT
from strongroom.ui import N_

Unit = Literal["percent", "amount", "months"]


@dataclass(frozen=True, slots=True)
class Assumed:
    """One number: its key in ``Assumptions``, its untranslated name and help, and its unit."""

    key: str
    label: str
    unit: Unit = "percent"
    help: str = ""


GROUPS: Final[tuple[tuple[str, tuple[Assumed, ...]], ...]] = (
    (
        N_("Markets"),
        (
            Assumed("annual_return", N_("Return a year")),
            Assumed("annual_return_sd", N_("Swings of a year's return")),
            Assumed("cash_return", N_("Interest on cash a year")),
            Assumed("borrowing_rate", N_("Cost of card debt a year")),
        ),
    ),
    (
        N_("Prices"),
        (
            Assumed("inflation", N_("Prices rise a year")),
            Assumed("inflation_sd", N_("How much that varies")),
        ),
    ),
    (
        N_("Pay"),
        (
            Assumed("raise_mean", N_("Raise each year")),
            Assumed("raise_sd", N_("How much raises vary")),
            Assumed("promotion_chance", N_("Chance of a promotion each half-year")),
            Assumed("promotion_mean", N_("Raise by a promotion")),
            Assumed("promotion_sd", N_("How much that raise varies")),
        ),
    ),
    (
        N_("Emergencies"),
        (
            Assumed("emergency_chance", N_("Chance of one each month")),
            Assumed("emergency_least", N_("One costs at least"), "amount"),
            Assumed("emergency_most", N_("One costs at most"), "amount"),
            Assumed(
                "emergency_fund_months",
                N_("Held back from investing"),
                "months",
                N_("Months of spending that stay in cash."),
            ),
            Assumed(
                KEPT,
                N_("Stays where it is"),
                "amount",
                N_("So much of all money counts for no goal."),
            ),
        ),
    ),
)
ALL: Final = {one.key: one for _, group in GROUPS for one in group}
DEFAULTS: Final = {one.name: getattr(Assumptions(), one.name) for one in fields(Assumptions)} | {
    KEPT: Decimal(0)
}


def shown(one: Assumed, value: Decimal) -> Decimal:
    """Return a value as people write it: shares of hundred, all else as it is."""
    return value * 100 if one.unit == "percent" else value


def stored(one: Assumed, written: Decimal) -> Decimal:
    """Return what people write as it is reckoned with."""
    return written / 100 if one.unit == "percent" else written
