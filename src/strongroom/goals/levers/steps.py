"""Each lever by itself: its value in a case, the case with another value, its steps and limits.

Pure, and says nothing of chances. Steps are what a household may well be wrong about or may well
change: a tenth of an amount, a quarter more or less of swings, half as many emergencies, one
point of return, a year of a long goal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from strongroom.goals.levers.types import Lever
from strongroom.goals.simulation import MOST, MOST_MONTHS
from strongroom.goals.simulation.types import Case

_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_CENT: Final = Decimal("0.01")
_ZERO, _ONE = Decimal(0), Decimal(1)
_LONGER: Final = 240
_MOST_RETURN: Final = Decimal("0.5")
_USUAL_RETURN: Final = Decimal("0.12")
_LEAST_TARGET: Final = 1_000
_FINEST: Final = {
    Lever.TIMELINE: _ONE,
    Lever.VOLATILITY: Decimal("0.01"),
    Lever.EMERGENCIES: Decimal("0.001"),
    Lever.RETURN: Decimal("0.001"),
}
_FIELDS: Final = {
    Lever.INCOME: ("household", "monthly_income"),
    Lever.SPENDING: ("household", "monthly_spending"),
    Lever.TARGET: ("aim", "target"),
    Lever.EMERGENCIES: ("assumptions", "emergency_chance"),
    Lever.RETURN: ("assumptions", "annual_return"),
    Lever.EXTRA_SAVING: ("aim", "extra_saving"),
}
TURNING: Final = frozenset({Lever.TIMELINE, Lever.VOLATILITY})
"""Levers that may help at first and harm later."""
SHARED_BY: Final = frozenset({Lever.INCOME, Lever.SPENDING, Lever.TARGET, Lever.CONTRIBUTION})
"""Levers that may do so where goals share a pool by what they need: the share moves with them."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The values one step down and one step up; None where there is none."""

    down: Decimal | None
    up: Decimal | None


def levers_of(case: Case) -> list[Lever]:
    """Return the levers of a case. What is left over is put aside anyway, where all of it is."""
    on_top = case.aim.monthly_contribution is not None
    return [one for one in Lever if on_top or one is not Lever.EXTRA_SAVING]


def saves_on_top(case: Case, lever: Lever) -> bool:
    """Return whether a lever is what is spent less each month, and saved."""
    if lever is Lever.CONTRIBUTION:
        return case.aim.monthly_contribution is None
    return lever is Lever.EXTRA_SAVING


def value_of(case: Case, lever: Lever) -> Decimal:
    """Return a lever's value in a case.

    The contribution of a goal that takes whatever is left over is what is saved on top of that.
    """
    home, aim = case.household, case.aim
    match lever:
        case Lever.TIMELINE:
            return Decimal(aim.months)
        case Lever.STARTING_AMOUNT:
            return home.saved if aim.monthly_contribution is not None else home.saved + home.free
        case Lever.VOLATILITY:
            return _ONE
        case Lever.CONTRIBUTION:
            given = aim.monthly_contribution
            return aim.extra_saving if given is None else given
        case _:
            part, name = _FIELDS[lever]
            found: Decimal = getattr(getattr(case, part), name)
            return found


def moved(case: Case, lever: Lever, value: Decimal) -> Case:
    """Return the case with another value of a lever, and nothing else changed.

    What comes out may be beyond the ranges of a simulation, which says so.
    """
    if lever in _MOVED:
        return _MOVED[lever](case, value)
    part, name = _FIELDS[lever]
    return _with(case, part, **{name: value})


def _with(case: Case, part: str, **values: object) -> Case:
    changed: Case = replace(case, **{part: replace(getattr(case, part), **values)})
    return changed


def _timeline(case: Case, value: Decimal) -> Case:
    return _with(case, "aim", months=int(value))


def _start(case: Case, value: Decimal) -> Case:
    more = value - value_of(case, Lever.STARTING_AMOUNT)
    return _with(case, "household", saved=case.household.saved + more)


def _volatility(case: Case, value: Decimal) -> Case:
    home, sd = case.household, case.assumptions.annual_return_sd
    calmer = _with(
        case,
        "household",
        income_volatility=min(_ONE, home.income_volatility * value),
        spending_volatility=min(_ONE, home.spending_volatility * value),
    )
    return _with(calmer, "assumptions", annual_return_sd=min(_ONE, sd * value))


def _contribution(case: Case, value: Decimal) -> Case:
    if case.aim.monthly_contribution is None:
        return _with(case, "aim", extra_saving=value)
    return _with(case, "aim", monthly_contribution=value)


_MOVED: Final[Mapping[Lever, Callable[[Case, Decimal], Case]]] = {
    Lever.TIMELINE: _timeline,
    Lever.STARTING_AMOUNT: _start,
    Lever.VOLATILITY: _volatility,
    Lever.CONTRIBUTION: _contribution,
}


