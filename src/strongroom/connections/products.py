"""Reading what Plaid has of an item beside balances and transactions, apart from its sync.

Holdings, liabilities and recurring payments, each where the item has the product. One that
cannot be read is noted and holds nothing else up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strongroom import accounts, transactions
from strongroom.connections import aside_queries, kept_aside, log_queries, queries
from strongroom.connections.errors import FeedError, SyncIsRunning
from strongroom.connections.links import Links
from strongroom.connections.types import BankFeed, ItemReport, Status
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, ItemId, UserId
from strongroom.core.queue import enqueue

JOB = "connections.read_products"
_TakeIn = Callable[..., Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class _Product:
    """One of Plaid's products: under which name an item has it, and how it is read and stored."""

    name: str
    kind: str
    read: Callable[[BankFeed, str], Awaitable[Any]]
    take_in: _TakeIn


_PRODUCTS = (
    _Product("investments", "holding", lambda feed, token: feed.holdings(token),
             accounts.take_in_holdings),
    _Product("liabilities", "liability", lambda feed, token: feed.liabilities(token),
             accounts.take_in_liabilities),
    _Product("transactions", "stream", lambda feed, token: feed.recurring(token),
             transactions.take_in_streams),
)  # fmt: skip


async def ask_in(db: Db, *, owner: UserId, item_id: ItemId, report: ItemReport | None) -> None:
    """Ask, in this unit of work, that an item's products be read; note which it has."""
    if report is None or not {one.name for one in _PRODUCTS} & set(report.products):
        return
    await aside_queries.set_products(db, owner, item_id, sorted(set(report.products)))
    await enqueue(db, JOB, once=f"{JOB} {item_id}", owner=str(owner), item=str(item_id))


async def read(links: Links, *, owner: UserId, item_id: ItemId) -> list[str]:
    """Read an item's products and store them; return the names of those that could be read.

    Raises ``SyncIsRunning`` where they are being read already, ``LinkIsDisconnected``,
    ``LinkedElsewhere`` and ``ItemNotFound``; what Plaid answers to one product is only noted.
    """
    async with links.database.lease(f"products {item_id}") as ours:
        if not ours:
            raise SyncIsRunning("What this bank tells beside balances is being read already.")
        feed = links.feed()
        async with links.database.unit_of_work(owner) as db:
            token, _ = await links.access_token(db, owner, item_id)
            has = await aside_queries.products(db, owner, item_id)
        told: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for product in _PRODUCTS:
            if product.name not in has:
                continue
            try:
                told[product.name] = await product.read(feed, token)
            except FeedError as error:
                errors[product.name] = error.error_code
        await _store(links, feed, owner, item_id, told, errors)
        return list(told)


async def _store(
    links: Links,
    feed: BankFeed,
    owner: UserId,
    item_id: ItemId,
    told: Mapping[str, Any],
    errors: Mapping[str, str],
) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        item = await queries.lock_item(db, owner, item_id)
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        if item is None or item.status is Status.DISCONNECTED:
            return
        held = await accounts.list_all(db, owner=owner)
        known = {
            one.plaid_account_id: one.id
            for one in held
            if one.item_id == item_id and one.plaid_account_id is not None
        }
        for product in _PRODUCTS:
            if product.name in told:
                more = {"unread": _unread(feed, known)} if product.kind == "liability" else {}
                await product.take_in(
                    db, owner=owner, accounts=known, told=told[product.name], **more
                )
        await _note(db, owner, item_id, feed, told, errors, now)


def _unread(feed: BankFeed, known: Mapping[str, AccountId]) -> set[AccountId]:
    """Return the accounts whose terms cannot be read: all, where it is not told whose they are."""
    told_of = {one.plaid_id for one in feed.unreadable if one.kind == "liability"}
    if told_of <= known.keys():
        return {known[one] for one in told_of}
    return set(known.values())


async def _note(
    db: Db,
    owner: UserId,
    item_id: ItemId,
    feed: BankFeed,
    told: Mapping[str, Any],
    errors: Mapping[str, str],
    now: datetime,
) -> None:
    for name in (*told, *errors):
        await aside_queries.note_product(db, owner, item_id, name, errors.get(name), now)
    await kept_aside.note(
        db,
        owner,
        item_id,
        before=await kept_aside.waiting(db, owner, item_id),
        found=feed.unreadable,
        pages=(),
        read=[one.kind for one in _PRODUCTS if one.name in told],
        now=now,
    )
