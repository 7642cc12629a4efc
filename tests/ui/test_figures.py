"""Amounts, numbers and shares as a person reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.money import Currency, Money
from strongroom.ui import Preferences, money, number, percent, using
from strongroom.ui.figures import axis_labels

S = "\N{NO-BREAK SPACE}"
M = "\N{MINUS SIGN}"


def amount(text: str, code: str) -> Money:
    return Money(Decimal(text), Currency(code))


@pytest.mark.parametrize(
    ("text", "code", "english", "norwegian"),
    [
        ("1234.50", "NOK", f"NOK{S}1,234.50", f"1{S}234,50{S}kr"),
        ("1234.50", "USD", "$1,234.50", f"1{S}234,50{S}USD"),
        ("1234.5", "EUR", "€1,234.50", f"1{S}234,50{S}€"),
        ("1234", "JPY", "¥1,234", f"1{S}234{S}JPY"),
        ("1234.5", "KWD", f"KWD{S}1,234.500", f"1{S}234,500{S}KWD"),
        ("0.12345678", "BTC", f"BTC{S}0.12345678", f"0,12345678{S}BTC"),
        ("2", "BTC", f"BTC{S}2.00", f"2,00{S}BTC"),
        ("23194.41", "RSD", f"RSD{S}23,194.41", f"23{S}194,41{S}RSD"),
        ("23194", "RSD", f"RSD{S}23,194", f"23{S}194{S}RSD"),
        ("-24.15", "EUR", f"{M}€24.15", f"{M}24,15{S}€"),
        ("-1234567.8", "NOK", f"{M}NOK{S}1,234,567.80", f"{M}1{S}234{S}567,80{S}kr"),
        ("0", "EUR", "€0.00", f"0,00{S}€"),
        ("-0.001", "EUR", "€0.00", f"0,00{S}€"),
        ("0.0000000001", "EUR", "€0.00", f"0,00{S}€"),
        ("999999999999999999.99", "USD", "$999,999,999,999,999,999.99", None),
    ],
)
def test_money_in_both_languages(text: str, code: str, english: str, norwegian: str | None) -> None:
    with using(Preferences(locale="en")):
        assert money(amount(text, code)) == english
    with using(Preferences(locale="nb")):
        assert norwegian is None or money(amount(text, code)) == norwegian


def test_sign_shows_a_plus_but_not_on_nothing() -> None:
    assert money(amount("3310", "EUR"), sign=True) == "+€3,310.00"
    assert money(amount("-3310", "EUR"), sign=True) == f"{M}€3,310.00"
    assert money(amount("0", "EUR"), sign=True) == "€0.00"


def test_inexact_is_in_whole_units_half_to_even() -> None:
    assert money(amount("225817.49", "EUR"), exact=False) == "€225,817"
    assert money(amount("2.5", "EUR"), exact=False) == "€2"
    assert money(amount("3.5", "EUR"), exact=False) == "€4"


@pytest.mark.parametrize(
    ("text", "english", "norwegian"),
    [
        ("240000", "€240K", f"240k{S}€"),
        ("-2500", f"{M}€2.5K", f"{M}2,5k{S}€"),
        ("1200000", "€1.2M", f"1,2{S}mill.{S}€"),
        ("999960", "€1M", f"1{S}mill.{S}€"),
        ("42", "€42", f"42{S}€"),
    ],
)
def test_compact(text: str, english: str, norwegian: str) -> None:
    assert money(amount(text, "EUR"), compact=True) == english
    with using(Preferences(locale="nb")):
        assert money(amount(text, "EUR"), compact=True) == norwegian


@given(st.decimals(-(10**12), 10**12, places=2), st.sampled_from(["EUR", "NOK", "JPY", "BTC"]))
def test_hidden_amounts_all_look_alike(value: Decimal, code: str) -> None:
    hidden = Money(value, Currency(code))
    with using(Preferences(hide_amounts=True)):
        for options in ({}, {"sign": True}, {"compact": True}, {"exact": False}):
            assert money(hidden, **options) == "•••••"
        assert set(axis_labels([value, value + 1], Currency(code))) == {"•••••"}


@given(st.decimals(-(10**15), 10**15, places=2), st.sampled_from(["en", "nb"]))
def test_money_reads_back_to_the_same_cents(value: Decimal, locale: str) -> None:
    with using(Preferences(locale=locale)):  # type: ignore[arg-type]
        text = money(Money(value, Currency("EUR")))
    plain = text.strip("€").replace(S, "").replace("€", "").replace(M, "-")
    point = "," if locale == "nb" else "."
    plain = plain.replace("," if point == "." else ".", "").replace(point, ".")
    assert Decimal(plain) == value
    assert "-" not in text


@given(
    st.integers(-50, 50),
    st.integers(-3, 9),
    st.sampled_from([Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)]),
    st.sampled_from(["en", "nb"]),
)
def test_labels_of_an_axis_differ(first: int, power: int, step: Decimal, locale: str) -> None:
    ticks = [(first + n) * step.scaleb(power) for n in range(5)]
    with using(Preferences(locale=locale)):  # type: ignore[arg-type]
        assert len(set(axis_labels(ticks, Currency("NOK")))) == 5


def test_percent_and_number() -> None:
    assert percent(Decimal("0.281")) == "28.1%"
    assert percent(Decimal("0.5")) == "50%"
    assert percent(Decimal("-0.094"), sign=True, digits=0) == f"{M}9%"
    assert number(1234567) == "1,234,567"
    assert number(Decimal("11.6848")) == "11.6848"
    assert number(Decimal("-2"), digits=1) == f"{M}2.0"
    with using(Preferences(locale="nb")):
        assert percent(Decimal("0.281"), sign=True) == f"+28,1{S}%"
        assert number(Decimal("1234.5")) == f"1{S}234,5"
