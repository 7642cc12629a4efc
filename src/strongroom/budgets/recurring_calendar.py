"""The days of what comes again and again: how far apart, and which is next. Arithmetic only.

A month counts as thirty days wherever places on a monthly rhythm are compared, so that the 31st
and the 28th of February are both a month's end.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from strongroom.budgets.recurring_types import Cadence

_MONTH: Final = 30
_LOOKED_AT: Final = 6


@dataclass(frozen=True, slots=True)
class Pace:
    """The rhythm of a cadence: every so many days, or months if ``months`` is set.

    ``tolerance``: days by which one may come early or late. ``fewest``: how many must be seen.
    """

    cadence: Cadence
    period: int
    tolerance: int
    fewest: int
    monthly: bool

    def place(self, day: date) -> int:
        """Return where a day lies on this rhythm's own scale of days."""
        if not self.monthly:
            return day.toordinal()
        days = monthrange(day.year, day.month)[1]
        return (day.year * 12 + day.month - 1) * _MONTH + (day.day - 1) * _MONTH // days

    def steps(self, before: int, after: int) -> int:
        """Return how many periods lie between two places, to the nearest."""
        return (2 * (after - before) + self.period) // (2 * self.period)

    def later(self, day: date, steps: int) -> date:
        """Return the day so many periods later."""
        if not self.monthly:
            return day + timedelta(days=self.period * steps)
        if self.period % _MONTH:
            months, half = divmod(steps, 2)
            return add_months(day, months) + timedelta(days=15 * half)
        return add_months(day, self.period // _MONTH * steps)


PACES: Final = (
    Pace(Cadence.MONTHLY, 30, 5, 3, True),
    Pace(Cadence.WEEKLY, 7, 2, 5, False),
    Pace(Cadence.BIWEEKLY, 14, 3, 4, False),
    Pace(Cadence.FOUR_WEEKLY, 28, 3, 4, False),
    Pace(Cadence.SEMI_MONTHLY, 15, 3, 5, True),
    Pace(Cadence.BIMONTHLY, 60, 7, 3, True),
    Pace(Cadence.QUARTERLY, 90, 9, 3, True),
    Pace(Cadence.HALF_YEARLY, 180, 12, 3, True),
    Pace(Cadence.YEARLY, 360, 15, 2, True),
)
PACE_OF: Final = {pace.cadence: pace for pace in PACES}


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last where it is shorter."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def indices(pace: Pace, days: Sequence[date]) -> list[int]:
    """Return which period since the first each day belongs to."""
    found = [0]
    for before, after in pairwise(days):
        steps = pace.steps(pace.place(before), pace.place(after))
        found.append(found[-1] + max(0, steps))
    return found


def expected(pace: Pace, days: Sequence[date], steps: int = 1) -> date:
    """Return the day ``steps`` periods after the last: the middle of what the newest ones say."""
    places = indices(pace, days)
    says = [
        pace.later(day, places[-1] - place + steps)
        for day, place in zip(days[-_LOOKED_AT:], places[-_LOOKED_AT:], strict=True)
        if not pace.monthly or pace.period % _MONTH == 0 or (places[-1] - place + steps) % 2 == 0
    ]
    says = says or [pace.later(days[-1], steps)]
    return sorted(says)[len(says) // 2]


def offsets(pace: Pace, days: Sequence[date]) -> list[int]:
    """Return by how many days each came later than the ones before it had it expected."""
    places = indices(pace, days)
    found = []
    for n in range(2, len(days)):
        steps = places[n] - places[n - 1]
        if steps > 0:
            late = (days[n] - expected(pace, days[:n], steps)).days
            found.append(max(-2 * pace.tolerance, min(2 * pace.tolerance, late)))
    return found
