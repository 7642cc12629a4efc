"""Units of work: all or nothing, for one owner, on connections that remember nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from strongroom.core import db as core_db
from strongroom.core.db import Database, DatabaseDown, Db
from strongroom.core.errors import Conflict
from strongroom.core.ids import UserId, new_id
from tests import book as made
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@dataclass
class Narrow:
    """A database whose pool holds one connection: whatever one leaves, the next one finds."""

    runner: asyncio.Runner
    database: Database
    kari: UserId
    ola: UserId

    def run(self, work: Any) -> Any:
        return self.runner.run(work)


@pytest.fixture
def narrow(world: World) -> Iterator[Narrow]:
    database = Database(world.place.app_dsn, world.place.system_dsn, size=1)
    world.runner.run(database.open())
    yield Narrow(world.runner, database, made.person(world), made.person(world))
    world.runner.run(database.close())


async def write(db: Db, owner: UserId, text: str = "x") -> None:
    await db.execute(
        "INSERT INTO notifications (user_id, id, type, title, body, created_at)"
        " VALUES (%s, %s, 'test', %s, '', now())",
        (owner, new_id(), text),
    )


async def read(db: Db) -> list[str]:
    return [
        row[0] for row in await (await db.execute("SELECT title FROM notifications")).fetchall()
    ]


def titles(narrow: Narrow, owner: UserId) -> list[str]:
    async def ask() -> list[str]:
        async with narrow.database.unit_of_work(owner) as db:
            return await read(db)

    return narrow.run(ask())


def test_all_is_stored_at_the_end_and_not_before(narrow: Narrow, world: World) -> None:
    async def work() -> list[str]:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari, "one")
            async with world.database.unit_of_work(narrow.kari) as other:
                return await read(other)

    assert narrow.run(work()) == []
    assert titles(narrow, narrow.kari) == ["one"]


def test_a_snapshot_sees_one_instant_and_writes_nothing(narrow: Narrow, world: World) -> None:
    async def work() -> tuple[list[str], list[str]]:
        async with narrow.database.unit_of_work(narrow.kari, snapshot=True) as db:
            before = await read(db)
            async with world.database.unit_of_work(narrow.kari) as other:
                await write(other, narrow.kari, "meanwhile")
            after = await read(db)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                await write(db, narrow.kari)
            await db.execute("ROLLBACK")
        return before, after

    assert narrow.run(work()) == ([], [])
    assert titles(narrow, narrow.kari) == ["meanwhile"]


@pytest.mark.parametrize("error", [Conflict("no"), ValueError("bug"), asyncio.CancelledError()])
def test_an_error_stores_nothing_and_arrives_as_it_is(narrow: Narrow, error: BaseException) -> None:
    async def work() -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            raise error

    with pytest.raises(type(error)):
        narrow.run(work())
    assert titles(narrow, narrow.kari) == []


def test_a_statement_that_fails_stores_nothing(narrow: Narrow) -> None:
    async def work() -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            await db.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        narrow.run(work())
    assert titles(narrow, narrow.kari) == []


def test_work_that_is_called_off_stores_nothing(narrow: Narrow) -> None:
    async def work(reached: asyncio.Event) -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            reached.set()
            await db.execute("SELECT pg_sleep(60)")

    async def call_off() -> None:
        reached = asyncio.Event()
        task = asyncio.ensure_future(work(reached))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    narrow.run(call_off())
    assert titles(narrow, narrow.kari) == []


def test_the_next_user_of_a_connection_is_nobody(narrow: Narrow) -> None:
    async def nobody() -> tuple[Any, Any, list[str]]:
        async with narrow.database.unit_of_work_for_nobody() as db:
            who = await core_db.value(db, "SELECT current_setting('strongroom.user_id', true)")
            return await core_db.value(db, "SELECT pg_backend_pid()"), who, await read(db)

    async def work(fail: bool) -> Any:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            pid = await core_db.value(db, "SELECT pg_backend_pid()")
            if fail:
                raise Conflict(str(pid))
            return pid

    pid = narrow.run(work(False))
    assert narrow.run(nobody()) in [(pid, "", []), (pid, None, [])]
    with pytest.raises(Conflict):
        narrow.run(work(True))
    assert narrow.run(nobody()) in [(pid, "", []), (pid, None, [])]
    assert titles(narrow, narrow.ola) == []
    assert titles(narrow, narrow.kari) == ["x"]


def test_an_owner_sees_and_writes_only_their_own(narrow: Narrow) -> None:
    async def work(owner: UserId, statement: str, *values: Any) -> int:
        async with narrow.database.unit_of_work(owner) as db:
            return (await db.execute(statement, values)).rowcount

    async def write_for(writer: UserId, owner: UserId) -> None:
        async with narrow.database.unit_of_work(writer) as db:
            await write(db, owner)

    narrow.run(write_for(narrow.kari, narrow.kari))
    assert narrow.run(work(narrow.ola, "UPDATE notifications SET title = 'mine'")) == 0
    assert narrow.run(work(narrow.ola, "DELETE FROM notifications")) == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        narrow.run(write_for(narrow.ola, narrow.kari))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        narrow.run(work(narrow.kari, "UPDATE notifications SET user_id = %s", narrow.ola))
    assert titles(narrow, narrow.kari) == ["x"]


def test_the_system_role_sees_everyone_and_is_given_to_few(narrow: Narrow, world: World) -> None:
    async def work() -> set[UUID]:
        for owner in (narrow.kari, narrow.ola):
            async with narrow.database.unit_of_work(owner) as db:
                await write(db, owner)
        async with narrow.database.unit_of_work_for_all() as db:
            found = await (await db.execute("SELECT user_id FROM notifications")).fetchall()
            return {row[0] for row in found}

    assert narrow.run(work()) >= {narrow.kari, narrow.ola}
    web = Database(world.place.app_dsn)

    async def refused() -> None:
        async with web.unit_of_work_for_all():
            raise AssertionError("the web was given the system role")

    with pytest.raises(RuntimeError, match="system role"):
        narrow.run(refused())


@dataclass(frozen=True)
class Row:
    name: str
    number: int | None


def test_rows_are_read_by_name(narrow: Narrow) -> None:
    async def work() -> Any:
        async with narrow.database.unit_of_work_for_nobody() as db:
            query = "SELECT n AS number, 'row ' || n AS name FROM generate_series(1, %s) n"
            return (
                await core_db.many(db, Row, query, (2,)),
                await core_db.one(db, Row, query, (1,)),
                await core_db.one(db, Row, query, (0,)),
                await core_db.value(db, "SELECT 7"),
                await core_db.value(db, "SELECT 7 WHERE false"),
            )

    assert narrow.run(work()) == (
        [Row("row 1", 1), Row("row 2", 2)],
        Row("row 1", 1),
        None,
        7,
        None,
    )


def test_a_statement_is_planned_each_time_unless_one_plan_fits_all(narrow: Narrow) -> None:
    async def work() -> list[str]:
        async with narrow.database.unit_of_work_for_nobody() as db:
            for n in range(10):
                await core_db.value(db, "SELECT %s::int AS planned_anew", (n,))
                await core_db.value(db, "SELECT %s::int AS planned_once", (n,), same_plan=True)
            found = await db.execute("SELECT statement FROM pg_prepared_statements")
            return [row[0] for row in await found.fetchall() if "AS planned" in row[0]]

    kept = narrow.run(work())
    assert ["planned_once" in one for one in kept] == [True]


# --- leases


def end(world: World, pid: int) -> None:
    with psycopg.connect(world.place.admin_dsn, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def holder(world: World, name: str) -> int:
    with psycopg.connect(world.place.admin_dsn) as db:
        row = db.execute(
            """
            SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
              AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            (name,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_lease_is_one_holders_at_a_time(world: World) -> None:
    database = world.database

    async def work() -> list[bool]:
        seen = []
        async with database.lease("a") as first:
            async with database.lease("a") as second, database.lease("b") as other:
                seen += [first, second, other]
            async with database.lease("a") as third:
                seen.append(third)
        async with database.lease("a") as again:
            seen.append(again)
        return seen

    assert world.run(work()) == [True, False, True, False, True]


def test_a_crowd_gets_one_lease(world: World) -> None:
    async def one(hold: asyncio.Event, others: list[bool]) -> None:
        async with world.database.lease("crowd") as ours:
            others.append(ours)
            if len(others) == 5:
                hold.set()
            await hold.wait()

    async def crowd() -> list[bool]:
        hold, seen = asyncio.Event(), list[bool]()
        await asyncio.gather(*(one(hold, seen) for _ in range(5)))
        return seen

    assert sorted(world.run(crowd())) == [False] * 4 + [True]


def test_a_lease_ends_with_an_error(world: World) -> None:
    async def work() -> bool:
        with pytest.raises(Conflict):
            async with world.database.lease("error"):
                raise Conflict("no")
        async with world.database.lease("error") as ours:
            return ours

    assert world.run(work())


def test_a_lease_ends_with_its_connection(world: World) -> None:
    async def work() -> bool:
        with pytest.raises(DatabaseDown):
            async with world.database.lease("killed") as ours:
                assert ours
                await asyncio.to_thread(end, world, holder(world, "killed"))
                async with world.database.lease("killed") as next_ones:
                    assert next_ones
        async with world.database.lease("killed") as again:
            return again

    assert world.run(work())


def test_a_connection_that_dies_is_said_plainly_and_replaced(narrow: Narrow, world: World) -> None:
    async def work() -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            pid = await core_db.value(db, "SELECT pg_backend_pid()")
            await asyncio.to_thread(end, world, pid)
            await read(db)

    with pytest.raises(DatabaseDown) as down:
        narrow.run(work())
    assert down.value.status == 503
    assert "Nothing was stored" in str(down.value.hint)
    assert titles(narrow, narrow.kari) == []


def test_connections_that_died_at_rest_fail_nobody(narrow: Narrow, world: World) -> None:
    async def work() -> int:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            pid = await core_db.value(db, "SELECT pg_backend_pid()")
        await asyncio.to_thread(end, world, pid)
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            return int(await core_db.value(db, "SELECT pg_backend_pid()")) - pid

    assert narrow.run(work()) != 0
    assert len(titles(narrow, narrow.kari)) == 1


def test_a_connection_that_dies_in_the_commit_is_not_said_to_have_stored_nothing(
    narrow: Narrow, world: World
) -> None:
    async def work() -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await write(db, narrow.kari)
            pid = await core_db.value(db, "SELECT pg_backend_pid()")
            await asyncio.to_thread(end, world, pid)

    with pytest.raises(DatabaseDown) as down:
        narrow.run(work())
    assert "may be stored or not" in str(down.value.hint)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("40P01", psycopg.errors.DeadlockDetected),
        ("40001", psycopg.errors.SerializationFailure),
        ("57014", psycopg.errors.QueryCanceled),
        ("57P01", DatabaseDown),
        ("53300", DatabaseDown),
    ],
)
def test_a_refused_statement_is_not_a_database_that_is_gone(
    narrow: Narrow, state: str, kind: type[Exception]
) -> None:
    async def work() -> None:
        async with narrow.database.unit_of_work(narrow.kari) as db:
            await db.execute(f"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '{state}'; END $$")

    with pytest.raises(kind):
        narrow.run(work())
    assert titles(narrow, narrow.kari) == []


def test_holders_of_leases_never_wait_for_each_others_connections(narrow: Narrow) -> None:
    """With one connection for units of work, eight hold a lease and work; others are told no."""

    async def one(number: int, all_in: asyncio.Barrier) -> bool:
        async with narrow.database.lease(f"lease {number}") as ours:
            await all_in.wait()
            async with narrow.database.unit_of_work(narrow.kari) as db:
                await write(db, narrow.kari, str(number))
            return ours

    async def others() -> list[bool]:
        async with narrow.database.lease("mine"):
            entered = asyncio.Barrier(20)

            async def look() -> bool:
                async with narrow.database.lease("mine") as ours:
                    await entered.wait()
                    return ours

            return await asyncio.gather(*(look() for _ in range(20)))

    async def crowd() -> list[bool]:
        all_in = asyncio.Barrier(8)
        return await asyncio.gather(*(one(number, all_in) for number in range(8)))

    assert narrow.run(crowd()) == [True] * 8
    assert len(titles(narrow, narrow.kari)) == 8
    assert narrow.run(others()) == [False] * 20
