"""The apply step alone, beside COPY of the very rows it wrote into bare tables.

The bare tables are logged, have the same columns and indexes, and no foreign keys, row security
or defaults. COPY is given ready bytes, so it has no Python to run: as hard a mark as there is.
"""

from __future__ import annotations

import asyncio
import statistics

import psycopg

from benchmarks import people
from benchmarks.figures import rate, show, timed
from strongroom import accounts, connections, transactions
from strongroom.core.ids import AccountId, ItemId, UserId
from strongroom.core.time import clock
from tests.prove import outside
from tests.prove.ground import Base, Ground

_ROUNDS = 3
_TABLES = ("plaid_transactions", "transactions")


def run(ground: Ground, rows: int) -> None:
    """Measure and print."""
    with (
        ground.database("bench_apply") as base,
        outside.sandbox(ground.directory / "apply.sqlite") as sandbox,
    ):
        asyncio.run(_measure(base, sandbox, rows))


async def _measure(base: Base, sandbox: outside.Sandbox, rows: int) -> None:
    ours, theirs, again = [], [], []
    with base.admin() as admin:
        for table in _TABLES:
            admin.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES)")
        async with people.at_home(base, sandbox) as links:
            for number in range(_ROUNDS):
                owner = await people.person(links.database, f"p{number}@example.org")
                bulk = await people.bulk_item(links, sandbox, owner, rows)
                pages, known = await _fetched(links, owner, bulk)
                ours.append(await _applied(links, owner, known, pages))
                again.append(await _applied(links, owner, known, pages))
                theirs.append(_copied(admin, owner))
    best, copy = statistics.median(ours), statistics.median(theirs)
    show("apply", rate(rows, best))
    show("COPY of the same rows into bare tables", rate(rows, copy))
    show("apply as a share of COPY", f"{copy / best:.2f}", "target: at least 0.50")
    show("apply of rows that have not changed", rate(rows, statistics.median(again)))


async def _fetched(
    links: connections.Links, owner: UserId, bulk: people.Bulk
) -> tuple[list[transactions.BankPage], dict[str, AccountId]]:
    """All pages of an item as its sync would fetch them, and its accounts, taken in."""
    feed = links.feed()
    pages, cursor, more = [], "", True
    while more:
        change = await feed.changes(bulk.access_token, cursor)
        pages.append(change.page)
        cursor, more = change.next_cursor, change.has_more
    now = clock()
    async with links.database.unit_of_work(owner) as db:
        taken = await accounts.take_in(
            db, owner=owner, item_id=ItemId(bulk.item_id), institution_name="Bulk",
            reports=await feed.accounts(bulk.access_token), today=now.date(), now=now,
        )  # fmt: skip
    return pages, dict(taken.ids)


async def _applied(
    links: connections.Links,
    owner: UserId,
    known: dict[str, AccountId],
    pages: list[transactions.BankPage],
) -> float:
    with timed() as took:
        async with links.database.unit_of_work(owner) as db:
            await transactions.apply(db, owner=owner, accounts=known, pages=pages, now=clock())
    return took.seconds


def _copied(admin: psycopg.Connection, owner: UserId) -> float:
    ready = {}
    for table in _TABLES:
        query = f"COPY (SELECT * FROM {table} WHERE user_id = '{owner}') TO STDOUT (FORMAT binary)"
        with admin.cursor().copy(query) as copy:
            ready[table] = b"".join(bytes(part) for part in copy)
    with timed() as took, admin.transaction():
        for table, data in ready.items():
            into = f"COPY bare_{table} FROM STDIN (FORMAT binary)"
            with admin.cursor().copy(into) as copy:
                copy.write(data)
    return took.seconds
