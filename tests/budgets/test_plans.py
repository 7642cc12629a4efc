"""Budgets through their verbs, over a book in a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom import budgets
from strongroom.budgets import Carry, Every, NewBudget, Progress
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, CategoryId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import own_categories
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, page, row
from tests.identity.conftest import World

FIRST = date(2026, 11, 1)


@dataclass
class Kari:
    """Someone with accounts in two currencies, and the verbs of budgets in her name."""

    world: World
    owner: UserId
    known: dict[str, AccountId]

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))

    def key(self, name: str) -> CategoryId:
        found: CategoryId = made.category(self.world, self.owner, name)
        return found

    def add(self, key: str | None, amount: str, **more: Any) -> Any:
        return self.ask(budgets.add_budget, new=self.new(key, amount, **more), today=TODAY, now=NOW)

    def new(self, key: str | None, amount: str, **more: Any) -> NewBudget:
        facts: dict[str, Any] = {"every": Every.MONTH, "starts_on": FIRST, "carry": Carry.BOTH}
        code = more.pop("currency", NOK)
        category_id = None if key is None else self.key(key)
        return NewBudget(category_id, Money(Decimal(amount), code), **(facts | more))

    def stands(self, **more: Any) -> list[Progress]:
        found: list[Progress] = self.ask(budgets.budget_progress, **{"today": TODAY, **more})
        return found

    def apply(self, *rows: Any) -> None:
        made.apply(self.world, self.owner, self.known, page(*rows))


@pytest.fixture
def kari(world: World) -> Kari:
    owner = made.person(world)
    known = made.take_in(
        world,
        owner,
        made.item(world, owner),
        made.report("checking", "1000"),
        made.report("euros", "5", currency=EUR),
        made.report("loan", "900", type="loan", subtype="mortgage"),
    )
    return Kari(world, owner, known)


def spent(found: Progress) -> Decimal:
    assert found.now is not None
    return found.now.spent.amount


def test_a_group_counts_what_is_in_it_and_refunds_lower_it(kari: Kari) -> None:
    kari.apply(
        row("a", "120"),
        row("b", "80", pfc_detailed="FOOD_AND_DRINK_RESTAURANT"),
        row("back", "-20"),
        row("last month", "1000", FIRST - timedelta(days=1)),
        row("fuel", "50", pfc_detailed="TRANSPORTATION_GAS"),
        row("loan", "70", plaid_account_id="loan"),
        row("moved", "500", pfc_detailed="TRANSFER_OUT_ACCOUNT_TRANSFER"),
    )
    for key, amount in ((None, "300"), ("food", "200"), ("groceries", "150")):
        kari.add(key, amount)
    everything, food, groceries = kari.stands()
    assert [int(spent(one)) for one in (everything, food, groceries)] == [230, 180, 100]
    assert food.now is not None
    assert (food.now.left, food.days_left) == (Money(Decimal(20), NOK), 9)
    assert food.budget.category_key == "food"


def test_months_from_pay_day_and_weeks_are_read_from_the_rows(kari: Kari) -> None:
    kari.apply(row("a", "10", date(2026, 10, 24)), row("b", "20", date(2026, 10, 25)),
               row("c", "40", date(2026, 11, 15)), row("d", "80", date(2026, 11, 16)))  # fmt: skip
    kari.add("food", "100", starts_on=date(2026, 9, 25))
    kari.add("food", "100", starts_on=date(2026, 11, 9), every=Every.WEEK)
    month, week = sorted(kari.stands(), key=lambda one: one.budget.every)
    assert [one.spent.amount for one in (month.now, *month.past) if one] == [140, 10]
    assert [one.spent.amount for one in (week.now, *week.past) if one] == [80, 40]
    assert month.now is not None
    assert month.now.available.amount == 190


def test_parts_of_a_row_count_in_their_own_categories(kari: Kari) -> None:
    kari.apply(row("a", "100"))
    (one,) = made.book(kari.world, kari.owner)
    pets = kari.key("pets")

    async def split(db: Any) -> None:
        await db.execute(
            "INSERT INTO transaction_splits"
            " (user_id, transaction_id, position, category_id, amount) VALUES (%s, %s, 1, %s, -30)",
            (kari.owner, one.id, pets),
        )
        await db.execute(
            "UPDATE transactions SET is_split = true WHERE user_id = %s", (kari.owner,)
        )

    kari.world.within(kari.owner, split)
    kari.add("pets", "50", starts_on=TODAY - timedelta(days=3), every=Every.WEEK)
    (found,) = kari.stands()
    assert spent(found) == 30


def test_other_currencies_need_a_rate_and_are_said_without_one(kari: Kari) -> None:
    far = date(2026, 11, 20)
    kari.apply(
        row("a", "100"),
        row("b", "10", far, plaid_account_id="euros", currency=EUR),
    )
    kari.add("food", "500")
    (found,) = kari.stands()
    assert found.now is not None
    assert (found.now.spent, found.now.unknown) == (
        Money(Decimal(100), NOK),
        [Money(Decimal(10), EUR)],
    )
    kari.world.within_all(
        lambda db: db.execute(
            "INSERT INTO exchange_rates (base, quote, day, rate, source, loaded_at)"
            " VALUES ('EUR', 'NOK', %s, 11.5, 'test', %s) ON CONFLICT DO NOTHING",
            (far, NOW),
        )
    )
    (found,) = kari.stands()
    assert found.now is not None
    assert (found.now.spent, found.now.unknown) == (Money(Decimal(215), NOK), [])
    kari.add("food", "500", every=Every.WEEK, starts_on=far)
    week = max(kari.stands(), key=lambda one: one.budget.every is Every.WEEK)
    assert spent(week) == 215


def test_a_change_of_the_amount_leaves_past_periods_as_they_were(kari: Kari) -> None:
    made_ = kari.add("food", "100", starts_on=date(2026, 9, 1))
    new = kari.new("food", "300", starts_on=date(2026, 9, 1), carry=Carry.NOTHING)
    changed = kari.ask(budgets.change_budget, budget_id=made_.id, new=new, today=TODAY, now=NOW)
    assert changed.amount.amount == 300
    (found,) = kari.stands(budget_id=made_.id)
    assert [one.planned.amount for one in (found.now, *found.past) if one] == [300, 100, 100]
    weekly = kari.new("food", "70", every=Every.WEEK)
    kari.ask(budgets.change_budget, budget_id=made_.id, new=weekly, today=TODAY, now=NOW)
    (found,) = kari.stands()
    assert {one.planned.amount for one in (found.now, *found.past) if one} == {70}
    kari.ask(budgets.delete_budget, budget_id=made_.id, now=NOW)
    assert kari.stands() == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "1.5", "currency": Currency("JPY")}, "amount"),
        ({"amount": "1", "currency": Currency("ABCD")}, "currency"),
        ({"amount": "1", "starts_on": date(2028, 1, 1)}, "starts_on"),
        ({"amount": "1", "starts_on": date(1026, 1, 1)}, "starts_on"),
        ({"amount": "1", "key": "salary"}, "category"),
        ({"amount": "1", "key": "own_transfer"}, "category"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(
    kari: Kari, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        kari.add(more.pop("key", "food"), more.pop("amount"), **more)
    assert refused.value.field == field
    assert kari.stands() == []


def test_there_is_one_budget_for_a_category_and_length(kari: Kari) -> None:
    first = kari.add("food", "1")
    kari.add("food", "1", every=Every.YEAR)
    other = kari.add("pets", "1")
    with pytest.raises(budgets.BudgetExists):
        kari.add("food", "2")
    with pytest.raises(budgets.BudgetExists):
        kari.ask(
            budgets.change_budget, budget_id=other.id, new=kari.new("food", "1"), today=TODAY,
            now=NOW,
        )  # fmt: skip
    same = kari.new("food", "5")
    kari.ask(budgets.change_budget, budget_id=first.id, new=same, today=TODAY, now=NOW)
    with pytest.raises(budgets.BudgetNotFound):
        kari.ask(budgets.get_budget, budget_id=new_id())
    stranger = made.person(kari.world)
    with pytest.raises(budgets.BudgetNotFound):
        kari.world.within(
            stranger, lambda db: budgets.get_budget(db, owner=stranger, budget_id=first.id)
        )


def test_of_two_asked_for_at_once_one_is_made(kari: Kari) -> None:
    new = NewBudget(None, Money(Decimal(5), NOK), Every.MONTH, TODAY, Carry.NOTHING)

    begun = asyncio.Event()

    async def add(*, first: bool) -> str:
        if not first:
            await begun.wait()
        try:
            async with kari.world.database.unit_of_work(kari.owner) as db:
                await budgets.add_budget(db, owner=kari.owner, new=new, today=TODAY, now=NOW)
                begun.set()
                if first:  # not stored before the other one asks
                    await until_somebody_waits()
        except budgets.BudgetExists:
            return "exists"
        return "made"

    async def until_somebody_waits() -> None:
        for _ in range(3000):
            async with kari.world.database.unit_of_work_for_all() as db:
                rows = await db.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if await rows.fetchone() != (0,):
                    return
            await asyncio.sleep(0.02)

    async def both() -> list[str]:
        return list(await asyncio.gather(add(first=True), add(first=False)))

    assert kari.world.run(both()) == ["made", "exists"]


def test_a_budget_follows_its_category_to_where_that_went(kari: Kari) -> None:
    kari.apply(row("a", "30", pfc_detailed="GENERAL_MERCHANDISE_PET_SUPPLIES"))
    kari.add("pets", "100")
    kari.ask(own_categories.remove, category_id=kari.key("pets"), into=kari.key("gifts"), now=NOW)
    (found,) = kari.stands()
    assert (found.budget.category_key, int(spent(found))) == ("gifts", 30)


def test_a_budget_that_begins_later_waits(kari: Kari) -> None:
    kari.add("food", "1", starts_on=TODAY + timedelta(days=1))
    (found,) = kari.stands()
    assert (found.now, found.state) == (None, "waiting")
