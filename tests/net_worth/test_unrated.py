"""Where nothing can be counted for want of rates, every door says so, and none says zero."""

from __future__ import annotations

import re
from datetime import date, timedelta

import httpx
import pytest

from tests.house import API, House, Person

LOAD = "strongroom fx load"


def _holds_guaranies(house: House, *, language: str = "en") -> Person:
    """Return somebody who reckons in euros and holds nothing but guaraníes."""
    one = house.person(language=language)
    assert one.api.patch(f"{API}/settings", json={"currency": "EUR"}).is_success
    body = {"name": "Hut", "subtype": "real_estate", "value": {"amount": "900", "currency": "PYG"}}
    assert one.api.post(f"{API}/accounts", json=body).status_code == 201
    house.until_quiet()
    return one


def test_what_cannot_be_counted_is_unknown_and_never_zero(house: House) -> None:
    ola = _holds_guaranies(house)
    page = ola.page("/")
    assert re.search(r'data-read="value">unknown<', page)
    assert "€0" not in page
    assert LOAD in page
    assert "data-poll" not in page.split('id="bank-news"')[0].split("<main")[-1]
    detail = ola.text("/net-worth")
    assert "unknown" in detail
    assert "€0" not in detail
    assert LOAD in detail
    day = date.fromisoformat(ola.get("/net-worth")["total"]["day"])
    why = ola.text(f"/why?since={day - timedelta(days=1)}")
    assert "unknown" in why
    assert "Nothing changed" not in why
    assert "became €0.00" not in why
    assert LOAD in why
    rows = ola.pages.get("/net-worth.csv?cur=").text.splitlines()
    head, last = rows[0].split(","), rows[-1].split(",")
    told = dict(zip(head, last, strict=True))
    assert (told["net_worth"], told["assets"], told["property"]) == ("", "", "")
    assert told["unknown"] == "PYG"
    assert ola.get("/net-worth")["total"]["known"] is False
    assert [one["known"] for one in ola.get("/net-worth/series")["items"]] == [False]
    assert [one["known"] for one in ola.get("/net-worth/series", parts=True)["items"]] == [False]
    found = ola.get("/net-worth/why", since=str(day - timedelta(days=1)))
    assert (found["before_known"], found["after_known"]) == (True, False)
    assert ola.get("/net-worth/changes")["after_known"] is False
    told = house.command(ola, "networth", "--series", "--json")
    assert (told["net_worth"], told["known"]) == (None, False)
    assert [one["net_worth"] for one in told["series"]] == [None]
    ola.api.patch(f"{API}/settings", json={"currency": "PYG"})
    assert ola.get("/net-worth")["total"]["known"] is True
    assert re.search(r'data-read="value">PYG.900<', ola.page("/"))


def test_it_is_said_in_norwegian_too(house: House) -> None:
    kari = _holds_guaranies(house, language="nb")
    assert re.search(r'data-read="value">ukjent<', kari.page("/"))
    assert "Ukjent" in kari.text("/net-worth") or "ukjent" in kari.text("/net-worth")


def test_a_rate_that_is_too_old_is_named_with_its_day(house: House) -> None:
    ola = _holds_guaranies(house)
    day = date.fromisoformat(ola.get("/net-worth")["total"]["day"])
    old = day - timedelta(days=13)
    with house.admin() as db:
        db.execute(
            "INSERT INTO strongroom.exchange_rates VALUES ('EUR', 'PYG', %s, 140, 'a test', now())",
            (old,),
        )
    for path in ("/", "/net-worth"):
        assert "and too old" in ola.text(path), path
    assert ola.get("/net-worth")["total"]["known"] is False


def test_what_was_spent_in_another_currency_is_named_beside_the_spending(house: House) -> None:
    ola = house.person()
    day = ola.get("/net-worth")["total"]["day"]
    made = {}
    for code in ("EUR", "PYG"):
        body = {"name": code, "subtype": "bank_account", "value": {"amount": "9", "currency": code}}
        made[code] = ola.api.post(f"{API}/accounts", json=body).json()["id"]
    ola.api.patch(f"{API}/settings", json={"currency": "EUR"})
    row = {"account": made["PYG"], "day": day, "text": "Bread", "category": "groceries",
           "amount": {"amount": "-450", "currency": "PYG"}}  # fmt: skip
    answer = ola.api.post(f"{API}/transactions", json=row)
    assert answer.is_success, answer.text
    house.until_quiet()
    text = ola.text("/")
    assert "Nothing spent yet this month" not in text
    assert re.search(r"Spent in other currencies, and not counted here: PYG.450", text)
    assert re.search(r"and not drawn here: PYG.0 in, PYG.450 out", text)
    spent = ola.get("/spending")
    assert (spent["currency"], spent["items"]) == ("EUR", [])
    assert spent["elsewhere"] == [{"amount": "450", "currency": "PYG"}]
    (moved,) = ola.get("/cash-flow")["elsewhere"]
    assert moved["money_out"] == {"amount": "450", "currency": "PYG"}
    assert ola.get("/cash-flow", currency="PYG")["elsewhere"] == []


def test_a_budget_is_in_the_currency_of_the_settings(house: House) -> None:
    ola = _holds_guaranies(house)
    house.command(ola, "budgets", "add", "450")
    (budget,) = ola.get("/budgets")["items"]
    assert budget["budget"]["amount"]["currency"] == "EUR"
    assert 'value="EUR"' in ola.page("/budgets/new")


@pytest.mark.parametrize("code", ["ZZZ", "xx", "BTC"])
def test_a_currency_that_nobody_knows_is_refused_with_its_field(house: House, code: str) -> None:
    ola = house.person()
    for path in (
        "/net-worth", "/net-worth/series", "/net-worth/changes", "/net-worth/why?since=2026-01-01",
        "/reports/cash-flow", "/forecast", "/spending",
    ):  # fmt: skip
        answer = ola.api.get(f"{API}{path}", params={**httpx.QueryParams(path.partition("?")[2]),
                                                     "currency": code})  # fmt: skip
        if answer.status_code == 404:
            raise AssertionError(path)
        assert (answer.status_code, answer.json()["field"]) == (422, "currency"), path


def test_a_month_that_is_not_over_is_called_so(house: House) -> None:
    ola = _holds_guaranies(house)
    day = date.fromisoformat(ola.get("/net-worth")["total"]["day"])
    is_over = (day + timedelta(days=1)).month != day.month
    assert ("is not over: it counts up to" in ola.text("/why/spending")) is not is_over
    assert "is not over" not in ola.text("/why/spending?of=2020-02&against=2020-01")
