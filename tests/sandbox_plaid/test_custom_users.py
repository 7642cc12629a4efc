"""user_custom: Plaid's published people and awkward ones, row by row to the cent."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import BANK, Refused, Sandbox

TODAY = datetime.now(UTC).date()
FILES = sorted(openapi.CUSTOM_USERS.glob("*.json"))
PRODUCTS = ("transactions", "auth", "identity", "liabilities", "investments")


def link(sandbox: Sandbox, person: Any, **more: Any) -> str:
    text = person if isinstance(person, str) else json.dumps(person)
    token, _ = sandbox.link("user_custom", text, **more)
    sandbox.ready(token)
    return token


def as_served(account_id: str, one: dict[str, Any], home: str) -> tuple[Any, ...]:
    return (
        account_id, Decimal(str(one["amount"])), one["date_posted"], one["date_transacted"],
        one["description"], one.get("currency") or home,
    )  # fmt: skip


def served(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["account_id"], Decimal(row["amount"]), row["date"], row["authorized_date"],
        row["name"], row["iso_currency_code"] or row["unofficial_currency_code"],
    )  # fmt: skip


@pytest.mark.skipif(not FILES, reason=f"Plaid's custom users are not at {openapi.CUSTOM_USERS}")
@pytest.mark.parametrize("days", [None, 730])
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_published_people(sandbox: Sandbox, file: Path, days: int | None) -> None:
    person = json.loads(file.read_text(), parse_float=Decimal)
    token = link(sandbox, file.read_text(), days=days)
    accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
    assert len(accounts) == len(person["override_accounts"])
    wanted: Counter[tuple[Any, ...]] = Counter()
    for account, override in zip(accounts, person["override_accounts"], strict=True):
        for one in override.get("transactions") or []:
            if one["amount"] is not None:
                wanted[as_served(account["account_id"], one, "USD")] += 1
        if override.get("starting_balance") is not None:
            assert account["balances"]["current"] == override["starting_balance"]
        if override.get("force_available_balance") is not None:
            assert account["balances"]["available"] == override["force_available_balance"]
    assert Counter(map(served, sandbox.sync(token).rows.values())) == wanted
    for path in ("/auth/get", "/identity/get", "/liabilities/get", "/investments/holdings/get"):
        try:
            sandbox.post(path, access_token=token)
        except Refused as error:
            assert error.code.startswith("NO_"), path


@pytest.mark.skipif(not FILES, reason=f"Plaid's custom users are not at {openapi.CUSTOM_USERS}")
def test_brokerage_and_card_terms(sandbox: Sandbox) -> None:
    broker = json.loads((openapi.CUSTOM_USERS / "brokerage_custom_user.json").read_text(),
                        parse_float=Decimal)  # fmt: skip
    token = link(sandbox, (openapi.CUSTOM_USERS / "brokerage_custom_user.json").read_text())
    holdings = sandbox.post("/investments/holdings/get", access_token=token)["holdings"]
    given = broker["override_accounts"][0]["holdings"]
    assert [(one["institution_price"], one["quantity"]) for one in holdings] == [
        (one["institution_price"], one["quantity"]) for one in given
    ]
    trades = sandbox.post(
        "/investments/transactions/get", access_token=token, start_date="2020-01-01",
        end_date=str(TODAY), options={"count": 500},
    )  # fmt: skip
    assert trades["total_investment_transactions"] == len(
        broker["override_accounts"][0]["investment_transactions"]
    )
    token = link(sandbox, (openapi.CUSTOM_USERS / "credit_card_custom_user.json").read_text())
    card = sandbox.post("/liabilities/get", access_token=token)["liabilities"]["credit"][0]
    assert {one["apr_type"]: one["apr_percentage"] for one in card["aprs"]} == {
        "purchase_apr": Decimal("16.99"), "cash_apr": Decimal("24.99"),
        "balance_transfer_apr": Decimal("18.99"), "special": 0,
    }  # fmt: skip
    assert (card["minimum_payment_amount"], card["is_overdue"]) == (35, False)


def person(**account: Any) -> dict[str, Any]:
    return {"override_accounts": [{"type": "depository", "subtype": "checking", **account}]}


def row(amount: float | str, days: int, name: str = "Row", **more: Any) -> dict[str, Any]:
    day = str(TODAY + timedelta(days=days))
    return {"date_transacted": day, "date_posted": day, "amount": amount, "description": name,
            **more}  # fmt: skip


def test_a_future_posting_date_means_pending(sandbox: Sandbox) -> None:
    waiting = row(5, 3) | {"date_transacted": str(TODAY)}
    token = link(sandbox, person(transactions=[row(1, -1), waiting]))
    rows = sorted(sandbox.sync(token).rows.values(), key=lambda one: one["amount"])
    assert [(one["pending"], one["date"]) for one in rows] == [
        (False, str(TODAY - timedelta(days=1))), (True, str(TODAY)),
    ]  # fmt: skip


def test_old_rows_stay_unless_the_client_asks_for_fewer_days(sandbox: Sandbox) -> None:
    someone = person(transactions=[row(1, -2000), row(2, -200), row(3, -20)])
    for days, kept in ((None, 3), (730, 3), (365, 2), (90, 1)):
        assert len(sandbox.sync(link(sandbox, someone, days=days)).rows) == kept


def test_twins_are_two_rows(sandbox: Sandbox) -> None:
    token = link(sandbox, person(transactions=[row(4.5, -3, "Coffee"), row(4.5, -3, "Coffee")]))
    assert len(sandbox.sync(token).rows) == 2


def test_currencies_official_and_not(sandbox: Sandbox) -> None:
    rows = [row(1, -1), row(2, -1, currency="BTC"), row(3, -1, currency="EUR")]
    token = link(sandbox, person(currency="NOK", transactions=rows))
    found = sorted(sandbox.sync(token).rows.values(), key=lambda one: one["amount"])
    assert [(one["iso_currency_code"], one["unofficial_currency_code"]) for one in found] == [
        ("NOK", None), (None, "BTC"), ("EUR", None),
    ]  # fmt: skip


def test_monthly_income_comes_beside_the_rows(sandbox: Sandbox) -> None:
    model = {"type": "monthly-income", "income_amount": 2323.45, "payment_day_of_month": 25,
             "transaction_name": "Some company Payroll"}  # fmt: skip
    token = link(sandbox, person(transactions=[row(7, -1)], inflow_model=model))
    found = list(sandbox.sync(token).rows.values())
    pay = [one for one in found if one["name"] == "Some company Payroll"]
    assert len(found) == len(pay) + 1 and len(pay) >= 22
    assert {one["amount"] for one in pay} == {Decimal("-2323.45")}
    assert {one["date"][-2:] for one in pay} == {"25"}


def test_balances_forced_unknown_and_masked(sandbox: Sandbox) -> None:
    someone = {
        "override_accounts": [
            {"type": "depository", "starting_balance": 10.10, "force_available_balance": 3,
             "meta": {"name": "A", "mask": "ab12"}},
            {"type": "depository", "subtype": "savings", "starting_balance": -5,
             "has_null_available_balance": True, "meta": {"mask": ""}},
            {"type": "credit", "starting_balance": 20, "meta": {"limit": 100}},
        ]
    }  # fmt: skip
    accounts = sandbox.post("/accounts/get", access_token=link(sandbox, someone))["accounts"]
    assert [
        (one["mask"], one["balances"]["current"], one["balances"]["available"]) for one in accounts
    ] == [("ab12", Decimal("10.1"), 3), (None, -5, None), ("2222", 20, 80)]


def test_a_forced_error(sandbox: Sandbox) -> None:
    for name in ("ITEM_LOCKED", "error_ITEM_LOCKED"):
        with pytest.raises(Refused) as caught:
            link(sandbox, person() | {"force_error": name})
        assert caught.value.code == "ITEM_LOCKED"


@pytest.mark.parametrize(
    "broken",
    [person(transactions="x"), person(transactions=[row("abc", 0)]), person(type="cow"),
     person(transactions=[{**row(1, 0), "date_posted": "tomorrow"}]), {"override_accounts": [3]},
     person(meta=[1]), person(starting_balance=True), person(meta={"mask": "12345"}),
     {"override_accounts": [{}] * 11}, person(inflow_model={"type": "weekly",
                                                            "payment_day_of_month": 1}),
     {"override_accounts": {"type": 5}}, {"nothing": 1}],
)  # fmt: skip
def test_unusable_people(sandbox: Sandbox, broken: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        sandbox.post(
            "/sandbox/public_token/create", institution_id=BANK, initial_products=["transactions"],
            options={"override_username": "user_custom", "override_password": json.dumps(broken)},
        )  # fmt: skip
    assert caught.value.code == "INVALID_CREDENTIALS"


def test_identity_of_two_owners(sandbox: Sandbox) -> None:
    someone = person(identity={"names": ["A B", "C D"], "emails": [{"data": "a@b.example",
                     "primary": True, "type": "primary"}], "addresses": None})  # fmt: skip
    token = link(sandbox, someone, products=PRODUCTS)
    owners = sandbox.post("/identity/get", access_token=token)["accounts"][0]["owners"]
    assert owners[0]["names"] == ["A B", "C D"]
    assert owners[0]["addresses"] == []


def test_loans_holdings_and_payroll_without_a_starting_balance(sandbox: Sandbox) -> None:
    someone = {
        "roll_dates_forward": True,
        "override_accounts": [
            {"type": "loan", "subtype": "student",
             "liability": {"type": "student", "principal": 45123, "nominal_apr": 4.23,
                           "origination_date": "2022-01-01", "loan_name": "A loan",
                           "repayment_model": {"type": "standard", "repayment_months": 120}}},
            {"type": "investment", "holdings": [{"institution_price": 2.5, "quantity": 3}]},
            {"type": "payroll", "subtype": "payroll", "income": {"paystubs": []}},
        ],
    }  # fmt: skip
    token = link(sandbox, someone, products=PRODUCTS)
    accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
    assert [(one["type"], one["balances"]["current"]) for one in accounts] == [
        ("loan", 45123), ("investment", Decimal("7.5")), ("other", 300),
    ]  # fmt: skip
    (loan,) = sandbox.post("/liabilities/get", access_token=token)["liabilities"]["student"]
    assert (loan["interest_rate_percentage"], loan["loan_name"]) == (Decimal("4.23"), "A loan")
    sandbox.post("/investments/holdings/get", access_token=token)
