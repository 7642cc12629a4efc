"""``strongroom goals sensitivity --input``: anyone's numbers, without a database."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from strongroom.cli import app
from strongroom.core.errors import StrongroomError
from strongroom.goals.levers import Lever

REQUEST: dict[str, Any] = {
    "financialProfile": {
        "liquidAssets": 15420.50, "creditDebt": 3250, "loanDebt": 28500,
        "monthlyLoanPayments": 425, "monthlyIncome": 6000, "monthlySpending": 4120,
    },
    "goal": {"targetAmount": 63000, "timelineMonths": 36},
    "simulationParams": {"nSimulations": 4096, "seed": 3},
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "request.json"
    found.write_text(json.dumps(REQUEST), "utf-8")
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Where test_simulation keeps what it compiled.
    return tmp_path_factory.getbasetemp().parent / "engine"


def asked(*options: str, home: Path, text: str | None = None) -> Result:
    command = ["goals", "sensitivity", *options]
    return CliRunner().invoke(app, command, env={"STRONGROOM_HOME": str(home)}, input=text)


def test_a_file_is_answered_without_a_database(file: Path, home: Path) -> None:
    found = asked("--input", str(file), "--json", home=home)
    assert found.exit_code == 0, found.output
    assert asked("--input", "-", "--json", home=home, text=file.read_text()).output == found.output
    told = json.loads(found.output)
    assert {one["lever"] for one in told["levers"]} == set(Lever) - {Lever.EXTRA_SAVING}
    assert (told["currency"], told["cuts"], told["wanted"]) == (None, [], "0.8")
    income = next(one for one in told["levers"] if one["lever"] == "income")
    assert (income["value"], income["up"]["value"], income["limit"]) == ("6000", "6600", "12000")
    assert Decimal(income["up"]["chance"]) > Decimal(told["chance"])
    assert Decimal(income["enough"]["chance"]) >= Decimal("0.8")
    table = asked("--input", str(file), home=home).output
    assert f"{round(Decimal(told['chance']) * 100)} in 100 as it is" in table
    assert all(one.value.replace("_", " ") in table for one in set(Lever) - {Lever.EXTRA_SAVING})


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (["--wanted", "1.5"], "wanted"),
        (["--wanted", "much"], "--wanted"),
        (["goal_0192f000000070008000000000000001"], "goal"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    file: Path, home: Path, more: list[str], field: str
) -> None:
    refused = asked("--input", str(file), *more, home=home).exception
    assert isinstance(refused, StrongroomError)
    assert (refused.field, refused.exit_code) == (field, 2)


def test_neither_a_goal_nor_a_file_is_refused(home: Path) -> None:
    refused = asked(home=home).exception
    assert isinstance(refused, StrongroomError)
    assert refused.exit_code == 2
