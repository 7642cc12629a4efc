"""Writing a transaction down, correcting many and undoing, in a real browser by keys alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import API, House, Person
from tests.journeys.conftest import Open
from tests.judging import faults_of_all
from tests.processes import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def as_(person: Person, page: Any, house: House) -> Any:
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.url}
            for name, value in person.api.cookies.items()
        ]
    )
    return page


def tab_to(page: Any, what: str) -> None:
    """Press Tab until the part that a selector names has the focus."""
    for _ in range(60):
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {what} by keys")


def test_an_entry_is_written_corrected_undone_and_brought_back_by_keys(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto("/transactions")
    tab_to(page, "#to-new")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Add a transaction").wait_for()
    tab_to(page, "#text")
    page.keyboard.type("Harbour kiosk")
    tab_to(page, "#amount")
    page.keyboard.type("1,234.50")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Harbour kiosk is written down").wait_for()
    (row,) = kari.get("/transactions", q="Harbour kiosk")["items"]
    assert row["amount"]["amount"] == "-1234.50"
    # Its page: the category by typing, then saved by Enter, then undone from its history.
    page.goto(f"/transactions/{row['id']}")
    tab_to(page, "#category")
    page.keyboard.type("Gifts")
    tab_to(page, "#reviewed")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Saved.").wait_for()
    assert kari.get(f"/transactions/{row['id']}")["category"]["key"] == "gifts"
    tab_to(page, "[id^=undo-edt]")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="1 row undone.").wait_for()
    assert kari.get(f"/transactions/{row['id']}")["category"]["key"] == "uncategorised"
    # Deleted, and brought back from the list of changes.
    tab_to(page, "#delete")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Harbour kiosk is deleted.").wait_for()
    tab_to(page, "#to-changes")
    page.keyboard.press("Enter")
    page.get_by_text("Harbour kiosk deleted").first.wait_for()
    tab_to(page, "[id^=undo-edt]")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="1 row undone.").wait_for()
    wait_until(
        lambda: kari.get("/transactions", q="Harbour kiosk")["items"] != [], "the entry is back"
    )


def test_chosen_rows_take_a_merchant_by_keys_and_the_toast_undoes_it(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto("/transactions?category=groceries&pending=0")
    refs = re.findall(r'id="pick-(trn_[0-9a-f]{32})"', page.content())[:2]
    before = [kari.get(f"/transactions/{ref}")["title"] for ref in refs]
    for _ in refs:
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.locator("#bulk-merchant").focus()
    page.keyboard.type("Corner shop")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="2 merchants changed.").wait_for()
    assert [kari.get(f"/transactions/{ref}")["title"] for ref in refs] == ["Corner shop"] * 2
    page.locator(".toast button").focus()
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="2 rows undone.").wait_for()
    assert [kari.get(f"/transactions/{ref}")["title"] for ref in refs] == before


def test_axe_finds_nothing_on_the_pages_of_entries(
    house: House, kari: Person, open_browser: Open
) -> None:
    account = next(one for one in kari.get("/accounts")["items"] if one["category"] == "cash")
    rows = kari.get("/transactions", account=account["id"], pending="false", limit=200)["items"]
    amounts = [row["amount"]["amount"] for row in rows]
    bank = next(row for row in rows if amounts.count(row["amount"]["amount"]) == 1)
    body = {
        "account": account["id"], "day": bank["day"], "amount": bank["amount"],
        "text": bank["title"],
    }  # fmt: skip
    told = kari.api.post(f"{API}/transactions", json=body).json()["transaction"]["id"]
    kari.api.patch(f"{API}/transactions/{told}", json={"note": "looked at", "merchant": "Kiosk"})
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = (
        "/transactions/new", f"/transactions/{told}", "/transactions/changes", "/transactions/same",
    )  # fmt: skip
    assert faults_of_all(page, paths, open_details=True) == []
