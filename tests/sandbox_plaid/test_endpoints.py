"""Every endpoint, good and bad; the client checks each answer against Plaid's document."""

from __future__ import annotations

import http.client
import select
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import BANK, Refused, Sandbox

EVERYTHING = ("transactions", "auth", "identity", "liabilities", "investments")
TODAY = datetime.now(UTC).date()


def refusal(sandbox: Sandbox, path: str, **body: object) -> str:
    with pytest.raises(Refused) as caught:
        sandbox.post(path, **body)
    return caught.value.code


def test_the_document_is_at_hand() -> None:
    if not openapi.DOCUMENT.exists():
        pytest.skip(openapi.WHY_ABSENT)
    wrong = {"accounts": [{"account_id": 1}], "request_id": "x"}
    assert openapi.problems("/accounts/get", wrong) != []


def test_an_item_from_first_to_last_call(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link(products=EVERYTHING)
    item = sandbox.post("/item/get", access_token=token)
    assert item["item"]["item_id"] == item_id
    assert item["item"]["error"] is None
    accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
    assert [(one["mask"], one["balances"]["current"]) for one in accounts[:4]] == [
        ("0000", 110), ("1111", 210), ("2222", 1000), ("3333", 410),
    ]  # fmt: skip
    some = [accounts[1]["account_id"]]
    only = sandbox.post("/accounts/balance/get", access_token=token, options={"account_ids": some})
    assert [one["account_id"] for one in only["accounts"]] == some
    fresh = sandbox.post("/item/access_token/invalidate", access_token=token)["new_access_token"]
    assert refusal(sandbox, "/item/get", access_token=token) == "INVALID_ACCESS_TOKEN"
    sandbox.post("/item/webhook/update", access_token=fresh, webhook="http://127.0.0.1:9/none")
    sandbox.post("/item/webhook/update", access_token=fresh, webhook=None)
    sandbox.post("/item/remove", access_token=fresh)
    assert refusal(sandbox, "/item/remove", access_token=fresh) == "ITEM_NOT_FOUND"
    assert refusal(sandbox, "/accounts/get", access_token=fresh) == "ITEM_NOT_FOUND"


@pytest.mark.parametrize(
    ("username", "bank"),
    [
        ("user_good", BANK),
        ("user_good", "ins_117650"),
        ("user_good", "ins_43"),
        ("user_household", BANK),
        ("user_household", "ins_117650"),
        ("user_yuppie", BANK),
        ("user_small_business", BANK),
        ("user_ewa_user", BANK),
        ("user_transactions_dynamic", "ins_43"),
    ],
)
def test_every_product_of_every_person(sandbox: Sandbox, username: str, bank: str) -> None:
    token, _ = sandbox.link(username, products=("transactions",), bank=bank)
    sandbox.ready(token)
    start, end = str(TODAY - timedelta(days=700)), str(TODAY)
    calls: dict[str, dict[str, Any]] = {
        "/auth/get": {},
        "/identity/get": {},
        "/liabilities/get": {},
        "/investments/holdings/get": {},
        "/investments/transactions/get": {"start_date": start, "end_date": end},
        "/transactions/recurring/get": {},
        "/transactions/refresh": {},
        "/transactions/get": {"start_date": start, "end_date": end, "options": {"count": 500}},
    }
    for path, extra in calls.items():
        try:
            sandbox.post(path, access_token=token, **extra)
        except Refused as error:
            assert error.code in ("NO_LIABILITY_ACCOUNTS", "NO_INVESTMENT_ACCOUNTS"), path


def test_auth_speaks_the_scheme_of_the_country(sandbox: Sandbox) -> None:
    for bank, scheme in ((BANK, "ach"), ("ins_117650", "bacs"), ("ins_43", "eft")):
        token, _ = sandbox.link(bank=bank, products=("auth",))
        numbers = sandbox.post("/auth/get", access_token=token)["numbers"]
        assert [name for name, found in numbers.items() if found] == [scheme]
    token, _ = sandbox.link(products=("auth",))
    first = sandbox.post("/auth/get", access_token=token)["numbers"]["ach"][0]
    assert (first["account"], first["routing"], first["wire_routing"]) == (
        "1111222233330000", "011401533", "021000021",
    )  # fmt: skip


def test_an_owner_is_known_by_more_than_one_address(sandbox: Sandbox) -> None:
    token, _ = sandbox.link(products=("identity",))
    for account in sandbox.post("/identity/get", access_token=token)["accounts"]:
        (owner,) = account["owners"]
        assert owner["names"] == ["Alberta Bobbeth Charleson"]
        assert [one["type"] for one in owner["emails"]] == ["primary", "secondary", "other"]
        assert [one["type"] for one in owner["phone_numbers"]] == ["home", "work", "mobile"]
        assert len(owner["addresses"]) == 2
        for known in ("emails", "phone_numbers", "addresses"):
            assert [one["primary"] for one in owner[known]].count(True) == 1
            assert len({str(one["data"]) for one in owner[known]}) == len(owner[known])


def test_holdings_name_their_accounts_and_securities(sandbox: Sandbox) -> None:
    token, _ = sandbox.link("user_household", products=("investments",))
    answer = sandbox.post("/investments/holdings/get", access_token=token)
    securities = {one["security_id"] for one in answer["securities"]}
    accounts = {one["account_id"]: one for one in answer["accounts"]}
    for holding in answer["holdings"]:
        assert holding["security_id"] in securities
        balance = accounts[holding["account_id"]]["balances"]
        assert holding["institution_value"] == balance["current"]


def test_transactions_get_pages_through_everything(sandbox: Sandbox) -> None:
    token, _ = sandbox.link("user_household")
    sandbox.ready(token)
    start, end = str(TODAY - timedelta(days=60)), str(TODAY)
    seen: list[str] = []
    while True:
        page = sandbox.post(
            "/transactions/get", access_token=token, start_date=start, end_date=end,
            options={"count": 40, "offset": len(seen)},
        )  # fmt: skip
        seen += [row["transaction_id"] for row in page["transactions"]]
        if len(seen) >= page["total_transactions"]:
            break
    assert len(set(seen)) == len(seen) == page["total_transactions"] > 60


def test_the_household_adds_up(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link("user_household")
    sandbox.ready(token)
    truth = sandbox.truth(item_id)
    opening = {"Everyday": "2814.37", "Rainy Day Savings": "9650.00", "Meridian Card": "486.20",
               "Index Fund": "21340.00", "Mortgage": "248600.00"}  # fmt: skip
    for account in truth["accounts"]:
        owes = account["type"] in ("credit", "loan")
        posted = sum(
            (row["amount"] for row in truth["transactions"]
             if row["account_id"] == account["account_id"] and not row["pending"]), Decimal(0),
        )  # fmt: skip
        start = Decimal(opening[account["name"]])
        assert account["balances"]["current"] == start + (posted if owes else -posted)
        assert account["balances"]["current"] > 0
    assert any(row["pending"] for row in truth["transactions"])
    assert any(row["amount"] < 0 and row["merchant_name"] == "Willow Clothing"
               for row in truth["transactions"])  # fmt: skip


def test_money_is_written_exactly(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link("user_transactions_dynamic")
    sandbox.ready(token)
    raw = sandbox.http.post(
        f"{sandbox.url}/sandbox/transactions/create",
        content=(
            f'{{"client_id":"client-under-test","secret":"secret-under-test","access_token":"{token}",'
            f'"transactions":[{{"date_transacted":"{TODAY}","date_posted":"{TODAY}",'
            '"amount":1234567890123456.10,"description":"Exact"}]}'
        ),
    )
    assert raw.status_code == 200, raw.text
    text = sandbox.http.get(f"{sandbox.url}/_sandbox/truth?item_id={item_id}").text
    assert '"amount":1234567890123456.10,' in text


def test_institutions(sandbox: Sandbox) -> None:
    options = {"include_optional_metadata": True}
    first = sandbox.post(
        "/institutions/get", count=3, offset=0, country_codes=["US"], options=options
    )
    rest = sandbox.post("/institutions/get", count=500, offset=3, country_codes=["US"])
    assert first["total"] == len(first["institutions"]) + len(rest["institutions"])
    found = sandbox.post(
        "/institutions/search", query="gingham", country_codes=["US"], products=["transactions"]
    )
    assert [one["institution_id"] for one in found["institutions"]] == ["ins_109509"]
    one = sandbox.post(
        "/institutions/get_by_id", institution_id="ins_132363", country_codes=["US"],
        options={"include_status": True, "include_auth_metadata": True,
                 "include_payment_initiation_metadata": True},
    )  # fmt: skip
    assert one["institution"]["status"]["item_logins"]["status"] == "DEGRADED"
    path = "/institutions/get_by_id"
    assert refusal(sandbox, path, institution_id=BANK, country_codes=["NO"]) == (
        "INVALID_INSTITUTION"
    )


def test_categories_need_no_keys(sandbox: Sandbox) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/categories/get", json={})
    assert answer.status_code == 200
    if not openapi.DOCUMENT.exists():
        pytest.skip(openapi.WHY_ABSENT)
    assert openapi.problems("/categories/get", answer.json()) == []


def test_webhook_key(sandbox: Sandbox) -> None:
    key = sandbox.post(
        "/webhook_verification_key/get", key_id="6c5516e1-92dc-479e-a8ff-5a51992e0001"
    )["key"]
    assert (key["alg"], key["crv"], key["expired_at"]) == ("ES256", "P-256", None)
    assert refusal(sandbox, "/webhook_verification_key/get", key_id="nothing") == (
        "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
    )


def test_a_broken_login_stops_data_and_not_item_get(sandbox: Sandbox) -> None:
    token, _ = sandbox.link()
    assert sandbox.post("/sandbox/item/reset_login", access_token=token)["reset_login"] is True
    for path in ("/accounts/get", "/transactions/sync", "/auth/get"):
        with pytest.raises(Refused) as caught:
            sandbox.post(path, access_token=token)
        assert caught.value.code == "ITEM_LOGIN_REQUIRED"
        assert caught.value.body["display_message"] is None
    item = sandbox.post("/item/get", access_token=token)["item"]
    assert item["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/accounts/get", {}, "MISSING_FIELDS"),
        ("/accounts/get", {"access_token": 7}, "INVALID_FIELD"),
        ("/accounts/get", {"access_token": "x", "surprise": 1}, "UNKNOWN_FIELDS"),
        ("/accounts/get", {"access_token": "x", "options": None}, "INVALID_FIELD"),
        ("/accounts/get", {"access_token": "access-sandbox-0"}, "INVALID_ACCESS_TOKEN"),
        ("/accounts/get", {"access_token": "access-production-0"}, "INVALID_ACCESS_TOKEN"),
        ("/transactions/sync", {"access_token": "x", "count": 0}, "INVALID_FIELD"),
        ("/transactions/sync", {"access_token": "x", "count": 501}, "INVALID_FIELD"),
        ("/transactions/get", {"access_token": "x", "start_date": "2026-01-01"}, "MISSING_FIELDS"),
        ("/transactions/get",
         {"access_token": "x", "start_date": "1/1/26", "end_date": "2026-01-01"}, "INVALID_FIELD"),
        ("/item/public_token/exchange", {"public_token": "public-x"}, "INVALID_PUBLIC_TOKEN"),
        ("/link/token/get", {"link_token": "link-x"}, "INVALID_LINK_TOKEN"),
        ("/institutions/search", {"query": "x", "country_codes": ["XX"]}, "INVALID_FIELD"),
        ("/institutions/get", {"count": 1, "offset": 0, "country_codes": []}, "INVALID_FIELD"),
        ("/sandbox/public_token/create",
         {"institution_id": "ins_0", "initial_products": ["auth"]}, "INVALID_INSTITUTION"),
        ("/sandbox/public_token/create",
         {"institution_id": BANK, "initial_products": ["magic"]}, "INVALID_PRODUCT"),
        ("/sandbox/public_token/create",
         {"institution_id": BANK, "initial_products": ["balance"]}, "INVALID_PRODUCT"),
        ("/sandbox/public_token/create",
         {"institution_id": BANK, "initial_products": []}, "INVALID_FIELD"),
        ("/sandbox/public_token/create",
         {"institution_id": "ins_132361", "initial_products": ["auth"]}, "INSTITUTION_DOWN"),
        ("/sandbox/public_token/create",
         {"institution_id": "ins_133402", "initial_products": ["auth"]},
         "INSTITUTION_NO_LONGER_SUPPORTED"),
        ("/link/token/create",
         {"client_name": "x", "language": "en", "country_codes": ["US"], "products": ["auth"]},
         "MISSING_FIELDS"),
        ("/link/token/create",
         {"client_name": "x" * 31, "language": "en", "country_codes": ["US"],
          "products": ["auth"], "user": {"client_user_id": "1"}}, "INVALID_FIELD"),
        ("/link/token/create",
         {"client_name": "x", "language": "en", "country_codes": ["US"],
          "user": {"client_user_id": "1"}}, "INVALID_FIELD"),
        ("/link/token/create",
         {"client_name": "x", "language": "en", "country_codes": ["US"],
          "access_token": "access-sandbox-1", "user": {"client_user_id": "1"}},
         "INVALID_ACCESS_TOKEN"),
    ],
)  # fmt: skip
def test_refusals(sandbox: Sandbox, path: str, body: dict[str, object], code: str) -> None:
    assert refusal(sandbox, path, **body) == code


@pytest.mark.parametrize("code", ["ITEM_LOCKED", "INVALID_MFA", "NO_ACCOUNTS",
                                  "INSTITUTION_DOWN", "INTERNAL_SERVER_ERROR"])  # fmt: skip
def test_error_passwords(sandbox: Sandbox, code: str) -> None:
    options = {"override_password": f"error_{code}"}
    found = refusal(sandbox, "/sandbox/public_token/create", institution_id=BANK,
                    initial_products=["auth"], options=options)  # fmt: skip
    assert found == code


@pytest.mark.parametrize(
    "options",
    [{"override_username": "nobody"}, {"override_password": "wrong"},
     {"override_username": "user_custom", "override_password": "{not json"},
     {"override_username": "user_custom", "override_password": "[]"},
     {"override_username": "user_custom", "override_password": '{"override_accounts":[]}'},
     {"override_username": "user_custom",
      "override_password": '{"override_accounts":[{"transactions":[{"amount":1e999,'
                           '"date_posted":"2026-01-01"}]}]}'}],
)  # fmt: skip
def test_wrong_logins(sandbox: Sandbox, options: dict[str, str]) -> None:
    found = refusal(sandbox, "/sandbox/public_token/create", institution_id=BANK,
                    initial_products=["auth"], options=options)  # fmt: skip
    assert found == "INVALID_CREDENTIALS"


def test_keys_go_in_body_or_headers(sandbox: Sandbox) -> None:
    path = f"{sandbox.url}/institutions/search"
    asked = {"query": "tartan", "country_codes": ["US"], "products": None}
    good = {"client_id": "client-under-test", "secret": "secret-under-test"}
    assert httpx.post(path, json=asked | good).status_code == 200
    assert httpx.post(path, json=asked).json()["error_code"] == "MISSING_FIELDS"
    wrong = httpx.post(path, json=asked | good | {"secret": "no"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "INVALID_API_KEYS")
    version = httpx.post(path, json=asked | good, headers={"Plaid-Version": "2018-05-22"})
    assert version.json()["error_code"] == "INCOMPATIBLE_API_VERSION"


def test_unreadable_requests(sandbox: Sandbox) -> None:
    for content in (b"{", b"[1]", b"\xff", b'{"a": NaN}', b"[" * 100_000):
        answer = httpx.post(f"{sandbox.url}/item/get", content=content)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_BODY")
    for method, path in (("POST", "/nothing"), ("GET", "/item/get"), ("GET", "/")):
        answer = httpx.request(method, sandbox.url + path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


def test_a_connection_outlives_a_pause_between_questions(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=60)
    connection.request("POST", "/categories/get", b"{}")
    assert connection.getresponse().read()
    used = connection.sock
    hung_up, _, _ = select.select([used], [], [], 7)
    assert not hung_up
    connection.request("POST", "/categories/get", b"{}")
    assert connection.getresponse().status == 200
    assert connection.sock is used
    connection.close()


def test_a_public_token_serves_once(sandbox: Sandbox) -> None:
    public = sandbox.post(
        "/sandbox/public_token/create", institution_id=BANK, initial_products=["auth"]
    )["public_token"]
    sandbox.post("/item/public_token/exchange", public_token=public)
    assert refusal(sandbox, "/item/public_token/exchange", public_token=public) == (
        "INVALID_PUBLIC_TOKEN"
    )


def test_a_further_public_token_leads_to_the_same_item(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link(products=("auth",))
    for _ in range(2):
        made = sandbox.post("/item/public_token/create", access_token=token)
        assert datetime.fromisoformat(made["expiration"]) > datetime.now(UTC)
        again = sandbox.post("/item/public_token/exchange", public_token=made["public_token"])
        assert (again["item_id"], again["access_token"]) == (item_id, token)
    assert refusal(sandbox, "/item/public_token/create", access_token="no") == (
        "INVALID_ACCESS_TOKEN"
    )


def test_british_banks_say_what_they_could_pay(sandbox: Sandbox) -> None:
    asked = {"options": {"include_payment_initiation_metadata": True}}
    british = sandbox.post("/institutions/get_by_id", institution_id="ins_117650",
                           country_codes=["GB"], **asked)["institution"]  # fmt: skip
    assert british["payment_initiation_metadata"]["maximum_payment_amount"]["GBP"].isdigit()
    american = sandbox.post("/institutions/get_by_id", institution_id=BANK, country_codes=["US"],
                            **asked)["institution"]  # fmt: skip
    assert american["payment_initiation_metadata"] is None


def test_created_transactions_arrive(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link("user_household")
    sandbox.ready(token)
    book = sandbox.sync(token)
    before = sandbox.truth(item_id)["accounts"][0]["balances"]["current"]
    one = {"date_transacted": str(TODAY), "date_posted": str(TODAY), "amount": 12.34,
           "description": "Corner shop"}  # fmt: skip
    sandbox.post("/sandbox/transactions/create", access_token=token, transactions=[one])
    page = sandbox.post("/transactions/sync", access_token=token, cursor=book.cursor)
    assert [(row["name"], row["amount"]) for row in page["added"]] == [
        ("Corner shop", Decimal("12.34"))
    ]
    after = sandbox.truth(item_id)["accounts"][0]["balances"]["current"]
    assert before - after == Decimal("12.34")
    old = {**one, "date_transacted": str(TODAY - timedelta(days=15))}
    path = "/sandbox/transactions/create"
    assert refusal(sandbox, path, access_token=token, transactions=[old]) == "INVALID_FIELD"
    assert refusal(sandbox, path, access_token=token, transactions=[]) == "INVALID_FIELD"
    assert refusal(sandbox, path, access_token=token,
                   transactions=[{**one, "account_id": "x"}]) == "INVALID_ACCOUNT_ID"  # fmt: skip


def test_one_client_cannot_use_the_tokens_of_another(
    make_sandbox: Callable[..., Sandbox],
) -> None:
    """Without configured keys any pair is taken, and each client sees its own items only."""
    own = make_sandbox()
    token, _ = own.link()
    public = own.post(
        "/sandbox/public_token/create", institution_id=BANK, initial_products=["auth"]
    )["public_token"]
    own.keys = ("another", "pair")
    assert refusal(own, "/item/get", access_token=token) == "INVALID_ACCESS_TOKEN"
    assert refusal(own, "/item/public_token/exchange", public_token=public) == (
        "INVALID_PUBLIC_TOKEN"
    )


def test_item_products_are_added_on_first_use(sandbox: Sandbox) -> None:
    token, _ = sandbox.link(products=("auth",))
    item = sandbox.post("/item/get", access_token=token)["item"]
    assert item["products"] == ["auth"]
    assert (
        sandbox.post("/transactions/sync", access_token=token)["transactions_update_status"]
        == "NOT_READY"
    )
    sandbox.ready(token)
    assert "transactions" in sandbox.post("/item/get", access_token=token)["item"]["products"]


def test_a_bank_that_is_late_with_balances_says_of_when_they_are(sandbox: Sandbox) -> None:
    token, _ = sandbox.link(bank="ins_130016")
    account = sandbox.post("/accounts/get", access_token=token)["accounts"][0]
    seen = datetime.fromisoformat(account["balances"]["last_updated_datetime"])
    assert seen < datetime.now(UTC)
    path = "/accounts/balance/get"
    late, wrong = ({"min_last_updated_datetime": text}
                   for text in (datetime.now(UTC).isoformat(), "yesterday"))  # fmt: skip
    assert refusal(sandbox, path, access_token=token, options=late) == (
        "LAST_UPDATED_DATETIME_OUT_OF_RANGE"
    )
    assert refusal(sandbox, path, access_token=token, options=wrong) == "INVALID_FIELD"


def test_products_of_an_account_that_has_none_are_empty(sandbox: Sandbox) -> None:
    token, _ = sandbox.link("user_household", products=("liabilities", "investments"))
    everyday = sandbox.post("/accounts/get", access_token=token)["accounts"][0]["account_id"]
    only = {"account_ids": [everyday]}
    found = sandbox.post("/liabilities/get", access_token=token, options=only)
    assert found["liabilities"] == {"credit": None, "mortgage": None, "student": None}
    held = sandbox.post("/investments/holdings/get", access_token=token, options=only)
    assert held["holdings"] == []
    bare, _ = sandbox.link("user_ewa_user")
    assert refusal(sandbox, "/liabilities/get", access_token=bare) == "NO_LIABILITY_ACCOUNTS"
    assert refusal(sandbox, "/investments/holdings/get", access_token=bare) == (
        "NO_INVESTMENT_ACCOUNTS"
    )


def test_an_item_can_be_imported(sandbox: Sandbox) -> None:
    login = {"user_id": "user_good", "auth_token": "pass_good"}
    made = sandbox.post("/item/import", products=["auth", "identity"], user_auth=login)
    item = sandbox.post("/item/get", access_token=made["access_token"])["item"]
    assert item["products"] == ["auth", "identity"]
    wrong = login | {"auth_token": "nonsense"}
    assert refusal(sandbox, "/item/import", products=["auth"], user_auth=wrong) == (
        "INVALID_CREDENTIALS"
    )
