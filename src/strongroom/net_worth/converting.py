"""Puts amounts in several currencies into one, so that the parts still add up to the cent. Pure.

What is owned in a currency is converted in one sum and rounded once; so is what is owed in it.
The parts then share that figure: each has its own amount at the rate, to within one smallest unit
of the currency. So any sum of parts is the sum of what a person sees, however it is grouped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from strongroom.accounts import Category
from strongroom.core.money import Currency, Money, minor_units, zero

# An amount of 38 digits times a rate of 30 or more.
_EXACT = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Part:
    """An amount in its own currency: below zero it is owed. ``category`` is its account's."""

    amount: Money
    category: Category

    @property
    def key(self) -> Category:
        """Where it counts: an overdraft is a debt, a card's credit something owned."""
        if self.amount.amount < 0:
            return self.category if self.category.is_debt else Category.OTHER_LIABILITIES
        return Category.OTHER_ASSETS if self.category.is_debt else self.category


def convert(
    parts: Sequence[Part], rates: Mapping[Currency, Decimal], base: Currency
) -> list[Money | None]:
    """Return each part in ``base``, None where its currency has no rate. Order is kept.

    ``rates``: what one unit of each currency is worth in ``base``. A part in ``base`` stays as it
    is, to its last decimal; nothing is nothing in any currency.
    """
    found: list[Money | None] = [
        part.amount if part.amount.currency == base else None if part.amount else zero(base)
        for part in parts
    ]
    sides: defaultdict[tuple[Currency, bool], list[int]] = defaultdict(list)
    for place, part in enumerate(parts):
        code = part.amount.currency
        if code != base and code in rates:
            sides[code, part.amount.amount < 0].append(place)
    for (code, owed), places in sides.items():
        shared = _share(parts, places, rates[code], base)
        for place, value in zip(places, shared, strict=True):
            found[place] = Money(-value if owed and value else value, base)
    return found


def rounded(amount: Decimal, rate: Decimal, base: Currency) -> Decimal:
    """Return an amount at a rate in whole smallest units of ``base``, halves away from zero."""
    unit = Decimal(1).scaleb(-minor_units(base))
    return _EXACT.multiply(amount, rate).quantize(unit, ROUND_HALF_UP, _EXACT)


def _share(
    parts: Sequence[Part], places: Sequence[int], rate: Decimal, base: Currency
) -> list[Decimal]:
    """Convert one side of one currency: the whole, then by key, then each part of a key."""
    amounts = [abs(parts[place].amount.amount) for place in places]
    by_key: defaultdict[Category, list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        by_key[parts[place].key].append(index)
    keys = sorted(by_key)
    sums = [_sum(amounts[index] for index in by_key[key]) for key in keys]
    whole = rounded(_sum(amounts), rate, base)
    shares = [Decimal(0)] * len(places)
    for key, of_key in zip(keys, spread(whole, sums, rate, base), strict=True):
        inside = by_key[key]
        of_each = spread(of_key, [amounts[index] for index in inside], rate, base)
        for index, value in zip(inside, of_each, strict=True):
            shares[index] = value
    return shares


def spread(
    whole: Decimal, amounts: Sequence[Decimal], rate: Decimal, base: Currency
) -> list[Decimal]:
    """Return the amounts at the rate in whole smallest units, which add up to ``whole``.

    Each is rounded down; what is left goes, a unit each, to those with the largest remainder.
    """
    unit = Decimal(1).scaleb(-minor_units(base))
    exact = [_EXACT.multiply(amount, rate) for amount in amounts]
    down = [value.quantize(unit, ROUND_FLOOR, _EXACT) for value in exact]
    left = int(_EXACT.divide(_EXACT.subtract(whole, _sum(down)), unit))
    by_remainder = sorted(
        range(len(amounts)), key=lambda place: (_EXACT.subtract(down[place], exact[place]), place)
    )
    for place in by_remainder[:left]:
        down[place] = _EXACT.add(down[place], unit)
    return down


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total
