"""Goals as pages, as a browser without scripts sees them: from a text to a chance and beyond."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from io import StringIO
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.money import Currency, Money
from strongroom.goals import Goal, GoalId, GoalType
from strongroom.goals.pages.goals import moved
from tests.house import House, Person, text_of
from tests.processes import wait_until

SAID = {"monthly_income": "4500", "monthly_spending": "3100", "liquid_assets": "40000"}
FORM = {
    "name": "Car",
    "goal_type": "major_purchase",
    "target_amount": "62,000",
    "currency": "EUR",
    "timeline_months": "24",
    "monthly_contribution": "800",
    "goal_text": "A car",
}


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    """Somebody who linked no bank and says her numbers herself."""
    person = house.person()
    for figure, amount in SAID.items():
        told = {"amount": amount, "currency": "EUR"}
        assert person.pages.post(f"/goals/profile/{figure}", data=told).status_code == 200
    path = posted(person, "/goals", FORM)
    # On a new machine the engine is compiled first, and the page says so and looks again.
    ready = "in 100"
    wait_until(lambda: ready in person.text(path), "the engine is ready", seconds=180)
    return person


@pytest.fixture
def car(kari: Person) -> str:
    """The address of a goal that was just set."""
    for path in re.findall(r'id="open-(goal_\w+)"', kari.page("/goals")):
        assert kari.pages.post(f"/goals/{path}/delete").status_code == 200
    return posted(kari, "/goals", FORM)


def posted(person: Person, path: str, data: dict[str, str]) -> str:
    """Send a form, which must be taken; where it led to."""
    answer = person.pages.post(path, data=data)
    assert answer.status_code == 200, text_of(answer.text)[:1000]
    return answer.url.path


def chance(page: str) -> int:
    """The chance that a goal's page shows, in hundredths; 0 and 100 for nearly none and all."""
    found = re.search(r'id="chance-figure">([^<]+)<', page)
    assert found is not None, text_of(page)[:1500]
    figure = unescape(found[1]).removesuffix(" in 100")
    return {"< 1": 0, "> 99": 100}.get(figure) or int(figure.strip("<> "))


def test_without_history_there_is_no_chance_but_a_way_on(house: House) -> None:
    ola = house.person()
    assert "What are you saving for?" in ola.text("/goals")
    assert 'id="your-numbers"' in ola.page("/goals")
    path = posted(ola, "/goals", FORM)
    page = ola.text(path)
    assert "Not enough history" in page
    assert "in 100" not in page
    assert 'href="/goals/profile"' in ola.page(path)
    assert "not enough history" in ola.text("/goals")
    assert ola.pages.get(path + "/numbers").url.path == "/goals/profile"
    assert ola.pages.get(path + "/months.csv").status_code == 422


def test_a_text_is_read_checked_and_set_and_what_it_leaves_open_is_asked(
    kari: Person, car: str
) -> None:
    text = "Save €50k for a house in Bergen in 3 years"
    check = kari.pages.post("/goals/understand", data={"text": text}).text
    assert {unescape(one) for one in re.findall(r"<mark>([^<]+)</mark>", check)} >= {
        "€50k", "3 years"
    }  # fmt: skip
    fields = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', check))
    assert fields["target_amount"] == "50000"
    assert (fields["currency"], fields["timeline_months"]) == ("EUR", "36")
    assert fields["name"] == "House in Bergen"
    assert "Read by rules" in check and "From your words" in check
    open_ = kari.pages.post("/goals/understand", data={"text": "Save for a boat"}).text
    assert "How much do you need in all?" in open_ and "By when?" in open_
    assert dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', open_))[
        "target_amount"
    ] == ""  # fmt: skip
    path = posted(kari, "/goals", {**FORM, **fields, "goal_text": text})
    assert chance(kari.page(path)) >= 0
    names = re.findall(r"<strong>([^<]+)</strong></a>", kari.page("/goals"))
    assert names == ["Car", "House in Bergen"]


def test_whose_money_it_is_is_asked_and_left_empty(kari: Person, car: str) -> None:
    page = kari.pages.post("/goals/understand", data={"text": "A boat for 50000 pesos in 2 years"})
    fields = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', page.text))
    assert (fields["target_amount"], fields["currency"]) == ("50000", "")
    assert "Which country's money is that?" in unescape(page.text)
    monthly = kari.pages.post(
        "/goals/understand", data={"text": "A boat for €5,000 in 2 years, 50 dollars a month"}
    )
    fields = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', monthly.text))
    assert fields["monthly_contribution"] == ""
    assert "That is in another currency than the goal" in text_of(monthly.text)


