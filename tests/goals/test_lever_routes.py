"""What would change a goal's chance, over HTTP, for a household with a book of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom import budgets, goals, web, wiring
from strongroom.core import ids
from strongroom.core.ids import UserId, new_id
from strongroom.core.money import Money
from strongroom.core.settings import Settings
from strongroom.core.time import clock
from strongroom.goals import Goal, GoalType, NewGoal, Run
from strongroom.goals.levers import Lever
from strongroom.identity import limits
from tests import book as made
from tests.book import NOK
from tests.commands import strongroom, unconfigured
from tests.conftest import TestDatabase
from tests.house import text_of
from tests.identity.conftest import World
from tests.serving import serving

API = "/api/v1"
PASSWORD = "four quiet harbour lamps"
NOW = clock()
TODAY = NOW.date()


@dataclass
class Household:
    """Somebody signed in who earns 30,000 a month and spends 22,000, with a goal."""

    http: httpx.Client
    owner: UserId
    goal: Goal
    home: Path
    world: World

    @property
    def path(self) -> str:
        return f"{API}/goals/{ids.show('goal', self.goal.id)}"

    def what_if(self, **changes: Any) -> httpx.Response:
        return self.http.post(f"{self.path}/what-if", json=changes)

    def page(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Accept": "text/html"})

    def counts(self, key: str, count: int) -> None:
        """Let so many of what ``key`` limits have been asked for within the last moment."""

        async def write(db: Any) -> None:
            await db.execute(
                "INSERT INTO rate_limits (key, count, reset_at)"
                " VALUES (%(key)s, %(count)s, now() + interval '1 minute')"
                " ON CONFLICT (key) DO UPDATE SET count = excluded.count,"
                " reset_at = excluded.reset_at",
                {"key": limits.hashed(key), "count": count},
            )

        self.world.within(self.owner, write)

    def shown(self) -> Run:
        """The simulation that a page shows."""
        return self.world.run(
            goals.current_run(
                self.world.database, owner=self.owner, goal_id=self.goal.id, now=clock(),
                home=self.home,
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def client(world: World, module_database: TestDatabase, home: Path) -> Iterator[httpx.Client]:
    services = wiring.assemble(
        Settings(home=home), module_database.ring, admin_dsn=module_database.admin_dsn, role="web"
    )
    with (
        serving(web.create_app(services)) as address,
        httpx.Client(base_url=address, headers={"Origin": address}, timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def kari(world: World, client: httpx.Client, home: Path) -> Household:
    email = f"{new_id().hex}@example.com"
    given = {"email": email, "password": PASSWORD}
    assert client.post(f"{API}/users", json={**given, "name": "Kari Nordmann"}).is_success
    assert client.post(f"{API}/session", json=given).is_success
    owner = _id_of(world, email)
    live(world, owner)
    new = NewGoal("Cabin", GoalType.MAJOR_PURCHASE, Money(Decimal(500_000), NOK), 36)
    goal = world.within(owner, lambda db: goals.add(db, owner=owner, new=new, now=NOW))
    return Household(client, owner, goal, home, world)


def _id_of(world: World, email: str) -> UserId:
    async def find(db: Any) -> UserId:
        found = await db.execute("SELECT id FROM users WHERE email = %s", (email,))
        row = await found.fetchone()
        return UserId(row[0])

    return world.within_all(find)


def live(world: World, owner: UserId) -> None:
    """A year of wages, rent, food and dinners."""
    known = made.take_in(
        world, owner, made.item(world, owner), made.report("checking", "150000", reported_at=NOW),
        today=TODAY, now=NOW,
    )  # fmt: skip
    month, rows = TODAY.replace(day=1), []
    for n in range(13):
        month = (month - timedelta(days=1)).replace(day=1)
        for name, amount, pfc, day in (
            ("Northfell", -30_000 - 400 * (n % 3), "INCOME_WAGES", 15),
            ("Landlord", 11_000, "RENT_AND_UTILITIES_RENT", 3),
            ("Shop", 7_000 + 500 * (n % 4), "FOOD_AND_DRINK_GROCERIES", 8),
            ("Bistro", 3_000, "FOOD_AND_DRINK_RESTAURANT", 20),
        ):
            rows.append(_row(name, amount, pfc, month.replace(day=day)))
    made.apply(world, owner, known, made.page(*rows), now=NOW)
    world.run(budgets.look_through(world.database, owner=owner, now=NOW))


def _row(name: str, amount: int, pfc: str, day: date) -> Any:
    return made.row(
        f"{name} {day}", str(amount), day, name=name, merchant_name=name,
        pfc_primary=pfc.split("_", maxsplit=1)[0], pfc_detailed=pfc,
    )  # fmt: skip


def test_without_a_change_the_answer_is_what_the_page_shows(kari: Household) -> None:
    same = kari.what_if()
    assert same.status_code == 200, same.text
    told, run = same.json(), kari.shown()
    assert run.outcome is not None
    assert told["chance"] == told["chance_before"] == str(run.outcome.chance)
    assert Decimal(told["difference"]) == 0
    assert 0 < run.outcome.chance < 1
    assert (told["months"], told["target"]["currency"]) == (36, "NOK")
    assert told["outcome"]["by_month"][36]["p50"] == str(run.outcome.at_the_end.p50)
    assert told["monthly_contribution"] is None


def test_changes_are_reckoned_together_and_nothing_is_stored(kari: Household) -> None:
    saved = kari.what_if(extra_saving=nok("500")).json()
    assert Decimal(saved["difference"]) > 0
    dinners = kari.what_if(cuts=[{"category": "dining", "share": "0.2"}]).json()
    assert dinners["saved_by_cuts"] == dinners["extra_saving"] == nok("600.00")
    every = kari.what_if(
        extra_saving=nok("500"), months=40, target=nok("480000"), annual_return=0.05,
        cuts=[{"category": "dining", "share": 0.2}],
    ).json()  # fmt: skip
    assert every["extra_saving"] == nok("1100.00")
    assert Decimal(every["chance"]) > max(Decimal(saved["chance"]), Decimal(dinners["chance"]))
    assert len(every["outcome"]["by_month"]) == 41
    assert kari.what_if().json()["months"] == 36


def test_sensitivity_names_levers_enough_and_cuts(kari: Household) -> None:
    answer = kari.http.get(f"{kari.path}/sensitivity")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    run = kari.shown()
    assert run.outcome is not None and told["chance"] == str(run.outcome.chance)
    assert (told["currency"], told["wanted"]) == ("NOK", "0.8")
    swings = [Decimal(one["swing"]) for one in told["levers"]]
    assert swings == sorted(swings, reverse=True)
    by_name = {one["lever"]: one for one in told["levers"]}
    assert set(by_name) == set(Lever) - {Lever.EXTRA_SAVING}
    more = by_name["contribution"]["enough"]
    again = kari.what_if(extra_saving=nok(more["by"])).json()
    assert again["chance"] == more["chance"]
    assert Decimal(more["chance"]) >= Decimal("0.8")
    (dinners,) = told["cuts"]
    assert (dinners["key"], dinners["share"], dinners["extra_saving"]) == (
        "dining", "0.2", "600",
    )  # fmt: skip
    cut = kari.what_if(cuts=[{"category": dinners["category"], "share": "0.2"}]).json()
    assert cut["chance"] == dinners["chance"]
    sure = kari.http.get(f"{kari.path}/sensitivity", params={"wanted": "0.95"}).json()
    harder = next(one for one in sure["levers"] if one["lever"] == "contribution")["enough"]
    assert Decimal(harder["by"]) > Decimal(more["by"])


def command(kari: Household, place: TestDatabase, name: str, *words: str) -> Any:
    """What a command of goals prints as JSON of the household's goal."""
    settings = unconfigured() | {
        "STRONGROOM_HOME": str(kari.home),
        "STRONGROOM_KEYS": place.ring.to_json(),
        "DATABASE_URL": place.admin_dsn,
    }
    goal = ids.show("goal", kari.goal.id)
    done = strongroom(
        "goals", name, goal, *words, "--json", environment={**unconfigured(), **settings}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_terminal_says_the_same(kari: Household, module_database: TestDatabase) -> None:
    told = command(kari, module_database, "sensitivity")
    assert told == kari.http.get(f"{kari.path}/sensitivity").json()


def test_spending_less_is_kept_in_the_plan_until_it_is_taken_back(
    kari: Household, module_database: TestDatabase
) -> None:
    page = f"/goals/{ids.show('goal', kari.goal.id)}"
    (dinners,) = kari.http.get(f"{kari.path}/sensitivity").json()["cuts"]
    tried = kari.page(f"{page}?cut={dinners['category']}")
    assert "20% less on Dining" in text_of(tried.text)
    try:
        kept = kari.http.post(f"{page}/keep", data={"cut": dinners["category"]})
        assert kept.status_code == 303, kept.text
        assert kari.http.get(kari.path).json()["assumptions"] == {"spend_less.dining": "0.2"}
        share = kari.http.get(f"{kari.path}/share").json()
        assert share["cuts"] == [{
            "assumption": "spend_less.dining", "key": "dining", "name": None, "share": "0.2",
            "monthly": nok("600.00"),
        }]  # fmt: skip
        assert share["assumptions"]["spend_less.dining"] == {"value": "0.2", "source": "person"}
        # It counts in the run and in its replay, exactly as it was tried.
        run = kari.shown()
        assert run.case.aim.extra_saving == 600
        assert str(run.summary.chance) == dinners["chance"]
        again = goals.replay(
            kari.world.database, owner=kari.owner, run_id=run.summary.id, home=kari.home
        )
        assert kari.world.run(again).same
        # Sent twice it is refused, and what was set since stays as it is.
        command(kari, module_database, "change", "--assume", "spend_less.dining=0.3")
        twice = kari.http.post(f"{page}/keep", data={"cut": dinners["category"]})
        assert twice.status_code == 422
        assert "already" in text_of(twice.text)
        assert kari.http.get(kari.path).json()["assumptions"] == {"spend_less.dining": "0.3"}
        command(kari, module_database, "change", "--assume", "spend_less.dining=0.2")
        # What is kept is no longer offered, and is no sum to be tried once more.
        assert kari.http.get(f"{kari.path}/sensitivity").json()["cuts"] == []
        assert kari.what_if(cuts=[{"category": "dining", "share": "0.2"}]).status_code == 422
        assert kari.what_if(extra_saving=nok("100")).json()["extra_saving"] == nok("700.00")
        told = text_of(kari.page(page).text)
        assert "Less on Dining said by you 20%" in told
        assert "Spent less, for this goal NOK 600" in told.replace("\N{NO-BREAK SPACE}", " ")
        numbers = kari.page(f"{page}/numbers").text
        field = re.search(r'name="spend_less\.dining"[^>]*value="20"', numbers)
        assert field is not None and "said by you" in numbers
        done = command(kari, module_database, "change", "--assume", "spend_less.dining=0.5")
        assert done["assumptions"] == {"spend_less.dining": "0.5"}
        other = {"name": "Car", "target": nok("90000"), "timeline_months": 24}
        too_much = {"spend_less.dining": "0.6"}
        refused = kari.http.post(f"{API}/goals", json={**other, "assumptions": too_much})
        assert (refused.status_code, refused.json()["field"]) == (
            422, "assumptions.spend_less.dining",
        )  # fmt: skip
        emptied = kari.http.post(f"{page}/numbers", data={"spend_less.dining": ""})
        assert emptied.status_code == 303, emptied.text
        assert kari.http.get(kari.path).json()["assumptions"] == {}
    finally:
        kari.http.patch(kari.path, json={"assumptions": {}})


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("spend_less.rent", "0.2"), ("spend_less.yachts", "0.2"), ("spend_less.dining", "1.2"),
        ("spend_less.dining", "0"), ("spend_less.dining", "-1"),
    ],
)  # fmt: skip
def test_what_cannot_be_spent_less_is_refused(kari: Household, name: str, share: str) -> None:
    refused = kari.http.patch(kari.path, json={"assumptions": {name: share}})
    assert (refused.status_code, refused.json()["field"]) == (422, f"assumptions.{name}")
    if share in ("0", "-1"):
        assert "above 0 and at most 1" in refused.text


