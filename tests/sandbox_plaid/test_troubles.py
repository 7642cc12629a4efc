"""The control door: what can befall an item, and what a client then meets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox_plaid.conftest import BANK, Book, Inbox, Refused, Sandbox, wait_until
from tests.sandbox_plaid.test_link import Page, Visitor

DAY = 86_400


@pytest.fixture
def linked(sandbox: Sandbox, inbox: Inbox) -> tuple[str, str, Book]:
    """A dynamic person, read to the end: (access token, item_id, book)."""
    token, item_id = sandbox.link("user_transactions_dynamic", webhook=inbox.url)
    sandbox.ready(token)
    return token, item_id, sandbox.sync(token)


def true_ids(sandbox: Sandbox, item_id: str) -> set[str]:
    return {row["transaction_id"] for row in sandbox.truth(item_id)["transactions"]}


def accounts(sandbox: Sandbox, token: str) -> dict[str, dict[str, Any]]:
    found = sandbox.post("/accounts/get", access_token=token)["accounts"]
    return {one["account_id"]: one for one in found}


def text(page: Page | None) -> str:
    assert page is not None
    return page.text


def repair(sandbox: Sandbox, token: str, name: str = "user_transactions_dynamic") -> str:
    """Go through Link's update mode without a choice of accounts; gives the last page."""
    visitor = Visitor(sandbox, access_token=token)
    with closing(visitor.http):
        return text(visitor.sign_in(name))


@contextmanager
def choosing(sandbox: Sandbox, token: str) -> Iterator[tuple[Visitor, str]]:
    """Sign in to update mode with a choice of accounts; gives the page of that choice."""
    visitor = Visitor(sandbox, access_token=token, update={"account_selection_enabled": True})
    with closing(visitor.http):
        yield visitor, text(visitor.sign_in("user_transactions_dynamic"))


@pytest.mark.parametrize("removed", [False, True])
def test_a_bank_migration(
    sandbox: Sandbox, linked: tuple[str, str, Book], inbox: Inbox, removed: bool
) -> None:
    token, item_id, book = linked
    before, old = accounts(sandbox, token), dict(book.rows)
    told = sandbox.control("POST", f"/items/{item_id}/migrate_accounts", removed=removed)
    after = accounts(sandbox, token)
    assert set(told["accounts"]) == set(before)
    assert set(told["accounts"].values()) == set(after) and not set(after) & set(before)
    for was, now in told["accounts"].items():
        assert after[now] == before[was] | {"account_id": now}
    book.read(sandbox, token, book.cursor, 7)
    rows = [row for row in book.rows.values() if row["account_id"] in after]
    assert len(rows) == len(old) == told["transactions"]
    assert not {row["transaction_id"] for row in rows} & set(old)
    assert {one["transaction_id"] for one in rows} == true_ids(sandbox, item_id)
    assert len(book.rows) == len(old) * (1 if removed else 2)
    assert set(sandbox.sync(token).rows) == true_ids(sandbox, item_id)
    inbox.first("SYNC_UPDATES_AVAILABLE")


def test_a_repaired_link_may_have_new_account_ids(
    make_sandbox: Callable[..., Sandbox],
) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_household")
    before = accounts(own, token)
    own.control("POST", "/faults", rates={"relink_new_ids": 1})
    own.post("/sandbox/item/reset_login", access_token=token)
    assert "connected" in repair(own, token, name="user_household")
    after = accounts(own, token)
    assert not set(before) & set(after)
    assert [one["mask"] for one in before.values()] == [one["mask"] for one in after.values()]
    own.ready(token)
    assert set(own.sync(token).rows) == true_ids(own, item_id)


