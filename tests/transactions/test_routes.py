"""The book as JSON: what a client sees over real HTTP."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from tests.house import API, House, Person


@pytest.fixture(scope="module")
def stranger(house: House) -> Person:
    return house.person()


def everything(person: Person, **query: Any) -> list[dict[str, Any]]:
    rows, after = [], ""
    while True:
        page = person.get("/transactions", **query, after=after, limit=100)
        rows += page["items"]
        after = page["next"] or ""
        if not after:
            return rows


def test_pages_follow_each_other_without_a_gap_or_a_double(kari: Person) -> None:
    rows = everything(kari)
    assert len(rows) == kari.get("/transactions/summary")["count"] > 1000
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["day"] for row in rows] == sorted((row["day"] for row in rows), reverse=True)
    small = kari.get("/transactions", limit=3)
    assert [row["id"] for row in small["items"]] == [row["id"] for row in rows[:3]]


def test_the_summary_is_the_sum_of_the_rows(kari: Person) -> None:
    for query in ({}, {"category": "food"}, {"q": "kopper"}, {"pending": "true"}):
        rows = everything(kari, **query)
        told = kari.get("/transactions/summary", **query)
        assert told["count"] == len(rows) > 0
        assert [total["currency"] for total in told["totals"]] == ["USD"]
        assert Decimal(told["totals"][0]["amount"]) == sum(
            Decimal(row["amount"]["amount"]) for row in rows
        )


def test_filters_narrow(kari: Person) -> None:
    rows = everything(kari)
    one = rows[100]
    account = everything(kari, account=one["account"])
    assert {row["account"] for row in account} == {one["account"]}
    days = everything(kari, since=one["day"], until=one["day"])
    assert {row["day"] for row in days} == {one["day"]}
    assert len(days) == sum(row["day"] == one["day"] for row in rows)
    coffee = everything(kari, category="coffee")
    assert {row["category"]["key"] for row in coffee} == {"coffee"}
    amount = one["amount"]["amount"].lstrip("-")
    assert one["id"] in {row["id"] for row in everything(kari, q=amount)}
    assert all(row["pending"] for row in everything(kari, pending="true"))


def test_a_change_is_kept_and_all_or_nothing(kari: Person) -> None:
    row = kari.get("/transactions", limit=1, pending="false")["items"][0]
    path = f"{API}/transactions/{row['id']}"
    changed = kari.api.patch(path, json={"category": "gifts", "note": " Mum ", "reviewed": True})
    assert changed.status_code == 200
    assert changed.json()["category"]["key"] == "gifts"
    assert changed.json()["category_by"] == "person"
    assert changed.json()["note"] == "Mum"
    assert changed.json()["reviewed_at"] is not None
    assert kari.get(f"/transactions/{row['id']}") == changed.json()
    refused = kari.api.patch(path, json={"category": "groceries", "note": "x" * 2001})
    assert refused.status_code == 422
    assert refused.json()["field"] == "note"
    assert kari.get(f"/transactions/{row['id']}") == changed.json()
    unknown = kari.api.patch(path, json={"category": "no such category"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "category")


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"after": "nonsense"}, 422, "after"),
        ({"limit": "0"}, 422, "limit"),
        ({"since": "yesterday"}, 422, "since"),
        ({"since": "2026-02-02", "until": "2026-01-01"}, 422, "until"),
        ({"account": "acc_nonsense"}, 404, None),
    ],
)
def test_bad_questions_name_the_part(
    kari: Person, query: dict[str, str], status: int, field: str | None
) -> None:
    answer = kari.api.get(f"{API}/transactions", params=query)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json().get("field") == field


def test_somebody_elses_row_does_not_exist(kari: Person, stranger: Person) -> None:
    row = kari.get("/transactions", limit=1)["items"][0]
    path = f"{API}/transactions/{row['id']}"
    assert stranger.api.get(path).status_code == 404
    assert stranger.api.patch(path, json={"note": "mine"}).status_code == 404
    assert stranger.get("/transactions")["items"] == []
    theirs = stranger.api.get(f"{API}/transactions", params={"account": row["account"]})
    assert theirs.json()["items"] == []


def test_a_token_needs_its_scope(house: House, kari: Person) -> None:
    made = kari.api.post(
        f"{API}/tokens", json={"name": "reader", "scopes": ["transactions:read"]}
    ).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    import httpx

    row = kari.get("/transactions", limit=1)["items"][0]
    path = f"{house.url}{API}/transactions/{row['id']}"
    assert httpx.get(path, headers=headers).status_code == 200
    assert httpx.patch(path, headers=headers, json={"note": "x"}).status_code == 403
    assert httpx.get(f"{house.url}{API}/accounts", headers=headers).status_code == 403
    assert httpx.get(path).status_code == 401


def test_spending_and_cash_flow_are_in_the_main_currency(kari: Person, stranger: Person) -> None:
    spending = kari.get("/spending")
    assert spending["currency"] == "USD"
    assert all(Decimal(one["this_month"]["amount"]) >= 0 for one in spending["items"][:1])
    flow = kari.get("/cash-flow", months=12)
    assert len(flow["items"]) == 12
    assert stranger.api.get(f"{API}/spending").status_code == 422
    assert stranger.get("/spending", currency="NOK")["items"] == []


def test_the_csv_holds_exactly_what_the_filter_finds(kari: Person) -> None:
    rows = everything(kari, category="groceries")
    answer = kari.pages.get("/transactions.csv", params={"category": "groceries"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(StringIO(answer.text)))
    assert [line["id"] for line in table] == [row["id"] for row in rows]
    assert [line["amount"] for line in table] == [row["amount"]["amount"] for row in rows]
    assert {line["category"] for line in table} == {"Groceries"}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_of_the_csv_is_a_formula(kari: Person, start: str) -> None:
    row = kari.get("/transactions", limit=1, pending="false", category="fuel")["items"][0]
    note = start.strip("\t ") + "|cmd"
    answer = kari.api.patch(f"{API}/transactions/{row['id']}", json={"note": note})
    assert answer.status_code == 200
    text = kari.pages.get("/transactions.csv", params={"category": "fuel"}).text
    line = next(one for one in csv.DictReader(StringIO(text)) if one["id"] == row["id"])
    assert line["note"] == f"'{note}"
