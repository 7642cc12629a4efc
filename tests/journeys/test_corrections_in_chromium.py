"""Long texts on a phone, and the keys of the list of transactions, in a real browser."""

from __future__ import annotations

import pytest

from tests.house import House, Person
from tests.journeys.conftest import Open
from tests.journeys.test_marks_in_chromium import as_
from tests.judging import faults_of_all
from tests.transactions.test_marks_http import ask, by_hand

pytestmark = pytest.mark.browser
LONG = "NETBANK*OVERFORING/REF-20261118-0099887766-NO"


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    by_hand(person)
    return person


def test_texts_without_blanks_break_on_a_phone(
    house: House, kari: Person, open_browser: Open
) -> None:
    row = kari.get("/transactions", category="dining")["items"][0]
    body = {key: row[key] for key in ("account", "day", "amount")}
    for text in (LONG, "M" * 200):
        made = ask(kari, "POST", "/transactions", json={**body, "text": text})["transaction"]
        ask(kari, "PATCH", f"/transactions/{made['id']}", json={"note": text})
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = ["/transactions", "/transactions/changes", f"/transactions/{made['id']}"]
    assert faults_of_all(page, paths) == []


def test_enter_and_e_do_the_same_on_every_list(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/transactions?category=groceries")
    box = page.locator('[data-row] input[type="checkbox"]').first
    box.check()
    place = f"/transactions/{box.get_attribute('value')}"
    page.fill("#bulk-merchant", "Not this")
    page.fill("#bulk-tag", "trip")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert kari.get(place)["tags"] == ["trip"]
    assert kari.get(place)["merchant"] != "Not this"
    ask(kari, "PATCH", place, json={"reviewed": False})
    for now in (True, False):
        page.goto("/transactions?category=groceries")
        page.locator(f"#open-{place.removeprefix('/transactions/')}").focus()
        page.keyboard.press("e")
        page.locator(".toast").wait_for()
        assert (kari.get(place)["reviewed_at"] is not None) == now
