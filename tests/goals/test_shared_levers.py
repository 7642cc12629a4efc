"""Levers of goals that share a pool: what is promised is what is there once it is kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from strongroom import fx, goals
from strongroom.core.money import Currency, Money
from strongroom.goals import Goal, GoalChange, Run, levers, profile
from strongroom.goals.levers import Basis, Changes, Lever, Sensitivity, WhatIf
from strongroom.goals.levers.steps import grid
from strongroom.goals.profile import FigureName
from strongroom.goals.simulation.types import Outcome
from tests.book import EUR, NOW, TODAY
from tests.goals.savers import Saver, saver
from tests.identity.conftest import World

USD = Currency("USD")


@pytest.fixture
def kari(world: World, home: Path) -> Saver:
    """Somebody with 60,712 to whom 1,067 are left over in a month."""
    return saver(
        world, home, code=USD, liquid_assets=60_712, monthly_income=4_900, monthly_spending=3_833
    )


def basis(kari: Saver, goal: Goal) -> Basis:
    found: Basis = kari.world.run(
        levers.basis(
            kari.world.database, owner=kari.owner, goal_id=goal.id, now=NOW, home=kari.home
        )
    )
    return found


def tried(kari: Saver, goal: Goal, **changes: Any) -> WhatIf:
    asked = levers.what_if_of(basis(kari, goal), Changes(**changes), home=kari.home)
    found: WhatIf = kari.world.run(asked)
    return found


def sensitivity(kari: Saver, goal: Goal) -> Sensitivity:
    found: Sensitivity = kari.world.run(levers.sensitivity_of(basis(kari, goal), home=kari.home))
    return found


def shown(kari: Saver, goal: Goal) -> Outcome:
    """What the goal's page shows."""
    run: Run = kari.world.run(
        goals.current_run(
            kari.world.database, owner=kari.owner, goal_id=goal.id, now=NOW, home=kari.home
        )
    )
    assert run.outcome is not None
    return run.outcome


def keeps(kari: Saver, goal: Goal, **change: Any) -> Outcome:
    """What is shown once the plan is another."""
    kari.ask(goals.change, goal_id=goal.id, change=GoalChange(**change), now=NOW)
    return shown(kari, goal)


def usd(amount: int | Decimal) -> Money:
    return Money(Decimal(amount), USD)


def of_changes(code: Currency, *, target: int | None = None, **changes: Any) -> dict[str, Any]:
    """What a goal is changed by so that it is as it was tried."""
    kept = {"months": "timeline_months"}
    found = {kept.get(name, name): value for name, value in changes.items()}
    return found | ({} if target is None else {"target": Money(Decimal(target), code)})


def three(kari: Saver) -> dict[str, Goal]:
    """Two goals that want whatever is left over, one of an amount of its own."""
    return {
        "house": kari.wants("House", 90_000, 60, code=USD, priority=1),
        "cabin": kari.wants("Cabin", 165_000, 60, code=USD, priority=2),
        "car": kari.wants(
            "Car", 12_000, 40, code=USD, priority=1, monthly_contribution=Decimal(150)
        ),
    }


@pytest.mark.parametrize(
    ("which", "changes"),
    [
        ("house", {"target": 60_000}),
        ("house", {"target": 120_000}),
        ("house", {"months": 96}),
        ("house", {"monthly_contribution": Decimal(400)}),
        ("cabin", {"target": 24_000}),
        ("cabin", {"months": 96}),
        ("cabin", {"months": 240}),
        ("cabin", {"months": 90, "target": 120_000}),
        ("car", {"monthly_contribution": Decimal(450)}),
        ("car", {"monthly_contribution": Decimal(50), "target": 9_000}),
        ("car", {"all_that_is_left": True}),
    ],
)
def test_what_is_tried_is_what_is_shown_once_it_is_kept(
    kari: Saver, which: str, changes: dict[str, Any]
) -> None:
    goal = three(kari)[which]
    asked = {name: Decimal(value) if name == "target" else value for name, value in changes.items()}
    found = tried(kari, goal, **asked)
    before = shown(kari, goal)
    assert found.before == before.chance
    kept = keeps(kari, goal, **of_changes(USD, **changes))
    assert kept == found.outcome != before
    # And what it would have of the pool is what it has.
    share = kari.case(goal).share
    assert (share.saved, share.monthly) == (found.case.household.saved, found.monthly)


