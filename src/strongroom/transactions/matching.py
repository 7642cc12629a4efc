"""Rows that came are looked at once for what they may belong to: doubles, transfers, refunds.

In the unit of work that brings them, in the book's turn, before its months are summed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.transactions import doubles, refunds, transfers

_MANY_DAYS, _MANY_ROWS = 31, 1_000


async def match(
    db: Db, *, owner: UserId, days: Collection[date], now: datetime, rows: int = 0
) -> None:
    """Look at the rows of these days; finds the same again where nothing changed.

    ``rows`` is about how many of them have just come, where that may be many.

    Doubles come first, so that a row that may be told twice is leg of nothing yet. What follows in
    the unit of work stands in the journal as a match's, unless it says otherwise.
    """
    if len(days) > _MANY_DAYS or rows > _MANY_ROWS:
        async with in_bulk(db):
            await _match(db, owner, days, now)
    else:
        await _match(db, owner, days, now)


async def _match(db: Db, owner: UserId, days: Collection[date], now: datetime) -> None:
    await doubles.propose(db, owner=owner, days=days, now=now)
    await transfers.match(db, owner=owner, days=days, now=now)
    await refunds.match(db, owner=owner, days=days, now=now)
