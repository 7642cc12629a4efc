"""The seasonal naive forecast: what was, comes again. As a line, and with bands of its own errors.

Two seasons are tried: the thirty days before, again and again, and the same days of the year
before. The bands of a day ahead are the errors that the same forecast made in the past, so far as
the past goes, by their quantiles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

from strongroom.budgets.forecast_types import DAYS, SHARES
from strongroom.budgets.recurring_types import BookRow

_SEASONS = {"month": 30, "year": 364}
_EVERY = 7
Lines = list[list[float]]


def forecasts(rows: Sequence[BookRow], since: date, start: date) -> dict[str, Lines]:
    """Return each form's quantiles of the sum by the end of each day after ``start``."""
    flow: dict[date, float] = defaultdict(float)
    for row in rows:
        if not row.inner and row.day <= start:
            flow[row.day] += float(row.amount)
    found = {}
    for name, season in _SEASONS.items():
        if (start - since).days < season:
            continue
        line = _again(flow, start, season)
        found[f"{name}, a line"] = [[value] * len(SHARES) for value in line]
        errors = _errors(flow, since, start, season)
        if errors:
            found[f"{name}, with bands"] = [
                [value + _quantile([error[day] for error in errors], share) for share in SHARES]
                for day, value in enumerate(line)
            ]
    return found


def _again(flow: dict[date, float], start: date, season: int) -> list[float]:
    days = (timedelta(days=n % season + 1 - season) for n in range(DAYS))
    return list(accumulate(flow.get(start + day, 0.0) for day in days))


def _errors(flow: dict[date, float], since: date, start: date, season: int) -> Lines:
    """Return by how much the forecast was wrong when it was made on days of the past."""
    found = []
    day = start - timedelta(days=DAYS)
    while (day - since).days >= season:
        came = accumulate(flow.get(day + timedelta(days=n + 1), 0.0) for n in range(DAYS))
        line = _again(flow, day, season)
        found.append([real - said for real, said in zip(came, line, strict=True)])
        day -= timedelta(days=_EVERY)
    return found


def _quantile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    place = share / 1000 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
