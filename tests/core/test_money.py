"""Money: exact, within one currency, and stored as it is."""

from __future__ import annotations

from decimal import Decimal, localcontext

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core import money
from strongroom.core.money import (
    BadAmount,
    BadCurrency,
    CurrenciesDiffer,
    Currency,
    Money,
    check_amount,
    currency,
    is_official,
    minor_units,
    total,
    zero,
)
from tests.conftest import TestDatabase

NOK, EUR = Currency("NOK"), Currency("EUR")


def _amount(digits: int) -> Decimal:
    with localcontext(prec=40):  # Python's usual context would round them
        return Decimal(digits).scaleb(-10)


# What NUMERIC(38,10) holds, small enough that three of them still fit.
_AMOUNTS = st.integers(-(10**37), 10**37).map(_amount)
_MONEY = _AMOUNTS.map(lambda amount: Money(amount, NOK))


@given(_MONEY, _MONEY, _MONEY)
def test_sums_do_not_depend_on_order(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert total([a, b, c], NOK) == total([c, a, b], NOK)
    assert a - b == -(b - a)
    assert a + zero(NOK) == a
    assert (a + b) - b == a


@given(_MONEY)
def test_signs(a: Money) -> None:
    negative = -a
    assert -negative == a
    assert abs(a) == abs(-a) >= zero(NOK) if a else not a
    assert a - a == zero(NOK)
    assert bool(a) is (a.amount != 0)


@given(_MONEY, _MONEY)
def test_order_is_that_of_amounts(a: Money, b: Money) -> None:
    assert (a < b) == (a.amount < b.amount)
    assert (a <= b) == (a.amount <= b.amount)
    assert (a > b) == (a.amount > b.amount)


@given(_MONEY, _AMOUNTS)
def test_currencies_never_mix(a: Money, amount: Decimal) -> None:
    b = Money(amount, EUR)
    for mix in (
        lambda: a + b, lambda: a - b, lambda: a < b, lambda: a <= b, lambda: a > b,
        lambda: total([a, b], NOK),
    ):  # fmt: skip
        with pytest.raises(CurrenciesDiffer, match=r"NOK|EUR"):
            mix()
    assert a != b


def test_nothing_in_one_currency_is_not_nothing_in_another() -> None:
    assert zero(NOK) != zero(EUR)
    assert total([], NOK) == zero(NOK)


@pytest.mark.parametrize(
    "amount",
    ["NaN", "sNaN", "Infinity", "-Infinity", "1e28", "-1e28", "1e30", "0.00000000001", "1e-11",
     "123456789012345678.00000000001", "1234567890123456789012345678.00000000001"],
)  # fmt: skip
def test_what_the_database_could_not_hold_is_refused(amount: str) -> None:
    for take in (lambda given: Money(given, NOK), check_amount):
        with pytest.raises(BadAmount) as refused:
            take(Decimal(amount))
        assert refused.value.field == "amount"


@pytest.mark.parametrize("amount", ["1e18", "-1e18", "1000000000000000000.5"])
def test_a_sum_may_be_greater_than_an_amount(amount: str) -> None:
    with pytest.raises(BadAmount, match="more than 18 digits"):
        check_amount(Decimal(amount))
    assert Money(Decimal(amount), NOK).amount == Decimal(amount)


def test_sums_of_the_greatest_amounts_are_exact() -> None:
    greatest = check_amount(Decimal("999999999999999999.9999999999"))
    found = total([Money(greatest, NOK)] * 1000, NOK)
    assert str(found.amount) == "999999999999999999999.9999999000"
    assert str((-found).amount) == "-999999999999999999999.9999999000"
    assert abs(-found) - found == zero(NOK)
    assert found.rounded().amount == Decimal("1000000000000000000000.00")


@pytest.mark.parametrize(
    "amount", ["0", "-0", "999999999999999999.9999999999", "1e17", "1e-10", "1.00000000000000"]
)
def test_what_it_can_hold_is_taken(amount: str) -> None:
    assert check_amount(Decimal(amount)) == Decimal(amount)


def test_every_amount_comes_back_from_the_database(module_database: TestDatabase) -> None:
    with psycopg.connect(module_database.admin_dsn, autocommit=True) as db:
        db.execute("CREATE TEMPORARY TABLE held (amount numeric(38, 10))")

        @given(st.integers(-(10**38) + 1, 10**38 - 1))
        def comes_back(digits: int) -> None:
            amount = _amount(digits)
            sent = Money(amount, NOK).amount
            db.execute("TRUNCATE held")
            db.execute("INSERT INTO held VALUES (%s)", (sent,))
            row = db.execute("SELECT amount, amount::text FROM held").fetchone()
            assert row is not None
            assert row[0] == amount
            assert Decimal(row[1]) == amount

        comes_back()


@pytest.mark.parametrize(
    ("code", "units"),
    [("NOK", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("BTC", 8)],
)
def test_minor_units(code: str, units: int) -> None:
    assert minor_units(currency(code)) == units
    assert is_official(currency(code)) is (code != "BTC")


@pytest.mark.parametrize(
    ("amount", "code", "rounded"),
    [
        ("2.345", "NOK", "2.34"), ("2.355", "NOK", "2.36"), ("-2.345", "NOK", "-2.34"),
        ("2.5", "JPY", "2"), ("3.5", "JPY", "4"), ("1.00051", "KWD", "1.001"),
        ("10", "NOK", "10.00"),
    ],
)  # fmt: skip
def test_rounding_is_half_to_even(amount: str, code: str, rounded: str) -> None:
    found = Money(Decimal(amount), currency(code)).rounded()
    assert str(found.amount) == rounded


@pytest.mark.parametrize(("text", "code"), [("nok", "NOK"), (" eur ", "EUR"), ("usdc.e", "USDC.E")])
def test_codes_are_read(text: str, code: str) -> None:
    assert currency(text) == code


@pytest.mark.parametrize("text", ["", " ", "K", "kr!", "N K", "x" * 17, "ÆØÅ", "NOK\n EUR"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(BadCurrency) as refused:
        currency(text)
    assert refused.value.field == "currency"


def test_no_currency_is_a_code_of_its_own() -> None:
    assert is_official(money.NO_CURRENCY)
