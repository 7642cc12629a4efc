"""Periods of a budget and what goes on from one to the next, without a database."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.budgets import plan_rules
from strongroom.budgets.plan_types import Budget, BudgetId, Carry, Every, Progress, Spent
from strongroom.core.ids import CategoryId, new_id
from strongroom.core.money import Currency, Money, total

FOOD = CategoryId(new_id())
NOK, EUR, JPY = Currency("NOK"), Currency("EUR"), Currency("JPY")
TODAY = date(2026, 11, 21)


def budget(**more: Any) -> Budget:
    facts: dict[str, Any] = {
        "id": BudgetId(new_id()),
        "category_id": FOOD,
        "category_key": "food",
        "category_name": None,
        "currency": NOK,
        "every": Every.MONTH,
        "starts_on": date(2026, 9, 25),
        "carry": Carry.BOTH,
        "amounts": [(date(2026, 9, 25), Decimal(1000))],
        **more,
    }
    return Budget(**facts)


def out(day: date, amount: str, code: Currency = NOK, **more: Any) -> Spent:
    return Spent(day, FOOD, code, -Decimal(amount), **more)


def stands(one: Budget, *spent: Spent, rates: Any = None, today: date = TODAY) -> Progress:
    return plan_rules.progress(one, spent, inside={FOOD}, rates=rates or {}, today=today)


@pytest.mark.parametrize(
    ("starts_on", "every", "expected"),
    [
        (date(2026, 1, 31), Every.MONTH, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (date(2024, 2, 29), Every.YEAR, ["2024-02-29", "2025-02-28", "2026-02-28"]),
        (date(2026, 11, 6), Every.WEEK, ["2026-11-06", "2026-11-13", "2026-11-20"]),
    ],
)
def test_periods_begin_on_the_day_the_person_chose(
    starts_on: date, every: Every, expected: list[str]
) -> None:
    found = plan_rules.spans(starts_on, every, TODAY)
    assert [str(one.first) for one in found][: len(expected)] == expected
    assert plan_rules.spans(TODAY + timedelta(days=1), every, TODAY) == []


@given(st.dates(date(2010, 1, 1), date(2026, 11, 21)), st.sampled_from(Every))
def test_periods_follow_each_other_without_gap_up_to_today(starts_on: date, every: Every) -> None:
    found = plan_rules.spans(starts_on, every, TODAY)
    assert found[0].first == starts_on
    assert found[-1].first <= TODAY <= found[-1].last
    for one, following in itertools.pairwise(found):
        assert one.last + timedelta(days=1) == following.first


def test_surplus_and_deficit_go_on_as_the_person_chose() -> None:
    spent = (out(date(2026, 9, 25), "400"), out(date(2026, 10, 24), "100"),
             out(date(2026, 10, 25), "1900"), out(TODAY, "50"))  # fmt: skip
    carried: dict[Carry, tuple[object, object]] = {}
    for carry in Carry:
        found = stands(budget(carry=carry), *spent)
        assert found.now is not None
        assert [one.spent.amount for one in (found.now, *found.past)] == [1950, 500]
        carried[carry] = (found.now.carried.amount, found.now.left.amount)
    assert carried == {
        Carry.NOTHING: (0, -950),
        Carry.SURPLUS: (500, -450),
        Carry.DEFICIT: (0, -950),
        Carry.BOTH: (500, -450),
    }
    later = stands(budget(), *spent, today=date(2026, 11, 25))
    assert later.now is not None
    assert (int(later.now.carried.amount), int(later.now.spent.amount)) == (-450, 0)
    kept = stands(budget(carry=Carry.SURPLUS), *spent, today=date(2026, 11, 25))
    assert kept.now is not None
    assert kept.now.carried.amount == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.decimals(-5000, 5000, places=2)),
        max_size=40,
    ),
    st.sampled_from(Every),
)
def test_all_that_was_planned_and_not_spent_is_what_is_left(
    moves: list[tuple[int, Decimal]], every: Every
) -> None:
    first = TODAY - timedelta(days=400)
    one = budget(starts_on=first, every=every, amounts=[(first, Decimal(500))])
    spent = [Spent(first + timedelta(days=day), FOOD, NOK, amount) for day, amount in moves]
    found = stands(one, *spent)
    assert found.now is not None
    periods = [found.now, *found.past]
    planned = total((period.planned for period in periods), NOK)
    assert found.now.left == planned + Money(sum((one.amount for one in spent), Decimal(0)), NOK)


def test_an_amount_holds_from_its_day_on() -> None:
    first = date(2026, 9, 25)
    one = budget(amounts=[(first, Decimal(1000)), (date(2026, 10, 25), Decimal(1200))])
    found = stands(one)
    assert found.now is not None
    assert [period.planned.amount for period in (found.now, *found.past)] == [1200, 1000]


def test_other_currencies_count_at_the_rate_of_the_day_or_are_told_as_unknown() -> None:
    days = date(2026, 11, 1), date(2026, 11, 2)
    rates = {(EUR, NOK, days[0]): Decimal("11.5")}
    spent = (out(days[0], "10", EUR), out(days[1], "20", EUR), out(days[1], "900", JPY))
    found = stands(budget(), *spent, rates=rates)
    assert found.now is not None
    assert found.now.spent == Money(Decimal(115), NOK)
    assert found.now.unknown == [Money(Decimal(20), EUR), Money(Decimal(900), JPY)]
    assert plan_rules.rates_needed([budget()], spent) == [
        (EUR, NOK, days[0]), (EUR, NOK, days[1]), (JPY, NOK, days[1]),
    ]  # fmt: skip


def test_each_row_of_another_currency_is_rounded_by_itself_as_reports_do() -> None:
    rates = {(EUR, NOK, TODAY): Decimal("11.6848")}
    # 3.33 EUR are 38.910384 NOK: three rows of it come to 116.73, their sum would to 116.73115.
    thrice = out(TODAY, "9.99", EUR, equal=3)
    found = stands(budget(), thrice, out(TODAY, "0.50", EUR), rates=rates)
    assert found.now is not None
    assert found.now.spent == Money(Decimal("116.73") + Decimal("5.84"), NOK)
    yen = {(JPY, NOK, TODAY): Decimal("0.065")}
    half = stands(budget(), out(TODAY, "1", JPY), out(TODAY, "-1", JPY, equal=1), rates=yen)
    assert half.now is not None
    assert half.now.spent.amount == 0
    up = stands(budget(), out(TODAY, "3", JPY, equal=3), rates=yen)
    assert up.now is not None
    assert up.now.spent == Money(Decimal("0.21"), NOK)  # half a unit counts as one


def test_whole_months_are_read_from_the_sums_that_are_kept() -> None:
    monthly = budget(starts_on=date(2026, 10, 1), amounts=[(date(2026, 10, 1), Decimal(1))])
    spent = (out(date(2026, 11, 1), "300", is_month=True), out(TODAY, "300"), out(TODAY, "5", EUR))
    found = stands(monthly, *spent, rates={(EUR, NOK, TODAY): Decimal(10)})
    assert found.now is not None
    assert found.now.spent.amount == 350
    by_day = stands(budget(), *spent)
    assert by_day.now is not None
    assert by_day.now.spent.amount == 300


@pytest.mark.parametrize(
    ("spent", "state"), [("50", "good"), ("950", "ahead"), ("1001", "over"), ("-10", "good")]
)
def test_it_says_how_it_goes(spent: str, state: str) -> None:
    found = stands(budget(starts_on=date(2026, 11, 2), every=Every.YEAR,
                          amounts=[(TODAY, Decimal(1000))]), out(TODAY, spent))  # fmt: skip
    assert found.state == state
    assert stands(budget(starts_on=TODAY + timedelta(days=1))).state == "waiting"


def test_an_even_pace_is_the_share_of_days_that_have_passed() -> None:
    found = stands(budget(starts_on=date(2026, 11, 12), every=Every.WEEK,
                          amounts=[(TODAY, Decimal(700))], carry=Carry.NOTHING))  # fmt: skip
    assert (int(found.even.amount), found.days_left) == (300, 4)
