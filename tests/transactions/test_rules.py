"""The pure decisions of the book: folding pages, reading amounts, months."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core import time
from strongroom.transactions import rules
from strongroom.transactions.types import BankPage, BankTransaction
from tests.book import page, row

_IDS = st.sampled_from("abcde")
_ROWS = st.builds(
    lambda name, cents: row(name, str(Decimal(cents).scaleb(-2))), _IDS, st.integers(-9999, 9999)
)
_PAGES = st.builds(
    lambda added, modified, removed: page(*added, modified=modified, removed=removed),
    st.lists(_ROWS, max_size=4),
    st.lists(_ROWS, max_size=3),
    st.lists(_IDS, max_size=3),
)


def _replayed(pages: list[BankPage]) -> tuple[dict[str, BankTransaction], set[str]]:
    """What Plaid's document says, step by step: the rows there at the end, and those gone."""
    there: dict[str, BankTransaction] = {}
    named: set[str] = set()
    for one in pages:
        for added in one.added:
            there[added.plaid_transaction_id] = added
        for modified in one.modified:
            there[modified.plaid_transaction_id] = modified
        for gone in one.removed:
            there.pop(gone, None)
            named.add(gone)
        named |= there.keys()
    return there, named - there.keys()


@given(st.lists(_PAGES, max_size=6))
def test_folding_is_replaying(pages: list[BankPage]) -> None:
    there, gone = _replayed(pages)
    changes = rules.fold(pages)
    assert {one.plaid_transaction_id: one for one in changes.upserts} == there
    assert len(changes.upserts) == len(there)
    assert sorted(changes.removed) == sorted(gone)


def test_added_and_removed_in_one_run_ends_removed() -> None:
    changes = rules.fold([page(row("a", "1")), page(removed=["a"])])
    assert (list(changes.upserts), list(changes.removed)) == ([], ["a"])
    within_one_page = rules.fold([page(row("a", "1"), removed=["a"])])
    assert list(within_one_page.removed) == ["a"]


def test_removed_and_added_again_ends_present() -> None:
    back = row("a", "2")
    changes = rules.fold([page(removed=["a"]), page(back)])
    assert (list(changes.upserts), list(changes.removed)) == ([back], [])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"),
        ("12.30", "12.30"),
        ("12,3", "12.3"),
        ("-12.30", "12.30"),
        ("−12,30", "12.30"),
        ("+5", "5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("1,234,567", "1234567"),
        ("7.", "7"),
        ("0.05", "0.05"),
        ("", None),
        ("coffee", None),
        ("12 coffees", None),
        ("-", None),
        ("1e5", None),
        ("NaN", None),
        ("12%", None),
        ("$12.21", "12.21"),
        ("−$12.21", "12.21"),
        ("$-12.21", "12.21"),
        ('"12.21"', "12.21"),
        ("kr 1 234,50", "1234.50"),
        ("12,21 kr", "12.21"),
        ("12.21 usd", "12.21"),
        ("12 old", None),
        ("1\N{NO-BREAK SPACE}234,50 NOK", "1234.50"),
    ],
)
def test_amounts_as_people_type_them(text: str, amount: str | None) -> None:
    assert rules.amount_in(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", "2026-11-20"),
        ("20.11.2026", "2026-11-20"),
        ("20/11/2026", "2026-11-20"),
        ("20 nov 2026", "2026-11-20"),
        ("20. November 2026", "2026-11-20"),
        ("3 okt 2026", "2026-10-03"),
        ("31.02.2026", None),
        ("2026-13-01", None),
        ("0000-01-01", None),
        ("20 coffee 2026", None),
        ("20.11", None),
    ],
)
def test_days_as_people_type_them(text: str, day: str | None) -> None:
    assert rules.day_in(text) == (None if day is None else date.fromisoformat(day))


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert rules.day_in(text) is None or any(char.isdigit() for char in text)


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    found = rules.amount_in(text)
    assert found is None or (found.is_finite() and found >= 0)


@given(st.text(max_size=30))
def test_patterns_take_wildcards_literally(text: str) -> None:
    pattern = rules.like_pattern(text)
    assert (pattern[0], pattern[-1]) == ("%", "%")
    inside, plain = iter(pattern[1:-1]), ""
    for sign in inside:
        assert sign not in "%_"  # each stands behind the backslash that is read here
        plain += next(inside) if sign == "\\" else sign
    assert plain == text


_DAYS = st.dates(date(1972, 1, 1), date(2200, 12, 31))


@given(_DAYS, st.integers(0, 24))
def test_months_back(day: date, back: int) -> None:
    first = time.month_start(day, back)
    assert first.day == 1
    assert (day.year - first.year) * 12 + day.month - first.month == back


@given(_DAYS)
def test_the_same_day_last_month(day: date) -> None:
    before = time.months_before(day, 1)
    assert (day.year - before.year) * 12 + day.month - before.month == 1
    assert before.day == min(day.day, calendar.monthrange(before.year, before.month)[1])


def test_the_last_of_a_short_month() -> None:
    assert time.months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert time.months_before(date(2028, 3, 30), 1) == date(2028, 2, 29)
    assert time.months_before(date(2026, 1, 31), 1) == date(2025, 12, 31)
