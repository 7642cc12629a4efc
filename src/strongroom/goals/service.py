"""The verbs of goals: write, change, delete, and list with the newest chance of each.

What a goal has of its person's money is never stored: ``pool`` reckons it from the day's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from psycopg.types.json import Jsonb

from strongroom import accounts, audit, fx, identity
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.core.queue import enqueue
from strongroom.core.time import months_before
from strongroom.core.time import today as day_of
from strongroom.goals import attached, cuts, profile, queries, run_rows
from strongroom.goals.profile import FigureName
from strongroom.goals.rules import BadGoal, check_goal, last_priority
from strongroom.goals.simulation.types import Assumptions
from strongroom.goals.types import (
    KEPT,
    MONEY_ASSUMED,
    SPEND_LESS,
    Goal,
    GoalChange,
    GoalId,
    GoalType,
    NewGoal,
    RunSummary,
)
from strongroom.ui import gettext

REFRESH: Final = "goals.refresh_chances"
MOST_GOALS: Final = 100
_SPREAD: Final = FigureName.INVESTMENT_ALLOCATION


class GoalNotFound(NotFound):
    """No goal of yours has that id."""


async def list_all(db: Db, *, owner: UserId) -> list[Goal]:
    """Return a person's goals, the first by priority first, each with its newest chance."""
    return await _read(db, owner)


async def find(db: Db, *, owner: UserId, goal_id: GoalId) -> Goal | None:
    """Return one goal, or None where there is none."""
    found = await _read(db, owner, goal_id)
    return found[0] if found else None


async def get(db: Db, *, owner: UserId, goal_id: GoalId) -> Goal:
    """Return one goal with its newest chance. Raises ``GoalNotFound``."""
    found = await find(db, owner=owner, goal_id=goal_id)
    if found is None:
        raise GoalNotFound(gettext("There is no such goal."))
    return found


async def add(db: Db, *, owner: UserId, new: NewGoal, now: datetime, actor: str = "person") -> Goal:
    """Keep a goal, and let chances be reckoned, for others may have less of the pool now.

    One without a priority comes after all there are, so that it takes nothing of theirs.
    Raises ``BadGoal``, ``AccountNotFound`` and ``AccountIsNoSavings``; then nothing is stored.
    """
    today = await _today(db, owner, now)
    await _check(db, owner, new, now)
    await queries.take_turn(db, owner)
    every = await _read(db, owner)
    new = await _with_cuts(db, owner, new, every, now)
    if len(every) >= MOST_GOALS:
        raise BadGoal(
            gettext("There are 100 goals already."), hint=gettext("Delete one that is over.")
        )
    goal_id = GoalId(new_id())
    due_on = months_before(today, -new.timeline_months)
    if new.priority is None:
        new = replace(new, priority=last_priority(every))
    await _store(db, owner, goal_id, new, due_on, now)
    await _record(db, owner, "add", goal_id, actor, now)
    return await get(db, owner=owner, goal_id=goal_id)


async def before(db: Db, *, owner: UserId, goal: Goal, today: date) -> list[Goal]:
    """Return the goals that take their part before one, the first first."""
    every = await _read(db, owner)
    return [one for one in every if one.priority < goal.priority and one.months_left(today) > 0]


async def change(
    db: Db,
    *,
    owner: UserId,
    goal_id: GoalId,
    change: GoalChange,
    now: datetime,
    actor: str = "person",
) -> Goal:
    """Change what is given of a goal: all of it or nothing.

    Raises ``GoalNotFound``, and what ``add`` does.
    """
    await queries.take_turn(db, owner)
    was = await get(db, owner=owner, goal_id=goal_id)
    today = await _today(db, owner, now)
    new = _changed(was, change)
    _check_same_money(was, change, new)
    await _check(db, owner, new, now, was=was)
    new = await _with_cuts(db, owner, new, await _read(db, owner), now, was=was)
    due_on = was.due_on
    if change.timeline_months is not None:
        due_on = months_before(today, -change.timeline_months)
    await _store(db, owner, goal_id, new, due_on, now)
    await _record(db, owner, "change", goal_id, actor, now)
    return await get(db, owner=owner, goal_id=goal_id)