def test_a_new_account_is_offered_and_not_forced(
    sandbox: Sandbox, linked: tuple[str, str, Book], inbox: Inbox
) -> None:
    token, item_id, book = linked
    made = sandbox.control("POST", f"/items/{item_id}/new_account", name="Holiday", rows=4)
    body, _, _ = inbox.first("NEW_ACCOUNTS_AVAILABLE")
    assert body["item_id"] == item_id
    assert made["account_id"] not in accounts(sandbox, token)
    assert "connected" in repair(sandbox, token)
    assert made["account_id"] not in accounts(sandbox, token)
    with choosing(sandbox, token) as (visitor, page):
        assert "Holiday (not shared so far)" in page and page.count(" checked") == 2
        visitor.send("accounts", account=["0", "1", "2"])
    assert accounts(sandbox, token)[made["account_id"]]["name"] == "Holiday"
    book.read(sandbox, token, book.cursor, 100)
    assert set(book.rows) == true_ids(sandbox, item_id)
    mine = [row for row in book.rows.values() if row["account_id"] == made["account_id"]]
    assert len(mine) == 4


@pytest.mark.parametrize("rows", ["keep", "remove"])
def test_a_revoked_account_disappears(
    sandbox: Sandbox, linked: tuple[str, str, Book], inbox: Inbox, rows: str
) -> None:
    token, item_id, book = linked
    first = next(iter(accounts(sandbox, token)))
    told = sandbox.control("POST", f"/items/{item_id}/revoke_account", rows=rows)
    assert told["account_id"] == first
    body, _, _ = inbox.first("USER_ACCOUNT_REVOKED")
    assert body["account_id"] == first
    assert first not in accounts(sandbox, token)
    with pytest.raises(Refused) as caught:
        sandbox.post("/accounts/get", access_token=token, options={"account_ids": [first]})
    assert caught.value.code == "INVALID_ACCOUNT_ID"
    page = sandbox.post("/transactions/sync", access_token=token, cursor=book.cursor, count=500)
    gone = [row for row in book.rows.values() if row["account_id"] == first]
    assert len(page["removed"]) == (len(gone) if rows == "remove" else 0) and gone
    assert set(sandbox.sync(token).rows) == true_ids(sandbox, item_id)
    assert sandbox.truth(item_id)["revoked_accounts"] == [first]
    with choosing(sandbox, token) as (_, choice):
        assert "Dynamic Card" in choice and "Dynamic Checking" not in choice


def test_a_reader_in_the_middle_starts_again_when_an_account_goes(
    sandbox: Sandbox, linked: tuple[str, str, Book]
) -> None:
    token, item_id, _ = linked
    page = sandbox.post("/transactions/sync", access_token=token, count=5)
    sandbox.control("POST", f"/items/{item_id}/revoke_account")
    with pytest.raises(Refused) as caught:
        sandbox.post("/transactions/sync", access_token=token, cursor=page["next_cursor"])
    assert caught.value.code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


def test_all_access_revoked(sandbox: Sandbox, linked: tuple[str, str, Book], inbox: Inbox) -> None:
    token, item_id, _ = linked
    sandbox.control("POST", f"/items/{item_id}/revoke")
    body, _, _ = inbox.first("USER_PERMISSION_REVOKED")
    assert body["error"]["error_type"] == "ITEM_ERROR"
    assert body["error"]["documentation_url"].endswith("/item/#user_permission_revoked")
    with pytest.raises(Refused) as caught:
        sandbox.post("/accounts/get", access_token=token)
    assert (caught.value.status, caught.value.body["error_type"]) == (400, "INVALID_INPUT")
    assert caught.value.code == "USER_PERMISSION_REVOKED"
    assert "connected" in repair(sandbox, token)
    assert accounts(sandbox, token)


BROKEN = {
    "huge": ("amount", Decimal("1e30")), "nan_text": ("amount", "NaN"),
    "null_amount": ("amount", None), "text_amount": ("amount", "twelve"),
    "null_date": ("date", None),
    "bad_date": ("date", "2026-02-30"), "null_currency": ("iso_currency_code", None),
    "null_name": ("name", None), "null_id": ("transaction_id", None),
}  # fmt: skip


