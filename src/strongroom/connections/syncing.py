"""Reading a bank's changes into the book: one sync an item at a time, all of it or nothing.

Pages are fetched first and stored afterwards, rows and cursor in one unit of work. A crash
before that repeats the fetch; a crash after it repeats nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from strongroom import accounts, identity, transactions
from strongroom.accounts import BankAccount
from strongroom.connections import log_queries, queries
from strongroom.connections.errors import (
    MUTATION,
    BankAnswerMakesNoSense,
    FeedError,
    LinkIsDisconnected,
    SyncIsRunning,
    status_after,
)
from strongroom.connections.links import Links
from strongroom.connections.types import BankFeed, ChangePage, ItemReport, Refresh, Status, Why
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.queue import enqueue
from strongroom.core.time import today

_RESTARTS = 8
_FIRST_WAIT_SECONDS = 0.2
_NOT_READY = "NOT_READY"
_NOT_READY_WAIT = timedelta(seconds=2)
_MOMENTS = 5
_MOMENT_SECONDS = 0.25
_HISTORY_WAIT = timedelta(seconds=20)
_LONGEST_BACK_OFF = timedelta(hours=6)
_NOTIFY_AFTER_FAILURES = 3


@dataclass(slots=True)
class _Read:
    """What one run has fetched: all pages in order, and where to go on from."""

    pages: list[transactions.BankPage] = field(default_factory=list)
    accounts: dict[str, BankAccount] = field(default_factory=dict)
    cursor: str = ""
    update_status: str = "NOT_READY"
    rows: int = 0
    item: ItemReport | None = None


async def ask_in(
    db: Db,
    *,
    owner: UserId,
    item_id: ItemId,
    why: Why,
    now: datetime,
    at: datetime | None = None,
) -> UUID:
    """Ask, in this unit of work, that an item be read; return the refresh to watch."""
    refresh_id = new_id()
    await queries.insert_refresh(
        db,
        {
            "owner": owner,
            "id": refresh_id,
            "item_id": item_id,
            "refresh_type": why.value,
            "now": now,
        },
    )
    await enqueue(
        db,
        "connections.sync",
        lock=f"item {item_id}",
        at=at,
        owner=str(owner),
        item=str(item_id),
        refresh=str(refresh_id),
    )
    return refresh_id


async def sync(links: Links, *, owner: UserId, item_id: ItemId, refresh_id: UUID) -> Refresh:
    """Read everything that changed at the bank since the last time, and store it with its cursor.

    Raises ``SyncIsRunning``, ``LinkIsDisconnected``, and ``FeedError`` after noting it on the
    item and the refresh.
    """
    async with links.database.lease(f"item {item_id}") as ours:
        if not ours:
            raise SyncIsRunning("This bank is being read already.")
        token, cursor = await _begin(links, owner, item_id, refresh_id)
        feed = links.feed()
        try:
            read = await _fetch(links, feed, owner, refresh_id, token, cursor)
            return await _store(links, feed, owner, item_id, refresh_id, read)
        except FeedError as error:
            await _note_failure(links, feed, owner, item_id, refresh_id, error)
            raise


async def _begin(links: Links, owner: UserId, item_id: ItemId, refresh_id: UUID) -> tuple[str, str]:
    """Return the item's access token and cursor; a refresh of an unlinked bank ends here."""
    try:
        async with links.database.unit_of_work(owner) as db:
            found = await links.access_token(db, owner, item_id)
            await queries.refresh_progress(db, owner, refresh_id, 0)
            return found
    except LinkIsDisconnected as error:
        ended = {"status": "failed", "error_code": error.code, "error_message": error.message}
        async with links.database.unit_of_work(owner) as db:
            await queries.end_refresh(db, owner, refresh_id, {**ended, "now": links.clock()})
        raise


async def _fetch(
    links: Links, feed: BankFeed, owner: UserId, refresh_id: UUID, token: str, cursor: str
) -> _Read:
    """Fetch all pages; on a mutation while paging, begin again from this run's first cursor."""
    for restart in range(_RESTARTS + 1):
        read = _Read(cursor=cursor)
        try:
            while True:
                change = await _first_ready(feed, token, read.cursor)
                _take(read, change)
                if not change.has_more:
                    break
                async with links.database.unit_of_work(owner) as db:
                    await queries.refresh_progress(db, owner, refresh_id, read.rows)
        except FeedError as error:
            if error.error_code != MUTATION or restart == _RESTARTS:
                raise
            # Spread, so that a busy item's readers do not keep in step with its changes.
            await asyncio.sleep(_FIRST_WAIT_SECONDS * 2**restart * random.uniform(0.5, 1))
            continue
        # Last, so that no balance is older than the rows that moved it.
        listed = await feed.accounts(token)
        read.accounts |= {one.plaid_account_id: one for one in listed}
        read.item = await feed.item(token)
        return read
    raise AssertionError("the last restart raises or returns")


async def _first_ready(feed: BankFeed, token: str, cursor: str) -> ChangePage:
    """Fetch a page; while a new item's first rows are a moment away, wait that moment here."""
    for _ in range(_MOMENTS):
        change = await feed.changes(token, cursor)
        if change.update_status != _NOT_READY:
            return change
        await asyncio.sleep(_MOMENT_SECONDS)
    return await feed.changes(token, cursor)


