"""Endpoints for tokens, items, accounts, institutions and categories."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from strongroom.sandbox.plaid import institutions, items, logins, unserved, views, webhooks
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import ANY, FLAG, REQUIRED_TEXT, TEXT, Field, invalid
from strongroom.sandbox.plaid.institutions import BY_ID, Institution
from strongroom.sandbox.plaid.items import Item, NewItem
from strongroom.sandbox.plaid.legacy_categories import CATEGORIES

ACCOUNT_IDS: Final = Field("object", members={"account_ids": Field("strings", nullable=True)})
_COUNTRIES: Final = Field("countries", required=True, low=1)
_DAYS: Final = Field("int", low=1, high=items.MOST_DAYS)
_DAY: Final = Field("date", nullable=True)
SLOW_BALANCE_SECONDS: Final = 3.0
_FAILS: Final = 0.5
_IMPORTED_FROM: Final = "ins_109508"
NOT_REQUESTABLE: Final = frozenset({"recurring_transactions", "transactions_refresh"})


def bank_of(institution_id: str) -> Institution:
    """Give a practice bank; raises INVALID_INSTITUTION."""
    if institution_id not in BY_ID:
        raise PlaidError("INVALID_INSTITUTION", f"{institution_id[:40]} is not an institution")
    return BY_ID[institution_id]


def refuse_balance(products: Iterable[str]) -> None:
    """Raise INVALID_PRODUCT when balance is asked for, which comes with every other product."""
    if "balance" in products:
        raise PlaidError(
            "INVALID_PRODUCT",
            "balance is not a valid product for this field. It is automatically initialized when"
            " any other valid product is included.",
        )


def check_products(bank: Institution, products: list[str]) -> None:
    """Raise INVALID_PRODUCT for what is not to be had here, and for what this bank cannot give."""
    refuse_balance(products)
    unserved.check_products(products)
    for product in products:
        if product not in bank.products:
            raise PlaidError("INVALID_PRODUCT", f"{bank.name} does not support {product}")


@endpoint(
    "/sandbox/public_token/create",
    institution_id=REQUIRED_TEXT,
    initial_products=Field("products", required=True, low=1),
    user_token=TEXT,
    user_id=TEXT,
    options=Field(
        "object",
        nullable=True,
        members={
            "webhook": Field("url", nullable=True),
            "override_username": Field("str", nullable=True),
            "override_password": Field("str", nullable=True),
            "income_verification": ANY,
            "statements": ANY,
            "transactions": Field(
                "object",
                nullable=True,
                members={"start_date": _DAY, "end_date": _DAY, "days_requested": _DAYS},
            ),
        },
    ),
)
def create_public_token(call: Call) -> dict[str, Any]:
    """Link without pages: sign in, open an item, hand out its public token."""
    username = call.options.get("override_username", "user_good")
    password = call.options.get("override_password", "pass_good")
    item = _open_item(
        call, call.body["institution_id"], username, password, call.body["initial_products"]
    )
    return {"public_token": items.issue_public_token(call.world, item)}


@endpoint(
    "/item/import",
    products=Field("products", required=True, low=1),
    user_auth=Field(
        "object",
        required=True,
        members={"user_id": REQUIRED_TEXT, "auth_token": REQUIRED_TEXT},
    ),
    institution_id=Field("str", nullable=True),
    options=Field("object", nullable=True, members={"webhook": Field("url", nullable=True)}),
)
def import_item(call: Call) -> dict[str, Any]:
    """Open an item for a known login, without Link; gives its access token at once."""
    login = call.body["user_auth"]
    item = _open_item(
        call, call.body.get("institution_id", _IMPORTED_FROM), login["user_id"],
        login["auth_token"], call.body["products"],
    )  # fmt: skip
    return {"access_token": items.new_access_token(call.world, item)}


def _open_item(
    call: Call, institution_id: str, username: str, password: str, products: list[str]
) -> Item:
    """Sign in and open an item with what the request's options say."""
    bank = bank_of(institution_id)
    check_products(bank, products)
    since, days_requested = _asked_history(call)
    item_number = items.reserve_number(call.world)
    persona = items.sign_in(call.world, bank, username, password, since)
    new = NewItem(
        client_id=call.client_id,
        bank=bank,
        username=username,
        products=products,
        webhook=call.options.get("webhook"),
        days_requested=days_requested,
    )
    return items.find(call.world, items.create(call.world, new, persona, item_number))


