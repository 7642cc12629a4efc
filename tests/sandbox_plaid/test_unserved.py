"""Endpoints of products that the local Plaid does not serve refuse as Plaid refuses."""

from __future__ import annotations

import httpx
import pytest

from strongroom.sandbox.plaid.app import API_MODULES
from strongroom.sandbox.plaid.endpoint import ENDPOINTS
from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import Sandbox, judge

KEYS = {"client_id": "client-under-test", "secret": "secret-under-test"}
assert API_MODULES  # importing them fills the register of endpoints


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
