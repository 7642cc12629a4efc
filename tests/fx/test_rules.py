"""Tables of rates as banks publish them, and the rates in them that cannot be right."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.money import Currency
from strongroom.fx import RatesAreUnreadable, rules
from strongroom.fx.types import Quote

TODAY = date(2026, 11, 21)
CENTRAL_BANK = """Date,USD,JPY,BGN,NOK,
2026-11-20,1.1570,180.25,1.9558,11.7105,
2026-11-19,1.1561,180.02,1.9558,N/A,
"""
NORGES_BANK = """FREQ;BASE_CUR;Base Currency;QUOTE_CUR;DECIMALS;UNIT_MULT;TIME_PERIOD;OBS_VALUE
B;JPY;Japanese yen;NOK;4;2;2026-11-20;6,4968
B;USD;US dollar;NOK;4;0;2026-11-20;10.1214
"""
PLAIN = """day,base,quote,rate
2026-11-20,NOK,RSD,10.0105
2026-11-20,NOK,BAM,0.1670
"""


def told(text: str) -> list[tuple[str, str, str, str]]:
    return [
        (one.base, one.quote, str(one.day), str(one.rate)) for one in rules.read(text, today=TODAY)
    ]


def test_the_european_central_banks_table() -> None:
    assert told(CENTRAL_BANK) == [
        ("EUR", "USD", "2026-11-20", "1.1570"),
        ("EUR", "JPY", "2026-11-20", "180.25"),
        ("EUR", "BGN", "2026-11-20", "1.9558"),
        ("EUR", "NOK", "2026-11-20", "11.7105"),
        ("EUR", "USD", "2026-11-19", "1.1561"),
        ("EUR", "JPY", "2026-11-19", "180.02"),
        ("EUR", "BGN", "2026-11-19", "1.9558"),
    ]


def test_norges_banks_table_quotes_some_for_a_hundred() -> None:
    assert told(NORGES_BANK) == [
        ("JPY", "NOK", "2026-11-20", "0.064968"),
        ("USD", "NOK", "2026-11-20", "10.1214"),
    ]


def test_a_plain_table() -> None:
    assert told("\ufeff" + PLAIN.replace(",", ";"))[0] == ("NOK", "RSD", "2026-11-20", "10.0105")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no table of exchange rates"),
        ("name,amount\na,1\n", "no table of exchange rates"),
        ("day,base,quote,rate\n", "holds no rates"),
        ("day,base,quote,rate\n20/11/2026,NOK,EUR,0.1\n", "Line 2: '20/11/2026' is no day"),
        ("day,base,quote,rate\n2026-11-20,NOK,EUR,abc\n", "Line 2: 'abc' is no rate"),
        ("day,base,quote,rate\n2026-11-20,NOK,EUR,0\n", "Line 2: '0' is no rate"),
        ("day,base,quote,rate\n2026-11-20,NOK,EUR,-1\n", "Line 2: '-1' is no rate"),
        ("day,base,quote,rate\n2026-11-20,NOK,EUR,NaN\n", "Line 2: 'NaN' is no rate"),
        ("day,base,quote,rate\n2026-11-20,NOK,EUR,1e30\n", "Line 2: '1e30' is no rate"),
        ("day,base,quote,rate\n2026-11-20,NOK,NOK,1\n", "NOK stands on both sides"),
        ("day,base,quote,rate\n2026-11-20,NOK,EURO,1\n", "'EURO' is no currency"),
        ("day,base,quote,rate\n20026-11-20,NOK,EUR,1\n", "is no day"),
        ("day,base,quote,rate\n2027-11-20,NOK,EUR,1\n", "2027-11-20 cannot be"),
        ("day,base,quote,rate\n2026-11-20,NOK\n", "Line 2 has too few columns"),
        (NORGES_BANK.replace("4;2;", "4;999999999;"), "999999999 is no unit multiplier"),
        ("day,base,quote,rate\n" + "9" * 200_000, "The table is not CSV"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(RatesAreUnreadable) as refused:
        rules.read(text, today=TODAY)
    assert words in refused.value.message


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_is_refused(text: str) -> None:
    try:
        assert rules.read(text, today=TODAY)
    except RatesAreUnreadable as refused:
        assert refused.message


def quote(base: str, other: str, rate: str, day: date = TODAY) -> Quote:
    return Quote(Currency(base), Currency(other), day, Decimal(rate), 2)


def test_a_rate_wrong_by_a_factor_of_six_is_found_by_the_way_over_another_currency() -> None:
    right = [quote("EUR", "NOK", "11.71"), quote("EUR", "BAM", "1.95583")]
    assert rules.odd_ones([quote("NOK", "BAM", "0.167")], right) == []
    odd = rules.odd_ones([quote("NOK", "BAM", "1.02")], right)
    assert [one.because for one in odd] == ["over EUR it comes to 0.167022"]


def test_a_jump_within_ten_days_is_found_and_a_slow_fall_is_not() -> None:
    before = [quote("EUR", "NOK", "11.7", TODAY - timedelta(days=3))]
    assert [one.quote.rate for one in rules.odd_ones([quote("EUR", "NOK", "117")], before)] == [117]
    assert rules.odd_ones([quote("EUR", "NOK", "12.9")], before) == []
    long_ago = [quote("EUR", "NOK", "8.1", TODAY - timedelta(days=3000))]
    assert rules.odd_ones([quote("EUR", "NOK", "13")], long_ago) == []


@given(
    st.lists(st.decimals("0.01", "1000", places=4), min_size=3, max_size=3),
    st.decimals("0.99", "1.01", places=3),
)
def test_tables_that_agree_have_no_odd_rate(euros: list[Decimal], noise: Decimal) -> None:
    names = ["USD", "NOK", "JPY"]
    straight = [quote("EUR", name, str(rate)) for name, rate in zip(names, euros, strict=True)]
    cross = Quote(Currency("USD"), Currency("NOK"), TODAY, euros[1] / euros[0] * noise, 9)
    assert rules.odd_ones([*straight, cross], []) == []
