"""Tags, parts, attachments and categories as a client, a browser and a terminal see them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.house import API, House, Person, text_of

PDF = b"%PDF-1.7\nKVITTERING 249,00\n%%EOF\n"


def by_hand(person: Person) -> None:
    """Give somebody an account with four purchases, without the time that a bank takes."""
    value = {"amount": "1000.00", "currency": "NOK"}
    account = ask(person, "POST", "/accounts", json={
        "name": "Wallet", "subtype": "cash", "value": value,
    })["id"]  # fmt: skip
    day = datetime.now(UTC).date().isoformat()
    for number, category in enumerate(("groceries", "dining") * 8, 1):
        amount = {"amount": f"-{number * 100}.50", "currency": "NOK"}
        row = {"account": account, "day": day, "amount": amount, "category": category}
        ask(person, "POST", "/transactions", json={**row, "text": f"Purchase {number}"})


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    by_hand(person)
    return person


@pytest.fixture(scope="module")
def stranger(house: House) -> Person:
    return house.person()


def some_row(person: Person, **query: Any) -> dict[str, Any]:
    """A row that no other test has tagged, whatever ran before."""
    rows = person.get("/transactions", **{"category": "groceries", "pending": "false", **query})
    found: dict[str, Any] = next(one for one in rows["items"] if not one["tags"])
    return found


def ask(person: Person, method: str, path: str, **more: Any) -> Any:
    answer = person.api.request(method, API + path, **more)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer.json() if answer.content else None


def refused(person: Person, method: str, path: str, status: int, **more: Any) -> dict[str, Any]:
    answer = person.api.request(method, API + path, **more)
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def test_a_row_is_tagged_split_and_has_a_receipt_over_json(kari: Person, stranger: Person) -> None:
    row = some_row(kari)
    place = f"/transactions/{row['id']}"
    told = ask(kari, "PUT", f"{place}/tags", json={"tags": ["Trip", "#work"]})
    assert [one["name"] for one in told["items"]] == ["Trip", "work"]
    many = {"transactions": [row["id"]], "add": ["more"], "remove": ["trip"]}
    assert ask(kari, "POST", "/transactions/tags", json=many) == {"changed": 1}
    assert [one["name"] for one in kari.get(f"{place}/tags")["items"]] == ["more", "work"]
    tag = next(one for one in kari.get("/tags")["items"] if one["name"] == "work")
    ask(kari, "PATCH", f"/tags/{tag['id']}", json={"name": "job"})
    assert ask(kari, "DELETE", f"/tags/{tag['id']}") == {"changed": 1}

    amount = row["amount"]["amount"]
    parts = [
        {"category": "pets", "amount": "-1.00"},
        {"category": row["category"]["id"], "amount": str(round(float(amount) + 1, 2))},
    ]
    split = ask(kari, "PUT", f"{place}/splits", json={"parts": parts})
    assert [one["category_key"] for one in split["parts"]] == ["pets", "groceries"]
    assert split["rest"]["amount"] == "0.00"
    wrong = [parts[0], {**parts[1], "amount": "-0.50"}]
    problem = refused(kari, "PUT", f"{place}/splits", 422, json={"parts": wrong})
    assert "is left over" in problem["detail"]
    for bad, field in (("1,5", "parts.1.amount"), ("NaN", "amount")):
        told = [{**parts[0], "amount": bad}, parts[1]]
        assert field in str(refused(kari, "PUT", f"{place}/splits", 422, json={"parts": told}))
    assert ask(kari, "DELETE", f"{place}/splits")["parts"] == []

    query = {"transaction": row["id"], "name": "kvittering.exe"}
    file = ask(kari, "POST", "/attachments", params=query, content=PDF)
    assert (file["name"], file["media_type"]) == ("kvittering.exe.pdf", "application/pdf")
    fetched = kari.api.get(f"{API}/attachments/{file['id']}")
    assert fetched.content == PDF
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in fetched.headers["content-security-policy"]
    program = {"file": ("receipt.pdf", b"MZ\x90\x00" + b"\x00" * 60)}
    where = {"transaction": row["id"]}
    problem = refused(kari, "POST", "/attachments", 422, params=where, files=program)
    assert "program" in problem["detail"]
    # Larger than every other body may be, and taken; larger than an attachment may be, and not.
    large = ask(kari, "POST", "/attachments", params=where, content=b"%PDF-" + b"x" * (9 << 20))
    assert large["size"] == 5 + (9 << 20)
    for size in (10 << 20, 12 << 20):
        body = b"%PDF-" + b"x" * size
        answer = kari.api.post(f"{API}/attachments", params=where, content=body)
        assert answer.status_code in (413, 422), answer.text
    assert len(kari.get(f"{place}/attachments")["items"]) == 2

    for path in (f"{place}/tags", f"{place}/splits", f"{place}/attachments",
                 f"/attachments/{file['id']}"):  # fmt: skip
        assert stranger.api.get(API + path).status_code == 404
    for one in (file, large):
        ask(kari, "DELETE", f"/attachments/{one['id']}")


def test_categories_are_made_moved_and_removed_over_json(kari: Person, stranger: Person) -> None:
    once = {"Idempotency-Key": "boat"}
    new = {"name": "Boat", "kind": "spending"}
    boat = ask(kari, "POST", "/categories", json=new, headers=once)
    assert ask(kari, "POST", "/categories", json=new, headers=once) == boat
    assert refused(kari, "POST", "/categories", 409, json=new)["code"] == "CategoryExists"
    mooring = ask(kari, "POST", "/categories", json={"name": "Mooring", "parent": boat["id"]})
    moved = ask(kari, "PATCH", f"/categories/{mooring['id']}",
                json={"name": "Berth", "parent": "home", "before": "rent"})  # fmt: skip
    assert moved["name"] == "Berth"
    home = next(
        one for one in kari.get("/categories/tree")["groups"] if one["group"]["key"] == "home"
    )
    assert [one["name"] or one["key"] for one in home["categories"]][:2] == ["Berth", "rent"]
    row = some_row(kari)
    ask(kari, "PATCH", f"/transactions/{row['id']}", json={"category": moved["id"]})
    path = f"/categories/{moved['id']}"
    assert refused(kari, "DELETE", path, 422)["code"] == "NeedsAnother"
    assert stranger.api.delete(API + path, params={"into": "pets"}).status_code == 404
    assert ask(kari, "DELETE", path, params={"into": "groceries"}) == {"moved": 1}
    assert kari.get(f"/transactions/{row['id']}")["category"]["key"] == "groceries"
    tree = kari.get("/categories/tree")
    assert "Berth" in [one["name"] for one in tree["removed"]]
    assert ask(kari, "POST", f"{path}/restore")["name"] == "Berth"
    ask(kari, "DELETE", path)
    ask(kari, "DELETE", f"/categories/{boat['id']}")


def test_a_person_splits_tags_and_attaches_without_a_script(kari: Person) -> None:
    row = some_row(kari, category="dining")
    page = f"/transactions/{row['id']}"
    assert "Split it" in text_of(kari.page(page))
    cost = row["amount"]["amount"].removeprefix("-")
    form = {"category": [cat(kari, "dining"), cat(kari, "gifts")], "note": ["", "flowers"]}
    wrong = kari.pages.post(f"{page}/split", data={**form, "amount": ["0.10", "0.20"]})
    assert wrong.status_code == 422
    assert "is left over" in text_of(wrong.text)
    assert 'value="0.20"' in wrong.text
    more = kari.pages.post(f"{page}/split", data={**form, "amount": ["a", ""], "action": "more"})
    assert more.text.count('name="amount"') == 6
    bad = kari.pages.post(f"{page}/split", data={**form, "amount": ["1.2.3", ""]})
    assert "Part 1" in text_of(bad.text)
    done = kari.pages.post(f"{page}/split", data={**form, "amount": ["", "1"]})
    assert done.status_code == 200
    assert "flowers" in text_of(done.text)
    assert "Undo" in text_of(done.text)
    again = kari.page(f"{page}/split")
    assert 'value="1.00"' in again
    assert f'value="{float(cost) - 1:.2f}"' in again

    saved = kari.pages.post(f"{page}/tags", data={"tags": "Trip, trip, Oslo"})
    assert 'value="Oslo, Trip"' in saved.text
    long = kari.pages.post(f"{page}/tags", data={"tags": "x" * 51})
    assert long.status_code == 422
    assert "cannot be a tag" in text_of(long.text)

    where = {"transaction": row["id"]}
    program = kari.pages.post("/attachments", data=where, files={"file": ("a.sh", b"#!/bin/sh\n")})
    assert program.status_code == 422
    assert "is a program" in text_of(program.text)
    attached = kari.pages.post("/attachments", data=where, files={"file": ("kvitt.pdf", PDF)})
    assert "kvitt.pdf" in text_of(attached.text)
    link = attached.text.split('href="/attachments/')[1].split('"')[0]
    assert kari.pages.get(f"/attachments/{link}").content == PDF
    gone = kari.pages.post(f"/attachments/{link}/remove")
    assert "The attachment is gone." in text_of(gone.text)
    assert kari.get(f"{page}/attachments")["items"] == []


def cat(person: Person, key: str) -> str:
    found = person.get("/categories")["items"]
    return next(str(one["id"]) for one in found if one["key"] == key)


def test_a_person_keeps_their_categories_without_a_script(kari: Person) -> None:
    made = kari.pages.post("/settings/categories", data={"name": "Hobby", "kind": "spending"})
    assert "Hobby is there now." in text_of(made.text)
    twice = kari.pages.post("/settings/categories", data={"name": "hobby"})
    assert twice.status_code == 409
    assert "in that place already" in text_of(twice.text)
    one = next(one for one in kari.get("/categories")["items"] if one["name"] == "Hobby")
    page = f"/settings/categories/{one['id']}"
    assert "Remove Hobby" in text_of(kari.page(page))
    moved = kari.pages.post(f"{page}/move", data={"parent": cat(kari, "leisure")})
    assert "Moved." in text_of(moved.text)
    up = kari.pages.post(f"{page}/place", data={"to": "up"})
    assert up.status_code == 200
    inside = next(
        group for group in kari.get("/categories/tree")["groups"]
        if group["group"]["key"] == "leisure"
    )["categories"]  # fmt: skip
    assert [leaf["name"] for leaf in inside][-2:] == ["Hobby", None]
    deep = kari.pages.post(f"/settings/categories/{cat(kari, 'food')}/move",
                           data={"parent": cat(kari, "leisure")})  # fmt: skip
    assert "has categories in it" in text_of(deep.text)
    gone = kari.pages.post(f"{page}/remove", data={"into": cat(kari, "gym")})
    assert "Removed." in text_of(gone.text)
    assert "Bring back" in text_of(gone.text)
    back = kari.pages.post(f"{page}/restore")
    assert "It is back." in text_of(back.text)


def test_tags_parts_and_receipts_at_the_terminal(
    house: House, kari: Person, tmp_path: Path
) -> None:
    row = some_row(kari, category="dining")["id"]
    done = house.command(kari, "transactions", "tag", row, "--add", "Trip", "--add", "boat")
    assert (done["changed"], done["items"]) == (1, [{"id": row, "tags": ["boat", "Trip"]}])
    gone = house.command(kari, "transactions", "tag", row, "--remove", "trip")
    assert kari.get(f"/transactions/{row}")["tags"] == ["boat"]
    house.command(kari, "transactions", "undo", gone["edit"])
    assert kari.get(f"/transactions/{row}")["tags"] == ["boat", "Trip"]

    whole = kari.get(f"/transactions/{row}")["amount"]["amount"]
    rest = str(Decimal(whole) + 1)
    parts = ["--part", "pets=-1=the dog", "--part", f"gifts={rest}"]
    split = house.command(kari, "transactions", "split", row, *parts)
    assert [(one["category_key"], one["note"]) for one in split["parts"]] == [
        ("pets", "the dog"), ("gifts", None),
    ]  # fmt: skip
    assert kari.get(f"/transactions/{row}/splits")["parts"][1]["amount"]["amount"] == rest
    assert house.command(kari, "transactions", "split", row)["edit"] is None
    assert house.command(kari, "transactions", "split", row, "--whole")["parts"] == []

    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(PDF)
    made = house.command(kari, "transactions", "attach", row, str(receipt))
    assert house.command(kari, "transactions", "attached", row) == [made]
    back = tmp_path / "back.pdf"
    house.printed(kari, "transactions", "fetch", made["id"], "--to", str(back))
    assert back.read_bytes() == PDF
    house.printed(kari, "transactions", "detach", made["id"])
    assert kari.get(f"/transactions/{row}/attachments")["items"] == []


def test_categories_at_the_terminal(house: House, kari: Person) -> None:
    made = house.command(kari, "categories", "add", "Sailing", "--group", "leisure")
    assert made["name"] == "Sailing"
    house.command(kari, "categories", "rename", made["id"], "Rowing")
    listed = house.command(kari, "categories", "list")
    leisure = next(one for one in listed["groups"] if one["key"] == "leisure")
    assert "Rowing" in [one["name"] for one in leisure["categories"]]
    assert house.command(kari, "categories", "remove", made["id"], "--into", "gym") == {"moved": 0}


def test_rows_are_found_by_tag_and_tagged_together(kari: Person) -> None:
    rows = [row["id"] for row in kari.get("/transactions", limit=3)["items"]]
    form = {"chosen": rows, "action": "tag", "tag": "Cabin, boat", "next": "/transactions"}
    done = kari.pages.post("/transactions/bulk", data=form)
    assert "3 rows tagged anew." in text_of(done.text)
    assert "#boat #Cabin" in text_of(done.text)
    found = kari.get("/transactions", tag="CABIN")["items"]
    assert [one["id"] for one in found] == rows
    assert all({"boat", "Cabin"} <= set(one["tags"]) for one in found)
    assert kari.get("/transactions/summary", tag="cabin")["count"] == 3
    page = kari.page("/transactions?tag=cabin")
    assert "3 transactions" in text_of(page)
    assert 'id="off-tag"' in page
    off = {**form, "chosen": rows[:1], "action": "untag", "tag": "cabin"}
    kari.pages.post("/transactions/bulk", data=off)
    assert len(kari.get("/transactions", tag="cabin")["items"]) == 2
    none = kari.pages.post("/transactions/bulk", data={**form, "tag": " , "})
    assert "Write a tag first." in text_of(none.text)
    sheet = kari.pages.get("/transactions.csv?tag=boat").text
    assert sheet.count("\n") == 4
    assert "boat, Cabin" in sheet