@pytest.fixture
def unjudged(sandbox: Sandbox) -> Any:
    """The sandbox while it says what Plaid's document forbids."""
    sandbox.judged = False
    yield sandbox
    sandbox.judged = True


@pytest.mark.parametrize("kind", [*BROKEN, "nan", "no_account"])
def test_a_broken_row_comes_again_whole(
    linked: tuple[str, str, Book], unjudged: Sandbox, kind: str
) -> None:
    token, item_id, book = linked
    truth = true_ids(unjudged, item_id)
    made = unjudged.control("POST", f"/items/{item_id}/bad_row", kind=kind)
    page = unjudged.post("/transactions/sync", access_token=token, cursor=book.cursor)
    (row,) = page["added"]
    if kind == "nan":
        assert row["amount"] != row["amount"]
    elif kind == "no_account":
        assert row["account_id"] not in accounts(unjudged, token)
    else:
        name, value = BROKEN[kind]
        assert row[name] == value
    assert true_ids(unjudged, item_id) == truth
    assert unjudged.truth(item_id)["bad_transactions"] == [
        {"transaction_id": made["transaction_id"], "kind": kind}
    ]
    assert unjudged.control("POST", f"/items/{item_id}/heal_rows") == {"healed": 1}
    unjudged.judged = True
    page = unjudged.post("/transactions/sync", access_token=token, cursor=page["next_cursor"])
    (row,) = page["modified"]
    assert (row["transaction_id"], row["amount"]) == (made["transaction_id"], Decimal("12.34"))
    assert true_ids(unjudged, item_id) == truth | {made["transaction_id"]}
    assert set(unjudged.sync(token).rows) == true_ids(unjudged, item_id)


def test_one_row_told_twice(sandbox: Sandbox, linked: tuple[str, str, Book]) -> None:
    token, item_id, book = linked
    made = sandbox.control("POST", f"/items/{item_id}/bad_row", kind="twice")
    page = sandbox.post("/transactions/sync", access_token=token, cursor=book.cursor)
    assert [row["transaction_id"] for row in page["added"]] == [made["transaction_id"]] * 2
    assert made["transaction_id"] in true_ids(sandbox, item_id)


@pytest.mark.parametrize(
    ("kind", "changed"),
    [("account_currency", lambda one: one["balances"]["iso_currency_code"] == "EUR"),
     ("account_type", lambda one: one["type"] == "credit"),
     ("account_null_balance", lambda one: one["balances"]["current"] is None),
     ("account_huge_balance", lambda one: one["balances"]["current"] == Decimal("1e30"))],
)  # fmt: skip
def test_an_account_changes_under_the_hand(
    linked: tuple[str, str, Book], unjudged: Sandbox, kind: str, changed: Callable[[Any], bool]
) -> None:
    token, item_id, _ = linked
    before = accounts(unjudged, token)
    made = unjudged.control("POST", f"/items/{item_id}/bad_row", kind=kind)
    assert changed(accounts(unjudged, token)[made["account_id"]])
    unjudged.control("POST", f"/items/{item_id}/heal_rows")
    assert accounts(unjudged, token) == before


def test_a_holding_beyond_measure(unjudged: Sandbox) -> None:
    token, item_id = unjudged.link("user_household", products=("investments",))
    fund = next(one for one in accounts(unjudged, token).values() if one["type"] == "investment")
    unjudged.control("POST", f"/items/{item_id}/bad_row", kind="holding_huge",
                     account_id=fund["account_id"])  # fmt: skip
    held = unjudged.post("/investments/holdings/get", access_token=token)["holdings"]
    assert held[0]["quantity"] == Decimal("1e30")
    unjudged.control("POST", f"/items/{item_id}/heal_rows")
    held = unjudged.post("/investments/holdings/get", access_token=token)["holdings"]
    assert held[0]["quantity"] < 10_000


