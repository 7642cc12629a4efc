"""Dates as files write them, and in which order day and month stand.

The order is decided over many dates, never one by one; two orders in one file are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from typing import Final

from strongroom.connections.files.types import FileIsRefused
from strongroom.ui import N_
from strongroom.ui import gettext as _

ORDERS: Final = ("ymd", "dmy", "mdy")
ORDER_NAMES: Final = {
    "ymd": N_("year-month-day"),
    "dmy": N_("day/month/year"),
    "mdy": N_("month/day/year"),
}
_EARLIEST, _LATEST = 1900, 2199
_MOST_KEPT = 20_000
_TIME = r"(?:[T ,]+\d{1,2}[:.h]\d{2}.{0,24})?"
_NUMBERS = re.compile(
    rf"\s*(\d{{1,4}})\s*[-/. ']\s*(\d{{1,2}})\s*[-/. ']\s*(\d{{1,4}})\.?{_TIME}\s*\Z", re.ASCII
)
_COMPACT = re.compile(rf"\s*(\d{{4}})(\d{{2}})(\d{{2}})(?:\d{{4,6}}[.\d]*(?:\[.*\])?|{_TIME})\s*\Z",
                      re.ASCII)  # fmt: skip
_DAY_FIRST = re.compile(
    rf"\s*(\d{{1,2}})[. -]*([^\W\d_]{{3,9}})[. ,-]*(\d{{4}}|\d{{2}}){_TIME}\s*\Z"
)
_MONTH_FIRST = re.compile(rf"\s*([^\W\d_]{{3,9}})[. -]*(\d{{1,2}})(?:st|nd|rd|th)?[., -]+(\d{{4}})"
                          rf"{_TIME}\s*\Z")  # fmt: skip
# The first letters of months in the languages of banks' files.
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "jan ene gen sty sij tam",
            "feb fév fev fév. lut hel",
            "mar mär maa mrt mär mars märz",
            "apr avr abr kwi huh",
            "may mai mag maj mei toukokuu tou",
            "jun juin giu cze kes",
            "jul juil lug lip hei",
            "aug aoû aou ago sie elo",
            "sep set wrz syy",
            "oct okt ott out paź lok",
            "nov lis mar. marras",
            "dec dez des déc dic gru jou",
        ),
        1,
    )
    for word in words.split()
}


class NotADate(ValueError):
    """The text is no day between 1900 and 2199."""


def not_a_date(text: str) -> NotADate:
    """Say that a text is no date."""
    bare = text.strip()[:40]
    return NotADate(
        _("“%(text)s” is not a date.", text=bare) if bare else _("The date is missing.")
    )


def readings(text: str) -> Mapping[str, date]:
    """Return what day the text is in each order that it can be read in; empty for no date."""
    if found := _COMPACT.match(text):
        return _valid({"ymd": (found[1], found[2], found[3])})
    if found := _NUMBERS.match(text):
        first, second, third = found.groups()
        if len(first) >= 3:
            return _valid({"ymd": (first, second, third)})
        orders = {"dmy": (third, second, first), "mdy": (third, first, second)}
        if len(third) <= 2:
            orders["ymd"] = (first, second, third)
        return _valid(orders)
    if found := _DAY_FIRST.match(text):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_FIRST.match(text):
        return _named(found[3], found[1], found[2])
    return {}


def _named(year: str, month: str, day: str) -> Mapping[str, date]:
    """Read a date whose month is a word: the same in every order."""
    word = month.casefold()
    number = _MONTHS.get(word) or _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])
    if number is None:
        return {}
    return _valid(dict.fromkeys(ORDERS, (year, str(number), day)))


def _valid(orders: Mapping[str, tuple[str, str, str]]) -> dict[str, date]:
    found = {}
    for order, (year, month, day) in orders.items():
        number = int(year)
        if len(year) <= 2:
            number += 1900 if number >= 70 else 2000
        if not _EARLIEST <= number <= _LATEST:
            continue
        try:
            found[order] = date(number, int(month), int(day))
        except ValueError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Order:
    """In which order dates stand; ``line`` and ``text`` prove it, if anything does."""

    order: str
    line: int | None = None
    text: str = ""

    @property
    def reason(self) -> str:
        """Say what was concluded, and from what."""
        name = _(ORDER_NAMES[self.order])
        if self.line is None:
            return _("Dates could be in another order; %(order)s is assumed.", order=name)
        return _("Dates are %(order)s, because line %(line)s has %(text)s.",
                 order=name, line=self.line, text=self.text)  # fmt: skip


def decide_order(samples: Iterable[tuple[int, str]]) -> Order | None:
    """Return the order in which all the dates can be read; None where there is no date.

    Where several can be, the one in which the days stand in a row is assumed. Raises
    ``FileIsRefused`` with both lines where none can.
    """
    dates = [(line, text, found) for line, text in samples if (found := readings(text))]
    if not dates:
        return None
    against: dict[str, tuple[int, str]] = {}
    for line, text, found in dates:
        for order in ORDERS:
            if order not in found:
                against.setdefault(order, (line, text))
    left = [order for order in ORDERS if order not in against]
    if not left:
        raise two_orders(*_contradiction(dates))
    if len(left) == 1:
        line, text = max(against.values())
        return Order(left[0], line, text.strip())
    likely = [order for order in left if order != "ymd"]
    if len(likely) == 1:  # 31.01.26: not the year 2031
        line, text = against["mdy" if likely == ["dmy"] else "dmy"]
        return Order(likely[0], line, text.strip())
    return _assumed(likely or left, dates)


_Dates = list[tuple[int, str, Mapping[str, date]]]


def _contradiction(dates: _Dates) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the first two lines that no one order reads.

    There are two where all lines together leave no order: what is read month first and not day
    first has a second number past 12, and that is no year's month either.
    """
    first: dict[frozenset[str], tuple[int, str]] = {}
    for line, text, found in dates:
        first.setdefault(frozenset(found), (line, text))
    pairs = [
        (first[later], first[earlier])
        for earlier, later in combinations(first, 2)
        if not earlier & later
    ]
    other, one = min(pairs)
    return one, other


