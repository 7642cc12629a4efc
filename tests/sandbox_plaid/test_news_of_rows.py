"""What the webhooks of TRANSACTIONS tell of rows: how many are new, which ones are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox_plaid.conftest import Book, Inbox, Sandbox, wait_until
from tests.sandbox_plaid.test_link import Visitor
from tests.sandbox_plaid.test_webhooks import judge, verify

DAY = 86_400
DYNAMIC = "user_transactions_dynamic"
SYNC, NEW, GONE = "SYNC_UPDATES_AVAILABLE", "DEFAULT_UPDATE", "TRANSACTIONS_REMOVED"


class Client:
    """A client that has read an item to its end, and hears its webhooks from then on."""

    def __init__(self, sandbox: Sandbox, inbox: Inbox, username: str = DYNAMIC) -> None:
        self.sandbox, self.inbox = sandbox, inbox
        self.token, self.item_id = sandbox.link(username, webhook=inbox.url)
        sandbox.ready(self.token)
        self.book = sandbox.sync(self.token)
        self.hears_out()

    def hears_out(self) -> None:
        """Wait for the webhooks under way, and forget them."""

        def done() -> bool:
            listed = self.sandbox.control("GET", f"/items/{self.item_id}/webhooks")["webhooks"]
            return all(one["done"] for one in listed)

        wait_until(done, "the webhooks sent so far")
        self.inbox.got.clear()

    def act(self, name: str, **wish: Any) -> dict[str, Any]:
        return self.sandbox.control("POST", f"/items/{self.item_id}/{name}", **wish)

    def read(self) -> dict[str, list[Any]]:
        """Read what is new; gives the ids of added, modified and removed rows."""
        page = self.sandbox.post("/transactions/sync", access_token=self.token,
                                 cursor=self.book.cursor, count=500)  # fmt: skip
        assert not page["has_more"]
        self.book.apply(page)
        self.book.cursor = page["next_cursor"]
        return {kind: [row["transaction_id"] for row in page[kind]]
                for kind in ("added", "modified", "removed")}  # fmt: skip

    def told(self, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Wait for exactly these webhooks of the item, in this order; gives their bodies."""
        # Whatever has been queued so far comes before this one.
        self.act("webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")
        self.inbox.first("LOGIN_REPAIRED")
        assert self.inbox.codes(self.item_id) == [*codes, "LOGIN_REPAIRED"]
        for body, raw, signature in self.inbox.got:
            verify(self.sandbox, raw, signature)
            if body["webhook_code"] == GONE:
                judge("TransactionsRemovedWebhook", body)
        return {body["webhook_code"]: body for body, _, _ in self.inbox.got}


@pytest.fixture
def client(sandbox: Sandbox, inbox: Inbox) -> Client:
    return Client(sandbox, inbox)


def same(some: Iterable[str], others: Iterable[str]) -> bool:
    return Counter(some) == Counter(others)


def test_a_refresh_tells_new_rows_and_gone_ones_apart(client: Client) -> None:
    pending = [one["transaction_id"] for one in client.book.rows.values() if one["pending"]]
    client.sandbox.post("/transactions/refresh", access_token=client.token)
    told, news = client.told((SYNC, GONE, NEW)), client.read()
    assert len(news["modified"]) == 1
    assert told[NEW]["new_transactions"] == len(news["added"]) == len(pending) + 3
    assert pending and same(told[GONE]["removed_transactions"], pending)
    assert same(pending, news["removed"])
    assert told[GONE] == {
        "webhook_type": "TRANSACTIONS", "webhook_code": GONE, "item_id": client.item_id,
        "removed_transactions": told[GONE]["removed_transactions"], "error": None,
        "environment": "sandbox",
    }  # fmt: skip


def test_a_refresh_that_finds_nothing_tells_nobody(sandbox: Sandbox, inbox: Inbox) -> None:
    client = Client(sandbox, inbox, "user_good")
    sandbox.post("/transactions/refresh", access_token=client.token)
    client.told(())


def test_who_gets_rows_without_sync_hears_of_new_and_gone_ones(
    sandbox: Sandbox, inbox: Inbox
) -> None:
    token, item_id = sandbox.link(DYNAMIC, webhook=inbox.url)
    inbox.first("HISTORICAL_UPDATE")

    def rows() -> set[str]:
        found = sandbox.post(
            "/transactions/get", access_token=token, start_date="2000-01-01",
            end_date=str(datetime.now(UTC).date()), options={"count": 500},
        )  # fmt: skip
        assert found["total_transactions"] == len(found["transactions"])
        return {one["transaction_id"] for one in found["transactions"]}

    before = rows()
    sandbox.post("/transactions/refresh", access_token=token)
    new, gone = inbox.first(NEW)[0], inbox.first(GONE)[0]
    after = rows()
    assert new["new_transactions"] == len(after - before)
    assert same(gone["removed_transactions"], before - after)
    assert SYNC not in inbox.codes(item_id)


@pytest.mark.parametrize("count", [1, 40])
def test_seeded_changes_are_told_for_what_they_come_to(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox, count: int
) -> None:
    client, kinds = Client(make_sandbox(), inbox), set()
    for seed in range(12 if count == 1 else 3):
        client.act("mutate", count=count, seed=seed)
        before = dict(client.book.rows)
        client.read()
        new = client.book.rows.keys() - before.keys()
        gone = before.keys() - client.book.rows.keys()
        told = client.told((SYNC, *[GONE] * bool(gone), *[NEW] * bool(new)))
        if new:
            assert told[NEW]["new_transactions"] == len(new)
        if gone:
            assert same(told[GONE]["removed_transactions"], gone)
        kinds.add((bool(new), bool(gone)))
        client.hears_out()
    if count == 1:  # a new row, one that is gone, one that is corrected
        assert kinds >= {(True, False), (False, True), (False, False)}
    else:  # of all rows that go, a batch may have brought each one itself
        assert (True, True) in kinds


