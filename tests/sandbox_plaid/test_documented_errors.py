"""Every error that Plaid's document shows as an example can be met here, word for word its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strongroom.sandbox.plaid.errors import TABLE
from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import BANK, Inbox, Refused, Sandbox
from tests.sandbox_plaid.test_link import Visitor

pytestmark = pytest.mark.skipif(not openapi.DOCUMENT.exists(), reason=openapi.WHY_ABSENT)
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Example:
    """An error in the document, and the schema or path it stands under."""

    place: str
    body: tuple[tuple[str, Any], ...]

    @property
    def error(self) -> dict[str, Any]:
        return dict(self.body)


def examples() -> list[Example]:
    """Find every object with an ``error_code`` among the document's examples."""
    found: dict[Example, None] = {}

    def look(value: Any, place: str) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("error_code"), str):
                members = {key: value.get(key) for key in
                           ("error_type", "error_code", "error_code_reason")}  # fmt: skip
                found[Example(place, tuple(members.items()))] = None
            for inner in value.values():
                look(inner, place)
        elif isinstance(value, list):
            for inner in value:
                look(inner, place)

    if openapi.DOCUMENT.exists():
        for path, operation in openapi.document()["paths"].items():
            look(operation, path)
        for name, schema in openapi.document()["components"]["schemas"].items():
            look(schema, name)
    return list(found)


def name_of(example: Example) -> str:
    return f"{example.place}-{example.error['error_code']}"


def test_the_document_has_examples() -> None:
    assert len(examples()) >= 10


@pytest.fixture(scope="module")
def token(sandbox: Sandbox) -> str:
    return sandbox.link()[0]


@pytest.fixture
def faulty(sandbox: Sandbox) -> Iterator[Sandbox]:
    yield sandbox
    sandbox.control("DELETE", "/faults")


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_every_example(faulty: Sandbox, token: str, inbox: Inbox, example: Example) -> None:
    """Answers through the fault plan; what only webhooks carry, through the control door."""
    error = example.error
    kinds = {"INVALID_FIELD": "INVALID_REQUEST", "USER_PERMISSION_REVOKED": "INVALID_INPUT"}
    if example.place.endswith("Webhook"):
        kind, code = next(
            key for key, name in openapi.webhook_schemas().items() if name == example.place
        )
        _, item_id = faulty.link("user_transactions_dynamic", webhook=inbox.url)
        shown = openapi.document()["components"]["schemas"][example.place]["x-examples"]
        faulty.control("POST", f"/items/{item_id}/webhook", webhook_type=kind, webhook_code=code,
                       members=next(iter(shown.values())))  # fmt: skip
        body, _, _ = inbox.first(code)
        assert error["error_code"] in str(body)
    if error["error_code"] in TABLE:
        faulty.control("POST", "/faults", rates={"error": 1}, most=1, endpoints=["/item/get"],
                       error_codes=[error["error_code"]])  # fmt: skip
        with pytest.raises(Refused) as caught:
            faulty.post("/item/get", access_token=token)
        told = caught.value.body
        own = {"ASSET_REPORT_ERROR", "BASE_REPORT_ERROR"}  # of products that are not made here
        wanted = kinds.get(error["error_code"], error["error_type"])
        assert told["error_type"] == wanted or error["error_type"] in own
        assert told["error_code"] == error["error_code"]


def test_every_example_is_known() -> None:
    assert {one.error["error_code"] for one in examples()} <= set(TABLE)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_error_by_fault(faulty: Sandbox, token: str, code: str) -> None:
    faulty.control("POST", "/faults", rates={"error": 1}, most=1, error_codes=[code])
    with pytest.raises(Refused) as caught:
        faulty.post("/item/get", access_token=token)
    kind, status, message, shown = TABLE[code]
    assert caught.value.status == status
    said = caught.value.body
    assert (said["error_type"], said["error_message"], said["display_message"]) == (
        kind, message, shown,
    )  # fmt: skip


def pages() -> list[tuple[str, str]]:
    """Find every address in the document of the part of a page that is about one error."""
    text = json.dumps(openapi.document()) if openapi.DOCUMENT.exists() else ""
    found = re.findall(r"(https://plaid\.com/docs/errors/[a-z-]+/#([a-z_]+))", text)
    return sorted((url, code.upper()) for url, code in set(found) if code.upper() in TABLE)


def test_the_document_has_addresses_of_pages() -> None:
    assert len(pages()) >= 4


@pytest.mark.parametrize(("url", "code"), pages(), ids=lambda value: value.rsplit("/", 1)[-1])
def test_an_error_says_where_it_is_described(
    faulty: Sandbox, token: str, url: str, code: str
) -> None:
    faulty.control("POST", "/faults", rates={"error": 1}, most=1, error_codes=[code])
    with pytest.raises(Refused) as caught:
        faulty.post("/item/get", access_token=token)
    assert caught.value.body["documentation_url"] == url


ONE = {"date_transacted": str(TODAY), "date_posted": str(TODAY), "amount": 1.5,
       "description": "x"}  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [[ONE] * 11, [ONE | {"date_transacted": str(TODAY - timedelta(days=15))}],
     [ONE | {"date_posted": str(TODAY - timedelta(days=1))}]],
    ids=["too_many_transactions", "too old", "posted before it happened"],
)  # fmt: skip
def test_created_transactions_are_refused(
    sandbox: Sandbox, token: str, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(Refused) as caught:
        sandbox.post("/sandbox/transactions/create", access_token=token, transactions=rows)
    assert (caught.value.status, caught.value.code) == (400, "INVALID_FIELD")


def test_a_bank_with_its_own_page_says_why(sandbox: Sandbox, inbox: Inbox) -> None:
    token, item_id = sandbox.link(bank="ins_127287", webhook=inbox.url)
    sandbox.post("/sandbox/item/reset_login", access_token=token)
    body, _, _ = inbox.first("ERROR")
    assert body["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert body["error"]["error_code_reason"] == "OAUTH_INVALID_TOKEN"
    sandbox.control("POST", f"/items/{item_id}/error", code="ITEM_LOGIN_REQUIRED",
                    reason="OAUTH_USER_REVOKED")  # fmt: skip
    with pytest.raises(Refused) as caught:
        sandbox.post("/accounts/get", access_token=token)
    assert caught.value.body["error_code_reason"] == "OAUTH_USER_REVOKED"


def test_a_wrong_password_is_among_the_events_of_the_session(
    sandbox: Sandbox, inbox: Inbox
) -> None:
    visitor = Visitor(sandbox, institution_id=BANK, webhook=inbox.url)
    visitor.sign_in(password="wrong")
    visitor.send("cancel")
    visitor.http.close()
    body, _, _ = inbox.first("EVENTS")
    told = [one["event_metadata"] for one in body["events"] if one["event_name"] == "ERROR"]
    assert told[0]["error_code"] == "INVALID_CREDENTIALS"