def _asked_history(call: Call) -> tuple[date | None, int | None]:
    """Give from which day on, and for how many days, the request asks for history."""
    asked = call.options.get("transactions") or {}
    start, end = asked.get("start_date"), asked.get("end_date")
    if start and end and start > end:
        raise invalid("options.transactions.start_date", "must not be after end_date")
    days = asked.get("days_requested")
    if days is None and start:
        days = min(items.MOST_DAYS, max(1, (call.world.today() - start).days))
    return start, days


@endpoint("/item/public_token/create", access_token=REQUIRED_TEXT)
def create_item_public_token(call: Call) -> dict[str, Any]:
    """Make a public token for an item that is there, as Link's older update mode needed."""
    item = call.item(broken=True)
    expires = call.world.now() + timedelta(seconds=items.PUBLIC_TOKEN_SECONDS)
    return {
        "public_token": items.issue_public_token(call.world, item),
        "expiration": stamp(expires),
    }


@endpoint("/item/public_token/exchange", public_token=REQUIRED_TEXT)
def exchange(call: Call) -> dict[str, Any]:
    """Turn a public token into an access token, once."""
    token, item_id = items.exchange(call.world, call.client_id, call.body["public_token"])
    return {"access_token": token, "item_id": item_id}


@endpoint("/item/get", access_token=REQUIRED_TEXT)
def get_item(call: Call) -> dict[str, Any]:
    """Describe an item, also one in an error state."""
    item = call.item(broken=True)
    return {
        "item": views.item_object(item, consent_fields=True),
        "status": views.item_status(item),
    }


@endpoint(
    "/item/remove",
    access_token=REQUIRED_TEXT,
    reason_code=Field("str", nullable=True),
    reason_note=Field("str", nullable=True, high=512),
)
def remove_item(call: Call) -> dict[str, Any]:
    """Remove an item for good."""
    item = call.item(broken=True)
    call.world.db.execute(
        "UPDATE items SET removed_at = ? WHERE item_id = ?", (time.time(), item["item_id"])
    )
    return {}


@endpoint("/item/webhook/update", access_token=REQUIRED_TEXT, webhook=Field("url", nullable=True))
def update_webhook(call: Call) -> dict[str, Any]:
    """Set or clear where webhooks go, and acknowledge it at the new place."""
    item = call.item(broken=True)
    url = call.body.get("webhook") or None
    call.world.db.execute("UPDATE items SET webhook = ? WHERE item_id = ?", (url, item["item_id"]))
    item = items.find(call.world, item["item_id"])
    items.fire(
        call.world, item, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", new_webhook_url=url, error=None
    )
    return {"item": views.item_object(item)}


@endpoint("/item/access_token/invalidate", access_token=REQUIRED_TEXT)
def invalidate(call: Call) -> dict[str, Any]:
    """Replace an access token; the old one dies at once."""
    item = call.item(broken=True)
    return {"new_access_token": items.new_access_token(call.world, item)}


@endpoint("/accounts/get", access_token=REQUIRED_TEXT, options=ACCOUNT_IDS)
def get_accounts(call: Call) -> dict[str, Any]:
    """Give accounts with the balances last seen."""
    item = call.item()
    rows = views.account_rows(call.world, item, call.options.get("account_ids"))
    accounts = list(map(views.account_object, rows))
    if BY_ID[item["institution_id"]].slow_balance:
        seen = stamp(_last_seen(call))
        for account in accounts:
            account["balances"]["last_updated_datetime"] = seen
    return {"accounts": accounts, "item": views.item_object(item)}


def _last_seen(call: Call) -> datetime:
    """Give when a bank that is slow with balances last knew them."""
    return call.world.now() - timedelta(hours=1)


