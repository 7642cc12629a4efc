"""Accounts as JSON: what a client sees over real HTTP."""

from __future__ import annotations

import pytest

from tests.house import API, House, Person
from tests.processes import wait_until


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def test_accounts_are_listed_with_their_balances(kari: Person) -> None:
    items = kari.get("/accounts")["items"]
    assert len(items) == 5
    mortgage = next(one for one in items if one["category"] == "mortgages")
    assert mortgage["balance"]["amount"].startswith("-")
    assert mortgage["item"] == kari.items[0]
    assert mortgage["id"].startswith("acc_")
    assert kari.get(f"/accounts/{mortgage['id']}") == mortgage


def test_rename_hide_and_close_are_kept_and_refused_together(kari: Person) -> None:
    account = kari.get("/accounts")["items"][0]
    path = f"{API}/accounts/{account['id']}"
    changed = kari.api.patch(path, json={"name": "  Daily   money ", "hidden": True})
    assert (changed.json()["name"], changed.json()["hidden"]) == ("Daily money", True)
    refused = kari.api.patch(path, json={"hidden": False, "name": ""})
    assert (refused.status_code, refused.json()["field"]) == (422, "name")
    assert kari.get(f"/accounts/{account['id']}") == changed.json()
    assert kari.api.patch(path, json={"nmae": "x"}).status_code == 422
    closed = kari.api.patch(path, json={"closed": True, "hidden": False})
    assert closed.json()["closed"]
    assert not kari.api.patch(path, json={"closed": False}).json()["closed"]


def test_balances_by_day_end_in_the_account_s_balance(kari: Person) -> None:
    account = kari.get("/accounts")["items"][1]
    days = kari.get(f"/accounts/{account['id']}/balances")["items"]
    assert len(days) > 360
    assert days[-1]["balance"] == account["balance"]
    assert days[-1]["source"] == "plaid"
    assert {day["source"] for day in days[:-1]} <= {"estimated", "plaid"}
    one = kari.get(
        f"/accounts/{account['id']}/balances", since=days[3]["day"], until=days[3]["day"]
    )
    assert one["items"] == [days[3]]
    bad = kari.api.get(
        f"{API}/accounts/{account['id']}/balances",
        params={"since": "2026-02-02", "until": "2026-01-01"},
    )
    assert (bad.status_code, bad.json()["field"]) == (422, "until")


def test_something_is_added_by_hand_once_for_a_key(house: House) -> None:
    ola = house.person()
    body = {"name": "Boat", "subtype": "other", "value": {"amount": "120000", "currency": "NOK"}}
    headers = {"Idempotency-Key": "boat-1"}
    first = ola.api.post(f"{API}/accounts", json=body, headers=headers)
    again = ola.api.post(f"{API}/accounts", json=body, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["balance"] == {"amount": "120000.00", "currency": "NOK"}
    assert len(ola.get("/accounts")["items"]) == 1
    path = f"{API}/accounts/{first.json()['id']}/balances"
    told = {"value": {"amount": "115000.5", "currency": "NOK"}, "day": "2026-10-01"}
    assert ola.api.post(path, json=told).status_code == 200
    found = ola.get(f"/accounts/{first.json()['id']}/balances")["items"]
    assert found[0]["balance"] == {"amount": "115000.50", "currency": "NOK"}
    wrong = ola.api.post(path, json={"value": {"amount": "1", "currency": "SEK"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "value")
    assert wrong.json()["detail"] == "The account is in NOK, and the amount in SEK."
    for bad in ({"amount": 1, "currency": "NOK"}, {"amount": "x", "currency": "NOK"}):
        assert ola.api.post(path, json={"value": bad}).status_code == 422


def test_somebody_elses_account_does_not_exist(house: House, kari: Person) -> None:
    account = kari.get("/accounts")["items"][0]["id"]
    stranger = house.person()
    for method, path in (
        ("GET", f"/accounts/{account}"),
        ("GET", f"/accounts/{account}/balances"),
        ("PATCH", f"/accounts/{account}"),
        ("POST", f"/accounts/{account}/balances"),
        ("GET", "/accounts/acc_nonsense"),
    ):
        body = {"name": "x"} if method == "PATCH" else None
        if method == "POST":
            body = {"value": {"amount": "1", "currency": "USD"}}  # type: ignore[dict-item]
        answer = stranger.api.request(method, API + path, json=body)
        assert answer.status_code == 404, (method, path)


def test_holdings_terms_and_what_recurs(house: House, kari: Person) -> None:
    items = kari.get("/accounts")["items"]
    wait_until(lambda: bool(kari.get("/transactions/recurring")["items"]), "what recurs")
    by_category = {one["category"]: one["id"] for one in items}
    mortgage = kari.get(f"/accounts/{by_category['mortgages']}/liability")["liability"]
    assert mortgage["kind"] == "mortgage"
    assert mortgage["minimum_payment"]["currency"] == "USD"
    assert "E" not in mortgage["apr"] and not mortgage["apr"].endswith("0.0000000000")
    (fund,) = [one["id"] for one in items if one["category"] == "investments"]
    held = kari.get(f"/accounts/{fund}/holdings")["items"]
    assert held and all(one["quantity"] for one in held)
    assert kari.get(f"/accounts/{fund}/liability") == {"liability": None}
    streams = kari.get("/transactions/recurring", account=items[0]["id"])["items"]
    assert all(one["account"] == items[0]["id"] for one in streams)
    for path in (f"accounts/{fund}/holdings", f"accounts/{fund}/liability"):
        assert house.person().api.get(f"{API}/{path}").status_code == 404
    page = kari.text(f"/accounts/{fund}")
    assert "Holdings" in page and "Quantity" in page
    terms = kari.text(f"/accounts/{by_category['mortgages']}")
    assert "What is due" in terms and "Yearly interest rate" in terms
