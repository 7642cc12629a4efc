"""A purchase split, tagged and given its receipt, and a category made, by keys in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house import House, Person
from tests.journeys.conftest import Open
from tests.judging import faults_of_all
from tests.processes import wait_until
from tests.transactions.test_marks_http import by_hand

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.7\nKVITTERING 249,00\n%%EOF\n"


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    by_hand(person)
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
    for _ in range(120):
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {what} by keys")


def leisure(person: Person) -> list[dict[str, Any]]:
    groups = person.get("/categories/tree")["groups"]
    found = next(one for one in groups if one["group"]["key"] == "leisure")
    return list(found["categories"])


def test_a_purchase_is_split_tagged_and_kept_with_its_receipt_by_keys(
    house: House, kari: Person, open_browser: Open, tmp_path: Path
) -> None:
    row = kari.get("/transactions", category="dining", pending="false")["items"][0]
    page = as_(kari, open_browser(reduced_motion="reduce"), house)
    page.goto(f"/transactions/{row['id']}")
    tab_to(page, "#split")
    page.keyboard.press("Enter")
    for part, (category, amount, note) in enumerate(
        (("Dining", "", ""), ("Gifts", "1", "rose")), 1
    ):
        tab_to(page, f"#category-{part}")
        page.keyboard.type(category)
        tab_to(page, f"#amount-{part}")
        page.keyboard.type(amount)
        tab_to(page, f"#note-{part}")
        page.keyboard.type(note)
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Split.").wait_for()
    parts = kari.get(f"/transactions/{row['id']}/splits")["parts"]
    assert [(one["category_key"], one["note"]) for one in parts] == [
        ("dining", None), ("gifts", "rose"),
    ]  # fmt: skip
    tab_to(page, "#tag-names")
    page.keyboard.type("Birthday, us")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Saved.").wait_for()
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(PDF)
    page.locator("#file").set_input_files(receipt)  # how a system shows its files is its own
    tab_to(page, "#attach")
    page.keyboard.press("Enter")
    page.locator("#attachments", has_text="receipt.pdf").wait_for()
    page.goto("/settings/categories")
    tab_to(page, "#name")
    page.keyboard.type("Sailing")
    tab_to(page, "#parent")
    page.keyboard.type("Leisure")
    tab_to(page, "#add")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Sailing is there now.").wait_for()
    made = next(one for one in kari.get("/categories")["items"] if one["name"] == "Sailing")
    tab_to(page, f"#up-{made['id']}")
    page.keyboard.press("Enter")
    wait_until(lambda: leisure(kari)[-2]["name"] == "Sailing", "it is one place up")
    page.locator(f"#down-{made['id']}").wait_for()
    tab_to(page, f"#open-{made['id']}")
    page.keyboard.press("Enter")
    tab_to(page, "#into")
    page.keyboard.type("Gym")
    tab_to(page, "#remove-now")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Removed.").wait_for()
    assert kari.get("/categories/tree")["removed"][0]["name"] == "Sailing"


@pytest.mark.slow
def test_axe_finds_nothing_on_pages_of_marks_and_categories(
    house: House, kari: Person, open_browser: Open
) -> None:
    row = kari.get("/transactions", category="groceries", pending="false")["items"][1]["id"]
    kari.api.put(f"/api/v1/transactions/{row}/tags", json={"tags": ["a", "b"]})
    kari.api.post("/api/v1/attachments", params={"transaction": row}, content=PDF)
    category = kari.get("/categories")["items"][0]["id"]
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = (
        f"/transactions/{row}", f"/transactions/{row}/split", "/transactions?tag=a",
        "/settings/categories", f"/settings/categories/{category}",
    )  # fmt: skip
    assert faults_of_all(page, paths) == []
