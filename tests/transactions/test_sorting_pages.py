"""Rules over HTTP: as JSON, on the pages as a browser without scripts sees them, as a command."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import API, House, Person, text_of
from tests.transactions.test_pages import ROW


@pytest.fixture(autouse=True)
def no_rules(kari: Person) -> None:
    for rule in kari.get("/rules")["items"]:
        assert kari.api.delete(f"{API}/rules/{rule['id']}").status_code == 204


def make(person: Person, **body: Any) -> dict[str, Any]:
    answer = person.api.post(f"{API}/rules", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def option(html: str, name: str) -> str:
    found = re.search(rf'<option value="(cat_[0-9a-f]{{32}})"[^>]*>{name}<', html)
    assert found is not None
    return found[1]


def test_a_rule_is_written_looked_at_run_and_deleted_as_json(kari: Person) -> None:
    body = {
        "conditions": {"texts": ["kopper"], "direction": "out"},
        "actions": {"category": "dining", "tags": ["coffee run"]},
    }
    told = kari.api.post(f"{API}/rules/preview", json=body).json()
    assert told["changed"] == told["met"] > 10
    assert len(told["items"]) == min(50, told["changed"])
    rule = make(kari, **body)
    assert (rule["name"], rule["place"], rule["touched"], rule["on"]) == ("kopper", 1, 0, True)
    path = f"{API}/rules/{rule['id']}"
    done = kari.api.post(f"{path}/apply").json()
    assert done["changed"] == told["changed"]
    assert done["edit"].startswith("edt_")
    assert kari.api.post(f"{path}/apply").json() == {"changed": 0, "edit": None}
    row = kari.get(f"/transactions/{told['items'][0]['id']}")
    assert (row["category"]["key"], row["category_by"]) == ("dining", "rule")
    hands = kari.get(f"/transactions/{row['id']}/rules")["items"]
    assert {(one["field"], one["value"]) for one in hands if one["rule"] == rule["id"]} == {
        ("category", ""),
        ("tag", "coffee run"),
    }
    assert kari.get(f"/rules/{rule['id']}")["touched"] == told["changed"]
    anew = {key: rule[key] for key in ("conditions", "actions")} | {"name": "Coffee"}
    changed = kari.api.put(path, json=anew).json()
    assert (changed["name"], changed["conditions"]) == ("Coffee", rule["conditions"])
    assert kari.api.post(f"{path}/switch", json={"on": False}).json()["on"] is False
    assert kari.api.delete(path).status_code == 204
    assert kari.api.get(path).status_code == 404
    hands = kari.get(f"/transactions/{row['id']}/rules")["items"]
    assert {one["rule"] for one in hands} == {None}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"conditions": {}, "actions": {"review": True}}, 422, "merchants"),
        ({"conditions": {"texts": ["x"]}, "actions": {}}, 422, "category"),
        ({"conditions": {"texts": ["x"]}, "actions": {"category": "none such"}}, 404, "category"),
        (
            {
                "conditions": {"texts": ["(a|aa)+$"], "text_how": "matches"},
                "actions": {"review": True},
            },
            422,
            "texts",
        ),
        (
            {"conditions": {"amount_from": "1e99"}, "actions": {"review": True}},
            422,
            "conditions.amount_from",
        ),
        (
            {"conditions": {"texts": ["x"], "currency": "N O K"}, "actions": {"review": True}},
            422,
            "currency",
        ),
        ({"conditions": {"text": ["x"]}, "actions": {"review": True}}, 422, "conditions.text"),
    ],
)
def test_a_bad_rule_is_refused_by_field_and_not_stored(
    kari: Person, body: dict[str, Any], status: int, field: str
) -> None:
    answer = kari.api.post(f"{API}/rules", json=body)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert kari.get("/rules")["items"] == []


def test_rules_are_moved_and_those_that_contradict_refused(kari: Person) -> None:
    names = ["one", "two", "three"]
    rules = [
        make(kari, name=name, conditions={"texts": [name]}, actions={"review": True})
        for name in names
    ]
    moved = kari.api.post(f"{API}/rules/{rules[2]['id']}/move", json={"place": 1}).json()
    assert [one["name"] for one in moved["items"]] == ["three", "one", "two"]
    first = {"conditions": {"texts": ["kiwi"]}, "actions": {"category": "pets"}}
    make(kari, **first)
    other = kari.api.post(f"{API}/rules", json={**first, "actions": {"category": "gifts"}})
    assert (other.status_code, other.json()["field"]) == (422, "category")
    assert other.json()["code"] == "RulesContradict"


def test_a_rule_is_made_on_its_page_and_seen_on_the_rows(kari: Person) -> None:
    html = kari.page("/settings/rules/new")
    form = {
        "merchant_how": "contains",
        "merchants": "kopper\r\nfjord",
        "amount_to": "100 000,00",
        "category": option(html, "Gifts"),
        "tags": "weekly, shop",
    }
    told = kari.pages.post("/settings/rules", data={**form, "action": "preview"})
    assert told.status_code == 200
    assert "Nothing is changed yet." in text_of(told.text)
    assert ">kopper\nfjord</textarea>" in told.text
    assert kari.get("/rules")["items"] == []
    bad = kari.pages.post("/settings/rules", data={**form, "since": "soon", "action": "save"})
    assert bad.status_code == 422
    assert "is no day" in bad.text
    assert 'id="since-error"' in bad.text
    made = kari.pages.post("/settings/rules", data={**form, "action": "apply"})
    assert made.url.path == "/settings/rules"
    assert re.search(r"The rule is made, and \d+ rows? changed", text_of(made.text))
    assert "merchant contains “kopper” or “fjord” · at most 100,000" in text_of(made.text)
    assert "→ Gifts · #shop · #weekly" in text_of(made.text)
    (rule,) = kari.get("/rules")["items"]
    page = kari.page(f"/settings/rules/{rule['id']}")
    assert "are so already" in text_of(page)
    gone = kari.pages.post(f"/settings/rules/{rule['id']}/delete")
    assert "Deleted." in text_of(gone.text)


def test_after_an_edit_the_page_offers_the_same_for_the_others(kari: Person) -> None:
    html = kari.page("/transactions?category=fuel&pending=0")
    ref = ROW.findall(html)[0]
    path = f"/transactions/{ref}"
    assert 'id="offer"' not in kari.page(path)
    row = kari.get(path)
    page = kari.page(path)
    form = {"category": option(page, "Pets"), "note": "", "merchant": row["merchant"] or ""}
    saved = kari.pages.post(path, data=form)
    offered = re.search(r"Use Pets for (?:all )?(\d+) others? from", text_of(saved.text))
    assert offered is not None
    link = re.search(r'id="preview-offer" href="([^"]+)"', saved.text)
    assert link is not None
    preview = kari.text(link[1].replace("&amp;", "&"))
    assert f"{offered[1]} row" in preview
    done = kari.pages.post(f"{path}/use-for-all", data={"action": "rule"})
    assert f"and {offered[1]} row" in text_of(done.text)
    assert 'id="offer"' not in done.text
    (rule,) = kari.get("/rules")["items"]
    assert (rule["touched"], rule["actions"]["category"]) == (int(offered[1]), form["category"])
    other = kari.get("/transactions", q=row["title"], limit=500)["items"]
    sorted_ = next(one for one in other if one["category_by"] == "rule")
    assert "By your rules" in kari.text(f"/transactions/{sorted_['id']}")


def test_the_pages_speak_norwegian(kari: Person) -> None:
    kari.pages.cookies.set("locale", "nb")
    try:
        assert "Regler" in kari.text("/settings/rules")
        bad = kari.pages.post("/settings/rules", data={"texts": "x", "action": "save"})
        assert "Velg minst én ting" in bad.text
    finally:
        kari.pages.cookies.set("locale", "en")


def test_rules_on_the_command_line(house: House, kari: Person) -> None:
    options = ["--text", "kopper", "--category", "coffee", "--part", "gifts=25"]
    rule = house.command(kari, "rules", "add", *options, "--apply")
    assert rule["id"].startswith("rul_")
    (listed,) = house.command(kari, "rules", "list")
    assert (listed["id"], listed["touched"]) == (rule["id"], rule["changed"])
    options = ["--amount-to", "9.50", "--category", "dining", "--part", "", "--since", "2026-01-02"]
    changed = house.command(kari, "rules", "change", rule["id"], *options)
    assert changed["conditions"]["texts"] == ["kopper"]  # what is left out stays
    assert float(changed["conditions"]["amount_to"]) == 9.5
    assert changed["conditions"]["since"] == "2026-01-02"
    assert changed["actions"]["parts"] == []
    dining = next(one for one in kari.get("/categories")["items"] if one["key"] == "dining")
    assert changed["actions"]["category_id"] == dining["id"]
    again = house.command(kari, "rules", "change", rule["id"], "--amount-to", "", "--tag", "cup")
    assert again["conditions"]["amount_to"] is None
    assert again["actions"]["tags"] == ["cup"]


def test_somebody_elses_rule_is_not_there(house: House, kari: Person) -> None:
    rule = make(kari, conditions={"texts": ["x"]}, actions={"review": True})
    stranger = house.person()
    assert stranger.get("/rules")["items"] == []
    for path in ("", "/apply"):
        assert stranger.api.post(f"{API}/rules/{rule['id']}{path}").status_code in (404, 405)
    assert stranger.pages.get(f"/settings/rules/{rule['id']}").status_code == 404
    assert "No rules yet." in stranger.text("/settings/rules")
