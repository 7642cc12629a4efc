"""The audit log on a real database: chains of people, at once, and what tampering leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom import audit
from strongroom.core.db import Database
from strongroom.core.ids import SYSTEM, UserId, new_id
from tests.conftest import TestDatabase

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)


@dataclass
class World:
    """An open database on one event loop, and its administrator's address."""

    runner: asyncio.Runner
    database: Database
    place: TestDatabase

    def run(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.runner.run(run())

    async def record(self, owner: UserId, action: str = "tests.done", **more: Any) -> audit.Entry:
        async with self.database.unit_of_work(owner) as db:
            return await audit.record(
                db, owner=owner, actor="person", action=action, now=NOW, **more
            )

    async def verify(self, owner: UserId) -> audit.Verified:
        async with self.database.unit_of_work(owner) as db:
            return await audit.verify(db, owner=owner)

    def tamper(self, query: str, *values: object) -> None:
        """Do what only the database's administrator can: change rows behind our back."""
        with psycopg.connect(self.place.admin_dsn) as db:
            assert db.execute(f"UPDATE strongroom.audit_log {query}", values).rowcount > 0

    def delete(self, query: str, *values: object) -> None:
        with psycopg.connect(self.place.admin_dsn) as db:
            assert db.execute(f"DELETE FROM strongroom.audit_log {query}", values).rowcount > 0


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture
def own_world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)


def opened_world(place: TestDatabase) -> Iterator[World]:
    audit.use_key(place.ring.derive("audit chain"))
    with asyncio.Runner() as runner:
        database = Database(place.app_dsn, place.system_dsn)
        runner.run(database.open())
        yield World(runner, database, place)
        runner.run(database.close())


hostile = st.text(st.characters(codec="utf-8"), max_size=600)
details = st.dictionaries(
    hostile.map(lambda text: text.replace("\0", "")[:20]),
    st.one_of(st.none(), st.booleans(), st.integers(-(2**80), 2**80), hostile),
    max_size=4,
)


@given(
    rows=st.lists(
        st.tuples(details, hostile | st.none(), st.ip_addresses().map(str) | st.none() | hostile),
        max_size=4,
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_recorded_holds_when_read_back(world: World, rows: list[Any]) -> None:
    owner = UserId(new_id())
    for said, agent, address in rows:
        world.run(world.record(owner, details=said, user_agent=agent, ip=address))
    found = world.run(world.verify(owner))
    assert found.holds
    assert found.count == len(rows)


def test_many_at_once_make_one_chain_without_a_gap(world: World) -> None:
    owner = UserId(new_id())

    async def all_at_once() -> None:
        await asyncio.gather(*(world.record(owner) for _ in range(25)))

    world.run(all_at_once())
    found = world.run(world.verify(owner))
    assert (found.holds, found.count) == (True, 25)


def test_what_a_failed_unit_of_work_recorded_is_not_in_the_chain(world: World) -> None:
    owner = UserId(new_id())

    async def fail() -> None:
        async with world.database.unit_of_work(owner) as db:
            await audit.record(db, owner=owner, actor="person", action="tests.failed", now=NOW)
            raise ConnectionError("the power went")

    world.run(world.record(owner))
    with suppress(ConnectionError):
        world.run(fail())
    world.run(world.record(owner))
    assert world.run(world.verify(owner)).count == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("SET action = 'tests.other' WHERE user_id = %s AND seq = 2", "altered"),
        ("SET details = '{\"a\": 2}' WHERE user_id = %s AND seq = 2", "altered"),
        ("SET at = at + interval '1 microsecond' WHERE user_id = %s AND seq = 2", "altered"),
        ("SET ip_address = '10.0.0.1' WHERE user_id = %s AND seq = 2", "altered"),
        ("SET seq = seq + 100 WHERE user_id = %s AND seq = 2", "missing"),
    ],
)
def test_a_row_changed_in_the_database_is_found(world: World, change: str, fault: str) -> None:
    owner = UserId(new_id())
    for _ in range(4):
        world.run(world.record(owner, details={"a": 1}))
    world.tamper(change, owner)
    found = world.run(world.verify(owner))
    assert (found.broken_at, found.fault) == (2, fault)


