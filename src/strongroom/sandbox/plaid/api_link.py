"""Endpoints for link tokens: make one, and ask what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from strongroom.sandbox.plaid import api_items, items, link, unserved
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import ANY, FLAG, REQUIRED_TEXT, Field, invalid
from strongroom.sandbox.plaid.wire import loads

_PRODUCTS: Final = Field("products", nullable=True)
_LISTS_OF_PRODUCTS: Final = (
    "products", "required_if_supported_products", "optional_products",
    "additional_consented_products",
)  # fmt: skip
_MOST_NAME: Final = 30
_MOST_HOSTED_SECONDS: Final = 21 * 24 * 3600
# Recognised, and without effect on what the practice banks do.
_UNUSED: Final = (
    "access_tokens android_package_name appearance_mode auth base_report card_switch "
    "cashflow_report consumer_report_permissible_purpose cra_enabled cra_options "
    "credit_partner_insights employment eu_config financekit_supported identity "
    "identity_verification income_verification institution_data investments investments_auth "
    "link_customization_name payment_configuration payment_initiation statements "
    "third_party_user_token transfer user_token"
).split()


@endpoint(
    "/link/token/create",
    client_name=Field("str", required=True, high=_MOST_NAME),
    language=REQUIRED_TEXT,
    country_codes=Field("countries", required=True, low=1),
    user=Field("object", nullable=True),
    user_id=Field("str", nullable=True),
    products=_PRODUCTS,
    required_if_supported_products=_PRODUCTS,
    optional_products=_PRODUCTS,
    additional_consented_products=_PRODUCTS,
    webhook=Field("url", nullable=True),
    access_token=Field("str", nullable=True),
    account_filters=Field("object", nullable=True),
    redirect_uri=Field("str", nullable=True),
    institution_id=Field("str", nullable=True),
    enable_multi_item_link=FLAG,
    update=Field(
        "object",
        nullable=True,
        members={"account_selection_enabled": FLAG, "reauthorization_enabled": FLAG, "user": FLAG,
                 "item_ids": ANY},
    ),
    transactions=Field(
        "object",
        nullable=True,
        members={"days_requested": Field("int", nullable=True, low=1, high=items.MOST_DAYS)},
    ),
    hosted_link=Field(
        "object",
        nullable=True,
        members={
            "delivery_method": Field("str", nullable=True, choices=("sms", "email")),
            "completion_redirect_uri": Field("str", nullable=True),
            "url_lifetime_seconds": Field("int", nullable=True, low=1, high=_MOST_HOSTED_SECONDS),
            "is_mobile_app": FLAG,
        },
    ),
    unused=_UNUSED,
)  # fmt: skip
def create_link_token(call: Call) -> dict[str, Any]:
    """Make a link token, for a new item or (update mode) to repair one."""
    body = dict(call.body)
    _check_user(body)
    token = body.pop("access_token", None) or None
    item = items.by_access_token(call.world, call.client_id, token) if token else None
    products = body.get("products") or []
    if item is None and not products and not body.get("enable_multi_item_link"):
        raise PlaidError("INVALID_FIELD", "must provide at least one product")
    named = [product for name in _LISTS_OF_PRODUCTS for product in body.get(name) or ()]
    api_items.refuse_balance(named)
    unserved.check_products(named)
    if not_requestable := api_items.NOT_REQUESTABLE & set(products):
        raise PlaidError("INVALID_PRODUCT", f"{min(not_requestable)} cannot be requested in Link")
    if body.get("institution_id"):
        api_items.bank_of(body["institution_id"])
    _check_return(body.get("hosted_link") or {})
    made, expires, hosted_id = link.create_token(call.world, call.client_id, body, item)
    answer = {"link_token": made, "expiration": _moment(expires)}
    if hosted_id is not None:
        answer["hosted_link_url"] = f"{call.base_url}/hl/{hosted_id}"
    return answer


def _check_user(body: dict[str, Any]) -> None:
    user = body.get("user")
    if user is None and not body.get("user_id") and not body.get("user_token"):
        raise PlaidError("MISSING_FIELDS", "the following required fields are missing: user")
    if user is None:
        return
    client_user_id = user.get("client_user_id")
    if not client_user_id:
        raise PlaidError(
            "MISSING_FIELDS", "the following required fields are missing: user.client_user_id"
        )
    if not isinstance(client_user_id, str) or "@" in client_user_id:
        raise invalid("user.client_user_id", "must be a string and must not be personal data")


def _check_return(hosted: dict[str, Any]) -> None:
    target = hosted.get("completion_redirect_uri")
    if target and (":" not in target or target.lower().startswith(("javascript:", "data:"))):
        raise invalid("hosted_link.completion_redirect_uri", "must be a URI to return to")


@endpoint("/link/token/get", link_token=REQUIRED_TEXT)
def get_link_token(call: Call) -> dict[str, Any]:
    """Give what a link token was made for and the sessions it has had."""
    token = call.world.db.execute(
        "SELECT * FROM link_tokens WHERE link_token = ?", (call.body["link_token"],)
    ).fetchone()
    if token is None or token["client_id"] != call.client_id:
        raise PlaidError("INVALID_LINK_TOKEN")
    request = loads(token["request"])
    sessions = call.world.db.execute(
        "SELECT * FROM link_sessions WHERE link_token = ? ORDER BY started_at",
        (token["link_token"],),
    ).fetchall()
    metadata: dict[str, Any] = {
        "client_name": request["client_name"],
        "country_codes": request["country_codes"],
        "initial_products": request.get("products") or [],
        "language": request["language"],
        "redirect_uri": request.get("redirect_uri"),
        "webhook": request.get("webhook"),
    }
    if request.get("account_filters"):
        metadata["account_filters"] = request["account_filters"]
    return {
        "created_at": _moment(token["created_at"]),
        "expiration": _moment(token["expires_at"]),
        "link_sessions": list(map(link.session_object, sessions)),
        "link_token": token["link_token"],
        "metadata": metadata,
    }


def _moment(seconds: float) -> str:
    return stamp(datetime.fromtimestamp(seconds, UTC))
