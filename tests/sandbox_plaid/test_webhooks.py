"""Webhooks: when they are sent, how they are signed, and what happens when nobody answers."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import Inbox, Refused, Sandbox, wait_until


def unpack(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verify(sandbox: Sandbox, raw: bytes, signature: str) -> None:
    """Check a webhook as Plaid's documentation tells clients to."""
    head, claims, mark = signature.split(".")
    header = json.loads(unpack(head))
    assert header["alg"] == "ES256"
    key = sandbox.post("/webhook_verification_key/get", key_id=header["kid"])["key"]
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(unpack(key["x"]), "big"), int.from_bytes(unpack(key["y"]), "big"),
        ec.SECP256R1(),
    )  # fmt: skip
    r, s = int.from_bytes(unpack(mark)[:32], "big"), int.from_bytes(unpack(mark)[32:], "big")
    assert len(unpack(mark)) == 64
    numbers.public_key().verify(
        encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())
    )
    said = json.loads(unpack(claims))
    assert said["request_body_sha256"] == hashlib.sha256(raw).hexdigest()
    assert abs(time.time() - said["iat"]) < 60


def arrived(inbox: Inbox, count: int) -> bool:
    return len(inbox.got) == count


def judge(schema: str, body: dict[str, Any]) -> None:
    if openapi.DOCUMENT.exists():
        assert openapi.problems(schema, body) == []


def test_the_first_update_announces_itself(sandbox: Sandbox, inbox: Inbox) -> None:
    # Without the product at first, so that it is this call that begins the first update.
    token, item_id = sandbox.link("user_household", products=("auth",), webhook=inbox.url)
    sandbox.post("/transactions/sync", access_token=token)
    wait_until(lambda: inbox.codes().count("SYNC_UPDATES_AVAILABLE") == 2, "two announcements")
    wait_until(lambda: "HISTORICAL_UPDATE" in inbox.codes(), "HISTORICAL_UPDATE")
    for body, raw, signature in inbox.got:
        verify(sandbox, raw, signature)
        assert body["item_id"] == item_id
        assert raw.startswith(b'{\n  "webhook_type": "TRANSACTIONS",\n')
        judge(
            {"SYNC_UPDATES_AVAILABLE": "SyncUpdatesAvailableWebhook",
             "INITIAL_UPDATE": "InitialUpdateWebhook",
             "HISTORICAL_UPDATE": "HistoricalUpdateWebhook"}[body["webhook_code"]], body,
        )  # fmt: skip
    sync = [body for body, _, _ in inbox.got if body["webhook_code"] == "SYNC_UPDATES_AVAILABLE"]
    assert sorted(one["historical_update_complete"] for one in sync) == [False, True]


def test_no_announcement_before_the_first_sync(sandbox: Sandbox, inbox: Inbox) -> None:
    sandbox.link("user_household", webhook=inbox.url)
    wait_until(lambda: "HISTORICAL_UPDATE" in inbox.codes(), "HISTORICAL_UPDATE")
    assert "SYNC_UPDATES_AVAILABLE" not in inbox.codes()


