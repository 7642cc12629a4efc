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

from benchmarks import labelled, lives, seasonal_naive
from benchmarks.figures import show
from strongroom.budgets.forecast_check import lacking, make, since_of
from strongroom.budgets.forecast_types import DAYS, LEVELS, SHARES
from strongroom.budgets.recurring_rules import find
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.ids import SYSTEM, AccountId, TransactionId
from strongroom.core.money import Currency
from tests.prove.ground import Ground

_LIVES = range(7_000, 7_080)  # seeds below 2,000 were used in the making
_HOUSEHOLDS = range(9_000, 9_050)
_LAST = date(2026, 11, 20)
_ENOUGH = 0.8
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
    _recurring()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for what, judge, seeds in (
            ("made-up lives of 9 to 24 months", _life, _LIVES),
            ("labelled households of 23 months", _household, _HOUSEHOLDS),
        ):
            judged = [one for one in pool.map(judge, seeds) if one is not None]
            _print(f"{len(judged)} {what}, 90 days held out", judged)


def _recurring() -> None:
    """Print how much of what comes again and again in the labelled households is found."""
    wanted = found = right = coming = on_day = items = real = 0
    for house in labelled.households(50):
        names = {_row_id(row.key): row.key for row in house.rows}
        got = find(_rows_of(house), house.today)
        told = [{names[row.id] for row in one.rows} for one in got]
        labels = [set(series.rows) for series in house.series]
        cards = {label.out for label in house.transfers if label.kind == "card_payment"}
        items += len(got)
        # A card that is paid each month comes again and again, though it has no label.
        real += sum(any(_same(one, truth) for truth in labels) or one <= cards for one in told)
        for series, truth in zip(house.series, labels, strict=True):
            wanted += 1
            match = next((n for n, one in enumerate(told) if _same(one, truth)), None)
            if match is None:
                continue
            found += 1
            right += got[match].cadence == series.period
            if series.next_on is not None:
                coming += 1
                due = max(series.next_on, house.today)
                on_day += abs((got[match].next_on - due).days) <= 3
    _share("recurring found, of what is labelled so", found, wanted, "target: at least 0.950")
    _share("  of it with the right cadence", right, found)
    _share("  of it with the next day to within three", on_day, coming)
    _share("  of what is found, labelled or a card's payment", real, items)


def _same(found: set[str], truth: set[str]) -> bool:
    return len(found & truth) >= _ENOUGH * max(len(truth), len(found))


def _life(seed: int) -> Judged | None:
    last = _LAST - timedelta(days=seed * 37 % 365)
    first = last - timedelta(days=DAYS + 280 + seed * 97 % 430)
    account = {name: AccountId(uuid5(SYSTEM, name)) for name in (lives.EVERYDAY, lives.CARD)}
    rows = [
        BookRow(
            id=_row_id(str(n)), account_id=account[row.account], day=row.day, amount=row.amount,
            currency=Currency("EUR"), title=row.merchant or row.text, description=row.text,
            merchant=row.merchant, inner=row.inner,
        )
        for n, row in enumerate(lives.life(seed, first=first, last=last).rows)
    ]  # fmt: skip
    return _judge(rows, Currency("EUR"), last)


def _household(seed: int) -> Judged | None:
    house = labelled.household(seed, today=_LAST - timedelta(days=seed * 37 % 365))
    doubles = {_row_id(label.row) for label in house.doubles}  # merged, in a book
    code = Currency(house.home)
    rows = [row for row in _rows_of(house) if row.currency == code and row.id not in doubles]
    return _judge(sorted(rows, key=lambda row: row.day), code, house.today)


def _rows_of(house: labelled.Household) -> list[BookRow]:
    place = {row.key: row.account for row in house.rows}
    other = {label.out: place[label.into] for label in house.transfers}
    other |= {label.into: place[label.out] for label in house.transfers}
    return [
        BookRow(
            id=_row_id(row.key), account_id=AccountId(uuid5(SYSTEM, row.account)), day=row.day,
            amount=row.amount, currency=Currency(row.currency), title=row.merchant or row.text,
            description=row.text, merchant=row.merchant, origin=row.origin,
            inner=row.key in other,
            other_account=AccountId(uuid5(SYSTEM, other[row.key])) if row.key in other else None,
        )
        for row in house.rows
        if row.gone_on is None
    ]  # fmt: skip


def _row_id(key: str) -> TransactionId:
    return TransactionId(uuid5(SYSTEM, key))


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
        _share(f"  inside the band of {level}", sum(days), len(days), note)
    told, checks = (sum(one.told[n] for one in judged) for n in (0, 1))
    _share("  inside the band of 80, by their own checks", told, checks)
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


def _share(what: str, count: int, of: int, note: str = "") -> None:
    show(what, f"{count / max(1, of):.3f}", f"{count} of {of}" + (f"; {note}" if note else ""))
