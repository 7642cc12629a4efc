"""Why net worth changed, over HTTP and on the command line: the same causes everywhere."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from tests.house import API, House, Person

_TODAY = datetime.now(UTC).date()
SINCE = (_TODAY - timedelta(days=90)).isoformat()


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    body = {"name": "Hut", "subtype": "real_estate", "value": {"amount": "500", "currency": "NOK"}}
    assert person.api.post(f"{API}/accounts", json=body).status_code == 201
    house.until_quiet()
    return person


def summed(causes: Any) -> Decimal:
    for one in causes:
        assert not one["inside"] or summed(one["inside"]) == Decimal(one["amount"]["amount"])
    return sum((Decimal(one["amount"]["amount"]) for one in causes), Decimal(0))


def test_causes_add_up_and_agree_with_net_worth(kari: Person) -> None:
    found = kari.get("/net-worth/why", since=SINCE)
    assert summed(found["causes"]) == Decimal(found["difference"]["amount"])
    live = kari.get("/net-worth")["total"]["net_worth"]
    assert found["after"] == live
    kinds = {one["kind"]: one for one in found["causes"]}
    assert {"income", "spending"} <= kinds.keys()
    assert [one["name"] for one in found["not_counted"]] == ["Hut"]
    group = kinds["spending"]["inside"][0]
    rows = kari.get("/net-worth/why/rows", since=SINCE, flow="spending", category=group["category"])
    assert rows["sum"] == group["amount"]
    assert rows["count"] >= len(rows["items"]) > 0


def test_the_page_leads_from_each_cause_to_its_rows(kari: Person) -> None:
    page = f"/why?since={SINCE}"
    html = kari.page(page)
    found = kari.get("/net-worth/why", since=SINCE)
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/why/rows[^"]+)"', html)}
    assert len(links) > 5
    for link in sorted(links)[:4]:
        assert "Total" in kari.text(link)
    text = kari.text(page)
    assert "In no figure here, because no exchange rate is known: Hut" in text
    for one in found["causes"]:
        assert f'id="{one["kind"]}"' in html


def test_what_cannot_be_read_is_left_out_and_said(kari: Person) -> None:
    for query in (
        "since=soon",
        "since=2999-01-01",
        "until=2026-13-13",
        "until=0001-01-01",
    ):
        assert "could not be read and was left out" in kari.text(f"/why?{query}")
    assert kari.pages.get("/why/rows?flow=rain").status_code == 404
    answer = kari.api.get(f"{API}/net-worth/why", params={"since": "2999-01-01"})
    assert (answer.status_code, answer.json()["field"]) == (422, "since")


def test_net_worth_by_period(kari: Person) -> None:
    for by in ("month", "quarter", "year"):
        html = kari.page(f"/reports/net-worth?by={by}")
        sheet = kari.pages.get(f"/reports/net-worth.csv?by={by}").text
        rows = list(csv.DictReader(StringIO(sheet)))
        live = kari.get("/net-worth")["total"]["net_worth"]
        assert rows[-1]["net_worth"] == live["amount"]
        links = re.findall(r'href="/why\?since=([\d-]+)&amp;until=([\d-]+)', html)
        assert links or by == "year"
        for since, until in links[:2]:
            why = kari.get("/net-worth/why", since=since, until=until)
            told = next(one["changed"] for one in rows if one["day"] == until)
            assert why["difference"]["amount"] == told


def test_the_command_line_tells_the_same(house: House, kari: Person) -> None:
    printed = house.command(kari, "why", "--since", SINCE)
    found = kari.get("/net-worth/why", since=SINCE)
    assert [one["amount"] for one in printed["causes"]] == [
        one["amount"] for one in found["causes"]
    ]


def test_the_command_line_says_why_spending_changed(house: House, kari: Person) -> None:
    month = _TODAY.replace(day=1) - timedelta(days=1)
    before = month.replace(day=1) - timedelta(days=1)
    printed = house.command(kari, "why", "--spending", f"{month:%Y-%m}")
    query = {"period": f"{month:%Y-%m}", "against": f"{before:%Y-%m}"}
    found = kari.get("/reports/spending/why", **query)
    assert (printed["before"], printed["after"]) == (found["before"], found["after"])
    assert printed["causes"]
    assert [one["amount"] for one in printed["causes"]] == [
        one["amount"] for one in found["causes"]
    ]


def test_somebody_new_is_told_nothing(house: House) -> None:
    nobody = house.person(language="nb")
    assert nobody.page("/why")
    assert nobody.page("/reports/net-worth")
    assert nobody.get("/net-worth/why", since=SINCE)["causes"] == []
