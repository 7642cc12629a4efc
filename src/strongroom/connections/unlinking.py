"""Ending a link: the item at Plaid, then its token here. Accounts and history stay."""

from __future__ import annotations

from strongroom import accounts
from strongroom.connections import attempts, link_queries, log_queries, news, queries
from strongroom.connections.errors import GONE, FeedError
from strongroom.connections.links import Links
from strongroom.connections.types import Item
from strongroom.core.ids import ItemId, UserId


async def unlink(
    links: Links,
    *,
    owner: UserId,
    item_id: ItemId,
    close_accounts: bool = False,
    actor: str = "person",
) -> Item:
    """End a link: the item at Plaid, then its token here. Accounts and history stay.

    Its accounts go on counting with their last balance; with ``close_accounts`` they count as
    zero from today on. A read under way is waited for a few seconds. Raises ``ItemNotFound``,
    ``LinkIsDisconnected``, ``LinkedElsewhere``, ``SyncIsRunning`` and ``FeedError``; then nothing
    has changed.
    """
    async with links.alone_with(item_id, hint="Unlink it in a minute."):
        async with links.database.unit_of_work(owner) as db:
            await attempts.item_of(db, owner, item_id)
            token, _ = await links.access_token(db, owner, item_id)
        feed = links.feed()
        try:
            await feed.remove(token)
        except FeedError as error:
            # Gone there already is what we wanted; anything else leaves the link as it was.
            if error.error_code not in GONE:
                await attempts.log_calls(links, owner, item_id, feed.calls)
                raise
        now = links.clock()
        async with links.database.unit_of_work(owner) as db:
            await queries.disconnect(db, owner, item_id, now)
            await link_queries.leave_uncompared(db, owner, item_id, now)
            before = await attempts.item_of(db, owner, item_id)
            await news.settle(db, owner, before, now)
            await log_queries.insert_calls(db, owner, item_id, feed.calls)
            for one in await accounts.list_all(db, owner=owner):
                if close_accounts and one.item_id == item_id and one.closed_at is None:
                    await accounts.close(
                        db,
                        owner=owner,
                        account_id=one.id,
                        now=now,
                        actor=actor,
                        even_pending=True,
                    )
            gone = await attempts.item_of(db, owner, item_id)
            await attempts.record(db, links, owner, actor, "unlink", "item", item_id)
        return gone
