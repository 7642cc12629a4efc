"""A house and its mortgage by keys alone, and what runs by itself, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House
from tests.journeys.conftest import Open
from tests.judging import faults

pytestmark = pytest.mark.browser


def tab_to(page: Any, what: str) -> None:
    """Press Tab until the part that a selector names has the focus."""
    for _ in range(60):
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {what} by keys")


def fill(page: Any, **fields: str) -> None:
    """Type into fields by keys, in the order of the page; Enter in the last one sends them."""
    for name, text in fields.items():
        tab_to(page, f"#{name}")
        if page.evaluate("document.activeElement.type === 'text'"):
            page.keyboard.press("Control+a")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def add(page: Any, name: str, kind: str, value: str) -> str:
    page.goto("/accounts/new")
    fill(page, subtype=kind, name=name, value=value, currency="NOK")
    page.get_by_role("heading", name=name).wait_for()
    return str(page.url)


def test_a_house_and_a_mortgage_are_added_by_keys(house: House, open_browser: Open) -> None:
    kari = house.person()
    page = open_browser(reduced_motion="reduce", bypass_csp=True)  # axe evaluates text
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.url}
            for name, value in kari.api.cookies.items()
        ]
    )
    flat = add(page, "Harbour flat", "Home", "4,200,000")
    loan = add(page, "Home loan", "Mortgage", "2,500,000")
    held = {one["name"]: one for one in kari.get("/accounts")["items"]}
    assert held["Harbour flat"]["balance"]["amount"] == "4200000.00"
    assert held["Home loan"]["balance"]["amount"] == "-2500000.00"
    # The loan's terms, from its own page on.
    tab_to(page, "a[href$='/loan']")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Terms").wait_for()
    fill(page, principal="2,500,000", rate="5.4", first="01152027", payments="300")
    page.get_by_text("Still to pay", exact=True).wait_for()
    plan = kari.get(f"/accounts/{held['Home loan']['id']}/loan")
    assert (plan["payments"][0]["day"], len(plan["payments"])) == ("2027-01-15", 300)
    # What the flat gains a year, and a value that is corrected.
    page.goto(f"{flat}/edit")
    fill(page, rate="2")
    page.locator(".toast", has_text="Saved.").wait_for()
    page.goto(f"{flat}/values?day={held['Harbour flat']['balance_day']}")
    fill(page, value="4,300,000")
    page.locator(".toast", has_text="Saved.").wait_for()
    assert kari.get(f"/accounts/{held['Harbour flat']['id']}")["balance"]["amount"] == "4300000.00"
    wrong = []
    values = f"{flat}/values?day={held['Harbour flat']['balance_day']}"
    more = f"{loan}/loan?extra=1000"
    for path in (f"{flat}/edit", values, more, "/upkeep", "/upkeep/upkeep.clean_up", loan):
        page.goto(path)
        for width, theme in ((1280, "light"), (320, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            wrong += [(path, width, one) for one in faults(page)]
    assert wrong == []
