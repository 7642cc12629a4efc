"""Reading a bank's changes into the book: one sync an item at a time, all of it or nothing.

Pages are fetched first and stored afterwards, rows and cursor in one unit of work. A crash
before that repeats the fetch; a crash after it repeats nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg

from strongroom import accounts, identity, transactions
from strongroom.connections import (
    histories,
    kept_aside,
    log_queries,
    looking,
    products,
    queries,
    reading,
    standing,
    troubles,
)
from strongroom.connections.aside_queries import Waiting
from strongroom.connections.errors import (
    FeedError,
    ItemNotFound,
    LinkedElsewhere,
    LinkIsDisconnected,
    SyncIsRunning,
)
from strongroom.connections.links import Links
from strongroom.connections.reading import Read
from strongroom.connections.states import ReadFailed
from strongroom.connections.types import (
    ApiCall,
    BankFeed,
    Item,
    ItemReport,
    Refresh,
    Status,
    Unreadable,
    Why,
)
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.queue import enqueue
from strongroom.core.time import today
from strongroom.ui import N_

_UNKNOWN = "TRANSACTIONS_UPDATE_STATUS_UNKNOWN"
_COMPLETE = "HISTORICAL_UPDATE_COMPLETE"
_SHORTEST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=10)
# From then on the watchdog's looks every few hours are enough.
_LOOK_FOR = timedelta(days=1)
_LOOK_FOR_UNKNOWN = timedelta(minutes=2)


async def ask_in(
    db: Db,
    *,
    owner: UserId,
    item_id: ItemId,
    why: Why,
    now: datetime,
    full: bool = False,
    look: bool = False,
) -> UUID:
    """Ask, in this unit of work, that an item be read; return the refresh to watch.

    ``full``: from the very beginning, as if it had never been read. ``look``: the provider is
    first asked to look at the bank.
    """
    refresh_id = new_id()
    await _add_refresh(db, owner, item_id, refresh_id, why, now)
    await enqueue(
        db,
        "connections.sync",
        lock=f"item {item_id}",
        owner=str(owner),
        item=str(item_id),
        refresh=str(refresh_id),
        full="yes" if full else "",
        look="yes" if look else "",
    )
    return refresh_id


async def _add_refresh(
    db: Db, owner: UserId, item_id: ItemId, refresh_id: UUID, why: Why, now: datetime
) -> None:
    columns = {
        "owner": owner,
        "id": refresh_id,
        "item_id": item_id,
        "refresh_type": why.value,
        "now": now,
    }
    await queries.insert_refresh(db, columns)


async def sync(
    links: Links,
    *,
    owner: UserId,
    item_id: ItemId,
    refresh_id: UUID,
    new: Why | None = None,
    full: bool = False,
    look: bool = False,
) -> Refresh:
    """Read everything that changed at the bank since the last time, and store it with its cursor.

    With ``new``, the refresh is made when the read begins; else it is there already. ``full``:
    from an empty cursor, so that everything is told again; where nothing changed, nothing changes.
    ``look``: Plaid is first asked to look at the bank itself, where ``links`` allow it; once for
    a refresh, however often that is tried, because Plaid bills each.
    Raises ``SyncIsRunning``, ``LinkIsDisconnected``, ``LinkedElsewhere``, ``ItemNotFound``, and
    ``FeedError``; whatever it raises but the first is noted on the refresh, and on the item where
    it is in trouble.
    """
    async with links.database.lease(f"item {item_id}") as ours:
        if not ours:
            raise SyncIsRunning(N_("This bank is being read already."))
        feed = links.feed()
        try:
            item, token, cursor, is_first = await _begin(links, owner, item_id, refresh_id, new)
            cursor = "" if full else cursor
            if look and is_first and links.asks_banks:
                await looking.look_now(links, feed, owner, item_id, token)
            progress = partial(_progress, links, owner, refresh_id)
            known = await _held(links, owner, item_id) if full else frozenset()
            read = await reading.fetch(
                feed,
                item=item,
                token=token,
                cursor=cursor,
                now=links.clock(),
                progress=progress,
                known=known,
            )
            whole = (full or read.anew) and read.complete
            return await _store(links, feed, owner, item_id, refresh_id, read, whole)
        except Exception as error:
            # What cannot be noted is logged by the job that ran; the first trouble is the one told.
            with suppress(StrongroomError, psycopg.Error):
                await note_failure(links, owner, item_id, refresh_id, error, feed.calls)
            raise


async def _begin(
    links: Links, owner: UserId, item_id: ItemId, refresh_id: UUID, new: Why | None
) -> tuple[Item, str, str, bool]:
    """Note that the read has begun; return the item as it was, its access token and cursor.

    And whether it is the first try of its refresh.
    """
    async with links.database.unit_of_work(owner) as db:
        found = await queries.items(db, owner, item_id)
        if not found:
            raise ItemNotFound(N_("There is no such bank link."))
        now = links.clock()
        if new is not None:
            await _add_refresh(db, owner, item_id, refresh_id, new, now)
        await queries.item_tried(db, owner, item_id, now)
        asked = await queries.refreshes(db, owner, None, refresh_id, 1)
        is_first = bool(asked) and asked[0].status == "pending"
        await queries.refresh_progress(db, owner, refresh_id, 0)
    async with links.database.unit_of_work(owner) as db:
        return found[0], *await links.access_token(db, owner, item_id), is_first


async def _held(links: Links, owner: UserId, item_id: ItemId) -> frozenset[str]:
    """Return what tells rows that we hold from news, while a whole history is read again."""
    async with links.database.unit_of_work(owner) as db:
        held = await accounts.list_all(db, owner=owner)
        ours = [one.id for one in held if one.item_id == item_id]
        return await transactions.held_digests(db, owner=owner, accounts=ours)


async def _progress(links: Links, owner: UserId, refresh_id: UUID, rows: int) -> None:
    async with links.database.unit_of_work(owner) as db:
        await queries.refresh_progress(db, owner, refresh_id, rows)


async def _store(
    links: Links,
    feed: BankFeed,
    owner: UserId,
    item_id: ItemId,
    refresh_id: UUID,
    read: Read,
    whole: bool,
) -> Refresh:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        before = await queries.lock_item(db, owner, item_id)
        if before is None or before.status is Status.DISCONNECTED:
            raise LinkIsDisconnected(N_("This bank is unlinked."), hint=N_("Link it again."))
        known = await histories.other_histories(db, owner=owner, item_id=item_id)
        taken, applied, bad = await _take_in(db, owner, before, feed, read, whole, now)
        if applied.strange:
            await histories.tell_new(db, owner=owner, item=before, known=known, now=now)
        await queries.save_cursor(db, owner, item_id, read.cursor, read.update_status, now)
        await standing.read_well(db, owner=owner, item=before, report=read.item, now=now)
        await queries.refresh_progress(db, owner, refresh_id, read.rows)
        await queries.end_refresh(
            db,
            owner,
            refresh_id,
            {
                "status": "partial_success" if bad else "success",
                "accounts_updated": len(taken.ids),
                "added": applied.added,
                "modified": applied.modified,
                "removed": applied.removed,
                "now": now,
            },
        )
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        await accounts.net_worth_changed(db, owner=owner)
        await products.ask_in(db, owner=owner, item_id=item_id, report=read.item)
        await _ask_for_the_rest(db, owner, before, read.update_status, now)
        found = await queries.refreshes(db, owner, None, refresh_id, 1)
    return found[0]


async def _take_in(
    db: Db, owner: UserId, item: Item, feed: BankFeed, read: Read, whole: bool, now: datetime
) -> tuple[accounts.TakenIn, transactions.Applied, int]:
    """Take accounts and rows in, and keep aside what cannot be; return how much that was."""
    settings = await identity.get_settings(db, owner=owner)
    before = await kept_aside.waiting(db, owner, item.id)
    bad_pages = kept_aside.still_bad(read.changes)
    # Before an account's row is locked by its new id, which whoever has the turn may ask for.
    await transactions.take_turn(db, owner=owner)
    taken = await accounts.take_in(
        db,
        owner=owner,
        item_id=item.id,
        institution_name=await _institution(db, owner, item, read.item, now),
        reports=list(read.accounts.values()),
        today=today(now, settings.time_zone),
        now=now,
        listed=None if read.listed is None else {*read.listed, *_ids(feed.unreadable)},
    )
    again = transactions.BankPage(
        modified=await kept_aside.tried_again(db, owner, before, taken.ids)
    )
    pages = [again, *(change.page for change in read.changes)]
    applied = await transactions.apply(
        db,
        owner=owner,
        accounts=taken.ids,
        pages=pages,
        now=now,
        moved=taken.moved,
        whole=whole,
        unread=_ids([*before, *bad_pages]),
    )
    found = [*bad_pages, *feed.unreadable, *kept_aside.homeless(applied.homeless)]
    found += [kept_aside.not_taken(one, read.accounts) for one in taken.not_taken]
    bad = await kept_aside.note(
        db, owner, item.id, before=before, found=found, pages=pages, now=now,
        read=() if read.listed is None else ("account", "balance"),
    )  # fmt: skip
    return taken, applied, bad


def _ids(many: Sequence[Unreadable | Waiting]) -> set[str]:
    return {one.plaid_id for one in many}


async def _institution(
    db: Db, owner: UserId, item: Item, report: ItemReport | None, now: datetime
) -> str:
    """Return the bank's name, learning it from Plaid where Link did not tell."""
    if report is None:
        return item.institution_name
    name = report.institution_name or item.institution_name
    institution_id = report.institution_id or item.institution_id
    if (institution_id, name) != (item.institution_id, item.institution_name):
        await queries.name_institution(db, owner, item.id, institution_id, name, now)
    return name


