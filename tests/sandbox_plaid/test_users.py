"""Users of a client: made once for a client_user_id, and known again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import plaid
import pytest
from plaid.api import plaid_api
from plaid.model.client_user_identity import ClientUserIdentity
from plaid.model.user_create_request import UserCreateRequest
from plaid.model.user_get_request import UserGetRequest

from tests.sandbox_plaid.conftest import CLIENT_ID, SECRET, Refused, Sandbox
from tests.sandbox_plaid.judge import standing_before

SOMEONE = {
    "name": {"given_name": "Tove", "family_name": "Alder"},
    "date_of_birth": "1984-02-29",
    "emails": [{"data": "tove@alder.example", "primary": True}],
    "phone_numbers": [{"data": "+17185550164", "primary": True}],
    "addresses": [{"street_1": "17 Heron Quay", "city": "Port Ellery", "region": "ME",
                   "postal_code": "04999", "country": "US", "primary": True}],
    "id_numbers": [{"value": "0123", "type": "us_ssn_last_4"}],
}  # fmt: skip


def refused(sandbox: Sandbox, path: str, **body: Any) -> str:
    with pytest.raises(Refused) as caught:
        sandbox.post(path, **body)
    return caught.value.code


def test_a_user_is_the_same_each_time(sandbox: Sandbox) -> None:
    made = sandbox.post("/user/create", client_user_id="first", identity=SOMEONE)
    assert made["user_id"].startswith("usr_")
    assert "user_token" not in made
    again = sandbox.post("/user/create", client_user_id="first", with_upgraded_user=True)
    assert again["user_id"] == made["user_id"]
    other = sandbox.post("/user/create", client_user_id="second", with_upgraded_user=True)
    assert other["user_id"] != made["user_id"]
    told = sandbox.post("/user/get", user_id=made["user_id"])
    assert (told["client_user_id"], told["identity"]) == ("first", SOMEONE)
    assert sandbox.post("/user/get", user_id=other["user_id"])["identity"] is None


def test_an_identity_may_come_later_and_the_first_one_stays(sandbox: Sandbox) -> None:
    made = sandbox.post("/user/create", client_user_id="later", with_upgraded_user=True)["user_id"]
    # Plaid's document lets an identity have members of any name.
    full = SOMEONE | {"nickname": "T", "weight": 61.5}
    for identity in (full, {"name": {"given_name": "Not", "family_name": "Her"}}):
        again = sandbox.post("/user/create", client_user_id="later", identity=identity)
        assert again["user_id"] == made
        assert sandbox.post("/user/get", user_id=made)["identity"] == full
    sandbox.post("/user/create", client_user_id="later", with_upgraded_user=True)
    assert sandbox.post("/user/get", user_id=made)["identity"] == full


@pytest.mark.parametrize(("said", "upgraded"), [("true", True), ("false", False)])
def test_a_header_asks_for_an_upgraded_user(sandbox: Sandbox, said: str, upgraded: bool) -> None:
    asked = {"client_id": CLIENT_ID, "secret": SECRET, "client_user_id": f"header {said}"}
    made = sandbox.http.post(
        sandbox.url + "/user/create", json=asked, headers={"Plaid-New-User-API-Enabled": said}
    ).json()
    assert made["user_id"].startswith("usr_") == upgraded == ("user_token" not in made)


def test_older_integrations_get_a_token_too(sandbox: Sandbox) -> None:
    made = sandbox.post("/user/create", client_user_id="older")
    assert made["user_token"].startswith("user-sandbox-")
    again = sandbox.post("/user/create", client_user_id="older",
                         consumer_report_user_identity=None)  # fmt: skip
    assert [again[key] for key in ("user_id", "user_token")] == [
        made[key] for key in ("user_id", "user_token")
    ]
    assert refused(sandbox, "/user/get", user_id=made["user_id"]) == "USER_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_FIELDS"),
        ({"client_user_id": ""}, "MISSING_FIELDS"),
        ({"client_user_id": "x" * 129}, "INVALID_FIELD"),
        ({"client_user_id": "x", "identity": {"name": {"given_name": "Tove"}}}, "MISSING_FIELDS"),
        ({"client_user_id": "x", "identity": {"date_of_birth": "yesterday"}}, "INVALID_FIELD"),
        ({"client_user_id": "x", "identity": {"emails": "t@a.example"}}, "INVALID_FIELD"),
        ({"client_user_id": "x", "identity": {"emails": ["t@a.example"]}}, "INVALID_FIELD"),
        ({"client_user_id": "x", "identity": {"emails": [{"data": "t"}]}}, "MISSING_FIELDS"),
        ({"client_user_id": "x", "identity": {"phone_numbers": [{"data": 5, "primary": True}]}},
         "INVALID_FIELD"),
        ({"client_user_id": "x", "identity": {"addresses": [{"primary": True}]}}, "MISSING_FIELDS"),
        ({"client_user_id": "x", "identity": {"id_numbers": [{"value": "1", "type": "shoe"}]}},
         "INVALID_FIELD"),
        ({"client_user_id": "x", "surprise": 1}, "UNKNOWN_FIELDS"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_user(sandbox: Sandbox, body: dict[str, Any], code: str) -> None:
    assert refused(sandbox, "/user/create", **body) == code


def test_a_user_outlives_a_restart_and_belongs_to_its_client(
    make_sandbox: Callable[..., Sandbox],
) -> None:
    own = make_sandbox()
    asked = {"client_user_id": "u", "identity": SOMEONE}
    made = own.post("/user/create", **asked)["user_id"]
    own.kill()
    own.start()
    assert own.post("/user/get", user_id=made)["identity"] == SOMEONE
    own.keys = ("another", "pair")
    assert refused(own, "/user/get", user_id=made) == "USER_NOT_FOUND"
    assert own.post("/user/create", **asked)["user_id"] != made
    own.control("POST", "/reset")
    own.keys = (CLIENT_ID, SECRET)
    assert refused(own, "/user/get", user_id=made) == "USER_NOT_FOUND"
    assert own.post("/user/create", **asked)["user_id"] == made


def test_plaids_own_sdk_makes_a_user(sandbox: Sandbox) -> None:
    """As Plaid's quickstart does before it asks for a report, which is then refused."""
    with standing_before(sandbox.url) as judge:
        configuration = plaid.Configuration(
            host=judge.url, api_key={"clientId": CLIENT_ID, "secret": SECRET}
        )
        with plaid.ApiClient(configuration) as api:
            client = plaid_api.PlaidApi(api)
            identity = ClientUserIdentity(name=SOMEONE["name"], date_of_birth=date(1984, 2, 29))
            request = UserCreateRequest(client_user_id="by the SDK", identity=identity)
            user_id = client.user_create(request).user_id
            told = client.user_get(UserGetRequest(user_id=user_id))
            assert told.identity.date_of_birth == date(1984, 2, 29)
    assert judge.problems == []
    with pytest.raises(Refused) as caught:
        sandbox.post(
            "/link/token/create", client_name="x", language="en", country_codes=["US"],
            user_id=user_id, products=["cra_base_report"], cra_options={"days_requested": 60},
            consumer_report_permissible_purpose="ACCOUNT_REVIEW_CREDIT",
        )  # fmt: skip
    assert json.loads(caught.value.body["error_message"].rsplit(": ")[-1]) == ["cra_base_report"]
