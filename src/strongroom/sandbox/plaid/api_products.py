"""Endpoints beside transactions: auth, identity, liabilities and investments."""

from __future__ import annotations

import sqlite3
from typing import Any

from strongroom.sandbox.plaid import investments, liabilities, views
from strongroom.sandbox.plaid.api_items import ACCOUNT_IDS
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import FLAG, REQUIRED_TEXT, Field, invalid
from strongroom.sandbox.plaid.institutions import BY_ID
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.wire import loads

_ROUTING = "011401533"
_WIRE_ROUTING = "021000021"
_AUTH_SUBTYPES = ("checking", "savings", "cash management")


@endpoint("/auth/get", access_token=REQUIRED_TEXT, options=ACCOUNT_IDS)
def get_auth(call: Call) -> dict[str, Any]:
    """Give account numbers, by the scheme of the bank's country."""
    item = call.item_with("auth")
    rows = [
        row
        for row in views.account_rows(call.world, item, call.options.get("account_ids"))
        if row["type"] == "depository" and row["subtype"] in _AUTH_SUBTYPES
    ]
    if not rows:
        raise PlaidError("NO_AUTH_ACCOUNTS")
    numbers: dict[str, list[dict[str, Any]]] = {
        "ach": [], "bacs": [], "eft": [], "international": [],
    }  # fmt: skip
    currency = BY_ID[item["institution_id"]].currency
    for row in rows:
        given = loads(row["facts"])["numbers"]
        account = given.get("account") or f"1111222233330{row['position']:03d}"
        _add_numbers(numbers, row["account_id"], account, given, currency)
    return {
        "accounts": list(map(views.account_object, rows)),
        "item": views.item_object(item),
        "numbers": numbers,
    }


def _add_numbers(
    numbers: dict[str, list[dict[str, Any]]],
    account_id: str,
    account: str,
    given: dict[str, str],
    currency: str,
) -> None:
    """Put an account under every scheme it has numbers for, or under its country's own."""
    one = {"account_id": account_id}
    iban, sort_code = given.get("international_iban"), given.get("bacs_sort_code")
    branch = given.get("eft_branch")
    if iban:
        numbers["international"].append(
            one | {"iban": iban, "bic": given.get("international_bic", "")}
        )
    if sort_code or (currency == "GBP" and not iban):
        numbers["bacs"].append(one | {"account": account[-8:], "sort_code": sort_code or "601613"})
    if branch or (currency == "CAD" and not iban):
        numbers["eft"].append(
            one
            | {"account": account, "branch": branch or "01140",
               "institution": given.get("eft_institution", "021")}
        )  # fmt: skip
    explicit = "ach_routing" in given
    if explicit or not (iban or sort_code or branch or currency in ("GBP", "CAD")):
        numbers["ach"].append(
            one
            | {
                "account": account,
                "is_tokenized_account_number": False,
                "routing": given.get("ach_routing", _ROUTING),
                "wire_routing": given.get("ach_wire_routing", _WIRE_ROUTING),
            }
        )


@endpoint("/identity/get", access_token=REQUIRED_TEXT, options=ACCOUNT_IDS)
def get_identity(call: Call) -> dict[str, Any]:
    """Give who the bank says owns each account."""
    item = call.item_with("identity")
    rows = views.account_rows(call.world, item, call.options.get("account_ids"))
    return {
        "accounts": [
            views.account_object(row) | {"owners": loads(row["facts"])["owners"]} for row in rows
        ],
        "item": views.item_object(item),
    }


@endpoint("/liabilities/get", access_token=REQUIRED_TEXT, options=ACCOUNT_IDS)
def get_liabilities(call: Call) -> dict[str, Any]:
    """Give the terms of cards and loans."""
    item = call.item_with("liabilities")
    rows = views.account_rows(call.world, item, call.options.get("account_ids"))
    every = liabilities.build(views.account_rows(call.world, item), call.world.today())
    if not any(every.values()):
        raise PlaidError("NO_LIABILITY_ACCOUNTS")
    found = liabilities.build(rows, call.world.today())
    return {
        "accounts": list(map(views.account_object, rows)),
        "item": views.item_object(item),
        "liabilities": {kind: terms or None for kind, terms in found.items()},
    }


def _investment_rows(call: Call, item: Item) -> list[sqlite3.Row]:
    """Give the investment accounts asked for; raises when the whole item has none."""
    if not any(row["type"] == "investment" for row in views.account_rows(call.world, item)):
        raise PlaidError("NO_INVESTMENT_ACCOUNTS")
    rows = views.account_rows(call.world, item, call.options.get("account_ids"))
    return [row for row in rows if row["type"] == "investment"]


@endpoint("/investments/holdings/get", access_token=REQUIRED_TEXT, options=ACCOUNT_IDS)
def get_holdings(call: Call) -> dict[str, Any]:
    """Give what investment accounts hold."""
    item = call.item_with("investments")
    rows = _investment_rows(call, item)
    holdings, securities = investments.holdings(rows, call.world.today())
    return {
        "accounts": [views.account_object(row, investment=True) for row in rows],
        "holdings": holdings,
        "is_investments_fallback_item": False,
        "item": views.item_object(item),
        "securities": securities,
    }


@endpoint(
    "/investments/transactions/get",
    access_token=REQUIRED_TEXT,
    start_date=Field("date", required=True),
    end_date=Field("date", required=True),
    options=Field(
        "object",
        members={
            "account_ids": Field("strings", nullable=True),
            "count": Field("int", nullable=True, low=1, high=500),
            "offset": Field("int", nullable=True, low=0),
            "async_update": FLAG,
        },
    ),
)
def get_investment_transactions(call: Call) -> dict[str, Any]:
    """Give purchases, sales and fees of investment accounts, newest first."""
    start, end = call.body["start_date"], call.body["end_date"]
    if start > end:
        raise invalid("start_date", "must not be after end_date")
    item = call.item_with("investments")
    rows = _investment_rows(call, item)
    found, securities = investments.transactions(rows, start, end, call.world.today())
    offset, count = call.options.get("offset", 0), call.options.get("count", 100)
    shown = found[offset : offset + count]
    used = {one["security_id"] for one in shown}
    return {
        "accounts": [views.account_object(row, investment=True) for row in rows],
        "investment_transactions": shown,
        "is_investments_fallback_item": False,
        "item": views.item_object(item),
        "securities": [one for one in securities if one["security_id"] in used],
        "total_investment_transactions": len(found),
    }
