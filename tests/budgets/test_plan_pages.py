"""Budgets over HTTP: as JSON, on the pages as a browser without scripts sees them, as a command."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import API, House, Person, text_of


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    return house.person()


@pytest.fixture(autouse=True)
def no_budgets(kari: Person) -> None:
    for one in kari.get("/budgets")["items"]:
        assert kari.api.delete(f"{API}/budgets/{one['budget']['id']}").status_code == 204


BODY = {
    "category": "groceries",
    "amount": {"amount": "4500.00", "currency": "NOK"},
    "every": "month",
    "starts_on": "2026-09-25",
    "carry": "both",
}


def test_a_budget_is_made_looked_at_changed_and_deleted_as_json(kari: Person) -> None:
    made = kari.api.post(f"{API}/budgets", json=BODY)
    assert made.status_code == 201, made.text
    budget = made.json()
    assert (budget["category"]["key"], budget["amount"]) == ("groceries", BODY["amount"])
    again = kari.api.post(f"{API}/budgets", json=BODY)
    assert (again.status_code, again.json()["code"]) == (409, "BudgetExists")
    path = f"/budgets/{budget['id']}"
    found = kari.get(path)
    assert found["budget"] == budget
    assert found["now"]["planned"] == BODY["amount"]
    assert len(found["past"]) >= 1
    assert found["past"][-1]["first"] == "2026-09-25"
    anew = {**BODY, "amount": {"amount": "5000", "currency": "NOK"}, "carry": "nothing"}
    changed = kari.api.put(API + path, json=anew).json()
    assert changed["amount"]["amount"] == "5000.00"
    found = kari.get(path)
    assert (found["now"]["planned"]["amount"], found["now"]["carried"]["amount"]) == (
        "5000.00",
        "0.00",
    )
    assert found["past"][0]["planned"]["amount"] == "4500.00"
    (listed,) = kari.get("/budgets")["items"]
    assert (listed["budget"]["id"], listed["past"]) == (budget["id"], [])
    assert kari.api.delete(API + path).status_code == 204
    assert kari.api.get(API + path).status_code == 404


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"category": "none such"}, 404, "category"),
        ({"category": "salary"}, 422, "category"),
        ({"amount": {"amount": "1.005", "currency": "NOK"}}, 422, "amount"),
        ({"amount": {"amount": "1", "currency": "QQQ"}}, 422, "currency"),
        ({"starts_on": "20026-01-01"}, 422, "starts_on"),
        ({"starts_on": "2036-01-01"}, 422, "starts_on"),
        ({"every": "fortnight"}, 422, "every"),
    ],
)
def test_bad_budgets_are_refused_by_field(
    kari: Person, more: dict[str, Any], status: int, field: str
) -> None:
    answer = kari.api.post(f"{API}/budgets", json={**BODY, **more})
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert kari.get("/budgets")["items"] == []


def test_a_budget_is_set_and_changed_by_plain_forms(kari: Person) -> None:
    assert "No budgets yet." in kari.text("/budgets")
    html = kari.page("/budgets/new")
    food = re.search(r'<option value="(cat_[0-9a-f]{32})">Food<', html)
    assert food is not None
    form = {
        "category": food[1],
        "amount": "4 500,50",
        "currency": "nok",
        "every": "month",
        "starts_on": "2026-09-25",
        "carry": "surplus",
    }
    markup = kari.pages.post("/budgets", data={**form, "amount": "<a href=//evil.test>1 %</a>"})
    assert markup.status_code == 422
    assert "&lt;a href" in markup.text and "<a href=//evil" not in markup.text
    bad = kari.pages.post("/budgets", data={**form, "amount": "4.500.50"})
    assert bad.status_code == 422
    assert 'id="amount-error"' in bad.text
    assert 'value="4.500.50"' in bad.text
    bad = kari.pages.post("/budgets", data={**form, "starts_on": "25.10."})
    assert "is no day" in text_of(bad.text)
    done = kari.pages.post("/budgets", data=form)
    assert done.url.path == "/budgets"
    text = text_of(done.text)
    assert "The budget is set." in text
    assert "On track" in text
    assert "left from before" in text
    (one,) = kari.get("/budgets")["items"]
    path = f"/budgets/{one['budget']['id']}"
    page = kari.text(path)
    assert "Carried over" in page
    changed = kari.pages.post(path, data={**form, "amount": "10"})
    assert "Saved." in text_of(changed.text)
    kari.pages.cookies.set("locale", "nb")
    try:
        norwegian = kari.text("/budgets")
    finally:
        kari.pages.cookies.set("locale", "en")
    assert "Budsjetter" in norwegian
    assert "igjen" in norwegian
    gone = kari.pages.post(f"{path}/delete")
    assert "No budgets yet." in text_of(gone.text)


def test_budgets_on_the_command_line(house: House, kari: Person) -> None:
    made = house.command(kari, "budgets", "add", "300", "--category", "coffee",
                         "--currency", "EUR", "--every", "week")  # fmt: skip
    ref = made["budget"]["id"]
    changed = house.command(kari, "budgets", "set", ref, "350")
    assert changed["now"]["planned"] == {"amount": "350.00", "currency": "EUR"}


def test_somebody_elses_budget_is_not_there(house: House, kari: Person) -> None:
    ref = kari.api.post(f"{API}/budgets", json=BODY).json()["id"]
    stranger = house.person()
    assert stranger.get("/budgets")["items"] == []
    assert stranger.api.get(f"{API}/budgets/{ref}").status_code == 404
    assert stranger.api.delete(f"{API}/budgets/{ref}").status_code == 404
    assert stranger.pages.get(f"/budgets/{ref}").status_code == 404
