"""The key ring changes under a living installation: cut short, under load, and no read fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from strongroom.core import keys, rotation
from strongroom.core.db import Database
from strongroom.core.ids import UserId, new_id
from strongroom.core.settings import Settings
from strongroom.core.vault import Vault
from tests.commands import strongroom, unconfigured
from tests.conftest import TestDatabase
from tests.processes import wait_until

pytestmark = pytest.mark.slow

PLACE: dict[str, Any] = {"table": "plaid_items", "column": "access_token"}
PEOPLE = 450  # more than two batches


@dataclass
class Installation:
    """A home with a key ring, and people with sealed secrets."""

    database: TestDatabase
    home: Path
    sealed: dict[UserId, bytes] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home)

    def vault(self) -> Vault:
        """The vault of a process that starts now."""
        return Vault(keys.load(self.settings), reload=lambda: keys.load(self.settings))

    def environment(self, **more: str) -> dict[str, str]:
        own = {"STRONGROOM_HOME": str(self.home), "DATABASE_URL": self.database.admin_dsn}
        return {**unconfigured(), **own, **more}

    def command(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "strongroom.cli", "keys", *words],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self, *words: str, code: int = 0, **environment: str) -> str:
        done = strongroom("keys", *words, environment=self.environment(**environment))
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    def wraps(self) -> dict[str, int]:
        with psycopg.connect(self.database.system_dsn) as db:
            query = "SELECT key_id, count(*) FROM data_keys GROUP BY 1 ORDER BY 1"
            return dict(db.execute(query).fetchall())

    def names(self) -> list[str]:
        return list(keys.load(self.settings).keys)


@pytest.fixture
def place(database: TestDatabase, tmp_path: Path) -> Installation:
    keys.save(tmp_path / "keys.json", database.ring)
    return Installation(database, tmp_path)


async def add_people(place: Installation, opened: Database, vault: Vault, count: int) -> None:
    for _ in range(count):
        owner = UserId(new_id())
        async with opened.unit_of_work(owner) as db:
            place.sealed[owner] = await vault.seal(
                db, owner=owner, row=owner, plaintext=owner.bytes, **PLACE
            )


async def read(place: Installation, opened: Database, vault: Vault, owner: UserId) -> None:
    async with opened.unit_of_work(owner) as db:
        found = await vault.unseal(db, owner=owner, row=owner, sealed=place.sealed[owner], **PLACE)
    assert found == owner.bytes


@contextmanager
def under_load(place: Installation) -> Iterator[list[int]]:
    """A process that was started before: it reads and signs people up all the while.

    Yields how many reads there were; whatever fails in it fails the test.
    """
    stop, reads, vault = threading.Event(), [0], place.vault()
    failed: list[BaseException] = []

    async def one(opened: Database, first: int) -> None:
        while not stop.is_set():
            for owner in list(place.sealed)[first::3]:
                await read(place, opened, vault, owner)
                reads[0] += 1
            await add_people(place, opened, vault, 1)

    async def work() -> None:
        async with Database(place.database.app_dsn) as opened:
            await asyncio.gather(*(one(opened, first) for first in range(3)))

    def serve() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield reads
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


@contextmanager
def last_key_held(place: Installation) -> Iterator[None]:
    """Somebody holds the last data key's row, so that a rotation stops short of it."""
    with psycopg.connect(place.database.admin_dsn, options="-c search_path=strongroom") as db:
        query = "SELECT 1 FROM data_keys ORDER BY user_id DESC LIMIT 1 FOR UPDATE"
        assert db.execute(query).fetchone() is not None
        yield


def sign_up(place: Installation, count: int) -> None:
    async def work() -> None:
        async with Database(place.database.app_dsn) as opened:
            await add_people(place, opened, place.vault(), count)

    asyncio.run(work())


def all_open(place: Installation) -> None:
    async def work() -> None:
        async with Database(place.database.app_dsn) as opened:
            for owner in place.sealed:
                await read(place, opened, place.vault(), owner)

    asyncio.run(work())


