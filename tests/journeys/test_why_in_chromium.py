"""Asking why a figure changed in a real browser, by the keyboard alone; axe is clean."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import House, Person
from tests.journeys.conftest import Open
from tests.journeys.test_in_chromium import as_
from tests.judging import faults_of_all

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    house.until_quiet()
    return person


def reach(page: Any, selector: str) -> None:
    """Reach a control with the Tab key, as somebody without a mouse does."""
    wanted = page.locator(selector).first
    wanted.wait_for()
    for _ in range(200):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def cents(text: str) -> int:
    """An amount on the page in cents, with its sign."""
    digits = int(re.sub(r"\D", "", text))
    return -digits if "−" in text else digits


def test_why_did_this_change_by_the_keyboard_alone(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/")
    reach(page, "#why-worth")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Why net worth changed").wait_for()
    told = cents(page.locator("#difference .hero").inner_text())
    shown = page.locator("#causes tbody tr td.num").all_inner_texts()
    assert sum(cents(one) for one in shown[:-1]) == told == cents(shown[-1])
    reach(page, "#spending-1")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="transactions").wait_for()
    page.go_back()
    reach(page, "#since")
    page.keyboard.type("01012026")
    page.keyboard.press("Enter")
    page.wait_for_url("**since=2026-01-01*")
    reach(page, "#why-what-spending")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Why spending changed").wait_for()
    reach(page, "#known")
    page.keyboard.type("10012026")
    page.keyboard.press("Enter")
    page.wait_for_url("**known=2026-10-01*")
    page.get_by_text("was known then").wait_for()


@pytest.mark.slow
def test_axe_finds_nothing_on_the_pages_of_reports(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(bypass_csp=True), house)
    month = kari.get("/reports/cash-flow", count=2)["items"][0]
    rows = f"since={month['first']}&until={month['last']}"
    paths = (
        "/why?since=2026-01-01", f"/why/rows?{rows}&flow=spending",
        "/why/spending?known=2026-10-01&of=2026-10", "/reports", "/reports/categories",
        "/reports/net-worth", "/reports/print?n=6",
    )  # fmt: skip
    assert faults_of_all(page, paths) == []
