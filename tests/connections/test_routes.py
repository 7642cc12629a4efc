"""Bank links as JSON: linking, repairing, syncing, logs, and Plaid's webhook, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.house import API, BANK, House, Person
from tests.processes import wait_until

CUSTOM = {
    "version": "2",
    "seed": "seven",
    "override_accounts": [
        {
            "type": "depository",
            "subtype": "checking",
            "starting_balance": 1000,
            "transactions": [
                {
                    "date_transacted": "2026-11-02",
                    "date_posted": "2026-11-03",
                    "amount": 12.34,
                    "description": "Tea house",
                    "currency": "USD",
                }
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def plaid_item(house: House, person: Person) -> str:
    with house.admin() as db:
        row = db.execute(
            "SELECT plaid_item_id FROM strongroom.plaid_items p JOIN strongroom.users u"
            " ON u.id = p.user_id WHERE u.email = %s ORDER BY p.created_at",
            (person.email,),
        ).fetchone()
    assert row is not None
    return str(row[0])


def go_through_the_page(url: str, username: str = "user_household") -> None:
    """Do at Plaid's own page what a person does there."""
    with httpx.Client(follow_redirects=False, timeout=30) as browser:
        browser.get(url)
        browser.post(f"{url}/credentials", data={"username": username, "password": "pass_good"})
        page = browser.get(url)
        assert "Share these accounts" in page.text, page.text
        answer = browser.post(f"{url}/accounts", data={"account": ["0", "1"]})
        assert answer.is_redirect or answer.is_success


def test_banks_are_searched(kari: Person) -> None:
    every = kari.get("/institutions")["items"]
    found = kari.get("/institutions", q="gingham")["items"]
    assert [bank["name"] for bank in found] == ["First Gingham Credit Union"]
    assert len(every) > 5
    assert "ins_43" in {bank["id"] for bank in kari.get("/institutions", q="dominion")["items"]}


def test_linking_by_the_page_of_the_bank(house: House) -> None:
    ola = house.person()
    begun = ola.api.post(f"{API}/links", json={"institution_id": BANK})
    assert begun.status_code == 201, begun.text
    link = begun.json()
    assert (link["state"], link["mode"]) == ("open", "link")
    assert link["hosted_link_url"].startswith(house.sandbox_url)
    assert ola.get(f"/links/{link['id']}")["state"] == "open"
    unfinished = ola.api.post(f"{API}/links/{link['id']}/finish")
    assert unfinished.json()["state"] == "open"
    go_through_the_page(link["hosted_link_url"])
    finish = f"{API}/links/{link['id']}/finish"
    # The worker may be finishing it at this moment, as the bank's webhook told it to.
    wait_until(lambda: ola.api.post(finish).json()["state"] == "done", "the link is finished")
    done, again = (ola.api.post(finish).json() for _ in range(2))
    assert done["state"] == again["state"] == "done"
    assert done["connection"] == again["connection"]
    wait_until(lambda: ola.get("/transactions")["items"], "rows arrive")
    assert len(ola.get("/connections")["items"]) == 1
    assert len(ola.get("/accounts")["items"]) == 2


