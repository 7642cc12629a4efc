"""Looking after every bank link by itself: those silent for hours, those due, and old logs.

Works across people, in batches. Reads no bank: it asks jobs to.
"""

from __future__ import annotations

from datetime import timedelta

from strongroom.connections import log_queries, news, queries, state_queries
from strongroom.connections.links import Links
from strongroom.core.ids import ItemId, UserId
from strongroom.core.queue import enqueue

_AT_ONCE = 500
_SOON = tuple(timedelta(seconds=seconds) for seconds in (2, 8, 20))
_ASKED_FOR = timedelta(minutes=10)
"""For so long a link that was asked for is not asked for again; a read that ends says anew."""
_BATCH = 1000
KEEP_WEBHOOKS = timedelta(days=30)
KEEP_DEAD_WEBHOOKS = timedelta(days=90)
KEEP_CALLS = timedelta(days=400)


async def ask_silent_for_all(links: Links, *, silent_for: timedelta) -> int:
    """Ask for every link that was not tried for so long, or whose next try is due.

    Links that rest are left alone; of a bank that is down one link is tried for all.
    """
    now = links.clock()
    async with links.database.unit_of_work_for_all() as db:
        found = await log_queries.silent_items_for_all(
            db, links.environment, now - silent_for, now, _AT_ONCE
        )
        for one in found:
            await queries.set_next_try(db, one.user_id, one.id, now + _ASKED_FOR)
            await enqueue(
                db,
                "connections.sync_silent",
                lock=f"item {one.id}",
                once=f"connections.sync_silent {one.id}",
                owner=str(one.user_id),
                item=str(one.id),
            )
    return len(found)


async def ask_again(links: Links, owner: UserId, item_id: ItemId) -> None:
    """Ask once more for a link that has just failed: in seconds, and again a while later.

    After that the times that are noted on the item itself are kept, by ``ask_silent_for_all``.
    The job takes no lock: while it waits, whoever asks for the link is served.
    """
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        found = await queries.items(db, owner, item_id)
        if not found or not 0 < found[0].failures <= len(_SOON):
            return
        await enqueue(
            db,
            "connections.sync_silent",
            once=f"connections.sync_silent {item_id}",
            at=now + _SOON[found[0].failures - 1],
            owner=str(owner),
            item=str(item_id),
        )


async def tell_of_silence_for_all(links: Links, *, silent_for: timedelta) -> int:
    """Tell people, once, of links that were not read well for so long; return of how many."""
    now = links.clock()
    async with links.database.unit_of_work_for_all() as db:
        found = await state_queries.unheard_for_all(
            db, links.environment, now - silent_for, _AT_ONCE
        )
        for one in found:
            owner, item_id = UserId(one.user_id), ItemId(one.id)
            item = await queries.lock_item(db, owner, item_id)
            if item is not None:
                await news.tell(db, owner, item, news.SILENT, now)
                await state_queries.alerted(db, owner, item_id, now)
    return len(found)


async def forget_old_for_all(links: Links) -> int:
    """Delete what the policy keeps no longer, a batch a unit of work; return how many rows.

    Handled webhooks after 30 days, dead letters after 90, calls to Plaid after 400.
    """
    now, total = links.clock(), 0
    while True:
        async with links.database.unit_of_work_for_all() as db:
            gone = await log_queries.forget_webhooks_for_all(
                db, now - KEEP_WEBHOOKS, now - KEEP_DEAD_WEBHOOKS, _BATCH
            )
            gone += await log_queries.forget_calls_for_all(db, now - KEEP_CALLS, _BATCH)
        total += gone
        if not gone:
            return total
