"""What a goal is simulated with today: reads goals, profile, accounts and rates, and puts together.

Changes nothing but that a profile which was never reckoned is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from strongroom import accounts, fx, identity
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, Refused, StrongroomError
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency
from strongroom.core.time import today as day_of
from strongroom.goals import profile, service
from strongroom.goals.pool import building
from strongroom.goals.pool.building import Pool
from strongroom.goals.pool.held import Holding, held, holding
from strongroom.goals.types import CaseOf, Goal, GoalId
from strongroom.ui import gettext


class GoalIsOver(Conflict):
    """The day of the goal has come: there are no months left to look at."""


class GoalHasNoRate(Refused):
    """No rate is known between a goal's or its account's currency and that of the profile."""


@dataclass(frozen=True, slots=True)
class Cases:
    """What goals are simulated with today, the first by priority first; and why others are not.

    ``lacking``: ``GoalIsOver`` or ``GoalHasNoRate``, by goal.
    """

    found: Sequence[CaseOf]
    lacking: Mapping[GoalId, StrongroomError]


async def case_of(db: Db, *, owner: UserId, goal_id: GoalId, now: datetime) -> CaseOf:
    """Return what a goal is simulated with today.

    Raises ``GoalNotFound``, ``GoalIsOver``, ``GoalHasNoRate`` and ``NotEnoughHistory``.
    """
    pool, lacking = await _gathered(db, owner, now)
    if goal_id in lacking:
        raise lacking[goal_id]
    goal = next((one for one in pool.goals if one.id == goal_id), None)
    if goal is None:
        raise service.GoalNotFound(gettext("There is no such goal."))
    return building.build(pool, goal, building.shared(pool))


async def cases(db: Db, *, owner: UserId, now: datetime) -> Cases:
    """Return what each goal is simulated with today. Raises ``NotEnoughHistory``.

    What one goal lacks stops no other.
    """
    pool, lacking = await _gathered(db, owner, now)
    allotments = building.shared(pool) if pool.goals else {}
    return Cases([building.build(pool, one, allotments) for one in pool.goals], lacking)


async def _gathered(
    db: Db, owner: UserId, now: datetime
) -> tuple[Pool, dict[GoalId, StrongroomError]]:
    """Return what goals are shared out of, and those that have no part in it, with the reason."""
    settings = await identity.get_settings(db, owner=owner)
    today = day_of(now, settings.time_zone)
    every = await service.list_all(db, owner=owner)
    going = [one for one in every if one.months_left(today) > 0]
    found = await profile.get(db, owner=owner, now=now)
    if going:  # what is not known at all is said before any rate that is missing
        none = Decimal(0)
        profile.household(found, saved=none, free=none, elsewhere=none)
    attached = {account for one in going for account in one.accounts}
    known = [one for one in await _holdings(db, owner, attached) if one.id in attached]
    codes = {one.target.currency for one in going} | {one.balance.currency for one in known}
    rates = await _rates_to(db, codes, found.currency, today)
    lacking: dict[GoalId, StrongroomError] = {
        one.id: _is_over() for one in every if one not in going
    }
    for one in going:
        if (problem := _without_rate(one, known, rates, found.currency, today)) is not None:
            lacking[one.id] = problem
    able = [one for one in going if one.id not in lacking]
    theirs = {account for one in able for account in one.accounts}
    holds = held([one for one in known if one.id in theirs], rates)
    # What is put aside for a goal that cannot be reckoned is no other goal's meanwhile.
    aside = [one for one in known if one.id not in theirs and one.balance.currency in rates]
    pool = Pool(
        profile=found,
        goals=able,
        rates={one.id: rates[one.target.currency] for one in able},
        held=holds.by_account,
        beside=holds.beside,
        away=held(aside, rates).liquid,
        today=today,
    )
    return pool, lacking


async def _holdings(db: Db, owner: UserId, wanted: Collection[AccountId]) -> list[Holding]:
    if not wanted:
        return []
    every = await accounts.list_all(db, owner=owner)
    return [found for one in every if (found := holding(one)) is not None]


async def _rates_to(
    db: Db, codes: Iterable[Currency], base: Currency, today: date
) -> dict[Currency, Decimal]:
    """Return what one unit of each currency is worth in ``base``, of those that is known of."""
    others = {*codes} - {base}
    known = await fx.rates_on(db, codes=others, quote=base, days=[today]) if others else {}
    return {base: Decimal(1), **{code: one.rate for (code, _), one in known.items()}}


def _without_rate(
    goal: Goal,
    known: Sequence[Holding],
    rates: Mapping[Currency, Decimal],
    base: Currency,
    today: date,
) -> GoalHasNoRate | None:
    """Return what a goal has to say that lacks a rate, its own first, or its account's."""
    own = {one.balance.currency for one in known if one.id in goal.accounts}
    for code in (goal.target.currency, *sorted(own)):
        if code not in rates:
            return GoalHasNoRate(
                gettext(
                    "No rate from %(code)s to %(base)s is known for %(day)s.",
                    code=code, base=base, day=today.isoformat(),
                ),
                field="currency",
                hint=gettext("Load rates (strongroom fx load FILE), or take %(base)s.", base=base),
            )  # fmt: skip
    return None


def _is_over() -> GoalIsOver:
    return GoalIsOver(
        gettext("The day of this goal has come."),
        field="timeline_months",
        hint=gettext("Give it more months, and it can be simulated again."),
    )
