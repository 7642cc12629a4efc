"""Search by text: every word somewhere, in any order, however deep in the list the rows lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import transactions
from strongroom.transactions import Filter, Position
from tests.book import TODAY, page, row
from tests.identity.conftest import World
from tests.transactions.test_service import Kari, somebody

_MANY = 4_600
_SHOPS = ("Green Basket", "BLÅBÆR & SØNN", "Café 7 Øst", "100% Wool_Shop", "Coffee Corner")


@pytest.fixture(scope="module")
def kari(world: World) -> Kari:
    """Somebody with more rows than are looked through one by one, the rarest of them oldest."""
    kari = somebody(world)
    rows = [
        row(f"r{n}", f"{n % 90 + 1}.50", TODAY - timedelta(days=n // 8),
            name=f"PURCHASE {n:06d} {_SHOPS[n % 5]}")
        for n in range(_MANY)
    ]  # fmt: skip
    rows.append(row("old", "777.77", TODAY - timedelta(days=700), name="Piano of my aunt"))
    kari.apply(page(*rows))
    return kari


def _all(kari: Kari, text: str, **more: Any) -> list[transactions.Transaction]:
    return list(_pages(kari, Filter(text=text, **more)))


def _pages(kari: Kari, filter: Filter) -> Iterator[transactions.Transaction]:
    after: Position | None = None
    while True:
        page = kari.ask(transactions.search, filter=filter, after=after, limit=400)
        yield from page.items
        if page.next is None:
            return
        after = page.next


@pytest.fixture(scope="module")
def everything(kari: Kari) -> list[transactions.Transaction]:
    return _all(kari, "")


def _fits(one: transactions.Transaction, text: str) -> bool:
    held = f"{one.description} {one.note or ''}".lower()
    return all(word.lower() in held for word in text.split())


@given(st.sampled_from([
    "green", "basket green", "blåbær", "BLÅBÆR sønn", "café øst", "7 øst", "100% wool", "wool_",
    "000123", "purchase 00012 basket", "nothing like it", "%", "_", "\\", "aunt piano", "o", "46",
]))  # fmt: skip
@settings(max_examples=17, deadline=None)
def test_a_search_finds_what_reading_every_row_finds(
    kari: Kari, everything: list[transactions.Transaction], text: str
) -> None:
    found = [one.id for one in _all(kari, text)]
    wanted = [one.id for one in everything if _fits(one, text)]
    assert [one for one in found if one in set(wanted)] == wanted
    # Beyond these stand only rows of that very amount, if the text is one.
    assert set(found) - set(wanted) <= {
        one.id for one in everything if text.isdigit() and abs(one.amount.amount) == Decimal(text)
    }


def test_an_amount_finds_its_rows_with_either_sign(kari: Kari) -> None:
    assert [one.description for one in _all(kari, "777,77")] == ["Piano of my aunt"]
    assert [one.description for one in _all(kari, "-777.77")] == ["Piano of my aunt"]


@pytest.mark.parametrize("text", ["$777.77", "−$777.77", '"777.77"', "777,77 kr"])
def test_an_amount_with_its_currency_or_in_quotes_is_the_amount(kari: Kari, text: str) -> None:
    assert [one.description for one in _all(kari, text)] == ["Piano of my aunt"]


def test_quotes_around_words_are_left_aside(kari: Kari) -> None:
    plain = _all(kari, "green basket")
    assert plain
    assert _all(kari, '"Green Basket"') == plain


@pytest.mark.parametrize("back", [3, 500])
def test_a_day_as_people_type_it_finds_its_rows(
    kari: Kari, everything: list[transactions.Transaction], back: int
) -> None:
    day = TODAY - timedelta(days=back)
    wanted = [one for one in everything if one.day == day]
    assert wanted
    named = f"{day.day} {day:%b} {day.year}"
    for text in (day.isoformat(), f"{day:%d.%m.%Y}", named):
        assert _all(kari, text) == wanted


def test_a_note_is_found_together_with_the_rows_own_words(kari: Kari) -> None:
    (old,) = _all(kari, "piano")
    kari.note(old, "Tuned by Ærlend 42")
    assert [one.id for one in _all(kari, "ærlend piano 42")] == [old.id]
    kari.note(old, "")
    assert _all(kari, "ærlend") == []


def test_a_search_is_narrowed_by_the_rest_of_the_filter(kari: Kari) -> None:
    since = TODAY - timedelta(days=3)
    found = _all(kari, "basket", since=since)
    assert found
    assert all(one.day >= since for one in found)
    assert kari.ask(transactions.summary, filter=Filter(text="basket", since=since)).count == len(
        found
    )


def test_a_new_merchant_is_found_by_its_name(kari: Kari) -> None:
    kari.apply(page(row("new", "5.00", name="POS 99 XQ", merchant_name="Quiet Bakery")))
    (found,) = _all(kari, "bakery quiet")
    kari.apply(page(modified=[row("new", "5.00", name="POS 99 XQ", merchant_name="Loud Bakery")]))
    assert _all(kari, "quiet bakery") == []
    assert [one.id for one in _all(kari, "loud bakery")] == [found.id]
    kari.apply(page(removed=["new"]))
