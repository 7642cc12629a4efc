"""The verbs of budgets: write, change, delete, and how each stands today.

Nothing that was spent is stored: it is read from the book, in the budget's own currency with the
rate of each day. What has no rate is told for itself and never counted as if it were 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from strongroom import audit, transactions
from strongroom.budgets import plan_queries, plan_rules
from strongroom.budgets.plan_types import (
    Budget,
    BudgetId,
    Carry,
    Every,
    NewBudget,
    Progress,
    Spent,
)
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import CategoryId, UserId, new_id
from strongroom.core.money import Currency, check_amount, is_official, minor_units
from strongroom.core.time import month_start
from strongroom.transactions import Category, Kind
from strongroom.ui import gettext

_EARLIEST = date(1970, 1, 1)
_AHEAD = timedelta(days=366)
_MOST_BACK = timedelta(days=3_660)
_A_DAY = timedelta(days=1)


class BudgetNotFound(NotFound):
    """No budget of yours has that id."""


class BudgetExists(Conflict):
    """There is a budget for that category and length of period already."""


class BadBudget(Refused):
    """Something of a budget does not make sense; the field and the message say what."""


async def budget_progress(
    db: Db, *, owner: UserId, today: date, budget_id: BudgetId | None = None
) -> list[Progress]:
    """Return how the owner's budgets stand today, or one; all spending first, then by category.

    Raises ``BudgetNotFound`` for the one.
    """
    found = [_budget(row) for row in await plan_queries.budgets(db, owner, budget_id)]
    if budget_id is not None and not found:
        raise BudgetNotFound(gettext("There is no such budget."))
    begun = [one for one in found if one.starts_on <= today]
    known = await transactions.categories(db, owner=owner)
    spent = await _spent(db, owner, begun, today) if begun else []
    wanted = plan_rules.rates_needed(begun, spent)
    rates = {
        (Currency(one.base), Currency(one.quote), one.day): one.rate
        for one in (await plan_queries.rates(db, wanted) if wanted else [])
    }
    return [
        plan_rules.progress(
            one, spent, inside=_inside(one.category_id, known), rates=rates, today=today
        )
        for one in found
    ]


async def get_budget(db: Db, *, owner: UserId, budget_id: BudgetId) -> Budget:
    """Return one budget. Raises ``BudgetNotFound``."""
    rows = await plan_queries.budgets(db, owner, budget_id)
    if not rows:
        raise BudgetNotFound(gettext("There is no such budget."))
    return _budget(rows[0])


async def add_budget(
    db: Db, *, owner: UserId, new: NewBudget, today: date, now: datetime, actor: str = "person"
) -> Budget:
    """Make a budget. Raises ``BadBudget`` and ``BudgetExists``; then nothing is stored."""
    await check(db, owner, new, today)
    budget_id = BudgetId(new_id())
    await store(db, owner, budget_id, new, now)
    await plan_queries.write_amount(db, owner, budget_id, new.starts_on, new.amount.amount)
    await _record(db, owner, "add", budget_id, actor, now)
    return await get_budget(db, owner=owner, budget_id=budget_id)


async def change_budget(
    db: Db,
    *,
    owner: UserId,
    budget_id: BudgetId,
    new: NewBudget,
    today: date,
    now: datetime,
    actor: str = "person",
) -> Budget:
    """Write a budget anew.

    Another amount holds from the period that today is in; earlier ones keep theirs, unless periods
    or currency become others: then it begins anew.

    Raises ``BudgetNotFound``, ``BadBudget`` and ``BudgetExists``.
    """
    was = await get_budget(db, owner=owner, budget_id=budget_id)
    await check(db, owner, new, today)
    await store(db, owner, budget_id, new, now)
    same = (was.every, was.starts_on, was.currency) == (
        new.every, new.starts_on, new.amount.currency,
    )  # fmt: skip
    if not same:
        await plan_queries.forget_amounts(db, owner, budget_id)
        await plan_queries.write_amount(db, owner, budget_id, new.starts_on, new.amount.amount)
    elif was.amount != new.amount:
        spans = plan_rules.spans(was.starts_on, was.every, today)
        since = spans[-1].first if spans else was.starts_on
        await plan_queries.write_amount(db, owner, budget_id, since, new.amount.amount)
    await _record(db, owner, "change", budget_id, actor, now)
    return await get_budget(db, owner=owner, budget_id=budget_id)


async def delete_budget(
    db: Db, *, owner: UserId, budget_id: BudgetId, now: datetime, actor: str = "person"
) -> None:
    """Take a budget away; the book stays as it is. Raises ``BudgetNotFound``."""
    if not await plan_queries.delete(db, owner, budget_id):
        raise BudgetNotFound(gettext("There is no such budget."))
    await _record(db, owner, "delete", budget_id, actor, now)


async def check(db: Db, owner: UserId, new: NewBudget, today: date) -> None:
    """Refuse what no budget can be. Raises ``BadBudget``."""
    amount = new.amount
    if not is_official(amount.currency):
        raise BadBudget(
            gettext("%(code)s is not a currency that is known.", code=amount.currency),
            field="currency",
            hint=gettext("A code such as NOK, EUR or USD."),
        )
    if check_amount(amount.amount) < 0:
        raise BadBudget(gettext("Write the amount without a sign."), field="amount")
    if amount != amount.rounded():
        raise BadBudget(
            gettext(
                "%(code)s has %(most)s decimals, and the amount has more.",
                code=amount.currency,
                most=minor_units(amount.currency),
            ),
            field="amount",
        )
    if not max(_EARLIEST, today - _MOST_BACK) <= new.starts_on <= today + _AHEAD:
        raise BadBudget(
            gettext("The first day is at most ten years back and one year ahead."),
            field="starts_on",
        )
    known = {one.id: one for one in await transactions.categories(db, owner=owner)}
    if new.category_id is None:
        return
    if new.category_id not in known:
        raise BadBudget(gettext("There is no such category."), field="category")
    if known[new.category_id].kind is not Kind.SPENDING:
        raise BadBudget(
            gettext("A budget is for spending, and this category is not."), field="category"
        )


async def store(db: Db, owner: UserId, budget_id: BudgetId, new: NewBudget, now: datetime) -> None:
    """Write a budget, new or changed, but for its amounts. Raises ``BudgetExists``."""
    columns = {
        "owner": owner,
        "id": budget_id,
        "category_id": new.category_id,
        "currency": new.amount.currency,
        "every": new.every.value,
        "starts_on": new.starts_on,
        "carry": new.carry.value,
        "now": now,
    }
    await plan_queries.take_turn(db, owner)
    if not await plan_queries.write(db, columns):
        raise BudgetExists(
            gettext("There is a budget for that already."),
            field="category",
            hint=gettext("Change that one, or choose another length of period."),
        )


async def _spent(db: Db, owner: UserId, begun: Sequence[Budget], today: date) -> list[Spent]:
    """Return what moved since the oldest of these budgets: by month, and by day what must be.

    By day are budgets whose periods are no whole months, and currencies that are not the budget's
    own, for which the rate of the day counts.
    """
    monthly = [one for one in begun if plan_rules.by_months(one)]
    others = [one for one in begun if not plan_rules.by_months(one)]
    last = max(plan_rules.spans(one.starts_on, one.every, today)[-1].last for one in begun)
    codes = sorted({one.currency for one in begun})
    found: list[Spent] = []
    by_day_since = min((one.starts_on for one in others), default=last + _A_DAY)
    if others:
        rows = await plan_queries.by_day(db, owner, by_day_since, last, but=[], own=codes)
        found += [_one(row, is_month=False) for row in rows]
    if monthly:
        since = min(one.starts_on for one in monthly)
        rows = await plan_queries.by_month(db, owner, month_start(since))
        found += [_one(row, is_month=True) for row in rows]
        own = {one.currency for one in monthly}
        # What no other budget asks for, and of one currency only what is not in months already.
        but = [*own] if len(own) == 1 else []
        rows = await plan_queries.by_day(
            db, owner, since, by_day_since - _A_DAY, but=but, own=codes
        )
        found += [_one(row, is_month=False) for row in rows]
    return found


def _one(row: plan_queries.SpentRow, *, is_month: bool) -> Spent:
    category_id, code = CategoryId(row.category_id), Currency(row.currency)
    return Spent(row.day, category_id, code, row.amount, is_month, row.equal)


def _inside(category_id: CategoryId | None, known: Sequence[Category]) -> frozenset[CategoryId]:
    """Return the categories that a budget is about: one with those in it, or all of spending."""
    if category_id is None:
        return frozenset(one.id for one in known if one.kind is Kind.SPENDING)
    return frozenset(one.id for one in known if category_id in (one.id, one.parent_id)) | {
        category_id
    }


async def _record(
    db: Db, owner: UserId, verb: str, budget_id: BudgetId, actor: str, now: datetime
) -> None:
    await audit.record(
        db, owner=owner, actor=actor, action=f"budgets.{verb}", resource_type="budget",
        resource_id=str(budget_id), now=now,
    )  # fmt: skip


def _budget(row: plan_queries.BudgetRow) -> Budget:
    return Budget(
        id=BudgetId(row.id),
        category_id=None if row.category_id is None else CategoryId(row.category_id),
        category_key=row.category_key,
        category_name=row.category_name,
        currency=Currency(row.currency),
        every=Every(row.every),
        starts_on=row.starts_on,
        carry=Carry(row.carry),
        amounts=[*zip(row.days, row.amounts, strict=True)],
    )
