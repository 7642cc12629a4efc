"""The sums that a forecast is made of: many made-up futures, and the edges of what they do.

The only file that reckons with binary fractions, for speed: amounts come in exact and go out
exact, rounded to what the currency moves with. One seed gives the same futures always. A future
takes each recurring item at its days, with amounts, delays and omissions as they were, and for all
else whole weeks drawn from the past. The weeks it draws from are drawn first, so that what is
typical is itself uncertain.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from strongroom.budgets.forecast_types import SHARES, Edges
from strongroom.budgets.recurring_calendar import PACE_OF
from strongroom.budgets.recurring_types import BookRow, Found, Standing
from strongroom.core.money import Currency, minor_units

_WEEK = 7
_HALF_LIFE_WEEKS = 40.0
_SEASON_DAYS = 24
_SEASON_BOOST = 2.0
_LATELY = 6
_ENDS_A_MONTH, _ENDS_A_MONTH_OF_OLD = 0.012, 0.007
_OLD = 12
_GOES_ON_THOUGH_MISSED = 0.6


@dataclass(frozen=True, slots=True)
class _Plan:
    """A recurring item's part in the futures: days from the start, and what there is to draw."""

    days: tuple[int, ...]
    ends: float
    last: float
    ratios: tuple[float, ...]
    amounts: tuple[tuple[float, ...], ...]
    delays: tuple[int, ...]
    comes: float
    begins: float


def edges(
    rows: Sequence[BookRow],
    items: Sequence[Found],
    *,
    currency: Currency,
    since: date,
    start: date,
    days: int,
    paths: int,
    seed: str,
) -> list[Edges]:
    """Return the edges of what is added by the end of each of ``days`` days after ``start``.

    ``rows`` are those of one currency from ``since`` to ``start``, ``items`` what was found among
    them; none may be of later than ``start``.
    """
    chance = random.Random(f"forecast {seed}")
    plans = [_plan(item, start, days) for item in items if item.standing is not Standing.ENDED]
    weeks, weights = _weeks(rows, items, since, start, days)
    sums: list[list[float]] = [[] for _ in range(days)]
    for _ in range(paths):
        future = _residual(weeks, weights, days, chance)
        for plan in plans:
            _live(plan, future, chance)
        for day, value in enumerate(accumulate(future)):
            sums[day].append(value)
    unit = Decimal(1).scaleb(-minor_units(currency))
    planned = _planned(plans, days)
    return [
        Edges(tuple(_exact(value, unit) for value in _quantiles(found)), _exact(plain, unit))
        for found, plain in zip(sums, planned, strict=True)
    ]


def widened(edges: Edges, widths: Sequence[int], unit: Decimal) -> Edges:
    """Return the edges with each band made wider about the middle, in thousandths by level."""
    middle = edges.at[3]
    by_edge = (widths[2], widths[1], widths[0], 1000, widths[0], widths[1], widths[2])
    moved = [
        (middle + (at - middle) * width / 1000).quantize(unit)
        for at, width in zip(edges.at, by_edge, strict=True)
    ]
    # A wider inner band pushes the outer one out: edges never cross.
    for n in (2, 1, 0):
        moved[n] = min(moved[n], moved[n + 1])
    for n in (4, 5, 6):
        moved[n] = max(moved[n], moved[n - 1])
    return Edges(tuple(moved), edges.planned)


