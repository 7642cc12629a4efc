"""Recurring and the forecast as pages, as JSON and on the command line, of a whole Strongroom."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from tests.house import API, House, Person
from tests.processes import wait_until


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    wait_until(lambda: person.get("/recurring")["items"], "the book is looked through")
    person.get("/forecast")
    wait_until(lambda: person.get("/forecast")["items"], "a forecast is made")
    house.until_quiet()
    return person


def of_title(kari: Person, title: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = kari.get("/recurring")["items"]
    return next(one for one in found if one["title"] == title)


def test_bills_wages_and_subscriptions_are_found_by_themselves(kari: Person) -> None:
    found = {one["title"]: one for one in kari.get("/recurring")["items"]}
    wages = found["Northfell Design"]
    assert (wages["cadence"], wages["amount"]["amount"]) == ("monthly", "4520.00")
    assert found["Clearbrook Water"]["cadence"] == "bimonthly"
    assert found["Brightwell Energy"]["varies"] is True
    assert found["Hum Music"]["category"] is not None
    page = kari.text("/budgets/recurring")
    for title in ("Northfell Design", "Clearbrook Water", "every two months", "Coming up"):
        assert title in page


def test_an_item_shows_its_rows_and_what_a_person_says_is_kept(kari: Person) -> None:
    item = of_title(kari, "Hum Music")
    whole = kari.get(f"/recurring/{item['id']}")
    assert len(whole["transactions"]) == item["count"] > 20
    page = kari.text(f"/budgets/recurring/{item['id']}")
    assert "Is this right?" in page
    path = f"/budgets/recurring/{item['id']}"
    assert kari.pages.post(path, data={"verdict": "dismissed"}).status_code == 200
    assert of_title(kari, "Hum Music")["verdict"] == "dismissed"
    assert "It is neither expected nor forecast." in kari.text(path)
    coming = {one["title"] for one in kari.get("/recurring/coming", days=60)["items"]}
    assert "Lantern Streaming" in coming
    assert "Hum Music" not in coming
    changed = kari.api.patch(f"{API}/recurring/{item['id']}", json={"verdict": None})
    assert (changed.status_code, changed.json()["verdict"]) == (200, None)


def test_overview_says_what_is_coming_up(kari: Person) -> None:
    page = kari.text("/")
    assert "Coming up" in page
    first = kari.get("/recurring/coming")["items"][0]
    assert first["title"] in page


def test_the_forecast_page_csv_and_json_tell_the_same(kari: Person) -> None:
    found = kari.get("/forecast")["items"][0]
    assert found["lacking"] is None
    assert len(found["bands"]) == 90
    assert found["check"]["origins"] > 10
    page = kari.text("/budgets/forecast")
    for text in ("Where this could go", "In 8 of 10 futures between", "Not a promise"):
        assert text in page
    rows = list(csv.DictReader(StringIO(kari.pages.get("/budgets/forecast.csv").text)))
    assert [row["middle"] for row in rows] == [band["middle"]["amount"] for band in found["bands"]]


def test_without_enough_history_it_says_what_is_lacking(house: House) -> None:
    nobody = house.person()
    assert nobody.get("/forecast") == {"coming": False, "items": []}
    assert "There is no account to live from yet." in nobody.text("/budgets/forecast")
    assert nobody.get("/recurring") == {"items": []}
    nobody.page("/budgets/recurring")


def test_the_command_line_tells_it_too(house: House, kari: Person) -> None:
    told = house.command(kari, "recurring")
    assert {one["title"] for one in told} >= {"Northfell Design", "Ironleaf Gym"}
    (gym,) = [one for one in told if one["title"] == "Ironleaf Gym"]
    for verb, verdict in (("confirm", "confirmed"), ("dismiss", "dismissed"), ("reopen", None)):
        assert house.command(kari, "recurring", verb, gym["id"])["verdict"] == verdict
        assert of_title(kari, "Ironleaf Gym")["verdict"] == verdict
    (made,) = house.command(kari, "forecast")
    assert len(made["bands"]) == 90
    printed = house.printed(kari, "forecast").splitlines()
    assert [head for head in printed[1].split("  ") if head.startswith("5 in 10,")] == [
        "5 in 10, from", "5 in 10, to",
    ]  # fmt: skip
    last = made["bands"][83]
    assert last["low_50"]["amount"] in printed[-2]
    assert last["high_50"]["amount"] in printed[-2]


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/recurring?standing=soon", 422, "standing"),
        ("/recurring?account=acc_nonsense", 404, None),
        ("/recurring/rec_nonsense", 404, None),
        ("/recurring/coming?days=0", 422, "days"),
        ("/forecast?currency=!", 422, "currency"),
    ],
)
def test_bad_questions_name_the_part(
    kari: Person, path: str, status: int, field: str | None
) -> None:
    answer = kari.api.get(API + path)
    assert answer.status_code == status
    assert answer.json().get("field") == field


def test_what_is_somebody_elses_does_not_exist(house: House, kari: Person) -> None:
    item = of_title(kari, "Ironleaf Gym")
    stranger = house.person()
    assert stranger.api.get(f"{API}/recurring/{item['id']}").status_code == 404
    refused = stranger.api.patch(f"{API}/recurring/{item['id']}", json={"verdict": "dismissed"})
    assert refused.status_code == 404
    assert stranger.pages.get(f"/budgets/recurring/{item['id']}").status_code == 404
