"""A goal's text over JSON: what is told of it, who may ask, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom import web, wiring
from strongroom.core.ids import new_id
from strongroom.core.settings import Settings
from strongroom.sandbox.ollama import OllamaOptions, Reply
from strongroom.sandbox.ollama import create_app as ollama_app
from tests.conftest import TestDatabase
from tests.serving import serving

API = "/api/v1"
ADDRESS = f"{API}/goals/parse"
REPLIES = [Reply("trampoline", {"goal_type": "major_purchase", "amount_words": "80"})]


@pytest.fixture(scope="module")
def address(module_database: TestDatabase) -> Iterator[str]:
    with serving(ollama_app(OllamaOptions(replies=REPLIES))) as ollama:
        settings = Settings(home=Path("/nonexistent"), ollama_url=ollama, ollama_model="practice")
        services = wiring.assemble(
            settings, module_database.ring, admin_dsn=module_database.admin_dsn, role="web"
        )
        with serving(web.create_app(services)) as found:
            yield found


@pytest.fixture(scope="module")
def kari(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=60) as client:
        given = {"email": f"{new_id().hex}@example.com", "password": "four quiet harbour lamps"}
        assert client.post(f"{API}/users", json={**given, "name": "Kari"}).is_success
        assert client.post(f"{API}/session", json=given).is_success
        yield client


def token(kari: httpx.Client, *scopes: str) -> dict[str, str]:
    made = kari.post(f"{API}/tokens", json={"name": "a program", "scopes": scopes})
    assert made.is_success, made.text
    return {"Authorization": f"Bearer {made.json()['secret']}"}


def test_it_tells_what_it_read_and_from_which_words(kari: httpx.Client) -> None:
    text = "Save $50k for a house in 3 years, at most 900 a month"
    answer = kari.post(ADDRESS, json={"text": text, "currency": "USD"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["goal_type"], told["currency"]) == ("major_purchase", "USD")
    assert (told["target_amount"], told["timeline_months"]) == ("50000", 36)
    assert told["monthly_contribution"] == "900"
    assert (told["needs_clarification"], told["questions"]) == (False, [])
    assert (told["source"], told["model"]) == ("rules", "not_needed")
    assert {one["field"]: one["words"] for one in told["origins"]} == {
        "goal_type": "house", "target_amount": "$50k", "timeline_months": "3 years",
        "monthly_contribution": "900",
    }  # fmt: skip
    assert [one["kind"] for one in told["constraints"]] == ["at_most_a_month"]
    assert told["assumptions"] == {}


def test_it_tells_what_limits_come_to_and_which_come_to_nothing(kari: httpx.Client) -> None:
    text = "$50k for a house in 3 years, no stocks, keep $10k untouched, leave my car alone"
    told = kari.post(ADDRESS, json={"text": text, "currency": "USD"}).json()
    assert told["assumptions"] == {
        "annual_return": "0.02", "annual_return_sd": "0", "kept": "10000",
    }  # fmt: skip
    assert [one["reckoned"] for one in told["constraints"]] == [True, True, False]


def test_the_model_is_asked_where_one_is_set_up_and_wanted(kari: httpx.Client) -> None:
    text = "a trampoline: 80 will do"
    filled = kari.post(ADDRESS, json={"text": text, "currency": "NOK"}).json()
    assert (filled["target_amount"], filled["currency"]) == ("80", "NOK")
    assert (filled["source"], filled["model"], filled["model_name"]) == (
        "model", "filled", "practice",
    )  # fmt: skip
    assert [one["code"] for one in filled["questions"]] == ["when"]
    alone = kari.post(ADDRESS, json={"text": text, "model": False}).json()
    assert (alone["target_amount"], alone["source"], alone["model"]) == (None, "rules", "off")


def test_the_page_marks_the_words_and_says_who_read_them(kari: httpx.Client) -> None:
    told = {"text": "a trampoline: 80 will do"}
    answer = kari.post("/goals/understand", data=told, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "a trampoline: <mark>80</mark> will do" in answer.text
    assert "read by the local model" in answer.text
    plain = {"text": "save 50k for a house in 3 years"}
    page = kari.post("/goals/understand", data=plain, headers={"Accept": "text/html"}).text
    assert "<mark>50k</mark>" in page
    assert "read by the local model" not in page


def test_ages_count_from_the_day_of_birth_that_is_sent(kari: httpx.Client) -> None:
    body = {"text": "$1m by the time I turn 60"}
    assert kari.post(ADDRESS, json=body).json()["questions"][0]["field"] == "born"
    born = date.today().replace(day=1, month=1).replace(year=date.today().year - 40)  # noqa: DTZ011
    told = kari.post(ADDRESS, json={**body, "born": born.isoformat()}).json()
    assert 19 * 12 <= told["timeline_months"] <= 20 * 12


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "save " * 200_000}, "text"),
        ({"text": "x" * 2_001}, "text"),
        ({}, "text"),
        ({"text": "save 5k", "currency": "1$"}, "currency"),
        ({"text": "save 5k", "currency": "kroner"}, "currency"),
        ({"text": "save 5k", "currency": "ABC"}, "currency"),
        ({"text": "save 5k", "born": "yesterday"}, "born"),
        ({"text": "save 5k", "born": "3000-01-01"}, "born"),
        ({"text": "save 5k", "born": "1850-01-01"}, "born"),
        ({"text": "save 5k", "born_on": "1990-01-01"}, "born_on"),
    ],
)
def test_bad_input_is_named(kari: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = kari.post(ADDRESS, json=body)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert len(answer.text) < 2_000, "the text is not sent back"


def test_a_program_needs_leave_to_read_goals(address: str, kari: httpx.Client) -> None:
    body = {"text": "save 5k in a year"}
    for scope, status in (("goals:read", 200), ("budgets:read", 403)):
        asked = httpx.post(address + ADDRESS, json=body, headers=token(kari, scope), timeout=60)
        assert asked.status_code == status
    assert httpx.post(address + ADDRESS, json=body, timeout=60).status_code == 401