@pytest.mark.parametrize(
    ("kind", "code", "schema"),
    [
        ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", "SyncUpdatesAvailableWebhook"),
        ("TRANSACTIONS", "DEFAULT_UPDATE", "DefaultUpdateWebhook"),
        ("TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE", "RecurringTransactionsUpdateWebhook"),
        ("ITEM", "LOGIN_REPAIRED", "ItemLoginRepairedWebhook"),
        ("ITEM", "PENDING_DISCONNECT", "PendingDisconnectWebhook"),
        ("ITEM", "USER_PERMISSION_REVOKED", "UserPermissionRevokedWebhook"),
        ("ITEM", "USER_ACCOUNT_REVOKED", "UserAccountRevokedWebhook"),
        ("HOLDINGS", "DEFAULT_UPDATE", "HoldingsDefaultUpdateWebhook"),
        ("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE", "InvestmentsDefaultUpdateWebhook"),
        ("LIABILITIES", "DEFAULT_UPDATE", "LiabilitiesDefaultUpdateWebhook"),
        ("AUTH", "DEFAULT_UPDATE", "AuthDefaultUpdateWebhook"),
        ("IDENTITY", "DEFAULT_UPDATE", "IdentityDefaultUpdateWebhook"),
    ],
)
def test_fired_webhooks(sandbox: Sandbox, inbox: Inbox, kind: str, code: str, schema: str) -> None:
    products = ("auth", "identity", "investments", "liabilities", "transactions")
    token, _ = sandbox.link(products=products, webhook=inbox.url)
    wait_until(lambda: "HISTORICAL_UPDATE" in inbox.codes(), "the history")
    inbox.got.clear()
    fired = sandbox.post(
        "/sandbox/item/fire_webhook", access_token=token, webhook_type=kind, webhook_code=code
    )
    assert fired["webhook_fired"] is True
    body, raw, signature = inbox.first(code)
    assert body["webhook_type"] == kind
    verify(sandbox, raw, signature)
    judge(schema, body)
    if code == "USER_PERMISSION_REVOKED":
        assert body["error"]["error_type"] == "ITEM_ERROR"
        assert body["error"]["documentation_url"].endswith("/item/#user_permission_revoked")
    wait_until(
        lambda: (
            (sandbox.post("/item/get", access_token=token)["status"]["last_webhook"] or {}).get(
                "code_sent"
            )
            == code
        ),
        "the item to know its last webhook",
    )


def test_firing_needs_an_address_a_product_and_link(sandbox: Sandbox, inbox: Inbox) -> None:
    token, _ = sandbox.link()

    def refusal(kind: str, code: str) -> str:
        with pytest.raises(Refused) as caught:
            sandbox.post("/sandbox/item/fire_webhook", access_token=token, webhook_type=kind,
                         webhook_code=code)  # fmt: skip
        return caught.value.code

    assert refusal("ITEM", "LOGIN_REPAIRED") == "SANDBOX_WEBHOOK_INVALID"
    sandbox.post("/item/webhook/update", access_token=token, webhook=inbox.url)
    body, raw, signature = inbox.first("WEBHOOK_UPDATE_ACKNOWLEDGED")
    verify(sandbox, raw, signature)
    judge("WebhookUpdateAcknowledgedWebhook", body)
    assert refusal("HOLDINGS", "DEFAULT_UPDATE") == "SANDBOX_PRODUCT_NOT_ENABLED"
    for code in ("PRODUCT_READY", "ERROR"):
        assert refusal("ASSETS", code) == "SANDBOX_PRODUCT_NOT_ENABLED"
    assert refusal("ITEM", "NEW_ACCOUNTS_AVAILABLE") == "SANDBOX_ACCOUNT_SELECT_V2_NOT_ENABLED"
    assert refusal("ITEM", "PENDING_EXPIRATION") == "INVALID_FIELD"


