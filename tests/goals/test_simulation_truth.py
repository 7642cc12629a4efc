"""Simulations of households made up at random, against futures that other code draws."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.goals.simulation import prepare, simulate
from strongroom.goals.simulation.types import Case
from tests.prove.goals_coverage import cover
from tests.prove.goals_households import household

SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.getbasetemp().parent / "engine"
    prepare(home)
    return home


@pytest.mark.parametrize("seed", range(1, 7))
def test_four_in_five_futures_lie_in_the_band_and_the_chance_is_theirs(seed: int) -> None:
    found = cover(seed, paths=40_000, futures=10_000)
    assert found.wrong == []
    assert abs(found.at_the_end - 0.8) < 0.02


def doubled(case: Case) -> Case:
    home, aim, its = case.household, case.aim, case.assumptions
    loans = [
        replace(one, balance=one.balance * 2, monthly_payment=one.monthly_payment * 2)
        for one in home.loans
    ]
    return Case(
        replace(_twice(
            home, "saved", "free", "monthly_income", "monthly_spending", "card_debt",
            "card_payment", "monthly_elsewhere",
        ), loans=loans),
        _twice(aim, "target", "monthly_contribution", "extra_saving"),
        _twice(its, "emergency_least", "emergency_most"),
    )  # fmt: skip


def _twice(value: Any, *names: str) -> Any:
    amounts = {name: getattr(value, name) for name in names}
    return replace(value, **{n: None if one is None else one * 2 for n, one in amounts.items()})


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_doubling_everything_changes_no_chance(seed: int) -> None:
    case = household(random.Random(seed))
    one, two = (simulate(each, paths=2_000, seed=seed, workers=1) for each in (case, doubled(case)))
    assert (one.chance, one.chance_below_zero) == (two.chance, two.chance_below_zero)
    assert abs(two.at_the_end.p50 - 2 * one.at_the_end.p50) <= Decimal("0.02")


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(1, 50))
def test_a_higher_target_or_less_saved_never_helps(seed: int, percent: int) -> None:
    case = household(random.Random(seed))
    more = 1 + Decimal(percent) / 100
    harder = [
        replace(case, aim=replace(case.aim, target=case.aim.target * more)),
        replace(case, aim=replace(case.aim, extra_saving=case.aim.extra_saving - percent)),
        replace(case, household=replace(case.household, saved=case.household.saved / more)),
        replace(
            case,
            household=replace(
                case.household, monthly_spending=case.household.monthly_spending * more
            ),
        ),
    ]
    if case.aim.monthly_contribution is not None:
        less = replace(case.aim, monthly_contribution=case.aim.monthly_contribution / more)
        harder.append(replace(case, aim=less))
    easy, *hard = (
        simulate(each, paths=2_000, seed=seed, workers=1).chance for each in (case, *harder)
    )
    assert all(one <= easy for one in hard)
