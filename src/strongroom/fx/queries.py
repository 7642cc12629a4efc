"""SQL of exchange rates, set by set. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class StoredRate:
    """A rate as it is stored."""

    base: str
    quote: str
    day: date
    rate: Decimal


async def stage(db: Db, rows: Iterable[tuple[str, str, date, Decimal]]) -> None:
    """Lay rates into the temporary table ``staged_rates``."""
    await db.execute(
        """
        CREATE TEMPORARY TABLE staged_rates (base text, quote text, day date, rate numeric)
        ON COMMIT DROP
        """
    )
    async with db.cursor().copy("COPY staged_rates FROM STDIN WITH (FORMAT binary)") as copy:
        copy.set_types(["text", "text", "date", "numeric"])
        for row in rows:
            await copy.write_row(row)


async def near_staged_for_all(db: Db) -> list[StoredRate]:
    """Return the stored rates that may speak against the staged ones: within ten days of them."""
    return await core_db.many(
        db,
        StoredRate,
        """
        SELECT e.base, e.quote, e.day, e.rate FROM exchange_rates e
        WHERE e.day BETWEEN (SELECT min(day) FROM staged_rates) - 10
                        AND (SELECT max(day) FROM staged_rates) + 10
          AND NOT EXISTS (SELECT 1 FROM staged_rates s
                          WHERE s.base = e.base AND s.quote = e.quote AND s.day = e.day)
        """,
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rates were new and how many replaced another."""

    added: int
    changed: int


async def store_for_all(db: Db, source: str, now: datetime) -> Stored:
    """Store the staged rates; one that is the same already is left alone."""
    row = await core_db.one(
        db,
        Stored,
        """
        WITH stored AS (
            INSERT INTO exchange_rates AS e (base, quote, day, rate, source, loaded_at)
            SELECT base, quote, day, rate, %(source)s, %(now)s FROM staged_rates
            ON CONFLICT (base, quote, day) DO UPDATE SET
                rate = excluded.rate, source = excluded.source, loaded_at = excluded.loaded_at
                WHERE e.rate <> excluded.rate
            RETURNING xmax = 0 AS is_new
        )
        SELECT count(*) FILTER (WHERE is_new)::int AS added,
               count(*) FILTER (WHERE NOT is_new)::int AS changed
        FROM stored
        """,
        {"source": source, "now": now},
    )
    assert row is not None  # noqa: S101 - an aggregate without GROUP BY always has its row
    return row


@dataclass(frozen=True, slots=True)
class RateRow:
    """What ``fx_rate`` answers."""

    rate: Decimal
    day: date
    source: str
    over_currency: str | None


async def rate(db: Db, base: str, quote: str, day: date) -> RateRow | None:
    """Return the rate that holds on a day, if one is known."""
    return await core_db.one(
        db,
        RateRow,
        "SELECT rate, day, source, over_currency FROM fx_rate(%(base)s, %(quote)s, %(day)s)",
        {"base": base, "quote": quote, "day": day},
    )


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A rate as it is stored, and where it is from."""

    base: str
    quote: str
    day: date
    rate: Decimal
    source: str


# By how many currencies are asked for: a rate has two, and each way to ask has its index.
_OF_CODES = (
    "",
    "AND %(one)s IN (base, quote)",
    "AND (base, quote) IN ((%(one)s, %(other)s), (%(other)s, %(one)s))",
)


async def known(db: Db, codes: Collection[str], params: dict[str, object]) -> list[KnownRow]:
    """Return stored rates with all of some currencies on either side, newest first.

    ``params``: since, until, limit, and the last row's day, base and quote or None.
    """
    named = sorted({*codes})
    if len(named) >= len(_OF_CODES):
        return []
    one, other = [*named, None, None][:2]
    return await core_db.many(
        db,
        KnownRow,
        f"""
        SELECT base, quote, day, rate, source FROM exchange_rates
        WHERE day BETWEEN coalesce(%(since)s::date, '-infinity')
                      AND least(%(until)s::date, %(day)s::date, 'infinity'::date)
          {_OF_CODES[len(named)]}
          AND (%(day)s::date IS NULL OR day < %(day)s
               OR (day = %(day)s AND (base, quote) > (%(base)s, %(quote)s)))
        ORDER BY day DESC, base, quote
        LIMIT %(limit)s
        """,  # noqa: S608 - all parts are written here
        {**params, "one": one, "other": other},
    )


async def newest_days(
    db: Db, codes: Sequence[str], quote: str, day: date
) -> list[tuple[str, date]]:
    """Return the newest day up to one on which each currency has a rate, however old.

    Two currencies that are told in a third have one on the older of their newest days, or over
    ten days where one of them stands still; those are the days tried.
    """
    cursor = await db.execute(
        """
        WITH newest AS (
            SELECT c.code, (
                SELECT max(e.day) FROM exchange_rates e
                WHERE c.code IN (e.base, e.quote) AND e.day <= %(day)s) AS day
            FROM (SELECT unnest(%(codes)s::text[]) UNION SELECT %(quote)s) c (code)
        )
        SELECT n.code, max(r.day) FROM newest n
        JOIN newest q ON q.code = %(quote)s
        CROSS JOIN LATERAL (VALUES (n.day), (q.day)) tried (day)
        CROSS JOIN LATERAL fx_rate(n.code, %(quote)s, tried.day) r
        WHERE n.code <> %(quote)s
        GROUP BY 1
        """,
        {"codes": list(codes), "quote": quote, "day": day},
    )
    return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class RateOnDay:
    """What one unit of a currency was worth on a day that was asked for."""

    code: str
    on_day: date
    rate: Decimal
    day: date
    source: str
    over_currency: str | None


async def rates_on(
    db: Db, codes: Sequence[str], quote: str, days: Sequence[date]
) -> list[RateOnDay]:
    """Return the rates of currencies on some days; the unknown ones are absent."""
    return await core_db.many(
        db,
        RateOnDay,
        """
        SELECT c.code, d.on_day, r.rate, r.day, r.source, r.over_currency
        FROM unnest(%(codes)s::text[]) c (code)
        CROSS JOIN unnest(%(days)s::date[]) d (on_day)
        CROSS JOIN LATERAL fx_rate(c.code, %(quote)s, d.on_day) r
        """,
        {"codes": list(codes), "quote": quote, "days": list(days)},
    )
