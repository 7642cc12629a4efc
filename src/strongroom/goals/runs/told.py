"""What a simulation found, in words for the terminal."""

from __future__ import annotations

from decimal import Decimal

from strongroom.goals.simulation_types import Outcome


def in_hundred(chance: Decimal | None) -> str:
    """Return a chance as one counts it: ``53 in 100``; never 0 or 100, for nothing is certain."""
    if chance is None:
        return ""
    hundred = round(chance * 100)
    shown = "> 99" if hundred > 99 else "< 1" if hundred < 1 else str(hundred)
    return f"{shown} in 100"


def says(found: Outcome) -> str:
    """Return the chance, where most futures lie, and in how many all money is used up."""
    low, high = found.at_the_end.p10, found.at_the_end.p90
    return (
        f"{in_hundred(found.chance)}\n"
        f"Most likely about {found.at_the_end.p50:,.0f}. "
        f"In 8 of 10 futures between {low:,.0f} and {high:,.0f}.\n"
        f"In {round(found.chance_below_zero * 100)} of 100 futures all money is used up at times."
    )
