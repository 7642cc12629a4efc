"""Recurring and the forecast in a real browser: read, judged and walked by the keyboard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House, Person
from tests.journeys.conftest import Open
from tests.judging import faults_of_all
from tests.processes import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    wait_until(lambda: person.get("/recurring")["items"], "the book is looked through")
    person.get("/forecast")
    wait_until(lambda: person.get("/forecast")["items"], "a forecast is made")
    house.until_quiet()
    return person


def as_(person: Person, page: Any, house: House) -> Any:
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.url}
            for name, value in person.api.cookies.items()
        ]
    )
    return page


def test_pages_hold_at_every_width_and_theme(
    house: House, kari: Person, open_browser: Open
) -> None:
    item = kari.get("/recurring")["items"][0]["id"]
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = ["/budgets/recurring", f"/budgets/recurring/{item}", "/budgets/forecast"]
    assert faults_of_all(page, paths, open_details=True) == []


def test_from_overview_to_a_verdict_by_the_keyboard_alone(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto("/")
    page.locator("#coming a", has_text="Forecast").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/budgets/forecast")
    before = page.locator("[data-read=value]").first.inner_text()
    page.locator("#forecast-chart").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    wait_until(
        lambda: page.locator("[data-read=value]").first.inner_text() != before,
        "the chart is read by keys",
    )
    page.get_by_role("link", name="Recurring").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/budgets/recurring")
    page.get_by_role("link", name="Lantern Streaming").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/budgets/recurring/rec_*")
    page.get_by_role("button", name="No, do not expect it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("You said that it is not recurring.").wait_for()
    page.get_by_role("button", name="Take that back").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, it is recurring").wait_for()
