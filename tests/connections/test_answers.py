"""What the doors answer where a bank refuses: status, Plaid's own code, exit code and words."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.connections.test_pages import begin
from tests.connections.test_routes import plaid_item
from tests.house import API, BANK, House, Person, text_of
from tests.processes import wait_until


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"institution_id": BANK, "password": "error_ITEM_LOCKED"}, "ITEM_LOCKED"),
        ({"institution_id": BANK, "username": "user_custom", "password": "{not json"}, None),
        ({"institution_id": BANK, "password": "error_ITEM_NOT_SUPPORTED"}, "ITEM_NOT_SUPPORTED"),
        ({"institution_id": "ins_nowhere"}, None),
        ({"institution_id": "no bank's id at all"}, None),
    ],
)
def test_what_never_works_is_refused_with_plaid_s_own_code(
    house: House, body: dict[str, Any], code: str | None
) -> None:
    answer = house.person().api.post(f"{API}/links/sandbox", json=body)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["title"] == "Refused"
    assert problem["plaid_error_code"]
    assert code in (None, problem["plaid_error_code"])


def refuse(house: House, person: Person, code: str) -> None:
    house.sandbox(f"/_sandbox/items/{plaid_item(house, person)}/error", code=code)


def wait_for_the_news(house: House, person: Person, item: str) -> None:
    wait_until(lambda: person.get(f"/connections/{item}")["needs_attention"], "it needs somebody")
    house.until_quiet()


def test_a_sync_at_the_terminal_ends_as_its_trouble_asks(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    refuse(house, ola, "ITEM_LOGIN_REQUIRED")
    wait_for_the_news(house, ola, item)
    first = house.run(ola, "connections", "sync")
    assert first.returncode == 2, first.stderr
    said = " ".join(first.stderr.split())
    assert f"strongroom connections reconnect {item}" in said
    second = house.run(ola, "connections", "sync")
    assert second.returncode == 75, second.stderr
    said = " ".join(second.stderr.split())
    assert "was read" not in said
    assert "seconds" in said


def test_after_a_reconnect_only_what_was_read_since_is_shown(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    refuse(house, ola, "ITEM_LOGIN_REQUIRED")
    wait_for_the_news(house, ola, item)
    back, url = begin(ola, repair=item)
    with httpx.Client(timeout=30) as browser:
        browser.get(url)
        form = {"username": "user_household", "password": "pass_good"}
        browser.post(f"{url}/credentials", data=form)
    wait_until(lambda: "is connected again." in ola.text(back), "it is connected again")
    assert "ITEM_LOGIN_REQUIRED" not in ola.text(back)
    wait_until(lambda: "Reading what is new" not in ola.text(back), "it was read")
    text = ola.text(back)
    assert "Getting up to 24 months" not in text
    assert "ITEM_LOGIN_REQUIRED" not in text
    assert "Nothing new." in text
    notices = ola.get("/notifications")["items"]
    assert [one["settled_at"] is not None for one in notices] == [True] * len(notices) != []
    assert "settled" in ola.text("/notifications")


def test_an_account_that_was_added_is_named_once_it_was_read(house: House) -> None:
    ola = house.person()
    back, url = begin(ola, bank=BANK)
    with httpx.Client(timeout=30) as browser:
        sign_in(browser, url, "0")
    wait_until(lambda: "is linked." in ola.text(back), "the bank is linked")
    house.until_quiet()
    (held,) = [one["name"] for one in ola.get("/accounts")["items"]]
    item = ola.get("/connections")["items"][0]["id"]
    back, url = begin(ola, repair=item, accounts="1")
    with httpx.Client(timeout=30) as browser:
        sign_in(browser, url, "0", "1")
    wait_until(lambda: "has your choice." in ola.text(back), "the choice is known")
    wait_until(lambda: "Added: " in ola.text(back), "the new account was read")
    (new,) = [one["name"] for one in ola.get("/accounts")["items"] if one["name"] != held]
    # While a webhook has it read once more, the page says so for a moment.
    wait_until(lambda: f"Added: {new}." in ola.text(back), "it is named")
    said = ola.text(back)
    assert "Your history is kept." not in said  # the bank may take back what was left out
    assert "An account that you left out gets nothing new" in said


def test_of_an_account_left_out_no_more_is_promised_than_can_be_kept(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    left = ola.get("/accounts")["items"][0]
    with house.admin() as db:
        db.execute(
            "UPDATE strongroom.accounts SET revoked_at = now(), unreported_since = now()"
            " WHERE id = %s::uuid",
            (left["id"].removeprefix("acc_"),),
        )
    said = ola.text(f"/accounts/{left['id']}")
    assert "Rows that the bank has not taken back stay." in said
    assert "Its history is kept." not in said
    assert "what the bank has not taken back stays" in ola.text(f"/connections/{item}")


def sign_in(browser: httpx.Client, url: str, *accounts: str) -> None:
    """Sign in as the user with two accounts, and share some of them, by their place."""
    page = browser.get(url).text
    if "institution_id" in page:
        browser.post(f"{url}/institution", data={"institution_id": BANK})
    browser.post(f"{url}/credentials", data={"username": "user_good", "password": "pass_good"})
    browser.post(f"{url}/accounts", data={"account": list(accounts)})


def test_who_leaves_after_the_bank_refused_reads_what_the_bank_said(house: House) -> None:
    ola = house.person()
    back, url = begin(ola, bank=BANK)
    with httpx.Client(timeout=30) as browser:
        browser.get(url)
        form = {"username": "user_good", "password": "error_ITEM_LOCKED"}
        browser.post(f"{url}/credentials", data=form)
        browser.post(f"{url}/cancel")
    text = ola.text(back)
    assert "has locked your access." in text
    assert "Unlock it at the bank first" in text
    assert "You left before" not in text
    assert "ITEM_LOCKED" in text


def test_a_duplicate_without_the_page_is_logged_as_one(house: House) -> None:
    ola = house.person()
    house.link(ola, "user_good")
    again = ola.api.post(f"{API}/links/sandbox", json={"institution_id": BANK})
    assert again.json()["state"] == "duplicate"
    events = ola.get("/connections/log")["link_events"]
    assert [one["type"] for one in events] == ["duplicate", "success"]
    assert "Linked already" in ola.text("/connections/log")


def test_on_a_phone_the_bar_leads_to_connections(house: House) -> None:
    page = house.person().page("/")
    bar = page.split('class="main-nav"')[1].split("</nav>")[0]
    assert 'href="/connections"' in bar
    assert "Connections" in text_of(bar)
    assert json.dumps("bar-only") in bar