def _assumed(left: list[str], dates: _Dates) -> Order:
    if all(len(set(found.values())) == 1 for _line, _text, found in dates):
        line, text, _found = dates[0]
        return Order(left[0], line, text.strip())  # 05/05, or months in words: all the same

    def jumps(order: str) -> tuple[int, int]:
        days = [found[order] for _line, _text, found in dates]
        steps = list(pairwise(days))
        turns = min(sum(a > b for a, b in steps), sum(a < b for a, b in steps))
        return turns, (max(days) - min(days)).days

    return Order(min(left, key=jumps))


def two_orders(one: tuple[int, str], other: tuple[int, str]) -> FileIsRefused:
    """Say that two lines cannot be read in one order."""
    return FileIsRefused(
        _("Dates are in two formats: line %(line)s has %(text)s, line %(other)s has %(second)s.",
          line=one[0], text=one[1].strip()[:30], other=other[0], second=other[1].strip()[:30]),
        line=other[0], field="date",
        hint=_("Put the dates in one format, or import the parts as files of their own."),
    )  # fmt: skip


class DateReader:
    """Reads dates in one order. It remembers texts, for files repeat them, up to a bound."""

    def __init__(self, order: str) -> None:
        self.order = order
        self.known: dict[str, date] = {}
        self._proof: tuple[int, str] | None = None

    def read(self, text: str, line: int) -> date:
        """Return the day. Raises ``NotADate``, or ``FileIsRefused`` for another order."""
        found = readings(text)
        day = found.get(self.order)
        if day is None:
            if not found or self.order not in ORDERS:
                raise not_a_date(text)
            raise self._contradiction(line, text)
        if len(found) == 1 and self._proof is None:
            self._proof = (line, text)
        if len(self.known) > _MOST_KEPT:
            self.known.clear()
        self.known[text] = day
        return day

    def _contradiction(self, line: int, text: str) -> FileIsRefused:
        if self._proof is not None:
            return two_orders(self._proof, (line, text))
        return FileIsRefused(
            _("Line %(line)s has the date %(text)s, which is not %(order)s.",
              line=line, text=text.strip()[:30], order=_(ORDER_NAMES[self.order])),
            line=line, field="date", hint=_("Choose another order of day and month."),
        )  # fmt: skip