def nok(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "NOK"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"months": 0}, "months"),
        ({"months": 721}, "months"),
        ({"months": True}, "months"),
        ({"target": nok("-1")}, "target"),
        ({"target": {"amount": "5", "currency": "EUR"}}, "target"),
        ({"annual_return": "NaN"}, "annual_return"),
        ({"annual_return": 3}, "annual_return"),
        ({"cuts": [{"category": "rent", "share": "0.2"}]}, "cuts"),
        ({"cuts": [{"category": "dining", "share": "1.2"}]}, "cuts"),
        ({"cuts": [{"category": "dining", "share": "0.1"}] * 2}, "cuts"),
        ({"monthly_contribution": nok("5"), "all_that_is_left": True}, "monthly_contribution"),
        ({"wish": 1}, "wish"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    kari: Household, changes: dict[str, Any], field: str
) -> None:
    refused = kari.what_if(**changes)
    assert refused.status_code == 422, refused.text
    assert refused.json()["field"].rpartition("body.")[2].startswith(field)


def test_a_flood_is_refused_with_when_to_try_again(kari: Household) -> None:
    """Counted in the table that all processes share: as many as a hand on a slider come through."""
    page = f"/goals/{ids.show('goal', kari.goal.id)}"
    asks: dict[str, tuple[int, list[Callable[[], httpx.Response]]]] = {
        "what-if": (600, [lambda: kari.what_if(months=12), lambda: kari.page(f"{page}?months=12")]),
        "sensitivity": (60, [lambda: kari.http.get(f"{kari.path}/sensitivity"),
                             lambda: kari.page(f"{page}?levers=1")]),
    }  # fmt: skip
    for key, (most, ways) in asks.items():
        for ask in ways:
            kari.counts(f"{key} {kari.owner}", most - 1)
            assert ask().status_code == 200
            refused = ask()
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert kari.page(page).status_code == 200  # the plan is there all the while
        kari.counts(f"{key} {kari.owner}", 1)


def test_a_wanted_chance_and_an_unknown_goal_are_refused(kari: Household) -> None:
    for wanted in ("0", "1", "NaN", "much"):
        answer = kari.http.get(f"{kari.path}/sensitivity", params={"wanted": wanted})
        assert answer.status_code == 422, answer.text
    nobody = f"{API}/goals/{ids.show('goal', new_id())}"
    assert kari.http.get(f"{nobody}/sensitivity").status_code == 404
    assert kari.http.post(f"{nobody}/what-if", json={}).status_code == 404
    unknown = kari.what_if(cuts=[{"category": ids.show("cat", new_id()), "share": "0.2"}])
    assert unknown.status_code == 404
