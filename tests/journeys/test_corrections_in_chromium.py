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
    # What belongs together: a refund of that, and a transfer to another account.
    value = {"amount": "1000.00", "currency": "NOK"}
    other = ask(kari, "POST", "/accounts", json={
        "name": "Savings", "subtype": "bank_account", "value": value,
    })["id"]  # fmt: skip
    back = {**body, "amount": {**body["amount"], "amount": body["amount"]["amount"].lstrip("-")}}
    for text, where, path, names in (
        ("M" * 200, row["account"], "/refunds", ("refund", "purchase")),
        (LONG, other, "/transfers", ("one", "other")),
    ):
        told = {**back, "text": text, "account": where}
        into = ask(kari, "POST", "/transactions", json=told)["transaction"]["id"]
        of = kari.get("/transactions", q=text)["items"]
        out = next(one["id"] for one in of if one["amount"]["amount"].startswith("-"))
        ask(kari, "POST", path, json=dict(zip(names, (into, out), strict=True)))
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = [
        "/transactions", "/transactions/changes", f"/transactions/{made['id']}",
        "/transactions/together", "/reports/merchants",
    ]  # fmt: skip
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


def test_enter_on_a_chosen_row_opens_it_and_the_choice_stays(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto("/transactions")
    page.locator("[data-row]").nth(1).wait_for()
    for key in "jxjx":
        page.keyboard.press(key)
    chosen = page.locator('[data-row] input[type="checkbox"]:checked')
    assert chosen.count() == 2
    ref = chosen.nth(1).get_attribute("value")
    page.keyboard.press("Enter")
    page.locator("#beside[open] #details").wait_for()
    assert page.url.endswith(f"/transactions/{ref}")
    page.keyboard.press("Escape")
    page.wait_for_url("**/transactions")
    page.locator("#beside:not([open])").wait_for(state="attached")
    page.locator("#tx:not([aria-busy])").wait_for()
    assert [one.get_attribute("value") for one in chosen.all()][1] == ref
    assert chosen.count() == 2
    assert page.locator(".toast").count() == 0
    # Where there is no room beside the list, its page.
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator(f"#pick-{ref}").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/transactions/{ref}")
    page.get_by_role("heading", name="Yours to change").wait_for()
