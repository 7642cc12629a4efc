"""What survives kill -9, what a foreign file does, faults, and the sandbox's own time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.sandbox_plaid.conftest import Book, Inbox, Refused, Sandbox, wait_until


def test_kill_nine_loses_nothing(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_transactions_dynamic")
    own.ready(token)
    book = own.sync(token, count=7)
    for round_number in range(4):
        own.control("POST", f"/items/{item_id}/mutate", count=3)
        before = own.truth(item_id)
        key = own.post(
            "/webhook_verification_key/get", key_id="6c5516e1-92dc-479e-a8ff-5a51992e0001"
        )["key"]
        own.kill()
        own.start()
        assert own.truth(item_id) == before
        assert key == own.post("/webhook_verification_key/get", key_id=key["kid"])["key"]
        book.read(own, token, book.cursor, 2 + round_number)
        assert set(book.rows) == {one["transaction_id"] for one in before["transactions"]}


def test_a_webhook_queued_before_a_kill_is_sent_after_it(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox
) -> None:
    own = make_sandbox("--speed", "20")
    token, _ = own.link(products=("auth",))
    inbox.answers += [500]
    own.post("/item/webhook/update", access_token=token, webhook=inbox.url)
    wait_until(lambda: len(inbox.got) == 1, "the first attempt")
    own.kill()
    own.start()
    wait_until(lambda: len(inbox.got) == 2, "the attempt after the kill")


@pytest.mark.parametrize("content", [b"hello, this is no database at all " * 40, None])
def test_a_file_of_someone_else_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "other"
    if content is None:
        import sqlite3

        other = sqlite3.connect(file)
        other.execute("CREATE TABLE precious (x)")
        other.commit()
        other.close()
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "strongroom.sandbox.plaid", "--port", "0", "--state", str(file)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot start" in done.stderr and "Traceback" not in done.stderr
    assert file.read_bytes() == before


def test_one_file_serves_one_sandbox(sandbox: Sandbox) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "strongroom.sandbox.plaid", "--port", "0",
         "--state", str(sandbox.state)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "in use" in done.stderr and "Traceback" not in done.stderr


def test_the_state_file_is_for_its_owner_only(sandbox: Sandbox) -> None:
    assert sandbox.state.stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "strongroom.sandbox.plaid", "--port", port,
         "--state", str(tmp_path / "s")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and port in done.stderr and "Traceback" not in done.stderr


def faulty_run(own: Sandbox, token: str, seed: int) -> list[str]:
    """Sync under faults; returns what each attempt met."""
    rates = {"error": 0.2, "cut": 0.2, "slow": 0.1, "mutate": 0.2, "timeout": 0.1}
    own.control("POST", "/faults", seed=seed, rates=rates, slow_seconds=0.01, timeout_seconds=0.6,
                endpoints=["/transactions/sync"],
                error_codes=["INTERNAL_SERVER_ERROR", "RATE_LIMIT", "HTML"])  # fmt: skip
    met = []
    http = httpx.Client(timeout=0.4)
    cursor = ""
    for _ in range(25):
        try:
            answer = http.post(
                f"{own.url}/transactions/sync",
                json={"access_token": token, "count": 20, "cursor": cursor},
                headers={"PLAID-CLIENT-ID": own.keys[0], "PLAID-SECRET": own.keys[1]},
            )
        except httpx.TransportError as error:
            met.append("timeout" if isinstance(error, httpx.TimeoutException) else "cut")
            continue
        if answer.headers["content-type"].startswith("text/html"):
            met.append("HTML")
        elif answer.status_code != 200:
            met.append(answer.json()["error_code"])
            cursor = "" if "MUTATION" in met[-1] else cursor
        else:
            page = answer.json()
            cursor = page["next_cursor"] if page["has_more"] else ""
            met.append("ok")
    http.close()
    own.control("DELETE", "/faults")
    return met


def test_faults_strike_and_repeat_by_seed(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    runs = []
    for seed in (5, 5, 6):
        token, item_id = own.link("user_transactions_dynamic")
        own.ready(token)
        runs.append(faulty_run(own, token, seed))
        book = own.sync(token, count=7)
        truth = own.truth(item_id)["transactions"]
        assert set(book.rows) == {one["transaction_id"] for one in truth}
    assert runs[0] == runs[1] != runs[2]
    everything = {one for run in runs for one in run}
    assert {"ok", "cut", "timeout"} <= everything
    assert any("MUTATION" in one for one in everything)


def test_faults_can_be_counted_and_refused(sandbox: Sandbox) -> None:
    token, _ = sandbox.link(products=("auth",))
    sandbox.control("POST", "/faults", rates={"error": 1}, error_codes=["PLANNED_MAINTENANCE"],
                    most=2)  # fmt: skip
    met = []
    for _ in range(4):
        try:
            sandbox.post("/item/get", access_token=token)
            met.append("ok")
        except Refused as error:
            met.append(f"{error.status} {error.code}")
    assert met == ["503 PLANNED_MAINTENANCE"] * 2 + ["ok"] * 2
    assert sandbox.control("GET", "/faults")["struck"] == 2
    sandbox.control("DELETE", "/faults")
    for plan in ({}, {"rates": {"flood": 1}}, {"rates": {"error": 2}}, {"rates": {"error": "x"}},
                 {"rates": {}, "error_codes": ["NO_SUCH"]}):  # fmt: skip
        answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json=plan)
        assert answer.status_code == 400, plan


def test_days_pass(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_household", webhook=inbox.url)
    own.ready(token)
    book = own.sync(token)
    opening = {one["name"]: one["balances"]["current"] for one in own.truth(item_id)["accounts"]}
    before = set(book.rows)
    inbox.got.clear()
    own.control("POST", "/clock", offset_seconds=12 * 86_400)
    page = book.read(own, token, book.cursor, 500)
    inbox.first("SYNC_UPDATES_AVAILABLE")
    truth = own.truth(item_id)
    assert book.rows.keys() == {one["transaction_id"] for one in truth["transactions"]}
    assert len(set(book.rows) - before) > 10
    assert all(row["pending_transaction_id"] is None or not row["pending"]
               for row in page["added"])  # fmt: skip
    for account in truth["accounts"]:
        owes = account["type"] in ("credit", "loan")
        moved = sum(
            (row["amount"] for row in truth["transactions"]
             if row["account_id"] == account["account_id"] and not row["pending"]
             and row["transaction_id"] not in before), Decimal(0),
        )  # fmt: skip
        change = account["balances"]["current"] - opening[account["name"]]
        assert change == (moved if owes else -moved)
    own.control("POST", "/clock", offset_seconds=31 * 86_400)
    with pytest.raises(Refused) as caught:
        own.post("/accounts/get", access_token=token)
    assert caught.value.code == "ITEM_LOGIN_REQUIRED"


def test_a_pending_custom_row_posts_on_its_day(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    person = {"override_accounts": [{"type": "depository", "starting_balance": 100,
              "transactions": [{"date_transacted": str(today), "amount": 30.5, "description": "x",
                                "date_posted": str(today + timedelta(days=2))}]}]}  # fmt: skip
    token, item_id = own.link("user_custom", json.dumps(person))
    own.ready(token)
    book = own.sync(token)
    pending = next(iter(book.rows))
    own.control("POST", "/clock", offset_seconds=3 * 86_400)
    page = book.read(own, token, book.cursor, 500)
    assert [one["transaction_id"] for one in page["removed"]] == [pending]
    (posted,) = page["added"]
    assert (posted["pending_transaction_id"], posted["date"], posted["pending"]) == (
        pending, str(today + timedelta(days=2)), False,
    )  # fmt: skip
    assert own.truth(item_id)["accounts"][0]["balances"]["current"] == Decimal("69.5")


def test_bulk_items(sandbox: Sandbox) -> None:
    made = sandbox.control("POST", "/bulk", count=3000, client_id=sandbox.keys[0])
    book: Book = sandbox.sync(made["access_token"])
    assert len(book.rows) == 3000
    dates = {row["date"] for row in book.rows.values()}
    assert len(dates) > 700


def test_the_same_seed_makes_the_same_bank(make_sandbox: Callable[..., Sandbox]) -> None:
    found = []
    for seed in ("7", "7", "8"):
        own = make_sandbox("--seed", seed)
        token, _ = own.link("user_household")
        own.ready(token)
        found.append(own.sync(token).rows)
    assert found[0] == found[1]
    assert found[0].keys() != found[2].keys()