def test_an_attempt_that_is_asked_for_twice_under_one_key_is_one(house: House) -> None:
    ola = house.person()
    once = {"Idempotency-Key": "link-once"}
    first, again = (
        ola.api.post(f"{API}/links", json={"institution_id": BANK}, headers=once) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again.headers["idempotent-replayed"] == "true"
    other = ola.api.post(f"{API}/links", json={}, headers=once)
    assert (other.status_code, other.json()["code"]) == (409, "KeyWasUsed")
    # What failed may be tried again under its key.
    wrong = {"institution_id": BANK, "username": "user_good", "password": "wrong"}
    key = {"Idempotency-Key": "sandbox-once"}
    for _ in range(2):
        refused = ola.api.post(f"{API}/links/sandbox", json=wrong, headers=key)
        assert refused.json()["code"] == "FeedError"


def test_a_custom_household_is_linked_without_a_page(house: House) -> None:
    ola = house.person()
    item = house.link(ola, "user_custom", json.dumps(CUSTOM))
    rows = ola.get("/transactions")["items"]
    assert [(row["day"], row["amount"]["amount"], row["description"]) for row in rows] == [
        ("2026-11-03", "-12.34", "Tea house")
    ]
    assert ola.get(f"/connections/{item}")["status"] == "active"


def test_wrong_credentials_and_unknown_banks_are_problems(house: House) -> None:
    ola = house.person()
    for body in (
        {"institution_id": "ins_nowhere"},
        {"institution_id": BANK, "username": "user_custom", "password": "{not json"},
    ):
        answer = ola.api.post(f"{API}/links/sandbox", json=body)
        assert 400 <= answer.status_code < 600
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "traceback" not in answer.text.lower()
    assert ola.get("/connections")["items"] == []


def test_a_sync_is_asked_for_watched_and_not_asked_again_at_once(kari: Person) -> None:
    item = kari.items[0]
    asked = kari.api.post(
        f"{API}/connections/{item}/sync", headers={"Idempotency-Key": "sync-once"}
    )
    assert asked.status_code == 202, asked.text
    refresh = asked.json()
    assert refresh["reason"] == "manual"
    repeated = kari.api.post(
        f"{API}/connections/{item}/sync", headers={"Idempotency-Key": "sync-once"}
    )
    assert repeated.json() == refresh
    soon = kari.api.post(f"{API}/connections/{item}/sync")
    assert soon.status_code == 429
    assert 0 < int(soon.headers["retry-after"]) <= 31

    def ended() -> bool:
        return bool(kari.get(f"/refreshes/{refresh['id']}")["completed_at"])

    wait_until(ended, "the refresh ended")
    assert kari.get(f"/refreshes/{refresh['id']}")["status"] == "success"


def test_the_log_has_request_ids_and_no_secret(kari: Person) -> None:
    answer = kari.api.get(f"{API}/connections/{kari.items[0]}/log")
    log = answer.json()
    assert {call["method"] for call in log["calls"]} >= {"/transactions/sync", "/accounts/get"}
    assert all(call["request_id"] for call in log["calls"])
    assert log["refreshes"]
    for secret in ("access-", "public-", "link-sandbox", "pass_good"):
        assert secret not in answer.text


def test_a_bank_that_wants_a_new_sign_in_is_repaired(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    before = ola.get("/transactions/summary")["count"]
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/error", code="ITEM_LOGIN_REQUIRED")
    ola.api.post(f"{API}/connections/{item}/sync")
    wait_until(lambda: ola.get(f"/connections/{item}")["needs_person"], "it needs its person")
    assert ola.get(f"/connections/{item}")["status"] == "login_required"
    link = ola.api.post(f"{API}/links", json={"repair": item}).json()
    assert link["mode"] == "update"
    with httpx.Client(timeout=30) as browser:
        url = link["hosted_link_url"]
        browser.get(url)
        form = {"username": "user_household", "password": "pass_good"}
        browser.post(f"{url}/credentials", data=form)
    finish = f"{API}/links/{link['id']}/finish"
    wait_until(lambda: ola.api.post(finish).json()["state"] == "done", "the repair is finished")
    wait_until(
        lambda: ola.get(f"/connections/{item}")["status"] == "active", "the link works again"
    )
    assert ola.get("/transactions/summary")["count"] >= before


def test_unlinking_keeps_accounts_and_history(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    count = ola.get("/transactions/summary")["count"]
    gone = ola.api.delete(f"{API}/connections/{item}")
    assert (gone.status_code, gone.json()["status"]) == (200, "disconnected")
    assert ola.get("/transactions/summary")["count"] == count
    assert len(ola.get("/accounts")["items"]) == 5
    again = ola.api.delete(f"{API}/connections/{item}")
    assert again.status_code == 422
    assert ola.api.post(f"{API}/connections/{item}/sync").status_code == 422
    with house.admin() as db:
        kept = db.execute(
            "SELECT count(*) FROM strongroom.plaid_items p JOIN strongroom.users u"
            " ON u.id = p.user_id WHERE u.email = %s AND access_token IS NOT NULL",
            (ola.email,),
        ).fetchone()
    assert kept == (0,)


def test_somebody_elses_link_does_not_exist(house: House, kari: Person) -> None:
    item = kari.items[0]
    link = kari.api.post(f"{API}/links", json={}).json()["id"]
    refresh = kari.get(f"/connections/{item}/log")["refreshes"][0]["id"]
    stranger = house.person()
    questions: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"/connections/{item}", None),
        ("GET", f"/connections/{item}/log", None),
        ("POST", f"/connections/{item}/sync", None),
        ("POST", f"/connections/{item}/pause", None),
        ("POST", f"/connections/{item}/resume", None),
        ("POST", f"/connections/{item}/sync?full=true", None),
        ("DELETE", f"/connections/{item}", None),
        ("GET", f"/links/{link}", None),
        ("POST", f"/links/{link}/finish", None),
        ("GET", f"/refreshes/{refresh}", None),
        ("GET", "/connections/itm_nonsense", None),
        ("POST", "/links", {"repair": item}),
    ]
    wrong = [
        (method, path, answer.status_code)
        for method, path, body in questions
        if (answer := stranger.api.request(method, API + path, json=body)).status_code != 404
    ]
    assert wrong == []
    assert stranger.get("/connections")["items"] == []


@pytest.mark.parametrize("signature", [None, "", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_webhook_is_refused_and_not_stored(house: House, signature: str | None) -> None:
    body = b'{"webhook_type":"TRANSACTIONS","webhook_code":"SYNC_UPDATES_AVAILABLE","item_id":"x"}'
    headers = {} if signature is None else {"Plaid-Verification": signature}

    def stored() -> Any:
        with house.admin() as db:
            return db.execute("SELECT count(*) FROM strongroom.webhook_events").fetchone()

    house.until_quiet()
    before = stored()
    answer = httpx.post(f"{house.url}{API}/plaid/webhook", content=body, headers=headers)
    assert answer.status_code in (401, 403)
    assert stored() == before


def test_a_real_webhook_brings_what_changed(house: House, kari: Person) -> None:
    item = plaid_item(house, kari)

    def brought() -> set[str]:
        log = kari.get(f"/connections/{kari.items[0]}/log", limit=200)["refreshes"]
        return {
            one["id"]
            for one in log
            if one["reason"] == "webhook" and one["added"] + one["modified"] + one["removed"]
        }

    house.until_quiet()
    before = brought()
    house.sandbox(f"/_sandbox/items/{item}/mutate", count=20, seed=7)
    wait_until(lambda: brought() - before, "the changes arrive by webhook")


def test_a_link_rests_and_is_woken_as_json_and_at_the_terminal(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    for _ in range(2):  # safe to repeat
        paused = ola.api.post(f"{API}/connections/{item}/pause")
        assert paused.json()["paused_at"] is not None
    assert ola.api.post(f"{API}/connections/{item}/sync").status_code == 422
    assert house.command(ola, "connections", "sync") == []
    assert house.command(ola, "connections", "resume", item)["paused_at"] is None
    assert house.command(ola, "connections", "pause", item)["paused_at"] is not None
    assert ola.api.post(f"{API}/connections/{item}/resume").json()["paused_at"] is None


def test_the_log_goes_on_where_a_page_of_it_ended(kari: Person) -> None:
    item = kari.items[0]
    kinds = ("refreshes", "calls", "link_events", "webhooks")
    whole = kari.get(f"/connections/{item}/log", limit=200)
    assert whole["next"] is None
    seen: dict[str, list[Any]] = {kind: [] for kind in kinds}
    cursor: dict[str, str] = {}
    while True:
        page = kari.get(f"/connections/{item}/log", limit=2, **cursor)
        assert 0 < max(len(page[kind]) for kind in kinds) <= 2
        for kind in kinds:
            seen[kind] += page[kind]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == {kind: whole[kind] for kind in kinds}
    assert 'rel="prev"' in kari.page(f"/connections/log?bank={item}&before={cursor['cursor']}")
    bad = kari.api.get(f"{API}/connections/log", params={"cursor": "x"})
    assert (bad.status_code, bad.json()["code"]) == (422, "BadCursor")


def test_sync_now_has_plaid_look_at_the_bank(house: House) -> None:
    ola = house.person()
    item = house.link(ola, "user_transactions_dynamic", "any")
    before = len(ola.get("/transactions", limit=200)["items"])
    asked = ola.api.post(f"{API}/connections/{item}/sync").json()
    wait_until(lambda: ola.get(f"/refreshes/{asked['id']}")["completed_at"], "it was read")
    assert ola.get(f"/refreshes/{asked['id']}")["added"] >= 3
    assert len(ola.get("/transactions", limit=200)["items"]) > before
    called = [one["method"] for one in ola.get(f"/connections/{item}/log", limit=200)["calls"]]
    assert called.count("/transactions/refresh") == 1


def test_what_is_kept_aside_is_listed_and_let_be_as_json_and_at_the_terminal(
    house: House, kari: Person
) -> None:
    ola = house.person()
    item = house.link(ola)
    plaid_id = plaid_item(house, ola)
    for kind in ("null_currency", "bad_date"):
        house.sandbox(f"/_sandbox/items/{plaid_id}/bad_row", kind=kind)
    wait_until(lambda: ola.get(f"/connections/{item}")["kept_aside"] == 2, "they are kept aside")
    first = ola.get(f"/connections/{item}/aside", limit=1)
    last = ola.get(f"/connections/{item}/aside", cursor=first["next"])
    one, two = first["items"][0], last["items"][0]
    assert last["next"] is None and one["id"] != two["id"]
    assert one["description"] and one["amount"] in ola.text(f"/connections/{item}")
    told = house.command(ola, "connections", "aside")
    assert [row["id"] for row in told["items"]] == [one["id"], two["id"]]
    assert [row["id"] for row in house.command(ola, "connections", "log", item)["kept_aside"]] == [
        one["id"], two["id"],
    ]  # fmt: skip
    address = f"{API}/connections/{item}/aside/{one['id']}/dismiss"
    assert kari.api.post(address).status_code == 404
    assert ola.api.post(address).status_code == 204
    assert house.command(ola, "connections", "aside", "--dismiss", two["id"]) == {
        "dismissed": two["id"]
    }
    assert ola.get(f"/connections/{item}/aside")["items"] == []


def test_the_log_at_the_terminal_and_the_inbox_for_who_runs_the_server(
    house: House, kari: Person
) -> None:
    item = kari.items[0]
    told = house.command(kari, "connections", "log", item)
    kinds = {"refreshes", "calls", "link_events", "webhooks"}
    assert told.keys() == kinds | {"kept_aside", "next"}
    assert all(told[kind] for kind in kinds)
    whole = kari.get("/connections/log")
    assert whole["webhooks"] and whole["calls"]
    inbox = house.command(kari, "connections", "webhooks")
    assert inbox and all("body" not in one for one in inbox)
    assert house.command(kari, "connections", "webhooks", "--replay", inbox[0]["id"]) == {
        "replayed": 1
    }
    house.until_quiet()
    assert house.command(kari, "connections", "webhooks", "--replay-dead")["replayed"] >= 0