def test_changes_that_nobody_is_to_hear_of(client: Client) -> None:
    assert client.act("mutate", count=30, seed=1, webhook=False)["changed"] == 30
    client.told(())


def test_each_day_tells_its_rows(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    client = Client(make_sandbox("--login-days", "0"), inbox)
    before = dict(client.book.rows)
    client.sandbox.control("POST", "/clock", offset_seconds=3 * DAY)
    client.read()
    told = client.told((SYNC, GONE, NEW))
    # Rows that came and posted within these days were never there for anyone.
    assert told[NEW]["new_transactions"] == len(client.book.rows.keys() - before.keys())
    assert same(told[GONE]["removed_transactions"], before.keys() - client.book.rows.keys())


@pytest.mark.parametrize("rows", ["keep", "remove"])
def test_an_account_taken_back_tells_its_rows(client: Client, rows: str) -> None:
    account = client.act("revoke_account", rows=rows)["account_id"]
    mine = [key for key, row in client.book.rows.items() if row["account_id"] == account]
    if rows == "keep":
        client.told(("USER_ACCOUNT_REVOKED",))
        return
    told = client.told(("USER_ACCOUNT_REVOKED", SYNC, GONE))
    assert mine and same(told[GONE]["removed_transactions"], mine)


@pytest.mark.parametrize("removed", [False, True])
def test_a_migration_tells_all_rows_anew(client: Client, removed: bool) -> None:
    old = list(client.book.rows)
    client.act("migrate_accounts", removed=removed)
    told = client.told((SYNC, GONE, NEW) if removed else (SYNC, NEW))
    assert told[NEW]["new_transactions"] == len(old)
    assert not removed or same(told[GONE]["removed_transactions"], old)


def test_a_row_told_twice_is_one_and_a_healed_one_is_not_new(client: Client) -> None:
    client.act("bad_row", kind="twice")
    assert client.told((SYNC, NEW))[NEW]["new_transactions"] == 1
    client.hears_out()
    client.act("bad_row", kind="null_name")
    assert client.told((SYNC, NEW))[NEW]["new_transactions"] == 1
    client.hears_out()
    client.act("heal_rows")
    client.told((SYNC,))


def choose(client: Client, *positions: str) -> None:
    visitor = Visitor(client.sandbox, access_token=client.token,
                      update={"account_selection_enabled": True})  # fmt: skip
    visitor.sign_in(DYNAMIC)
    visitor.send("accounts", account=list(positions))
    visitor.http.close()


def test_accounts_chosen_anew_are_told_as_first_updates(client: Client) -> None:
    """Plaid's document: both are sent again, with the number of rows that the choice brought."""
    choose(client, "0")
    told, news = client.told(("INITIAL_UPDATE", "HISTORICAL_UPDATE", SYNC, GONE)), client.read()
    assert news["removed"] and same(told[GONE]["removed_transactions"], news["removed"])
    counts = [told[code]["new_transactions"] for code in ("INITIAL_UPDATE", "HISTORICAL_UPDATE")]
    assert counts == [0, 0]
    client.hears_out()
    choose(client, "0", "1")
    told, back = client.told(("INITIAL_UPDATE", "HISTORICAL_UPDATE", SYNC)), client.read()
    counts = [told[code]["new_transactions"] for code in ("INITIAL_UPDATE", "HISTORICAL_UPDATE")]
    assert all(counts) and sum(counts) == len(back["added"]) == len(news["removed"])
    client.hears_out()
    choose(client, "0", "1")
    client.told(())


def test_the_first_updates_say_how_many_rows_they_brought(sandbox: Sandbox, inbox: Inbox) -> None:
    token, _ = sandbox.link("user_household", webhook=inbox.url)
    month, rest = (inbox.first(code)[0]["new_transactions"]
                   for code in ("INITIAL_UPDATE", "HISTORICAL_UPDATE"))  # fmt: skip
    book: Book = sandbox.sync(token)
    assert 0 < month < rest and month + rest == len(book.rows)
    assert NEW not in inbox.codes() and GONE not in inbox.codes()


def test_very_many_gone_rows_come_in_several_webhooks(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox
) -> None:
    own = make_sandbox()
    made = own.control("POST", "/bulk", count=12_000, client_id="x", accounts=1,
                       webhook=inbox.url)  # fmt: skip
    wait_until(lambda: "HISTORICAL_UPDATE" in inbox.codes(), "the history")
    inbox.got.clear()
    rows = {row["transaction_id"] for row in own.truth(made["item_id"])["transactions"]}
    own.control("POST", f"/items/{made['item_id']}/revoke_account", rows="remove")
    wait_until(lambda: inbox.codes().count(GONE) == 3, "three parts")
    parts = [(body["removed_transactions"], raw) for body, raw, _ in inbox.got
             if body["webhook_code"] == GONE]  # fmt: skip
    assert same((one for part, _ in parts for one in part), rows) and len(rows) == 12_000
    assert max(len(raw) for _, raw in parts) < 256 * 1024
