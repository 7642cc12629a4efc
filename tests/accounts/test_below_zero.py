"""Overdrafts, cards in credit, closed accounts, and amounts as people are told to write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.house import API, House, Person


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    return house.person()


def _add(person: Person, name: str, subtype: str, value: str) -> str:
    body = {"name": name, "subtype": subtype, "value": {"amount": value, "currency": "NOK"}}
    answer = person.api.post(f"{API}/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _balance(person: Person, which: str) -> Decimal:
    return Decimal(person.get(f"/accounts/{which}")["balance"]["amount"])


@pytest.mark.parametrize(
    ("subtype", "told", "worth"),
    [("bank_account", "-300", -300), ("cash", "-1", -1), ("credit_card", "-40", 40),
     ("credit_card", "40", -40)],
)  # fmt: skip
def test_these_may_stand_on_the_other_side(
    kari: Person, subtype: str, told: str, worth: int
) -> None:
    before = kari.get("/net-worth", currency="NOK")["total"]
    which = _add(kari, f"{subtype} {told}", subtype, told)
    after = kari.get("/net-worth", currency="NOK")["total"]
    assert _balance(kari, which) == worth
    side = "liabilities" if worth < 0 else "assets"
    moved = Decimal(after[side]["amount"]) - Decimal(before[side]["amount"])
    assert moved == abs(worth)
    shown = kari.page(f"/accounts/{which}/values?day={after['day']}")
    assert f'value="{told}"' in shown


def test_a_form_takes_them_and_others_refuse_them(kari: Person) -> None:
    account = _add(kari, "Overdrawn by form", "bank_account", "5")
    kari.pages.post(f"/accounts/{account}", data={"action": "value", "value": "-12.50"})
    assert _balance(kari, account) == Decimal("-12.50")
    for subtype in ("vehicle", "mortgage", "other_debt"):
        body = {"name": "X", "subtype": subtype, "value": {"amount": "-1", "currency": "NOK"}}
        refused = kari.api.post(f"{API}/accounts", json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, "value")


def test_a_command_takes_what_the_form_tells_to_write(house: House, kari: Person) -> None:
    account = _add(kari, "By command", "bank_account", "5")
    house.command(kari, "assets", "value", account, "520,000.00")
    assert _balance(kari, account) == 520000
    house.command(kari, "assets", "value", account, "-520 000.50")
    assert _balance(kari, account) == Decimal("-520000.50")


def test_a_closed_account_takes_no_value(kari: Person) -> None:
    account = _add(kari, "Shut", "vehicle", "5")
    path = f"{API}/accounts/{account}"
    assert kari.api.patch(path, json={"closed": True}).is_success
    value = {"value": {"amount": "7", "currency": "NOK"}}
    refused = kari.api.post(f"{path}/balances", json=value)
    assert refused.status_code == 422
    assert "Shut is closed: reopen it first." in refused.text
    form = kari.pages.post(
        f"/accounts/{account}/values",
        data={"value": "7", "day": kari.get("/net-worth")["total"]["day"]},
    )
    assert "It is closed: reopen it first." in form.text
    assert _balance(kari, account) == 5
    assert kari.api.patch(path, json={"closed": False}).is_success
    assert kari.api.post(f"{path}/balances", json=value).is_success
    assert _balance(kari, account) == 7


def test_a_coin_is_no_currency_and_what_to_do_is_said(kari: Person) -> None:
    body = {"name": "Coins", "subtype": "crypto", "value": {"amount": "1", "currency": "BTC"}}
    refused = kari.api.post(f"{API}/accounts", json=body)
    assert refused.status_code == 422
    assert "valued in your own currency" in refused.text
