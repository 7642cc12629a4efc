"""Fetching what changed at one bank: all pages of a run, then its accounts and the item itself.

Calls the feed and stores nothing; whoever asked stores all of it or nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from strongroom.accounts import BankAccount
from strongroom.connections.errors import MUTATION, FeedError
from strongroom.connections.types import BankFeed, ChangePage, Item, ItemReport

_log = logging.getLogger(__name__)
_RESTARTS = 8
_FIRST_WAIT_SECONDS = 0.2
_NOT_READY = "NOT_READY"
_COMPLETE = "HISTORICAL_UPDATE_COMPLETE"
_BAD_FIELD = "INVALID_FIELD"
_TELL_SECONDS = 0.5
_MOMENTS = 5
_MOMENT_SECONDS = 0.25
_NEW_FOR = timedelta(minutes=1)


@dataclass(slots=True)
class Read:
    """What one run has fetched: all pages in order, and where to go on from.

    ``listed`` are Plaid's ids of all accounts that the bank lists, None where it was not asked.
    ``anew``: the cursor was refused, so that this is everything from the beginning.
    """

    changes: list[ChangePage] = field(default_factory=list)
    accounts: dict[str, BankAccount] = field(default_factory=dict)
    listed: list[str] | None = None
    cursor: str = ""
    update_status: str = _NOT_READY
    rows: int = 0
    item: ItemReport | None = None
    anew: bool = False

    @property
    def complete(self) -> bool:
        """Whether Plaid has collected all the history there is to tell."""
        return self.update_status == _COMPLETE


async def fetch(
    feed: BankFeed,
    *,
    item: Item,
    token: str,
    cursor: str,
    now: datetime,
    progress: Callable[[int], Awaitable[None]],
    known: Collection[str] = frozenset(),
) -> Read:
    """Fetch all that changed since ``cursor``; ``progress`` is told how many rows came so far.

    On a mutation while paging, the run begins again from its first cursor; so it does where the
    bank gave accounts other ids meanwhile. A cursor that Plaid does not take, being of another
    item or environment, is left for the beginning, once. ``known``: see ``BankFeed.changes``.
    """
    strays: set[str] = set()
    while True:
        read = await _run(feed, item, token, cursor, now, progress, known)
        if read.update_status == _NOT_READY and item.last_successful_update is not None:
            return read  # nothing can have moved, and balances were read the first time
        # Last, so that no balance is older than the rows that moved it.
        listed = await feed.accounts(token)
        read.listed = [one.plaid_account_id for one in listed]
        # Rows of an account that is not listed: it got another id in between, and would stand
        # twice, unless it is the same once more.
        before, strays = strays, read.accounts.keys() - {*read.listed}
        if strays <= before:
            break
    read.accounts |= {one.plaid_account_id: one for one in listed}
    read.item = await feed.item(token)
    return read


async def _run(
    feed: BankFeed,
    item: Item,
    token: str,
    cursor: str,
    now: datetime,
    progress: Callable[[int], Awaitable[None]],
    known: Collection[str],
) -> Read:
    """Fetch all pages, from the beginning where Plaid does not take the cursor."""
    try:
        return await _pages(feed, item, token, cursor, now, progress, known)
    except FeedError as error:
        if not cursor or not _is_about_the_cursor(error):
            raise
        _log.warning(
            "Plaid does not know the cursor of this item: it is read from the beginning",
            extra={"item": str(item.id), "request_id": error.request_id},
        )
        read = await _pages(feed, item, token, "", now, progress, known)
        read.anew = True
        return read


async def _pages(
    feed: BankFeed,
    item: Item,
    token: str,
    cursor: str,
    now: datetime,
    progress: Callable[[int], Awaitable[None]],
    known: Collection[str],
) -> Read:
    moments = _MOMENTS if now - item.created_at < _NEW_FOR else 0
    told = 0.0
    for restart in range(_RESTARTS + 1):
        read = Read(cursor=cursor)
        try:
            while True:
                change = await _first_ready(feed, token, read.cursor, moments, known)
                _take(read, change)
                if not change.has_more:
                    return read
                if time.monotonic() - told > _TELL_SECONDS:  # each time is a commit
                    await progress(read.rows)
                    told = time.monotonic()
        except FeedError as error:
            if error.error_code != MUTATION or restart == _RESTARTS:
                raise
            # Spread, so that a busy item's readers do not keep in step with its changes.
            await asyncio.sleep(_FIRST_WAIT_SECONDS * 2**restart * random.uniform(0.5, 1))
    raise AssertionError("the last restart raises or returns")


async def _first_ready(
    feed: BankFeed, token: str, cursor: str, moments: int, known: Collection[str]
) -> ChangePage:
    """Fetch a page; while a new item's first rows are a moment away, wait that moment here."""
    for _ in range(moments):
        change = await feed.changes(token, cursor, known)
        if change.update_status != _NOT_READY:
            return change
        await asyncio.sleep(_MOMENT_SECONDS)
    return await feed.changes(token, cursor, known)


def _take(read: Read, change: ChangePage) -> None:
    read.changes.append(change)
    read.accounts |= {one.plaid_account_id: one for one in change.accounts}
    # An empty cursor means that Plaid has nothing yet: the one we had stays good.
    read.cursor = change.next_cursor or read.cursor
    read.update_status = change.update_status
    page = change.page
    read.rows += len(page.added) + len(page.same) + len(page.modified) + len(page.removed)


def _is_about_the_cursor(error: FeedError) -> bool:
    return error.error_code == _BAD_FIELD and "cursor" in error.message.casefold()
