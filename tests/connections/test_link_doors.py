"""A second link, new accounts and the token over HTTP and from the terminal."""

from __future__ import annotations

import json
from itertools import takewhile

import pytest

from tests.connections.test_routes import go_through_the_page
from tests.house import API, BANK, House, Person
from tests.processes import wait_until

LOGIN = {"institution_id": BANK, "username": "user_household", "password": "pass_good"}


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def page_of(begun: dict[str, str]) -> str:
    return f"/accounts/link/{begun['id'].removeprefix('lnk_')}"


def test_a_second_link_waits_for_a_choice_over_http(house: House, kari: Person) -> None:
    before = kari.get("/audit")["items"][0]["seq"]
    begun = kari.api.post(f"{API}/links", json={"institution_id": BANK}).json()
    go_through_the_page(begun["hosted_link_url"])
    finish = f"{API}/links/{begun['id']}/finish"
    wait_until(lambda: kari.api.post(finish).json()["state"] == "duplicate", "it is found")
    waits = kari.get(f"/links/{begun['id']}")
    assert waits["duplicate_of"] == kari.items[0]
    assert [(one["name"], one["mask"]) for one in waits["accounts"]] == [
        ("Everyday", "4021"), ("Rainy Day Savings", "4039"),
    ]  # fmt: skip
    choose = f"{API}/links/{begun['id']}/choose"
    assert kari.api.post(choose, json={"choice": "perhaps"}).status_code == 422
    again = kari.api.post(choose, json={"choice": "reconnect"}).json()
    assert (again["mode"], again["state"], again["connection"]) == ("update", "open", kari.items[0])
    over = kari.api.post(choose, json={"choice": "anyway"})
    assert over.status_code == 422
    assert "This attempt is over." in over.text
    stranger = house.person()
    assert stranger.api.post(choose, json={"choice": "leave"}).status_code == 404
    assert len(kari.get("/connections")["items"]) == 1
    said = kari.text(page_of(begun))
    assert "You went on with the link that you have at First Platypus Bank." in said
    assert "You left it" not in said
    since = takewhile(lambda one: one["seq"] != before, kari.get("/audit")["items"])
    assert "connections.leave_duplicate" not in {one["action"] for one in since}


def test_a_second_link_that_was_left_says_so(kari: Person) -> None:
    begun = kari.api.post(f"{API}/links", json={"institution_id": BANK}).json()
    go_through_the_page(begun["hosted_link_url"])
    finish = f"{API}/links/{begun['id']}/finish"
    wait_until(lambda: kari.api.post(finish).json()["state"] == "duplicate", "it is found")
    kari.api.post(f"{API}/links/{begun['id']}/choose", json={"choice": "leave"})
    assert "You left it as it was." in kari.text(page_of(begun))
    assert "connections.leave_duplicate" in {one["action"] for one in kari.get("/audit")["items"]}


def test_without_the_page_a_second_link_is_taken_back(kari: Person) -> None:
    second = kari.api.post(f"{API}/links/sandbox", json=LOGIN).json()
    assert (second["state"], second["connection"], second["duplicate_of"]) == (
        "duplicate", None, kari.items[0],
    )  # fmt: skip
    assert len(kari.get("/connections")["items"]) == 1


def test_the_token_is_renewed_over_http_and_from_the_terminal(house: House, kari: Person) -> None:
    item = kari.items[0]
    first = kari.get(f"/connections/{item}")["token_renewed_at"]
    answer = kari.api.post(f"{API}/connections/{item}/token")
    assert answer.status_code == 200, answer.text
    second = answer.json()["token_renewed_at"]
    third = house.command(kari, "connections", "renew-token", item)["token_renewed_at"]
    assert first < second < third
    assert "access-" not in answer.text
    dismissed = kari.api.post(f"{API}/connections/{item}/new-accounts/dismiss")
    assert dismissed.json()["new_accounts_at"] is None


def test_the_terminal_says_what_is_linked_already(house: House, kari: Person) -> None:
    refused = house.run(kari, "--json", "link", "--sandbox")
    assert refused.returncode != 0
    said = refused.stderr
    assert "Everyday" in said
    assert f"connections reconnect {kari.items[0]}" in said.replace("\n", " ")
    assert "--anyway" in said
    assert len(kari.get("/connections")["items"]) == 1


def test_the_terminal_links_anyway_and_unlinks_closing_accounts(house: House) -> None:
    ola = house.person()
    house.link(ola)
    made = house.run(ola, "--json", "link", "--sandbox", "--anyway")
    assert made.returncode == 0, made.stderr
    item = json.loads(made.stdout)["connection"]["id"]
    assert len(ola.get("/accounts")["items"]) == 10
    house.until_quiet()
    house.command(ola, "connections", "unlink", item, "--yes", "--close-accounts")
    closed = [one["closed"] for one in ola.get("/accounts")["items"]]
    assert sorted(closed) == [False] * 5 + [True] * 5


def test_a_repair_of_what_works_again_is_over_at_once(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    with house.admin() as db:
        db.execute(
            "UPDATE strongroom.plaid_items SET status = 'login_required',"
            " error_code = 'ITEM_LOGIN_REQUIRED' WHERE user_id ="
            " (SELECT id FROM strongroom.users WHERE email = %s)",
            (ola.email,),
        )
    told = house.command(ola, "connections", "reconnect", item)
    assert told["connection"]["status"] == "active"
