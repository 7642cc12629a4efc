"""Units of work that change one book at the same time: sums stay those of the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from strongroom import transactions
from strongroom.core.ids import UserId
from strongroom.transactions import manual
from strongroom.transactions.manual import RowChange
from tests import book as made
from tests.book import NOW, TODAY, page, row
from tests.identity.conftest import World

_DEADLINE = 60.0

Work = Callable[[Any], Awaitable[Any]]


async def overlap(world: World, owner: UserId, first: Work, second: Work) -> None:
    """Let ``second`` begin once ``first`` has done its work, and end after ``first`` is stored."""
    async with asyncio.timeout(_DEADLINE):
        async with world.database.unit_of_work(owner) as db:
            await first(db)
            later = asyncio.create_task(alone(world, owner, second))
            await until_it_waits(world, later)
        await later


async def alone(world: World, owner: UserId, work: Work) -> None:
    async with world.database.unit_of_work(owner) as db:
        await work(db)


async def until_it_waits(world: World, later: asyncio.Task[None]) -> None:
    while not later.done():
        async with world.database.unit_of_work_for_all() as db:
            # Of this database alone: other tests' waiting on the same server says nothing of ours.
            waiting = await db.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE NOT l.granted AND a.datname = current_database()"
            )
            found = await waiting.fetchone()
        if found and found[0]:
            return
        await asyncio.sleep(0.01)


def sums(world: World, owner: UserId) -> tuple[Any, Any]:
    kept = made.values(
        world,
        "SELECT month, account_id, category_id, currency, rows, to_review, amount"
        " FROM monthly_totals WHERE user_id = %s ORDER BY 1, 2, 3, 4",
        owner,
    )
    true = made.values(
        world,
        """
        SELECT date_trunc('month', day)::date, account_id, category_id, currency, count(*)::int,
               count(*) FILTER (WHERE needs_review AND NOT pending)::int, sum(amount)
        FROM transactions WHERE user_id = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """,
        owner,
    )
    return kept, true


@pytest.mark.parametrize("sync_first", [True, False])
@pytest.mark.parametrize("edit", ["categorise", "review", "note", "sync"])
def test_a_sync_and_an_edit_at_once(world: World, edit: str, sync_first: bool) -> None:
    owner = made.person(world)
    known = made.take_in(world, owner, made.item(world, owner), made.report("checking", "1000"))
    made.apply(world, owner, known, page(row("a", "10"), row("b", "20")))
    one = made.by_name(world, owner)["ROW a"].id
    chosen = made.category(world, owner, "uncategorised")
    edits: dict[str, Work] = {
        "categorise": partial(
            transactions.set_category, owner=owner, transaction_ids=[one], category_id=chosen,
            now=NOW
        ),
        "review": partial(
            manual.change, owner=owner, transaction_ids=[one], change=RowChange(reviewed=True),
            now=NOW
        ),
        "note": partial(
            manual.change, owner=owner, transaction_ids=[one], change=RowChange(note="Mine"),
            now=NOW
        ),
        "sync": partial(
            transactions.apply, owner=owner, accounts=known, now=NOW,
            pages=[page(row("d", "40"))],
        ),
    }  # fmt: skip
    # No row is changed by both: nothing but the book itself makes them take turns.
    sync: Work = partial(
        transactions.apply, owner=owner, accounts=known, now=NOW,
        pages=[page(row("c", "30", TODAY))],
    )  # fmt: skip
    pair = (sync, edits[edit]) if sync_first else (edits[edit], sync)
    world.run(overlap(world, owner, *pair))
    kept, true = sums(world, owner)
    assert kept == true
    assert sum(rows for *_, rows, _, _ in kept) == (4 if edit == "sync" else 3)


def test_different_peoples_books_do_not_wait(world: World) -> None:
    people = [made.person(world) for _ in range(2)]
    works: list[Work] = []
    for one in people:
        known = made.take_in(world, one, made.item(world, one), made.report("checking", "1"))
        works.append(
            partial(transactions.apply, owner=one, accounts=known, pages=[page(row("a", "1"))],
                    now=NOW)
        )  # fmt: skip

    async def both() -> None:
        async with asyncio.timeout(_DEADLINE), world.database.unit_of_work(people[0]) as db:
            await works[0](db)
            await alone(world, people[1], works[1])

    world.run(both())
    assert [len(made.book(world, one)) for one in people] == [1, 1]