def test_a_reset_login_is_told(sandbox: Sandbox, inbox: Inbox) -> None:
    token, _ = sandbox.link(webhook=inbox.url)
    sandbox.post("/sandbox/item/reset_login", access_token=token)
    body, raw, signature = inbox.first("ERROR")
    assert body["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert body["error"]["status"] == 400
    verify(sandbox, raw, signature)
    judge("ItemErrorWebhook", body)


def test_a_refused_webhook_comes_again(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    own = make_sandbox("--speed", "300")
    token, _ = own.link(products=("auth",))
    inbox.answers += [500, 503]
    own.post("/item/webhook/update", access_token=token, webhook=inbox.url)
    wait_until(lambda: len(inbox.got) == 3, "the third attempt")
    assert len({raw for _, raw, _ in inbox.got}) == 1
    wait_until(lambda: own.control("GET", "/webhooks")["webhooks"][0]["done"], "the end of it")
    assert own.control("GET", "/webhooks")["webhooks"][0]["attempts"] == 3


def test_webhooks_stay_on_this_machine(sandbox: Sandbox) -> None:
    token, item_id = sandbox.link(products=("auth",))
    sandbox.post("/item/webhook/update", access_token=token, webhook="http://192.0.2.1/hook")

    def outcome() -> str | None:
        found = [one for one in sandbox.control("GET", "/webhooks")["webhooks"]
                 if one["item_id"] == item_id]  # fmt: skip
        return found[0]["outcome"]

    wait_until(lambda: outcome() is not None, "an outcome")
    assert "not sent" in str(outcome())


def test_on_request_webhooks_go_anywhere_and_each_request_says_by_what_name_it_came(
    tmp_path: Path, inbox: Inbox
) -> None:
    everywhere = Sandbox(
        tmp_path / "state.sqlite", ("--webhooks-anywhere", "--host", "0.0.0.0"), judged=False
    )
    try:
        port = everywhere.start().url.rpartition(":")[2]
        # Not loopback by its name, and this machine all the same.
        hook = inbox.url.replace("127.0.0.1", "0.0.0.0")
        token, item_id = everywhere.link(products=("auth",))
        everywhere.post("/item/webhook/update", access_token=token, webhook=hook)
        wait_until(
            lambda: any(body.get("item_id") == item_id for body, *_ in list(inbox.got)),
            "the webhook came",
        )
        everywhere.url = f"http://localhost:{port}"
        made = everywhere.post(
            "/link/token/create", client_name="x", language="en", country_codes=["US"],
            user={"client_user_id": "u"}, products=["transactions"], hosted_link={},
        )  # fmt: skip
        assert made["hosted_link_url"].startswith(f"http://localhost:{port}/")
    finally:
        everywhere.stop()


def test_keys_rotate(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    own = make_sandbox()
    token, _ = own.link(products=("auth",))
    kid = own.control("POST", "/webhook_keys/rotate")["kid"]
    own.post("/item/webhook/update", access_token=token, webhook=inbox.url)
    _, raw, signature = inbox.first("WEBHOOK_UPDATE_ACKNOWLEDGED")
    assert json.loads(unpack(signature.split(".")[0]))["kid"] == kid
    verify(own, raw, signature)
    old = own.post("/webhook_verification_key/get", key_id="6c5516e1-92dc-479e-a8ff-5a51992e0001")[
        "key"
    ]
    assert old["expired_at"] is not None


def test_webhook_faults(make_sandbox: Callable[..., Sandbox], inbox: Inbox) -> None:
    own = make_sandbox()
    token, _ = own.link(products=("auth",))
    for kind, copies in (("webhook_double", 2), ("webhook_drop", 0), ("webhook_forge", 2)):
        inbox.got.clear()
        own.control("POST", "/faults", seed=1, rates={kind: 1})
        own.post("/item/webhook/update", access_token=token, webhook=inbox.url)
        own.control("DELETE", "/faults")
        own.post("/item/webhook/update", access_token=token, webhook=inbox.url + "?end")
        wanted = copies + 1
        wait_until(partial(arrived, inbox, wanted), f"{wanted} deliveries")
        forged = 0
        for _, raw, signature in inbox.got:
            try:
                verify(own, raw, signature)
            except InvalidSignature:
                forged += 1
        assert forged == (1 if kind == "webhook_forge" else 0)


def test_any_webhook_can_be_sent_by_the_control_door(sandbox: Sandbox, inbox: Inbox) -> None:
    _, item_id = sandbox.link(products=("auth",), webhook=inbox.url)
    when = "2030-01-01T00:00:00Z"
    sent = sandbox.control(
        "POST",
        f"/items/{item_id}/webhook",
        webhook_type="ITEM",
        webhook_code="PENDING_EXPIRATION",
        members={"consent_expiration_time": when, "item_id": "not this one"},
    )
    assert sent["sent"] is True
    body, raw, signature = inbox.first("PENDING_EXPIRATION")
    assert (body["item_id"], body["consent_expiration_time"]) == (item_id, when)
    verify(sandbox, raw, signature)
    judge("PendingExpirationWebhook", body)
