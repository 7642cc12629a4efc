"""Plaid's published custom users through both doors that people use: what lands equals the file.

The files are Plaid's own (github.com/plaid/sandbox-custom-users, MIT licence). Their rows are
compared with the JSON interface and with the command line, each to the cent.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.house import House, Person
from tests.sandbox_plaid import openapi

FILES = sorted(openapi.CUSTOM_USERS.glob("*.json"))
HOME = "USD"  # what the practice bank reports in where a file names no currency
Rows = Counter[tuple[str, str, Decimal, str, str, bool]]

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"Plaid's custom users are not at {openapi.CUSTOM_USERS}"
)


def wanted(text: str) -> tuple[Rows, Counter[tuple[str, Decimal]]]:
    """What a file promises: its rows with our sign, and its balances where it names them."""
    rows: Rows = Counter()
    balances: Counter[tuple[str, Decimal]] = Counter()
    for account in json.loads(text, parse_float=Decimal)["override_accounts"]:
        kind = account.get("type") or "depository"
        if account.get("starting_balance") is not None:
            sign = -1 if kind in ("credit", "loan") else 1
            balances[kind, sign * Decimal(account["starting_balance"])] += 1
        for one in account.get("transactions") or []:
            if one["amount"] is None:
                continue  # the blank template's only row
            posted = date.fromisoformat(one["date_posted"])
            pending = posted > datetime.now(UTC).date()
            day = one["date_transacted"] if pending else one["date_posted"]
            code = one.get("currency") or account.get("currency") or HOME
            rows[kind, day, -Decimal(one["amount"]), code, one["description"], pending] += 1
    return rows, balances


def landed(found: list[dict[str, Any]], kinds: dict[str, str], account: str) -> Rows:
    """Rows as the JSON of either door tells them; ``account`` is where it names the account."""
    return Counter(
        (
            kinds[one[account]],
            one["day"],
            Decimal(one["amount"]["amount"]),
            one["amount"]["currency"],
            one["description"],
            one["pending"],
        )
        for one in found
    )


def promised(found: list[dict[str, Any]]) -> Counter[tuple[str, Decimal]]:
    """Balances as the JSON of either door tells them."""
    return Counter(
        (one["type"], Decimal(one["balance"]["amount"])) for one in found if one["balance"]
    )


def all_pages(person: Person) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = person.get("/transactions", limit=100, **after)
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = {"after": page["next"]}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_json_interface_equals_the_file(house: House, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    rows, balances = wanted(text)
    person = house.person()
    house.link(person, "user_custom", text)
    held = person.get("/accounts")["items"]
    kinds = {one["id"]: one["type"] for one in held}
    assert landed(all_pages(person), kinds, "account") == rows
    assert balances <= promised(held)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_command_line_equals_the_file(house: House, file: Path) -> None:
    rows, balances = wanted(file.read_text(encoding="utf-8"))
    person = house.person()
    made = house.command(person, "link", "--sandbox", "--household", str(file))
    assert made["refresh"]["added"] == rows.total()
    held = house.command(person, "accounts")
    kinds = {one["id"]: one["type"] for one in held}
    found = house.command(person, "transactions", "--all")
    assert landed(found, kinds, "account_id") == rows
    assert balances <= promised(held)
