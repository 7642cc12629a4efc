"""Whether there is enough to forecast from, and how often forecasts would have held. Pure.

The check makes a forecast on days of the past from what was in the book up to each, then looks at
what came. What it learns about the width of bands on one day is used on later ones only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from strongroom.budgets.forecast_paths import edges, widened
from strongroom.budgets.forecast_types import DAYS, LEVELS, MIDDLE, Check, Edges, Lacking
from strongroom.budgets.recurring_rules import find
from strongroom.budgets.recurring_types import BookRow, Found
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, minor_units

LEAST_DAYS: Final = 182
LEAST_ROWS: Final = 60
_EVERY: Final = 21
_MOST_STARTS, _FEWEST_STARTS = 30, 4
_ROWS_LOOKED_THROUGH: Final = 600_000  # in one check: a long book is looked at from fewer days
_PATHS: Final = 1_500
_PATHS_OF_CHECK: Final = 240
_LOOKED_AT: Final = tuple(range(6, DAYS, 7))
# What no past tells of, such as new habits, makes wide bands wider; in thousandths, by level.
_AT_FIRST: Final = (1000, 1050, 1100)
_NARROWEST, _WIDEST = 750, 2500
_FAITH: Final = 5
"""How many days of the past the width at first counts as."""


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast's edges from the day after ``start``, and what is known of how they hold."""

    edges: Sequence[Edges]
    check: Check
    items: Sequence[Found]


def since_of(rows: Sequence[BookRow], today: date) -> date | None:
    """Return the day from which the book tells nearly all: the accounts that matter have begun.

    An account matters if it has more than a fifth of what moved in the last ninety days.
    """
    first: dict[AccountId, date] = {}
    moved: dict[AccountId, Decimal] = defaultdict(Decimal)
    for row in rows:
        first.setdefault(row.account_id, row.day)
        if (today - row.day).days <= DAYS:
            moved[row.account_id] += abs(row.amount)
    whole = sum(moved.values())
    matter = [day for account, day in first.items() if moved[account] * 5 > whole]
    return max(matter, default=min(first.values(), default=None))


def lacking(rows: Sequence[BookRow], since: date | None, today: date) -> Lacking | None:
    """Return what there is too little of to forecast from, None if there is enough."""
    history = 0 if since is None else (today - since).days
    if history < LEAST_DAYS:
        return Lacking("history", history, LEAST_DAYS)
    lately = sum(not row.inner for row in rows)
    if lately < LEAST_ROWS:
        return Lacking("rows", lately, LEAST_ROWS)
    if not any((today - row.day).days <= DAYS // 2 for row in rows):
        return Lacking("recent", (today - rows[-1].day).days, DAYS // 2)
    return None


def make(rows: Sequence[BookRow], currency: Currency, today: date, skip: frozenset[str]) -> Made:
    """Return the forecast from ``today`` of the rows of one currency, checked against the past.

    ``skip`` are payees that a person said do not come again and again.
    """
    since = since_of(rows, today)
    if since is None:
        raise ValueError("nothing to forecast from: ask what is lacking first")
    known = [row for row in rows if row.day >= since]
    check = back_test(known, currency, since, today)
    items = [one for one in _items(known, today) if one.payee not in skip]
    drawn = _draw(known, items, currency, since, today, _PATHS)
    unit = Decimal(1).scaleb(-minor_units(currency))
    return Made([widened(one, check.widths, unit) for one in drawn], check, items)


def back_test(rows: Sequence[BookRow], currency: Currency, since: date, today: date) -> Check:
    """Return how often forecasts made on days of the past would have held, oldest first."""
    unit = Decimal(1).scaleb(-minor_units(currency))
    starts = [today - timedelta(days=DAYS + _EVERY * n) for n in range(_MOST_STARTS)]
    starts = [day for day in reversed(starts) if (day - since).days >= LEAST_DAYS]
    most = max(_FEWEST_STARTS, _ROWS_LOOKED_THROUGH // max(1, len(rows)))
    every = -(-len(starts) // most) or 1
    starts = starts[(len(starts) - 1) % every :: every]
    told: list[tuple[date, list[tuple[int, ...]]]] = []
    inside, checks = [0, 0, 0], 0
    for start in starts:
        before = [row for row in rows if row.day <= start]
        came = _came(rows, start)
        drawn = _draw(before, _items(before, start), currency, since, start, _PATHS_OF_CHECK)
        known = [needed for day, needed in told if day + timedelta(days=DAYS) <= start]
        widths = widths_of(known)
        for edge, real in zip(drawn, came, strict=True):
            wide = widened(edge, widths, unit)
            checks += 1
            for n in range(3):
                inside[n] += wide.at[2 - n] <= real <= wide.at[4 + n]
        told.append((start, [_needed(drawn[day], came[day]) for day in _LOOKED_AT]))
    widths = widths_of([needed for _, needed in told])
    return Check(len(starts), checks, (inside[0], inside[1], inside[2]), widths)


def widths_of(told: Sequence[Sequence[tuple[int, ...]]]) -> tuple[int, int, int]:
    """Return how wide bands must be, in thousandths, to have held as often as they say.

    ``told``: for each day of the past the widths that would just have held, by level. Few days say
    little, so that the width at first counts as some days more.
    """
    if not told:
        return _AT_FIRST
    found = []
    for n, level in enumerate(LEVELS):
        needed = sorted(one[n] for start in told for one in start)
        at = needed[min(len(needed) - 1, len(needed) * level // 100)]
        at = min(_WIDEST, max(_NARROWEST, at))
        found.append((at * len(told) + _AT_FIRST[n] * _FAITH) // (len(told) + _FAITH))
    return found[0], found[1], found[2]


def _needed(edge: Edges, real: Decimal) -> tuple[int, ...]:
    """Return the width at which a band of each level would just have held what came."""
    middle = edge.at[MIDDLE]
    found = []
    for n in range(3):
        side = edge.at[2 - n] if real < middle else edge.at[4 + n]
        room = abs(side - middle)
        found.append(int(abs(real - middle) * 1000 / room) if room else _WIDEST)
    return tuple(found)


def _items(rows: Sequence[BookRow], today: date) -> list[Found]:
    return [one for one in find(rows, today) if not one.inner]


def _draw(
    rows: Sequence[BookRow],
    items: Sequence[Found],
    currency: Currency,
    since: date,
    start: date,
    paths: int,
) -> list[Edges]:
    return edges(
        rows,
        items,
        currency=currency,
        since=since,
        start=start,
        days=DAYS,
        paths=paths,
        seed=f"{currency} {start}",
    )


def _came(rows: Sequence[BookRow], start: date) -> list[Decimal]:
    """Return what had come and gone by the end of each day after ``start``."""
    by_day = [Decimal(0)] * DAYS
    for row in rows:
        after = (row.day - start).days - 1
        if 0 <= after < DAYS and not row.inner:
            by_day[after] += row.amount
    found, total = [], Decimal(0)
    for amount in by_day:
        total += amount
        found.append(total)
    return found