async def delete(
    db: Db, *, owner: UserId, goal_id: GoalId, now: datetime, actor: str = "person"
) -> None:
    """Take a goal away with every simulation of it; accounts stay. Raises ``GoalNotFound``."""
    if not await queries.delete(db, owner, goal_id):
        raise GoalNotFound(gettext("There is no such goal."))
    await ask_to_refresh(db, owner=owner)
    await _record(db, owner, "delete", goal_id, actor, now)


async def ask_to_refresh(db: Db, *, owner: UserId) -> None:
    """Let the worker simulate goals whose newest chance is not of today's data."""
    await enqueue(db, REFRESH, lock=f"{REFRESH} {owner}", once=f"{REFRESH} {owner}",
                  owner=str(owner))  # fmt: skip


def _changed(was: Goal, change: GoalChange) -> NewGoal:
    contribution = change.monthly_contribution
    if contribution is None and not change.all_that_is_left:
        contribution = was.monthly_contribution
    as_it_was = NewGoal(
        name=was.name,
        goal_type=was.goal_type,
        target=was.target,
        timeline_months=was.timeline_months,
        goal_text=was.goal_text,
        priority=was.priority,
        todays_money=was.todays_money,
        assumptions=was.assumptions,
        accounts=was.accounts,
    )
    given: dict[str, Any] = {
        name: value
        for name in as_it_was.__dataclass_fields__
        if (value := getattr(change, name)) is not None
    }
    return replace(as_it_was, **{**given, "monthly_contribution": contribution})


def _check_same_money(was: Goal, change: GoalChange, new: NewGoal) -> None:
    """Refuse that amounts of before stand as they are in another currency."""
    if was.target.currency == new.target.currency:
        return
    own = [name for name in (*MONEY_ASSUMED, KEPT) if name in new.assumptions]
    code = was.target.currency
    if change.monthly_contribution is None and new.monthly_contribution is not None:
        field, said = (
            "monthly_contribution",
            gettext("The contribution is still in %(code)s.", code=code),
        )
    elif change.assumptions is None and own:
        field = f"assumptions.{own[0]}"
        said = gettext("The amounts of emergencies are still in %(code)s.", code=code)
        if own[0] == KEPT:
            said = gettext("What stays where it is, is still in %(code)s.", code=code)
    else:
        return
    hint = gettext("Give it in %(code)s together with the target.", code=new.target.currency)
    raise BadGoal(said, field=field, hint=hint)


async def _check(
    db: Db, owner: UserId, new: NewGoal, now: datetime, *, was: Goal | None = None
) -> None:
    check_goal(new)
    if was is None or {*new.accounts} - {*was.accounts}:
        await attached.check(db, owner=owner, wanted=new.accounts)
    if was is None or was.target.currency != new.target.currency:
        await _check_rate(db, owner, new.target.currency, now)
    if was is None or (was.assumptions, was.target.currency) != (
        new.assumptions,
        new.target.currency,
    ):
        await _check_emergencies(db, owner, new, now)


async def _with_cuts(
    db: Db,
    owner: UserId,
    new: NewGoal,
    every: Sequence[Goal],
    now: datetime,
    *,
    was: Goal | None = None,
) -> NewGoal:
    """Return the goal with what it spends less called by one name. Raises ``BadGoal``."""
    if not any(name.startswith(SPEND_LESS) for name in new.assumptions):
        return new
    today = await _today(db, owner, now)
    own, before = (None, {}) if was is None else (was.id, was.assumptions)
    others = [one for one in every if one.id != own and one.months_left(today) > 0]
    spent = (await profile.get(db, owner=owner, now=now)).spending_by_category
    return replace(new, assumptions=cuts.checked(new.assumptions, before, others, spent))


