"""What of a bank's answers cannot be taken: kept with its reason, tried again, shown.

One such row never holds the others up and never vanishes: it stays until the bank tells it
better, takes it back, or a person lets it be.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from strongroom.accounts import BankAccount, NotTaken
from strongroom.connections import aside_queries, wire
from strongroom.connections.aside_queries import Waiting
from strongroom.connections.types import ChangePage, SetAside, Unreadable
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import ItemId, UserId
from strongroom.core.paging import Page, decode_cursor, encode_cursor
from strongroom.transactions import BankPage, BankTransaction
from strongroom.ui import N_, Sentence

_ORDER = "kept aside oldest"
_MOST = 500
_AT_ONCE = 500
"""So many rows are read anew at a time: there may be very many."""
_BY_ID = frozenset({"transaction", "removal"})


class SetAsideNotFound(NotFound):
    """Nothing of yours that is kept aside has that id."""


async def set_aside(
    db: Db,
    *,
    owner: UserId,
    item_id: ItemId | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[SetAside]:
    """Return what is kept aside of one bank's answers, or of all, oldest first.

    ``after`` is a page's ``next``. Raises ``BadCursor``.
    """
    limit = max(1, min(limit, _MOST))
    start = (None, None) if after is None else decode_cursor(_ORDER, after, datetime, UUID)
    rows = await aside_queries.shown_rows(db, owner, item_id, start, limit + 1)
    more, page = len(rows) > limit, rows[:limit]
    return Page(page, encode_cursor(_ORDER, page[-1].first_seen_at, page[-1].id) if more else None)


async def dismiss(db: Db, *, owner: UserId, row_id: UUID, now: datetime) -> None:
    """Let one be: it is shown no more, unless the bank tells it in another bad way.

    Raises ``SetAsideNotFound``.
    """
    if not await aside_queries.dismiss(db, owner, row_id, now):
        raise SetAsideNotFound(N_("There is no such row that was kept aside."))


async def waiting(db: Db, owner: UserId, item_id: ItemId) -> list[Waiting]:
    """Return all that is kept aside of an item, what the person let be too."""
    return await aside_queries.waiting(db, owner, item_id)


async def tried_again(
    db: Db, owner: UserId, rows: Iterable[Waiting], accounts: Collection[str]
) -> list[BankTransaction]:
    """Return the transactions among ``rows`` that can be read by now, and have their account."""
    ids = [one.id for one in rows if one.kind == "transaction"]
    found = [wire.transaction_again(one.raw) async for one in _texts(db, owner, ids)]
    return [one for one in found if one is not None and one.plaid_account_id in accounts]


async def _texts(db: Db, owner: UserId, ids: Sequence[UUID]) -> AsyncIterator[aside_queries.Text]:
    """Yield what a bank said of these word for word, not all of it in memory at once."""
    for at in range(0, len(ids), _AT_ONCE):
        for one in await aside_queries.texts(db, owner, ids[at : at + _AT_ONCE]):
            yield one


def still_bad(changes: Sequence[ChangePage]) -> list[Unreadable]:
    """Return what of a run's pages remains unreadable at its end, each row once.

    Pages come in Plaid's order (added, modified, removed): a row that is told well, or taken
    back, after it was told badly is no trouble.
    """
    bad = {one.plaid_id for change in changes for one in change.unreadable}
    if not bad:
        return []
    settled: dict[str, tuple[int, int]] = {}
    for number, change in enumerate(changes):
        page = change.page
        for place, rows in enumerate((page.added, page.modified)):
            for row in rows:
                if row.plaid_transaction_id in bad:
                    settled[row.plaid_transaction_id] = (number, place)
        for same in page.same:
            if same in bad:
                settled[same] = (number, 0)
        for gone in page.removed:
            if gone in bad:
                settled[gone] = (number, 2)
    left = {
        (one.kind, one.plaid_id): one
        for number, change in enumerate(changes)
        for one in change.unreadable
        if settled.get(one.plaid_id, (-1, -1)) <= (number, one.place)
    }
    return list(left.values())


def homeless(rows: Iterable[BankTransaction]) -> list[Unreadable]:
    """Return rows of accounts that the bank does not list, as what is kept aside."""
    return [
        Unreadable(
            "transaction",
            row.plaid_transaction_id,
            Sentence(N_("The bank does not list its account.")),
            row.raw,
        )
        for row in rows
    ]


def not_taken(one: NotTaken, told: Mapping[str, BankAccount]) -> Unreadable:
    """Return a report that contradicts its account, as what is kept aside."""
    report = told[one.plaid_account_id]
    facts = {
        "account_id": report.plaid_account_id,
        "name": report.name,
        "type": report.type,
        "subtype": report.subtype,
        "currency": report.currency,
        "current": report.current,
        "available": report.available,
    }
    return Unreadable("account", one.plaid_account_id, one.reason, wire.text_of(facts))


async def note(
    db: Db,
    owner: UserId,
    item_id: ItemId,
    *,
    before: Sequence[Waiting],
    found: Sequence[Unreadable],
    pages: Sequence[BankPage],
    read: Collection[str],
    now: datetime,
) -> int:
    """Keep what was ``found`` aside, and resolve what was kept ``before`` and is well by now.

    A transaction is well when ``pages`` tell it; the other kinds are told whole each time, so one
    of the ``read`` kinds that is not found again is. Returns how many were found.
    """
    # A listing that was read twice in one run tells the same twice.
    newest = {(one.kind, one.plaid_id): one for one in found}
    found, again = list(newest.values()), newest.keys()
    ids = {one.plaid_id for one in before if one.kind in _BY_ID}
    told = _told(pages, ids) if ids else set()
    well = [
        one.id
        for one in before
        if (one.kind, one.plaid_id) not in again
        and (one.plaid_id in told if one.kind in _BY_ID else one.kind in read)
    ]
    nameless = [
        one.id
        for one in before
        if one.kind == "transaction"
        and one.plaid_id.startswith(wire.NAMELESS)
        and (one.kind, one.plaid_id) not in again
    ]
    well += await _nameless_told(db, owner, nameless, pages)
    if well:
        await aside_queries.resolve(db, owner, well, now)
    if found:
        await aside_queries.keep(db, owner, item_id, found, now)
    return len(found)


async def _nameless_told(
    db: Db, owner: UserId, nameless: Sequence[UUID], pages: Sequence[BankPage]
) -> list[UUID]:
    """Return rows kept without an identifier that the bank tells otherwise the same by now.

    One for one: a row that is told heals one that was kept, not its twin.
    """
    healed: list[UUID] = []
    if not nameless:
        return healed
    kept = defaultdict[bytes, list[UUID]](list)
    async for one in _texts(db, owner, nameless):
        kept[_without_id(one.raw)].append(one.id)
    for row in (row for page in pages for rows in (page.added, page.modified) for row in rows):
        if same := kept.get(_without_id(row.raw)):
            healed.append(same.pop(0))
    return healed


def _without_id(raw: str) -> bytes:
    """Return what a transaction's text comes to in one fixed form, without its id, as a hash."""
    try:
        row = json.loads(raw, parse_float=str)
    except ValueError:
        row = raw
    if isinstance(row, dict):
        row.pop("transaction_id", None)
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()


def _told(pages: Sequence[BankPage], wanted: set[str]) -> set[str]:
    told = {
        row.plaid_transaction_id
        for page in pages
        for rows in (page.added, page.modified)
        for row in rows
    }
    others = {one for page in pages for ids in (page.removed, page.same) for one in ids}
    return wanted & (told | others)
