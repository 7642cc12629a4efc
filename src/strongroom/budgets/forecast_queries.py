"""SQL of forecasts as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A forecast's own columns."""

    currency: str
    made_at: datetime
    day: date
    begins: Decimal
    history: int
    lacking: dict[str, Any] | None
    origins: int
    checks: int
    inside_50: int | None
    inside_80: int | None
    inside_95: int | None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a forecast."""

    day: date
    low_95: Decimal
    low_80: Decimal
    low_50: Decimal
    middle: Decimal
    high_50: Decimal
    high_80: Decimal
    high_95: Decimal
    planned: Decimal


async def forecasts(db: Db, owner: UUID) -> list[ForecastRow]:
    """Return a person's forecasts, one a currency."""
    return await core_db.many(
        db,
        ForecastRow,
        """
        SELECT currency, made_at, day, begins, history, lacking, origins, checks, inside_50,
               inside_80, inside_95
        FROM forecasts WHERE user_id = %(owner)s ORDER BY currency
        """,
        {"owner": owner},
    )


async def days(db: Db, owner: UUID, currency: str) -> list[DayRow]:
    """Return the days of a forecast in their order."""
    return await core_db.many(
        db,
        DayRow,
        """
        SELECT day, low_95, low_80, low_50, middle, high_50, high_80, high_95, planned
        FROM forecast_days WHERE user_id = %(owner)s AND currency = %(currency)s ORDER BY day
        """,
        {"owner": owner, "currency": currency},
    )


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work writes this person's forecasts."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"forecast {owner}",)
    )


async def forget_others(db: Db, owner: UUID, currencies: Sequence[str]) -> int:
    """Drop forecasts in currencies in which there is nothing to forecast any more."""
    return await core_db.execute(
        db,
        """
        DELETE FROM forecasts
        WHERE user_id = %(owner)s AND currency <> ALL(%(currencies)s::text[])
        """,
        {"owner": owner, "currencies": list(currencies)},
    )


async def write(db: Db, owner: UUID, row: ForecastRow) -> None:
    """Write one forecast in place of what there was in its currency; its days are gone."""
    await db.execute(
        """
        DELETE FROM forecasts WHERE user_id = %(owner)s AND currency = %(currency)s
        """,
        {"owner": owner, "currency": row.currency},
    )
    await db.execute(
        """
        INSERT INTO forecasts (user_id, currency, made_at, day, begins, history, lacking, origins,
                               checks, inside_50, inside_80, inside_95)
        VALUES (%(owner)s, %(currency)s, %(now)s, %(day)s, %(begins)s, %(history)s, %(lacking)s,
                %(origins)s, %(checks)s, %(inside_50)s, %(inside_80)s, %(inside_95)s)
        """,
        {
            "owner": owner,
            "currency": row.currency,
            "now": row.made_at,
            "day": row.day,
            "begins": row.begins,
            "history": row.history,
            "lacking": None if row.lacking is None else Jsonb(row.lacking),
            "origins": row.origins,
            "checks": row.checks,
            "inside_50": row.inside_50,
            "inside_80": row.inside_80,
            "inside_95": row.inside_95,
        },
    )


async def write_days(db: Db, owner: UUID, currency: str, rows: Sequence[DayRow]) -> None:
    """Write the days of a forecast that has none."""
    await db.execute(
        """
        INSERT INTO forecast_days (user_id, currency, day, low_95, low_80, low_50, middle, high_50,
                                   high_80, high_95, planned)
        SELECT %(owner)s, %(currency)s, d.*
        FROM unnest(%(days)s::date[], %(low_95)s::numeric[], %(low_80)s::numeric[],
                    %(low_50)s::numeric[], %(middle)s::numeric[], %(high_50)s::numeric[],
                    %(high_80)s::numeric[], %(high_95)s::numeric[], %(planned)s::numeric[]) d
        """,
        {
            "owner": owner,
            "currency": currency,
            "days": [row.day for row in rows],
            "low_95": [row.low_95 for row in rows],
            "low_80": [row.low_80 for row in rows],
            "low_50": [row.low_50 for row in rows],
            "middle": [row.middle for row in rows],
            "high_50": [row.high_50 for row in rows],
            "high_80": [row.high_80 for row in rows],
            "high_95": [row.high_95 for row in rows],
            "planned": [row.planned for row in rows],
        },
    )


async def dismissed(db: Db, owner: UUID) -> list[str]:
    """Return the payees that a person said do not come again and again."""
    cursor = await db.execute(
        "SELECT payee FROM recurring_items WHERE user_id = %(owner)s AND verdict = 'dismissed'",
        {"owner": owner},
    )
    return [row[0] for row in await cursor.fetchall()]
