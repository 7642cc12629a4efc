"""Hosted Link from the first page to the webhook, as a browser without scripts goes through it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import BANK, Inbox, Refused, Sandbox

BACK = "http://127.0.0.1:9/back"


class Page(HTMLParser):
    """The forms, labels and headings of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.ids: set[str] = set()
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.text = text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if found.get("id"):
            self.ids.add(str(found["id"]))
        if tag == "form":
            self.actions.append(str(found["action"]))
        if tag == "label":
            self.labelled.add(str(found["for"]))
        if tag == "input":
            self.inputs.append(found)


class Visitor:
    """Goes through the pages with nothing but links and forms."""

    def __init__(self, sandbox: Sandbox, **request: Any) -> None:
        self.sandbox = sandbox
        body: dict[str, Any] = {
            "client_name": "Test", "language": "en", "country_codes": ["US", "GB"],
            "user": {"client_user_id": "u1"}, "hosted_link": {},
        }  # fmt: skip
        if "access_token" not in request:
            body["products"] = ["transactions"]
        answer = sandbox.post("/link/token/create", **(body | request))
        self.link_token = answer["link_token"]
        self.url = answer["hosted_link_url"]
        self.http = httpx.Client()
        self.last: httpx.Response = self.http.get(self.url)

    def show(self, **query: str) -> Page:
        self.last = self.http.get(self.url, params=query)
        return self.page()

    def page(self) -> Page:
        page = Page(self.last.text)
        assert self.last.headers["content-type"].startswith("text/html")
        assert "script" not in page.tags
        assert "style=" not in self.last.text
        policy = self.last.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy
        assert page.tags.count("h1") == page.tags.count("main") == 1
        for one in page.inputs:
            assert one.get("id") in page.labelled, one
        return page

    def send(self, name: str, **form: Any) -> Page | None:
        answer = self.http.post(f"{self.url}/{name}", data=form)
        assert answer.status_code == 303, answer.text
        target = answer.headers["location"]
        self.last = answer
        if target.startswith("/"):
            self.last = self.http.get(self.sandbox.url + target)
            return self.page()
        return None

    def sign_in(self, username: str = "user_good", password: str = "pass_good") -> Page | None:
        return self.send("credentials", username=username, password=password)

    def outcome(self) -> dict[str, Any]:
        return self.sandbox.post("/link/token/get", link_token=self.link_token)


@pytest.fixture
def visit(sandbox: Sandbox) -> Iterator[Any]:
    made: list[Visitor] = []

    def start(**request: Any) -> Visitor:
        made.append(Visitor(sandbox, **request))
        return made[-1]

    yield start
    for one in made:
        one.http.close()


def test_choose_sign_in_share(sandbox: Sandbox, visit: Any, inbox: Inbox) -> None:
    hosted = {"completion_redirect_uri": BACK}
    visitor = visit(webhook=inbox.url, hosted_link=hosted, transactions={"days_requested": 30})
    assert "Practice bank" in visitor.page().text
    assert "Gingham" in visitor.show(q="gingham").text
    assert "No bank of that name" in visitor.show(q="nothing like it").text
    visitor.send("institution", institution_id=BANK)
    accounts = visitor.sign_in("user_household")
    names = re.findall(r'class="name">([^<]+)', accounts.text)
    assert names == ["Everyday", "Rainy Day Savings", "Meridian Card", "Index Fund", "Mortgage"]
    assert visitor.send("accounts", account=["0", "2"]) is None
    assert visitor.last.headers["location"] == BACK
    assert "http://127.0.0.1:9" in visitor.last.headers["content-security-policy"]
    body, _, _ = inbox.first("SESSION_FINISHED")
    if openapi.DOCUMENT.exists():
        assert openapi.problems("LinkSessionFinishedWebhook", body) == []
    session = visitor.outcome()["link_sessions"][0]
    result = session["results"]["item_add_results"][0]
    assert body["status"] == "SUCCESS"
    assert body["public_tokens"] == [result["public_token"]]
    assert session["finished_at"] and session["exit"] is None
    events = [one["event_name"] for one in session["events"]]
    assert events[0] == "HANDOFF" and events[-1] == "OPEN" and "SELECT_INSTITUTION" in events
    linked = sandbox.post("/item/public_token/exchange", public_token=result["public_token"])
    found = sandbox.post("/accounts/get", access_token=linked["access_token"])["accounts"]
    assert [one["name"] for one in found] == ["Everyday", "Meridian Card"]
    assert [one["account_id"] for one in found] == [one["id"] for one in result["accounts"]]
    sandbox.ready(linked["access_token"])
    book = sandbox.sync(linked["access_token"])
    truth = sandbox.truth(linked["item_id"])["transactions"]
    assert set(book.rows) == {one["transaction_id"] for one in truth} and truth
    again = visitor.show()
    assert "connected" in again.text and BACK in again.text
    visitor.send("accounts", account=["0"])
    assert len(visitor.outcome()["link_sessions"][0]["results"]["item_add_results"]) == 1