def test_a_goal_in_another_currency_shares_as_it_does_once_it_is_kept(kari: Saver) -> None:
    rates = f"Date,USD\n{TODAY - timedelta(days=2)},1.0837\n"
    kari.world.within_all(
        lambda db: fx.load_for_all(db, text=rates, source="test", today=TODAY, now=NOW)
    )
    kari.wants("House", 90_000, 60, code=USD)
    flat = kari.wants("Flat", 40_000, 48, code=EUR)
    found = tried(kari, flat, target=Decimal(33_333), months=71)
    kept = keeps(kari, flat, target=Money(Decimal(33_333), EUR), timeline_months=71)
    assert kept == found.outcome
    assert kari.case(flat).case == found.case


def test_a_goal_alone_has_all_of_it_whatever_is_tried(kari: Saver) -> None:
    house = kari.wants("House", 130_000, 60, code=USD)
    found = tried(kari, house, target=Decimal(110_000), months=40)
    assert found.case.household == kari.case(house).case.household
    assert keeps(kari, house, target=usd(110_000), timeline_months=40) == found.outcome


def test_a_share_moves_with_what_is_tried(kari: Saver) -> None:
    mine = three(kari)
    house, cabin, was = mine["house"], mine["cabin"], kari.case(mine["house"]).share
    more = tried(kari, house, target=Decimal(120_000))
    assert more.case.household.saved >= was.saved
    assert more.monthly is not None and more.monthly > was.monthly
    assert tried(kari, house, annual_return=Decimal("0.02")).monthly == was.monthly
    # What comes last takes of nobody, however much it wants.
    last = tried(kari, cabin, target=Decimal(300_000))
    share = kari.case(cabin).share
    assert (last.case.household.saved, last.monthly) == (share.saved, share.monthly)
    assert basis(kari, cabin).anew == basis(kari, cabin).anew, "asked again, it is remembered"


def test_each_bar_is_what_is_shown_once_it_is_kept(kari: Saver) -> None:
    cabin = three(kari)["cabin"]
    kari.ask(goals.change, goal_id=cabin.id, change=GoalChange(target=usd(60_000)), now=NOW)
    bars = {one.lever: one for one in sensitivity(kari, cabin).effects}
    told = {lever: (bars[lever].down, bars[lever].up) for lever in (Lever.TARGET, Lever.TIMELINE)}
    for lever, steps in told.items():
        for step in steps:
            assert step is not None and step.by
            value = step.value
            change = (
                {"target": usd(value)}
                if lever is Lever.TARGET
                else {"target": usd(60_000), "timeline_months": int(value)}
            )
            assert keeps(kari, cabin, **change).chance == step.chance, (lever, value)
    keeps(kari, cabin, timeline_months=60)
    for lever, name in (
        (Lever.INCOME, FigureName.MONTHLY_INCOME),
        (Lever.SPENDING, FigureName.MONTHLY_SPENDING),
    ):
        step = bars[lever].up
        assert step is not None
        kari.ask(profile.override, figure=name, amount=usd(step.value), now=NOW)
        assert shown(kari, cabin).chance == step.chance, lever
        kari.ask(profile.override, figure=name, amount=usd(step.value - step.by), now=NOW)


@pytest.mark.parametrize("lever", [Lever.TARGET, Lever.TIMELINE, Lever.CONTRIBUTION])
def test_the_smallest_change_is_enough_once_it_is_kept(kari: Saver, lever: Lever) -> None:
    if lever is Lever.TARGET:
        goal = kari.wants("House", 140_000, 60, code=USD)
        kari.wants("Cabin", 165_000, 60, code=USD)
    else:
        own, months = (Decimal(100), 60) if lever is Lever.CONTRIBUTION else (None, 36)
        kari.wants("House", 90_000, 60, code=USD)
        goal = kari.wants("Trip", 30_000, months, code=USD, monthly_contribution=own)
    found = sensitivity(kari, goal)
    assert found.chance < found.wanted
    change = next(one.change for one in found.reaches if one.lever is lever)
    assert change is not None and change.chance >= found.wanted

    def kept(value: Decimal) -> Decimal:
        if lever is Lever.TARGET:
            return keeps(kari, goal, target=usd(value)).chance
        if lever is Lever.TIMELINE:
            return keeps(kari, goal, timeline_months=int(value)).chance
        return keeps(kari, goal, monthly_contribution=value).chance

    finest, _ = grid(basis(kari, goal).case, lever)
    assert kept(change.value) == change.chance
    assert kept(change.value - finest) < found.wanted
