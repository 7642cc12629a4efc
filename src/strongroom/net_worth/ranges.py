"""The spans of time that net worth is shown over, and where each begins."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from strongroom.core.time import months_before


class Range(StrEnum):
    """A span that ends today."""

    MONTH = "1m"
    THREE_MONTHS = "3m"
    SIX_MONTHS = "6m"
    YEAR_TO_DATE = "ytd"
    YEAR = "1y"
    FIVE_YEARS = "5y"
    ALL = "all"


_MONTHS = {
    Range.MONTH: 1,
    Range.THREE_MONTHS: 3,
    Range.SIX_MONTHS: 6,
    Range.YEAR: 12,
    Range.FIVE_YEARS: 60,
}


def since(span: Range, today: date) -> date | None:
    """Return the first day of a span, None for all there is.

    A month before the 31st is the last day of a shorter month. Before the year 1 there are no days.
    """
    if span is Range.ALL:
        return None
    if span is Range.YEAR_TO_DATE:
        return date(today.year, 1, 1)
    if today.year * 12 <= _MONTHS[span] + 12:  # the calendar ends there
        return date.min
    return months_before(today, _MONTHS[span])
