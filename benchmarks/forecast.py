"""What comes again and again, and the forecast, held against the truth of made-up households.

A forecast is made from what was known ninety days before a household's end, and judged by those
ninety days. Beside it stands the seasonal naive one in its usual forms; the best of them is the
mark. The households were not looked at while the forecast was made: its making used other seeds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid5

from benchmarks import labelled, lives, recurring_found, seasonal_naive
from benchmarks.figures import show
from benchmarks.recurring_found import row_id, rows_of, share
from strongroom.budgets.forecast_check import lacking, make, since_of
from strongroom.budgets.forecast_types import DAYS, LEVELS, SHARES
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.ids import SYSTEM, AccountId
from strongroom.core.money import Currency
from tests.prove.ground import Ground

_LIVES = range(7_000, 7_080)  # seeds below 2,000 were used in the making
_HOUSEHOLDS = range(9_000, 9_050)
_LAST = date(2026, 11, 20)
_HORIZONS = (7, 30, 60, 90)


@dataclass(frozen=True)
class Judged:
    """One forecast: by day, in which bands reality fell; losses as shares of a month's spending.

    ``told``: on how many days of the past its own check found reality inside the band of 80.
    """

    inside: list[tuple[bool, ...]]
    loss: float
    naive: dict[str, float]
    told: tuple[int, int]


def run(ground: Ground, rows: int) -> None:
    """Measure and print. Needs neither the database nor a number of rows."""
    recurring_found.measure(labelled.households())
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for what, judge, seeds in (
            ("made-up lives of 9 to 24 months", _life, _LIVES),
            ("labelled households of 23 months", _household, _HOUSEHOLDS),
        ):
            judged = [one for one in pool.map(judge, seeds) if one is not None]
            _print(f"{len(judged)} {what}, 90 days held out", judged)


def _life(seed: int) -> Judged | None:
    last = _LAST - timedelta(days=seed * 37 % 365)
    first = last - timedelta(days=DAYS + 280 + seed * 97 % 430)
    account = {name: AccountId(uuid5(SYSTEM, name)) for name in (lives.EVERYDAY, lives.CARD)}
    rows = [
        BookRow(
            id=row_id(str(n)), account_id=account[row.account], day=row.day, amount=row.amount,
            currency=Currency("EUR"), title=row.merchant or row.text, description=row.text,
            merchant=row.merchant, inner=row.inner,
        )
        for n, row in enumerate(lives.life(seed, first=first, last=last).rows)
    ]  # fmt: skip
    return _judge(rows, Currency("EUR"), last)


def _household(seed: int) -> Judged | None:
    house = labelled.household(seed, today=_LAST - timedelta(days=seed * 37 % 365))
    doubles = {row_id(label.row) for label in house.doubles}  # merged, in a book
    code = Currency(house.home)
    rows = [row for row in rows_of(house) if row.currency == code and row.id not in doubles]
    return _judge(sorted(rows, key=lambda row: row.day), code, house.today)


def _judge(rows: Sequence[BookRow], code: Currency, last: date) -> Judged | None:
    """Forecast from ninety days before ``last``; None where that is refused."""
    start = last - timedelta(days=DAYS)
    before = [row for row in rows if row.day <= start]
    since = since_of(before, start)
    if since is None or lacking(before, since, start) is not None:
        return None
    made = make(before, code, start, frozenset())
    came = [0.0] * DAYS
    for row in rows:
        if row.day > start and not row.inner:
            for day in range((row.day - start).days - 1, DAYS):
                came[day] += float(row.amount)
    edges = [[float(at) for at in one.at] for one in made.edges]
    spent = -sum(float(row.amount) for row in before if row.amount < 0 and not row.inner)
    month = spent / ((start - since).days + 1) * 30
    naive = seasonal_naive.forecasts(before, since, start)
    return Judged(
        inside=[
            tuple(at[2 - n] <= real <= at[4 + n] for n in range(len(LEVELS)))
            for at, real in zip(edges, came, strict=True)
        ],
        loss=_loss(edges, came) / month,
        naive={name: _loss(lines, came) / month for name, lines in naive.items()},
        told=(made.check.inside[1], made.check.checks),
    )


def _loss(lines: Sequence[Sequence[float]], came: Sequence[float]) -> float:
    """Return the mean pinball loss over all days and quantiles."""
    losses = [
        max(share / 1000 * (real - at), (share / 1000 - 1) * (real - at))
        for line, real in zip(lines, came, strict=True)
        for share, at in zip(SHARES, line, strict=True)
    ]
    return sum(losses) / len(losses)


def _print(what: str, judged: Sequence[Judged]) -> None:
    print(f"  {what}")
    for n, level in enumerate(LEVELS):
        days = [one[n] for each in judged for one in each.inside]
        by = ", ".join(
            f"day {day}: {_mean(judged, lambda one, d=day, n=n: one.inside[d - 1][n]):.2f}"
            for day in _HORIZONS
        )
        note = f"target: 0.75 to 0.85; {by}" if level == 80 else by
        share(f"  inside the band of {level}", sum(days), len(days), note)
    told, checks = (sum(one.told[n] for one in judged) for n in (0, 1))
    share("  inside the band of 80, by their own checks", told, checks)
    ours = _mean(judged, lambda one: one.loss)
    show("  pinball loss, in months of spending", f"{ours:.4f}")
    for name in sorted({name for one in judged for name in one.naive}):
        both = [one for one in judged if name in one.naive]
        theirs = _mean(both, lambda one, name=name: one.naive[name])
        ratio = _mean(both, lambda one: one.loss) / theirs
        note = f"ours is {ratio:.2f} of it, over {len(both)}; target: below 1"
        show(f"  seasonal naive, {name}", f"{theirs:.4f}", note)


def _mean(judged: Sequence[Judged], of: Callable[..., float]) -> float:
    return sum(of(one) for one in judged) / len(judged)
