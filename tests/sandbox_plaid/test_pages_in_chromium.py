"""The Link pages in Chromium: complete without scripts, accessible, fitting, light and dark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.judging import faults_in_every_dress
from tests.sandbox_plaid.conftest import BANK, Sandbox

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


def hosted_link(sandbox: Sandbox, **more: Any) -> str:
    body: dict[str, Any] = {
        "client_name": "Strongroom", "language": "en", "country_codes": ["US", "GB"],
        "products": ["transactions"], "user": {"client_user_id": "u"}, "hosted_link": {},
    }  # fmt: skip
    return str(sandbox.post("/link/token/create", **(body | more))["hosted_link_url"])


def judged(chromium: Any) -> tuple[Any, list[str], Callable[[str], None]]:
    """A page, what its console says, and ``look``: it fits and axe finds nothing in it."""
    # The pages have no scripts of their own; the judge (axe) needs them on, and leave to run.
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))

    def look(name: str) -> None:
        assert faults_in_every_dress(page, name) == []

    return page, messages, look


def test_every_page(sandbox: Sandbox, chromium: Any) -> None:
    back = f"{sandbox.url}/hl/back"
    url = hosted_link(sandbox, hosted_link={"completion_redirect_uri": back})
    page, messages, look = judged(chromium)
    page.goto(url)
    look("institution")
    page.get_by_label("Search for a bank").fill("platypus")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="First Platypus Bank ins_109508").click()
    look("credentials")
    page.get_by_label("User name").fill("user_household")
    page.get_by_label("Password").fill("nonsense")
    page.get_by_role("button", name="Sign in").click()
    look("problem")
    page.get_by_label("User name").fill("user_household")
    page.get_by_label("Password").fill("mfa_questions_1_2")
    page.get_by_role("button", name="Sign in").click()
    look("questions")
    page.get_by_label("Practice question 1.1").fill("answer_0_0")
    page.get_by_label("Practice question 1.2").fill("answer_0_1")
    page.get_by_role("button", name="Continue").click()
    look("accounts")
    page.get_by_label("Mortgage").uncheck()
    page.get_by_role("button", name="Share these accounts").click()
    page.wait_for_url(back)
    page.goto(url)
    look("done")
    assert [one for one in messages if "404" not in one] == []  # nothing serves the way back
    page.context.close()


def test_a_bank_with_its_own_page(sandbox: Sandbox, chromium: Any) -> None:
    """Without scripts, and with the content security policy in force."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(hosted_link(sandbox, institution_id="ins_127287"))
    page.get_by_role("button", name="Sign in and allow access").click()
    page.get_by_role("button", name="Share these accounts").click()
    page.get_by_role("heading", name="You are connected").wait_for()
    page.goto(hosted_link(sandbox, institution_id=BANK))
    page.get_by_role("button", name="Cancel and go back").click()
    page.get_by_role("heading", name="Nothing was connected").wait_for()
    assert messages == []
    context.close()


def test_the_fault_panel(sandbox: Sandbox, chromium: Any) -> None:
    token, item_id = sandbox.link("user_household", webhook="http://127.0.0.1:9/nobody")
    sandbox.ready(token)
    sandbox.control("POST", f"/items/{item_id}/new_account")
    page, messages, look = judged(chromium)
    page.set_default_timeout(60_000)
    page.goto(f"{sandbox.url}/_sandbox/")
    page.get_by_label("slow", exact=True).fill("0.1")
    page.get_by_role("button", name="Set this plan").click()
    page.get_by_text("A fault plan is in force").wait_for()
    look("panel")
    page.get_by_role("button", name="Stop all faults").click()
    page.locator(f"a[href='/_sandbox/item/{item_id}']").click()
    page.get_by_role("button", name="Change all account ids").click()
    page.get_by_text("Bank migration: ").wait_for()
    look("panel-item")
    page.get_by_label("In days").first.fill("soon")
    page.get_by_role("button", name="Warn").first.click()
    page.get_by_role("alert").wait_for()
    look("panel-problem")
    assert messages == []
    page.context.close()
