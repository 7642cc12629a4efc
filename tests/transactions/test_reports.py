"""Reports through their door: figures that are the sums of their rows, in every currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from strongroom import fx
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.transactions import Kind, Transaction
from strongroom.transactions.reports import (
    BadPeriod,
    Cell,
    Line,
    LineReport,
    PartPage,
    PartPosition,
    PartRow,
    Period,
    Scope,
    Step,
    cash_flow_report,
    category_report,
    merchant_report,
    part_rows,
    period_of,
    periods,
    read_period,
)
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, USD, page, report, row
from tests.identity.conftest import World

RATES = "day,base,quote,rate\n2026-11-02,EUR,NOK,11.5\n2026-10-05,EUR,NOK,12\n"
MONTHS = periods(Step.MONTH, TODAY, 3)  # September to November
OCTOBER, NOVEMBER = 1, 2
KWD = Currency("KWD")


@pytest.fixture(scope="module")
def owner(world: World) -> UserId:
    """A person with a card and an account in NOK, one in EUR, one in a currency without rates."""
    world.within_all(
        lambda db: fx.load_for_all(db, text=RATES, source="test", today=TODAY, now=NOW)
    )
    owner = made.person(world)
    known = made.take_in(
        world, owner, made.item(world, owner), report("checking", "1000"),
        report("card", "50", type="credit", subtype="credit card"),
        report("loan", "900", type="loan", subtype="student"),
        report("euros", "70", currency=EUR), report("dinars", "5", currency=KWD),
    )  # fmt: skip
    made.apply(world, owner, known, page(*_rows()))
    return owner


def _rows() -> Iterator[Any]:
    salary = {"pfc_primary": "INCOME", "pfc_detailed": "INCOME_WAGES"}
    coffee = {"pfc_detailed": "FOOD_AND_DRINK_COFFEE", "merchant_name": "Kopper"}
    transfer = {"pfc_primary": "TRANSFER_OUT", "pfc_detailed": "TRANSFER_OUT_ACCOUNT_TRANSFER"}
    yield row("pay 10", "-500", date(2026, 10, 1), **salary)
    yield row("pay 11", "-510.25", date(2026, 11, 1), **salary)
    yield row("shop 1", "40.10", date(2026, 11, 3), merchant_name="Green Basket")
    yield row("shop 2", "60", date(2026, 11, 30), merchant_name="Green Basket")
    yield row("shop 3", "30", date(2026, 10, 31), merchant_name="Corner", plaid_account_id="card")
    yield row("back", "-5", date(2026, 10, 30), merchant_name="Corner", plaid_account_id="card")
    yield row("cup", "4", date(2026, 11, 5), **coffee)
    yield row("tasse", "3.33", date(2026, 11, 4), plaid_account_id="euros", currency=EUR, **coffee)
    yield row("alt", "10", date(2026, 10, 6), plaid_account_id="euros", currency=EUR)
    yield row("old", "7", date(2026, 9, 2), plaid_account_id="euros", currency=EUR)
    yield row("dinar", "1.125", date(2026, 11, 6), plaid_account_id="dinars", currency=KWD)
    yield row("aside", "77", date(2026, 11, 7), **transfer)
    yield row("interest", "9", date(2026, 11, 7), plaid_account_id="loan")
    yield row("waiting", "8", date(2026, 11, 20), pending=True, merchant_name="Corner")


def by_category(world: World, owner: UserId, kind: Kind = Kind.SPENDING, **more: Any) -> LineReport:
    wanted: dict[str, Any] = {"currency": NOK, "periods": MONTHS, **more}
    return world.within(owner, lambda db: category_report(db, owner=owner, kind=kind, **wanted))


def rows_of(world: World, owner: UserId, cell: Cell, **more: Any) -> PartPage:
    wanted: dict[str, Any] = {"currency": NOK, **more}
    return world.within(owner, lambda db: part_rows(db, owner=owner, cell=cell, **wanted))


def cell(period: Period, **more: Any) -> Cell:
    return Cell(period.first, period.last, **{"flow": "spending", **more})


def named(found: LineReport) -> dict[str, Line]:
    lines = {one.key or one.merchant or "": one for one in found.lines}
    return lines | {one.key or "": one for line in found.lines for one in line.inside}


def amounts(line: Line) -> list[Decimal]:
    return [one.amount for one in line.amounts]


def nok(text: str) -> Money:
    return Money(Decimal(text), NOK)


def test_income_against_spending(world: World, owner: UserId) -> None:
    found = world.within(
        owner, lambda db: cash_flow_report(db, owner=owner, currency=NOK, periods=MONTHS)
    )
    # EUR at the rate of the row's day: 10 x 12, and 3.33 x 11.5 = 38.295, to the cent 38.30.
    assert [one.income for one in found.flows] == [nok("0"), nok("500"), nok("510.25")]
    assert [one.spending for one in found.flows] == [nok("0"), nok("145"), nok("150.40")]
    assert found.flows[2].left == nok("359.85")
    assert (found.income - found.spending) == found.left == nok("714.85")
    # What no rate is known for is told, and in no sum: the dinar, and September's euros.
    assert [(one.amount.currency, one.amount.amount, one.count) for one in found.unknown] == [
        (EUR, Decimal(-7), 1), (KWD, Decimal("-1.125"), 1),
    ]  # fmt: skip
    assert found.unknown[0].first == found.unknown[0].last == date(2026, 9, 2)


def test_spending_by_category_is_in_groups(world: World, owner: UserId) -> None:
    found = named(by_category(world, owner))
    assert amounts(found["groceries"]) == [0, 145, Decimal("108.10")]
    assert amounts(found["coffee"]) == [0, 0, Decimal("42.30")]
    assert found["food"].inside == [found["groceries"], found["coffee"]]
    assert amounts(found["food"]) == [0, 145, Decimal("150.40")]
    assert by_category(world, owner).totals == [nok("0"), nok("145"), nok("150.40")]
    salary = named(by_category(world, owner, Kind.INCOME))["salary"]
    assert amounts(salary) == [0, 500, Decimal("510.25")]


def test_every_figure_is_the_sum_of_its_rows(world: World, owner: UserId) -> None:
    found = by_category(world, owner)
    lines = [*found.lines, *(one for line in found.lines for one in line.inside)]
    assert len(lines) > 2
    for line in lines:
        for n, period in enumerate(MONTHS):
            behind = rows_of(world, owner, cell(period, category_id=line.category_id))
            assert -behind.sum == line.amounts[n]
            shown = [one.converted for one in behind.items if one.converted is not None]
            assert sum(shown, start=nok("0")) == behind.sum
    for merchant in _merchants(world, owner).lines:
        for n, period in enumerate(MONTHS):
            behind = rows_of(world, owner, cell(period, merchant=merchant.merchant))
            assert -behind.sum == merchant.amounts[n]


def test_merchants_beyond_the_first_are_one_line(world: World, owner: UserId) -> None:
    everyone = _merchants(world, owner)
    assert [one.merchant for one in everyone.lines] == [
        "ROW alt", "Green Basket", "Kopper", "Corner",
    ]  # fmt: skip
    assert everyone.rest is None
    few = _merchants(world, owner, limit=2)
    assert [one.merchant for one in few.lines] == ["ROW alt", "Green Basket"]
    assert few.rest is not None
    assert (few.rest.total, few.total) == (nok("75.30"), everyone.total)
    assert few.totals == everyone.totals == by_category(world, owner).totals
    assert [one.amount.currency for one in few.unknown] == [EUR, KWD]


def _merchants(world: World, owner: UserId, **more: Any) -> LineReport:
    wanted: dict[str, Any] = {"currency": NOK, "periods": MONTHS, "kind": Kind.SPENDING, **more}
    return world.within(owner, lambda db: merchant_report(db, owner=owner, **wanted))


def test_a_split_stands_in_its_parts_categories(world: World, owner: UserId) -> None:
    other = made.person(world)
    known = made.take_in(world, other, made.item(world, other), report("checking", "10"))
    made.apply(world, other, known, page(row("shop", "100", date(2026, 11, 3))))
    (shop,) = made.book(world, other)
    split(world, other, shop, {"gifts": "-30", "coffee": "-20"})
    found = named(by_category(world, other))
    assert {key: amounts(line)[2] for key, line in found.items() if not line.inside} == {
        "groceries": 50, "gifts": 30, "coffee": 20,
    }  # fmt: skip
    gifts = rows_of(world, other, cell(MONTHS[NOVEMBER], category_id=found["gifts"].category_id))
    assert [(one.position, one.amount) for one in gifts.items] == [(1, nok("-30"))]


def split(world: World, owner: UserId, row_: Transaction, parts: dict[str, str]) -> None:
    """Split a row as the schema has it; the verbs of splitting have tests of their own."""
    chosen = {key: made.category(world, owner, key) for key in parts}

    async def store(db: Any) -> None:
        from strongroom.transactions import totals

        await totals.take_turn(db, owner)
        await db.execute(
            "UPDATE transactions SET is_split = true WHERE user_id = %s AND id = %s",
            (owner, row_.id),
        )
        for position, (key, amount) in enumerate(parts.items(), 1):
            await db.execute(
                "INSERT INTO transaction_splits VALUES (%s, %s, %s, %s, %s)",
                (owner, row_.id, position, chosen[key], Decimal(amount)),
            )
        await totals.roll_up(db, owner, [row_.day.replace(day=1)])

    world.within(owner, store)


def test_pages_of_rows_follow_each_other(world: World, owner: UserId) -> None:
    wanted = Cell(MONTHS[0].first, MONTHS[2].last)
    whole = rows_of(world, owner, wanted)
    assert whole.count == len(whole.items) == 12
    assert [one.day for one in whole.items] == sorted(
        (one.day for one in whole.items), reverse=True
    )
    found: list[PartRow] = []
    after: PartPosition | None = None
    while True:
        part = rows_of(world, owner, wanted, limit=5, after=after)
        found += part.items
        after = part.next
        assert (part.sum, part.count) == (whole.sum, whole.count)
        if after is None:
            break
    assert found == whole.items


def test_what_moved_balances_is_counted_apart(world: World, owner: UserId) -> None:
    wanted = replace(cell(MONTHS[NOVEMBER]), flow="", scope=Scope.BALANCES)
    titles = {one.title for one in rows_of(world, owner, wanted).items}
    assert {"ROW aside", "ROW interest"} <= titles
    assert "Corner" not in titles, "what is pending moves no balance"
    debt = rows_of(world, owner, replace(wanted, flow="debt"))
    assert [one.title for one in debt.items] == ["ROW interest"]


def test_nobody_sees_anothers(world: World, owner: UserId) -> None:
    stranger = made.person(world)
    assert by_category(world, stranger).lines == []
    assert rows_of(world, stranger, Cell(MONTHS[0].first, MONTHS[2].last)).count == 0


def test_the_same_in_another_currency(world: World, owner: UserId) -> None:
    found = by_category(world, owner, currency=USD)
    assert found.lines == []
    assert {one.amount.currency for one in found.unknown} == {NOK, EUR, KWD}
    euros = named(by_category(world, owner, currency=EUR))
    assert amounts(euros["coffee"])[NOVEMBER] == Decimal("3.33") + Decimal("0.35")


@pytest.mark.parametrize(
    ("step", "day", "first", "last", "key"),
    [
        (Step.MONTH, date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        (Step.QUARTER, date(2026, 11, 21), date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
        (Step.QUARTER, date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31), "2026-Q1"),
        (Step.YEAR, date(2026, 11, 21), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_periods(step: Step, day: date, first: date, last: date, key: str) -> None:
    found = period_of(day, step)
    assert (found.first, found.last, found.key) == (first, last, key)
    assert read_period(key, step) == found
    spans = periods(step, day, 9)
    assert spans[-1] == found
    assert all((b.first - a.last).days == 1 for a, b in pairwise(spans))


@pytest.mark.parametrize("text", ["", "20026", "2026-13", "2026-Q5", "1776", "x"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(BadPeriod, match="is no period"):
        read_period(text, Step.MONTH)


def test_no_more_periods_than_a_report_holds() -> None:
    for count in (0, 61):
        with pytest.raises(BadPeriod, match="1 to 60"):
            periods(Step.MONTH, TODAY, count)
    with pytest.raises(BadPeriod, match="1900"):
        periods(Step.YEAR, date(1910, 1, 1), 30)
