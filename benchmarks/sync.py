"""A first sync end to end (HTTP, parsing, storing, commit), and one that finds nothing new."""

from __future__ import annotations

import asyncio

from benchmarks import people
from benchmarks.figures import milliseconds, rate, show, timed
from strongroom import net_worth
from strongroom.core.time import clock
from tests.prove import outside
from tests.prove.ground import Base, Ground


def run(ground: Ground, rows: int) -> None:
    """Measure and print."""
    with (
        ground.database("bench_sync") as base,
        outside.sandbox(ground.directory / "sync.sqlite") as sandbox,
    ):
        asyncio.run(_measure(base, sandbox, rows))


async def _measure(base: Base, sandbox: outside.Sandbox, rows: int) -> None:
    async with people.at_home(base, sandbox) as links:
        owner = await people.person(links.database, "kari@example.org")
        bulk = await people.bulk_item(links, sandbox, owner, rows)
        with timed() as bank:
            await _only_fetch(links.feed(), bulk.access_token)
        with timed() as first:
            refresh = await people.read(links, owner, bulk.item_id)
        assert refresh.added == rows, refresh
        with timed() as whole:
            again = await people.read(links, owner, bulk.item_id, full=True)
        assert (again.added, again.modified, again.removed) == (0, 0, 0), again
        with timed() as nothing:
            await people.read(links, owner, bulk.item_id)
        sandbox.control("POST", f"/items/{bulk.plaid_item_id}/mutate", count=50, webhook=False)
        with timed() as few:
            await people.read(links, owner, bulk.item_id)
        with timed() as days:
            async with links.database.unit_of_work(owner) as db:
                await net_worth.refresh(db, owner=owner, now=clock())
    show("first sync, end to end", rate(rows, first.seconds), f"{first.seconds:.1f} s")
    show("of which the bank's answers and their parsing", f"{bank.seconds:.1f} s",
         f"{bank.seconds / first.seconds:.0%}")  # fmt: skip
    show("all read again, unchanged", rate(rows, whole.seconds), f"{whole.seconds:.1f} s")
    show("as many times as fast as the first", f"{first.seconds / whole.seconds:.1f}",
         "target: at least 2.0")  # fmt: skip
    show("sync that finds nothing new", milliseconds(nothing.seconds))
    show("sync that finds 50 changes", milliseconds(few.seconds))
    show("net worth of every day afterwards", milliseconds(days.seconds))


async def _only_fetch(feed: object, token: str) -> None:
    cursor, more = "", True
    while more:
        change = await feed.changes(token, cursor)  # type: ignore[attr-defined]
        cursor, more = change.next_cursor, change.has_more