def test_limits_of_a_text_change_the_goal_or_are_said_to_do_nothing(kari: Person, car: str) -> None:
    limits = "no stocks, keep €10,000 untouched, without touching my car"
    text = f"Save €50k for a house in 3 years, {limits}"
    check = text_of(kari.pages.post("/goals/understand", data={"text": text}).text)
    assert "Nothing of it invested (the interest of cash, no swings): no stocks" in check
    assert "This much stays where it is (counts for no goal): keep €10,000 untouched" in check
    assert "Leave this alone: without touching my car not reckoned with" in check
    assert check.count("not reckoned with") == 1
    path = posted(kari, "/goals", {**FORM, "goal_text": text})
    numbers = kari.page(f"{path}/numbers")
    fields = dict(re.findall(r'id="(\w+)" name="\w+" type="text"[^>]* value="([^"]*)"', numbers))
    assert (fields["annual_return"], fields["annual_return_sd"]) == ("2", "0")
    assert fields["kept"] == "10000"
    assert text_of(numbers).count("from your words") == 3
    assert "Stays where it is, for no goal €10,000" in kari.text(path)
    assert posted(kari, f"{path}/numbers", {**fields, "kept": ""}) == path
    assert "Stays where it is, for no goal" not in kari.text(path)


def goals_as_kept(person: Person) -> list[dict[str, Any]]:
    """All of a person's goals but their chances, which the worker may be reckoning."""
    chance = {"latest", "outdated"}
    items = person.get("/goals")["items"]
    return [{name: one[name] for name in one.keys() - chance} for one in items]


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("target_amount", "0", "more than nothing"),
        ("target_amount", "NaN", "is not an amount"),
        ("target_amount", "9" * 14, "1,000,000,000,000"),
        ("target_amount", "9" * 30, "more than 18 digits"),
        ("monthly_contribution", "9" * 20, "more than 18 digits"),
        ("timeline_months", "0", "1 to 720"),
        ("timeline_months", "721", "1 to 720"),
        ("timeline_months", "3 years", "in how many months"),
        ("monthly_contribution", "-5", "0 to 1,000,000,000,000"),
        ("currency", "XQZW", "currency"),
        ("name", "", "name"),
        ("goal_type", "yacht", "Choose what it is"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_kept(
    kari: Person, field: str, text: str, says: str
) -> None:
    before = goals_as_kept(kari)
    answer = kari.pages.post("/goals", data={**FORM, field: text})
    assert (answer.status_code, says in text_of(answer.text)) == (422, True), text_of(answer.text)
    if field != "goal_type":
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert goals_as_kept(kari) == before


def test_after_an_error_the_form_still_says_what_was_understood(kari: Person) -> None:
    text = "Save 50 000 for a house in 3 years"
    sent = {**FORM, "target_amount": "50000", "timeline_months": "0", "goal_text": text}
    wrong = kari.pages.post("/goals", data=sent)
    assert wrong.status_code == 422
    told = text_of(wrong.text)
    assert "What I understood" in told and "<mark>50 000</mark>" in wrong.text
    # Of what was changed since, the words say nothing any more.
    assert told.count("From your words") == 2
    unread = kari.pages.post("/goals", data={**sent, "goal_text": "", "name": "<b>4</b>"})
    assert "What I understood" not in text_of(unread.text)
    bare = kari.pages.post("/goals/understand", data={"text": "Save 50 000 in 3 years"}).text
    assert dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', bare))["name"] == "Savings"


def test_a_month_adds_up_and_card_debt_is_taken_off_in_words(house: House) -> None:
    owes = house.person()
    for figure, amount in {**SAID, "credit_debt": "2000"}.items():
        told = {"amount": amount, "currency": "EUR"}
        assert owes.pages.post(f"/goals/profile/{figure}", data=told).status_code == 200
    path = posted(owes, "/goals", {**FORM, "target_amount": "10000", "monthly_contribution": ""})
    wait_until(lambda: "in 100" in owes.text(path), "the engine is ready", seconds=180)
    page = owes.text(path).replace("\N{MINUS SIGN}", "-")
    assert "Owed on cards, taken off -€2,000 Where the chart begins €38,000" in page
    assert (
        "Income €4,500 Spending -€3,100 Payments on cards -€60 Left over in a month €1,340" in page
    )
    assert "The middle outcome is there already." in page
    first = next(csv.DictReader(StringIO(owes.pages.get(path + "/months.csv").text)))
    assert first["p50"] == "38000.00"


def test_a_currency_without_a_rate_is_refused_where_figures_are_said_by_hand(
    kari: Person, car: str
) -> None:
    answer = kari.pages.post(car, data={**FORM, "currency": "XAF"})
    assert answer.status_code == 422
    assert re.search(r'id="currency"[^>]*aria-invalid="true"', answer.text)
    assert "€62,000" in kari.text(car)


def test_a_text_of_a_million_characters_is_refused(kari: Person) -> None:
    answer = kari.pages.post("/goals/understand", data={"text": "a" * 1_000_000})
    assert answer.status_code in (413, 422)
    assert "Traceback" not in answer.text


def test_chart_table_and_file_tell_the_same(kari: Person, car: str) -> None:
    page = kari.page(car)
    block = re.search(r'<script type="application/json">(.*?)</script>', page)
    assert block is not None
    drawn = json.loads(block[1])
    middle = drawn["series"][0]["values"]
    rows = list(csv.DictReader(StringIO(kari.pages.get(car + "/months.csv").text)))
    assert len(rows) == len(middle) == len(drawn["labels"]) == 25
    assert [round(Decimal(row["p50"])) for row in rows] == middle
    assert [round(Decimal(row["p10"])) for row in rows] == drawn["series"][1]["values"]
    table = re.findall(r'<td class="num">€([\d,]+)</td>', page)
    assert [int(cell.replace(",", "")) for cell in table[2::5]] == middle
    assert f"Most likely about €{middle[-1]:,} ." in text_of(page)
    assert {row["target"] for row in rows} == {"62000.00"}


def test_what_is_tried_moves_the_chance_and_can_become_the_plan(kari: Person, car: str) -> None:
    plan = chance(kari.page(car))
    more = kari.page(f"{car}?monthly=1100")
    assert chance(more) > plan
    assert f"{plan} in 100 as planned" in text_of(more)
    assert chance(kari.page(f"{car}?months=12")) < plan
    wrong = kari.page(f"{car}?months=900")
    assert chance(wrong) == plan
    assert "“Months” has to be from 1 to 720." in text_of(wrong)
    assert "“Return a year” has to be from -50% to 50%." in kari.text(f"{car}?return=51").replace(
        "\N{MINUS SIGN}", "-"
    )
    assert "“Spend less a month and save it” has to be from €0 to €3,100." in kari.text(
        f"{car}?extra=3101"
    )
    assert re.search(r'max="3100"', more)
    assert "is not an amount" in kari.text(f"{car}?target=plenty")
    assert "Keeping this leaves out" not in text_of(more)
    assert "Keeping this leaves out" in kari.text(f"{car}?monthly=1100&extra=100")
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', more))
    assert posted(kari, f"{car}/keep", {"monthly": kept["monthly"]}) == car
    assert chance(kari.page(car)) == chance(more)
    levers = kari.text(f"{car}?levers=1")
    assert "The smallest change to 80 in 100" in levers
    assert "What there is today" in levers
    assert "Spend less and save it" in levers


def test_what_is_tried_beside_another_goal_is_the_chance_that_is_kept(
    kari: Person, car: str
) -> None:
    assert "Goals share what there is." not in kari.text(f"{car}?months=36")
    house = {**FORM, "name": "House", "target_amount": "70,000", "timeline_months": "60"}
    last = posted(kari, "/goals", {**house, "monthly_contribution": ""})
    trip = {**house, "name": "Trip", "target_amount": "30,000", "monthly_contribution": ""}
    trip_path = posted(kari, "/goals", trip)
    for path, tried, data in (
        (last, "target=40000", {"target": "40000"}), (trip_path, "months=96", {"months": "96"})
    ):  # fmt: skip
        page = kari.page(f"{path}?{tried}")
        assert "Goals share what there is." in text_of(page)
        share = re.search(r"this goal then has (\S+) today and (\S+) a month\.", text_of(page))
        assert share is not None, text_of(page)
        assert posted(kari, f"{path}/keep", data) == path
        kept = text_of(kari.page(path))
        assert chance(kari.page(path)) == chance(page)
        assert f"Today, of the common pool {share[1]}" in kept
        assert f"Of it for this goal {share[2]}" in kept
    assert "has as much as planned" in kari.text(f"{trip_path}?return=5")


def test_what_is_not_known_shows_what_stands_in_for_it(kari: Person, car: str) -> None:
    page = kari.text(car)
    assert "How much spending varies not known: this stands in for it 15" in page
    (run,) = set(re.findall(rf'href="({car}/runs/run_\w+)"', kari.page(car)))
    assert "Owed on cards: not known, taken as" in kari.text(run)


def test_a_chance_of_earlier_numbers_says_so_until_it_is_anew(kari: Person, car: str) -> None:
    kari.page(car)  # simulates
    assert "of earlier numbers" not in kari.text("/goals")
    told = {"amount": "4000", "currency": "EUR"}
    kari.pages.post("/goals/profile/monthly_income", data=told)
    try:
        assert "of earlier numbers, is being reckoned anew" in kari.text("/goals")
        busy = kari.page("/goals")
        assert 'data-poll="2"' in busy and '<noscript><meta http-equiv="refresh"' in busy
        kari.page(car)
        assert "of earlier numbers" not in kari.text("/goals")
    finally:
        told["amount"] = SAID["monthly_income"]
        kari.pages.post("/goals/profile/monthly_income", data=told)


def test_every_assumption_can_be_said_and_taken_back(kari: Person, car: str) -> None:
    numbers = kari.page(f"{car}/numbers")
    fields = dict(re.findall(r'id="(\w+)" name="\w+" type="text"[^>]* value="([^"]*)"', numbers))
    assert len(fields) == 16
    assert fields["annual_return"] == "7"
    assert "said by you" not in text_of(numbers.split("Your household")[0])
    assert posted(kari, f"{car}/numbers", {**fields, "annual_return": "3.5"}) == car
    numbers = kari.text(f"{car}/numbers").split("Your household")[0]
    assert (numbers.count("said by you"), "Our default is 7%." in numbers) == (1, True)
    bad = kari.pages.post(f"{car}/numbers", data={**fields, "emergency_chance": "800"})
    assert bad.status_code == 422
    assert re.search(r'id="emergency_chance"[^>]*aria-invalid', bad.text)
    assert "“Chance of one each month” has to be from 0% to 100%." in text_of(bad.text)
    dear = kari.pages.post(f"{car}/numbers", data={**fields, "emergency_least": "5000"})
    assert dear.status_code == 422
    assert re.search(r'id="emergency_least"[^>]*aria-invalid', dear.text)
    assert "cannot cost at least €5,000 and at most €3,000" in text_of(dear.text)
    assert fields["emergency_least"] == "500" == dict(
        re.findall(r'id="(\w+)" name="\w+" type="text"[^>]* value="([^"]*)"',
                   kari.page(f"{car}/numbers"))
    )["emergency_least"]  # fmt: skip
    assert posted(kari, f"{car}/numbers", {**fields, "annual_return": ""}) == car
    assert "Our default" not in kari.text(f"{car}/numbers")


def test_a_simulation_is_asked_for_replayed_and_deleted(kari: Person, car: str) -> None:
    kari.page(car)
    run = posted(kari, f"{car}/runs", {"paths": "10000", "seed": "7"})
    page = kari.text(run)
    assert "What decided it Futures 10,000" in page and "Seed 7" in page
    again = kari.pages.post(run + "/replay")
    assert "The same to the last bit." in text_of(again.text)
    assert kari.text(car + "/runs").count("10,000 futures") == 1
    assert posted(kari, run + "/delete", {}) == car + "/runs"
    assert kari.pages.get(run).status_code == 404
    assert kari.pages.post(f"{car}/runs", data={"paths": "12"}).status_code == 422
    assert kari.pages.post(f"{car}/runs", data={"seed": "9" * 19}).status_code == 422


def test_simulations_in_a_list_tell_how_much_was_put_aside(kari: Person, car: str) -> None:
    def months(path: str) -> list[str]:
        return re.findall(r"· €62,000 · ([^<]+)</span>", unescape(kari.page(path)))

    kari.page(car)
    assert months(car) == months(f"{car}/runs") == ["€800 a month"]
    for wish in ("812.50", ""):
        posted(kari, car, {**FORM, "monthly_contribution": wish})
        kari.page(car)
    wanted = ["whatever is left over", "€812.50 a month", "€800 a month"]
    assert months(car) == months(f"{car}/runs") == wanted


def test_without_scripts_what_matters_is_asked_for_with_what_is_tried(
    kari: Person, car: str
) -> None:
    page = kari.page(f"{car}?months=70")
    (asked,) = re.findall(r"<noscript>(.*?Work it out.*?)</noscript>", page)
    assert "comes when you ask for it" in text_of(asked)
    assert "looks again by itself" not in text_of(page)
    (href,) = re.findall(r'href="([^"]+)"', asked)
    assert unescape(href) == f"{car}?months=70&levers=1#levers"
    there = kari.page(unescape(href))
    assert 'id="tornado"' in there and chance(there) == chance(page)
    assert "<input" in there and re.search(r'id="months"[^>]* value="70"', there)


def test_a_long_simulation_shows_how_far_it_is(kari: Person, car: str) -> None:
    posted(kari, car, {**FORM, "timeline_months": "240"})
    run = posted(kari, f"{car}/runs", {"paths": "1000000"})
    first = kari.page(run)
    assert '<progress max="1000000"' in first or "What it found" in first
    wait_until(lambda: "What it found" in kari.text(run), "the simulation is done")
    assert "Futures 1,000,000" in kari.text(run)
    # Nobody waits that long for a page.
    assert 'id="replay"' not in kari.page(run)
    again = kari.pages.post(run + "/replay")
    assert again.status_code == 422
    assert "strongroom goals replay" in text_of(again.text)


def test_amounts_that_are_hidden_stand_nowhere_on_the_page(kari: Person, car: str) -> None:
    page = httpx.get(
        kari.pages.base_url.join(car),
        cookies={**dict(kari.pages.cookies), "hide_amounts": "1"},
        headers={"Accept": "text/html"},
        timeout=60,
    ).text
    seen = page.replace(json.dumps(car), "")
    assert "•••••" in seen
    assert not re.search(r"62,?000|€\d", text_of(seen))
    assert 'id="months"' in seen and 'id="target"' not in seen


def test_a_goal_is_edited_and_its_place_changed(kari: Person, car: str) -> None:
    boat = posted(kari, "/goals", {**FORM, "name": "Boat"})
    page = kari.page(f"{boat}/edit")
    fields = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', page))
    assert (fields["name"], fields["target_amount"], fields["priority"]) == ("Boat", "62000", "2")
    posted(kari, boat, {**FORM, **fields, "name": "A large boat"})
    assert re.findall(r"<strong>([^<]+)</strong></a>", kari.page("/goals")) == [
        "Car", "A large boat"
    ]  # fmt: skip
    posted(kari, f"{boat}/move", {"way": "up"})
    assert re.findall(r"<strong>([^<]+)</strong></a>", kari.page("/goals")) == [
        "A large boat", "Car"
    ]  # fmt: skip
    assert kari.pages.post(boat, data={**FORM, "priority": "100"}).status_code == 422
    assert posted(kari, f"{boat}/delete", {}) == "/goals"
    assert kari.pages.get(boat).status_code == 404


goals = st.lists(st.integers(1, 4), min_size=1, max_size=7).map(sorted)


def goal(n: int, priority: int) -> Goal:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Goal(
        GoalId(UUID(int=n)), f"{n}", "", GoalType.CUSTOM, Money(Decimal(100), Currency("EUR")), 12,
        date(2027, 11, 21), priority, None, False, {}, (), now, now,
    )  # fmt: skip


@given(goals, st.data(), st.booleans())
def test_moving_a_goal_changes_its_place_by_one_and_ties_no_others(
    priorities: list[int], data: st.DataObject, up: bool
) -> None:
    every = [goal(n, priority) for n, priority in enumerate(priorities)]
    at = data.draw(st.integers(0, len(every) - 1))
    new = {one.id: rank for one, rank in moved(every, every[at].id, up=up)}
    after = sorted(
        (replace(one, priority=new.get(one.id, one.priority)) for one in every),
        key=lambda one: one.priority,
    )
    to = max(0, at - 1) if up else min(len(every) - 1, at + 1)
    if to == at:
        assert not new
        return
    ranks = {one.id: one.priority for one in after}
    mine, theirs = ranks[every[at].id], ranks[every[to].id]
    assert mine < theirs if up else mine > theirs
    others = [one for one in every if one.id != every[at].id]
    for first, second in pairwise(others):
        assert ranks[first.id] <= ranks[second.id]
        assert (first.priority < second.priority) <= (ranks[first.id] < ranks[second.id])
