"""Reading what a person typed as an amount."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.errors import Refused
from strongroom.core.money import Currency, Money
from strongroom.ui import Preferences, money, parse_amount, using
from strongroom.ui.preferences import Locale


@pytest.mark.parametrize(
    ("text", "english", "norwegian"),
    [
        ("1 234,50", "1234.50", "1234.50"),
        ("1,234.50", "1234.50", "1234.50"),
        ("1.234,50", "1234.50", "1234.50"),
        ("1234.5", "1234.5", "1234.5"),
        ("1234,5", "1234.5", "1234.5"),
        ("1,234", "1234", "1.234"),
        ("1.234", "1.234", "1234"),
        ("1234,567", "1234.567", "1234.567"),
        ("0,125", "0.125", "0.125"),
        ("1 234,567", "1234.567", "1234.567"),
        ("1,234,567", "1234567", "1234567"),
        ("1.234.567,8", "1234567.8", "1234567.8"),
        ("1'234.50", "1234.50", "1234.50"),
        (" 12 ", "12", "12"),
        ("-12,50", "-12.50", "-12.50"),
        ("\N{MINUS SIGN} 12,50", "-12.50", "-12.50"),
        ("+7", "7", "7"),
        (",5", "0.5", "0.5"),
        ("5.", "5", "5"),
        ("1\N{NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567", "1234567", "1234567"),
        ("-0", "0", "0"),
    ],
)
def test_what_is_read(text: str, english: str, norwegian: str) -> None:
    assert parse_amount(text, "en") == Decimal(english)
    assert parse_amount(text, "nb") == Decimal(norwegian)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "abc", "12 kr", "1e5", "NaN", "--5", "1.2.3", "12,34,567", "1 23", "1,234 567.8",
     "1,2,3", ".", "-", ",", "٣", "1" * 41, "1.234,567,89", "1,23.4,5", "1" * 19, "0.12345678901"],
)  # fmt: skip
def test_what_is_refused_with_one_clear_sentence(text: str) -> None:
    for locale in ("en", "nb"):
        with pytest.raises(Refused) as refusal:
            parse_amount(text, locale)
        assert refusal.value.field == "amount"
        assert refusal.value.message.endswith(".")
        assert len(refusal.value.message) < 200


def test_refusals_are_value_errors_in_the_persons_language() -> None:
    with pytest.raises(ValueError, match=r"^Enter an amount\.$"):
        parse_amount("", "en")
    with pytest.raises(ValueError, match=r"^Skriv inn et beløp\.$"):
        parse_amount("", "nb")


@given(
    st.decimals(-(10**15), 10**15, places=2),
    st.sampled_from(["en", "nb"]),
)
def test_what_we_write_we_can_read(value: Decimal, locale: Locale) -> None:
    with using(Preferences(locale=locale)):
        text = money(Money(value, Currency("EUR"))).replace("€", "")
    assert parse_amount(text, locale) == value


@given(st.text(alphabet="0123456789.,' -+", max_size=20), st.sampled_from(["en", "nb"]))
def test_any_text_is_read_or_refused(text: str, locale: Locale) -> None:
    try:
        value = parse_amount(text, locale)
    except Refused as refusal:
        assert refusal.field == "amount"
    else:
        digits = "".join(c for c in text if c.isdigit())
        assert "".join(c for c in f"{abs(value):f}" if c.isdigit()).lstrip("0") == digits.lstrip(
            "0"
        )


@pytest.mark.parametrize(("text", "locale"), [("338,5000", "en"), ("338.5000", "nb")])
def test_a_sign_that_groups_wrongly_is_refused(text: str, locale: Locale) -> None:
    with pytest.raises(Refused):
        parse_amount(text, locale)
    other: Locale = "nb" if locale == "en" else "en"
    assert parse_amount(text, other) == Decimal("338.5")
    assert parse_amount(f"0{text[3:]}", locale) == Decimal("0.5")
