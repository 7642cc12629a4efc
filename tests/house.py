"""A whole Strongroom for tests: real web and worker processes, a local Plaid, and people."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from tests.commands import strongroom
from tests.conftest import TestDatabase
from tests.processes import throwaway_home, wait_until

API = "/api/v1"
PASSWORD = "four quiet harbour lamps"
BANK = "ins_109508"


@dataclass
class Person:
    """Somebody signed in: ``api`` speaks JSON, ``pages`` asks as a browser without scripts does."""

    email: str
    api: httpx.Client
    pages: httpx.Client
    items: list[str] = field(default_factory=list)

    def get(self, path: str, **query: Any) -> Any:
        """What the JSON interface answers, which must be a success."""
        answer = self.api.get(API + path, params=query)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def page(self, path: str) -> str:
        """A page's HTML, which must be a success."""
        answer = self.pages.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text

    def text(self, path: str) -> str:
        """What a page says, without its marks."""
        return text_of(self.page(path))


@dataclass
class House:
    """The running processes, and what they stand on."""

    url: str
    sandbox_url: str
    database: TestDatabase
    place: Path
    environment: dict[str, str] = field(repr=False)
    people: list[Person] = field(default_factory=list)

    def person(self, *, language: str = "en") -> Person:
        """Sign up somebody new and sign in as them."""
        with self.admin() as db:  # all tests come from one address
            db.execute("DELETE FROM strongroom.rate_limits")
        email = f"{uuid4().hex}@example.com"
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        api = httpx.Client(base_url=self.url, headers=headers, timeout=60)
        given = {"email": email, "password": PASSWORD}
        assert api.post(f"{API}/users", json={**given, "name": "Kari Nordmann"}).is_success
        assert api.post(f"{API}/session", json=given).is_success
        pages = httpx.Client(
            base_url=self.url,
            headers={**headers, "Accept": "text/html"},
            cookies=api.cookies,
            follow_redirects=True,
            timeout=60,
        )
        pages.cookies.set("locale", language)
        self.people.append(Person(email, api, pages))
        return self.people[-1]

    def link(self, person: Person, username: str = "user_household", password: str = "pass_good",
             bank: str = BANK) -> str:  # fmt: skip
        """Link a bank and wait until everything of it has arrived and is summed up."""
        body = {"institution_id": bank, "username": username, "password": password}
        answer = person.api.post(f"{API}/links/sandbox", json=body)
        assert answer.status_code == 201, answer.text
        item = str(answer.json()["connection"])
        person.items.append(item)
        wait_until(
            lambda: person.get(f"/connections/{item}")["history_complete"], "the history arrived"
        )
        self.until_quiet()
        return item

    def until_quiet(self) -> None:
        """Wait until no job is due or running, and no webhook waits to be handled."""
        with self.admin() as db:
            wait_until(lambda: not _due(db), "all jobs are done")

    def command(self, person: Person, *words: str) -> Any:
        """Run ``strongroom`` as a person in a terminal would; return the JSON it prints."""
        return json.loads(self.printed(person, "--json", *words))

    def printed(self, person: Person, *words: str) -> str:
        """Run ``strongroom`` likewise; return what it prints."""
        done = self.run(person, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, person: Person, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``strongroom`` as a person with no terminal would, whatever comes of it."""
        return strongroom("--as", person.email, *words, environment=self.environment)

    def admin(self) -> psycopg.Connection[Any]:
        """A connection that sees every row."""
        return psycopg.connect(self.database.admin_dsn, autocommit=True)

    def sandbox(self, path: str, **body: Any) -> dict[str, Any]:
        """Steer the local Plaid, as its control interface allows."""
        answer = httpx.post(self.sandbox_url + path, json=body, timeout=30)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def opened(database: TestDatabase) -> Iterator[House]:
    """Start web, worker and local Plaid over a migrated database; all end on leaving."""
    with throwaway_home() as home:
        home.mkdir(mode=0o700)
        started: list[subprocess.Popen[bytes]] = []
        ports = free_ports(2)
        url, plaid = (f"http://127.0.0.1:{port}" for port in ports)
        environment = {
            **{
                name: text
                for name, text in os.environ.items()
                if not name.startswith(("PLAID", "OLLAMA"))
            },
            "STRONGROOM_HOME": str(home),
            "STRONGROOM_PORT": str(ports[0]),
            "STRONGROOM_URL": url,
            "STRONGROOM_KEYS": database.ring.to_json(),
            "DATABASE_URL": database.admin_dsn,
            "PLAID_URL": plaid,
        }
        state = ["--port", str(ports[1]), "--state", str(home / "plaid.sqlite")]
        try:
            for command in (["sandbox.plaid", *state], ["web"], ["worker"]):
                with (home / f"{command[0]}.log").open("ab") as log:
                    module = ["-m", f"strongroom.{command[0]}", *command[1:]]
                    started.append(
                        subprocess.Popen(
                            [sys.executable, *module],
                            stdin=subprocess.DEVNULL,
                            stdout=log,
                            stderr=log,
                            env=environment,
                        )
                    )
            wait_until(lambda: _answers(f"{url}/readyz") and _answers(plaid), "all is up")
            house = House(url, plaid, database, home, environment)
            yield house
            for person in house.people:
                person.api.close()
                person.pages.close()
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(20)


def _due(db: psycopg.Connection[Any]) -> int:
    row = db.execute(
        "SELECT (SELECT count(*) FROM strongroom.procrastinate_jobs WHERE status = 'doing'"
        " OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now()))"
        " + (SELECT count(*) FROM strongroom.webhook_events WHERE state = 'received')"
    ).fetchone()
    assert row is not None
    return int(row[0])


def text_of(html: str) -> str:
    """A page's words, one space between them."""
    bare = re.sub(r"<script.*?</script>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)).replace("&#39;", "'")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens at."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code < 500
    except httpx.TransportError:
        return False
