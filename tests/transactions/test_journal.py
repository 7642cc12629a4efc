"""The journal that the database keeps, and what rows and their parts count for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom import transactions
from strongroom.transactions import Filter, totals
from tests.book import NOK, NOW, TODAY, page, row
from tests.identity.conftest import World
from tests.transactions.test_service import Kari, somebody


@pytest.fixture
def kari(world: World) -> Kari:
    return somebody(world)


def _changes(kari: Kari) -> list[tuple[Any, ...]]:
    async def read(db: Any) -> list[tuple[Any, ...]]:
        cursor = await db.execute(
            "SELECT transaction_id, at, cause, before, after FROM book_changes ORDER BY id"
        )
        return list(await cursor.fetchall())

    return kari.world.within(kari.owner, read)


def _run(kari: Kari, statement: str, **params: Any) -> None:
    async def run(db: Any) -> None:
        await totals.take_turn(db, kari.owner)
        await db.execute(statement, {"owner": kari.owner, **params})
        await totals.roll_up(db, kari.owner, [TODAY.replace(day=1)])

    kari.world.within(kari.owner, run)


def test_rows_that_come_are_not_told_again_and_changes_are(kari: Kari) -> None:
    kari.apply(page(row("a", "10.00", name="Green Basket")))
    assert _changes(kari) == []
    one = kari.only()
    kari.choose("transport", one.id)
    later = NOW + timedelta(hours=2)
    kari.apply(page(modified=[row("a", "12.50", name="Green Basket")]), now=later)
    kari.note(one, "both")
    first, second, third = _changes(kari)
    assert {told[0] for told in (first, second, third)} == {one.id}
    assert (first[2], second[2], third[2]) == ("person", "sync", "person")
    assert set(first[4]) == {"category_id", "category_by"}
    assert (first[3]["category_by"], first[4]["category_by"]) == ("bank", "person")
    assert (second[1], second[3], second[4]) == (later, {"amount": "-10"}, {"amount": "-12.5"})
    assert third[4] == {"note": "both"}


def test_a_row_that_goes_is_told_whole(kari: Kari) -> None:
    kari.apply(page(row("a", "10.00", name="Green Basket")))
    one = kari.only()
    kari.apply(page(removed=["a"]), now=NOW + timedelta(hours=2))
    ((told, _, cause, before, after),) = _changes(kari)
    assert (told, cause, after) == (one.id, "sync", None)
    assert (before["description"], before["amount"]) == ("Green Basket", "-10")


def test_the_same_told_again_is_no_change(kari: Kari) -> None:
    kari.apply(page(row("a", "10.00")))
    kari.choose("transport", kari.only().id)
    kari.choose("transport", kari.only().id)
    kari.apply(page(row("a", "10.00")), now=NOW + timedelta(hours=2))
    assert len(_changes(kari)) == 1


def test_parts_of_a_row_count_where_they_stand_and_the_rest_where_the_row_does(kari: Kari) -> None:
    kari.apply(page(row("a", "100.00"), row("b", "7.00")))
    one = next(found for found in kari.book() if found.amount.amount == Decimal("-100"))
    kari.choose("groceries", *[found.id for found in kari.book()])
    _run(
        kari,
        """
        WITH part AS (
            INSERT INTO transaction_splits (user_id, transaction_id, position, category_id, amount)
            SELECT %(owner)s, %(id)s, 1, id, -30 FROM categories
            WHERE user_id = %(owner)s AND key = 'transport'
        )
        UPDATE transactions SET is_split = true WHERE user_id = %(owner)s AND id = %(id)s
        """,
        id=one.id,
    )

    def found(category: str) -> tuple[int, list[Decimal], int]:
        filter = Filter(category=category)
        told = kari.ask(transactions.summary, filter=filter)
        rows = kari.ask(transactions.search, filter=filter).items
        return told.count, [money.amount for money in told.totals], len(rows)

    assert found("groceries") == (2, [Decimal("-77")], 2)
    assert found("transport") == (1, [Decimal("-30")], 1)
    assert found("") == (2, [Decimal("-107")], 2)
    lines = kari.ask(transactions.spending, currency=NOK, today=TODAY)
    assert sum(line.this_month.amount for line in lines) == Decimal("107")
