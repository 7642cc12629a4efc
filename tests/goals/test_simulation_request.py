"""``strongroom goals simulate``: a request in a file, an answer, and what is refused."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from strongroom.cli import app
from strongroom.core.errors import StrongroomError
from strongroom.core.terminal import complaint
from strongroom.goals.request import SimulationRequestIsWrong, read
from strongroom.goals.request.keys import ASSUMED, PARTS, camel
from strongroom.goals.simulation.types import Loan

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "plan-a-goal.md"

CAMEL: dict[str, Any] = {
    "financialProfile": {
        "liquidAssets": 15420.50, "creditDebt": 3250, "loanDebt": 28500,
        "monthlyLoanPayments": 425, "monthlyIncome": 6000, "monthlyBills": 850,
        "monthlySpending": 4120, "spendingByCategory": {"Grocery": 450.75},
        "spendingVolatility": 0.18,
    },
    "userInputs": {"monthlyIncome": 6500, "age": 32, "riskTolerance": "medium"},
    "goal": {"targetAmount": 100000, "timelineMonths": 36, "goalType": "major_purchase"},
    "simulationParams": {"nSimulations": 10000, "seed": 3},
}  # fmt: skip
SNAKE: dict[str, Any] = {
    "financial_profile": {
        "liquid_assets": 15420.50, "credit_debt": 3250, "loan_debt": 28500,
        "monthly_loan_payments": 425, "monthly_spending": 4120, "spending_volatility": 0.18,
    },
    "user_inputs": {"monthly_income": 6500},
    "goal": {"target_amount": 100000, "timeline_months": 36},
    "simulation_params": {"n_simulations": 10000, "seed": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Where test_simulation keeps what it compiled.
    return tmp_path_factory.getbasetemp().parent / "engine"


def changed(part: str, **changes: object) -> str:
    return json.dumps({**CAMEL, part: {**CAMEL[part], **changes}})


def test_both_ways_to_write_names_ask_for_the_same() -> None:
    assert read(json.dumps(CAMEL)) == read(json.dumps(SNAKE))


def test_a_file_is_answered_without_a_database(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(CAMEL), "utf-8")
    env = {"STRONGROOM_HOME": str(home)}
    command = ["goals", "simulate", "--input", str(file)]
    first, again, words = (
        CliRunner().invoke(app, [*command, *more], env=env) for more in (["--json"], ["--json"], [])
    )
    assert first.exit_code == 0, first.output
    assert first.output == again.output
    answer = json.loads(first.output)
    assert 0 < float(answer["success_probability"]) < 1
    assert [one["month"] for one in answer["by_month"]] == list(range(37))
    assert answer["by_month"][36]["p50"] == answer["median_outcome"]
    assert "in 100" in words.output


WRONG = [
    ("", None),
    ("[]", None),
    ("[" * 50_000, None),
    ("x" * 200_000, None),
    ('{"goal": 3}', "goal"),
    ('{"wish": {}}', "wish"),
    ('{"goal": {}, "goal": {}}', "goal"),
    ('{"goal": {"saved": 1, "saved": 2}}', "saved"),
    ('{"goal": {}, "financial_profile": {}}', "goal.timeline_months"),
    ("{}", "goal.timelineMonths"),
    (
        changed("simulationParams", emergency_least=1, emergencyMin=1),
        "simulationParams.emergencyMin",
    ),
    (changed("simulationParams", nSimulations=5), "simulationParams.nSimulations"),
    (changed("simulationParams", emergencyMin=5000), "simulationParams.emergencyMax"),
    (changed("simulationParams", emergency_chance=2), "simulationParams.emergency_chance"),
    (changed("financialProfile", liquidAssets=1e13), "financialProfile.liquidAssets"),
    (changed("financialProfile", liquidAssets="20000"), "financialProfile.liquidAssets"),
    (changed("financialProfile", monthlyBills="x"), "financialProfile.monthlyBills"),
    (changed("financialProfile", monthlyLoanPayments=None), "financialProfile.monthlyLoanPayments"),
    (
        changed("financialProfile", monthlyLoanPayments=float("nan")),
        "financialProfile.monthlyLoanPayments",
    ),
    (changed("userInputs", monthlyIncome=-1), "userInputs.monthlyIncome"),
    (changed("goal", currency="XXX1"), "goal.currency"),
    (changed("goal", wish=1), "goal.wish"),
    (changed("goal", target_amount=1), "goal.target_amount"),
    (changed("goal", targetAmount="many"), "goal.targetAmount"),
    (changed("goal", targetAmount=None), "goal.targetAmount"),
    (changed("goal", timelineMonths=2.5), "goal.timelineMonths"),
    (changed("goal", timelineMonths=float("inf")), "goal.timelineMonths"),
    (changed("goal", goalType="yacht"), "goal.goalType"),
    (changed("goal", goalText=["x"]), "goal.goalText"),
    (changed("userInputs", riskTolerance="wild"), "userInputs.riskTolerance"),
    (
        changed("financialProfile", investmentAllocation={"stocks": "all"}),
        "financialProfile.investmentAllocation.stocks",
    ),
]


@pytest.mark.parametrize(("text", "field"), WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_read_is_refused_by_its_name(text: str, field: str | None) -> None:
    with pytest.raises(SimulationRequestIsWrong) as refused:
        read(text)
    assert refused.value.field == field
    assert field is None or field in complaint(refused.value)


def test_no_number_is_not_called_a_great_one() -> None:
    for value, said in ((float("nan"), "has to be a number"), (float("inf"), "is too great")):
        with pytest.raises(SimulationRequestIsWrong, match=said):
            read(changed("financialProfile", monthlyLoanPayments=value))


@pytest.mark.parametrize("shares", [{"gold": 1}, {"stocks": 0.4}, {"stocks": 2, "bonds": -1}])
def test_an_allocation_has_known_kinds_that_come_to_one(shares: dict[str, float]) -> None:
    with pytest.raises(StrongroomError) as refused:
        read(changed("financialProfile", investmentAllocation=shares))
    assert refused.value.exit_code == 2
    assert str(refused.value.field).startswith("financialProfile.investmentAllocation")


def test_an_allocation_goes_before_risk_and_parameters_before_both() -> None:
    text = changed("financialProfile", investmentAllocation={"cash": 1})
    its = read(text).case.assumptions
    assert (float(its.annual_return), float(its.annual_return_sd)) == (0.02, 0.01)
    told = json.loads(text)
    told["simulationParams"]["annualReturnMean"] = 0.03
    assert float(read(json.dumps(told)).case.assumptions.annual_return) == 0.03


def test_an_assumption_goes_by_either_of_its_names() -> None:
    asked = read(changed("simulationParams", emergency_least=100, emergencyMax=200, inflation=0.03))
    its = asked.case.assumptions
    assert f"{its.emergency_least} {its.emergency_most} {its.inflation}" == "100 200 0.03"


def test_what_makes_no_difference_to_a_file_makes_none() -> None:
    assert read("\ufeff" + json.dumps(CAMEL)) == read(json.dumps(CAMEL))
    named = read(changed("goal", currency="nok"))
    assert (named.currency, named.case) == ("NOK", read(json.dumps(CAMEL)).case)


def test_the_guide_names_every_key_and_what_stands_for_it() -> None:
    guide = GUIDE.read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+\.\w+)` \|.*\| ([^|]*) \|$", guide, re.MULTILINE))
    assert list(told) == [f"{camel(part)}.{camel(key)}" for part in PARTS for key in PARTS[part]]
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    least = read(example)
    home, its = least.case.household, least.case.assumptions
    stand_in = {
        "financial_profile.credit_debt": home.card_debt,
        "financial_profile.loan_rate": Loan(Decimal(0), Decimal(0)).annual_rate,
        "financial_profile.income_volatility": home.income_volatility,
        "financial_profile.spending_volatility": home.spending_volatility,
        "simulation_params.n_simulations": least.paths,
        "simulation_params.seed": least.seed,
        **{f"simulation_params.{key}": getattr(its, name) for key, name in ASSUMED.items()},
    }
    for name, value in stand_in.items():
        part, key = name.split(".")
        assert Decimal(told[f"{camel(part)}.{camel(key)}"].replace(",", "")) == value, name
    helped = " ".join(CliRunner().invoke(app, ["goals", "simulate", "--help"]).output.split())
    assert all(name.split(".")[1] in helped for name in told)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["goals", "simulate", "--input", str(tmp_path / "no.json")])
    assert isinstance(done.exception, StrongroomError)
    assert done.exception.field == "--input"
