"""Payments on what is worth what its person tells are refused everywhere; on debts they are not.

And so are those on a closed account after the day it closed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.house import House, Person, text_of
from tests.transactions.test_marks_http import ask, refused

PAID = {"amount": "-250.00", "currency": "NOK"}
SAYS = "is worth what you tell"


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    return house.person()


def opened(person: Person, subtype: str) -> str:
    value = {"amount": "1000.00", "currency": "NOK"}
    body = {"name": f"My {subtype}", "subtype": subtype, "value": value}
    made: str = ask(person, "POST", "/accounts", json=body)["id"]
    return made


def test_a_closed_account_takes_rows_until_it_closed(kari: Person) -> None:
    wallet = opened(kari, "cash")
    body = {**typed(kari, wallet), "amount": PAID}
    closed = date.fromisoformat(body["day"])
    ask(kari, "PATCH", f"/accounts/{wallet}", json={"closed": True})
    after = {**body, "day": str(closed + timedelta(days=2))}
    problem = refused(kari, "POST", "/transactions", 422, json=after)
    assert (problem["code"], problem["field"]) == ("AccountIsClosed", "account")
    assert problem["hint"] == "Reopen it, or give an earlier day."
    row = ask(kari, "POST", "/transactions", json={**body, "day": str(closed - timedelta(days=1))})
    path = f"/transactions/{row['transaction']['id']}"
    assert refused(kari, "PATCH", path, 422, json={"day": after["day"]})["field"] == "account"
    assert f'value="{wallet}"' not in kari.page("/transactions/new")
    ask(kari, "PATCH", f"/accounts/{wallet}", json={"closed": False})
    ask(kari, "POST", "/transactions", json=after)


def typed(person: Person, account: str) -> dict[str, Any]:
    return {
        "account": account, "day": person.get("/accounts")["items"][0]["balance_day"],
        "text": "Paint",
    }  # fmt: skip


@pytest.mark.parametrize(
    "subtype",
    ["real_estate", "vehicle", "precious_metal", "crypto", "investment", "other", "other_debt"],
)
def test_a_payment_is_entered_where_it_was_paid_from(
    house: House, kari: Person, subtype: str
) -> None:
    thing, wallet = opened(kari, subtype), opened(kari, "cash")
    body = typed(kari, thing)
    problem = refused(kari, "POST", "/transactions", 422, json={**body, "amount": PAID})
    assert (problem["code"], problem["field"]) == ("AccountIsValued", "account")
    assert SAYS in problem["detail"]
    assert problem["hint"] == "Enter the payment on the account it was paid from."

    form = kari.page("/transactions/new")
    assert f'value="{wallet}"' in form
    assert f'value="{thing}"' not in form
    answer = kari.pages.post(
        "/transactions/new", data={**body, "direction": "out", "amount": "250"}
    )
    assert answer.status_code == 422
    assert SAYS in text_of(answer.text)
    assert "Enter the payment on the account it was paid from." in text_of(answer.text)
    assert 'id="account-error"' in answer.text

    done = house.run(kari, "transactions", "add", "Paint", "--account", thing, "--amount=-250")
    assert done.returncode == 2
    assert SAYS in " ".join(done.stderr.split())
    assert kari.get("/transactions/summary", account=thing)["count"] == 0

    # Nor is one moved there.
    row = ask(kari, "POST", "/transactions", json={**body, "account": wallet, "amount": PAID})
    path = f"/transactions/{row['transaction']['id']}"
    moved = refused(kari, "PATCH", path, 422, json={"account": thing})
    assert moved["field"] == "account"
    assert kari.get(path)["account"] == wallet


@pytest.mark.parametrize(
    "subtype", ["cash", "bank_account", "credit_card", "loan", "mortgage", "student_loan"]
)
def test_what_rows_move_takes_payments(kari: Person, subtype: str) -> None:
    account = opened(kari, subtype)
    ask(kari, "POST", "/transactions", json={**typed(kari, account), "amount": PAID})
    assert f'value="{account}"' in kari.page("/transactions/new")
    assert kari.get("/transactions/summary", account=account)["count"] == 1


def test_rows_that_are_there_already_stay_and_can_be_corrected(kari: Person) -> None:
    account = opened(kari, "cash")
    row = ask(kari, "POST", "/transactions", json={**typed(kari, account), "amount": PAID})
    path = f"/transactions/{row['transaction']['id']}"
    ask(kari, "PATCH", f"/accounts/{account}", json={"subtype": "vehicle"})
    assert kari.get(path)["amount"] == PAID
    assert f'value="{account}" selected' in kari.page(path)
    less = {**PAID, "amount": "-200.00"}
    assert ask(kari, "PATCH", path, json={"amount": less})["amount"] == less
