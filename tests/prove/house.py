"""A whole Strongroom for proofs: the real web and worker processes, a sandbox, and people."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from tests.prove import outside
from tests.prove.ground import Base, Ground, ring
from tests.prove.outside import INSTITUTION, Sandbox

API = "/api/v1"
_PATIENCE_SECONDS = 90.0


@dataclass
class PersonAtHome:
    """Somebody with an account: a client signed in as them, and what they are known by."""

    email: str
    password: str
    http: httpx.Client
    id: UUID
    items: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the JSON interface; raises where the answer is an error."""
        answer = self.http.request(method, API + path, **options)
        if answer.is_error:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer


@dataclass
class House:
    """The processes of one proof, and where they write their logs."""

    base: Base
    sandbox: Sandbox
    url: str
    place: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def logs(self) -> list[Path]:
        """Everything that the processes wrote."""
        return sorted(self.place.rglob("*.log"))

    def person(self, email: str, password: str, name: str = "Kari") -> PersonAtHome:
        """Sign somebody up and in."""
        http = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=60)
        given = {"email": email, "password": password}
        signed_up = http.post(f"{API}/users", json={**given, "name": name})
        assert signed_up.is_success, signed_up.text
        signed_in = http.post(f"{API}/session", json=given)
        assert signed_in.is_success, signed_in.text
        with self.base.admin() as db:
            row = db.execute("SELECT id FROM users WHERE email = %s", (email,)).fetchone()
        assert row is not None
        return PersonAtHome(email, password, http, row[0])

    def link(self, person: PersonAtHome, username: str = "user_transactions_dynamic",
             password: str = "pass_good") -> str:  # fmt: skip
        """Link a bank for a person and wait until everything of it has arrived."""
        body = {"institution_id": INSTITUTION, "username": username, "password": password}
        made = person.call("POST", "/links/sandbox", json=body).json()
        item = str(made["connection"])
        person.items.append(item)
        self.until(
            lambda: person.call("GET", f"/connections/{item}").json()["history_complete"],
            "the bank's history has arrived",
        )
        self.until_quiet()
        return item

    def until_quiet(self) -> None:
        """Wait until no job is due or running, and no webhook waits to be handled."""
        self.until(lambda: not self._due_jobs(), "all jobs are done")

    def _due_jobs(self) -> int:
        with self.base.admin() as db:
            row = db.execute(
                "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
                " OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now()))"
                " + (SELECT count(*) FROM webhook_events WHERE state = 'received')"
            ).fetchone()
        return 0 if row is None else int(row[0])

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Ask again and again until something holds."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    log = (self.place / f"{name}.log").read_text()[-1500:]
                    raise AssertionError(f"the {name} process ended: {log}")
            if time.monotonic() > deadline:
                raise AssertionError(f"still waiting until {what}")
            time.sleep(0.05)


@contextmanager
def opened(
    ground: Ground, base: Base, name: str, modules: dict[str, list[str]] | None = None, **more: str
) -> Iterator[House]:
    """Start web, worker and sandbox over ``base``; all are ended on leaving.

    ``modules`` are what to start in place of the real ones; ``more`` is environment.
    """
    modules = modules or {"web": ["strongroom.web"], "worker": ["strongroom.worker"]}
    place = ground.directory / name
    home = place / "home"
    home.mkdir(mode=0o700, parents=True)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    started: dict[str, subprocess.Popen[bytes]] = {}
    with outside.sandbox(place / "plaid.sqlite", log=place / "sandbox.log") as sandbox:
        env = outside.environment(
            home, DATABASE_URL=base.admin_dsn, STRONGROOM_PORT=str(port), STRONGROOM_URL=url,
            STRONGROOM_KEYS=ring().to_json(), PLAID_URL=sandbox.url, **more,
        )  # fmt: skip
        try:
            for one, command in modules.items():
                with (place / f"{one}.log").open("ab") as log:
                    started[one] = subprocess.Popen(
                        [sys.executable, "-m", *command],
                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                    )  # fmt: skip
            house = House(base, sandbox, url, place, env, started)
            house.until(lambda: _is_ready(url), "the web process is ready")
            yield house
        finally:
            for process in started.values():
                process.terminate()
            for process in started.values():
                process.wait(20)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
