"""Writes items, accounts and balances as the objects of Plaid's answers.

Reads the state file only; decides nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.institutions import BY_ID
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.persona import split_currency
from strongroom.sandbox.plaid.wire import loads
from strongroom.sandbox.plaid.world import World

_SCOPES: Final = {
    "transactions": "transactions",
    "auth": "account_routing_number",
    "identity": "contact_info",
    "liabilities": "credit_loan_info",
    "investments": "investments",
}


def moment(seconds: float | None) -> str | None:
    """Write a Unix time as Plaid does; None stays None."""
    return None if seconds is None else stamp(datetime.fromtimestamp(seconds, UTC))


def error_of(item: Item) -> dict[str, Any] | None:
    """Build the error that an item is in, or None."""
    if not item["error_code"]:
        return None
    return PlaidError(item["error_code"], reason=item["error_reason"]).as_object(None)


def item_object(item: Item, *, consent_fields: bool = False) -> dict[str, Any]:
    """Build the item object; ``consent_fields`` adds what /item/get alone gives."""
    bank = BY_ID[item["institution_id"]]
    products = loads(item["products"])
    consented = loads(item["consented"])
    body: dict[str, Any] = {
        "available_products": [one for one in bank.products if one not in products],
        "billed_products": products,
        "consent_expiration_time": moment(item["consent_expires_at"]),
        "consented_products": list(dict.fromkeys([*consented, *products])),
        "error": error_of(item),
        "institution_id": bank.institution_id,
        "institution_name": bank.name,
        "item_id": item["item_id"],
        "products": products,
        "update_type": "background",
        "webhook": item["webhook"] or "",
        "auth_method": "INSTANT_AUTH" if "auth" in products else None,
    }
    if consent_fields:
        body["created_at"] = moment(item["created_at"])
        body["consented_use_cases"] = []
        body["consented_data_scopes"] = [
            "account_balance_info",
            *(scope for product, scope in _SCOPES.items() if product in body["consented_products"]),
        ]
    return body


def item_status(item: Item) -> dict[str, Any]:
    """Build the status object of /item/get."""
    products = loads(item["products"])
    failed = moment(item["error_at"])
    sent = item["last_webhook_at"]
    status: dict[str, Any] = {
        "last_webhook": None
        if sent is None
        else {"sent_at": moment(sent), "code_sent": item["last_webhook_code"]}
    }
    if "transactions" in products:
        status["transactions"] = {
            "last_successful_update": moment(item["updated_at"]),
            "last_failed_update": failed,
        }
    if "investments" in products:
        status["investments"] = {
            "last_successful_update": moment(item["updated_at"] or item["created_at"]),
            "last_failed_update": failed,
        }
    return status


def account_rows(
    world: World, item: Item, account_ids: Collection[str] | None = None
) -> list[sqlite3.Row]:
    """Give the shared accounts, or those of ``account_ids``; raises INVALID_ACCOUNT_ID."""
    rows = world.db.execute(
        "SELECT * FROM accounts WHERE item_id = ? AND shared ORDER BY position", (item["item_id"],)
    ).fetchall()
    if account_ids is None:
        return rows
    wanted = set(account_ids)
    if wanted - {row["account_id"] for row in rows}:
        raise PlaidError("INVALID_ACCOUNT_ID")
    return [row for row in rows if row["account_id"] in wanted]


def account_object(row: sqlite3.Row, *, investment: bool = False) -> dict[str, Any]:
    """Build an account object; ``investment`` adds what the investment endpoints also give."""
    facts = loads(row["facts"])
    iso, unofficial = split_currency(row["currency"])
    balances: dict[str, Any] = {
        "available": _amount(row["available"]),
        "current": _amount(row["current"]),
        "iso_currency_code": iso,
        "limit": _amount(row["credit_limit"]),
        "unofficial_currency_code": unofficial,
    }
    if investment:
        balances["margin_loan_amount"] = None
    body: dict[str, Any] = {
        "account_id": row["account_id"],
        "balances": balances,
        "holder_category": facts["holder"],
        "mask": facts["mask"],
        "name": facts["name"],
        "official_name": facts["official_name"],
        "subtype": row["subtype"],
        "type": row["type"],
    }
    if facts["persistent_id"]:
        body["persistent_account_id"] = facts["persistent_id"]
    return body


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
