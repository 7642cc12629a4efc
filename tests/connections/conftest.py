"""A local Plaid, a database, a webhook inbox; and people who link banks through the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest

from strongroom import connections
from strongroom.connections import Item, Links, LinkSession, Refresh
from strongroom.connections import jobs as connection_jobs
from strongroom.connections.plaid import Plaid
from strongroom.core.ids import ItemId, UserId
from strongroom.core.time import clock
from strongroom.core.vault import Vault
from tests import book as made
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world
from tests.sandbox_plaid.conftest import CLIENT_ID, SECRET, Inbox, Sandbox, inbox, wait_until

__all__ = ["inbox"]

T = TypeVar("T")
BANK = "ins_109508"


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    required = ("--client-id", CLIENT_ID, "--secret", SECRET, "--speed", "600")
    state = tmp_path_factory.mktemp("plaid") / "state.sqlite"
    one = Sandbox(state, required, judged=False).start()
    yield one
    one.stop()


@pytest.fixture
def calm(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, whose faults end with the test."""
    yield sandbox
    sandbox.control("DELETE", "/faults")


@dataclass
class Clock:
    """The time, moved on by hand."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return clock() + self.ahead


@dataclass
class Kari:
    """Someone who links banks, and the verbs of connections in her name."""

    world: World
    owner: UserId
    links: Links
    clock: Clock
    sandbox: Sandbox

    def run(self, work: Awaitable[T]) -> T:
        return self.world.run(work)

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))

    def link(self, username: str = "user_good", password: str = "pass_good") -> Item:
        """Link a bank without its page; its first data may not be there yet."""
        session: LinkSession = self.run(
            connections.link_without_page(
                self.links, owner=self.owner, institution_id=BANK, username=username,
                password=password,
            )
        )  # fmt: skip
        assert session.item_id is not None
        return self.item(session.item_id)

    def linked(self, username: str = "user_good", password: str = "pass_good") -> Item:
        """Link a bank whose whole history is there to be read."""
        item = self.link(username, password)
        self.sandbox.ready(self.token(item.id))
        return item

    def item(self, item_id: ItemId) -> Item:
        return self.ask(connections.get_item, item_id=item_id)

    def only_item(self) -> Item:
        (found,) = self.ask(connections.items)
        return found

    def refresh(self, item_id: ItemId) -> Refresh:
        """A refresh to run: the one that waits, or else a new one."""
        waiting = [
            one for one in self.ask(connections.refreshes, item_id=item_id) if not one.is_over
        ]
        if waiting:
            return waiting[-1]
        self.clock.ahead += timedelta(minutes=1)
        return self.ask(connections.ask_for_sync, item_id=item_id, now=self.clock())

    def sync(self, item_id: ItemId) -> Refresh:
        refresh = self.refresh(item_id)
        return self.run(
            connections.sync(self.links, owner=self.owner, item_id=item_id, refresh_id=refresh.id)
        )

    def token(self, item_id: ItemId) -> str:
        async def read(db: Any) -> str:
            return (await self.links.access_token(db, self.owner, item_id))[0]

        return self.world.within(self.owner, read)

    def cursor(self, item_id: ItemId) -> str:
        async def read(db: Any) -> str:
            return (await self.links.access_token(db, self.owner, item_id))[1]

        return self.world.within(self.owner, read)

    def jobs(self) -> dict[str, Any]:
        """The domain's jobs by their short name."""
        declared = connection_jobs.build(self.links).declared
        return {job.name.removeprefix("connections."): job.run for job in declared}

    def waiting(self, name: str) -> list[dict[str, str]]:
        """The arguments of the jobs of that name that wait for this person's data."""
        found = made.values(
            self.world,
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'"
            " AND args->>'owner' = %s ORDER BY id",
            f"connections.{name}",
            str(self.owner),
        )
        return [arguments for (arguments,) in found]

    def count(self, table: str) -> int:
        ((number,),) = made.values(
            self.world, f"SELECT count(*) FROM {table} WHERE user_id = %s", self.owner
        )
        return int(number)


@pytest.fixture
def make_kari(world: World, sandbox: Sandbox, inbox: Inbox) -> Callable[..., Kari]:
    """Make people whose webhooks come to the test's inbox."""

    def make(client_id: str = CLIENT_ID, time_zone: str = "UTC", url: str = "") -> Kari:
        now = Clock()
        provider = Plaid(
            host=url or sandbox.url, client_id=client_id, secret=SECRET, timeout_seconds=(2, 5)
        )
        links = Links(
            world.database, provider, Vault(world.place.ring), "local",
            inbox.url.removesuffix("/hook"), now,
        )  # fmt: skip
        return Kari(world, made.person(world, time_zone), links, now, sandbox)

    return make


@pytest.fixture
def kari(make_kari: Callable[..., Kari]) -> Kari:
    return make_kari()


def hook(inbox: Inbox, code: str, item: Item) -> tuple[bytes, str]:
    """The newest webhook of a kind about an item: its body and its signature."""

    def found() -> list[tuple[bytes, str]]:
        return [
            (raw, signature)
            for body, raw, signature in list(inbox.got)
            if body["webhook_code"] == code and body.get("item_id") == item.plaid_item_id
        ]

    wait_until(lambda: bool(found()), code)
    return found()[-1]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Open the page of an attempt, as the person's browser does."""
    visitors: list[Visitor] = []

    def open_page(session: LinkSession) -> Visitor:
        visitors.append(Visitor(session.hosted_link_url))
        return visitors[-1]

    yield open_page
    for one in visitors:
        one.close()


class Visitor:
    """A person at Plaid's Link pages, with nothing but forms."""

    def __init__(self, url: str | None) -> None:
        assert url is not None
        self.url = url
        self.http = httpx.Client()
        self.http.get(url)

    def send(self, step: str, **form: Any) -> None:
        answer = self.http.post(f"{self.url}/{step}", data=form)
        assert answer.status_code == 303, answer.text

    def share(self, *accounts: str) -> None:
        self.send("institution", institution_id=BANK)
        self.send("credentials", username="user_good", password="pass_good")
        self.send("accounts", account=list(accounts))

    def close(self) -> None:
        self.http.close()


Visit = Callable[[LinkSession], Visitor]
