"""From a finished Link session to a stored item: compare, reserve, exchange, store.

A link to accounts that are linked already is found before anything is exchanged, from what Link
told of them. Where it told nothing, as without its page, they are compared right after the
exchange and before the first sync, and a second item is removed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from strongroom.connections import (
    attempts,
    duplicates,
    link_queries,
    log_queries,
    news,
    queries,
)
from strongroom.connections.errors import GONE, USED_PUBLIC_TOKEN, FeedError
from strongroom.connections.links import Links
from strongroom.connections.syncing import ask_in
from strongroom.connections.types import (
    ApiCall,
    BankFeed,
    LinkAccount,
    LinkOutcome,
    LinkSession,
    LinkState,
    Why,
)
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId, new_id

_UNNAMED = "Bank"


async def reserve(
    links: Links, owner: UserId, session: LinkSession, outcome: LinkOutcome, bank: str | None
) -> LinkSession:
    """Keep what Link told, the public token sealed, and say whether it may be exchanged.

    Returned ``open``: another attempt at the same accounts is under way; ask again.
    ``duplicate``: they are linked already, and the person chooses.
    """
    now, bank = links.clock(), outcome.institution_id or bank
    async with links.database.unit_of_work(owner) as db:
        await link_queries.one_link_at_a_time(db, owner)
        held = await duplicates.find(
            db,
            links,
            owner=owner,
            session_id=session.id,
            institution_id=bank,
            told=outcome.accounts,
        )
        if held.being_made:
            return session
        state = LinkState.EXCHANGING if held.item_id is None else LinkState.DUPLICATE
        sealed = await links.seal(
            db, owner, "link_sessions.public_token", session.id, outcome.public_token or ""
        )
        await link_queries.move_link_session(
            db,
            owner,
            session.id,
            now,
            state=state,
            public_token=sealed,
            link_session_id=outcome.link_session_id,
            institution_id=bank,
            institution_name=outcome.institution_name,
            duplicate_of=held.item_id,
            accounts=outcome.accounts,
        )
        if outcome.accounts is not None:  # else what it linked is only seen once it is compared
            await attempts.log_end(db, links, owner, outcome)
        return await attempts.read(db, owner, session.id)


async def exchange(
    links: Links,
    owner: UserId,
    session: LinkSession,
    public_token: str,
    institution_id: str | None,
    actor: str,
) -> None:
    """Exchange a reserved public token and store the item; see what it holds if nobody told."""
    item_id = ItemId(new_id())
    if session.accounts is not None:
        await _make(links, owner, session, item_id, public_token, institution_id, actor)
        return
    # Nothing reads the new item before its accounts were compared: webhooks come at once.
    async with links.database.lease(f"item {item_id}"):
        if await _make(links, owner, session, item_id, public_token, institution_id, actor):
            made = replace(session, item_id=item_id)
            await compare(links, owner, made, institution_id, actor)


async def _make(
    links: Links,
    owner: UserId,
    session: LinkSession,
    item_id: ItemId,
    public_token: str,
    institution_id: str | None,
    actor: str,
) -> bool:
    feed = links.feed()
    try:
        made = await feed.exchange(public_token)
    except FeedError as error:
        if error.error_code == USED_PUBLIC_TOKEN:
            # Exchanged before a crash could store it, or too old: the token is out of reach.
            await _lost(links, owner, session, feed.calls, USED_PUBLIC_TOKEN)
            return False
        await attempts.log_calls(links, owner, None, feed.calls)
        raise
    # From here on nothing but storing: whatever else there is to learn can wait for the sync.
    now, told = links.clock(), session.accounts is not None
    ended: list[str] = []
    async with links.database.unit_of_work(owner) as db:
        sealed = await links.seal(db, owner, "plaid_items.access_token", item_id, made.access_token)
        await queries.insert_item(
            db,
            {
                "owner": owner,
                "id": item_id,
                "plaid_item_id": made.plaid_item_id,
                "environment": links.environment,
                "access_token": sealed,
                "institution_id": institution_id,
                "institution_name": session.institution_name or _UNNAMED,
                # Until it is compared it is read by nobody: should that fail, the watchdog asks.
                "next_try_at": None if told else now,
                "now": now,
            },
        )
        await link_queries.move_link_session(
            db,
            owner,
            session.id,
            now,
            state=LinkState.DONE if told else LinkState.EXCHANGING,
            item_id=item_id,
        )
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        if told:
            linked = replace(session, item_id=item_id)
            ended = await _welcome(db, links, owner, linked, institution_id, actor)
    await _remove_at_plaid(links, owner, ended)
    return True


async def compare_later(
    links: Links, owner: UserId, session: LinkSession, institution_id: str | None, actor: str
) -> None:
    """Take up a comparison that a crash cut short; while the item is being read, leave it."""
    async with links.database.lease(f"item {session.item_id}") as ours:
        if ours:
            await compare(links, owner, session, institution_id, actor)


async def compare(
    links: Links, owner: UserId, session: LinkSession, institution_id: str | None, actor: str
) -> None:
    """Ask which accounts a new item holds; remove it again if they are linked already.

    Hold the item's lease: nothing may read it into the book while it may have to go. Raises
    ``FeedError`` where the bank does not tell them: then it is compared before its next read.
    """
    item_id = session.item_id
    assert item_id is not None  # noqa: S101 - only an attempt whose item is stored comes here
    async with links.database.unit_of_work(owner) as db:
        item = await attempts.item_of(db, owner, item_id)
        token, _ = await links.access_token(db, owner, item_id)
    feed = links.feed()
    try:
        told = [
            LinkAccount(
                one.plaid_account_id, one.persistent_account_id, one.name, one.mask, one.type,
                one.subtype,
            )
            for one in await feed.accounts(token)
        ]  # fmt: skip
    except FeedError as error:
        if error.error_code in GONE:
            await _forget(links, owner, session, feed.calls)
            return
        await attempts.log_calls(links, owner, item_id, feed.calls)
        raise
    now, ended = links.clock(), []
    async with links.database.unit_of_work(owner) as db:
        await link_queries.one_link_at_a_time(db, owner)
        held = await duplicates.find(
            db,
            links,
            owner=owner,
            session_id=session.id,
            institution_id=institution_id,
            told=told,
            beside=item_id,
        )
        if held.being_made:
            await log_queries.insert_calls(db, owner, item_id, feed.calls)
            return
        twin = held.item_id if item.last_successful_update is None else None
        if twin is None:
            await link_queries.move_link_session(
                db, owner, session.id, now, state=LinkState.DONE, accounts=told
            )
            await queries.set_next_try(db, owner, item_id, None)  # its first read is asked for
            await log_queries.insert_late_event(db, owner, session.id, new_id(), "success", now)
            await log_queries.insert_calls(db, owner, item_id, feed.calls)
            kept = replace(session, accounts=told)
            ended = await _welcome(db, links, owner, kept, institution_id, actor)
    if twin is not None:
        await _take_back(links, feed, owner, replace(session, accounts=told), token, twin)
    await _remove_at_plaid(links, owner, ended)


async def _take_back(
    links: Links, feed: BankFeed, owner: UserId, session: LinkSession, token: str, twin: ItemId
) -> None:
    """Remove an item that would read for a second time what ``twin`` reads, here and at Plaid."""
    item_id = session.item_id
    assert item_id is not None  # noqa: S101 - it was compared
    try:
        await feed.remove(token)
    except FeedError as error:
        if error.error_code not in GONE:
            await attempts.log_calls(links, owner, item_id, feed.calls)
            raise
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await _drop(db, owner, session, now)
        await link_queries.move_link_session(
            db,
            owner,
            session.id,
            now,
            state=LinkState.DUPLICATE,
            duplicate_of=twin,
            accounts=session.accounts,
        )
        await log_queries.insert_late_event(db, owner, session.id, new_id(), "duplicate", now)
        await log_queries.insert_calls(db, owner, item_id, feed.calls)


async def _welcome(
    db: Db,
    links: Links,
    owner: UserId,
    session: LinkSession,
    institution_id: str | None,
    actor: str,
) -> list[str]:
    """Ask for a new item's first sync, end the links it replaces; return the latter's tokens."""
    item_id, now, tokens = session.item_id, links.clock(), []
    assert item_id is not None  # noqa: S101 - it was stored in this unit of work
    held = await duplicates.find(
        db,
        links,
        owner=owner,
        session_id=session.id,
        institution_id=institution_id,
        told=session.accounts,
        beside=item_id,
    )
    for old in held.replaces:
        token, _ = await links.access_token(db, owner, old)
        tokens.append(token)
        await queries.disconnect(db, owner, old, now)
        await news.settle(db, owner, await attempts.item_of(db, owner, old), now)
        await attempts.record(db, links, owner, actor, "replace", "item", old)
    await ask_in(db, owner=owner, item_id=item_id, why=Why.SCHEDULED, now=now)
    await attempts.record(db, links, owner, actor, "link", "item", item_id)
    return tokens


async def _remove_at_plaid(links: Links, owner: UserId, tokens: Sequence[str]) -> None:
    """End items that the bank has ended already, so that Plaid does not keep them either."""
    for token in tokens:
        feed = links.feed()
        try:
            await feed.remove(token)
        except FeedError:
            pass  # gone there already, as a rule; the log of calls tells the rest
        finally:
            await attempts.log_calls(links, owner, None, feed.calls)


async def _drop(db: Db, owner: UserId, session: LinkSession, now: datetime) -> None:
    """Delete an item that was never read, and what was told of its troubles."""
    assert session.item_id is not None  # noqa: S101 - it was compared
    await news.settle(db, owner, await attempts.item_of(db, owner, session.item_id), now)
    await link_queries.forget_item(db, owner, session.item_id, session.id)


async def _forget(
    links: Links, owner: UserId, session: LinkSession, calls: Sequence[ApiCall]
) -> None:
    """Let go of an item that is gone at Plaid before it was ever read."""
    async with links.database.unit_of_work(owner) as db:
        await _drop(db, owner, session, links.clock())
    await _lost(links, owner, session, calls, "ITEM_NOT_FOUND")


async def _lost(
    links: Links, owner: UserId, session: LinkSession, calls: Sequence[ApiCall], code: str
) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await link_queries.move_link_session(
            db, owner, session.id, now, state=LinkState.LOST, error_code=code
        )
        if session.accounts is None:
            await log_queries.insert_late_event(db, owner, session.id, new_id(), "success", now)
        await log_queries.insert_calls(db, owner, None, calls)
        await attempts.record(db, links, owner, "system", "lose_link", "link_session", session.id)
