"""Having Plaid look at a bank at once, where a person asks for what is new this minute.

Plaid otherwise looks a few times a day by itself. Reads no row: what it finds comes by sync.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from strongroom.connections import aside_queries
from strongroom.connections.errors import FeedError
from strongroom.connections.links import Links
from strongroom.connections.types import BankFeed
from strongroom.core.ids import ItemId, UserId
from strongroom.core.queue import enqueue

_PRODUCT = "transactions"
_FOUND_AFTER = timedelta(seconds=30)
_log = logging.getLogger(__name__)


async def look_now(
    links: Links, feed: BankFeed, owner: UserId, item_id: ItemId, token: str
) -> None:
    """Ask Plaid to look at the bank, where the item has transactions; then ask for it once more.

    A refusal is no trouble of the link's: it is an add-on that an account may not have or a bank
    not offer. It is logged with the other calls, and what Plaid knows by now is read all the same.
    """
    async with links.database.unit_of_work(owner) as db:
        has = await aside_queries.products(db, owner, item_id)
    if _PRODUCT not in has:
        return
    try:
        await feed.refresh(token)
    except FeedError as error:
        _log.info("Plaid did not look at the bank", extra={"code": error.error_code})
        return
    if links.environment != "local":
        # Plaid answers before it has looked, and its webhook may not reach us.
        async with links.database.unit_of_work(owner) as db:
            await enqueue(
                db,
                "connections.sync_silent",
                once=f"connections.sync_silent {item_id}",
                at=links.clock() + _FOUND_AFTER,
                owner=str(owner),
                item=str(item_id),
            )
