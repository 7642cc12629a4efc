"""Upkeep as people and programs see it: the page, the interface, the command."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.commands import strongroom
from tests.house import API, House, Person
from tests.processes import wait_until


@pytest.fixture(scope="module")
def ola(house: House) -> Person:
    return someone(house, "user")


def someone(house: House, role: str) -> Person:
    """Somebody in a role; who signs up first of all is an administrator."""
    person = house.person()
    with house.admin() as db:
        db.execute("UPDATE strongroom.users SET role = %s WHERE email = %s", (role, person.email))
    return person


def test_the_page_lists_every_job_and_its_last_run(house: House, ola: Person) -> None:
    found = {one["name"]: one for one in ola.get("/upkeep")["items"]}
    assert {"net_worth.take_snapshots", "accounts.make_partitions", "net_worth.archive_balances",
            "upkeep.clean_up", "upkeep.analyse"} <= found.keys()  # fmt: skip
    text = ola.text("/upkeep")
    assert "Weekly clean-up" in text
    assert "Take the day's net worth" in text
    assert "Run now" not in text
    assert "Ukentlig opprydding" in house.person(language="nb").text("/upkeep")
    assert "Schedule (cron, UTC)" in ola.text("/upkeep/upkeep.clean_up")
    assert "Exports are sent as they are made" in ola.text("/upkeep/upkeep.clean_up")
    assert ola.pages.get("/upkeep/no.such").status_code == 404
    with house.admin() as db:
        db.execute(
            "INSERT INTO strongroom.slow_statements (id, reported_at, statement, calls, mean_ms,"
            " longest_ms, total_ms, rows) VALUES (gen_random_uuid(), now(), 'SELECT $1', 3, 40, 50,"
            " 120, 3)"
        )
    slow = next(one for one in ola.get("/upkeep/slow")["items"] if one["statement"] == "SELECT $1")
    assert (slow["calls"], float(slow["mean_ms"]), slow["rows"]) == (3, 40, 3)


def test_only_an_administrator_starts_a_job(house: House, ola: Person) -> None:
    path = f"{API}/upkeep/accounts.remind_of_old_values/runs"
    assert ola.api.post(path).status_code == 403
    form = {"name": "accounts.remind_of_old_values"}
    assert ola.pages.post("/upkeep", data=form).status_code == 403
    keeper = someone(house, "admin")
    before = len(keeper.get("/upkeep/accounts.remind_of_old_values/runs")["items"])
    answer = keeper.pages.post("/upkeep", data=form)
    assert (answer.status_code, answer.url.path) == (200, "/upkeep")
    assert "It runs as soon as the worker is free." in answer.text

    def ran() -> Any:
        runs = keeper.get("/upkeep/accounts.remind_of_old_values/runs")["items"]
        return len(runs) > before and runs[0]["outcome"] == "done"

    wait_until(ran, "the job has run")
    assert keeper.api.post(f"{API}/upkeep/no.such/runs").status_code == 404


def test_the_command_line_runs_a_job_and_tells_how_it_went(house: House) -> None:
    def upkeep(*words: str) -> tuple[int, Any]:
        answer = strongroom("--json", "upkeep", *words, environment=house.environment)
        return answer.returncode, json.loads(answer.stdout or "null")

    code, (ended,) = upkeep("run", "accounts.make_partitions")
    assert (code, ended["outcome"]) == (0, "done")
    assert ended["result"] == {"partitions": 0}
    assert upkeep("run", "no.such")[0] == 4
