"""Reads tables of exchange rates, and finds the rates in them that cannot be right. Pure.

Three tables are known by their head: the European Central Bank's history (one column a currency,
from the euro), Norges Bank's (one line a rate, for 1 or 100 units), and a plain one:
``day,base,quote,rate``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from itertools import pairwise

from strongroom.core.errors import Refused
from strongroom.core.money import Currency
from strongroom.fx.types import Odd, Quote

_EURO = Currency("EUR")
_FEWEST_COLUMNS = 2
_EARLIEST = date(1950, 1, 1)
_MOST, _LEAST = Decimal(10) ** 9, Decimal(10) ** -9
_MOST_MULT = 6
"""Rates are quoted for up to a million units: ten to the power of this."""
_JUMP = Decimal("1.5")
"""A rate does not move by half within ten days unless a currency collapses."""
_APART = Decimal("1.2")
"""Two ways from one currency to another do not differ by a fifth on one day."""
_NEAR = timedelta(days=10)
_ABSENT = frozenset({"", "N/A", "NA", "-", "."})


class RatesAreUnreadable(Refused):
    """A table of rates is of no known form, or one of its lines makes no sense."""


def read(text: str, *, today: date) -> list[Quote]:
    """Return the rates of a table. Raises ``RatesAreUnreadable`` with the line and what to do."""
    try:
        quotes = list(_quotes(text.lstrip("\ufeff").splitlines()))
    except csv.Error as error:
        raise RatesAreUnreadable(f"The table is not CSV: {error}.", field="file") from error
    for quote in quotes:
        _check(quote, today)
    if not quotes:
        raise RatesAreUnreadable("The table holds no rates.", field="file")
    return quotes


def _quotes(lines: Sequence[str]) -> Iterator[Quote]:
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(lines, delimiter=delimiter)
    names = [name.strip().lower() for name in next(rows, [])]
    if names[:1] == ["date"] and len(names) >= _FEWEST_COLUMNS:
        return _by_column(names, rows)
    if {"base_cur", "quote_cur", "time_period", "obs_value"} <= {*names}:
        return _by_series(names, rows)
    if {"day", "base", "quote", "rate"} <= {*names}:
        return _by_line(names, rows)
    raise RatesAreUnreadable(
        "This is no table of exchange rates that Strongroom knows.",
        field="file",
        hint="Give the European Central Bank's or Norges Bank's CSV, or columns named"
        " day, base, quote and rate.",
    )


def _by_column(names: Sequence[str], rows: Iterable[list[str]]) -> Iterator[Quote]:
    for line, row in enumerate(rows, start=2):
        for name, value in zip(names[1:], row[1:], strict=False):
            if name and value.strip() not in _ABSENT:
                yield Quote(_EURO, _currency(name, line), _day(row[0], line),
                            _number(value, line), line)  # fmt: skip


def _by_series(names: Sequence[str], rows: Iterable[list[str]]) -> Iterator[Quote]:
    for line, row in _named(names, rows):
        if row["obs_value"].strip() in _ABSENT:
            continue
        units = _number(row.get("unit_mult") or "0", line, may_be_zero=True)
        if units % 1 or not 0 <= units <= _MOST_MULT:
            raise RatesAreUnreadable(f"Line {line}: {units} is no unit multiplier.", field="file")
        value = _number(row["obs_value"].replace(",", "."), line).scaleb(-int(units))
        yield Quote(_currency(row["base_cur"], line), _currency(row["quote_cur"], line),
                    _day(row["time_period"], line), value, line)  # fmt: skip


def _by_line(names: Sequence[str], rows: Iterable[list[str]]) -> Iterator[Quote]:
    for line, row in _named(names, rows):
        yield Quote(_currency(row["base"], line), _currency(row["quote"], line),
                    _day(row["day"], line), _number(row["rate"], line), line)  # fmt: skip


def _named(names: Sequence[str], rows: Iterable[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    for line, row in enumerate(rows, start=2):
        if not any(value.strip() for value in row):
            continue
        if len(row) < len(names):
            raise RatesAreUnreadable(f"Line {line} has too few columns.", field="file")
        yield line, dict(zip(names, row, strict=False))


def _currency(text: str, line: int) -> Currency:
    code = Currency(text.strip().upper())
    # Codes that were money once (HRK, BGN, EEK) stand in the histories and are no mistake.
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise RatesAreUnreadable(f"Line {line}: {text!r} is no currency.", field="file")
    return code


def _day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise RatesAreUnreadable(
            f"Line {line}: {text!r} is no day.", field="file", hint="Write it as 2026-11-21."
        ) from error


def _number(text: str, line: int, *, may_be_zero: bool = False) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise RatesAreUnreadable(f"Line {line}: {text!r} is no rate.", field="file") from error
    if may_be_zero and value == 0:
        return value
    if not value.is_finite() or not _LEAST <= value <= _MOST:
        raise RatesAreUnreadable(f"Line {line}: {text!r} is no rate.", field="file")
    return value


def _check(quote: Quote, today: date) -> None:
    if quote.base == quote.quote:
        raise RatesAreUnreadable(
            f"Line {quote.line}: {quote.base} stands on both sides.", field="file"
        )
    if not _EARLIEST <= quote.day <= today + timedelta(days=1):
        raise RatesAreUnreadable(f"Line {quote.line}: {quote.day} cannot be.", field="file")


def odd_ones(quotes: Sequence[Quote], known: Sequence[Quote]) -> list[Odd]:
    """Return the rates that others speak against: the days around, or another way to go.

    ``known`` are rates stored already, near in time. A demo's rate that is wrong by a factor of
    six is found here; so is a column that was read for another.
    """
    return [*_jumps(quotes, known), *_crosses(quotes, known)]


def _jumps(quotes: Sequence[Quote], known: Sequence[Quote]) -> Iterator[Odd]:
    of_pair: dict[tuple[Currency, Currency], list[Quote]] = {}
    for quote in (*known, *quotes):
        of_pair.setdefault((quote.base, quote.quote), []).append(quote)
    new = {id(quote) for quote in quotes}
    for rates in of_pair.values():
        rates.sort(key=lambda quote: quote.day)
        for before, after in pairwise(rates):
            if after.day - before.day <= _NEAR and _differ(before.rate, after.rate, _JUMP):
                odd, other = (after, before) if id(after) in new else (before, after)
                if id(odd) in new:
                    yield Odd(odd, other.rate, f"it was {other.rate:f} on {other.day}")


def _crosses(quotes: Sequence[Quote], known: Sequence[Quote]) -> Iterator[Odd]:
    """Hold each rate against the way over another currency on the same day."""
    by_day: dict[date, dict[tuple[Currency, Currency], Decimal]] = {}
    for quote in (*known, *quotes):
        legs = by_day.setdefault(quote.day, {})
        legs[quote.base, quote.quote] = quote.rate
        legs.setdefault((quote.quote, quote.base), 1 / quote.rate)
    for quote in quotes:
        other = _other_way(quote, by_day[quote.day])
        if other is not None and _differ(other[1], quote.rate, _APART):
            yield Odd(quote, other[1], f"over {other[0]} it comes to {other[1]:.6g}")


def _other_way(
    quote: Quote, legs: Mapping[tuple[Currency, Currency], Decimal]
) -> tuple[Currency, Decimal] | None:
    for one, pivot in legs:
        if one == quote.base and pivot != quote.quote and (pivot, quote.quote) in legs:
            return pivot, legs[one, pivot] * legs[pivot, quote.quote]
    return None


def _differ(one: Decimal, other: Decimal, factor: Decimal) -> bool:
    with localcontext() as exact:
        exact.prec = 40
        return max(one, other) > min(one, other) * factor
