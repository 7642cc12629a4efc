"""``strongroom goals``: keep, change, simulate, list, replay and delete at the terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from strongroom.cli import app
from strongroom.core.errors import StrongroomError
from strongroom.goals.simulation import prepare
from tests.conftest import TestDatabase
from tests.goals.savers import saver
from tests.identity.conftest import World
from tests.processes import wait_until


class Terminal:
    """Commands of one person."""

    def __init__(self, place: TestDatabase, home: Path, email: str) -> None:
        self._email = email
        self._environment = {
            "STRONGROOM_HOME": str(home),
            "STRONGROOM_KEYS": place.ring.to_json(),
            "DATABASE_URL": place.admin_dsn,
        }

    def run(self, *words: str, status: int = 0) -> str:
        """What a command prints."""
        command = ["--as", self._email, "goals", *words]
        done = CliRunner().invoke(app, command, env=self._environment)
        if isinstance(done.exception, StrongroomError):
            raise done.exception
        assert done.exit_code == status, done.output
        return done.output

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "strongroom.cli", "--as", self._email, "goals", *words],
            env={**os.environ, **self._environment}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # Heard, also where whoever started the tests does not hear it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip

    def json(self, *words: str, status: int = 0) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.run(*words, "--json", status=status))


@pytest.fixture
def terminal(
    world: World, module_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Terminal:
    home = tmp_path_factory.getbasetemp().parent / "engine"
    prepare(home)
    kari = saver(world, home)
    return Terminal(module_database, home, f"{kari.owner.hex}@example.com")


def test_a_goal_at_the_terminal_from_its_beginning_to_its_end(terminal: Terminal) -> None:
    words = "save 400k for a cabin in 3 years"
    goal = terminal.json("add", words, "--monthly", "5500", "--priority", "2")
    assert (goal["name"], goal["goal_text"], goal["goal_type"]) == (words, words, "major_purchase")
    assert goal["target"] == {"amount": "400000.00", "currency": "NOK"}
    assert (goal["months_left"], goal["priority"]) == (36, 2)
    assert (goal.pop("comes_after"), goal.pop("limits")) == ([], [])
    assert goal in terminal.json("list")
    assert f"It comes after: {words}." in terminal.run("add", "a boat for 30 000 kr in one year")
    changed = terminal.json(
        "change", goal["id"], "--name", "Cabin", "--monthly", "left", "--amount", "410000",
        "--assume", "inflation=0.03", "--todays-money", "--months", "30",
    )  # fmt: skip
    assert changed["target"]["amount"] == "410000.00"
    assert (changed["monthly_contribution"], changed["months_left"]) == (None, 30)
    assert (changed["assumptions"], changed["todays_money"]) == ({"inflation": "0.03"}, True)
    shown = terminal.json("show", goal["id"])
    assert shown["share"]["saved"]["amount"] == "200000.00"
    run = terminal.json("simulate", goal["id"], "--paths", "2000", "--seed", "4")
    assert (run["state"], run["seed"], run["months"]) == ("done", 4, 30)
    (listed,) = terminal.json("runs", goal["id"])
    assert listed == {name: run[name] for name in listed}
    assert {**listed, "outdated": False} in [one["latest"] for one in terminal.json("list")]
    replayed = terminal.json("replay", run["id"])
    assert replayed["same"] is True
    assert replayed["replayed_hash"] == replayed["stored_hash"] == run["outcome_hash"]
    assert "The same to the last bit" in terminal.run("replay", run["id"])
    assert " NOK" in terminal.run("simulate", goal["id"], "--paths", "2000")
    assert "Cabin" in terminal.run("list")
    for said in (terminal.run("show", goal["id"]), terminal.run("simulate", goal["id"])):
        assert "How much spending varies (taken as 0.15)" in said
    assert "outdated" not in terminal.run("list")
    assert "once a worker is up" in terminal.run("profile", "--set", "monthly_income=2000")
    said = terminal.run("list")
    assert "outdated" in said and "once one is up" in said
    assert "410000.00" in terminal.run("show", goal["id"])
    terminal.run("delete-run", run["id"])
    assert run["id"] not in terminal.run("runs", goal["id"])
    assert terminal.json("delete", goal["id"]) == {"deleted": goal["id"]}
    assert goal["id"] not in terminal.run("list")


def test_a_long_one_is_done_by_the_command_where_no_worker_is_up(terminal: Terminal) -> None:
    goal = terminal.json("add", "a boat for 300 000 kr in one year")
    run = terminal.json("simulate", goal["id"], "--paths", "9000000")
    assert (run["state"], run["paths_done"]) == ("done", 9_000_000)
    assert terminal.json("replay", run["id"])["same"]


def test_ctrl_c_says_what_goes_on_and_how_to_stop_it(terminal: Terminal) -> None:
    goal = terminal.json("add", "a house for 9 million kr in 50 years")
    with terminal.start("simulate", goal["id"], "--paths", "10000000") as waiting:
        running: list[str] = []

        def is_running() -> bool:
            found = terminal.json("runs", goal["id"])
            running[:] = [one["id"] for one in found if one["state"] == "running"]
            return bool(running)

        wait_until(is_running, "the simulation runs")
        waiting.send_signal(signal.SIGINT)
        out, said = waiting.communicate(timeout=60)
    assert (waiting.returncode, out) == (130, "")
    assert f"goals stop {running[0]}" in said and "Traceback" not in said
    assert terminal.json("stop", running[0]) == {"stopped": running[0]}
    terminal.run("delete", goal["id"])


def test_what_a_text_leaves_open_is_answered_by_options(terminal: Terminal) -> None:
    with pytest.raises(StrongroomError) as asked:
        terminal.run("add", "Retire at 65 with 1.2m")
    assert asked.value.message == "When were you born?"
    made = terminal.json("add", "Retire at 65 with 1.2m", "--born", "1990-06-15")
    assert 300 < made["timeline_months"] < 720
    pesos = terminal.json("add", "a boat for 300 000 pesos in a year", "--currency", "NOK")
    assert pesos["target"]["currency"] == "NOK"
    for one in (made, pesos):
        terminal.run("delete", one["id"])


def test_limits_of_a_text_are_reckoned_with_or_said_not_to_be(terminal: Terminal) -> None:
    words = "a boat for 300 000 kr in a year, no stocks, keep 50 000 kr untouched"
    plain = terminal.json("add", "a boat for 300 000 kr in a year")
    saved = terminal.json("show", plain["id"])["share"]["saved"]["amount"]
    terminal.run("delete", plain["id"])
    goal = terminal.json("add", words + ", without touching my car")
    assert goal["limits"] == [
        {"words": "no stocks", "reckoned": True},
        {"words": "keep 50 000 kr untouched", "reckoned": True},
        {"words": "without touching my car", "reckoned": False},
    ]
    share = terminal.json("show", goal["id"])["share"]
    assert float(share["saved"]["amount"]) == float(saved) - 50_000
    its = {name: (one["value"], one["source"]) for name, one in share["assumptions"].items()}
    assert its["annual_return"] == ("0.02", "text")
    assert its["annual_return_sd"] == ("0", "text")
    assert its["kept"] == ("50000", "text")
    assert its["cash_return"][1] == "default"
    changed = terminal.json("change", goal["id"], "--assume", "annual_return=0.03")
    assert changed["assumptions"] == {"annual_return": "0.03"}
    again = terminal.json("show", goal["id"])["share"]
    assert (again["saved"]["amount"], again["kept"]["amount"]) == (saved, "0.00")
    assert again["assumptions"]["annual_return"]["source"] == "person"
    terminal.run("delete", goal["id"])
    said = terminal.run("add", words + ", without touching my car")
    assert "Not reckoned with, keep to it yourself: Leave this alone: " in said
    assert "Reckoned with: Nothing of it invested (the interest of cash, no swings)" in said


@pytest.mark.parametrize(
    ("words", "field", "code"),
    [
        (["add", "a boat in a year"], "--amount", 2),
        (["add", "a boat for 300 000 kr"], "--months", 2),
        (["add", "a boat for 300 000 pesos in a year"], "--currency", 2),
        (["add", "a boat for 300 000 pesos in a year", "--amount", "300000"], "--currency", 2),
        (["add", "€20,000 for a boat in a year, 500 dollars a month"], "--monthly", 2),
        (["add", "Retire at 65 with 1.2m"], "--born", 2),
        (["add", "Retire at 65 with 1.2m", "--born", "1850-01-01"], "--born", 2),
        (["add", "a boat for 300k in a year", "--amount", "NaN"], "--amount", 2),
        (["add", "a boat for 300k in a year", "--amount", "-1"], "--amount", 2),
        (["add", "a boat for 300k in a year", "--months", "721"], "--months", 2),
        (["add", "a boat for 300k in a year", "--assume", "luck=1"], "--assume luck", 2),
        (["add", "a boat for 300k in a year", "--assume", "inflation"], "--assume", 2),
        (["add", "a boat for 300k in a year", "--monthly", "-3"], "--monthly", 2),
        (["change", "goal_5"], None, 2),
        (["add", "a boat for 300k in a year", "--currency", "SEK"], "--currency", 2),
        (["simulate"], "goal", 2),
        (["show", "goal_5"], None, 4),
        (["replay", "run_5"], None, 4),
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(
    terminal: Terminal, words: list[str], field: str | None, code: int
) -> None:
    before = terminal.json("list")
    with pytest.raises(StrongroomError) as refused:
        terminal.run(*words)
    assert (refused.value.field, refused.value.exit_code) == (field, code)
    assert terminal.json("list") == before