def test_a_rotation_that_is_killed_is_finished_by_the_next_and_no_read_fails(
    place: Installation,
) -> None:
    sign_up(place, PEOPLE)
    assert place.wraps() == {"k1": PEOPLE}
    with under_load(place) as reads:
        wait_until(lambda: reads[0], "it reads")
        with last_key_held(place):
            killed = place.command("rotate")
            wait_until(lambda: place.wraps().get("k2", 0) >= 200, "a batch is wrapped anew")
            killed.kill()
            killed.communicate()
            assert place.wraps()["k1"] > 0
            before = reads[0]
            wait_until(lambda: reads[0] > before, "it reads on")
            status = place.said("status")
        assert "k2" in status and "rotate --finish" in status
        assert "no key can go" in place.said("retire", code=5)
        finished = place.said("rotate")
        assert "k2 is the current key" in finished and "no new key was made" in finished
        wait_until(lambda: set(place.wraps()) == {"k2"}, "what was signed up meanwhile is too")
        before, people = reads[0], len(place.sealed)
        assert "keys retire" in place.said("status")
        assert place.said("retire") == "Taken out of the ring: k1.\n"
        wait_until(lambda: reads[0] > before and len(place.sealed) > people, "it works on")
    assert place.names() == ["k2"]
    assert set(place.wraps()) == {"k2"}
    all_open(place)


def test_who_was_started_before_a_rotation_wraps_by_the_new_key(place: Installation) -> None:
    early = place.vault()
    place.said("rotate")

    async def work() -> None:
        async with Database(place.database.app_dsn) as opened:
            await add_people(place, opened, early, 1)

    asyncio.run(work())
    assert place.wraps() == {"k2": 1}


def test_no_key_leaves_while_somebody_wraps_by_it(place: Installation) -> None:
    """Retiring waits for the unit of work that has just read the ring."""
    sign_up(place, 1)
    place.said("rotate")

    async def work() -> list[str]:
        async with Database(place.database.app_dsn, place.database.system_dsn) as opened:
            owner = UserId(new_id())
            async with opened.unit_of_work(owner) as db:
                vault = place.vault()
                await vault.seal(db, owner=owner, row=owner, plaintext=b"x", **PLACE)

                async def retire() -> list[str]:
                    async with opened.unit_of_work_for_all() as system:
                        return await rotation.retire_for_all(system, place.settings)

                retiring = asyncio.create_task(retire())
                done, _ = await asyncio.wait({retiring}, timeout=0.3)
                assert not done
                assert place.names() == ["k1", "k2"]
            return await retiring

    assert asyncio.run(work()) == ["k1"]
    assert place.names() == ["k2"]


def test_a_rotation_again_makes_another_key_and_status_is_json(place: Installation) -> None:
    sign_up(place, 3)
    assert "k2 is the new key; it wraps 3 more data keys" in place.said("rotate")
    assert "k3 is the new key; it wraps 3 more data keys" in place.said("rotate")
    assert '"name": "k3"' in place.said("status", "--json")
    assert place.said("retire") == "Taken out of the ring: k1, k2.\n"
    assert "only key" in place.said("retire", code=4)
    all_open(place)


def test_a_ring_in_the_environment_is_changed_by_a_file_that_is_given_round(
    place: Installation,
) -> None:
    sign_up(place, 3)
    ring = (place.home / "keys.json").read_text()
    (place.home / "keys.json").unlink()
    assert "--to FILE" in place.said("rotate", code=2, STRONGROOM_KEYS=ring)
    wider = place.home / "wider.json"
    place.said("rotate", "--to", str(wider), STRONGROOM_KEYS=ring)
    assert wider.stat().st_mode & 0o777 == 0o600
    assert place.wraps() == {"k1": 3}  # nothing is wrapped by a key that no process has yet
    assert "there already" in place.said("rotate", "--to", str(wider), code=5, STRONGROOM_KEYS=ring)
    given = wider.read_text()
    finished = place.said("rotate", "--finish", STRONGROOM_KEYS=given)
    assert "it wraps 3 more data keys" in finished
    assert "--to FILE" in place.said("retire", code=2, STRONGROOM_KEYS=given)
    place.said("retire", "--to", str(place.home / "keys.json"), STRONGROOM_KEYS=given)
    assert place.names() == ["k2"]
    all_open(place)
