"""Loans' schedules and yearly rates: exact to the minor unit, and always ending in nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts import schedules
from strongroom.accounts.asset_types import LoanTerms, Method, Payment
from strongroom.accounts.schedules import NeverPaidOff, grown, level_payment, months_after
from strongroom.core.money import Currency, Money, minor_units, total, zero

NOK, JPY, KWD = Currency("NOK"), Currency("JPY"), Currency("KWD")
FIRST = date(2026, 1, 31)


def lent(amount: str, percent: str, payments: int | None, **more: Any) -> LoanTerms:
    return LoanTerms(Money(Decimal(amount), NOK), Decimal(percent), FIRST, payments, **more)


def all_of(terms: LoanTerms, extra: Money | None = None) -> list[Payment]:
    return list(schedules.payments_after(terms, terms.principal, None, extra=extra))


@st.composite
def loans(draw: st.DrawFn) -> LoanTerms:
    code = draw(st.sampled_from([NOK, JPY, KWD]))
    unit = Decimal(1).scaleb(-minor_units(code))
    return LoanTerms(
        principal=Money(unit * draw(st.integers(1, 10**9)), code),
        yearly_percent=Decimal(draw(st.integers(0, 300))) / 10,
        first_payment=draw(st.dates(date(1990, 1, 1), date(2050, 1, 1))),
        payments=draw(st.integers(1, 420)),
        method=draw(st.sampled_from(list(Method))),
        every_months=draw(st.sampled_from([1, 3, 12])),
    )


@given(loans())
def test_a_schedule_pays_exactly_what_was_lent(terms: LoanTerms) -> None:
    try:
        paid = all_of(terms)
    except NeverPaidOff:
        # Only where rounding eats the part: the first one is a minor unit or two.
        unit = Decimal(1).scaleb(-minor_units(terms.principal.currency))
        lent_out = terms.principal.amount
        interest = lent_out * terms.yearly_percent * terms.every_months / 1200
        equal = terms.method is Method.EQUAL_PRINCIPAL
        part = lent_out / (terms.payments or 1) if equal else level_payment(terms).amount - interest
        assert part <= 3 * unit
        return
    code = terms.principal.currency
    assert total((one.principal for one in paid), code) == terms.principal
    assert paid[-1].left == zero(code)
    assert all(one.amount == one.interest + one.principal for one in paid)
    assert all(one.amount.rounded() == one.amount for one in paid)
    assert all(before.left - one.principal == one.left for before, one in pairwise(paid))
    assert all(before.day < one.day for before, one in pairwise(paid))
    assert paid[0].day == terms.first_payment


@given(loans(), st.integers(0, 200))
def test_a_schedule_goes_on_from_any_of_its_days(terms: LoanTerms, place: int) -> None:
    try:
        paid = all_of(terms)
    except NeverPaidOff:
        return
    one = paid[min(place, len(paid) - 1)]
    assert list(schedules.payments_after(terms, one.left, one.day)) == paid[one.number :]


def test_an_annuity_is_level_and_ends_when_it_should() -> None:
    # 3,000,000 over 25 years at 5 %: 17,537.70 a month by the annuity formula.
    terms = lent("3000000", "5", 300)
    assert level_payment(terms).amount == Decimal("17537.70")
    paid = all_of(terms)
    assert len(paid) == 300
    assert {one.amount.amount for one in paid[:-1]} == {Decimal("17537.70")}
    assert paid[0].interest.amount == Decimal("12500.00")
    assert abs(paid[-1].amount.amount - Decimal("17537.70")) < 10
    assert (paid[0].day, paid[1].day, paid[2].day) == (FIRST, date(2026, 2, 28), date(2026, 3, 31))


def test_equal_parts_and_interest_only() -> None:
    equal = all_of(lent("1200", "12", 12, method=Method.EQUAL_PRINCIPAL))
    assert {one.principal.amount for one in equal} == {Decimal(100)}
    assert [one.interest.amount for one in equal[:2]] == [Decimal(12), Decimal(11)]
    bullet = all_of(lent("1200", "12", 12, method=Method.INTEREST_ONLY))
    assert [one.amount.amount for one in bullet] == [Decimal(12)] * 11 + [Decimal(1212)]


def test_a_given_payment_decides_how_long_it_takes() -> None:
    terms = lent("1000", "0", None, payment=Money(Decimal(300), NOK))
    assert [one.amount.amount for one in all_of(terms)] == [300, 300, 300, 100]
    with pytest.raises(NeverPaidOff, match="does not cover the interest of 10"):
        all_of(lent("1000", "12", None, payment=Money(Decimal(10), NOK)))


def test_paying_more_ends_sooner_and_costs_less() -> None:
    terms = lent("100000", "6", 120)
    plain, more = all_of(terms), all_of(terms, extra=Money(Decimal(500), NOK))
    assert len(more) < len(plain)
    assert total((one.interest for one in more), NOK) < total((one.interest for one in plain), NOK)


def test_a_value_grows_by_whole_months_and_keeps_its_sign() -> None:
    value = Money(Decimal("1000000"), NOK)
    months = dict(grown(value, date(2025, 1, 31), Decimal(12), date(2026, 1, 31)))
    assert len(months) == 12
    assert months[date(2025, 2, 28)].amount == Decimal("1009488.79")
    assert months[date(2026, 1, 31)].amount == Decimal("1120000.00")
    falling = list(grown(value, date(2025, 1, 1), Decimal(-20), date(2026, 1, 1)))
    assert falling[-1] == (date(2026, 1, 1), Money(Decimal("800000.00"), NOK))
    yen = dict(grown(Money(Decimal(999), JPY), FIRST, Decimal(3), date(2027, 1, 31)))
    assert all(one.amount == one.amount.to_integral_value() for one in yen.values())
    assert list(grown(value, FIRST, Decimal(3), FIRST)) == []


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_months_after_are_never_in_the_month_after(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