def steps(case: Case, lever: Lever) -> Steps:
    """Return one step of a lever down and up: the two reruns of it."""
    now, step = value_of(case, lever), _step(case, lever)
    down, up = now - step, now + step
    if lever is Lever.STARTING_AMOUNT or not _may_be_negative(case, lever):
        down = max(_ZERO, down)  # less than nothing of these there is not
    if lever is Lever.TIMELINE:
        down, up = max(_ONE, down), min(Decimal(MOST_MONTHS), up)
    if lever is Lever.EMERGENCIES:
        up = min(_ONE, up)
    if saves_on_top(case, lever):
        up = min(case.household.monthly_spending, up)  # nobody spends less than nothing
    return Steps(down if down < now else None, up if up > now else None)


def _may_be_negative(case: Case, lever: Lever) -> bool:
    return saves_on_top(case, lever) or lever is Lever.RETURN


def _step(case: Case, lever: Lever) -> Decimal:
    home, aim, now = case.household, case.aim, value_of(case, lever)
    match lever:
        case Lever.TIMELINE:
            return Decimal(12 if aim.months > 24 else 6 if aim.months > 12 else 3)
        case Lever.STARTING_AMOUNT:
            # A tenth of nothing would be no step.
            return max(now / 10, aim.target / 20).quantize(_CENT, context=_EXACT)
        case Lever.VOLATILITY:
            return Decimal("0.25")
        case Lever.EMERGENCIES:
            return now / 2
        case Lever.RETURN:
            return Decimal("0.01")
        case Lever.CONTRIBUTION | Lever.EXTRA_SAVING:
            usual = None if saves_on_top(case, lever) else aim.monthly_contribution
            if usual is None:
                usual = home.monthly_income - home.monthly_spending
            usual = max(usual / 10, home.monthly_income / 100)
            return _round(usual or aim.target / aim.months / 10)
        case _:
            return (now / 10).quantize(_CENT, context=_EXACT)


def _round(amount: Decimal) -> Decimal:
    """Return the greatest of 1, 2, 5, 10, 20, 50 ... and their tenths that is not above."""
    power = Decimal(1).scaleb(amount.adjusted())
    return next(power * times for times in (5, 2, 1) if power * times <= amount)


def limit(case: Case, lever: Lever) -> Decimal:
    """Return the farthest value that is looked at, in the direction that helps.

    Income doubled (or raised by what is spent, where that is more), nothing spent, 20 years or as
    long again, a thousandth of the target, as much more at the start as the target is, no swings,
    no emergencies, all income put aside (or the target's part of a month, where that is more), all
    that is spent saved, ten points more return. No slider of a goal's page goes beyond.
    """
    home, aim, now = case.household, case.aim, value_of(case, lever)
    match lever:
        case Lever.INCOME:
            far = min(MOST, now + max(now, home.monthly_spending))
        case Lever.SPENDING:
            return _ZERO
        case Lever.TIMELINE:
            far = min(Decimal(MOST_MONTHS), max(now * 2, now + _LONGER))
        case Lever.TARGET:
            return min(now, max(_CENT, (now / _LEAST_TARGET).quantize(_CENT, context=_EXACT)))
        case Lever.STARTING_AMOUNT:
            far = min(MOST - max(_ZERO, home.free), now + aim.target)
        case Lever.VOLATILITY | Lever.EMERGENCIES:
            return _ZERO
        case Lever.CONTRIBUTION | Lever.EXTRA_SAVING:
            far = home.monthly_spending
            if not saves_on_top(case, lever):
                far = max(
                    home.monthly_income,
                    _EXACT.divide(aim.target, aim.months).quantize(_CENT, context=_EXACT),
                )
        case _:
            far = min(_MOST_RETURN, max(_USUAL_RETURN, now + Decimal("0.1")))
    return max(now, far)


def grid(case: Case, lever: Lever) -> tuple[Decimal, int]:
    """Return the finest change of a lever that is worth naming, and how many lead to its limit.

    The change has a sign. Of amounts it is a power of ten, so that there are 100 to 1,000: "save
    140 more" rather than "save 137.62 more".
    """
    way = limit(case, lever) - value_of(case, lever)
    if not way:
        return _ONE, 0
    each = _FINEST.get(lever) or Decimal(1).scaleb(way.adjusted() - 2)
    count = _EXACT.divide(abs(way), each).to_integral_value(ROUND_CEILING)
    return each.copy_sign(way), int(count)


def at(case: Case, lever: Lever, changes: int) -> Decimal:
    """Return the lever's value after so many of the finest changes, at most its limit."""
    each, most = grid(case, lever)
    return limit(case, lever) if changes >= most else value_of(case, lever) + changes * each