async def _ask_for_the_rest(
    db: Db, owner: UserId, item: Item, update_status: str, now: datetime
) -> None:
    """While Plaid is still collecting the history, look again: webhooks may not reach us.

    One look waits at a time, and each comes when the item is about twice as old as at the last.
    """
    age = now - item.created_at
    look_for = _LOOK_FOR_UNKNOWN if update_status == _UNKNOWN else _LOOK_FOR
    if update_status == _COMPLETE or age > look_for:
        return
    await enqueue(
        db,
        "connections.sync_rest",
        lock=f"item {item.id}",
        once=f"connections.sync_rest {item.id}",
        at=now + min(max(age, _SHORTEST_WAIT), _LONGEST_WAIT),
        owner=str(owner),
        item=str(item.id),
    )


def _failure(error: Exception) -> tuple[ReadFailed | None, str, str]:
    """Return what a failed read means for its item (None: nothing), and what is told of it."""
    if isinstance(error, FeedError):
        return ReadFailed(error.error_code, error.error_type), error.error_code, error.message
    if isinstance(error, LinkIsDisconnected | LinkedElsewhere | ItemNotFound):
        return None, error.code, error.message
    if isinstance(error, StrongroomError):
        kind = troubles.OURS if isinstance(error, Unavailable) else None
        return ReadFailed(error.code, kind), error.code, error.message
    message = "Something went wrong on this server while the bank was read. Its log tells more."
    return ReadFailed(troubles.OURS), troubles.OURS, message


async def note_failure(
    links: Links,
    owner: UserId,
    item_id: ItemId,
    refresh_id: UUID,
    error: Exception,
    calls: Sequence[ApiCall] = (),
) -> None:
    """End a refresh that could not be, and note its trouble and what was asked on the item.

    Where either is gone there is nothing to note. Raises what a unit of work raises.
    """
    now, (failure, code, message) = links.clock(), _failure(error)
    told = {"error_code": code, "error_message": message, "now": now}
    async with links.database.unit_of_work(owner) as db:
        await queries.end_refresh(db, owner, refresh_id, {"status": "failed", **told})
        await log_queries.insert_calls(db, owner, item_id, calls)
        item = await queries.lock_item(db, owner, item_id)
        if item is not None and failure is not None:
            await standing.read_failed(
                db, owner=owner, item=item, failure=failure, message=message, now=now
            )
