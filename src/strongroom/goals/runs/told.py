"""What a simulation found, in words for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from strongroom.core.money import Currency
from strongroom.goals.profile import StoodIn
from strongroom.goals.profile.labels import figure_name
from strongroom.goals.simulation.types import Outcome


def in_hundred(chance: Decimal | None) -> str:
    """Return a chance as one counts it: ``53 in 100``; never 0 or 100, for nothing is certain."""
    if chance is None:
        return ""
    return f"{hundredths(chance)} in 100"


def hundredths(chance: Decimal) -> str:
    """Return the number of ``in_hundred`` alone: ``53``, ``< 1`` or ``> 99``."""
    hundred = round(chance * 100)
    return "> 99" if hundred > 99 else "< 1" if hundred < 1 else str(hundred)


def says(found: Outcome, code: Currency | None = None) -> str:
    """Return the chance, where most futures lie, and in how many all money is used up."""
    unit = "" if code is None else f" {code}"
    low, high = found.at_the_end.p10, found.at_the_end.p90
    return (
        f"{in_hundred(found.chance)}\n"
        f"Most likely about {found.at_the_end.p50:,.0f}{unit}. "
        f"In 8 of 10 futures between {low:,.0f} and {high:,.0f}{unit}.\n"
        f"In {round(found.chance_below_zero * 100)} of 100 futures all money is used up at times."
    )


def stood_in(found: Sequence[StoodIn]) -> str:
    """Return what was taken for figures that are not known; nothing where all are."""
    if not found:
        return ""
    taken = ", ".join(f"{figure_name(one.figure)} (taken as {one.value})" for one in found)
    return f"Not known: {taken}. `strongroom goals profile` says why, and takes what you say."
