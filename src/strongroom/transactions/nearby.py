"""The days around some days, where what belongs together may stand. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date


def days_around(days: Collection[date], reach: int) -> list[date]:
    """Return these days and those up to ``reach`` days before and after, in order.

    What is beyond the calendar's ends is left out.
    """
    first, last = date.min.toordinal(), date.max.toordinal()
    near = {day.toordinal() + n for day in days for n in range(-reach, reach + 1)}
    return [date.fromordinal(one) for one in sorted(near) if first <= one <= last]
