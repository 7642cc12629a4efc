"""Goals and their simulations over JSON: status, shape, idempotency, scopes; and on pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from strongroom import web, wiring
from strongroom.core import ids
from strongroom.core.ids import UserId, new_id
from strongroom.core.money import Currency
from strongroom.core.settings import Settings
from strongroom.core.time import clock
from strongroom.goals import RunId, runs
from tests.conftest import TestDatabase
from tests.goals.savers import Saver
from tests.house import text_of
from tests.identity.conftest import World
from tests.serving import serving

API = "/api/v1"
PASSWORD = "four quiet harbour lamps"
NOK = Currency("NOK")
CABIN = {
    "name": "Cabin", "goal_type": "major_purchase", "timeline_months": 24,
    "target": {"amount": "360000.00", "currency": "NOK"},
}  # fmt: skip


@pytest.fixture(scope="module")
def address(world: World, module_database: TestDatabase, home: Path) -> Iterator[str]:
    services = wiring.assemble(
        Settings(home=home), module_database.ring, admin_dsn=module_database.admin_dsn, role="web"
    )
    with serving(web.create_app(services)) as found:
        yield found


class Person:
    """Somebody signed in, with money and without a goal."""

    def __init__(self, world: World, address: str, home: Path) -> None:
        self.http = httpx.Client(base_url=address + API, headers={"Origin": address}, timeout=60)
        given = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
        assert self.http.post("/users", json={**given, "name": "Kari"}).is_success
        assert self.http.post("/session", json=given).is_success
        (row,) = world.within_all(lambda db: _row(db, given["email"]))
        self.owner, self.world = UserId(row), world
        self.root, self.saver = address, Saver(world, self.owner, home)
        self.saver.opens("Savings", 200_000)
        self.saver.says(monthly_income=30_000, monthly_spending=22_000)

    def page(self, path: str, language: str = "en") -> str:
        """What a page says to them, without its marks. No worker is up to change it."""
        cookies = {**dict(self.http.cookies), "locale": language}
        answer = httpx.get(
            self.root + path, cookies=cookies, headers={"Accept": "text/html"}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return text_of(answer.text)

    def adds(self, **more: Any) -> Any:
        answer = self.http.post("/goals", json={**CABIN, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def simulates(self, goal: Any, **more: Any) -> Any:
        answer = self.http.post(f"/goals/{goal['id']}/simulations", json=more)
        assert answer.is_success, answer.text
        return answer.json()


async def _row(db: Any, email: str) -> Any:
    return await (await db.execute("SELECT id FROM users WHERE email = %s", (email,))).fetchone()


@pytest.fixture
def kari(world: World, address: str, home: Path) -> Iterator[Person]:
    found = Person(world, address, home)
    yield found
    found.http.close()


def test_a_goal_from_its_beginning_to_its_end(kari: Person) -> None:
    made = kari.adds(monthly_contribution={"amount": "5000", "currency": "NOK"})
    assert made.pop("comes_after") == []
    path = f"/goals/{made['id']}"
    assert (made["months_left"], made["latest"], made["priority"]) == (24, None, 1)
    assert made["monthly_contribution"] == {"amount": "5000.00", "currency": "NOK"}
    assert kari.http.get("/goals").json()["items"] == [made] == [kari.http.get(path).json()]
    changed = kari.http.patch(path, json={"monthly_contribution": None, "priority": 2}).json()
    assert (changed["monthly_contribution"], changed["priority"]) == (None, 2)
    named = kari.http.patch(path, json={"name": "Hut"}).json()
    assert (named["name"], named["monthly_contribution"]) == ("Hut", None)
    share = kari.http.get(f"{path}/share").json()
    assert share["saved"] == {"amount": "200000.00", "currency": "NOK"}
    assert share["in_cash"]["amount"] == "132000.00"
    assert (share["why"], share["months"]) == (["in_cash", "left_over"], 24)
    assert share["assumptions"]["inflation"] == {"value": "0.025", "source": "default"}
    assert share["part"] == "1.000000"
    later = kari.adds(name="Boat")  # it says nothing of its place, and takes nothing of others
    assert (later["priority"], later["comes_after"]) == (3, [made["id"]])
    now = kari.http.get(f"{path}/share").json()
    assert now.get("saved") == share["saved"], now
    first = kari.adds(name="Car", priority=1)
    assert (first["priority"], first["comes_after"]) == (1, [])
    assert kari.http.delete(path).status_code == 204
    assert kari.http.get(path).status_code == 404


def test_a_short_simulation_is_answered_at_once(kari: Person) -> None:
    goal = kari.adds()
    path = f"/goals/{goal['id']}/simulations"
    answer = kari.http.post(path)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    outcome = run["outcome"]
    assert (run["state"], run["paths"], run["months"]) == ("done", 100_000, 24)
    assert run["chance"] == outcome["success_probability"]
    assert 0 < Decimal(run["chance"]) < 1
    assert len(outcome["by_month"]) == 25
    assert outcome["by_month"][24] == outcome["percentiles"]
    assert run["inputs"]["household"]["monthly_income"] == "30000.00"
    assert kari.http.get(f"{path}/{run['id']}").json() == run
    (summary,) = kari.http.get(path).json()["items"]
    assert summary == {name: run[name] for name in summary}
    here = f"/goals/{goal['id']}"
    assert kari.http.get(here).json()["latest"] == {**summary, "outdated": False}
    taken = {"figure": "spending_volatility", "value": "0.15", "why": "no_history"}
    assert taken in run["stood_in"] == kari.http.get(f"{here}/share").json()["stood_in"]
    said = {"amount": {"amount": "31000", "currency": "NOK"}}
    assert kari.http.put("/profile/figures/monthly_income", json=said).is_success
    for one in (kari.http.get(here).json(), kari.http.get("/goals").json()["items"][0]):
        assert one["latest"] == {**summary, "outdated": True}
    assert kari.simulates(goal, seed=9)["seed"] == 9
    assert kari.http.delete(f"{path}/{run['id']}").status_code == 204
    assert kari.http.get(f"{path}/{run['id']}").status_code == 404


def test_overview_marks_a_chance_of_earlier_numbers_as_the_goals_page_does(kari: Person) -> None:
    goal = kari.adds()
    kari.simulates(goal)
    assert "in 100" in kari.page("/") and "of earlier numbers" not in kari.page("/")
    kari.saver.says(monthly_income=31_000)
    says = "of earlier numbers, is being reckoned anew"
    assert says in kari.page("/") and says in kari.page("/goals")


def test_why_a_simulation_failed_is_told_in_the_readers_language(kari: Person) -> None:
    half = "0.5"
    beyond = {"annual_return": half, "annual_return_sd": "0.25", "raise_mean": half}
    moon = {"amount": "1000000000", "currency": "NOK"}
    goal = kari.adds(target=moon, timeline_months=720, assumptions=beyond)
    kari.world.run(
        runs.refresh(kari.world.database, owner=kari.owner, home=kari.saver.home, clock=clock)
    )
    (failed,) = kari.http.get(f"/goals/{goal['id']}/simulations").json()["items"]
    assert failed["error"].startswith("These assumptions lead to amounts that are too large")
    path = f"/goals/{goal['id']}/runs/{failed['id']}"
    assert failed["error"] in kari.page(path)
    assert "Disse forutsetningene gir beløp som er for store" in kari.page(path, "nb")


def test_a_long_simulation_is_accepted_stopped_and_done(kari: Person, home: Path) -> None:
    goal = kari.adds(timeline_months=12)
    path = f"/goals/{goal['id']}/simulations"
    answers = [kari.http.post(path, json={"paths": 9_000_000}) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    first, second = (one.json() for one in answers)
    assert (first["state"], first["paths_done"], first["outcome"]) == ("queued", 0, None)
    stopped = kari.http.post(f"{path}/{first['id']}/stop")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
    assert kari.http.post(f"{path}/{first['id']}/stop").status_code == 409
    run_id = RunId(ids.parse("run", second["id"]))
    work = runs.carry_out(
        kari.world.database, owner=kari.owner, run_id=run_id, home=home, clock=clock
    )
    kari.world.run(work)
    done = kari.http.get(f"{path}/{second['id']}").json()
    assert (done["state"], done["paths_done"]) == ("done", 9_000_000)
    assert done["outcome_hash"]


def test_a_repeat_with_the_same_key_takes_effect_once(kari: Person) -> None:
    key = {"Idempotency-Key": new_id().hex}
    made = [kari.http.post("/goals", json=CABIN, headers=key) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert len(kari.http.get("/goals").json()["items"]) == 1
    path = f"/goals/{made[0].json()['id']}/simulations"
    key = {"Idempotency-Key": new_id().hex}
    found = [kari.http.post(path, json={"paths": 1_000}, headers=key) for _ in range(2)]
    assert found[0].json() == found[1].json()
    assert found[1].headers["Idempotent-Replayed"] == "true"
    assert len(kari.http.get(path).json()["items"]) == 1
    other = kari.http.post(path, json={"paths": 2_000}, headers=key)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"target": {"amount": "0", "currency": "NOK"}}, "target"),
        ({"target": {"amount": "NaN", "currency": "NOK"}}, "target"),
        ({"target": {"amount": "1e400", "currency": "NOK"}}, "target"),
        ({"target": {"amount": "5", "currency": "SEK"}}, "currency"),
        ({"timeline_months": 721}, "timeline_months"),
        ({"timeline_months": 0}, "timeline_months"),
        ({"timeline_months": True}, "timeline_months"),
        ({"timeline_months": "36"}, "timeline_months"),
        ({"assumptions": {"emergency_chance": True}}, "emergency_chance"),
        ({"assumptions": {"emergency_least": "5000"}}, "assumptions.emergency_least"),
        ({"goal_type": "yacht"}, "goal_type"),
        ({"wishes": 3}, "wishes"),
        ({"goal_text": "a" * 1_000_000}, "goal_text"),
        ({"assumptions": {"emergency_chance": "1.5"}}, "assumptions.emergency_chance"),
        ({"monthly_contribution": {"amount": "5", "currency": "EUR"}}, "monthly_contribution"),
    ],
)
def test_bad_input_is_refused_by_field_and_nothing_is_stored(
    kari: Person, more: dict[str, Any], field: str
) -> None:
    answer = kari.http.post("/goals", json={**CABIN, **more})
    assert answer.status_code == 422, answer.text
    said = answer.json()
    assert field in f"{said.get('field')} {said['detail']}"
    assert kari.http.get("/goals").json()["items"] == []


def test_without_history_it_says_what_would_help(kari: Person, address: str) -> None:
    with httpx.Client(base_url=address + API, headers={"Origin": address}, timeout=60) as http:
        given = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
        http.post("/users", json={**given, "name": "New"}).raise_for_status()
        http.post("/session", json=given).raise_for_status()
        goal = http.post("/goals", json=CABIN).json()
        for answer in (
            http.post(f"/goals/{goal['id']}/simulations"),
            http.get(f"/goals/{goal['id']}/share"),
        ):
            assert answer.status_code == 422
            assert "not enough history" in answer.json()["detail"].lower()
            assert answer.json()["hint"]


def test_tokens_need_their_scope_and_others_goals_do_not_exist(
    kari: Person, world: World, address: str, home: Path
) -> None:
    goal = kari.adds()
    run = kari.simulates(goal, paths=1_000)
    made = kari.http.post("/tokens", json={"name": "reads", "scopes": ["goals:read"]}).json()
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    with httpx.Client(base_url=address + API, headers=bearer, timeout=60) as reader:
        assert reader.get("/goals").json()["items"][0]["id"] == goal["id"]
        assert reader.post("/goals", json=CABIN).status_code == 403
        assert reader.post(f"/goals/{goal['id']}/simulations").status_code == 403
        assert reader.delete(f"/goals/{goal['id']}").status_code == 403
    stranger = Person(world, address, home)
    with closing(stranger.http) as http:
        path = f"/goals/{goal['id']}"
        theirs = f"{path}/simulations/{run['id']}"
        for method, where in (
            ("GET", path), ("DELETE", path), ("GET", f"{path}/share"),
            ("GET", f"{path}/simulations"), ("POST", f"{path}/simulations"), ("GET", theirs),
            ("DELETE", theirs), ("POST", f"{theirs}/stop"),
        ):  # fmt: skip
            assert http.request(method, where).status_code == 404, (method, where)
        assert http.patch(path, json={"name": "mine"}).status_code == 404
    assert kari.http.get(theirs).json() == run


def test_two_at_once_are_both_kept(kari: Person) -> None:
    goal = kari.adds()

    async def both() -> list[int]:
        cookies = kari.http.cookies
        async with httpx.AsyncClient(
            base_url=kari.http.base_url, headers=kari.http.headers, cookies=cookies, timeout=60
        ) as http:
            path = f"/goals/{goal['id']}/simulations"
            asked = [http.post(path, json={"paths": 50_000}) for _ in range(6)]
            return [one.status_code for one in await asyncio.gather(*asked)]

    assert asyncio.run(both()) == [201] * 6
    found = kari.http.get(f"/goals/{goal['id']}/simulations", params={"limit": 4}).json()
    rest = kari.http.get(
        f"/goals/{goal['id']}/simulations", params={"limit": 4, "cursor": found["next"]}
    ).json()
    every = [one["id"] for one in (*found["items"], *rest["items"])]
    assert (len(every), len({*every}), rest["next"]) == (6, 6, None)
    assert len({one["chance"] for one in (*found["items"], *rest["items"])}) == 1
    assert all(UUID(one.removeprefix("run_")) for one in every)
