"""A migrated database, open on one event loop, for verbs; and people to call them for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from strongroom import audit, identity
from strongroom.core.db import Database
from strongroom.core.ids import UserId, new_id
from tests.conftest import TestDatabase

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PASSWORD = "four quiet harbour lamps"


@dataclass
class World:
    """The database and one event loop; ``client`` has an address that nobody else has."""

    runner: asyncio.Runner
    database: Database
    place: TestDatabase

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

    def client(self) -> identity.Client:
        number = new_id().int
        return identity.Client(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", "t/1")

    def sign_up(self, email: str, password: str = PASSWORD, **more: Any) -> Any:
        options: dict[str, Any] = {"client": self.client(), "open_to_all": True, "now": NOW, **more}
        new = identity.SignUp(email, password, options.pop("name", "Kari Nordmann"))
        return self.run(identity.sign_up(self.database, new, **options))

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> identity.NewSession:
        options: dict[str, Any] = {"client": self.client(), "now": NOW, **more}
        return self.run(identity.sign_in(self.database, email=email, password=password, **options))

    def person(self) -> identity.NewSession:
        """Someone new, signed in."""
        email = f"{new_id().hex}@example.com"
        return self.sign_up(email) or self.sign_in(email)

    def actions(self, owner: UserId) -> list[str]:
        """What the audit log says the person did, oldest first; the chain must hold."""
        rows = self.within(owner, lambda db: audit.list_newest(db, owner=owner, limit=500))
        assert self.within(owner, lambda db: audit.verify(db, owner=owner)).holds
        return [row.action.removeprefix("identity.") for row in reversed(rows)]


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture
def own_world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)


def opened_world(place: TestDatabase) -> Iterator[World]:
    audit.use_key(place.ring.derive("audit chain"))
    identity.use_key(place.ring.derive("rate limit"))
    with asyncio.Runner() as runner:
        database = Database(place.app_dsn, place.system_dsn)
        runner.run(database.open())
        yield World(runner, database, place)
        runner.run(database.close())