def _exact(value: float, unit: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(unit)


def _quantiles(values: list[float]) -> list[float]:
    """Return the values below which each of ``SHARES`` lies, between neighbours in proportion."""
    values.sort()
    found = []
    for share in SHARES:
        place = share / 1000 * (len(values) - 1)
        below = int(place)
        above = min(below + 1, len(values) - 1)
        found.append(values[below] + (values[above] - values[below]) * (place - below))
    return found


def _weeks(
    rows: Sequence[BookRow], items: Sequence[Found], since: date, start: date, days: int
) -> tuple[list[list[float]], list[list[float]]]:
    """Return the past's whole weeks without recurring items, and their weights for each week ahead.

    Newer weeks weigh more, and those of the same time of another year.
    """
    planned = {row.id for item in items for row in item.rows}
    count = max(1, ((start - since).days + 1) // _WEEK)
    weeks = [[0.0] * _WEEK for _ in range(count)]
    for row in rows:
        ago = (start - row.day).days
        if row.id not in planned and not row.inner and 0 <= ago < count * _WEEK:
            weeks[ago // _WEEK][_WEEK - 1 - ago % _WEEK] += float(row.amount)
    ages = [0.5 ** (n / _HALF_LIFE_WEEKS) for n in range(count)]
    weights = []
    for ahead in range(-(-days // _WEEK)):
        near = []
        for n, age in enumerate(ages):
            apart = ((ahead + n + 1) * _WEEK) % 365
            near.append(age * (_SEASON_BOOST if min(apart, 365 - apart) <= _SEASON_DAYS else 1.0))
        weights.append(list(accumulate(near)))
    return weeks, weights


def _residual(
    weeks: list[list[float]], weights: list[list[float]], days: int, chance: random.Random
) -> list[float]:
    """Return one future of everything that is not recurring, a week after the other."""
    # The past as it might have been: its own weeks, some of them twice and some not at all.
    draw, count = chance.random, len(weeks)
    pool = [int(draw() * count) for _ in weeks]
    future: list[float] = []
    for cumulated in weights:
        n = bisect_left(cumulated, draw() * cumulated[-1])
        future += weeks[pool[min(n, count - 1)]]
    return future[:days]


def _live(plan: _Plan, future: list[float], chance: random.Random) -> None:
    """Add one future of one recurring item."""
    if plan.begins < 1 and chance.random() > plan.begins:
        return
    level, draw = plan.last, chance.random
    for n, day in enumerate(plan.days):
        if plan.ratios:
            level *= plan.ratios[int(draw() * len(plan.ratios))]
        if draw() < plan.ends:
            return
        if draw() > plan.comes:
            continue
        on = day + plan.delays[int(draw() * len(plan.delays))]
        amounts = plan.amounts[n]
        amount = level if plan.ratios else amounts[int(draw() * len(amounts))]
        if on < len(future):
            future[max(0, on)] += amount


def _plan(item: Found, start: date, days: int) -> _Plan:
    pace = PACE_OF[item.cadence]
    first, step, due = item.next_on, 0, []
    while (ahead := (pace.later(first, step) - start).days - 1) < days:
        due.append(max(0, ahead))
        step += 1
    amounts = [float(row.amount) for row in item.rows]
    ratios = [] if item.varies else [min(2.0, max(0.5, b / a)) for a, b in pairwise(amounts[-24:])]
    count = len(item.rows) + item.skipped
    return _Plan(
        days=tuple(due),
        ends=(_ENDS_A_MONTH_OF_OLD if count > _OLD else _ENDS_A_MONTH) * pace.period / 30.4,
        last=amounts[-1],
        ratios=tuple(ratios),
        amounts=tuple(_alike(item, start + timedelta(days=on + 1)) for on in due),
        delays=tuple(item.offsets[-12:]) or (0,),
        comes=1 - (item.skipped + 0.2) / (count + 1),
        begins=1.0 if item.standing is Standing.ACTIVE else _GOES_ON_THOUGH_MISSED,
    )


def _alike(item: Found, day: date) -> tuple[float, ...]:
    """Return the amounts to draw from for a day: the latest, and those of that time of the year."""
    found = [float(row.amount) for row in item.rows[-_LATELY:]]
    for row in item.rows[:-_LATELY]:
        apart = abs((day - row.day).days) % 365
        if min(apart, 365 - apart) <= 2 * _SEASON_DAYS:
            found += [float(row.amount)] * 2
    return tuple(found)


def _planned(plans: Sequence[_Plan], days: int) -> list[float]:
    """Return what all items together are expected to add on each day."""
    found = [0.0] * days
    for plan in plans:
        for n, day in enumerate(plan.days):
            amounts = sorted(plan.amounts[n])
            found[day] += plan.last if plan.ratios else amounts[len(amounts) // 2]
    return found
