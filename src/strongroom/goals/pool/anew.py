"""The pool shared anew for a goal that would be another: with what it then has, it is simulated.

Pure. Does what keeping the change would do, so that what is tried and what is kept come to the
same. All other goals stay as planned.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from typing import Final

from strongroom.goals.pool.sharing import Allotment, Claim, Means, share
from strongroom.goals.simulation.types import Case, Household
from strongroom.goals.types import GoalId, Shared

_FINEST: Final = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Anew:
    """Shares a pool anew for another case of one of its goals. Equal ones give equal shares.

    ``claim``: the goal's as it is, ``others``: those of all other goals, ``liquid``, ``monthly``
    and ``accounts``: the means, all in the currency of the profile. ``rate``: from there to the
    goal's. ``case``: the goal's as it is, ``its_monthly`` what it has of a month.
    """

    claim: Claim[GoalId]
    others: Sequence[Claim[GoalId]]
    liquid: Fraction
    monthly: Fraction
    accounts: Sequence[tuple[Hashable, Fraction]]
    rate: Fraction
    case: Case
    its_monthly: Decimal

    def __call__(self, changed: Case) -> Shared:
        """Return the case with the share that its goal would have.

        Of target, months, contribution, income and spending, each within its range. What is saved
        besides, in the changed case, is this goal's alone. All else is left as it is.
        """
        if _shares(changed) == _shares(self.case):
            return Shared(changed, self.its_monthly)
        claim, means = self._claim(changed), self._means(changed)
        mine = share([*self.others, claim], means)[claim.key]
        more = changed.household.saved - self.case.household.saved
        home = with_share(changed.household, mine, claim, means, self.rate)
        return Shared(
            replace(changed, household=replace(home, saved=home.saved + more)),
            monthly_of(changed.aim.monthly_contribution, claim, mine, self.rate),
        )

    def _claim(self, changed: Case) -> Claim[GoalId]:
        aim, wish = changed.aim, changed.aim.monthly_contribution
        return replace(
            self.claim,
            target=Fraction(aim.target) / self.rate,
            months=aim.months,
            wish=None if wish is None else Fraction(wish) / self.rate,
        )

    def _means(self, changed: Case) -> Means:
        home, was = changed.household, self.case.household
        more = Fraction(home.monthly_income) - Fraction(was.monthly_income)
        less = Fraction(home.monthly_spending) - Fraction(was.monthly_spending)
        monthly = self.monthly + (more - less) / self.rate
        return Means(self.liquid, monthly, dict(self.accounts))


def _shares(case: Case) -> tuple[object, ...]:
    """Return what of a case decides its goal's share."""
    home, aim = case.household, case.aim
    planned = (aim.target, aim.months, aim.monthly_contribution)
    return (*planned, home.monthly_income, home.monthly_spending)


def with_share(
    home: Household, mine: Allotment, claim: Claim[GoalId], means: Means, rate: Fraction
) -> Household:
    """Return a household with what a goal has of it and what others have, of which it is a part.

    ``rate``: from the currency of the allotment, the claim and the means to the household's.
    """
    home = replace(home, saved=as_decimal(mine.attached * rate) + as_decimal(mine.pooled * rate))
    if mine.part == mine.raises == 1:
        return replace(
            home,
            monthly_elsewhere=as_decimal(mine.elsewhere * rate),
            monthly_here=Decimal(0),
            part=Decimal(1),
            part_of_raises=Decimal(1),
        )
    left = max(means.monthly, Fraction(0))
    lacks = claim.wish is not None and mine.monthly < claim.wish
    here = mine.monthly if lacks else left - mine.elsewhere
    return replace(
        home,
        monthly_elsewhere=as_decimal((left - here) * rate),
        monthly_here=as_decimal(here * rate),
        part=_fraction(mine.part),
        part_of_raises=_fraction(mine.raises),
    )


def monthly_of(
    planned: Decimal | None, claim: Claim[GoalId], mine: Allotment, rate: Fraction
) -> Decimal:
    """Return what a goal has of a month: its contribution as it was said, where all is there."""
    if planned is not None and mine.monthly == claim.wish:
        return planned
    return as_decimal(mine.monthly * rate)


def as_decimal(value: Fraction) -> Decimal:
    """Return an amount with ten decimals, cut off: together amounts never come to more."""
    with localcontext() as context:
        context.prec = 60
        context.rounding = ROUND_DOWN
        found = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_FINEST)
        whole = found.quantize(Decimal(1))
        return whole if whole == found else found.normalize()


def _fraction(value: Fraction) -> Decimal:
    """Return a part of 1 with so many digits as Decimal reckons with."""
    return Decimal(1) if value == 1 else Decimal(value.numerator) / Decimal(value.denominator)
