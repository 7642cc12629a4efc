"""Which months, quarters and years a report is of. Pure arithmetic on days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from strongroom.core.errors import Refused
from strongroom.core.time import month_start
from strongroom.transactions.reports.types import Period, Step

MONTHS = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}
USUAL = {Step.MONTH: 12, Step.QUARTER: 8, Step.YEAR: 5}
"""How many periods are shown if nobody says how many."""
MOST = 60
_EARLIEST, _LATEST = 1900, 2200
_KEY = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?\Z")


class BadPeriod(Refused):
    """The text names no month, quarter or year that a report can be of."""


def period_of(day: date, step: Step) -> Period:
    """Return the month, quarter or year that a day is in."""
    months = MONTHS[step]
    first = month_start(day, (day.month - 1) % months)
    return Period(step, first, month_start(first, -months) - timedelta(days=1))


def periods(step: Step, last: date, count: int) -> list[Period]:
    """Return the ``count`` periods that end with the one ``last`` is in, oldest first.

    Raises ``BadPeriod`` for none, for more than 60, or for years before 1900.
    """
    if not 1 <= count <= MOST:
        raise BadPeriod(f"A report has 1 to {MOST} periods.", field="count")
    newest = period_of(last, step).first
    if newest.year - count * MONTHS[step] // 12 < _EARLIEST or newest.year > _LATEST:
        raise BadPeriod("A report is of the years 1900 to 2200.", field="until")
    return [
        period_of(month_start(newest, back * MONTHS[step]), step)
        for back in range(count - 1, -1, -1)
    ]


def read_period(text: str, step: Step) -> Period:
    """Read ``2026-11``, ``2026-Q4`` or ``2026`` as the period of ``step`` that it ends in.

    So a report by month can be turned into one by year. Raises ``BadPeriod``.
    """
    match = _KEY.match(text.strip())
    if match is None or not _EARLIEST <= int(match[1]) <= _LATEST:
        raise BadPeriod(
            f"“{text[:20]}” is no period.", field="until", hint="Write 2026-11, 2026-Q4 or 2026."
        )
    month = int(match[3]) if match[3] else int(match[2]) * 3 if match[2] else 12
    return period_of(date(int(match[1]), month, 1), step)
