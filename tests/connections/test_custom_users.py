"""Plaid's published custom users, linked and read: what lands in the book equals the file.

The files are Plaid's own (github.com/plaid/sandbox-custom-users, MIT licence).
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from strongroom import accounts, net_worth, transactions
from strongroom.accounts import Account
from strongroom.core.money import Currency
from strongroom.transactions import Filter, Transaction
from tests import book as made
from tests.connections.conftest import Kari
from tests.sandbox_plaid import openapi

FILES = sorted(openapi.CUSTOM_USERS.glob("*.json"))
HOME = "USD"  # what the practice bank reports in where a file names no currency
_OWED = ("credit", "loan")


def today() -> date:
    return datetime.now(UTC).date()


def linked(kari: Kari, text: str) -> tuple[list[Account], list[Transaction]]:
    """Link the person that ``text`` describes and read everything: accounts in the file's order."""
    item = kari.linked("user_custom", text)
    kari.sync(item.id)
    held = {one.plaid_account_id: one for one in kari.ask(accounts.list_all)}
    told = kari.sandbox.truth(item.plaid_item_id)["accounts"]
    assert len(held) == len(told)
    return [held[one["account_id"]] for one in told], made.book(kari.world, kari.owner)


def wanted(override: dict[str, Any], account: Account) -> Counter[tuple[Any, ...]]:
    """The rows of one account of a file, as they must stand in the book."""
    rows: Counter[tuple[Any, ...]] = Counter()
    for one in override.get("transactions") or []:
        if one["amount"] is None:
            continue  # the blank template's only row
        posted = date.fromisoformat(one["date_posted"])
        pending = posted > today()
        day = date.fromisoformat(one["date_transacted"]) if pending else posted
        code = one.get("currency") or override.get("currency") or HOME
        rows[account.id, day, -Decimal(one["amount"]), code, one["description"], pending] += 1
    return rows


def landed(rows: list[Transaction]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (one.account_id, one.day, one.amount.amount, one.amount.currency, one.description,
         one.pending)
        for one in rows
    )  # fmt: skip


@pytest.mark.skipif(not FILES, reason=f"Plaid's custom users are not at {openapi.CUSTOM_USERS}")
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_book_equals_the_file(kari: Kari, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    overrides = json.loads(text, parse_float=Decimal, parse_int=Decimal)["override_accounts"]
    held, rows = linked(kari, text)
    assert len(held) == len(overrides)
    everything: Counter[tuple[Any, ...]] = Counter()
    for account, override in zip(held, overrides, strict=True):
        everything += wanted(override, account)
        equals(account, override)
    assert landed(rows) == everything
    totals(kari, held, rows)


def equals(account: Account, override: dict[str, Any]) -> None:
    """The account's kind, name and balances are the file's, to the cent."""
    meta = override.get("meta") or {}
    assert account.type == (override.get("type") or "depository")
    if override.get("subtype"):
        assert account.subtype == override["subtype"]
    if meta.get("name"):
        assert account.name == meta["name"]
    if meta.get("official_name"):
        assert account.official_name == meta["official_name"]
    if meta.get("mask"):
        assert account.mask == meta["mask"]
    assert account.currency == (override.get("currency") or HOME)
    assert account.balance is not None
    if override.get("starting_balance") is not None:
        sign = -1 if account.type in _OWED else 1
        assert account.balance.amount == override["starting_balance"] * sign
    if override.get("force_available_balance") is not None:
        assert account.available is not None
        assert account.available.amount == override["force_available_balance"]
    if meta.get("limit") is not None:
        assert account.credit_limit is not None
        assert account.credit_limit.amount == Decimal(meta["limit"])


def totals(kari: Kari, held: list[Account], rows: list[Transaction]) -> None:
    """Sums that people see are the sums of the file."""
    summary = kari.ask(transactions.summary, filter=Filter())
    assert summary.count == len(rows)
    kari.ask(net_worth.refresh, now=kari.clock())
    for one in kari.ask(net_worth.live):
        balances = [a.balance.amount for a in held if a.balance and a.currency == one.currency]
        assert one.net_worth.amount == sum(balances, Decimal(0))
        days = kari.ask(net_worth.series, currency=one.currency, since=None,
                        until=kari.clock().date())  # fmt: skip
        assert days[-1].net_worth == one.net_worth


def person(*rows: dict[str, Any], **account: Any) -> str:
    account = {"type": "depository", "subtype": "checking", "transactions": rows, **account}
    return json.dumps({"override_accounts": [account]})


def row(amount: Any, days: int, name: str = "Row", **more: Any) -> dict[str, Any]:
    day = str(today() + timedelta(days=days))
    return {"date_transacted": day, "date_posted": day, "amount": amount, "description": name,
            "currency": "USD", **more}  # fmt: skip


def test_rows_that_post_in_the_future_are_pending(kari: Kari) -> None:
    waiting = row(5, 3, "Hold") | {"date_transacted": str(today())}
    _, rows = linked(kari, person(row(1, -1, "Posted"), waiting))
    assert {(one.description, one.pending, one.day) for one in rows} == {
        ("Posted", False, today() - timedelta(days=1)), ("Hold", True, today()),
    }  # fmt: skip


def test_awkward_people(kari: Kari) -> None:
    text = person(
        row(0.1, -1, "Café 🍕 \"quoted\" 'x' \\ %_"), row(0.2, -1, "A tenth more"),
        row(4.5, -3, "Twin"), row(4.5, -3, "Twin"), row(-1234567.89, -700, "Long ago"),
        row(0.00000001, -2, "Dust", currency="BTC"), row(7, -2, "Euro", currency="EUR"),
        currency="USD", starting_balance=-12.34,
        meta={"name": "Overdrawn", "official_name": "Ø", "mask": "9876"},
    )  # fmt: skip
    (account,), rows = linked(kari, text)
    assert account.balance is not None
    assert account.balance.amount == Decimal("-12.34")
    assert (account.name, account.official_name, account.mask) == ("Overdrawn", "Ø", "9876")
    amounts = {one.description: (one.amount.amount, one.amount.currency) for one in rows}
    assert len(rows) == 7
    assert amounts["Dust"] == (Decimal("-0.00000001"), Currency("BTC"))
    assert amounts["Euro"] == (Decimal(-7), Currency("EUR"))
    assert amounts["Long ago"] == (Decimal("1234567.89"), Currency("USD"))
    assert amounts["A tenth more"][0] - amounts["Café 🍕 \"quoted\" 'x' \\ %_"][0] == Decimal(
        "-0.1"
    )