async def _check_emergencies(db: Db, owner: UserId, new: NewGoal, now: datetime) -> None:
    """Refuse one of two amounts that does not go with our default for the other."""
    own = [name for name in MONEY_ASSUMED if name in new.assumptions]
    if len(own) != 1:
        return
    other = next(name for name in MONEY_ASSUMED if name not in own)
    code, usual = new.target.currency, Decimal(getattr(Assumptions(), other))
    base, today = await _base(db, owner, now), await _today(db, owner, now)
    if base is not None and base != code:  # defaults are meant in the profile's currency
        found = await fx.rates_on(db, codes=[code], quote=base, days=[today])
        usual = usual / found[code, today].rate if (code, today) in found else usual
    said = new.assumptions[own[0]]
    if said > usual if own[0] == "emergency_least" else said < usual:
        raise BadGoal(
            gettext(
                "That does not go with our default for the other, %(name)s: %(usual)s %(code)s.",
                name=other, usual=f"{usual:.2f}", code=code,
            ),
            field=f"assumptions.{own[0]}",
            hint=gettext("Say both: emergency_least and emergency_most."),
        )  # fmt: skip


async def _check_rate(db: Db, owner: UserId, code: Currency, now: datetime) -> None:
    """Refuse a currency that no rate connects with what the person has."""
    base, today = await _base(db, owner, now), await _today(db, owner, now)
    if base is None:
        return
    if code != base and not await fx.rates_on(db, codes=[code], quote=base, days=[today]):
        raise BadGoal(
            gettext(
                "No rate from %(code)s to %(base)s is known for %(day)s.",
                code=code, base=base, day=today.isoformat(),
            ),
            field="currency",
            hint=gettext("Load rates (strongroom fx load FILE), or take %(base)s.", base=base),
        )  # fmt: skip


async def _base(db: Db, owner: UserId, now: datetime) -> Currency | None:
    """Return the currency of the person's profile, None while there is nothing of theirs."""
    settings = await identity.get_settings(db, owner=owner)
    try:
        return await accounts.main_currency(db, owner=owner, chosen=settings.currency)
    except accounts.NothingSoFar:  # then what they say themselves is in one
        found = await profile.get(db, owner=owner, now=now)
        said = found.allocation_overridden or any(
            found.figure(name).overridden for name in FigureName if name != _SPREAD
        )
        return found.currency if said else None


async def _today(db: Db, owner: UserId, now: datetime) -> date:
    settings = await identity.get_settings(db, owner=owner)
    return day_of(now, settings.time_zone)


async def _store(
    db: Db, owner: UserId, goal_id: GoalId, new: NewGoal, due_on: date, now: datetime
) -> None:
    columns = {
        "owner": owner,
        "id": goal_id,
        "name": new.name.strip(),
        "goal_text": new.goal_text,
        "goal_type": new.goal_type.value,
        "target_amount": new.target.amount,
        "currency": new.target.currency,
        "timeline_months": new.timeline_months,
        "due_on": due_on,
        "priority": new.priority,
        "monthly_contribution": new.monthly_contribution,
        "todays_money": new.todays_money,
        "assumptions": Jsonb({name: str(value) for name, value in new.assumptions.items()}),
        "now": now,
    }
    await queries.write(db, columns)
    await queries.attach(db, owner, goal_id, [*new.accounts])
    await ask_to_refresh(db, owner=owner)


async def _record(
    db: Db, owner: UserId, verb: str, goal_id: GoalId, actor: str, now: datetime
) -> None:
    await audit.record(
        db, owner=owner, actor=actor, action=f"goals.{verb}", resource_type="goal",
        resource_id=str(goal_id), now=now,
    )  # fmt: skip


async def _read(db: Db, owner: UserId, goal_id: GoalId | None = None) -> list[Goal]:
    rows = await queries.goals(db, owner, goal_id)
    newest = {
        one.goal_id: run_rows.summary(one) for one in await queries.newest(db, owner, goal_id)
    }
    return [_goal(row, newest) for row in rows]


def _goal(row: queries.GoalRow, newest: Mapping[Any, RunSummary]) -> Goal:
    code = Currency(row.currency)
    return Goal(
        id=GoalId(row.id),
        name=row.name,
        goal_text=row.goal_text,
        goal_type=GoalType(row.goal_type),
        target=Money(row.target_amount, code),
        timeline_months=row.timeline_months,
        due_on=row.due_on,
        priority=row.priority,
        monthly_contribution=row.monthly_contribution,
        todays_money=row.todays_money,
        assumptions={name: Decimal(value) for name, value in row.assumptions.items()},
        accounts=[AccountId(one) for one in row.accounts],
        created_at=row.created_at,
        updated_at=row.updated_at,
        latest=newest.get(row.id),
    )
