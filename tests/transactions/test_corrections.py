"""What a correction by a person leaves alone, adds up to, and leads to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import House, Person
from tests.transactions.test_marks_http import ask, by_hand

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
