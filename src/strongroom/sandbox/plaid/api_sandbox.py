"""Plaid's own sandbox endpoints: fire a webhook, break a login, add transactions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import categories, items, ledger, views
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError, revoked_webhook_error
from strongroom.sandbox.plaid.fields import REQUIRED_TEXT, Field, check, invalid
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.persona import Row
from strongroom.sandbox.plaid.wire import loads

_TYPES: Final = ("AUTH", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "ITEM", "LIABILITIES",
                 "TRANSACTIONS", "ASSETS", "IDENTITY")  # fmt: skip
_CODES: Final = (
    "DEFAULT_UPDATE", "NEW_ACCOUNTS_AVAILABLE", "SMS_MICRODEPOSITS_VERIFICATION",
    "AUTHORIZATION_GRANTED", "USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED",
    "PENDING_DISCONNECT", "RECURRING_TRANSACTIONS_UPDATE", "LOGIN_REPAIRED",
    "SYNC_UPDATES_AVAILABLE", "PRODUCT_READY", "ERROR",
)  # fmt: skip
_PRODUCT_OF_TYPE: Final = {
    "AUTH": "auth", "HOLDINGS": "investments", "INVESTMENTS_TRANSACTIONS": "investments",
    "LIABILITIES": "liabilities", "TRANSACTIONS": "transactions", "ASSETS": "assets",
    "IDENTITY": "identity",
}  # fmt: skip
_TYPE_OF_CODE: Final = {
    "RECURRING_TRANSACTIONS_UPDATE": "TRANSACTIONS",
    "SYNC_UPDATES_AVAILABLE": "TRANSACTIONS",
    "PRODUCT_READY": "ASSETS",
    "ERROR": "ASSETS",
    "SMS_MICRODEPOSITS_VERIFICATION": "AUTH",
}
_OLDEST_DAYS: Final = 14
_MOST_TRANSACTIONS: Final = 10
_TRANSACTION: Final = {
    "date_transacted": Field("date", required=True),
    "date_posted": Field("date", required=True),
    "amount": Field("number", required=True),
    "description": REQUIRED_TEXT,
    "iso_currency_code": Field("str", nullable=True),
    "account_id": Field("str", nullable=True),
}


@endpoint(
    "/sandbox/item/fire_webhook",
    access_token=REQUIRED_TEXT,
    webhook_code=Field("str", required=True, choices=_CODES),
    webhook_type=Field("str", nullable=True, choices=_TYPES),
    options=Field("object", nullable=True, members={"new_transactions": Field("int", low=0)}),
)
def fire_webhook(call: Call) -> dict[str, Any]:
    """Send one webhook of the kind asked for; no data changes."""
    item = call.item(broken=True)
    code = call.body["webhook_code"]
    unless_told = "TRANSACTIONS" if code == "DEFAULT_UPDATE" else "ITEM"
    kind = call.body.get("webhook_type") or unless_told
    kind = _TYPE_OF_CODE.get(code, kind)
    if not item["webhook"]:
        raise PlaidError("SANDBOX_WEBHOOK_INVALID", "the item has no webhook URL")
    product = _PRODUCT_OF_TYPE.get(kind)
    if product and product not in loads(item["products"]):
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED", f"the item does not have {product}")
    if code == "NEW_ACCOUNTS_AVAILABLE" and item["origin"] == "api":
        raise PlaidError("SANDBOX_ACCOUNT_SELECT_V2_NOT_ENABLED")
    members = _members(call, item, kind, code)
    return {"webhook_fired": items.fire(call.world, item, kind, code, **members)}


def _members(call: Call, item: Item, kind: str, code: str) -> dict[str, Any]:
    accounts = [row["account_id"] for row in views.account_rows(call.world, item)]
    if code == "DEFAULT_UPDATE":
        return _update_members(call, kind, accounts)
    week = stamp(call.world.now() + timedelta(days=7))
    return {
        "SYNC_UPDATES_AVAILABLE": {
            "initial_update_complete": item["txn_status"] in (items.INITIAL, items.HISTORICAL),
            "historical_update_complete": item["txn_status"] == items.HISTORICAL,
        },
        "RECURRING_TRANSACTIONS_UPDATE": {"account_ids": accounts},
        "NEW_ACCOUNTS_AVAILABLE": {"error": None},
        "USER_PERMISSION_REVOKED": {"error": revoked_webhook_error().as_object(None)},
        "USER_ACCOUNT_REVOKED": {"account_id": accounts[0] if accounts else ""},
        "PENDING_DISCONNECT": {"reason": "INSTITUTION_MIGRATION", "disconnect_time": week},
        "SMS_MICRODEPOSITS_VERIFICATION": {
            "account_id": accounts[0] if accounts else "", "status": "MANUALLY_VERIFIED"},
    }.get(code, {})  # fmt: skip


def _update_members(call: Call, kind: str, accounts: list[str]) -> dict[str, Any]:
    if kind == "TRANSACTIONS":
        return {"new_transactions": call.options.get("new_transactions", 0), "error": None}
    if kind == "HOLDINGS":
        return {"new_holdings": 0, "updated_holdings": 1, "error": None}
    if kind == "INVESTMENTS_TRANSACTIONS":
        return {"new_investments_transactions": 1, "cancelled_investments_transactions": 0,
                "error": None}  # fmt: skip
    name = kind.lower()
    fields = {"LIABILITIES": ["balances"], "AUTH": ["ACCOUNT_NUMBER"], "IDENTITY": ["EMAILS"]}
    updated = {one: fields.get(kind, []) for one in accounts[:1]}
    members: dict[str, Any] = {"error": None, f"account_ids_with_updated_{name}": updated}
    if kind != "IDENTITY":
        members[f"account_ids_with_new_{name}"] = []
    return members


@endpoint("/sandbox/item/reset_login", access_token=REQUIRED_TEXT)
def reset_login(call: Call) -> dict[str, Any]:
    """Make the bank ask for a new sign-in."""
    item = call.item(broken=True)
    items.set_error(call.world, item, "ITEM_LOGIN_REQUIRED")
    return {"reset_login": True}


@endpoint(
    "/sandbox/transactions/create",
    access_token=REQUIRED_TEXT,
    transactions=Field("any", required=True),
)
def create_transactions(call: Call) -> dict[str, Any]:
    """Add transactions to an item, as if they had happened at the bank."""
    given = call.body["transactions"]
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST_TRANSACTIONS:
        raise invalid("transactions", f"must be an array of 1 to {_MOST_TRANSACTIONS}")
    item = call.item()
    accounts = views.account_rows(call.world, item)
    checked = [_one(call, item, accounts, index, one) for index, one in enumerate(given)]
    items.need_product(call.world, item, "transactions")
    item = items.find(call.world, item["item_id"])
    for account_id, row in checked:
        ledger.add(call.world.db, item["item_id"], account_id, row)
    items.announce(call.world, item, since=item["log_head"])
    return {}


def _one(call: Call, item: Item, accounts: list[Any], index: int, given: Any) -> tuple[str, Row]:
    name = f"transactions[{index}]"
    if not isinstance(given, dict):
        raise invalid(name, "must be an object")
    one = check(_TRANSACTION, given, f"{name}.")
    today = call.world.today()
    oldest = today - timedelta(days=_OLDEST_DAYS)
    for field in ("date_transacted", "date_posted"):
        if not oldest <= one[field] <= today:
            raise invalid(f"{name}.{field}", f"must lie within the last {_OLDEST_DAYS} days")
    if one["date_posted"] < one["date_transacted"]:
        raise invalid(f"{name}.date_posted", "must not be before date_transacted")
    target = one.get("account_id") or _default_account(accounts)
    if target not in {row["account_id"] for row in accounts}:
        raise PlaidError("INVALID_ACCOUNT_ID")
    amount: Decimal = one["amount"]
    row = Row(
        0, one["date_posted"], one["date_transacted"], amount, one["description"],
        categories.guess(one["description"], amount),
        currency=one.get("iso_currency_code") or "USD", confidence="LOW",
    )  # fmt: skip
    return target, row


def _default_account(accounts: list[Any]) -> str:
    """Choose the checking account, else the first depository one, else the first."""
    for wanted in ({"subtype": "checking"}, {"type": "depository"}, {}):
        for row in accounts:
            if all(row[key] == value for key, value in wanted.items()):
                return str(row["account_id"])
    raise PlaidError("NO_ACCOUNTS")
