"""The verbs of exchange rates: load a table, and find the rate of a day.

An unknown rate is unknown: never 1, never that of another month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from strongroom.core.db import Db
from strongroom.core.errors import NotFound, Refused
from strongroom.core.money import Currency
from strongroom.fx import queries, rules
from strongroom.fx.types import (
    RATE_DAYS,
    KnownRate,
    Loaded,
    Odd,
    Quote,
    Rate,
    RatePage,
    RatePosition,
)

_NAMED = 3
_LONGEST_PAGE = 500


class RatesLookWrong(Refused):
    """Rates of a table contradict each other, or what is known already. None was stored."""


class RateIsUnknown(NotFound):
    """No rate between two currencies is known for a day, nor for the ten days before it."""


async def load_for_all(
    db: Db,
    *,
    text: str,
    source: str,
    accept_odd: bool = False,
    today: date,
    now: datetime,
) -> Loaded:
    """Store a table of rates, all of it or nothing; the same table again changes nothing.

    Raises ``RatesAreUnreadable``, and ``RatesLookWrong`` unless ``accept_odd``.
    """
    by_key = {
        (quote.base, quote.quote, quote.day): quote for quote in rules.read(text, today=today)
    }
    quotes = [*by_key.values()]
    await queries.stage(db, ((one.base, one.quote, one.day, one.rate) for one in quotes))
    known = [
        Quote(Currency(row.base), Currency(row.quote), row.day, row.rate, 0)
        for row in await queries.near_staged_for_all(db)
    ]
    odd = [] if accept_odd else rules.odd_ones(quotes, known)
    if odd:
        raise RatesLookWrong(
            f"{len(odd)} rates cannot be right: {_named(odd)}.",
            field="file",
            hint="Nothing was stored. If they are right after all, load them with --accept-odd.",
        )
    stored = await queries.store_for_all(db, source, now)
    return Loaded(
        added=stored.added,
        changed=stored.changed,
        unchanged=len(quotes) - stored.added - stored.changed,
        first=min(one.day for one in quotes),
        last=max(one.day for one in quotes),
        currencies=sorted({code for one in quotes for code in (one.base, one.quote)}),
    )


def _named(odd: Sequence[Odd]) -> str:
    shown = [
        f"line {one.quote.line} says 1 {one.quote.base} = {one.quote.rate:f} {one.quote.quote}"
        f" on {one.quote.day}, but {one.because}"
        for one in odd[:_NAMED]
    ]
    return "; ".join(shown) + (", and more" if len(odd) > _NAMED else "")


async def get_rate(db: Db, *, base: Currency, quote: Currency, day: date) -> Rate:
    """Return what one unit of ``base`` was worth in ``quote`` on a day.

    Raises ``RateIsUnknown``.
    """
    row = await queries.rate(db, base, quote, day)
    if row is None:
        raise RateIsUnknown(
            await _why_unknown(db, base, quote, day), hint="Load one: strongroom fx load FILE"
        )
    over = None if row.over_currency is None else Currency(row.over_currency)
    return Rate(row.rate, row.day, row.source, over)


async def _why_unknown(db: Db, base: Currency, quote: Currency, day: date) -> str:
    newest = (await newest_days(db, codes=[base], quote=quote, day=day)).get(base)
    if newest is None:
        return f"No rate from {base} to {quote} is known for {day}."
    return (
        f"The newest rate from {base} to {quote} is of {newest} and too old for {day}:"
        f" a rate holds for {RATE_DAYS} days."
    )


async def list_rates(
    db: Db,
    *,
    codes: Sequence[Currency] = (),
    since: date | None = None,
    until: date | None = None,
    after: RatePosition | None = None,
    limit: int = 50,
) -> RatePage:
    """Return the rates that were loaded, newest first: those with all of ``codes`` on either side.

    ``since`` and ``until`` are included.
    """
    limit = max(1, min(limit, _LONGEST_PAGE))
    rows = await queries.known(
        db,
        codes,
        {
            "since": since,
            "until": until,
            "day": None if after is None else after.day,
            "base": None if after is None else after.base,
            "quote": None if after is None else after.quote,
            "limit": limit + 1,
        },
    )
    items = [
        KnownRate(Currency(row.base), Currency(row.quote), row.day, row.rate, row.source)
        for row in rows[:limit]
    ]
    last = items[-1] if len(rows) > limit else None
    return RatePage(items, None if last is None else RatePosition(last.day, last.base, last.quote))


async def newest_days(
    db: Db, *, codes: Iterable[Currency], quote: Currency, day: date
) -> Mapping[Currency, date]:
    """Return the newest day up to ``day`` that a rate of each currency is of, even if too old.

    For saying why no rate holds on ``day``. What never had a rate is absent.
    """
    rows = await queries.newest_days(db, sorted({*codes}), quote, day)
    return {Currency(code): newest for code, newest in rows}


async def rates_on(
    db: Db, *, codes: Iterable[Currency], quote: Currency, days: Iterable[date]
) -> Mapping[tuple[Currency, date], Rate]:
    """Return what one unit of each currency was worth in ``quote`` on each of the days.

    What nobody knows is absent from the answer: there is no rate to take in its place.
    """
    rows = await queries.rates_on(db, sorted({*codes}), quote, sorted({*days}))
    return {
        (Currency(row.code), row.on_day): Rate(
            row.rate,
            row.day,
            row.source,
            None if row.over_currency is None else Currency(row.over_currency),
        )
        for row in rows
    }
