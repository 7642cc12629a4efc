"""The values of a forecast: bands by day, how often they held before, or what is lacking.

Amounts are exact and in one currency; above zero is money in. Days are banking days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from strongroom.budgets.recurring_types import Coming
from strongroom.core.money import Currency, Money

DAYS: Final = 90
LEVELS: Final = (50, 80, 95)
"""In so many of a hundred futures the amount lies inside the band of that name."""

SHARES: Final = (25, 100, 250, 500, 750, 900, 975)
"""The shares of futures, in thousandths, below each edge of the bands, lowest edge first."""

MIDDLE: Final = 3


@dataclass(frozen=True, slots=True)
class Edges:
    """What the sum of all money in and out since the start may be at the end of one day.

    ``at`` are the amounts below which ``SHARES`` of all futures lie; they never fall. ``planned``
    is what recurring items are expected to add on this very day.
    """

    at: tuple[Decimal, ...]
    planned: Decimal


@dataclass(frozen=True, slots=True)
class Check:
    """How often reality fell inside the bands of forecasts made in the past without looking ahead.

    ``inside`` counts days by level, out of ``checks`` days seen from ``origins`` days. ``widths``:
    by how much, in thousandths, bands of each level have to be wider than reckoned to hold as
    often as they say.
    """

    origins: int
    checks: int
    inside: tuple[int, int, int]
    widths: tuple[int, int, int]

    def share(self, level: int) -> Decimal | None:
        """Return the share of days inside the band of a level; None if none was looked at."""
        if not self.checks:
            return None
        return Decimal(self.inside[LEVELS.index(level)]) / self.checks


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is no forecast: what there is, and what it would take.

    ``what``: history or recent (in days), rows, or balance (in accounts), of which there are
    ``have`` where it takes ``need``; of recent days at most so many.
    """

    what: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Band:
    """One day: what may be held at its end, and what recurring items add on it."""

    day: date
    low_95: Money
    low_80: Money
    low_50: Money
    middle: Money
    high_50: Money
    high_80: Money
    high_95: Money
    planned: Money


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the accounts a person lives from may hold on each of the coming days.

    ``begins`` is what they hold now, ``history`` how many days of rows it was made from. Either
    ``bands`` or ``lacking`` is there. ``check`` has no days where the past is too short for one.
    """

    currency: Currency
    made_at: datetime
    day: date
    begins: Money
    history: int
    lacking: Lacking | None
    check: Check
    bands: Sequence[Band]

    @property
    def last(self) -> Band | None:
        """The last day."""
        return self.bands[-1] if self.bands else None

    @property
    def lowest(self) -> Band | None:
        """The day on which the middle is lowest."""
        return min(self.bands, key=lambda band: (band.middle.amount, band.day), default=None)

    @property
    def below_zero(self) -> Band | None:
        """The first day on which one in ten futures is below zero."""
        return next((band for band in self.bands if band.low_80.amount < 0), None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast with the payments that are expected on its days."""

    forecast: Forecast
    coming: Sequence[Coming]
