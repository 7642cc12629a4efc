"""One row open on two pages: what was changed on one is not put back by the other."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.house import Person, text_of
from tests.transactions.test_manual_edges import write

HIDDEN = re.compile(r'<input type="hidden" id="[a-z]+-was" name="([a-z]+_was)" value="([^"]*)"')


def opened(person: Person, path: str) -> dict[str, str]:
    """Return what the form of a row's page sends where nothing is changed on it."""
    was = {name: unescape(text) for name, text in HIDDEN.findall(person.page(path))}
    shown = {name.removesuffix("_was"): text for name, text in was.items()}
    if not shown["reviewed"]:
        del shown["reviewed"]
    return {**was, **shown}


def written(kari: Person, everyday: dict[str, Any], **more: Any) -> str:
    answer = write(kari, everyday, "Lamp", "-400.00", note="first\nsecond", **more)
    assert answer.status_code == 201, answer.text
    return f"/transactions/{answer.json()['transaction']['id']}"


@pytest.mark.parametrize(
    ("field", "new", "told"),
    [
        ("amount", "500.00", "-500.00"),
        ("direction", "in", "400.00"),
        ("text", "Two lamps", "Two lamps"),
        ("day", "2026-10-01", "2026-10-01"),
        ("note", "third", "third"),
    ],
)
def test_a_page_changes_only_what_was_changed_on_it(
    kari: Person, everyday: dict[str, Any], field: str, new: str, told: str
) -> None:
    path = written(kari, everyday)
    one, other = opened(kari, path), opened(kari, path)
    mine = ("text", "Written here") if field == "note" else ("note", "Written here")
    assert kari.pages.post(path, data={**one, field: new}).is_success
    assert kari.pages.post(path, data={**other, mine[0]: mine[1]}).is_success
    row = kari.get(path)
    facts = {**row, "direction": row["amount"]["amount"], "amount": row["amount"]["amount"]}
    assert facts[{"text": "title"}.get(field, field)] == told
    assert facts["title" if mine[0] == "text" else "note"] == "Written here"


def test_an_untouched_page_changes_nothing(kari: Person, everyday: dict[str, Any]) -> None:
    path = written(kari, everyday)
    old = opened(kari, path)
    assert kari.pages.post(path, data={**old, "note": "first\r\nsecond"}).is_success
    assert len(kari.get(f"{path}/history")["items"]) == 1


@pytest.mark.parametrize(
    ("field", "one", "other", "called"),
    [
        ("amount", "500.00", "600.00", "Amount"),
        ("text", "Two lamps", "Three lamps", "Text"),
        ("day", "2026-10-01", "2026-09-30", "Day"),
        ("note", "here", "there", "Note"),
    ],
)
def test_what_was_changed_on_both_is_asked_about_and_none_of_it_saved(
    kari: Person, everyday: dict[str, Any], field: str, one: str, other: str, called: str
) -> None:
    path = written(kari, everyday)
    old = opened(kari, path)
    assert kari.pages.post(path, data={**old, field: one}).is_success
    before = kari.get(path)
    also = {"reviewed": ""} if field == "note" else {"note": "Written here"}
    answer = kari.pages.post(path, data={**old, **also, field: other})
    assert answer.status_code == 409
    said = text_of(answer.text)
    assert f"since this page was opened: {called}." in said
    assert "Nothing was saved." in said
    assert kari.get(path) == before
    # The page that says so has what was written on it, and saves it when it is sent again.
    assert f'name="{field}_was" value="{one}"' in answer.text
    again = {name: unescape(text) for name, text in HIDDEN.findall(answer.text)}
    shown = {name.removesuffix("_was"): text for name, text in again.items()}
    assert kari.pages.post(path, data={**again, **shown, **also, field: other}).is_success
    after = kari.get(path)
    assert after != before
    assert other in (after["title"], after["day"], after["note"], after["amount"]["amount"][1:])


def test_a_mistake_on_an_old_page_does_not_make_it_a_new_one(
    kari: Person, everyday: dict[str, Any]
) -> None:
    path = written(kari, everyday)
    old = opened(kari, path)
    assert kari.pages.post(path, data={**old, "amount": "500.00"}).is_success
    wrong = kari.pages.post(path, data={**old, "day": "never"})
    assert wrong.status_code == 422
    again = {name: unescape(text) for name, text in HIDDEN.findall(wrong.text)}
    shown = {name.removesuffix("_was"): text for name, text in again.items()}
    assert kari.pages.post(path, data={**again, **shown, "note": "Written here"}).is_success
    row = kari.get(path)
    assert (row["amount"]["amount"], row["note"]) == ("-500.00", "Written here")


def test_the_merchant_and_category_of_a_banks_row_are_kept_too(kari: Person) -> None:
    row = next(
        one
        for one in kari.get("/transactions", category="dining")["items"]
        if one["origin"] == "bank"
    )
    path = f"/transactions/{row['id']}"
    one, other = opened(kari, path), opened(kari, path)
    pets = next(one["id"] for one in kari.get("/categories")["items"] if one["key"] == "pets")
    answer = kari.pages.post(path, data={**one, "merchant": "The corner", "category": pets})
    assert answer.is_success
    assert kari.pages.post(path, data={**other, "note": "Written here"}).is_success
    told = kari.get(path)
    assert (told["merchant"], told["category"]["key"]) == ("The corner", "pets")
    assert told["note"] == "Written here"
    clash = kari.pages.post(path, data={**other, "merchant": "The other corner"})
    assert "since this page was opened: Merchant." in text_of(clash.text)
    assert kari.get(path) == told
