"""Goals through their verbs: what is kept, what is refused, and what each is simulated with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from strongroom import fx, goals
from strongroom.accounts import AccountNotFound
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, new_id
from strongroom.core.money import Currency, Money
from strongroom.goals import (
    BadGoal,
    Goal,
    GoalChange,
    GoalType,
    NewGoal,
    NotEnoughHistory,
    Why,
    profile,
    service,
)
from strongroom.goals.simulation import portfolio
from strongroom.goals.types import AssumptionSource
from tests.book import EUR, NOK, NOW, TODAY, person
from tests.goals.savers import Saver, of, saver
from tests.identity.conftest import World

CABIN = NewGoal("Cabin", GoalType.MAJOR_PURCHASE, Money(Decimal(500_000), NOK), 36)


def near(found: Decimal, expected: Fraction) -> bool:
    return abs(Fraction(found) - expected) < Fraction(1, 10**9)


@pytest.fixture
def kari(world: World, tmp_path: Path) -> Saver:
    return saver(world, tmp_path)


def test_a_goal_is_kept_as_it_was_written(kari: Saver) -> None:
    account = kari.opens("Aside", 20_000)
    new = replace(
        CABIN, name="  Cabin ", goal_text="a cabin by the sea", priority=3,
        monthly_contribution=Decimal("2500.50"), todays_money=True, accounts=[account],
        assumptions={"inflation": Decimal("0.031")},
    )  # fmt: skip
    made = kari.ask(goals.add, new=new, now=NOW)
    assert (made.name, made.due_on, made.months_left(TODAY)) == ("Cabin", date(2029, 11, 21), 36)
    kept = {name: getattr(made, name) for name in NewGoal.__dataclass_fields__}
    assert kept == {name: getattr(replace(new, name="Cabin"), name) for name in kept}
    assert kari.ask(goals.list_all) == [made] == [kari.ask(goals.get, goal_id=made.id)]
    assert made.latest is None
    kari.ask(goals.delete, goal_id=made.id, now=NOW)
    assert kari.ask(goals.list_all) == []
    assert kari.ask(goals.find, goal_id=made.id) is None
    acts = [one for one in kari.world.actions(kari.owner) if one.startswith("goals.")]
    assert acts[-2:] == ["goals.add", "goals.delete"]


def test_months_are_counted_from_today_until_the_day_stays() -> None:
    goal: Any = Goal.__new__(Goal)
    object.__setattr__(goal, "due_on", date(2027, 2, 28))
    days = {
        date(2027, 1, 28): 1, date(2027, 1, 29): 1, date(2027, 1, 31): 1, date(2027, 1, 27): 2,
        date(2027, 2, 27): 1, date(2027, 2, 28): 0, date(2027, 3, 1): 0, date(2026, 2, 28): 12,
    }  # fmt: skip
    assert {day: goal.months_left(day) for day in days} == days


def test_what_is_not_given_of_a_change_stays(kari: Saver) -> None:
    was = kari.wants("Cabin", 500_000, monthly_contribution=Decimal(100))
    later = NOW + timedelta(days=40)
    named = kari.ask(goals.change, goal_id=was.id, change=GoalChange(name="Hut"), now=later)
    assert named == replace(was, name="Hut", updated_at=later)
    sooner = GoalChange(timeline_months=12, all_that_is_left=True)
    moved = kari.ask(goals.change, goal_id=was.id, change=sooner, now=later)
    assert moved.due_on == date(2027, 12, 31)
    assert (moved.timeline_months, moved.monthly_contribution) == (12, None)
    with pytest.raises(BadGoal):
        kari.ask(goals.change, goal_id=was.id, change=GoalChange(priority=0), now=later)
    assert kari.ask(goals.get, goal_id=was.id) == moved


NAN, INFINITE = Decimal("NaN"), Decimal("Infinity")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"target": Money(Decimal(0), NOK)}, "target"),
        ({"target": Money(Decimal(-5), NOK)}, "target"),
        ({"target": Money(Decimal("1e13"), NOK)}, "target"),
        ({"target": Money(Decimal("1.005"), NOK)}, "target"),
        ({"target": Money(Decimal(5), Currency("ABCD"))}, "currency"),
        ({"target": Money(Decimal(5), Currency("SEK"))}, "currency"),
        ({"timeline_months": 0}, "timeline_months"),
        ({"timeline_months": 721}, "timeline_months"),
        ({"priority": 100}, "priority"),
        ({"monthly_contribution": Decimal(-1)}, "monthly_contribution"),
        ({"monthly_contribution": NAN}, "monthly_contribution"),
        ({"monthly_contribution": INFINITE}, "monthly_contribution"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "n" * 121}, "name"),
        ({"goal_text": "a" * 1_000_000}, "goal_text"),
        ({"assumptions": {"luck": Decimal(1)}}, "assumptions.luck"),
        ({"assumptions": {"emergency_chance": Decimal("1.1")}}, "assumptions.emergency_chance"),
        ({"assumptions": {"annual_return": NAN}}, "assumptions.annual_return"),
        ({"assumptions": {"annual_return": Decimal("0.05000000001")}}, "assumptions.annual_return"),
        ({"assumptions": {"inflation": INFINITE}}, "assumptions.inflation"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(
    kari: Saver, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        kari.ask(goals.add, new=replace(CABIN, **more), now=NOW)
    assert refused.value.field == field
    assert kari.ask(goals.list_all) == []


def test_only_open_savings_of_ones_own_can_be_attached(kari: Saver, tmp_path: Path) -> None:
    theirs = saver(kari.world, tmp_path).opens("Theirs", 5)
    for account, kind in (
        (kari.opens("House", 5, subtype="real_estate"), goals.AccountIsNoSavings),
        (kari.opens("Loan", 5, subtype="loan"), goals.AccountIsNoSavings),
        (theirs, AccountNotFound),
        (AccountId(new_id()), AccountNotFound),
    ):
        with pytest.raises(kind) as refused:
            kari.ask(goals.add, new=replace(CABIN, accounts=[account]), now=NOW)
        assert refused.value.field == "accounts"
    mine = kari.wants("Cabin", 5)
    stranger = saver(kari.world, tmp_path)
    for verb, more in (
        (goals.get, {}), (goals.change, {"change": GoalChange(name="x"), "now": NOW}),
        (goals.delete, {"now": NOW}), (goals.case_of, {"now": NOW}),
    ):  # fmt: skip
        with pytest.raises(goals.GoalNotFound):
            stranger.ask(verb, goal_id=mine.id, **more)


def test_a_case_is_the_profile_with_the_share_of_the_goal(kari: Saver) -> None:
    kari.says(credit_debt=9_000)
    aside = kari.opens("Aside", 40_000)
    first = kari.wants("Cabin", 150_000, priority=1, monthly_contribution=Decimal(5_000))
    second = kari.wants("Boat", 300_000, 24, priority=2, accounts=[aside])
    # Of 240,000 liquid, 40,000 are the boat's; of all others the first has what it needs.
    one, other = kari.case(first), kari.case(second)
    assert one.share.liquid == 240_000
    # Each is as much of the household as of the money of its months; both hold its one fund.
    every = 240_000 + 5_000 * 36 + 2_730 * 24
    assert near(one.share.part, Fraction(150_000 + 5_000 * 36, every))
    assert near(other.share.part, Fraction(90_000 + 2_730 * 24, 240_000 + 7_730 * 24))
    assert near(one.share.in_cash, 132_000 * Fraction(one.share.part))
    assert of(one.share.from_accounts, one.share.from_pool) == (0, 150_000)
    assert of(other.share.from_accounts, other.share.from_pool) == (40_000, 50_000)
    # Of the 7,730 a month beside the card, 5,000 go to the first.
    assert one.share.left_in_a_month == 7_730
    assert of(one.share.monthly, one.share.elsewhere) == (5_000, 2_730 * Decimal(24) / 36)
    assert of(other.share.monthly, other.share.elsewhere) == (2_730, 5_000)
    home, aim = one.case.household, one.case.aim
    assert of(home.saved, home.free, home.card_debt) == (150_000, 0, 9_000)
    assert of(home.monthly_income, home.monthly_spending) == (30_000, 22_000)
    assert of(aim.target, aim.months, aim.monthly_contribution) == (150_000, 36, 5_000)
    assert other.case.aim.monthly_contribution is None  # whatever is left over, all of it
    assert other.share.why == [Why.IN_CASH, Why.OTHERS_FIRST, Why.LEFT_OVER]
    found = kari.ask(profile.get, now=NOW)
    assert one.data_hash == found.data_hash
    # Alone it is the household, in the very words of before.
    kari.ask(goals.delete, goal_id=second.id, now=NOW)
    alone = kari.case(first).case.household
    assert of(alone.part, alone.part_of_raises, alone.monthly_here) == (1, 1, 0)
    assert alone.monthly_elsewhere == 0
    kari.wants("Boat", 300_000, 24, accounts=[aside])
    assert [one.goal.name for one in kari.ask(goals.cases, now=NOW).found] == ["Cabin", "Boat"]


def test_a_goal_that_says_nothing_of_its_place_comes_last(kari: Saver) -> None:
    assert kari.wants("Cabin", 5).priority == 1
    assert kari.wants("Boat", 5, priority=7).priority == 7
    assert kari.wants("Car", 5).priority == 8
    assert kari.wants("Trip", 5, priority=99).priority == 99
    last = kari.wants("Sofa", 5)
    assert last.priority == 99
    before = kari.ask(service.before, goal=last, today=TODAY)
    assert [one.name for one in before] == ["Cabin", "Boat", "Car"]


def test_each_number_that_is_assumed_says_where_it_is_from(kari: Saver) -> None:
    shares = {"stocks": Decimal("0.6"), "bonds": Decimal("0.4")}
    goal = kari.wants("Cabin", 150_000, assumptions={"inflation": Decimal("0.04")})
    figure = profile.FigureName.INVESTMENT_ALLOCATION
    kari.ask(profile.override, figure=figure, shares=shares, now=NOW)
    found = kari.case(goal)
    mean, sd = portfolio(shares)
    its, sources = found.case.assumptions, found.sources
    assert (its.annual_return, its.annual_return_sd, its.inflation) == (mean, sd, Decimal("0.04"))
    assert sources["annual_return"] is AssumptionSource.ACCOUNTS
    assert sources["inflation"] is AssumptionSource.PERSON
    assert sources["raise_mean"] is AssumptionSource.DEFAULT


def test_goals_in_other_currencies_go_by_the_rate_of_the_day(kari: Saver) -> None:
    rates = f"Date,NOK\n{TODAY - timedelta(days=2)},10\n"
    kari.world.within_all(
        lambda db: fx.load_for_all(db, text=rates, source="test", today=TODAY, now=NOW)
    )
    goal = kari.wants("Flat", 20_000, code=EUR, monthly_contribution=Decimal(300))
    found = kari.case(goal)
    assert (found.currency, found.rate) == (EUR, Decimal("0.1"))
    home = found.case.household
    assert of(home.saved, home.free, home.monthly_income) == (20_000, 0, 3_000)
    assert found.case.aim.target == 20_000
    assert found.case.aim.monthly_contribution == 300
    assert found.case.assumptions.emergency_most == 300
    # No amount of before becomes one in another currency by itself.
    dearer = GoalChange(target=Money(Decimal(200_000), NOK))
    with pytest.raises(BadGoal) as refused_change:
        kari.ask(goals.change, goal_id=goal.id, change=dearer, now=NOW)
    assert refused_change.value.field == "monthly_contribution"
    told = replace(dearer, monthly_contribution=Decimal(3_000))
    other = kari.ask(goals.change, goal_id=goal.id, change=told, now=NOW)
    assert (other.target.currency, other.monthly_contribution) == (NOK, 3_000)
    own = {"emergency_most": Decimal(9_000)}
    kari.ask(goals.change, goal_id=goal.id, change=GoalChange(assumptions=own), now=NOW)
    back = GoalChange(target=goal.target, monthly_contribution=Decimal(300))
    with pytest.raises(BadGoal) as refused_change:
        kari.ask(goals.change, goal_id=goal.id, change=back, now=NOW)
    assert refused_change.value.field == "assumptions.emergency_most"
    kari.ask(goals.change, goal_id=goal.id, change=replace(back, assumptions={}), now=NOW)
    late = NOW + timedelta(days=30)  # the rate holds no longer
    with pytest.raises(goals.GoalHasNoRate) as refused:
        kari.ask(goals.case_of, goal_id=goal.id, now=late)
    assert refused.value.field == "currency"
    assert "EUR" in refused.value.message


def test_a_rate_that_is_missing_is_one_goals_matter_and_no_others(kari: Saver) -> None:
    rates = f"Date,NOK\n{TODAY - timedelta(days=2)},10\n"
    kari.world.within_all(
        lambda db: fx.load_for_all(db, text=rates, source="test", today=TODAY, now=NOW)
    )
    aside = kari.opens("Aside", 40_000)
    flat = kari.wants("Flat", 20_000, code=EUR, accounts=[aside])
    cabin = kari.wants("Cabin", 500_000)
    assert [one.lacking for one in kari.ask(goals.cards, now=NOW)] == ["", ""]
    late = NOW + timedelta(days=30)  # the rate holds no longer
    found = kari.ask(goals.case_of, goal_id=cabin.id, now=late)
    # What is put aside for the flat is not the cabin's meanwhile.
    assert of(found.share.from_pool, found.share.monthly) == (200_000, 8_000)
    with pytest.raises(goals.GoalHasNoRate):
        kari.ask(goals.case_of, goal_id=flat.id, now=late)
    lacking = {one.goal.id: one.lacking for one in kari.ask(goals.cards, now=late)}
    assert lacking == {flat.id: "no exchange rate", cabin.id: ""}


def test_without_data_nothing_is_made_up(world: World, tmp_path: Path) -> None:
    nobody = Saver(world, person(world), tmp_path)
    goal = nobody.wants("Cabin", 500_000)
    with pytest.raises(NotEnoughHistory) as refused:
        nobody.case(goal)
    assert refused.value.hint


def test_a_goal_whose_day_has_come_has_no_part_in_the_pool(kari: Saver) -> None:
    over = kari.wants("Trip", 160_000, 1, priority=1)
    goal = kari.wants("Cabin", 500_000, priority=2)
    assert kari.case(goal).share.from_pool == 40_000
    later = datetime(2026, 12, 21, 12, tzinfo=UTC)
    with pytest.raises(goals.GoalIsOver):
        kari.ask(goals.case_of, goal_id=over.id, now=later)
    found = kari.ask(goals.case_of, goal_id=goal.id, now=later)
    assert (found.share.from_pool, found.case.aim.months) == (200_000, 35)