@pytest.mark.parametrize(
    ("password", "rounds"),
    [("mfa_device", [["1234"]]), ("mfa_selections", [["Yes", "Yes"]]),
     ("mfa_questions_2_2", [["answer_0_0", "answer_0_1"], ["answer_1_0", "answer_1_1"]])],
)  # fmt: skip
def test_more_factors(visit: Any, password: str, rounds: list[list[str]]) -> None:
    visitor = visit(institution_id=BANK)
    visitor.sign_in(password=password)
    wrong = visitor.send("mfa", answer=["nonsense"] * len(rounds[0]))
    assert "INVALID_MFA" in wrong.text
    for answers in rounds:
        page = visitor.send("mfa", answer=answers)
    assert "Choose accounts" in page.text
    assert "connected" in visitor.send("accounts", account="0").text


def test_wrong_passwords_say_so(visit: Any) -> None:
    visitor = visit(institution_id=BANK)
    assert "INVALID_CREDENTIALS" in visitor.sign_in(password="wrong").text
    locked = visitor.sign_in(password="error_ITEM_LOCKED")
    assert "ITEM_LOCKED" in locked.text and 'role="alert"' in locked.text
    assert "<script>" not in visitor.sign_in("<script>alert(1)</script>").text
    assert "Choose accounts" in visitor.sign_in().text
    errors = [one for one in visitor.outcome()["link_sessions"][0]["events"]
              if one["event_name"] == "ERROR"]  # fmt: skip
    assert {one["event_metadata"]["error_code"] for one in errors} == {
        "INVALID_CREDENTIALS", "ITEM_LOCKED",
    }  # fmt: skip


def test_a_custom_person_in_the_form(visit: Any) -> None:
    visitor = visit(institution_id=BANK)
    person = '{"override_accounts":[{"meta":{"name":"Mine"}}],"mfa":{"type":"device"}}'
    assert "Code that was sent" in visitor.sign_in("user_custom", person).text
    assert "Mine" in visitor.send("mfa", answer="1234").text


def test_leaving_is_told(visit: Any, inbox: Inbox) -> None:
    visitor = visit(institution_id=BANK, webhook=inbox.url)
    visitor.send("cancel")
    body, _, _ = inbox.first("SESSION_FINISHED")
    assert (body["status"], body["public_tokens"]) == ("EXITED", [])
    session = visitor.outcome()["link_sessions"][0]
    assert session["exit"]["metadata"]["status"] == "requires_credentials"
    assert session["results"] is None


def test_banks_that_cannot_be_linked(visit: Any) -> None:
    visitor = visit()
    assert "INSTITUTION_DOWN" in visitor.send("institution", institution_id="ins_132361").text
    page = visitor.send("institution", institution_id="ins_133402")
    assert "INSTITUTION_NO_LONGER_SUPPORTED" in page.text
    assert "INVALID_INSTITUTION" in visitor.send("institution", institution_id="ins_0").text


def test_a_bank_with_its_own_page(sandbox: Sandbox, visit: Any) -> None:
    visitor = visit()
    page = visitor.send("institution", institution_id="ins_127287")
    assert "Platypus OAuth Bank itself" in page.text
    assert "Everyday" in visitor.send("bank", username="user_household").text
    visitor.send("accounts", account=["0", "1"])
    result = visitor.outcome()["link_sessions"][0]["results"]["item_add_results"][0]
    linked = sandbox.post("/item/public_token/exchange", public_token=result["public_token"])
    first = sandbox.post("/accounts/get", access_token=linked["access_token"])["accounts"][0]
    assert first["persistent_account_id"]


def test_update_mode_repairs(sandbox: Sandbox, visit: Any, inbox: Inbox) -> None:
    token, item_id = sandbox.link("user_household", webhook=inbox.url)
    before = sandbox.post("/accounts/get", access_token=token)["accounts"]
    sandbox.post("/sandbox/item/reset_login", access_token=token)
    visitor = visit(access_token=token)
    assert "sign in again" in visitor.page().text
    assert "INVALID_UPDATED_USERNAME" in visitor.sign_in("user_good").text
    assert "connected" in visitor.sign_in("user_household").text
    after = sandbox.post("/accounts/get", access_token=token)["accounts"]
    assert [one["account_id"] for one in after] == [one["account_id"] for one in before]
    body, _, _ = inbox.first("SESSION_FINISHED")
    linked = sandbox.post("/item/public_token/exchange", public_token=body["public_tokens"][0])
    assert linked == linked | {"access_token": token, "item_id": item_id}


