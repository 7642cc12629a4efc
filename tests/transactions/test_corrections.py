"""What a correction by a person leaves alone, adds up to, and leads to."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from typing import Any

import pytest

from tests.house import House, Person, text_of
from tests.transactions.test_marks_http import ask, by_hand, refused

SELECTED = re.compile(r'<option value="(cat_[0-9a-f]{32})" selected>([^<]*)<')


@pytest.fixture
def kari(house: House) -> Person:
    person = house.person()
    by_hand(person)
    return person


def selected(person: Person, path: str) -> list[tuple[str, str]]:
    return SELECTED.findall(person.page(path))


def row_in(person: Person, category: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get("/transactions", category=category)["items"][0]
    return found


def test_a_row_in_a_group_stays_there_when_its_note_is_saved(kari: Person) -> None:
    boats = ask(kari, "POST", "/categories", json={"name": "Boats", "kind": "spending"})["id"]
    row = row_in(kari, "dining")
    path = f"/transactions/{row['id']}"
    for group, called in ((boats, "Boats itself"), ("food", "Food itself")):
        if group == boats:
            ask(kari, "PATCH", path, json={"category": group})
            ask(kari, "POST", "/categories", json={"name": "Sails", "parent": boats})
        else:
            ask(kari, "PATCH", path, json={"category": group})
        chosen = selected(kari, path)
        assert [name for _ref, name in chosen] == [called]
        before = kari.get(path)["category"]
        form = {"category": chosen[0][0], "category_was": chosen[0][0], "note": called}
        assert kari.pages.post(path, data=form).is_success
        assert (kari.get(path)["category"], kari.get(path)["note"]) == (before, called)


def test_an_old_form_changes_only_what_was_changed_in_it(kari: Person) -> None:
    row = row_in(kari, "dining")
    path = f"/transactions/{row['id']}"
    was = selected(kari, path)[0][0]
    ask(kari, "PATCH", path, json={"category": "pets"})
    form = {"category": was, "category_was": was, "note": "from an old page"}
    assert kari.pages.post(path, data=form).is_success
    assert kari.get(path)["category"]["key"] == "pets"
    assert kari.get(path)["note"] == "from an old page"


def test_categories_of_one_name_are_told_apart(kari: Person) -> None:
    for group in ("Boats", "Cabins"):
        made = ask(kari, "POST", "/categories", json={"name": group, "kind": "spending"})["id"]
        ask(kari, "POST", "/categories", json={"name": "Repairs", "parent": made})
    html = kari.page("/transactions/new")
    assert ">Repairs (Boats)<" in html
    assert ">Repairs (Cabins)<" in html
    assert ">Groceries<" in html


def test_rows_found_by_a_category_add_up_to_its_heading(kari: Person) -> None:
    row = row_in(kari, "dining")
    whole = Decimal(row["amount"]["amount"])
    parts = [
        {"category": "pets", "amount": "-10.00"},
        {"category": "groceries", "amount": str(whole + 10)},
    ]
    ask(kari, "PUT", f"/transactions/{row['id']}/splits", json={"parts": parts})
    for category in ("pets", "groceries", "food", "dining"):
        asked = kari.get("/transactions", category=category)["items"]
        told = kari.get("/transactions/summary", category=category)
        assert len(asked) == told["count"]
        found = sum(Decimal(one["found"]["amount"]) for one in asked)
        assert found == sum(Decimal(one["amount"]) for one in told["totals"])
        csv_rows = csv.DictReader(kari.page(f"/transactions.csv?category={category}").splitlines())
        assert sum(Decimal(one["amount"]) for one in csv_rows) == found
    text = kari.text("/transactions?category=pets")
    assert "of −" in text
    csv_of_pets = kari.page("/transactions.csv?category=pets").splitlines()
    assert [one["category"] for one in csv.DictReader(csv_of_pets)] == ["Pets"]
    plain = kari.page("/transactions.csv")
    assert str(whole) in plain


def split_with_pets(kari: Person, row: dict[str, Any], category: str) -> None:
    """Ten of the row are for pets, and the rest for ``category``."""
    rest = Decimal(row["amount"]["amount"]) + 10
    parts = [
        {"category": "pets", "amount": "-10.00"},
        {"category": category, "amount": str(rest)},
    ]
    ask(kari, "PUT", f"/transactions/{row['id']}/splits", json={"parts": parts})


def test_the_amount_of_a_split_row_is_changed_with_its_parts_only(kari: Person) -> None:
    row = row_in(kari, "dining")
    path = f"/transactions/{row['id']}"
    whole = Decimal(row["amount"]["amount"])
    split_with_pets(kari, row, "dining")
    amount = {"amount": str(whole - 18), "currency": "NOK"}
    problem = refused(kari, "PATCH", path, 422, json={"amount": amount, "note": "more"})
    assert problem["field"] == "amount"
    assert "18.00 NOK" in problem["detail"].replace("\xa0", " ")
    form = {
        "text": row["description"], "direction": "out", "amount": str(18 - whole),
        "day": row["day"], "account": row["account"], "note": "more",
    }  # fmt: skip
    answer = kari.pages.post(path, data=form)
    assert answer.status_code == 422
    assert "change the parts first" in text_of(answer.text).lower()
    assert kari.get(path)["amount"] == row["amount"]
    assert kari.get(path)["note"] is None
    ask(kari, "PATCH", path, json={"amount": row["amount"], "text": "The same amount"})
    ask(kari, "PUT", f"{path}/splits", json={"parts": []})
    ask(kari, "PATCH", path, json={"amount": amount})
    assert kari.get(path)["amount"] == amount


def test_the_category_of_a_split_row_is_its_parts(kari: Person) -> None:
    row, other = kari.get("/transactions", category="dining")["items"][:2]
    path = f"/transactions/{row['id']}"
    split_with_pets(kari, row, "groceries")
    says = "This row is split: change its parts, or put it together again first."
    problem = refused(kari, "PATCH", path, 422, json={"category": "gifts", "note": "more"})
    assert (problem["field"], problem["detail"]) == ("category", says)
    was = selected(kari, path)[0][0]
    wanted = next(one["id"] for one in kari.get("/categories")["items"] if one["key"] == "gifts")
    form = {"category": wanted, "category_was": was, "note": "more"}
    answer = kari.pages.post(path, data=form)
    assert answer.status_code == 422
    assert says in text_of(answer.text)
    alone = {"ids": [row["id"]], "category": "gifts"}
    assert refused(kari, "POST", "/transactions/bulk", 422, json=alone)["field"] == "category"
    assert (kari.get(path)["category"], kari.get(path)["note"]) == (row["category"], None)
    both = {"ids": [row["id"], other["id"]], "category": "gifts"}
    assert ask(kari, "POST", "/transactions/bulk", json=both)["changed"] == 1
    assert kari.get(path)["category"] == row["category"]
    assert kari.get(f"/transactions/{other['id']}")["category"]["key"] == "gifts"
    ask(kari, "PATCH", path, json={"note": "A note is not of the parts"})
    ask(kari, "PUT", f"{path}/splits", json={"parts": []})
    assert ask(kari, "PATCH", path, json={"category": "gifts"})["category"]["key"] == "gifts"


def test_a_rule_that_is_in_the_way_of_an_offer_is_changed(kari: Person) -> None:
    rule = ask(kari, "POST", "/rules", json={
        "name": "Kiosks", "conditions": {"merchants": ["Kiosk"]},
        "actions": {"category": "alcohol"},
    })  # fmt: skip
    row = row_in(kari, "dining")
    body = {key: row[key] for key in ("account", "day", "amount")} | {"text": "Kiosk"}
    made = [ask(kari, "POST", "/transactions", json=body)["transaction"] for _ in range(3)]
    assert {one["category"]["key"] for one in made} == {"alcohol"}
    assert "Its hand is on 3 rows" in kari.text("/settings/rules")
    first = f"/transactions/{made[0]['id']}"
    ask(kari, "PATCH", first, json={"category": "coffee"})
    assert "Its hand is on 2 rows" in kari.text("/settings/rules")
    html = kari.page(first)
    assert 'id="change-rule"' in html
    assert 'id="make-rule"' not in html
    wanted = {"merchants": "Kiosk", "merchant_how": "is", "category": SELECTED.findall(html)[0][0]}
    refusal = kari.pages.post("/settings/rules", data={**wanted, "action": "save"})
    assert refusal.status_code == 422
    assert f'href="/settings/rules/{rule["id"]}"' in refusal.text
    problem = refused(kari, "POST", "/rules", 422, json={
        "name": "Other", "conditions": {"merchants": ["Kiosk"]}, "actions": {"category": "pets"},
    })  # fmt: skip
    assert problem["rule"] == rule["id"]
    kari.pages.post(f"{first}/use-for-all", data={"action": "change"})
    assert kari.get(f"/rules/{rule['id']}")["actions"]["category"] == wanted["category"]
    told = [kari.get(f"/transactions/{one['id']}")["category"]["key"] for one in made]
    assert told == ["coffee"] * 3


def test_use_for_these_is_undone_by_its_toast(kari: Person) -> None:
    row = row_in(kari, "dining")
    body = {key: row[key] for key in ("account", "day", "amount")} | {"text": "Ferry"}
    made = [ask(kari, "POST", "/transactions", json=body)["transaction"] for _ in range(2)]
    path = f"/transactions/{made[0]['id']}"
    ask(kari, "PATCH", path, json={"category": "travel"})
    answer = kari.pages.post(f"{path}/use-for-all", data={"action": "all"})
    undo = re.search(r'class="toast">.*?action="([^"]+)"', answer.text, re.DOTALL)
    assert undo is not None
    other = f"/transactions/{made[1]['id']}"
    assert kari.get(other)["category"]["key"] == "travel"
    kari.pages.post(undo[1].replace("&amp;", "&"))
    assert kari.get(other)["category"]["key"] == "uncategorised"


def test_enter_in_a_text_of_the_bulk_bar_does_what_is_written(kari: Person) -> None:
    ref, before = (row_in(kari, "dining")[name] for name in ("id", "merchant"))
    html = kari.page("/transactions")
    bar = html[html.index('id="bulk"') :]
    first = re.search(r'<button[^>]*name="action" value="([a-z]+)"', bar)
    assert first is not None
    by_enter = {"chosen": ref, "action": first[1], "category": ""}
    kari.pages.post("/transactions/bulk", data={**by_enter, "merchant": "", "tag": "trip"})
    row = kari.get(f"/transactions/{ref}")
    assert (row["tags"], row["merchant"]) == (["trip"], before)
    kari.pages.post("/transactions/bulk", data={**by_enter, "merchant": "Harbour", "tag": ""})
    assert kari.get(f"/transactions/{ref}")["merchant"] == "Harbour"
    both = kari.pages.post("/transactions/bulk", data={**by_enter, "merchant": "A", "tag": "b"})
    assert "press the button of one of them" in text_of(both.text)
    assert kari.get(f"/transactions/{ref}")["merchant"] == "Harbour"


def test_what_you_changed_says_of_what_to_what_and_of_which_row(kari: Person) -> None:
    row = row_in(kari, "dining")
    ask(kari, "PATCH", f"/transactions/{row['id']}", json={"category": "pets", "note": "Toys"})
    html = kari.page("/transactions/changes")
    assert f'href="/transactions/{row["id"]}"' in html
    text = text_of(html)
    assert "Category: Dining → Pets" in text
    assert "Note: – → Toys" in text
