"""What keeps everyone's accounts true day by day: projected balances, and reminders.

Opens a unit of work for each person, so that what is wrong with one's accounts stops nobody
else's. Decides nothing itself.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from strongroom.accounts import asset_queries, reminders
from strongroom.accounts.asset_queries import OldValue
from strongroom.accounts.assets import move_on
from strongroom.core.db import Database, Db
from strongroom.core.ids import AccountId, UserId

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def move_on_for_all(database: Database, *, now: datetime) -> Mapping[str, int]:
    """Bring everyone's projected balances up to their today; return how many people and days."""
    async with database.unit_of_work_for_all() as db:
        due = await asset_queries.projected_for_all(db, now)

    async def work(db: Db, owner: UserId, theirs: list[UUID]) -> int:
        accounts = [AccountId(one) for one in theirs]
        return await move_on(db, owner=owner, account_ids=accounts, now=now)

    pairs = ((UserId(one.user_id), one.account_id) for one in due)
    return await _each(database, pairs, work, "days")


async def remind_for_all(database: Database, *, now: datetime) -> Mapping[str, int]:
    """Remind everyone of values that are older than they wanted; return how many there were."""
    async with database.unit_of_work_for_all() as db:
        old = await asset_queries.old_values_for_all(db, now)

    async def work(db: Db, owner: UserId, theirs: list[OldValue]) -> int:
        told = 0
        for one in theirs:
            told += await reminders.remind(
                db, owner=owner, account_id=one.account_id, name=one.name, day=one.day, now=now
            )
        return told

    return await _each(database, ((UserId(one.user_id), one) for one in old), work, "reminders")


async def _each(
    database: Database,
    pairs: Iterable[tuple[UserId, T]],
    work: Callable[[Db, UserId, list[T]], Awaitable[int]],
    counted: str,
) -> Mapping[str, int]:
    """Do the work for each person in a unit of work of their own; log whose fails, and go on."""
    theirs: defaultdict[UserId, list[T]] = defaultdict(list)
    for owner, one in pairs:
        theirs[owner].append(one)
    done = failed = 0
    for owner, many in theirs.items():
        try:
            async with database.unit_of_work(owner) as db:
                done += await work(db, owner, many)
        except Exception:
            _log.exception("one person's accounts were not kept", extra={"owner": str(owner)})
            failed += 1
    return {"people": len(theirs), counted: done, **({"failed": failed} if failed else {})}
