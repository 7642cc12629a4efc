"""What a goal is simulated with today: reads goals, profile, accounts and rates, and puts together.

Changes nothing but that a profile which was never reckoned is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from strongroom import accounts, fx, identity
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, Refused
from strongroom.core.ids import UserId
from strongroom.core.money import Currency
from strongroom.core.time import today as day_of
from strongroom.goals import profile, service
from strongroom.goals.pool import building
from strongroom.goals.pool.building import Pool
from strongroom.goals.pool.held import held
from strongroom.goals.types import CaseOf, GoalId
from strongroom.ui import gettext


class GoalIsOver(Conflict):
    """The day of the goal has come: there are no months left to look at."""


class GoalHasNoRate(Refused):
    """No rate is known between a goal's or its account's currency and that of the profile."""


async def case_of(db: Db, *, owner: UserId, goal_id: GoalId, now: datetime) -> CaseOf:
    """Return what a goal is simulated with today.

    Raises ``GoalNotFound``, ``GoalIsOver``, ``GoalHasNoRate`` and ``NotEnoughHistory``.
    """
    pool = await pool_of(db, owner=owner, now=now)
    goal = next((one for one in pool.goals if one.id == goal_id), None)
    if goal is None:
        goal = await service.get(db, owner=owner, goal_id=goal_id)  # it is over, or unknown
        raise GoalIsOver(
            gettext("The day of this goal has come."),
            field="timeline_months",
            hint=gettext("Give it more months, and it can be simulated again."),
        )
    return building.build(pool, goal, building.shared(pool))


async def cases(db: Db, *, owner: UserId, now: datetime) -> list[CaseOf]:
    """Return what each goal that is not over is simulated with today, the first by priority first.

    Raises ``GoalHasNoRate`` and ``NotEnoughHistory``.
    """
    pool = await pool_of(db, owner=owner, now=now)
    allotments = building.shared(pool) if pool.goals else {}
    return [building.build(pool, one, allotments) for one in pool.goals]


async def pool_of(db: Db, *, owner: UserId, now: datetime) -> Pool:
    """Return what a person's goals are shared out of; goals that are over have no part in it.

    Raises ``GoalHasNoRate``.
    """
    settings = await identity.get_settings(db, owner=owner)
    today = day_of(now, settings.time_zone)
    every = await service.list_all(db, owner=owner)
    going = [one for one in every if one.months_left(today) > 0]
    found = await profile.get(db, owner=owner, now=now)
    if going:  # what is not known at all is said before any rate that is missing
        none = Decimal(0)
        profile.household(found, saved=none, free=none, elsewhere=none)
    wanted = {account for one in going for account in one.accounts}
    known = await accounts.list_all(db, owner=owner) if wanted else []
    balances = [one.balance for one in known if one.id in wanted and one.balance is not None]
    codes = {one.target.currency for one in going} | {one.currency for one in balances}
    rates = await rates_to(db, codes=codes, base=found.currency, today=today)
    holds = held(known, wanted, rates)
    return Pool(
        profile=found,
        goals=going,
        rates={one.id: rates[one.target.currency] for one in going},
        held=holds.by_account,
        beside=holds.beside,
        today=today,
    )


async def rates_to(
    db: Db, *, codes: Iterable[Currency], base: Currency, today: date
) -> Mapping[Currency, Decimal]:
    """Return what one unit of each currency is worth in ``base``. Raises ``GoalHasNoRate``."""
    others = {*codes} - {base}
    known = await fx.rates_on(db, codes=others, quote=base, days=[today]) if others else {}
    for code in sorted(others):
        if (code, today) not in known:
            raise GoalHasNoRate(
                gettext(
                    "No rate from %(code)s to %(base)s is known for %(day)s.",
                    code=code, base=base, day=today.isoformat(),
                ),
                field="currency",
                hint=gettext("Load rates (strongroom fx load FILE), or take %(base)s.", base=base),
            )  # fmt: skip
    return {base: Decimal(1), **{code: known[code, today].rate for code in others}}
