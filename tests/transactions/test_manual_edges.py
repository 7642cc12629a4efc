"""A person's own hand over HTTP: the JSON interface, the pages, and the command line."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import API, House, Person, text_of

ROW = re.compile(r'id="open-(trn_[0-9a-f]{32})"')
UNDO = re.compile(r'action="(/transactions/changes/edt_[0-9a-f]{32}/undo\?next=[^"]*)"')


def write(kari: Person, everyday: dict[str, Any], text: str, amount: str, **more: Any) -> Any:
    body = {
        "account": everyday["id"], "day": "2026-10-02", "text": text,
        "amount": {"amount": amount, "currency": everyday["currency"]}, **more,
    }  # fmt: skip
    return kari.api.post(f"{API}/transactions", json=body)


def test_an_entry_is_written_corrected_deleted_and_brought_back(
    kari: Person, everyday: dict[str, Any]
) -> None:
    answer = write(kari, everyday, "Flea market", "-120.00", category="gifts", note="lamp")
    assert answer.status_code == 201, answer.text
    told = answer.json()["transaction"]
    assert (told["origin"], told["merchant_by"], told["category"]["key"]) == (
        "manual", "person", "gifts",
    )  # fmt: skip
    one = f"{API}/transactions/{told['id']}"
    money = {"amount": "-130.00", "currency": everyday["currency"]}
    body = {"text": "Flea market, hall B", "amount": money, "reviewed": False}
    changed = kari.api.patch(one, json=body).json()
    assert (changed["title"], changed["amount"]) == ("Flea market, hall B", money)
    history = kari.get(f"/transactions/{told['id']}/history")["items"]
    assert [line["cause"] for line in history] == ["person"] * 3
    assert len({line["edit"] for line in history}) == 2
    assert history[-1]["before"] is None
    gone = kari.api.delete(one).json()
    assert kari.api.get(one).status_code == 404
    undo = f"{API}/transactions/changes/{gone['edit']}/undo"
    assert kari.api.post(undo).json()["changed"] == 1
    assert kari.get(f"/transactions/{told['id']}") == changed
    again = kari.api.post(undo)
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyUndone")
    newest = kari.get("/transactions/changes")["items"][:2]
    assert [(act["verb"], act["undone"]) for act in newest] == [("added", False), ("deleted", True)]


def test_the_same_request_writes_once(kari: Person, everyday: dict[str, Any]) -> None:
    body = {
        "account": everyday["id"], "day": "2026-10-03", "text": "Only once",
        "amount": {"amount": "-1", "currency": everyday["currency"]},
    }  # fmt: skip
    headers = {"Idempotency-Key": "write-it-once"}
    first, second = (
        kari.api.post(f"{API}/transactions", json=body, headers=headers) for _ in range(2)
    )
    assert first.json() == second.json()
    assert kari.get("/transactions/summary", q="Only once")["count"] == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "20026-01-01"}, "day"),
        ({"day": "2099-01-01"}, "day"),
        ({"amount": {"amount": "1,234.5", "currency": "NOK"}}, "amount"),
        ({"amount": {"amount": 12.5, "currency": "NOK"}}, "amount"),
        ({"amount": {"amount": "-1.001", "currency": ""}}, "amount"),
        ({"amount": {"amount": "-1", "currency": "NKR"}}, "currency"),
        ({"text": ""}, "text"),
        ({"category": "nonsense"}, "category"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_refused_by_its_field(
    kari: Person, everyday: dict[str, Any], wrong: dict[str, Any], field: str
) -> None:
    if wrong.get("amount", {}).get("currency") == "":
        wrong["amount"]["currency"] = everyday["currency"]
    before = kari.get("/transactions/summary")["count"]
    answer = kari.api.post(
        f"{API}/transactions",
        json={
            "account": everyday["id"], "day": "2026-10-02", "text": "Wrong",
            "amount": {"amount": "-5", "currency": everyday["currency"]}, **wrong,
        },
    )  # fmt: skip
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["field"] == field
    assert kari.get("/transactions/summary")["count"] == before


def test_many_rows_are_changed_and_undone_as_one(kari: Person) -> None:
    wanted = {"category": "coffee", "pending": "false"}
    before = kari.get("/transactions", limit=500, **wanted)["items"]
    body = {"filter": {"category": "coffee", "pending": False}, "merchant": "Coffee", "note": "x"}
    edit = kari.api.post(f"{API}/transactions/bulk", json=body).json()
    assert edit["changed"] == len(before) > 20
    after = kari.get("/transactions", limit=500, **wanted)["items"]
    assert {(row["title"], row["note"], row["merchant_by"]) for row in after} == {
        ("Coffee", "x", "person")
    }
    kari.api.post(f"{API}/transactions/changes/{edit['edit']}/undo")
    assert kari.get("/transactions", limit=500, **wanted)["items"] == before
    for nothing in ({}, {"ids": [before[0]["id"]], "filter": {}}):
        answer = kari.api.post(f"{API}/transactions/bulk", json={**nothing, "note": "y"})
        assert answer.json()["code"] == "NothingMeant"


def test_to_change_and_to_delete_exclude_each_other(kari: Person, everyday: dict[str, Any]) -> None:
    made = write(kari, everyday, "Kept", "-5").json()["transaction"]["id"]
    body = {"ids": [made], "note": "y", "delete": True}
    answer = kari.api.post(f"{API}/transactions/bulk", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "delete")
    assert kari.get(f"/transactions/{made}")["note"] is None
    fine = kari.api.post(f"{API}/transactions/bulk", json={"ids": [made], "delete": True})
    assert fine.json()["changed"] == 1


@pytest.mark.parametrize("amount", ["1e5", "-１２.００", " 12", "+12", "1_000", "NaN", "9" * 16])
def test_an_amount_is_written_as_the_schema_says(
    kari: Person, everyday: dict[str, Any], amount: str
) -> None:
    answer = write(kari, everyday, "Amounts", amount)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].endswith("amount")


@pytest.mark.parametrize("number", ["1e5", "１２", "1_000"])
def test_a_rules_amount_is_written_as_the_schema_says(kari: Person, number: str) -> None:
    body = {
        "conditions": {"texts": ["kiosk"], "amount_from": number},
        "actions": {"review": True},
    }
    answer = kari.api.post(f"{API}/rules", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].endswith("amount_from")
    assert kari.get("/rules")["items"] == []


def test_an_entry_is_written_on_a_page_in_norwegian_digits_and_undone(
    kari: Person, everyday: dict[str, Any]
) -> None:
    form = {
        "text": "Bruktmarked", "direction": "out", "amount": "1 234,50", "day": "2026-10-05",
        "account": everyday["id"], "category": "", "note": "",
    }  # fmt: skip
    kari.pages.cookies.set("locale", "nb")
    try:
        refused = kari.pages.post("/transactions/new", data={**form, "amount": "12.34.5"})
        assert refused.status_code == 422
        assert "Bruktmarked" in refused.text
        assert "kan leses på flere måter" in refused.text
        far = kari.pages.post("/transactions/new", data={**form, "day": "20026-10-05"})
        assert "Skriv en dag som 2026-11-20" in text_of(far.text)
        fine = kari.pages.post("/transactions/new", data={**form, "amount": "1,2345"})
        assert fine.status_code == 422
        answer = kari.pages.post("/transactions/new", data=form)
    finally:
        kari.pages.cookies.set("locale", "en")
    assert "Bruktmarked er ført: " in text_of(answer.text)
    (row,) = kari.get("/transactions", q="Bruktmarked")["items"]
    assert row["amount"]["amount"] == "-1234.50"
    undo = UNDO.search(answer.text)
    assert undo is not None
    undone = kari.pages.post(undo[1].replace("&amp;", "&"))
    assert "1 row undone." in text_of(undone.text)
    assert kari.get("/transactions", q="Bruktmarked")["items"] == []


def test_an_entrys_page_changes_all_of_it_in_one_act(
    kari: Person, everyday: dict[str, Any]
) -> None:
    ref = write(kari, everyday, "Barn sale", "-75.00").json()["transaction"]["id"]
    path = f"/transactions/{ref}"
    html = kari.page(path)
    assert 'value="75.00"' in html
    pets = re.search(r'<option value="(cat_[0-9a-f]{32})"[^>]*>Pets<', html)
    assert pets is not None
    form = {
        "text": "Barn sale", "direction": "in", "amount": "80", "day": "2026-10-07",
        "account": everyday["id"], "category": pets[1], "note": "sold the cage", "reviewed": "1",
    }  # fmt: skip
    saved = kari.pages.post(path, data=form)
    row = kari.get(path)
    assert (row["amount"]["amount"], row["day"], row["category"]["key"], row["note"]) == (
        "80.00", "2026-10-07", "pets", "sold the cage",
    )  # fmt: skip
    assert "Amount: −" in text_of(saved.text)
    undo = UNDO.search(saved.text)
    assert undo is not None
    kari.pages.post(undo[1].replace("&amp;", "&"))
    row = kari.get(path)
    assert (row["amount"]["amount"], row["day"], row["note"]) == ("-75.00", "2026-10-02", None)
    bad = kari.pages.post(path, data={**form, "amount": "-80"})
    assert bad.status_code == 422
    assert "without a sign" in bad.text
    assert 'value="-80"' in bad.text
    gone = kari.pages.post(f"{path}/delete")
    assert "Barn sale is deleted." in text_of(gone.text)
    assert kari.pages.get(path).status_code == 404


def test_a_banks_row_keeps_its_facts_and_takes_a_merchant(kari: Person) -> None:
    ref = ROW.findall(kari.page("/transactions?category=gym&pending=0"))[1]
    path = f"/transactions/{ref}"
    before = kari.get(path)
    answer = kari.pages.post(path, data={"merchant": "My gym", "note": "", "category": ""})
    after = kari.get(path)
    assert (after["title"], after["merchant_by"]) == ("My gym", "person")
    assert f"Merchant: {before['merchant']} → My gym" in text_of(answer.text)
    kari.pages.post(path, data={"merchant": "", "note": "", "category": ""})
    assert kari.get(path)["merchant"] == before["merchant"]
    money = {"amount": "-1", "currency": before["amount"]["currency"]}
    refused = kari.api.patch(f"{API}{path}", json={"amount": money})
    assert (refused.status_code, refused.json()["code"]) == (422, "NotAnEntry")


def test_all_that_a_search_finds_is_changed_from_the_list_and_undone(kari: Person) -> None:
    back = "/transactions?category=dining&pending=0"
    count = kari.get("/transactions/summary", category="dining", pending="false")["count"]
    assert count > 50
    assert f"All {count:,} rows that the search finds" in kari.text(back)
    form = {"everything": "1", "action": "merchant", "merchant": "Eating out", "next": back}
    answer = kari.pages.post("/transactions/bulk", data=form)
    assert f"{count} merchants changed." in text_of(answer.text)
    assert kari.get("/transactions/summary", q="Eating out")["count"] == count
    undo = UNDO.search(answer.text)
    assert undo is not None
    back_again = kari.pages.post(undo[1].replace("&amp;", "&"))
    assert f"{count} rows undone." in text_of(back_again.text)
    assert kari.get("/transactions/summary", q="Eating out")["count"] == 0
    bank = ROW.findall(kari.page(back))[0]
    refused = kari.pages.post("/transactions/bulk", data={"chosen": bank, "action": "delete"})
    assert "What a bank or a file told is not changed by hand." in text_of(refused.text)


def test_a_rows_history_says_how_many_rows_its_act_changed_and_takes_the_undoing_back(
    kari: Person,
) -> None:
    rows = kari.get("/transactions", category="coffee", pending="false", limit=3)["items"]
    body = {"ids": [row["id"] for row in rows], "note": "All three"}
    edit = kari.api.post(f"{API}/transactions/bulk", json=body).json()
    page = f"/transactions/{rows[0]['id']}"
    html = kari.page(page)
    assert "Undo all 3 rows" in text_of(html)
    action = re.search(rf'action="(/transactions/changes/{edit["edit"]}/undo\?next=[^"]*)"', html)
    assert action is not None
    answer = kari.pages.post(action[1].replace("&amp;", "&"))
    assert "3 rows undone." in text_of(answer.text)
    assert kari.get("/transactions/summary", q="All three")["count"] == 0
    back = UNDO.search(answer.text)
    assert back is not None
    assert edit["edit"] not in back[1]
    kari.pages.post(back[1].replace("&amp;", "&"))
    assert kari.get("/transactions/summary", q="All three")["count"] == 3
    kari.api.patch(f"{API}{page}", json={"note": "Alone"})
    assert "Undo the change of" in text_of(kari.page(page))


def test_what_was_changed_is_listed_and_undone_there(
    kari: Person, everyday: dict[str, Any]
) -> None:
    write(kari, everyday, "Listed here", "-5")
    html = kari.page("/transactions/changes")
    assert "Listed here added" in text_of(html)
    action = re.search(r'action="(/transactions/changes/edt_[0-9a-f]{32}/undo)"', html)
    assert action is not None
    answer = kari.pages.post(action[1])
    assert "1 row undone." in text_of(answer.text)
    assert "Listed here deleted" in text_of(answer.text)
    assert kari.get("/transactions", q="Listed here")["items"] == []


def test_what_the_bank_told_before_is_asked_about_and_answered(
    kari: Person, everyday: dict[str, Any]
) -> None:
    rows = kari.get("/transactions", account=everyday["id"], pending="false", limit=200)["items"]
    amounts = [row["amount"]["amount"] for row in rows]
    bank = next(
        row for row in rows
        if row["origin"] == "bank" and amounts.count(row["amount"]["amount"]) == 1
    )  # fmt: skip
    one = write(
        kari, everyday, bank["title"], bank["amount"]["amount"], day=bank["day"], note="mine"
    ).json()["transaction"]["id"]
    asked = kari.get("/transactions/same")["items"]
    ours = next(each for each in asked if each["written"] == one)
    assert (ours["told"], ours["same_amount"], ours["days_apart"]) == (bank["id"], True, 0)
    assert "Is this the same?" in kari.text(f"/transactions/{bank['id']}")
    assert "may be one that a bank told" in kari.text("/transactions")
    assert "The texts say the same." in kari.text("/transactions/same")
    path = f"/transactions/same/{ours['id']}"
    merged = kari.pages.post(path, data={"action": "same", "next": f"/transactions/{bank['id']}"})
    assert merged.url.path == f"/transactions/{one}"
    assert (kari.get(f"/transactions/{one}")["origin"], kari.get(f"/transactions/{one}")["note"]) \
        == ("bank", "mine")  # fmt: skip
    assert kari.api.get(f"{API}/transactions/{bank['id']}").status_code == 404
    undo = UNDO.search(merged.text)
    assert undo is not None
    kari.pages.post(undo[1].replace("&amp;", "&"))
    assert kari.get(f"/transactions/{bank['id']}")["origin"] == "bank"
    assert kari.get(f"/transactions/{one}")["origin"] == "manual"
    assert kari.api.post(f"{API}{path}/confirm").status_code == 404


def test_someone_elses_acts_are_none(house: House, kari: Person, everyday: dict[str, Any]) -> None:
    told = write(kari, everyday, "Private", "-5").json()
    stranger = house.person()
    ref, edit = told["transaction"]["id"], told["edit"]
    for answer in (
        stranger.api.post(f"{API}/transactions/changes/{edit}/undo"),
        stranger.api.delete(f"{API}/transactions/{ref}"),
        stranger.api.get(f"{API}/transactions/{ref}/history"),
        stranger.api.post(f"{API}/transactions/bulk", json={"ids": [ref], "note": "x"}),
        stranger.pages.post(f"/transactions/{ref}/delete"),
        write(stranger, everyday, "On her account", "-5"),
    ):
        assert answer.status_code == 404, answer.text
    assert kari.get(f"/transactions/{ref}")["note"] is None


def test_a_terminal_writes_changes_and_undoes(
    house: House, kari: Person, everyday: dict[str, Any]
) -> None:
    made = house.command(
        kari, "transactions", "add", "Night bus", "--amount=-49.00", "--account", everyday["id"],
        "--category", "public_transport",
    )  # fmt: skip
    done = house.command(
        kari, "transactions", "change", made["id"], "--note", "late", "--amount=-59"
    )
    (row,) = house.command(kari, "transactions", "Night bus")
    assert (row["amount"]["amount"], row["note"], row["id"]) == ("-59.00", "late", made["id"])
    house.command(kari, "transactions", "undo", done["edit"])
    (row,) = kari.get("/transactions", q="Night bus")["items"]
    assert (row["amount"]["amount"], row["note"]) == ("-49.00", None)
