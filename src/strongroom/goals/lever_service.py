"""What would change the chance of a goal that is kept: finds what its chance was made of.

What is shown of a goal is its newest simulation. The same case, futures and seed are taken here,
so that a change of nothing gives the number that is shown. Nothing is stored. Reckoning goes on in
a thread, and needs no database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from strongroom import identity
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, minor_units
from strongroom.core.time import today as day_of
from strongroom.goals import levers, levers_what_if, profile
from strongroom.goals.cases import GoalHasNoRate, case_of, rates_to
from strongroom.goals.goal_types import GoalId
from strongroom.goals.levers_types import WANTED, Changes, CutRule, Sensitivity, WhatIf
from strongroom.goals.profile import CategorySpending
from strongroom.goals.simulation import PATHS, prepare
from strongroom.goals.simulation_types import Case

T = TypeVar("T")
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Basis:
    """What changes are compared with: a goal's case, and the chance that is shown of it.

    ``chance`` None: nothing is shown yet, and it has to be reckoned. ``categories``: what is spent
    in each in a month, in the case's currency; none where no rate is known.
    """

    goal_id: GoalId
    case: Case
    currency: Currency
    seed: int
    paths: int
    chance: Decimal | None
    categories: Sequence[CategorySpending]


async def basis(db: Db, *, owner: UserId, goal_id: GoalId, now: datetime) -> Basis:
    """Return what changes of a goal are compared with.

    Raises ``GoalNotFound``, and what ``case_of`` does where no simulation is shown of it.
    """
    found = await case_of(db, owner=owner, goal_id=goal_id, now=now)
    return Basis(
        goal_id=goal_id,
        case=found.case,
        currency=found.currency,
        seed=0,
        paths=PATHS,
        chance=None,
        categories=await _categories(db, owner, found.currency, now),
    )


async def _categories(
    db: Db, owner: UserId, code: Currency, now: datetime
) -> list[CategorySpending]:
    """Return what is spent in each category, in the goal's currency."""
    whole = await profile.get(db, owner=owner, now=now)
    rate = Decimal(1)
    if code != whole.currency:
        settings = await identity.get_settings(db, owner=owner)
        today = day_of(now, settings.time_zone)
        try:
            rates = await rates_to(db, codes=[code], base=whole.currency, today=today)
        except GoalHasNoRate:
            return []
        rate = _EXACT.divide(Decimal(1), rates[code])
    cent = Decimal(1).scaleb(-minor_units(code))
    return [
        replace(one, monthly=(one.monthly * rate).quantize(cent, context=_EXACT))
        for one in whole.spending_by_category
    ]


async def sensitivity_of(basis: Basis, *, home: Path, wanted: Decimal = WANTED) -> Sensitivity:
    """Return what would change a chance most, and the smallest changes that are enough.

    Raises what ``levers.sensitivity`` does.
    """
    return await _aside(
        home,
        partial(
            levers.sensitivity, basis.case, seed=basis.seed, paths=basis.paths, own=basis.chance,
            wanted=wanted,
        ),
    )  # fmt: skip


async def what_if_of(basis: Basis, changes: Changes, *, home: Path) -> WhatIf:
    """Return what changes would do. Raises what ``levers_what_if.what_if`` does."""
    return await _aside(
        home,
        partial(
            levers_what_if.what_if, basis.case, changes, seed=basis.seed, paths=basis.paths,
            own=basis.chance, categories=basis.categories,
        ),
    )  # fmt: skip


async def cut_rules_of(basis: Basis, *, home: Path) -> Sequence[CutRule]:
    """Return what spending less would do where one could. Raises what ``what_if`` does."""
    return await _aside(
        home,
        partial(
            levers_what_if.cut_rules, basis.case, basis.categories, seed=basis.seed,
            paths=basis.paths, own=basis.chance,
        ),
    )  # fmt: skip


async def _aside(home: Path, work: Callable[[], T]) -> T:
    """Do what takes a while in a thread: the engine lets others run meanwhile."""

    def prepared() -> T:
        prepare(home)
        return work()

    return await asyncio.to_thread(prepared)
