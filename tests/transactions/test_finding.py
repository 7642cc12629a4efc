"""Search by text: every word somewhere, in any order, however deep in the list the rows lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import transactions
from strongroom.core.ids import TransactionId, new_id
from strongroom.transactions import Filter, Position, finding
from strongroom.transactions.cursors import read_position, write_position
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


def _near(kari: Kari, text: str, **more: Any) -> transactions.Page:
    found: transactions.Page = kari.ask(
        transactions.search_near, filter=Filter(text=text, **more), limit=400
    )
    return found


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("grene basket", "green basket"),
        ("Bakset  GREEN", "basket GREEN"),
        ("cofee 7", "coffee 7"),
        ("cafe øst", "café øst"),
        ("blåbr sønn", "blåbær sønn"),
        ("pinao aunty", "piano aunt"),
        ("wool_shop bsket", "wool_shop basket"),
    ],
)
def test_where_nothing_has_the_words_what_has_the_nearest_is_shown(
    kari: Kari, typed: str, instead: str
) -> None:
    wanted = _all(kari, instead)[:400]
    found = _near(kari, typed)
    assert _all(kari, typed) == []
    assert found.instead == (instead if wanted else "")
    assert list(found.items) == wanted


@given(st.sampled_from([
    "green", "basket coffee", "100% wool", "000123", "nothing like it", "%", "aunt", "777.77",
    "-5,25", "zz", "2019-01-01", "green 999999", "basket corner", "123456 piano",
]), st.booleans())  # fmt: skip
@settings(max_examples=28, deadline=None)
def test_a_search_by_words_that_are_right_is_never_changed(
    kari: Kari, text: str, narrowed: bool
) -> None:
    more = {"since": TODAY + timedelta(days=1)} if narrowed else {}
    found = _near(kari, text, **more)
    assert found.instead == ""
    assert list(found.items) == _all(kari, text, **more)[:400]


def test_a_misspelt_search_is_narrowed_too_and_goes_on_where_its_page_ended(kari: Kari) -> None:
    since = TODAY - timedelta(days=30)
    wanted = _all(kari, "green basket", since=since)
    assert list(_near(kari, "grene basket", since=since).items) == wanted
    filter = Filter(text="grene basket")
    first = kari.ask(transactions.search_near, filter=filter, limit=3)
    then = kari.ask(transactions.search_near, filter=filter, after=first.next, limit=3)
    assert [*first.items, *then.items] == _all(kari, "green basket")[:6]
    assert then.instead == "green basket"
    assert kari.ask(transactions.summary, filter=filter).count == 0
    assert _near(kari, "grene basket", since=TODAY + timedelta(days=1)).instead == ""


def test_the_next_page_of_a_misspelt_search_compares_no_words_again(kari: Kari) -> None:
    filter = Filter(text="grene basket")
    first = kari.ask(transactions.search_near, filter=filter, limit=3)
    after = read_position(write_position(first.next) or "")
    assert after == first.next
    dsn, options = kari.world.place.admin_dsn, "-c search_path=strongroom"
    with psycopg.connect(dsn, autocommit=True, options=options) as db:
        db.execute("DROP EXTENSION pg_trgm")
        then = kari.ask(transactions.search_near, filter=filter, after=after, limit=3)
        db.execute("CREATE EXTENSION pg_trgm SCHEMA strongroom")
    assert list(then.items) == _all(kari, "green basket")[3:6]
    assert then.instead == "green basket"


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=200))
@settings(max_examples=50, deadline=None)
def test_words_that_are_too_long_for_an_address_are_left_out_of_it(text: str) -> None:
    position = Position(TODAY, TransactionId(new_id()), text)
    assert read_position(write_position(position) or "") in (
        position,
        replace(position, instead=""),
    )


def test_of_very_many_texts_those_of_the_newest_rows_are_compared(world: World) -> None:
    kari = somebody(world)
    kari.apply(page(row("one", "5.00", name="Harbour Lamps")))

    async def add(db: Any) -> None:
        await db.execute(
            "INSERT INTO book_texts (user_id, key, text)"
            " SELECT %s, n, 'quixotic ' || n FROM generate_series(1, 10000) n",
            (kari.owner,),
        )

    world.within(kari.owner, add)
    assert _near(kari, "harbuor").instead == "harbour"
    assert kari.ask(finding.nearest, text="quixotc") is None


def test_a_misspelt_word_of_a_note_is_found(kari: Kari) -> None:
    (old,) = _all(kari, "piano")
    kari.note(old, "Tuned by Ærlend Strømsnes")
    assert [one.id for one in _near(kari, "piano stromsnes").items] == [old.id]
    assert _near(kari, "tuned", since=TODAY).instead == ""
    kari.note(old, "")


def test_it_works_wherever_the_extension_stands_and_without_it_nothing_is_near(kari: Kari) -> None:
    dsn, options = kari.world.place.admin_dsn, "-c search_path=strongroom"
    with psycopg.connect(dsn, autocommit=True, options=options) as db:
        db.execute("DROP EXTENSION pg_trgm")
        assert _near(kari, "grene basket").instead == ""
        db.execute("CREATE EXTENSION pg_trgm SCHEMA public")
        assert _near(kari, "grene basket").instead == "green basket"
        db.execute("ALTER EXTENSION pg_trgm SET SCHEMA strongroom")
    assert _near(kari, "grene basket").instead == "green basket"
