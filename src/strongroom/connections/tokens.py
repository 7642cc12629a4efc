"""Renewing access tokens through Plaid: by age, and when a person asks.

Plaid has no key that would make a renewal safe to repeat: its answer ends the old token and is
the only place the new one is ever written. So that it is asked for is stored first, the call is
made last, and its answer is stored before anything else happens. If the answer never comes, the
old token is tried; where that is dead, the link cannot be brought back, update mode included,
which needs a token. It is then said so, and linking the bank again picks its history up.
Destroying a token is in ``unlinking``.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import psycopg

from strongroom.connections import attempts, link_queries, log_queries, standing
from strongroom.connections.errors import GONE, NO_ANSWER, TOKEN_LOST, FeedError
from strongroom.connections.links import Links
from strongroom.connections.types import BankFeed, Item
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import ItemId, UserId

_RENEWALS = (5, timedelta(hours=1))
_ANSWER_IS_DUE = timedelta(minutes=2)  # Plaid may still be at it until then
_BATCH = 20
_STORE_TRIES = 8
_FIRST_WAIT_SECONDS = 0.2
_UNCERTAIN = frozenset({"NETWORK", "API_ERROR"})


async def renew_token(
    links: Links, *, owner: UserId, item_id: ItemId, actor: str = "person"
) -> Item:
    """Have an item's access token replaced by a new one; the old one is dead at once.

    A read under way is waited for a few seconds. Raises ``ItemNotFound``, ``LinkIsDisconnected``,
    ``LinkedElsewhere``, ``SyncIsRunning``, ``FeedError``, and ``TooManyAttempts`` past five times
    an hour.
    """
    async with links.database.unit_of_work(owner) as db:
        await attempts.item_of(db, owner, item_id)
        await links.access_token(db, owner, item_id)
    await attempts.count(links, owner, f"renew token {item_id}", *_RENEWALS)
    async with links.alone_with(item_id, hint="Renew its token in a minute."):
        return await _unbroken(links, owner, item_id, actor)


async def _unbroken(links: Links, owner: UserId, item_id: ItemId, actor: str) -> Item:
    """Renew a token to the end, also where whoever asked goes away in the middle."""
    work = asyncio.create_task(_renew(links, owner, item_id, actor))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        raise


async def _renew(links: Links, owner: UserId, item_id: ItemId, actor: str) -> Item:
    feed = links.feed()
    async with links.database.unit_of_work(owner) as db:
        token, _ = await links.access_token(db, owner, item_id)
        await link_queries.ask_token(db, owner, item_id, links.clock())
    try:
        fresh = await feed.renew_token(token)
    except FeedError as error:
        await _refused(links, feed, owner, item_id, error)
        raise
    await _store(links, owner, item_id, fresh)
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        await attempts.record(db, links, owner, actor, "renew_token", "item", item_id)
        return await attempts.item_of(db, owner, item_id)


async def _store(links: Links, owner: UserId, item_id: ItemId, token: str) -> None:
    """Store a new token: there is no second chance, so a database that is away is waited for."""
    for attempt in range(_STORE_TRIES):
        try:
            async with links.database.unit_of_work(owner) as db:
                place = "plaid_items.access_token"
                sealed = await links.seal(db, owner, place, item_id, token)
                await link_queries.store_token(db, owner, item_id, sealed, links.clock())
        except (Unavailable, psycopg.Error):
            if attempt + 1 == _STORE_TRIES:
                raise
            await asyncio.sleep(_FIRST_WAIT_SECONDS * 2**attempt)
        else:
            return


async def _refused(
    links: Links, feed: BankFeed, owner: UserId, item_id: ItemId, error: FeedError
) -> None:
    """Note that no new token came. Whether Plaid made one may be unknown: then it is looked into.

    A plain no has changed nothing.
    """
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        if error.error_code in GONE:
            await _end(db, links, owner, item_id, error.error_code)
        elif error.error_type not in _UNCERTAIN:  # an answer without sense is an API_ERROR
            await link_queries.token_stays(db, owner, item_id)


async def _end(db: Db, links: Links, owner: UserId, item_id: ItemId, code: str) -> None:
    """Note that no token opens a link any more, and tell its person if that is news."""
    item = await attempts.item_of(db, owner, item_id)
    await link_queries.token_stays(db, owner, item_id)
    await standing.ended(db, owner=owner, item=item, code=code, now=links.clock())
    if code == TOKEN_LOST:
        await attempts.record(db, links, owner, "system", "lose_token", "item", item_id)


async def renew_old_for_all(links: Links, batch: int = _BATCH) -> int:
    """Renew every token that is older than ``links.token_life``; return how many were.

    An item that is read at that moment has its turn the next day, and so have all others where
    Plaid does not answer.
    """
    if links.token_life is None:
        return 0
    renewed, last = 0, None
    before = links.clock() - links.token_life
    while True:
        async with links.database.unit_of_work_for_all() as db:
            due = await link_queries.old_tokens_for_all(db, links.environment, before, last, batch)
        for one in due:
            last = (one.since, one.id)
            try:
                async with links.database.lease(f"item {one.id}") as ours:
                    if ours:
                        await _unbroken(links, UserId(one.user_id), ItemId(one.id), "system")
                        renewed += 1
            except FeedError as error:
                if error.error_type in _UNCERTAIN:
                    return renewed  # the others would be put at risk for nothing
            except (StrongroomError, psycopg.Error):
                continue
        if len(due) < batch:
            return renewed


async def look_after_lost_for_all(links: Links, batch: int = _BATCH) -> int:
    """Find out about tokens that were asked for and never came; return how many were settled.

    One that cannot be settled yet goes behind the others; a Plaid that is silent is asked once.
    """
    settled = 0
    async with links.database.unit_of_work_for_all() as db:
        before = links.clock() - _ANSWER_IS_DUE
        found = await link_queries.asked_tokens_for_all(db, links.environment, before, batch)
    for one in found:
        try:
            async with links.database.lease(f"item {one.id}") as ours:
                if ours:
                    await _settle(links, UserId(one.user_id), ItemId(one.id))
                    settled += 1
        except FeedError as error:
            await _goes_behind(links, one)
            if error.error_code == NO_ANSWER:
                break  # nor would it answer for the others
        except (StrongroomError, psycopg.Error):
            await _goes_behind(links, one)  # looked into again in a few minutes
    return settled


async def _goes_behind(links: Links, one: link_queries.Aged) -> None:
    """Let the others be looked into before this one is again."""
    with contextlib.suppress(StrongroomError, psycopg.Error):
        async with links.database.unit_of_work(UserId(one.user_id)) as db:
            await link_queries.ask_again_later(db, one.user_id, one.id, links.clock())


async def _settle(links: Links, owner: UserId, item_id: ItemId) -> None:
    """Try the token that we have: it is the one there is, or it is dead and no other is known."""
    async with links.database.unit_of_work(owner) as db:
        token, _ = await links.access_token(db, owner, item_id)
    feed, code = links.feed(), None
    try:
        await feed.item(token)
    except FeedError as error:
        if error.error_code not in GONE:
            await attempts.log_calls(links, owner, item_id, feed.calls)
            raise
        code = TOKEN_LOST
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        if code is None:
            await link_queries.token_stays(db, owner, item_id)
        else:
            await _end(db, links, owner, item_id, code)
