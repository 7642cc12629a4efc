"""Net worth as JSON: figures that agree with each other, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from strongroom.net_worth import Range, since
from tests.house import API, House, Person


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    body = {"name": "Hut", "subtype": "real_estate", "value": {"amount": "500", "currency": "NOK"}}
    assert person.api.post(f"{API}/accounts", json=body).status_code == 201
    house.until_quiet()
    return person


def test_each_figure_is_the_sum_of_its_parts(kari: Person) -> None:
    figures = kari.get("/net-worth")["items"]
    assert [one["currency"] for one in figures] == ["USD", "NOK"]
    for one in figures:
        parts = sum(Decimal(part["balance"]["amount"]) for part in one["parts"])
        groups = sum(Decimal(amount["amount"]) for amount in one["by_category"].values())
        assert Decimal(one["net_worth"]["amount"]) == parts == groups


def test_the_last_day_of_the_series_is_the_live_figure(kari: Person) -> None:
    live = {one["currency"]: one["net_worth"] for one in kari.get("/net-worth")["items"]}
    for span in ("1m", "6m", "ytd", "1y", "all"):
        series = kari.get("/net-worth/series", range=span)
        assert series["items"][-1]["net_worth"] == live["USD"]
        days = [day["day"] for day in series["items"]]
        assert days == sorted(set(days))
        assert series["since"] is None or days[0] >= series["since"]
        for day in series["items"]:
            owned = Decimal(day["assets"]["amount"]) - Decimal(day["liabilities"]["amount"])
            assert Decimal(day["net_worth"]["amount"]) == owned
    hut = kari.get("/net-worth/series", range="all", currency="nok")
    assert hut["items"][-1]["net_worth"] == live["NOK"]


def test_the_chosen_currency_comes_first(house: House, kari: Person) -> None:
    changed = kari.api.patch(f"{API}/settings", json={"currency": "NOK"})
    assert changed.is_success, changed.text
    try:
        assert [one["currency"] for one in kari.get("/net-worth")["items"]] == ["NOK", "USD"]
        assert kari.get("/net-worth/series")["currency"] == "NOK"
    finally:
        kari.api.patch(f"{API}/settings", json={"currency": None})


def test_bad_questions_and_nothing_yet(house: House, kari: Person) -> None:
    assert kari.api.get(f"{API}/net-worth/series", params={"range": "2y"}).status_code == 422
    assert kari.api.get(f"{API}/net-worth/series", params={"currency": "?"}).status_code == 422
    nobody = house.person()
    assert nobody.get("/net-worth")["items"] == []
    assert nobody.api.get(f"{API}/net-worth/series").status_code == 422


@pytest.mark.parametrize(
    ("span", "today", "first"),
    [
        (Range.MONTH, date(2026, 3, 31), date(2026, 2, 28)),
        (Range.MONTH, date(2024, 3, 31), date(2024, 2, 29)),
        (Range.SIX_MONTHS, date(2026, 2, 10), date(2025, 8, 10)),
        (Range.YEAR, date(2024, 2, 29), date(2023, 2, 28)),
        (Range.YEAR_TO_DATE, date(2026, 11, 21), date(2026, 1, 1)),
        (Range.ALL, date(2026, 11, 21), None),
    ],
)
def test_where_a_span_begins(span: Range, today: date, first: date | None) -> None:
    assert since(span, today) == first
