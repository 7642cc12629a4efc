"""Products that the local Plaid does not serve, and their endpoints, are refused as by Plaid."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from strongroom.sandbox.plaid.app import API_MODULES
from strongroom.sandbox.plaid.endpoint import ENDPOINTS
from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import BANK, Refused, Sandbox, judge

KEYS = {"client_id": "client-under-test", "secret": "secret-under-test"}
assert API_MODULES  # importing them fills the register of endpoints
UNSERVED = (
    "transfer", "statements", "signal", "assets", "income_verification", "payment_initiation",
    "identity_verification", "employment", "layer", "cra_base_report", "cra_income_insights",
)  # fmt: skip
BALANCE = (
    "balance is not a valid product for this field. It is automatically initialized when any other"
    " valid product is included."
)


def linking(**more: Any) -> dict[str, Any]:
    """Make up a request for a link token."""
    body = {"client_name": "x", "language": "en", "country_codes": ["US"]}
    return body | {"user": {"client_user_id": "1"}} | more


def said(sandbox: Sandbox, path: str, **body: Any) -> tuple[str, str, str]:
    """Give type, code and message of a refusal."""
    with pytest.raises(Refused) as caught:
        sandbox.post(path, **body)
    assert caught.value.status == 400
    told = caught.value.body
    return told["error_type"], told["error_code"], told["error_message"]


def not_given(*products: str) -> tuple[str, str, str]:
    sentence = "client is not authorized to access the following products: "
    return "INVALID_INPUT", "INVALID_PRODUCT", sentence + json.dumps(products)


@pytest.mark.parametrize("product", UNSERVED)
def test_a_product_that_is_not_served_cannot_be_asked_for(sandbox: Sandbox, product: str) -> None:
    asked = linking(products=["auth", product])
    assert said(sandbox, "/link/token/create", **asked) == not_given(product)
    found = said(sandbox, "/sandbox/public_token/create", institution_id=BANK,
                 initial_products=["auth", product])  # fmt: skip
    assert found == not_given(product)
    login = {"user_id": "user_good", "auth_token": "pass_good"}
    found = said(sandbox, "/item/import", products=[product], user_auth=login)
    assert found == not_given(product)


@pytest.mark.parametrize(
    "name",
    ["required_if_supported_products", "optional_products", "additional_consented_products"],
)
def test_nor_beside_the_products_that_must_be(sandbox: Sandbox, name: str) -> None:
    asked = linking(products=["transactions"], **{name: ["identity", "signal", "statements"]})
    assert said(sandbox, "/link/token/create", **asked) == not_given("signal", "statements")
    sandbox.post("/link/token/create", **(asked | {name: ["identity"]}))
    asked[name] = ["balance"]
    assert said(sandbox, "/link/token/create", **asked)[2] == BALANCE


def test_nor_in_update_mode(sandbox: Sandbox) -> None:
    token, _ = sandbox.link()
    asked = linking(access_token=token, products=["assets"])
    assert said(sandbox, "/link/token/create", **asked) == not_given("assets")


def test_no_bank_and_no_item_offers_what_is_not_served(sandbox: Sandbox) -> None:
    banks = sandbox.post(
        "/institutions/get", count=500, offset=0, country_codes=["US", "GB", "CA"]
    )["institutions"]
    assert len(banks) == 16
    token, _ = sandbox.link()
    item = sandbox.post("/item/get", access_token=token)["item"]
    assert item["billed_products"] == ["transactions"]
    for offered in (item["available_products"], *(bank["products"] for bank in banks)):
        assert "balance" in offered
        assert not set(UNSERVED) & set(offered)


def test_balance_is_not_asked_for(sandbox: Sandbox) -> None:
    wanted = ("INVALID_INPUT", "INVALID_PRODUCT", BALANCE)
    products = ["auth", "balance"]
    assert said(sandbox, "/link/token/create", **linking(products=products)) == wanted
    found = said(sandbox, "/sandbox/public_token/create", institution_id=BANK,
                 initial_products=products)  # fmt: skip
    assert found == wanted


def test_a_link_is_for_one_product_at_least(sandbox: Sandbox) -> None:
    wanted = ("INVALID_REQUEST", "INVALID_FIELD", "must provide at least one product")
    assert said(sandbox, "/link/token/create", **linking()) == wanted
    assert said(sandbox, "/link/token/create", **linking(products=[])) == wanted
    sandbox.post("/link/token/create", **linking(access_token=sandbox.link()[0]))


@pytest.mark.parametrize(
    ("path", "product"),
    [
        ("/asset_report/create", "assets"),
        ("/transfer/authorization/create", "transfer"),
        ("/statements/list", "statements"),
        ("/signal/evaluate", "signal"),
        ("/payment_initiation/payment/get", "payment_initiation"),
        ("/identity/match", "identity_match"),
        ("/credit/bank_income/get", "income_verification"),
        ("/transfer/something/newer/than/the/document", "transfer"),
    ],
)
def test_a_product_that_the_client_was_not_given(sandbox: Sandbox, path: str, product: str) -> None:
    answer = httpx.post(sandbox.url + path, json=KEYS | {"access_token": "access-sandbox-x"})
    body = answer.json()
    assert (answer.status_code, body["error_type"]) == (400, "INVALID_INPUT")
    assert body["error_code"] == "INVALID_PRODUCT"
    assert f'["{product}"]' in body["error_message"]
    assert len(body["request_id"]) == 15


def test_a_route_that_the_client_was_not_given(sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/processor/token/create", json=KEYS)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "UNAUTHORIZED_ROUTE_ACCESS")


def test_who_asks_is_looked_at_first(sandbox: Sandbox) -> None:
    path = f"{sandbox.url}/transfer/create"
    assert httpx.post(path, json={}).json()["error_code"] == "MISSING_FIELDS"
    wrong = httpx.post(path, json=KEYS | {"secret": "no"})
    assert wrong.json()["error_code"] == "INVALID_API_KEYS"
    assert httpx.post(path, content=b"{").json()["error_code"] == "INVALID_BODY"


def test_what_plaid_does_not_have_is_not_found(sandbox: Sandbox) -> None:
    for method, path in (("POST", "/transferred"), ("POST", "/accounts/nothing"),
        ("POST", "/item/gett"),
                         ("GET", "/transfer/create")):  # fmt: skip
        answer = httpx.request(method, sandbox.url + path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


@pytest.mark.skipif(not openapi.DOCUMENT.exists(), reason=openapi.WHY_ABSENT)
def test_no_path_of_plaids_document_is_unknown(sandbox: Sandbox) -> None:
    asked = 0
    with httpx.Client(base_url=sandbox.url) as client:
        for path, operations in openapi.document()["paths"].items():
            if path in ENDPOINTS or "post" not in operations:
                continue
            answer = client.post(path, json=KEYS)
            assert answer.json()["error_code"] in (
                "INVALID_PRODUCT", "UNAUTHORIZED_ROUTE_ACCESS",
            ), path  # fmt: skip
            assert judge(path, answer.status_code, answer.json()) == []
            asked += 1
    assert asked > 100