def _take(read: _Read, change: ChangePage) -> None:
    read.pages.append(change.page)
    read.accounts |= {one.plaid_account_id: one for one in change.accounts}
    # An empty cursor means that Plaid has nothing yet: the one we had stays good.
    read.cursor = change.next_cursor or read.cursor
    read.update_status = change.update_status
    page = change.page
    read.rows += len(page.added) + len(page.modified) + len(page.removed)


async def _store(
    links: Links, feed: BankFeed, owner: UserId, item_id: ItemId, refresh_id: UUID, read: _Read
) -> Refresh:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        settings = await identity.get_settings(db, owner=owner)
        name = await _institution(db, owner, item_id, read.item, now)
        known = await accounts.take_in(
            db,
            owner=owner,
            item_id=item_id,
            institution_name=name,
            reports=list(read.accounts.values()),
            today=today(now, settings.time_zone),
            now=now,
        )
        try:
            applied = await transactions.apply(
                db, owner=owner, accounts=known, pages=read.pages, now=now
            )
        except transactions.AccountIsUnknown as error:
            raise BankAnswerMakesNoSense(error.message) from error
        await queries.save_cursor(db, owner, item_id, read.cursor, read.update_status, now)
        await queries.item_worked(db, owner, item_id, now)
        await queries.refresh_progress(db, owner, refresh_id, read.rows)
        await queries.end_refresh(
            db,
            owner,
            refresh_id,
            {
                "status": "success",
                "accounts_updated": len(known),
                "added": applied.added,
                "modified": applied.modified,
                "removed": applied.removed,
                "now": now,
            },
        )
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        await enqueue(db, "net_worth.refresh", once=f"net_worth.refresh {owner}", owner=str(owner))
        await _ask_for_the_rest(db, owner, item_id, read.update_status, now)
        found = await queries.refreshes(db, owner, None, refresh_id, 1)
    return found[0]


async def _institution(
    db: Db, owner: UserId, item_id: ItemId, report: ItemReport | None, now: datetime
) -> str:
    """Return the bank's name, learning it from Plaid where Link did not tell."""
    item = (await queries.items(db, owner, item_id))[0]
    if report is None:
        return item.institution_name
    await queries.set_consent_expiry(db, owner, item_id, report.consent_expires_at, now)
    name = report.institution_name or item.institution_name
    if (report.institution_id, name) != (item.institution_id, item.institution_name):
        await queries.name_institution(db, owner, item_id, report.institution_id, name, now)
    return name


async def _ask_for_the_rest(
    db: Db, owner: UserId, item_id: ItemId, update_status: str, now: datetime
) -> None:
    """While Plaid is still collecting the history, look again: webhooks may not reach us."""
    if update_status == "HISTORICAL_UPDATE_COMPLETE":
        return
    wait = _NOT_READY_WAIT if update_status == _NOT_READY else _HISTORY_WAIT
    await ask_in(db, owner=owner, item_id=item_id, why=Why.SCHEDULED, now=now, at=now + wait)


async def _note_failure(
    links: Links,
    feed: BankFeed,
    owner: UserId,
    item_id: ItemId,
    refresh_id: UUID,
    error: FeedError,
) -> None:
    now = links.clock()
    status = Status.ERROR if error.will_pass else status_after(error.error_code)
    async with links.database.unit_of_work(owner) as db:
        item = (await queries.items(db, owner, item_id))[0]
        wait = min(timedelta(seconds=30) * 2 ** min(item.failures, 12), _LONGEST_BACK_OFF)
        failures = await queries.item_failed(
            db,
            owner,
            item_id,
            {
                "status": status.value,
                "error_code": error.error_code,
                "error_message": error.message,
                "next_try_at": now + wait if error.will_pass else None,
                "now": now,
            },
        )
        await queries.end_refresh(
            db,
            owner,
            refresh_id,
            {
                "status": "failed",
                "error_code": error.error_code,
                "error_message": error.message,
                "now": now,
            },
        )
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        if status is Status.LOGIN_REQUIRED and item.status is not Status.LOGIN_REQUIRED:
            await _notify(
                db, owner, item_id, "wants you to sign in again", now, item.institution_name
            )
        elif failures == _NOTIFY_AFTER_FAILURES:
            await _notify(db, owner, item_id, "is not answering", now, item.institution_name)


async def _notify(
    db: Db, owner: UserId, item_id: ItemId, what: str, now: datetime, bank: str
) -> None:
    await identity.notify(
        db,
        owner=owner,
        type="connection",
        title=f"{bank} {what}",
        body="Your history is kept.",
        link=f"/connections/{item_id}",
        now=now,
    )


async def ask_silent_for_all(links: Links, *, silent_for: timedelta) -> int:
    """Ask for every link that nothing was heard of for so long, or whose next try is due."""
    now = links.clock()
    async with links.database.unit_of_work_for_all() as db:
        found: Sequence[log_queries.Owned] = await log_queries.silent_items_for_all(
            db, now - silent_for, now, 500
        )
        for one in found:
            await queries.set_next_try(db, one.user_id, one.id, None)
            await ask_in(
                db,
                owner=UserId(one.user_id),
                item_id=ItemId(one.id),
                why=Why.SCHEDULED,
                now=now,
            )
    return len(found)
