"""Amounts in several currencies put into one: the parts add up, and nothing unknown is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts import Category
from strongroom.core.money import Currency, Money, minor_units
from strongroom.net_worth.converting import Part, convert, rounded

_CODES = [Currency(code) for code in ("NOK", "EUR", "JPY", "KWD", "BTC", "USD")]
_PARTS = st.lists(
    st.builds(
        lambda number, places, code, category: Part(
            Money(Decimal(number).scaleb(-places), code), category
        ),
        st.integers(-(10**12), 10**12),
        st.integers(0, 8),
        st.sampled_from(_CODES),
        st.sampled_from(Category),
    ),
    max_size=12,
)
_RATES = st.dictionaries(
    st.sampled_from(_CODES), st.decimals("0.000001", "100000", places=14), max_size=6
)


def values(parts: Sequence[Part], found: Sequence[Money | None]) -> dict[object, Decimal]:
    """The sums of the values by currency and side, and the same of the amounts by key."""
    sums: defaultdict[object, Decimal] = defaultdict(Decimal)
    for part, value in zip(parts, found, strict=True):
        if value is not None:
            sums[part.amount.currency, part.amount.amount < 0] += value.amount
    return sums


@given(_PARTS, _RATES, st.sampled_from(_CODES))
def test_parts_add_up_and_each_is_its_own(
    parts: list[Part], rates: dict[Currency, Decimal], base: Currency
) -> None:
    found = convert(parts, rates, base)
    unit = Decimal(1).scaleb(-minor_units(base))
    amounts: defaultdict[tuple[Currency, bool], Decimal] = defaultdict(Decimal)
    for part, value in zip(parts, found, strict=True):
        code, amount = part.amount.currency, part.amount.amount
        if not amount:
            assert value == Money(Decimal(0), base)
        elif code == base:
            assert value == part.amount
        elif code not in rates:
            assert value is None
        else:
            assert value is not None
            assert value.currency == base
            assert abs(value.amount - amount * rates[code]) < unit
            assert value.amount % unit == 0
            assert value.amount * amount >= 0
            amounts[code, amount < 0] += amount
    sums = values(parts, found)
    for (code, owed), amount in amounts.items():
        assert sums[code, owed] == rounded(amount, rates[code], base)
        assert owed == (amount < 0)


@given(_PARTS, _RATES, st.sampled_from(_CODES))
def test_parts_that_are_summed_first_come_to_the_same(
    parts: list[Part], rates: dict[Currency, Decimal], base: Currency
) -> None:
    """A day's snapshot holds sums by key, the live figure the accounts: both say the same."""
    by_key: defaultdict[tuple[Currency, Category], Decimal] = defaultdict(Decimal)
    for part in parts:
        by_key[part.amount.currency, part.key] += part.amount.amount
    # A key says of itself whether it is owed, so it is a category whose parts are on its side.
    summed = [Part(Money(amount, code), key) for (code, key), amount in by_key.items()]
    one_by_one: defaultdict[Category, Decimal] = defaultdict(Decimal)
    at_once: defaultdict[Category, Decimal] = defaultdict(Decimal)
    for into, which in ((one_by_one, parts), (at_once, summed)):
        for part, value in zip(which, convert(which, rates, base), strict=True):
            if value is not None:
                into[part.key] += value.amount
    for key in one_by_one.keys() | at_once.keys():
        assert one_by_one[key] == at_once[key]


def test_an_overdraft_is_owed_and_a_cards_credit_owned() -> None:
    def key(amount: str, category: Category) -> Category:
        return Part(Money(Decimal(amount), Currency("NOK")), category).key

    assert key("-1", Category.CASH) is Category.OTHER_LIABILITIES
    assert key("-1", Category.CREDIT_CARDS) is Category.CREDIT_CARDS
    assert key("1", Category.CREDIT_CARDS) is Category.OTHER_ASSETS
    assert key("0", Category.LOANS) is Category.OTHER_ASSETS
    assert key("1", Category.VEHICLES) is Category.VEHICLES
