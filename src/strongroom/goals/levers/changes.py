"""What if several things were different at once, and the rules on what one could do without.

Pure. On the same made-up futures as the case as it is, so that saving more can only help.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from strongroom.core.ids import CategoryId
from strongroom.goals.levers.chances import COMPARED, Chances, futures, tried
from strongroom.goals.levers.types import Changes, CutRule, WhatIf, WhatIfIsWrong
from strongroom.goals.profile import CategorySpending
from strongroom.goals.simulation import PATHS, SimulationInputIsWrong
from strongroom.goals.simulation.types import Case
from strongroom.goals.types import Sharer
from strongroom.ui import N_

SHARE: Final = Decimal("0.2")
"""How much less of a category a rule speaks of."""
MOST_RULES: Final = 6
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_CENT: Final = Decimal("0.01")


def what_if(
    case: Case,
    changes: Changes,
    *,
    seed: int,
    paths: int = PATHS,
    own: Decimal | None = None,
    anew: Sharer | None = None,
    categories: Sequence[CategorySpending] = (),
    workers: int | None = None,
    stopped: Callable[[], bool] | None = None,
) -> WhatIf:
    """Return what changes would do to a case, soon enough for a slider.

    ``own``: the case's chance by that seed and so many paths, as it is shown; None has it
    reckoned. Without changes ``outcome.chance`` is that very number. ``anew``: shares the pool of
    several goals with what is changed, as keeping it would do. ``categories``: what is spent in
    each, in the case's currency. Raises ``WhatIfIsWrong``, ``SimulationInputIsWrong`` and
    ``AmountsAreBeyondReckoning``.
    """
    changed, saved = changed_case(case, changes, categories)
    months = max(case.aim.months, changed.aim.months)
    chances = Chances(
        case, seed=seed, paths=paths, own=own, anew=anew, workers=workers, stopped=stopped
    )
    shared = chances.shared(changed)
    changed = changed if shared is None else shared.case
    return WhatIf(
        before=chances.own,
        outcome=chances.outcome(changed, tried(months, most=paths)),
        case=changed,
        saved_by_cuts=saved,
        monthly=None if shared is None else shared.monthly,
    )


def changed_case(
    case: Case, changes: Changes, categories: Sequence[CategorySpending] = ()
) -> tuple[Case, Decimal]:
    """Return the case with all changes, and what the cuts leave in a month.

    Raises ``WhatIfIsWrong``, and ``SimulationInputIsWrong`` for less than no spending.
    """
    if changes.all_that_is_left and changes.monthly_contribution is not None:
        raise WhatIfIsWrong(
            N_("Either an amount is put aside each month or whatever is left over."),
            field="monthly_contribution",
            hint=N_("Leave one of the two out."),
        )
    saved = saved_by(changes.cuts, categories)
    _check_extra(case, changes, saved)
    was = case.aim
    given = changes.monthly_contribution
    kept = None if changes.all_that_is_left else was.monthly_contribution
    aim = replace(
        was,
        target=was.target if changes.target is None else changes.target,
        months=was.months if changes.months is None else changes.months,
        monthly_contribution=kept if given is None else given,
        extra_saving=was.extra_saving + changes.extra_saving + saved,
    )
    its = case.assumptions
    if changes.annual_return is not None:
        its = replace(its, annual_return=changes.annual_return)
    return replace(case, aim=aim, assumptions=its), saved


def _check_extra(case: Case, changes: Changes, saved: Decimal) -> None:
    """Refuse to spend less than nothing: it would be money from nowhere."""
    extra, was = changes.extra_saving, case.aim.extra_saving
    most = max(case.household.monthly_spending, was)
    if not extra.is_finite() or was + extra + saved > most:
        raise SimulationInputIsWrong(
            N_("Only what is spent in a month can be spent less."),
            field="cuts" if saved and not extra else "extra_saving",
            hint=N_("Take less of it."),
        )


def check_cuts(changes: Changes, kept: Container[CategoryId | None]) -> None:
    """Raise ``WhatIfIsWrong`` where the plan spends less on a category already: ``kept``."""
    if any(one in kept for one in changes.cuts):
        raise WhatIfIsWrong(
            N_("The plan spends less on this category already."),
            field="cuts",
            hint=N_("Change it among the numbers behind the goal."),
        )


def saved_by(cuts: Mapping[CategoryId, Decimal], categories: Sequence[CategorySpending]) -> Decimal:
    """Return what is left in a month where so much less is spent, by category.

    Only on categories that one could do without. Raises ``WhatIfIsWrong``.
    """
    known = {one.category_id: one for one in categories}
    saved = Decimal(0)
    for category_id, share in cuts.items():
        found = known.get(category_id)
        if found is None:
            raise WhatIfIsWrong(
                N_("Nothing is spent in this category."),
                field="cuts",
                hint=N_("Choose one of the categories of your profile."),
            )
        if not found.discretionary:
            raise WhatIfIsWrong(
                N_("This category is not one that one could do without."),
                field="cuts",
                hint=N_("Choose another one, or say how much more you save in all."),
            )
        if not share.is_finite() or not 0 <= share <= 1:
            raise WhatIfIsWrong(
                N_("The share to spend less has to be from 0 to 1."),
                field="cuts",
                hint=N_("Write 0.2 for 20 percent less."),
            )
        saved += max(Decimal(0), found.monthly * share)
    return saved.quantize(_CENT, context=_EXACT)


def cut_rules(
    case: Case,
    categories: Sequence[CategorySpending],
    *,
    seed: int,
    paths: int = PATHS,
    own: Decimal | None = None,
    share: Decimal = SHARE,
    workers: int | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Sequence[CutRule]:
    """Return what spending a ``share`` less would do in each category that one could do without.

    The six in which most is spent, most first. ``own`` and what is raised: as of ``what_if``.
    """
    could = [one for one in categories if one.discretionary and one.monthly > 0]
    could.sort(key=lambda one: (-one.monthly, str(one.category_id)))
    if not could:
        return []
    chances = Chances(case, seed=seed, paths=paths, own=own, workers=workers, stopped=stopped)
    few = futures(case.aim.months, most=paths, budget=COMPARED)
    rules = []
    for one in could[:MOST_RULES]:
        cuts = {one.category_id: share}
        try:
            changed, saved = changed_case(case, Changes(cuts=cuts), categories)
        except SimulationInputIsWrong:
            continue  # more than is spent at all, with what is spent less already
        chance = chances.of(changed, few)
        rules.append(CutRule(one.category_id, one.key, one.name, share, saved, chance))
    return rules