def test_no_role_of_the_program_may_change_or_delete_a_row(world: World) -> None:
    owner = UserId(new_id())
    world.run(world.record(owner))

    async def attempt(query: str, *, for_all: bool) -> None:
        database = world.database
        work = database.unit_of_work_for_all() if for_all else database.unit_of_work(owner)
        async with work as db:
            await db.execute(query)  # type: ignore[arg-type]

    for query in ("UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"):
        for for_all in (False, True):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                world.run(attempt(query, for_all=for_all))


def test_a_person_sees_their_own_rows_only(world: World) -> None:
    one, other = UserId(new_id()), UserId(new_id())
    world.run(world.record(one))
    world.run(world.record(other))

    async def look() -> list[audit.Entry]:
        async with world.database.unit_of_work(one) as db:
            return [
                *await audit.list_newest(db, owner=one),
                *await audit.list_newest(db, owner=other),
            ]

    assert [row.user_id for row in world.run(look())] == [one]


async def publish(world: World, path: Path) -> int:
    async with world.database.unit_of_work_for_all() as db:
        newest = await audit.newest_heads_for_all(db)
    return await audit.publish_heads(newest, path, now=NOW)


async def verify_all(world: World, path: Path) -> dict[Any, audit.Verified]:
    async with world.database.unit_of_work_for_all() as db:
        return {found.user_id: found for found in await audit.verify_for_all(db, path)}


def test_rows_cut_off_the_end_are_found_by_the_published_head(
    own_world: World, tmp_path: Path
) -> None:
    world, path, owner = own_world, tmp_path / "home" / audit.HEADS_FILE, UserId(new_id())
    for _ in range(3):
        world.run(world.record(owner))
    world.run(world.record(SYSTEM))
    assert world.run(publish(world, path)) == 2
    assert world.run(publish(world, path)) == 0
    assert path.stat().st_mode & 0o077 == 0
    world.run(world.record(owner))
    assert all(found.holds for found in world.run(verify_all(world, path)).values())

    world.delete("WHERE user_id = %s AND seq >= 3", owner)
    assert world.run(world.verify(owner)).holds  # the chain alone cannot tell
    found = world.run(verify_all(world, path))
    assert (found[owner].broken_at, found[owner].fault) == (3, "cut off")
    assert found[SYSTEM].holds

    world.delete("WHERE user_id = %s", owner)  # nor does it help to remove all of it
    assert world.run(verify_all(world, path))[owner].broken_at == 1


def test_a_half_written_line_is_dropped_and_another_file_is_not_taken_for_heads(
    own_world: World, tmp_path: Path
) -> None:
    world, path = own_world, tmp_path / audit.HEADS_FILE
    world.run(world.record(SYSTEM))
    world.run(publish(world, path))
    whole = path.read_text()
    path.write_text(whole + whole[:40])
    world.run(world.record(SYSTEM))
    assert world.run(publish(world, path)) == 1
    assert world.run(verify_all(world, path))[SYSTEM].holds
    path.write_text("not a head\n")
    with pytest.raises(audit.HeadsNotReadable) as caught:
        world.run(verify_all(world, path))
    assert "Line 1" in caught.value.message


def test_the_file_of_heads_stays_small_and_keeps_what_shows_a_cut(
    own_world: World, tmp_path: Path
) -> None:
    world, path, owner = own_world, tmp_path / audit.HEADS_FILE, UserId(new_id())
    for _ in range(3):
        world.run(world.record(owner))
    world.run(publish(world, path))
    put_aside = path.with_suffix(".old.jsonl")
    busy, seq = new_id(), 0
    while not put_aside.exists():
        many = [audit.Head(busy, seq := seq + 1, bytes(32)) for _ in range(500)]
        assert world.run(audit.publish_heads(many, path, now=NOW)) == 500
        assert seq < 50_000
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().splitlines()) == 2  # one head for each chain
    assert world.run(publish(world, path)) == 0
    world.delete("WHERE user_id = %s AND seq >= 3", owner)
    assert world.run(verify_all(world, path))[owner].broken_at == 3
    path.unlink()  # as a crash leaves it between the two moves
    assert world.run(verify_all(world, path))[owner].broken_at == 3
