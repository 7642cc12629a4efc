"""The fault panel as a person uses it: forms without scripts, over the control door's own acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from strongroom.sandbox.plaid import faults, troubles
from tests.sandbox_plaid.conftest import Inbox, Refused, Sandbox
from tests.sandbox_plaid.test_link import Page


class Panel:
    """Opens pages of the panel and sends their forms."""

    def __init__(self, sandbox: Sandbox, item_id: str = "") -> None:
        self.sandbox = sandbox
        self.place = f"/_sandbox/item/{item_id}" if item_id else "/_sandbox/"
        self.item_id = item_id

    def page(self, query: str = "") -> Page:
        answer = self.sandbox.http.get(self.sandbox.url + self.place + query)
        assert answer.status_code == 200, answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy
        page = Page(answer.text)
        assert "script" not in page.tags and "style=" not in answer.text
        named = {str(one["id"]) for one in page.inputs if one.get("type") != "hidden"}
        assert named <= page.labelled
        return page

    def send(self, control: str, **form: str) -> str:
        """Send a form that is on the page; gives the text of the page afterwards."""
        action = f"/_sandbox/do/{control}" + (f"/{self.item_id}" if self.item_id else "")
        assert action in self.page().actions
        answer = self.sandbox.http.post(self.sandbox.url + action, data=form)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(self.place + "?")
        return self.page("?" + answer.headers["location"].split("?", 1)[1]).text


@pytest.fixture
def calm(sandbox: Sandbox) -> Iterator[Sandbox]:
    yield sandbox
    sandbox.control("DELETE", "/faults")


def test_items_are_listed_with_their_state(sandbox: Sandbox, inbox: Inbox) -> None:
    token, item_id = sandbox.link("user_household", webhook=inbox.url)
    sandbox.ready(token)
    sandbox.post("/sandbox/item/reset_login", access_token=token)
    inbox.first("ERROR")
    shown = Panel(sandbox).page().text
    line = shown[shown.index(f"/_sandbox/item/{item_id}") :].split("</li>")[0]
    assert "ITEM_LOGIN_REQUIRED" in line and "5 accounts" in line
    assert re.search(r"1[\d]{3} rows", line) and re.search(r"[1-9] webhooks", line)
    detail = Panel(sandbox, item_id).page().text
    assert "Rainy Day Savings" in detail and inbox.url in detail
    assert token not in shown + detail


def test_every_kind_of_fault_has_a_field(calm: Sandbox) -> None:
    fields = {str(one.get("name")) for one in Panel(calm).page().inputs}
    assert {f"rate.{kind}" for kind in faults.ALL_KINDS} <= fields
    said = Panel(calm).send("faults", **{"rate.error": "0.5", "seed": "7", "most": "3",
                                         "endpoints": "/item/get /accounts/get",
                                         "error_codes": "HTML"})  # fmt: skip
    assert "in force" in said
    plan = calm.control("GET", "/faults")["plan"]
    assert plan["endpoints"] == ["/item/get", "/accounts/get"]
    assert (plan["seed"], plan["most"], float(plan["rates"]["error"])) == (7, 3, 0.5)
    assert "in force" not in Panel(calm).send("no_faults")


def test_what_cannot_be_read_is_said(calm: Sandbox) -> None:
    for form in ({"rate.error": "often"}, {"rate.error": "2"}, {"error_codes": "NOPE"}):
        assert 'role="alert"' in Panel(calm).send("faults", **form)
    assert calm.control("GET", "/faults")["plan"] == {}
    _, item_id = calm.link()
    assert "INVALID_FIELD" in Panel(calm, item_id).send("webhook", members="{")
    assert "<script>" not in Panel(calm, item_id).send("webhook", members="<script>")


def test_clock_limits_key_and_reset(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    panel = Panel(own)
    assert "speed" in panel.send("clock", speed="1.5")
    assert "time runs 1.5 times" in panel.page().text
    panel.send("clock", offset_seconds="0", speed="1")
    panel.send("rate_limits", tier="production")
    assert own.control("GET", "/rate_limits") == {"tier": "production"}
    assert '<option value="production" selected>' in panel.page().text
    key = "6c5516e1-92dc-479e-a8ff-5a51992e0001"
    panel.send("rotate_key")
    found = own.post("/webhook_verification_key/get", key_id=key)["key"]
    assert found["expired_at"] is not None
    own.link()
    assert "None yet" in panel.send("reset")
    assert own.control("GET", "/items") == {"items": []}
    assert own.control("GET", "/rate_limits") == {"tier": "off"}


def test_everything_that_befalls_an_item(sandbox: Sandbox, inbox: Inbox) -> None:
    token, item_id = sandbox.link("user_transactions_dynamic", webhook=inbox.url)
    sandbox.ready(token)
    panel = Panel(sandbox, item_id)
    before = sandbox.truth(item_id)
    panel.send("mutate", count="4", webhook="on")
    assert sandbox.truth(item_id)["changes"] > before["changes"]
    panel.send("new_account", name="From the panel", rows="2", type="credit",
               subtype="credit card", current="12.34", webhook="on")  # fmt: skip
    shown = panel.page().text
    assert "From the panel" in shown and "not shared" in shown
    assert "credit card" in shown and "12.34" in shown
    inbox.first("NEW_ACCOUNTS_AVAILABLE")
    panel.send("migrate_accounts")
    account_id = sandbox.truth(item_id)["accounts"][1]["account_id"]
    assert account_id not in {one["account_id"] for one in before["accounts"]}
    panel.send("revoke_account", account_id=account_id, rows="keep", webhook="on")
    assert sandbox.truth(item_id)["revoked_accounts"] == [account_id]
    for kind in ("huge", "account_null_balance"):
        panel.send("bad_row", kind=kind)
    assert "no balance" in panel.page().text
    assert "2" in panel.send("heal_rows", webhook="on")
    panel.send("pending_expiration", days="2")
    panel.send("pending_disconnect", days="2", reason="INSTITUTION_TOKEN_EXPIRATION")
    assert "Consent ends" in panel.page().text and "Bank cuts off" in panel.page().text
    inbox.first("PENDING_EXPIRATION")
    inbox.first("PENDING_DISCONNECT")
    panel.send("webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED", members="{}")
    inbox.first("LOGIN_REPAIRED")
    panel.send("error", code="ITEM_LOCKED")
    assert sandbox.post("/item/get", access_token=token)["item"]["error"]["error_code"] == (
        "ITEM_LOCKED"
    )
    panel.send("error", code="")
    assert sandbox.post("/item/get", access_token=token)["item"]["error"] is None
    panel.send("revoke")
    with pytest.raises(Refused) as caught:
        sandbox.post("/accounts/get", access_token=token)
    assert caught.value.code == "USER_PERMISSION_REVOKED"


def test_every_broken_kind_can_be_chosen(sandbox: Sandbox) -> None:
    _, item_id = sandbox.link()
    shown = Panel(sandbox, item_id).page().text
    for kind in troubles.BAD_KINDS:
        assert f'<option value="{kind}"' in shown


def test_a_webhook_is_sent_again_from_the_list(sandbox: Sandbox, inbox: Inbox) -> None:
    _, item_id = sandbox.link(webhook=inbox.url)
    sandbox.control("POST", f"/items/{item_id}/webhook", webhook_type="ITEM",
                    webhook_code="LOGIN_REPAIRED")  # fmt: skip
    inbox.first("LOGIN_REPAIRED")
    action = next(one for one in Panel(sandbox, item_id).page().actions if "/again/" in one)
    answer = sandbox.http.post(sandbox.url + action)
    assert answer.headers["location"].startswith(f"/_sandbox/item/{item_id}?done=")


def test_who_may_not_enter(sandbox: Sandbox) -> None:
    door = f"{sandbox.url}/_sandbox"
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert httpx.get(f"{door}/", headers=foreign).status_code == 200
    for path in ("/do/reset", "/again/1"):
        assert httpx.post(f"{door}{path}", headers=foreign).status_code == 403
    assert httpx.get(f"{door}/", headers={"Host": "lent.example"}).status_code == 403
    assert httpx.get(f"{door}/item/nobody").status_code == 404
    assert httpx.post(f"{door}/do/nothing").status_code == 404
