"""Goals in a real browser: from a person's words to a chance, a slider, and the table behind it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import House
from tests.journeys.conftest import Open
from tests.judging import faults_in_every_dress, faults_of_all
from tests.processes import wait_until

pytestmark = pytest.mark.browser

TEXT = "Save $90k for a house in 3 years, putting aside $900 a month"


def the_demo_household(house: House, page: Any) -> None:
    """Sign in as a made-up household, and wait until its bank is read."""
    page.goto("/welcome")
    page.get_by_role("button", name="Try with a made-up household").first.click()
    page.get_by_text("This is a made-up household.").wait_for()
    page.get_by_role("link", name="Meridian Card", exact=True).wait_for()
    house.until_quiet()


def the_chance_is_there(page: Any) -> None:
    """Wait for the chance; on a new machine the engine may have to be compiled first."""
    page.locator("#chance-figure").wait_for(timeout=90_000)


def figure(page: Any) -> str:
    return str(page.locator("#chance-figure").inner_text())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_words_to_a_chance_and_what_would_change_it(
    house: House, open_browser: Open, scripts: bool
) -> None:
    page = open_browser(java_script_enabled=scripts, reduced_motion="reduce")
    the_demo_household(house, page)
    page.goto("/")
    page.get_by_role("link", name="Set a goal").click()
    page.get_by_label("In your own words, in English or Norwegian").fill(TEXT)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("What I understood").wait_for()
    assert page.get_by_label("How much in all").input_value() == "90000"
    assert page.get_by_label("In how many months").input_value() == "36"
    page.get_by_role("button", name="Set this goal").click(timeout=90_000)
    the_chance_is_there(page)
    planned = figure(page)
    assert re.fullmatch(r"(< 1|> 99|\d\d?) in 100", planned)
    if scripts:
        page.locator("#months-slider").focus()
        page.keyboard.press("PageUp")
        assert page.locator("#months").input_value() != "36"
        wait_until(lambda: figure(page) != planned, "the slider moved the chance")
        assert page.evaluate("document.activeElement.id") == "months-slider"
        page.locator("#tornado").wait_for(timeout=60_000)
    else:
        assert page.locator("#months-slider").is_hidden()
        page.locator("#months").fill("60")
        page.get_by_role("button", name="Try these numbers").click()
        page.get_by_role("link", name="Work it out").click()
        page.locator("#tornado").wait_for(timeout=60_000)
        page.go_back()
    assert figure(page) != planned
    page.get_by_text(f"{planned} as planned").wait_for()
    page.locator("#goal-fan-as-table").click()
    rows = page.locator("#where table tbody tr")
    assert 4 <= rows.count() <= 61
    assert rows.last.locator("td").count() == 5
    assert page.get_by_role("link", name="Download as CSV").is_visible()
    page.get_by_role("button", name="Keep as the plan").click()
    page.locator(".toast", has_text="Saved.").wait_for()
    assert figure(page) != planned
    page.goto("/")
    row = page.locator("#goals .goal-row", has_text="House")
    row.get_by_role("link", name="House").wait_for()
    # While a chance is reckoned anew it says so beside it, and takes no room of the name for that.
    row.locator(".figure").evaluate(
        "(one) => { one.append(one.cloneNode()); one.lastChild.className = 'sub';"
        " one.lastChild.textContent = 'of earlier numbers, is being reckoned anew' }"
    )
    assert row.locator(".what").bounding_box()["width"] > 100


@pytest.mark.slow
def test_pages_hold_at_every_width_and_theme(house: House, open_browser: Open) -> None:
    page = open_browser(bypass_csp=True, reduced_motion="reduce")
    the_demo_household(house, page)
    assert faults_of_all(page, ["/goals", "/goals/new", "/goals/profile"]) == []
    page.goto("/goals/new")
    page.locator("#text").fill("Save for a boat before I turn 60, 400 a month")
    page.locator("#understand").click()
    page.get_by_text("What I understood").wait_for()
    assert faults_in_every_dress(page, "check") == []
    page.get_by_label("How much in all").fill("90000")
    page.get_by_label("In how many months").fill("48")
    page.get_by_role("button", name="Set this goal").click(timeout=90_000)
    the_chance_is_there(page)
    page.locator("#tornado").wait_for(timeout=60_000)
    goal = page.url.removeprefix(house.url)
    page.locator("#runs-link").click()
    page.get_by_role("button", name="Simulate").click()
    page.get_by_role("button", name="Run it again").wait_for(timeout=60_000)
    run = page.url.removeprefix(house.url)
    paths = [
        "/goals", goal, f"{goal}?months=60&target=20000", f"{goal}?months=9999", f"{goal}/edit",
        f"{goal}/numbers", f"{goal}/runs", run, "/",
    ]  # fmt: skip
    assert faults_of_all(page, paths, open_details=True) == []
    page.goto(f"{goal}?levers=1")
    assert faults_in_every_dress(page, "levers") == []
