"""Where things go: even ticks, places on an axis, and thinning long series. Arithmetic only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Final, TypeVar

MOST_TICKS: Final = 5
MOST_POINTS: Final = 366
MOST_DATE_LABELS: Final = 7
_STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_DAY_STEPS: Final = (1, 2, 7, 14)
_DAYS_WITHOUT_MONTHS: Final = 70

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: evenly spaced ticks that cover the data, ``low`` and ``high`` among them."""

    ticks: tuple[Decimal, ...]

    @property
    def low(self) -> Decimal:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> Decimal:
        """The highest tick."""
        return self.ticks[-1]

    def up(self, value: Decimal, size: int) -> int:
        """Return how far below the top of an axis ``size`` long a value lies."""
        return round((self.high - value) * size / (self.high - self.low))


def scale(values: Iterable[Decimal], *, zero: bool = False) -> Scale:
    """Return the tightest axis of at most five even ticks over ``values``.

    Steps are 1, 2, 2.5 or 5 times a power of ten. ``zero`` makes zero a tick. Equal values get
    room on both sides, so that a flat line lies in the middle.
    """
    found = list(values) + ([Decimal(0)] if zero else [])
    low, high = (min(found), max(found)) if found else (Decimal(0), Decimal(0))
    if low == high:
        room = abs(low) / 20 or Decimal(1)
        # A flat line that must show zero only grows away from it.
        low, high = low - (0 if zero else room), high + room
    rough = (high - low) / (MOST_TICKS - 1)
    power = Decimal(1).scaleb(rough.adjusted())
    for multiple in (*_STEPS, *(step * 10 for step in _STEPS)):
        step = multiple * power
        first = (low / step).to_integral_value(ROUND_FLOOR)
        last = (high / step).to_integral_value(ROUND_CEILING)
        if last - first < MOST_TICKS:
            return Scale(tuple((first + n) * step for n in range(int(last - first) + 1)))
    raise AssertionError("ten times the rough step always fits")


def thin(points: Sequence[T], most: int = MOST_POINTS) -> list[T]:
    """Return at most ``most`` of the points, evenly, the last always among them."""
    if len(points) <= most:
        return list(points)
    every = -(-len(points) // most)
    first = (len(points) - 1) % every
    return list(points[first::every])


def usual_gap(days: Sequence[date]) -> int:
    """Return the median distance of neighbouring days, at least 1."""
    gaps = sorted((after - before).days for before, after in pairwise(days))
    return max(1, gaps[len(gaps) // 2]) if gaps else 1


def along(day: date, first: date, last: date, size: int) -> int:
    """Return how far along an axis ``size`` long a day lies; a single day lies at its end."""
    span = (last - first).days
    return size if span == 0 else round(Decimal((day - first).days * size) / span)


def date_ticks(first: date, last: date) -> list[date]:
    """Return the days to label: months' first days, or every week or so of a short span."""
    span = (last - first).days
    if span < _DAYS_WITHOUT_MONTHS:
        every = next((s for s in _DAY_STEPS if span // s < MOST_DATE_LABELS), _DAY_STEPS[-1])
        return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1, every)]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    every = next((s for s in _MONTH_STEPS if len(months) // s < MOST_DATE_LABELS), 480)
    starts = [date(n // 12, n % 12 + 1, 1) for n in months if n % every == 0]
    return [day for day in starts if first <= day <= last] or [first]
