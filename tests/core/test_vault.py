"""The vault opens a value in the place it was sealed for, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.db import Database, value
from strongroom.core.ids import UserId, new_id
from strongroom.core.keys import new_ring
from strongroom.core.vault import CannotOpen, KeyDestroyed, Vault
from tests.conftest import TestDatabase

T = TypeVar("T")


@dataclass
class World:
    """An open database on one event loop."""

    runner: asyncio.Runner
    database: Database

    def run(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.runner.run(run())

    def within(self, owner: UserId, work: Callable[[Any], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.database.unit_of_work(owner) as db:
                return await work(db)

        return self.runner.run(run())

    def within_all(self, work: Callable[[Any], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.database.unit_of_work_for_all() as db:
                return await work(db)

        return self.runner.run(run())


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture
def own_world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)


def opened_world(place: TestDatabase) -> Iterator[World]:
    with asyncio.Runner() as runner:
        database = Database(place.app_dsn, place.system_dsn)
        runner.run(database.open())
        yield World(runner, database)
        runner.run(database.close())


RING = new_ring()
KARI, OLA = UserId(new_id()), UserId(new_id())
ROW = new_id()


def sealed(world: World, plaintext: bytes, *, vault: Vault | None = None, **place: Any) -> bytes:
    at = {"owner": KARI, "table": "plaid_items", "column": "access_token", "row": ROW, **place}
    vault = vault or Vault(RING)
    return world.within(at["owner"], lambda db: vault.seal(db, **at, plaintext=plaintext))


def opened(world: World, blob: bytes, *, vault: Vault | None = None, **place: Any) -> bytes:
    at = {"owner": KARI, "table": "plaid_items", "column": "access_token", "row": ROW, **place}
    vault = vault or Vault(RING)
    return world.within(at["owner"], lambda db: vault.unseal(db, **at, sealed=blob))


@given(plaintext=st.binary(max_size=2000))
def test_what_was_sealed_opens_in_its_place(world: World, plaintext: bytes) -> None:
    blob = sealed(world, plaintext)
    assert opened(world, blob) == plaintext
    assert len(plaintext) < 8 or plaintext not in blob
    assert sealed(world, plaintext) != blob


@given(
    plaintext=st.binary(min_size=1, max_size=100),
    table=st.sampled_from(["plaid_items", "plaid", "users"]),
    column=st.sampled_from(["access_token", "_items\0access_token", "other"]),
    row=st.sampled_from([ROW, UUID(int=ROW.int ^ 1)]),
    owner=st.sampled_from([KARI, OLA]),
)
def test_a_sealed_value_opens_nowhere_else(
    world: World, plaintext: bytes, table: str, column: str, row: UUID, owner: UserId
) -> None:
    blob = sealed(world, plaintext)
    if (table, column, row, owner) == ("plaid_items", "access_token", ROW, KARI):
        assert opened(world, blob) == plaintext
    else:
        with pytest.raises(CannotOpen):
            opened(world, blob, table=table, column=column, row=row, owner=owner)


@given(plaintext=st.binary(min_size=1, max_size=60), at=st.integers(0), flip=st.integers(1, 255))
def test_one_changed_byte_is_noticed(world: World, plaintext: bytes, at: int, flip: int) -> None:
    blob = bytearray(sealed(world, plaintext))
    blob[at % len(blob)] ^= flip
    with pytest.raises(CannotOpen):
        opened(world, bytes(blob))


@given(keep=st.integers(0, 80))
def test_a_cut_value_is_noticed(world: World, keep: int) -> None:
    blob = sealed(world, b"access-sandbox-0123456789-0123456789-0123456789")
    with pytest.raises(CannotOpen):
        opened(world, blob[: min(keep, len(blob) - 1)])


def test_a_person_has_one_data_key_however_many_ask_at_once(world: World) -> None:
    owner, vault = UserId(new_id()), Vault(RING)

    async def seal_one(number: int) -> bytes:
        async with world.database.unit_of_work(owner) as db:
            return await vault.seal(
                db, owner=owner, table="t", column="c", row=ROW, plaintext=b"%d" % number
            )

    async def seal_many() -> list[bytes]:
        return await asyncio.gather(*(seal_one(number) for number in range(8)))

    blobs = world.run(seal_many())
    assert [opened(world, blob, owner=owner, table="t", column="c") for blob in blobs] == [
        b"%d" % number for number in range(8)
    ]
    count = world.within(owner, lambda db: value(db, "SELECT count(*) FROM data_keys"))
    assert count == 1


def test_a_key_made_in_a_unit_of_work_that_failed_seals_nothing_later(world: World) -> None:
    owner, vault = UserId(new_id()), Vault(RING)

    async def fail(db: Any) -> None:
        await vault.seal(db, owner=owner, table="t", column="c", row=ROW, plaintext=b"lost")
        raise ConnectionError("the power went")

    with pytest.raises(ConnectionError):
        world.within(owner, fail)
    blob = sealed(world, b"kept", vault=vault, owner=owner)
    assert opened(world, blob, owner=owner) == b"kept"


def test_rotation_rewraps_while_readers_go_on(own_world: World) -> None:
    ring = new_ring()
    kept = {"ring": ring}
    reader = Vault(ring, reload=lambda: kept["ring"])
    owners = [UserId(new_id()) for _ in range(5)]
    blobs = {owner: sealed(own_world, owner.bytes, vault=reader, owner=owner) for owner in owners}
    kept["ring"] = ring.with_new_key()
    rotated = Vault(kept["ring"])

    async def read(owner: UserId) -> bytes:
        async with own_world.database.unit_of_work(owner) as db:
            return await reader.unseal(
                db,
                owner=owner,
                table="plaid_items",
                column="access_token",
                row=ROW,
                sealed=blobs[owner],
            )

    async def rotate() -> int:
        async with own_world.database.unit_of_work_for_all() as db:
            return await rotated.rewrap_for_all(db)

    async def both() -> list[Any]:
        reads = [read(owner) for owner in owners * 10]
        return await asyncio.gather(rotate(), *reads)

    count, *read_back = own_world.run(both())
    assert count == len(owners)
    assert read_back == [owner.bytes for owner in owners * 10]
    assert own_world.within_all(rotated.rewrap_for_all) == 0
    # The retired key may go: everything opens with the current one alone.
    current = kept["ring"].current
    alone = type(ring)(current, {current: kept["ring"].keys[current]}, ring.root)
    for owner in owners:
        assert opened(own_world, blobs[owner], vault=Vault(alone), owner=owner) == owner.bytes


def test_a_destroyed_key_opens_nothing_not_even_in_a_process_that_used_it(world: World) -> None:
    owner, vault = UserId(new_id()), Vault(RING)
    blob = sealed(world, b"secret", vault=vault, owner=owner)
    assert opened(world, blob, vault=vault, owner=owner) == b"secret"
    assert world.within(owner, lambda db: vault.destroy_keys(db, owner=owner)) == 1
    with pytest.raises(KeyDestroyed):
        opened(world, blob, vault=vault, owner=owner)
    again = sealed(world, b"new life", vault=vault, owner=owner)
    assert opened(world, again, vault=vault, owner=owner) == b"new life"


def test_another_installations_ring_says_what_is_wrong(world: World) -> None:
    owner = UserId(new_id())
    blob = sealed(world, b"secret", owner=owner)
    other = new_ring()
    with pytest.raises(CannotOpen):
        opened(world, blob, vault=Vault(other), owner=owner)
    renamed = type(other)("k9", {"k9": other.keys["k1"]}, other.root)
    with pytest.raises(CannotOpen) as caught:
        opened(world, blob, vault=Vault(renamed), owner=owner)
    assert "keys.json" in str(caught.value.hint)
