"""A running local Plaid for these tests, and a client that lets Plaid's document judge answers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox_plaid import openapi

CLIENT_ID, SECRET = "client-under-test", "secret-under-test"
BANK = "ins_109508"


class Refused(Exception):
    """The sandbox answered with an error object."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.code = body["error_code"]


@dataclass
class Sandbox:
    """One sandbox process and a client for it."""

    state: Path
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    url: str = ""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    keys: tuple[str, str] = (CLIENT_ID, SECRET)
    judged: bool = True

    def __post_init__(self) -> None:
        self.http.event_hooks["response"] = [self._judge]

    def _judge(self, answer: httpx.Response) -> None:
        """Hold every answer of the API against Plaid's document, whichever way it was asked."""
        path = answer.request.url.path
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        if not self.judged or not is_json or path.startswith("/_sandbox"):
            return
        if openapi.DOCUMENT.exists():
            answer.read()
            assert judge(path, answer.status_code, json.loads(answer.text)) == []

    def start(self) -> Sandbox:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "strongroom.sandbox.plaid", "--port", "0",
                "--state", str(self.state), *self.arguments,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        line = self.process.stdout.readline() if self.process.stdout else ""
        assert "http://" in line, line
        self.url = line.split()[2]
        wait_until(self._up, "the sandbox to answer")
        return self

    def _up(self) -> bool:
        try:
            return self.http.get(f"{self.url}/_sandbox/health").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(15)
        if self.process.stdout:
            self.process.stdout.close()
        self.http.close()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Call an endpoint; raises ``Refused``. Plaid's document must agree with the answer."""
        answer = self.http.post(
            self.url + path, json=body,
            headers={"PLAID-CLIENT-ID": self.keys[0], "PLAID-SECRET": self.keys[1]},
        )  # fmt: skip
        result = json.loads(answer.text, parse_float=Decimal)
        assert len(result["request_id"]) == 15
        if answer.status_code != 200:
            raise Refused(answer.status_code, result)
        return result

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.request(
            method, f"{self.url}/_sandbox{path}", json=body if method == "POST" else None
        )
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)

    def link(
        self,
        username: str = "user_good",
        password: str = "pass_good",
        products: tuple[str, ...] = ("transactions",),
        *,
        bank: str = BANK,
        days: int | None = 730,
        webhook: str | None = None,
    ) -> tuple[str, str]:
        """Link without pages; returns (access_token, item_id)."""
        options: dict[str, Any] = {"override_username": username, "override_password": password}
        if webhook:
            options["webhook"] = webhook
        if days is not None:
            options["transactions"] = {"days_requested": days}
        public = self.post(
            "/sandbox/public_token/create", institution_id=bank, initial_products=list(products),
            options=options,
        )  # fmt: skip
        answer = self.post("/item/public_token/exchange", public_token=public["public_token"])
        return answer["access_token"], answer["item_id"]

    def ready(self, token: str) -> None:
        """Wait until the item's whole history is there."""
        wait_until(
            lambda: (
                self.post("/transactions/sync", access_token=token, count=1)[
                    "transactions_update_status"
                ]
                == "HISTORICAL_UPDATE_COMPLETE"
            ),
            "the history",
        )

    def sync(self, token: str, cursor: str = "", count: int = 500, **options: Any) -> Book:
        """Read one whole run of pages into a book."""
        book = Book()
        book.read(self, token, cursor, count, **options)
        return book

    def truth(self, item_id: str) -> dict[str, Any]:
        return self.control("GET", f"/truth?item_id={item_id}")


def judge(path: str, status: int, body: Any) -> list[str]:
    """List what Plaid's document has against one answer of the API."""
    if status == 200 and not openapi.knows(path):
        return [f"{path} is not in the document"]
    return openapi.problems(path if status == 200 else "PlaidError", body)


@dataclass
class Book:
    """What a client knows after applying pages in Plaid's own order."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursor: str = ""

    def read(
        self, sandbox: Sandbox, token: str, cursor: str, count: int, **options: Any
    ) -> dict[str, Any]:
        more: dict[str, Any] = {"options": options} if options else {}
        while True:
            page = sandbox.post(
                "/transactions/sync", access_token=token, cursor=cursor, count=count, **more
            )
            assert len(page["added"]) + len(page["modified"]) + len(page["removed"]) <= count
            self.apply(page)
            cursor = page["next_cursor"]
            if not page["has_more"]:
                self.cursor = cursor
                return page

    def apply(self, page: dict[str, Any]) -> None:
        for row in page["added"] + page["modified"]:
            self.rows[row["transaction_id"]] = row
        for row in page["removed"]:
            self.rows.pop(row["transaction_id"], None)


def wait_until(check: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


@dataclass
class Inbox:
    """A webhook endpoint on loopback that keeps what it gets."""

    url: str
    got: list[tuple[dict[str, Any], bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def codes(self, item_id: str | None = None) -> list[str]:
        return [
            body["webhook_code"]
            for body, _, _ in self.got
            if item_id is None or body.get("item_id") == item_id
        ]

    def first(self, code: str) -> tuple[dict[str, Any], bytes, str]:
        wait_until(lambda: code in self.codes(), code)
        return next(one for one in self.got if one[0]["webhook_code"] == code)


@pytest.fixture(autouse=True)
def webhooks_are_plaids(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every webhook that a test of this folder has got against Plaid's document."""
    kept = request.getfixturevalue("inbox") if "inbox" in request.fixturenames else None
    yield
    if kept is not None and openapi.DOCUMENT.exists():
        for body, _, _ in kept.got:
            assert openapi.webhook_problems(body) == [], body


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((json.loads(raw), raw, self.headers["Plaid-Verification"]))
            self.send_response(kept.answers.pop(0) if kept.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept = Inbox(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    required = ("--client-id", CLIENT_ID, "--secret", SECRET)
    one = Sandbox(tmp_path_factory.mktemp("plaid") / "state.sqlite", required).start()
    yield one
    one.stop()


@pytest.fixture
def make_sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes of one's own, with further arguments."""
    made: list[Sandbox] = []

    def make(*arguments: str) -> Sandbox:
        one = Sandbox(tmp_path / f"state-{len(made)}.sqlite", arguments).start()
        made.append(one)
        return one

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.stop()
        one.http.close()