@pytest.mark.parametrize(
    ("act", "code", "member"),
    [("pending_expiration", "PENDING_EXPIRATION", "consent_expiration_time"),
     ("pending_disconnect", "PENDING_DISCONNECT", "disconnect_time")],
)  # fmt: skip
def test_an_end_is_announced_and_comes(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox, act: str, code: str, member: str
) -> None:
    own = make_sandbox("--login-days", "0")
    token, item_id = own.link("user_household", webhook=inbox.url)
    told = own.control("POST", f"/items/{item_id}/{act}", days=3)
    body, _, _ = inbox.first(code)
    assert body[member] == told[member]
    own.control("POST", "/clock", offset_seconds=2 * DAY)
    assert own.post("/item/get", access_token=token)["item"]["error"] is None
    own.control("POST", "/clock", offset_seconds=3 * DAY + 60)
    item = own.post("/item/get", access_token=token)["item"]
    assert item["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert "connected" in repair(own, token, name="user_household")
    item = own.post("/item/get", access_token=token)["item"]
    assert item["error"] is None and item["consent_expiration_time"] is None


def test_consent_at_a_british_bank_ends_by_the_clock(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox
) -> None:
    own = make_sandbox("--login-days", "0")
    token, _ = own.link("user_good", bank="ins_116834", webhook=inbox.url)
    ends = own.post("/item/get", access_token=token)["item"]["consent_expiration_time"]
    left = datetime.fromisoformat(ends) - datetime.now(UTC)
    assert timedelta(days=179) < left <= timedelta(days=180)
    own.control("POST", "/clock", offset_seconds=174 * DAY)
    body, _, _ = inbox.first("PENDING_EXPIRATION")
    assert body["consent_expiration_time"] == ends
    own.control("POST", "/clock", offset_seconds=181 * DAY)
    error = own.post("/item/get", access_token=token)["item"]["error"]
    assert error["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert error["error_code_reason"] == "OAUTH_CONSENT_EXPIRED"


def test_the_dynamic_person_moves_with_the_days(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_transactions_dynamic")
    own.ready(token)
    book = own.sync(token)
    waiting = {one["transaction_id"] for one in book.rows.values() if one["pending"]}
    assert waiting
    own.control("POST", "/clock", offset_seconds=DAY)
    page = own.post("/transactions/sync", access_token=token, cursor=book.cursor, count=500)
    posted = {one["pending_transaction_id"] for one in page["added"] if not one["pending"]}
    assert posted == waiting == {one["transaction_id"] for one in page["removed"]}
    assert len([one for one in page["added"] if one["pending"]]) == 3
    assert len(page["modified"]) == 1
    own.control("POST", "/clock", offset_seconds=8 * DAY)
    book.read(own, token, book.cursor, 20)
    assert set(book.rows) == true_ids(own, item_id) == set(own.sync(token).rows)


def test_time_alone_brings_rows(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    """At a day every two seconds, nobody needs to ask: the bank itself says that there is news."""
    own = make_sandbox()
    token, _ = own.link("user_transactions_dynamic", webhook=inbox.url)
    own.ready(token)
    cursor = own.sync(token).cursor
    before = inbox.codes().count("DEFAULT_UPDATE")
    own.control("POST", "/clock", speed=DAY / 2)
    wait_until(lambda: inbox.codes().count("DEFAULT_UPDATE") > before + 1, "news of days", 60)
    own.control("POST", "/clock", speed=1)
    page = own.post("/transactions/sync", access_token=token, cursor=cursor)
    assert any(one["pending_transaction_id"] for one in page["added"])


def test_rate_limits_are_plaids_own(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    token, _ = own.link()
    other, _ = own.link()
    assert own.control("GET", "/rate_limits") == {"tier": "off"}
    # A clock that stands still, so that all of it lies in one minute.
    own.control("POST", "/clock", speed=0)
    own.control("POST", "/rate_limits", tier="production")
    for _ in range(5):
        own.post("/accounts/balance/get", access_token=token)
    with pytest.raises(Refused) as caught:
        own.post("/accounts/balance/get", access_token=token)
    assert (caught.value.status, caught.value.code) == (429, "BALANCE_LIMIT")
    assert caught.value.body["error_type"] == "RATE_LIMIT_EXCEEDED"
    own.post("/accounts/balance/get", access_token=other)
    own.control("POST", "/clock", offset_seconds=61)
    own.post("/accounts/balance/get", access_token=token)
    own.control("POST", "/rate_limits", tier="sandbox")
    for _ in range(10):
        own.post("/institutions/get", count=1, offset=0, country_codes=["US"])
    with pytest.raises(Refused) as caught:
        own.post("/institutions/get", count=1, offset=0, country_codes=["US"])
    assert caught.value.code == "INSTITUTIONS_GET_LIMIT"


def test_reset_begins_again_from_the_seed(
    make_sandbox: Callable[..., Sandbox], inbox: Inbox
) -> None:
    own = make_sandbox("--seed", "5")
    first = own.link("user_household")[1]
    key = {"key_id": "6c5516e1-92dc-479e-a8ff-5a51992e0001"}
    before = own.post("/webhook_verification_key/get", **key)["key"]
    own.control("POST", "/faults", rates={"error": 1})
    own.control("POST", "/clock", offset_seconds=DAY)
    own.control("POST", "/reset")
    assert own.control("GET", "/items") == {"items": []}
    assert own.control("GET", "/faults")["plan"] == {}
    assert own.link("user_household")[1] == first
    assert own.post("/webhook_verification_key/get", **key)["key"] == before


def test_a_webhook_can_be_sent_again(
    sandbox: Sandbox, linked: tuple[str, str, Book], inbox: Inbox
) -> None:
    _, item_id, _ = linked
    sandbox.control("POST", f"/items/{item_id}/new_account")
    inbox.first("NEW_ACCOUNTS_AVAILABLE")
    sent = sandbox.control("GET", f"/items/{item_id}/webhooks")["webhooks"]
    newest = next(one for one in sent if one["code"] == "NEW_ACCOUNTS_AVAILABLE")
    assert newest["body"]["item_id"] == item_id
    sandbox.control("POST", f"/webhooks/{newest['id']}/again")
    wait_until(lambda: inbox.codes().count("NEW_ACCOUNTS_AVAILABLE") == 2, "the same again")
    first, second = (raw for body, raw, _ in inbox.got
                     if body["webhook_code"] == "NEW_ACCOUNTS_AVAILABLE")  # fmt: skip
    assert first == second


def test_partial_pages_end(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_household")
    own.ready(token)
    own.control("POST", "/faults", seed=3, rates={"partial_page": 1})
    cursor, sizes, seen = "", [], set()
    while True:
        page = own.post("/transactions/sync", access_token=token, cursor=cursor, count=200)
        seen |= {one["transaction_id"] for one in page["added"]}
        sizes.append(len(page["added"]))
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == true_ids(own, item_id)
    assert 0 in sizes and any(0 < size < 200 for size in sizes[:-1])


def test_the_door_refuses_what_it_does_not_know(sandbox: Sandbox) -> None:
    _, item_id = sandbox.link()
    door = f"{sandbox.url}/_sandbox"
    for path, body in (
        (f"/items/{item_id}/bad_row", {"kind": "sour"}),
        (f"/items/{item_id}/pending_expiration", {"days": -1}),
        (f"/items/{item_id}/revoke_account", {"account_id": "nobody's"}),
        (f"/items/{item_id}/migrate_accounts", {"surprise": 1}),
        ("/items/nothing/new_account", {}),
        ("/rate_limits", {"tier": "wild"}),
        ("/webhooks/0/again", {}),
    ):
        answer = httpx.post(door + path, content=json.dumps(body))
        assert answer.status_code == 400, path
        assert answer.json()["error_message"]
    strange = httpx.get(f"{door}/items", headers={"Host": "practice.example"})
    assert strange.status_code == 403
    assert BANK in httpx.get(f"{door}/items").text