def test_update_mode_changes_the_accounts_shared(sandbox: Sandbox, visit: Any) -> None:
    token, item_id = sandbox.link("user_household")
    sandbox.ready(token)
    book = sandbox.sync(token)
    for chosen in (["1", "2"], ["0", "1", "2", "3", "4"]):
        visitor = visit(access_token=token, update={"account_selection_enabled": True})
        visitor.sign_in("user_household")
        visitor.send("accounts", account=chosen)
        accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
        assert len(accounts) == len(chosen)
        book.read(sandbox, token, book.cursor, 500)
        truth = {one["transaction_id"] for one in sandbox.truth(item_id)["transactions"]}
        assert set(book.rows) == truth == set(sandbox.sync(token).rows)


def test_what_was_ticked_stays_where_the_choice_was_not_good(visit: Any) -> None:
    visitor = visit(institution_id=BANK)
    page = visitor.sign_in("user_household")
    offered = page.text.count('name="account"')
    assert page.text.count(" checked") == offered > 1
    page = visitor.send("accounts")
    assert "choose at least one account" in page.text
    assert page.text.count('name="account"') == offered
    assert " checked" not in page.text


def test_filters_hide_accounts(visit: Any) -> None:
    visitor = visit(
        institution_id=BANK, account_filters={"depository": {"account_subtypes": ["savings"]}}
    )
    page = visitor.sign_in("user_household")
    assert "Rainy Day Savings" in page.text and "Everyday" not in page.text
    assert "NO_ACCOUNTS" in visitor.send("accounts", account="0").text


def test_unknown_addresses(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.url}/hl/unknown")
    assert answer.status_code == 404 and "This link has ended" in answer.text
    assert httpx.post(f"{sandbox.url}/hl/unknown/credentials", data={}).status_code == 404
    style = httpx.get(f"{sandbox.url}/static/link.css")
    assert style.headers["content-type"].startswith("text/css")


def test_no_page_for_scripts(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        sandbox.post(
            "/link/token/create", client_name="x", language="en", country_codes=["US"],
            products=["auth"], user={"client_user_id": "1"},
            hosted_link={"completion_redirect_uri": "javascript:alert(1)"},
        )  # fmt: skip
    assert caught.value.code == "INVALID_FIELD"


def test_a_custom_person_is_repaired_without_pasting_it_again(sandbox: Sandbox, visit: Any) -> None:
    token, _ = sandbox.link("user_custom", '{"override_accounts":[{"meta":{"name":"Mine"}}]}')
    sandbox.post("/sandbox/item/reset_login", access_token=token)
    assert "connected" in visit(access_token=token).sign_in("user_custom").text
    accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
    assert [one["name"] for one in accounts] == ["Mine"]


def test_the_control_door_is_closed_to_other_sites(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.url}/_sandbox/items", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_whoever_left_may_start_again(visit: Any) -> None:
    visitor = visit(institution_id=BANK)
    assert "Nothing was connected" in visitor.send("cancel").text
    assert "Nothing was connected" in visitor.sign_in().text
    assert len(visitor.outcome()["link_sessions"]) == 1
    assert "Sign in to First Platypus Bank" in visitor.show().text
    visitor.sign_in()
    visitor.send("accounts", account="0")
    left, done = visitor.outcome()["link_sessions"]
    assert left["exit"] and not left["results"]
    assert done["results"] and not done["exit"]


def test_a_large_custom_person_fits_through_the_form(sandbox: Sandbox, visit: Any) -> None:
    rows = [
        {"date_transacted": "2026-08-01", "date_posted": "2026-08-02", "amount": index + 0.25,
         "description": f"A rather long description of a purchase, number {index}" * 2}
        for index in range(400)
    ]  # fmt: skip
    person = json.dumps({"override_accounts": [{"type": "depository", "transactions": rows}]})
    assert len(person) > 68_000
    visitor = visit(institution_id=BANK)
    assert "Choose accounts" in visitor.sign_in("user_custom", person).text
    visitor.send("accounts", account="0")
    result = visitor.outcome()["link_sessions"][0]["results"]["item_add_results"][0]
    linked = sandbox.post("/item/public_token/exchange", public_token=result["public_token"])
    sandbox.ready(linked["access_token"])
    assert len(sandbox.sync(linked["access_token"]).rows) == 400
