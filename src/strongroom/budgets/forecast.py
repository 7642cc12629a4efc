"""The verbs of the forecast: make it, and read it as it was made.

It is of what the accounts that a person lives from hold together, one currency at a time, and is
made outside of any unit of work. The reckoning is in ``forecast_check`` and ``forecast_paths``.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from strongroom import accounts
from strongroom.accounts import Account, Category
from strongroom.budgets import forecast_queries as queries
from strongroom.budgets import recurring
from strongroom.budgets.forecast_check import lacking, make, since_of
from strongroom.budgets.forecast_types import (
    LEVELS,
    Band,
    Check,
    Edges,
    Forecast,
    Lacking,
)
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.db import Database, Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, total
from strongroom.core.queue import enqueue

JOB: Final = "budgets.forecast"
_LIVED_FROM: Final = (Category.CASH, Category.CREDIT_CARDS)
_NO_CHECK: Final = Check(0, 0, (0, 0, 0), (1000, 1000, 1000))


async def make_forecasts(database: Database, *, owner: UserId, now: datetime) -> list[Forecast]:
    """Make a person's forecasts anew, one for each currency that they live in, and keep them.

    A flow: reads, reckons outside of any unit of work, and stores.
    """
    async with database.unit_of_work(owner) as db:
        day = await recurring.today_of(db, owner=owner, now=now)
        rows = await recurring.read_book(db, owner=owner, today=day)
        held = _lived_from(await accounts.list_all(db, owner=owner))
        skip = frozenset(await queries.dismissed(db, owner))
    by_code: dict[Currency, list[BookRow]] = defaultdict(list)
    for row in rows:
        by_code[row.currency].append(row)
    made = [
        await asyncio.to_thread(_make, by_code[code], theirs, code, day, now, skip)
        for code, theirs in held.items()
    ]
    async with database.unit_of_work(owner) as db:
        await queries.take_turn(db, owner)
        await queries.forget_others(db, owner, [one.currency for one in made])
        for one in made:
            await queries.write(db, owner, _row(one))
            await queries.write_days(db, owner, one.currency, [_day_row(b) for b in one.bands])
    return made


async def forecasts(db: Db, *, owner: UserId) -> list[Forecast]:
    """Return a person's forecasts as they were made, the one with the longest history first."""
    found = [
        _forecast(row, await queries.days(db, owner, row.currency))
        for row in await queries.forecasts(db, owner)
    ]
    return sorted(found, key=lambda one: (one.lacking is not None, -one.history, one.currency))


async def ask_for_forecasts(db: Db, *, owner: UserId, today: date) -> bool:
    """Let the worker make forecasts if those kept are older than today or than the last look.

    Returns whether such new ones are on their way.
    """
    kept = await queries.forecasts(db, owner)
    looked = await recurring.looked_at(db, owner=owner)
    fresh = kept and all(
        one.day >= today and (looked is None or one.made_at >= looked) for one in kept
    )
    if fresh or not _lived_from(await accounts.list_all(db, owner=owner)):
        return False
    await enqueue(db, JOB, lock=f"{JOB} {owner}", once=f"{JOB} {owner}", owner=str(owner))
    return True


def _lived_from(held: Sequence[Account]) -> dict[Currency, list[Account]]:
    """Return the open accounts that a person lives from, by currency."""
    found: dict[Currency, list[Account]] = defaultdict(list)
    for one in held:
        if one.category in _LIVED_FROM and one.closed_at is None:
            found[one.currency].append(one)
    return found


def _make(
    rows: Sequence[BookRow],
    held: Sequence[Account],
    code: Currency,
    day: date,
    now: datetime,
    skip: frozenset[str],
) -> Forecast:
    known = [one.balance for one in held if one.balance is not None]
    begins = total(known, code)
    since = since_of(rows, day)
    history = 0 if since is None else (day - since).days
    missing = lacking(rows, since, day)
    if missing is None and len(known) < len(held):
        missing = Lacking("balance", len(known), len(held))
    if missing is not None:
        return Forecast(code, now, day, begins, history, missing, _NO_CHECK, ())
    found = make(rows, code, day, skip)
    bands = [
        _band(day + timedelta(days=n + 1), begins, edges) for n, edges in enumerate(found.edges)
    ]
    return Forecast(code, now, day, begins, history, None, found.check, bands)


def _band(day: date, begins: Money, edges: Edges) -> Band:
    code = begins.currency
    at = [begins + Money(value, code) for value in edges.at]
    return Band(
        day=day,
        low_95=at[0],
        low_80=at[1],
        low_50=at[2],
        middle=at[3],
        high_50=at[4],
        high_80=at[5],
        high_95=at[6],
        planned=Money(edges.planned, code),
    )


def _row(one: Forecast) -> queries.ForecastRow:
    check = one.check
    inside = [None if not check.checks else count for count in check.inside]
    return queries.ForecastRow(
        currency=one.currency,
        made_at=one.made_at,
        day=one.day,
        begins=one.begins.amount,
        history=one.history,
        lacking=None if one.lacking is None else asdict(one.lacking),
        origins=check.origins,
        checks=check.checks,
        inside_50=inside[0],
        inside_80=inside[1],
        inside_95=inside[2],
    )


def _day_row(band: Band) -> queries.DayRow:
    return queries.DayRow(
        band.day,
        *(
            one.amount
            for one in (
                band.low_95, band.low_80, band.low_50, band.middle,
                band.high_50, band.high_80, band.high_95, band.planned,
            )
        ),
    )  # fmt: skip


def _forecast(row: queries.ForecastRow, days: Sequence[queries.DayRow]) -> Forecast:
    code = Currency(row.currency)

    def money(value: Decimal) -> Money:
        return Money(value, code)

    return Forecast(
        currency=code,
        made_at=row.made_at,
        day=row.day,
        begins=money(row.begins),
        history=row.history,
        lacking=None if row.lacking is None else Lacking(**row.lacking),
        check=Check(
            row.origins,
            row.checks,
            (row.inside_50 or 0, row.inside_80 or 0, row.inside_95 or 0),
            (1000, 1000, 1000),
        ),
        bands=[
            Band(
                one.day,
                money(one.low_95),
                money(one.low_80),
                money(one.low_50),
                money(one.middle),
                money(one.high_50),
                money(one.high_80),
                money(one.high_95),
                money(one.planned),
            )
            for one in days
        ],
    )


def shares(check: Check) -> dict[int, Decimal]:
    """Return how often reality fell inside each band, by level; empty where none was looked at."""
    found = {level: check.share(level) for level in LEVELS}
    return {level: share for level, share in found.items() if share is not None}