@endpoint(
    "/accounts/balance/get",
    access_token=REQUIRED_TEXT,
    options=Field(
        "object",
        members={
            "account_ids": Field("strings", nullable=True),
            "min_last_updated_datetime": Field("moment", nullable=True),
        },
    ),
)
def get_balances(call: Call) -> dict[str, Any]:
    """Give accounts with balances fetched from the bank now."""
    item = call.item()
    bank = BY_ID[item["institution_id"]]
    logins.check_bank(bank)
    if bank.health == "DEGRADED" and items.draw(call.world, item).random() < _FAILS:
        raise PlaidError("INSTITUTION_NOT_RESPONDING")
    oldest = call.options.get("min_last_updated_datetime")
    if bank.slow_balance and oldest is not None and _last_seen(call) < oldest:
        raise PlaidError(
            "LAST_UPDATED_DATETIME_OUT_OF_RANGE",
            f"the most recent balance is of {stamp(_last_seen(call))}",
        )
    slow = SLOW_BALANCE_SECONDS / call.world.options.speed if bank.slow_balance else 0.0
    call.world.pause_seconds = slow + call.world.options.balance_delay_seconds
    return get_accounts(call)


@endpoint(
    "/institutions/get",
    count=Field("int", required=True, low=1, high=500),
    offset=Field("int", required=True, low=0),
    country_codes=_COUNTRIES,
    options=Field(
        "object",
        members={
            "products": Field("products", nullable=True),
            "routing_numbers": Field("strings", nullable=True),
            "oauth": FLAG,
            "include_optional_metadata": FLAG,
            "include_auth_metadata": FLAG,
            "include_payment_initiation_metadata": FLAG,
        },
    ),
)
def get_institutions(call: Call) -> dict[str, Any]:
    """Page through the practice banks."""
    found = institutions.find(
        call.body["country_codes"],
        products=call.options.get("products", ()),
        oauth=call.options.get("oauth"),
        routing_numbers=call.options.get("routing_numbers", ()),
    )
    start = call.body["offset"]
    return {
        "institutions": [
            institutions.as_object(bank, call.options, call.world.now())
            for bank in found[start : start + call.body["count"]]
        ],
        "total": len(found),
    }


@endpoint(
    "/institutions/get_by_id",
    institution_id=REQUIRED_TEXT,
    country_codes=_COUNTRIES,
    options=Field(
        "object",
        members={
            "include_optional_metadata": FLAG,
            "include_status": FLAG,
            "include_auth_metadata": FLAG,
            "include_payment_initiation_metadata": FLAG,
        },
    ),
)
def get_institution(call: Call) -> dict[str, Any]:
    """Describe one practice bank."""
    bank = bank_of(call.body["institution_id"])
    if not set(bank.countries) & set(call.body["country_codes"]):
        raise PlaidError("INVALID_INSTITUTION")
    return {"institution": institutions.as_object(bank, call.options, call.world.now())}


@endpoint(
    "/institutions/search",
    query=REQUIRED_TEXT,
    products=Field("products", nullable=True),
    country_codes=_COUNTRIES,
    options=Field(
        "object",
        members={
            "oauth": FLAG,
            "include_optional_metadata": FLAG,
            "include_auth_metadata": FLAG,
            "include_payment_initiation_metadata": FLAG,
            "payment_initiation": ANY,
        },
    ),
)
def search_institutions(call: Call) -> dict[str, Any]:
    """Find practice banks by words of their name."""
    found = institutions.find(
        call.body["country_codes"],
        query=call.body["query"],
        products=call.body.get("products", ()),
        oauth=call.options.get("oauth"),
    )
    return {
        "institutions": [
            institutions.as_object(bank, call.options, call.world.now())
            for bank in found[: institutions.MOST_SEARCH_RESULTS]
        ]
    }


@endpoint("/categories/get", public=True)
def get_categories(call: Call) -> dict[str, Any]:
    """Give the old category tree."""
    return {
        "categories": [
            {"category_id": number, "group": group, "hierarchy": list(hierarchy)}
            for number, group, hierarchy in CATEGORIES
        ]
    }


@endpoint("/webhook_verification_key/get", key_id=REQUIRED_TEXT)
def get_webhook_key(call: Call) -> dict[str, Any]:
    """Give the public key that webhooks are signed with."""
    key = webhooks.public_key(call.world.db, call.body["key_id"])
    if key is None:
        raise PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
    return {"key": key}
