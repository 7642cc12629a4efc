"""Identity's pages in Chromium: accessible, fitting, quiet, and the main path without scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strongroom import web, wiring
from strongroom.core.settings import Settings
from tests.conftest import TestDatabase
from tests.identity.conftest import PASSWORD
from tests.judging import faults_in_every_dress
from tests.serving import serving

pytestmark = pytest.mark.browser
NO_CHROMIUM = (
    "No Chromium here. Debian: apt-get install -y chromium; or name one in STRONGROOM_CHROMIUM."
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    program = os.environ.get("STRONGROOM_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip(NO_CHROMIUM)
    sync_api = pytest.importorskip("playwright.sync_api", reason=NO_CHROMIUM)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking",
                  "--disable-component-update", "--no-first-run"],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def address(database: TestDatabase) -> Iterator[str]:
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")),
        database.ring,
        admin_dsn=database.admin_dsn,
        role="web",
    )
    with serving(web.create_app(services)) as address:
        yield address


def test_every_page_is_accessible_and_fits(address: str, chromium: Any) -> None:
    # axe evaluates text, which the policy forbids; that policy is proved elsewhere.
    context = chromium.new_context(base_url=address, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    messages: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    wrong: list[object] = []

    def look(name: str) -> None:
        wrong.extend(faults_in_every_dress(page, name))

    def press(name: str) -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    page.goto("/welcome")
    look("welcome")
    page.get_by_role("link", name="Create account").click()
    look("signup")
    page.get_by_label("Email").fill("kari@example.com")
    page.get_by_label("Name").fill("Kari Nordmann")
    page.get_by_label("Password", exact=True).fill("password1234")
    press("Create account")
    look("signup-refused")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press("Create account")
    page.goto("/settings")
    look("settings")
    page.get_by_label("Currency").fill("NOK")
    press("Save display")
    assert page.get_by_label("Currency").input_value() == "NOK"
    page.get_by_role("link", name="Security").click()
    look("security")
    page.get_by_label("What it is for").fill("My script")
    page.get_by_label("accounts:read", exact=True).check()
    press("Make a token")
    look("token")
    page.get_by_role("link", name="I have kept it").click()
    look("security-with-token")
    page.goto("/notifications")
    look("notifications")
    context.clear_cookies()
    page.goto("/settings/security")
    page.get_by_label("Email").fill("kari@example.com")
    page.get_by_label("Password", exact=True).fill("wrong")
    press("Sign in")
    look("login-refused")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press("Sign in")
    assert page.url == f"{address}/settings/security"
    context.close()
    assert wrong == []
    # A refused form is an error to the console; nothing else may be.
    assert [text for text in messages if "status of 4" not in text] == []
    assert {url for url in asked if not url.startswith(address)} == set()


def test_the_way_in_and_out_works_without_scripts(address: str, chromium: Any) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/signup")
    page.get_by_label("Email").fill("kari@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Create account").click()
    page.goto("/settings/security")
    assert page.get_by_text("This browser").is_visible()
    page.get_by_role("button", name="You: kari@example.com").click()
    page.locator("#me").get_by_role("button", name="Sign out").click()
    assert page.get_by_role("link", name="Create account").is_visible()
    page.goto("/settings/security")
    page.get_by_label("Email").fill("kari@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert page.get_by_text("This browser").is_visible()
    context.close()


def test_what_was_typed_when_the_session_had_ended_is_back_for_the_same_person(
    address: str, chromium: Any
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.set_default_timeout(10_000)

    def sign_in(email: str, password: str = PASSWORD) -> None:
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    def kept() -> object:
        return page.evaluate("sessionStorage.getItem('kept')")

    for email in ("ola@example.com", "kari@example.com"):
        context.clear_cookies()
        page.goto("/signup")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Create account").click()
        page.wait_for_url(lambda url: not url.endswith("/signup"))
    if page.url != f"{address}/":
        sign_in("kari@example.com")
    currency = page.get_by_label("Currency")
    for who, found in (("kari@example.com", "NOK"), ("ola@example.com", "")):
        page.goto("/settings?x=1")
        before = currency.input_value()
        currency.fill("NOK")
        context.clear_cookies()
        page.get_by_role("button", name="Save display").click()
        assert page.get_by_text("What you sent was not saved.").is_visible()
        sign_in(who, "wrong")
        assert page.get_by_text("is wrong").is_visible()
        sign_in(who)
        page.wait_for_url(f"{address}/settings?x=1")
        assert currency.input_value() == (found or before) and before != "NOK"
        assert kept() is None
    page.get_by_role("button", name="Save display").click()
    page.get_by_text("Saved.").first.wait_for()
    assert kept() is None
    context.close()
