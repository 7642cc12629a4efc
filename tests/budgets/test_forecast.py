"""The forecast: it refuses with the reason, never looks ahead, and its bands never cross."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from strongroom import budgets
from strongroom.budgets import Band, Forecast
from strongroom.budgets.forecast_check import back_test, lacking, make, since_of, widths_of
from strongroom.budgets.forecast_labels import what_is_lacking
from strongroom.budgets.forecast_types import DAYS
from strongroom.budgets.recurring_calendar import add_months
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World

ACCOUNT = AccountId(new_id())


def life(first: date, last: date, seed: int = 1) -> list[BookRow]:
    """Wages, rent, and shopping by chance."""
    chance = random.Random(seed)
    rows: list[BookRow] = []

    def add(day: date, amount: str, text: str) -> None:
        if first <= day <= last:
            rows.append(
                BookRow(
                    id=TransactionId(new_id()), account_id=ACCOUNT, day=day,
                    amount=Decimal(amount), currency=NOK, title=text, description=text,
                    merchant=text,
                )
            )  # fmt: skip

    for n in range(40):
        add(add_months(first.replace(day=1), n) + timedelta(days=24), "30000", "WAGES")
        add(add_months(first.replace(day=1), n), "-12000", "RENT")
    for n in range((last - first).days):
        for _ in range(chance.randrange(3)):
            shop = f"SHOP {'ABCDE'[chance.randrange(5)]}"
            add(first + timedelta(days=n), f"-{chance.lognormvariate(5.4, 0.6):.2f}", shop)
    return sorted(rows, key=lambda one: (one.day, one.id))


@pytest.fixture(scope="module")
def two_years() -> list[BookRow]:
    return life(TODAY - timedelta(days=500), TODAY)


def test_the_bands_hold_about_as_often_as_they_say(two_years: list[BookRow]) -> None:
    made_from = make(two_years, NOK, TODAY, frozenset())
    assert len(made_from.edges) == DAYS
    for edges in made_from.edges:
        assert all(low <= high for low, high in pairwise(edges.at))
    check = made_from.check
    assert check.checks == check.origins * DAYS > 0
    shares = [check.share(level) for level in (50, 80, 95)]
    assert all(share is not None for share in shares)
    assert shares == sorted(share for share in shares if share is not None)
    # A quarter's wages and rent are near certain: the middle tells their sum, less the shopping.
    bought = [one.amount for one in two_years if one.title.startswith("SHOP")]
    spent = -sum(bought, start=Decimal(0)) / 500 * DAYS
    assert abs(made_from.edges[-1].at[3] - (54_000 - spent)) < 6_000
    assert sum(edges.planned for edges in made_from.edges) == 54_000


def test_the_same_rows_give_the_same_forecast(two_years: list[BookRow]) -> None:
    start = TODAY - timedelta(days=100)
    known = [one for one in two_years if one.day <= start]
    first = make(known, NOK, start, frozenset())
    # What comes later changes nothing that was said before it came.
    later = [replace(one, amount=one.amount * 3) for one in two_years if one.day > start]
    again = make([one for one in [*known, *later] if one.day <= start], NOK, start, frozenset())
    assert first.edges == again.edges
    assert first.check == again.check


def test_the_check_of_a_day_does_not_see_what_came_after(two_years: list[BookRow]) -> None:
    since = since_of(two_years, TODAY)
    assert since is not None
    whole = back_test(two_years, NOK, since, TODAY)
    early = TODAY - timedelta(days=21 * 3)
    before = back_test([one for one in two_years if one.day <= early], NOK, since, early)
    assert before.origins == whole.origins - 3
    changed = [
        replace(one, amount=one.amount * 50) if one.day > early else one for one in two_years
    ]
    upset = back_test(changed, NOK, since, TODAY)
    # The days whose ninety were over by then count as they did.
    assert upset.checks == whole.checks
    assert upset.inside[1] < whole.inside[1]
    assert upset.inside[1] >= before.inside[1]


def test_a_dismissed_payee_is_not_planned(two_years: list[BookRow]) -> None:
    found = make(two_years, NOK, TODAY, frozenset({"rent"}))
    assert sum(edges.planned for edges in found.edges) == 90_000


def test_few_days_of_the_past_say_little_of_the_width() -> None:
    narrow = [[(200, 200, 200)] * 13]
    assert widths_of([]) == (1000, 1050, 1100)
    one, many = widths_of(narrow), widths_of(narrow * 40)
    assert 950 <= one[1] < 1050
    assert 750 <= many[1] < 800
    assert widths_of([[(9000, 9000, 9000)] * 13] * 400)[1] <= 2500


@pytest.mark.parametrize(
    ("days", "what", "have", "need"),
    [(0, "history", 0, 182), (90, "history", 90, 182), (181, "history", 181, 182)],
)
def test_a_short_history_is_refused_with_what_is_lacking(
    days: int, what: str, have: int, need: int
) -> None:
    rows = life(TODAY - timedelta(days=days), TODAY) if days else []
    rows = [one for one in rows if one.day >= TODAY - timedelta(days=days)]
    told = lacking(rows, since_of(rows, TODAY), TODAY)
    assert told is not None
    assert told.what == what
    assert abs(told.have - have) <= 2  # nothing may be bought on the very first days
    assert told.need == need
    assert f"{told.need - told.have} more day" in what_is_lacking(told)


def test_a_book_that_stopped_is_refused(two_years: list[BookRow]) -> None:
    told = lacking(two_years, since_of(two_years, TODAY), TODAY + timedelta(days=60))
    assert told is not None
    assert told.what == "recent"


def test_history_begins_where_the_accounts_that_matter_do(two_years: list[BookRow]) -> None:
    card = AccountId(new_id())
    late = TODAY - timedelta(days=50)
    much = [replace(one, account_id=card) if one.day > late else one for one in two_years]
    assert since_of(much, TODAY) == min(one.day for one in two_years if one.day > late)
    little = [
        replace(one, account_id=card) if one.day > late and abs(one.amount) < 100 else one
        for one in two_years
    ]
    assert since_of(little, TODAY) == two_years[0].day


def forecast_of(world: World, owner: UserId) -> list[Forecast]:
    world.run(budgets.make_forecasts(world.database, owner=owner, now=NOW))
    return world.within(owner, lambda db: budgets.forecasts(db, owner=owner))


def bank_rows(rows: Sequence[BookRow]) -> list[Any]:
    return [
        row(str(n), str(-one.amount), one.day, name=one.title, merchant_name=one.title)
        for n, one in enumerate(rows)
    ]


def test_it_is_kept_as_it_was_made(world: World) -> None:
    owner = made.person(world)
    known = made.take_in(world, owner, made.item(world, owner), report("checking", "5000"))
    asked = world.within(owner, lambda db: budgets.ask_for_forecasts(db, owner=owner, today=TODAY))
    assert asked
    made.apply(world, owner, known, page(*bank_rows(life(TODAY - timedelta(days=220), TODAY))))
    (found,) = forecast_of(world, owner)
    assert (found.currency, found.begins.amount, found.lacking) == (NOK, Decimal(5000), None)
    assert [band.day for band in found.bands] == [
        TODAY + timedelta(days=n + 1) for n in range(DAYS)
    ]
    for band in found.bands:
        assert list(_edges(band)) == sorted(_edges(band))
    assert (found.check.checks, found.check.share(80)) == (0, None)  # too short to look back
    assert forecast_of(world, owner) == [found]
    assert not world.within(
        owner, lambda db: budgets.ask_for_forecasts(db, owner=owner, today=TODAY)
    )
    assert world.within(
        owner,
        lambda db: budgets.ask_for_forecasts(db, owner=owner, today=TODAY + timedelta(days=1)),
    )


def _edges(band: Band) -> tuple[Decimal, ...]:
    return tuple(
        one.amount
        for one in (
            band.low_95, band.low_80, band.low_50, band.middle,
            band.high_50, band.high_80, band.high_95,
        )
    )  # fmt: skip


def test_a_refusal_is_kept_too_and_nobody_else_sees_it(world: World) -> None:
    owner = made.person(world)
    known = made.take_in(world, owner, made.item(world, owner), report("checking", "5000"))
    made.apply(world, owner, known, page(row("a", "10"), row("b", "20")))
    (found,) = forecast_of(world, owner)
    assert found.lacking is not None
    assert (found.lacking.what, found.bands) == ("history", [])
    stranger = made.person(world)
    assert world.within(stranger, lambda db: budgets.forecasts(db, owner=stranger)) == []
