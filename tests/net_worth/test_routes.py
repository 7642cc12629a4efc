"""Net worth as JSON: figures that agree with each other, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
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
        series = kari.get("/net-worth/series", range=span, parts=True)
        assert series["items"][-1]["net_worth"] == live["USD"]
        days = [day["day"] for day in series["items"]]
        assert days == sorted(set(days))
        assert series["since"] is None or days[0] >= series["since"]
        for day in series["items"]:
            owned = Decimal(day["assets"]["amount"]) - Decimal(day["liabilities"]["amount"])
            assert Decimal(day["net_worth"]["amount"]) == owned
        lean = kari.get("/net-worth/series", range=span)["items"]
        assert lean == [{name: day[name] for name in lean[0]} for day in series["items"]]
        assert series["items"][-1]["unknown"] == ["NOK"]
    hut = kari.get("/net-worth/series", range="all", currency="nok")
    assert hut["items"][-1]["net_worth"] == live["NOK"]
    assert hut["items"][-1]["unknown"] == ["USD"]


def test_the_rate_of_a_day_is_told_with_its_day_and_source(house: House, kari: Person) -> None:
    with house.admin() as db:
        db.execute(
            "INSERT INTO strongroom.exchange_rates VALUES"
            " ('EUR', 'XOF', '2001-03-02', 655.957, 'a fixed rate', now()),"
            " ('EUR', 'XOF', '2001-03-01', 655.958, 'another', now())"
        )
    asked = {"base": "xof", "quote": "eur", "day": "2001-03-04"}
    found = kari.get("/rates", **asked)
    assert Decimal(found.pop("rate")) == pytest.approx(1 / Decimal("655.957"))
    assert found == {
        "base": "XOF", "quote": "EUR", "asked": "2001-03-04", "day": "2001-03-02",
        "source": "a fixed rate", "over": None,
    }  # fmt: skip
    first = kari.get("/rates/known", base="XOF", limit=1)
    assert (first["items"][0]["day"], first["items"][0]["source"]) == ("2001-03-02", "a fixed rate")
    rest = kari.get("/rates/known", base="XOF", limit=1, after=first["next"])
    assert ([one["day"] for one in rest["items"]], rest["next"]) == (["2001-03-01"], None)
    late = kari.api.get(f"{API}/rates", params={**asked, "day": "2001-06-01"})
    assert (late.status_code, late.json()["code"]) == (404, "RateIsUnknown")
    text = kari.text("/rates?base=EUR&quote=XOF&day=2001-03-04")
    assert "1 EUR = 655.957 XOF" in text
    assert "Rate of 2 Mar 2001, from a fixed rate." in text
    assert "too old" in kari.text("/rates?base=EUR&quote=XOF&day=2001-06-01")


def test_one_figure_says_what_is_not_in_it(kari: Person) -> None:
    found = kari.get("/net-worth")["total"]
    values = [part["value"] for part in found["parts"]]
    assert sum(Decimal(one["amount"]) for one in values if one) == Decimal(
        found["net_worth"]["amount"]
    )
    (hut,) = [part for part in found["parts"] if part["name"] == "Hut"]
    assert (hut["value"], hut["rate"], found["unknown"]) == (None, None, [hut["account"]])
    for side, breakdown in (("assets", "asset_breakdown"), ("liabilities", "liability_breakdown")):
        parts = sum(Decimal(one["amount"]) for one in found[breakdown].values())
        assert parts == Decimal(found[side]["amount"])


def test_what_changed_and_what_nothing_explains(kari: Person) -> None:
    today = date.fromisoformat(kari.get("/net-worth")["total"]["day"])
    span = {"since": str(today - timedelta(days=200)), "until": str(today)}
    found = kari.get("/net-worth/changes", **span)
    assert Decimal(found["after"]["amount"]) == sum(
        Decimal(one["value_after"]["amount"]) for one in found["items"] if one["value_after"]
    )
    listed = kari.get("/net-worth/remainders", **span)["items"]
    for one in found["items"]:
        named = [Decimal(one[name]["amount"]) for name in ("opened", "moved", "waiting",
                                                           "remainder")]  # fmt: skip
        before = Decimal(one["before"]["amount"]) if one["before"] else Decimal(0)
        change = Decimal(one["after"]["amount"]) + Decimal(one["closed"]["amount"]) - before
        assert change == sum(named)
        days = [Decimal(day["remainder"]["amount"]) for day in listed
                if day["account"] == one["account"]]  # fmt: skip
        assert sum(days) == Decimal(one["remainder"]["amount"])
    account = found["items"][0]["account"]
    only = kari.get("/net-worth/remainders", **span, account=account)["items"]
    assert only == [day for day in listed if day["account"] == account]


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
    span = {"since": "2026-02-01", "until": "2026-01-01"}
    for path in ("series", "changes", "remainders"):
        refused = kari.api.get(f"{API}/net-worth/{path}", params=span)
        assert refused.status_code == 422
        assert refused.json()["field"] == "since"
    first = kari.get("/net-worth/series", until="0001-01-01")
    assert (first["since"], first["items"]) == ("0001-01-01", [])
    nobody = house.person()
    assert nobody.get("/net-worth")["items"] == []
    assert nobody.get("/net-worth")["total"]["net_worth"]["amount"] == "0.00"
    assert nobody.get("/net-worth/series")["items"] == []


@pytest.mark.parametrize(
    ("span", "today", "first"),
    [
        (Range.MONTH, date(2026, 3, 31), date(2026, 2, 28)),
        (Range.MONTH, date(2024, 3, 31), date(2024, 2, 29)),
        (Range.THREE_MONTHS, date(2026, 5, 31), date(2026, 2, 28)),
        (Range.SIX_MONTHS, date(2026, 2, 10), date(2025, 8, 10)),
        (Range.FIVE_YEARS, date(2024, 2, 29), date(2019, 2, 28)),
        (Range.YEAR, date(2024, 2, 29), date(2023, 2, 28)),
        (Range.YEAR_TO_DATE, date(2026, 11, 21), date(2026, 1, 1)),
        (Range.ALL, date(2026, 11, 21), None),
        (Range.MONTH, date(1, 1, 1), date(1, 1, 1)),
        (Range.FIVE_YEARS, date(5, 12, 31), date(1, 1, 1)),
    ],
)
def test_where_a_span_begins(span: Range, today: date, first: date | None) -> None:
    assert since(span, today) == first


def test_the_command_line_shows_the_same(house: House, kari: Person) -> None:
    total = kari.get("/net-worth")["total"]
    told = house.command(kari, "networth", "--parts", "--remainders", "--range", "6m")
    assert told["net_worth"] == total["net_worth"]
    assert [one["value"] for one in told["accounts"]] == [one["value"] for one in total["parts"]]
    assert told["unknown"] == total["unknown"]
    series = kari.get("/net-worth/series", range="6m")["items"]
    assert [(one["day"], one["net_worth"], one["unknown"]) for one in told["series"]] == [
        (one["day"], one["net_worth"], one["unknown"]) for one in series
    ]
    listed = kari.get("/net-worth/remainders", range="6m")["items"]
    assert [(one["account"], one["day"], one["remainder"]) for one in told["remainders"]] == [
        (one["account"], one["day"], one["remainder"]) for one in listed
    ]
