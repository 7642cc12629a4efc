"""What would change the chance of a goal that is kept: finds what its chance was made of.

What is shown of a goal is its newest simulation of today's data. The same case, futures and seed
are taken here, so that a change of nothing gives the number that is shown. What is found is not
stored. Reckoning goes on in a thread, and needs no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import partial
from pathlib import Path
from typing import Final

from strongroom import identity
from strongroom.core.db import Database
from strongroom.core.ids import CategoryId, UserId
from strongroom.core.money import Currency, minor_units
from strongroom.goals import profile, runs
from strongroom.goals.levers.changes import check_cuts, cut_rules, what_if
from strongroom.goals.levers.effects import sensitivity
from strongroom.goals.levers.types import WANTED, Changes, CutRule, Sensitivity, WhatIf
from strongroom.goals.profile import CategorySpending
from strongroom.goals.runs.current import current
from strongroom.goals.simulation.types import Case
from strongroom.goals.types import CaseOf, GoalId, Sharer

_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MOST_TRIED: Final = 600
_MOST_LOOKS: Final = 60
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Basis:
    """What changes are compared with: a goal's case, and the chance that is shown of it.

    ``categories``: what is spent in each in a month, in the case's currency. ``kept``: those on
    which the plan spends less already. ``anew``: shares the pool of all goals with a change.
    """

    case: Case
    currency: Currency
    seed: int
    paths: int
    chance: Decimal | None
    categories: Sequence[CategorySpending]
    anew: Sharer | None = None
    kept: frozenset[CategoryId | None] = frozenset()


async def basis(
    database: Database, *, owner: UserId, goal_id: GoalId, now: datetime, home: Path
) -> Basis:
    """Return what changes of a goal are compared with: its newest simulation of today's data.

    A flow: opens its own units of work. Raises what ``runs.current`` does.
    """
    found, run = await current(database, owner=owner, goal_id=goal_id, now=now, home=home)
    async with database.unit_of_work(owner) as db:
        whole = await profile.get(db, owner=owner, now=now)
    return Basis(
        case=run.case,
        currency=found.currency,
        seed=run.summary.seed,
        paths=run.summary.paths,
        chance=run.summary.chance,
        categories=_in_currency(whole.spending_by_category, found),
        anew=found.anew,
        kept=frozenset(one.category_id for one in found.cuts),
    )


def _in_currency(spent: Sequence[CategorySpending], found: CaseOf) -> list[CategorySpending]:
    """Return what is spent in each category in the goal's currency, to its smallest coin."""
    coin = Decimal(1).scaleb(-minor_units(found.currency))
    return [
        replace(one, monthly=(one.monthly * found.rate).quantize(coin, context=_EXACT))
        for one in spent
    ]


async def count_what_if(database: Database, *, owner: UserId, now: datetime) -> None:
    """Count something that is tried. Raises ``TooManyAttempts`` past 600 a minute.

    That is more than a hand on a slider comes to: a page asks again 80 ms after the last move.
    """
    async with database.unit_of_work(owner) as db:
        await identity.take(db, f"what-if {owner}", _MOST_TRIED, _MINUTE, now=now)


async def count_sensitivity(database: Database, *, owner: UserId, now: datetime) -> None:
    """Count a look at what would change a chance. Raises ``TooManyAttempts`` past 60 a minute."""
    async with database.unit_of_work(owner) as db:
        await identity.take(db, f"sensitivity {owner}", _MOST_LOOKS, _MINUTE, now=now)


async def sensitivity_of(basis: Basis, *, home: Path, wanted: Decimal = WANTED) -> Sensitivity:
    """Return what would change a chance most, and the smallest changes that are enough.

    Raises what ``sensitivity`` does.
    """
    work = partial(
        sensitivity,
        basis.case,
        seed=basis.seed,
        paths=basis.paths,
        own=basis.chance,
        anew=basis.anew,
        wanted=wanted,
    )
    return await runs.off_the_loop(work, home=home)


async def what_if_of(basis: Basis, changes: Changes, *, home: Path) -> WhatIf:
    """Return what changes would do. Raises what ``what_if`` and ``check_cuts`` do."""
    check_cuts(changes, basis.kept)
    work = partial(
        what_if,
        basis.case,
        changes,
        seed=basis.seed,
        paths=basis.paths,
        own=basis.chance,
        anew=basis.anew,
        categories=basis.categories,
    )
    return await runs.off_the_loop(work, home=home)


async def cut_rules_of(basis: Basis, *, home: Path) -> Sequence[CutRule]:
    """Return what spending less would do where one could. Raises what ``cut_rules`` does."""
    work = partial(
        cut_rules,
        basis.case,
        [one for one in basis.categories if one.category_id not in basis.kept],
        seed=basis.seed,
        paths=basis.paths,
        own=basis.chance,
    )
    return await runs.off_the_loop(work, home=home)
