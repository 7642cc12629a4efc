"""A rule made of a corrected category, and a budget set, in a real browser by keys alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import API, House, Person
from tests.journeys.conftest import Open
from tests.judging import faults_of_all

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
    page.locator(what).first.wait_for()
    for _ in range(80):
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {what} by keys")


def test_a_category_is_corrected_and_made_a_rule_and_a_budget_set_by_keys(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto("/transactions?category=fuel&pending=0")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url("**/transactions/trn_*")
    tab_to(page, "#category")
    page.keyboard.type("Gym")
    tab_to(page, "#reviewed")
    page.keyboard.press("Enter")
    page.locator("#offer").wait_for()
    tab_to(page, "#preview-offer")
    page.keyboard.press("Enter")
    page.locator("#told").wait_for()
    page.go_back()
    tab_to(page, "#make-rule")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="The rule is made").wait_for()
    rule = next(one for one in kari.get("/rules")["items"] if one["conditions"]["merchants"])
    assert rule["touched"] > 0
    page.goto("/settings/rules")
    tab_to(page, f"#open-{rule['id']}")
    page.keyboard.press("Enter")
    tab_to(page, "#tags")
    page.keyboard.type("car")
    tab_to(page, "#preview-rule")
    page.keyboard.press("Enter")
    page.locator("#told-table").wait_for()
    tab_to(page, "#apply-rule")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="changed.").wait_for()
    assert kari.get(f"/rules/{rule['id']}")["actions"]["tags"] == ["car"]
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/budgets")
    tab_to(page, "#new-budget")
    page.keyboard.press("Enter")
    tab_to(page, "#category")
    page.keyboard.type("Food")
    tab_to(page, "#amount")
    page.keyboard.type("400")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="The budget is set.").wait_for()
    planned = {
        one["budget"]["category"]["key"]: one["now"]["planned"]["amount"]
        for one in kari.get("/budgets")["items"]
    }
    assert planned["food"] == "400.00"


def test_the_pages_of_rules_and_budgets_hold_at_every_width_and_theme(
    house: House, kari: Person, open_browser: Open
) -> None:
    row = kari.get("/transactions", category="dining", pending="false")["items"][0]
    body = {
        "name": "A rule whose name is long and whose words do not fit in one line of a phone",
        "conditions": {"texts": ["coffee"], "direction": "out", "amount_to": "500"},
        "actions": {"category": "coffee", "tags": ["shop"], "review": True},
    }
    rule = kari.api.post(f"{API}/rules", json=body).json()["id"]
    kari.api.patch(f"{API}/transactions/{row['id']}", json={"category": "gym"})
    food = {"category": "dining", "amount": {"amount": "10", "currency": "USD"}, "carry": "both"}
    budget = kari.api.post(f"{API}/budgets", json={**food, "starts_on": "2026-08-25"}).json()["id"]
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = (
        "/settings/rules", f"/settings/rules/{rule}", f"/transactions/{row['id']}", "/budgets",
        f"/budgets/{budget}",
    )  # fmt: skip
    assert faults_of_all(page, paths, open_details=True) == []
