"""What would change a chance: the tornado, the smallest change that is enough, and what-ifs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.core.errors import Refused
from strongroom.core.ids import CategoryId, new_id
from strongroom.goals.levers import sensitivity, smallest_change, tornado
from strongroom.goals.levers.chances import levelled
from strongroom.goals.levers.changes import cut_rules, what_if
from strongroom.goals.levers.steps import at, grid, limit, moved, value_of
from strongroom.goals.levers.types import Changes, Effect, Lever
from strongroom.goals.profile import CategorySpending
from strongroom.goals.simulation import prepare, simulate
from strongroom.goals.simulation.types import Aim, Assumptions, Case, Household, Loan

STILL = Assumptions(**{name: Decimal(0) for name in Assumptions.__slots__})
"""A world in which nothing moves."""
FEW = 8_192
KARI = Case(
    Household(
        saved=Decimal(20_000),
        free=Decimal(3_000),
        monthly_income=Decimal(5_000),
        monthly_spending=Decimal(3_900),
        card_debt=Decimal(1_500),
        loans=[Loan(Decimal(9_000), Decimal(300))],
    ),
    Aim(Decimal(45_000), 36, monthly_contribution=Decimal(600)),
)
STEADY = Case(
    Household(
        Decimal(0), Decimal(1_000), Decimal(700),
        income_volatility=Decimal(0), spending_volatility=Decimal(0),
    ),
    Aim(Decimal(9_600), 24),
    STILL,
)  # fmt: skip
"""300 are left over each month, which makes 7,200 of 9,600."""


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Where test_simulation keeps what it compiled.
    prepare(tmp_path_factory.getbasetemp().parent / "engine")


def spent(key: str, monthly: str, *, discretionary: bool = True) -> CategorySpending:
    return CategorySpending(CategoryId(new_id()), key, None, Decimal(monthly), discretionary)


def by_lever(found: Sequence[Effect]) -> dict[Lever, Effect]:
    return {one.lever: one for one in found}


def test_a_tornado_has_every_lever_both_ways_and_the_greatest_swing_first() -> None:
    found = tornado(KARI, seed=5, paths=FEW)
    assert {one.lever for one in found} == set(Lever)
    assert [one.swing for one in found] == sorted((one.swing for one in found), reverse=True)
    assert found[0].swing > Decimal("0.2")
    own = simulate(KARI, seed=5, paths=FEW).chance
    helps = {
        Lever.INCOME, Lever.STARTING_AMOUNT, Lever.TIMELINE, Lever.CONTRIBUTION, Lever.RETURN,
        Lever.EXTRA_SAVING,
    }  # fmt: skip
    for lever, one in by_lever(found).items():
        assert one.down is not None and one.up is not None
        assert one.value + one.up.by == one.up.value > one.value > one.down.value
        if lever in helps:
            assert one.down.chance < own < one.up.chance, lever
        elif lever is not Lever.VOLATILITY:
            assert one.down.chance > own > one.up.chance, lever


def test_each_bar_is_a_rerun_with_that_one_thing_changed() -> None:
    for lever, one in by_lever(tornado(KARI, seed=5, paths=FEW)).items():
        assert one.down is not None
        again = simulate(moved(KARI, lever, one.down.value), seed=5, paths=FEW)
        assert again.chance == one.down.chance


def test_half_the_volatility_is_half_of_every_swing_and_nothing_else() -> None:
    half = Decimal("0.5")
    home = replace(
        KARI.household, income_volatility=Decimal("0.025"), spending_volatility=Decimal("0.075")
    )
    its = replace(KARI.assumptions, annual_return_sd=Decimal("0.075"))
    assert moved(KARI, Lever.VOLATILITY, half) == replace(KARI, household=home, assumptions=its)


def test_what_is_less_than_the_finest_change_is_one_change_to_the_limit() -> None:
    rare = replace(KARI, assumptions=Assumptions(emergency_chance=Decimal("0.0004")))
    assert grid(rare, Lever.EMERGENCIES) == (Decimal("-0.001"), 1)
    assert at(rare, Lever.EMERGENCIES, 1) == limit(rare, Lever.EMERGENCIES) == 0


def test_neither_the_order_of_levers_nor_the_workers_change_a_number() -> None:
    first = sensitivity(KARI, seed=5, paths=2_000, workers=1)
    assert sensitivity(KARI, seed=5, paths=2_000, workers=2) == first
    assert sensitivity(KARI, seed=5, paths=2_000, workers=7) == first
    for _ in range(2):  # asked again, it is remembered
        assert sensitivity(KARI, seed=5, paths=2_000) == first
    assert sensitivity(KARI, seed=6, paths=2_000) != first
    turned = tornado(KARI, seed=5, paths=2_000, levers=list(reversed(Lever)), workers=2)
    assert turned == first.effects
    alone = smallest_change(KARI, Lever.SPENDING, seed=5, paths=2_000)
    assert [alone] == [one.change for one in first.reaches if one.lever is Lever.SPENDING]


def test_a_step_that_cannot_be_taken_is_none() -> None:
    poor = Household(Decimal(0), Decimal(0), Decimal(0), income_volatility=Decimal(0))
    calm = replace(Assumptions(), emergency_chance=Decimal(0))
    found = by_lever(
        tornado(Case(poor, Aim(Decimal(100), 1, Decimal(0)), calm), seed=1, paths=1_000)
    )
    for lever in (Lever.TIMELINE, Lever.STARTING_AMOUNT, Lever.CONTRIBUTION):
        assert found[lever].down is None
        assert found[lever].up is not None
    for lever in (Lever.INCOME, Lever.SPENDING, Lever.EMERGENCIES):
        assert found[lever].down is None
        assert found[lever].up is None


@pytest.mark.parametrize(
    ("lever", "by"),
    [
        (Lever.INCOME, 100), (Lever.SPENDING, -100), (Lever.TIMELINE, 8), (Lever.TARGET, -2_400),
        (Lever.STARTING_AMOUNT, 2_400), (Lever.CONTRIBUTION, 100),
        (Lever.VOLATILITY, None), (Lever.EMERGENCIES, None),
    ],
)  # fmt: skip
def test_the_smallest_change_is_what_is_lacking_where_nothing_moves(
    lever: Lever, by: int | None
) -> None:
    found = smallest_change(STEADY, lever, seed=1, paths=1_000)
    assert (found and found.by) == by


def test_a_plan_beyond_what_is_left_over_cannot_be_made_by_planning_more() -> None:
    planned = replace(STEADY, aim=replace(STEADY.aim, monthly_contribution=Decimal(250)))
    assert smallest_change(planned, Lever.CONTRIBUTION, seed=1, paths=1_000) is None
    enough = replace(planned, aim=replace(planned.aim, target=Decimal(7_200)))
    found = smallest_change(enough, Lever.CONTRIBUTION, seed=1, paths=1_000)
    assert found is not None and found.value == 300


def test_what_is_spent_less_and_saved_reaches_what_a_planned_amount_cannot() -> None:
    planned = replace(STEADY, aim=replace(STEADY.aim, monthly_contribution=Decimal(300)))
    tried = what_if(planned, Changes(extra_saving=Decimal(650)), seed=1, paths=1_000)
    assert tried.outcome.chance == 1
    found = {one.lever: one for one in sensitivity(planned, seed=1, paths=1_000).reaches}
    assert found[Lever.CONTRIBUTION].change is None
    saved = found[Lever.EXTRA_SAVING].change
    assert saved is not None and saved.by == 100
    dear = replace(planned, aim=replace(planned.aim, target=Decimal(24_000)))
    all_of_it = smallest_change(dear, Lever.EXTRA_SAVING, seed=1, paths=1_000)
    assert all_of_it is not None and all_of_it.by == planned.household.monthly_spending
    left_over = sensitivity(STEADY, seed=1, paths=1_000)
    assert {one.lever for one in left_over.effects} == set(Lever) - {Lever.EXTRA_SAVING}


def test_a_target_that_is_small_enough_is_found_and_nothing_has_a_step_in_money() -> None:
    poor = replace(STEADY, aim=Aim(Decimal(500_000), 24))
    found = smallest_change(poor, Lever.TARGET, seed=1, paths=1_000)
    assert found is not None and 7_000 <= found.value <= 7_200
    (start,) = tornado(poor, seed=1, paths=1_000, levers=[Lever.STARTING_AMOUNT])
    assert start.value == 0 and start.down is None
    assert start.up is not None and start.up.by == 25_000


def test_one_change_less_is_not_enough() -> None:
    wanted = Decimal("0.8")
    saver = replace(KARI, aim=Aim(Decimal(55_000), 36))
    found = sensitivity(saver, seed=5, paths=FEW, wanted=wanted)
    assert found.chance < wanted
    some = [one.change for one in found.reaches if one.change is not None]
    assert len(some) >= 5
    for change in some:
        assert change.chance >= wanted
        finest, _ = grid(saver, change.lever)
        less = moved(saver, change.lever, change.value - finest)
        assert simulate(less, seed=5, paths=FEW).chance < wanted, change.lever
        there = simulate(moved(saver, change.lever, change.value), seed=5, paths=FEW)
        assert there.chance == change.chance


def test_nothing_has_to_change_where_the_chance_is_good_already() -> None:
    rich = replace(KARI, aim=replace(KARI.aim, target=Decimal(1_000)))
    for one in sensitivity(rich, seed=1, paths=1_000).reaches:
        assert one.change is not None and one.change.by == 0
        assert one.change.value == value_of(rich, one.lever)


AMOUNTS = st.integers(100, 20_000).map(Decimal)


@settings(max_examples=20, deadline=None)
@given(
    saved=AMOUNTS, income=AMOUNTS, target=AMOUNTS, more=AMOUNTS,
    spending=st.integers(500, 20_000).map(Decimal),
    put=st.none() | AMOUNTS, months=st.integers(1, 60), share=st.decimals(0, 1, places=2),
    seed=st.integers(0, 2**63 - 1),
)  # fmt: skip
def test_saving_more_and_wanting_less_never_lower_a_chance(
    saved: Decimal, income: Decimal, spending: Decimal, target: Decimal, more: Decimal,
    put: Decimal | None, months: int, share: Decimal, seed: int,
) -> None:  # fmt: skip
    case = Case(Household(saved, income, spending, free=Decimal(500)), Aim(target, months, put))
    dinners, extra = spent("restaurants", "300"), min(more, spending - 300)

    def chance(changes: Changes) -> Decimal:
        found = what_if(case, changes, seed=seed, paths=1_000, categories=[dinners], workers=1)
        return found.outcome.chance

    first = chance(Changes())
    assert first == simulate(case, seed=seed, paths=1_000, workers=1).chance
    assert chance(Changes(target=target * target / (target + more))) >= first
    saves = chance(Changes(extra_saving=extra))
    assert saves >= first
    cut = Changes(cuts={dinners.category_id: share})
    assert chance(cut) >= first
    assert chance(replace(cut, extra_saving=extra)) >= saves
    assert chance(replace(cut, extra_saving=extra, target=target / 2)) >= saves
    if put is not None:
        assert chance(Changes(monthly_contribution=put + more)) >= first


def test_without_a_change_the_chance_is_the_one_that_is_shown() -> None:
    long = replace(KARI, aim=Aim(Decimal(20_000_000), 720))
    shown = simulate(long, seed=9, paths=60_000).chance
    assert 0 < shown < 1
    same = what_if(long, Changes(), seed=9, paths=60_000, own=shown)
    assert same.outcome.paths < 60_000, "so many futures would take too long for a slider"
    assert same.before == same.outcome.chance == shown
    sooner = what_if(long, Changes(months=36), seed=9, paths=60_000, own=shown)
    assert sooner.case.aim.months == 36
    assert sooner.outcome.chance < shown


CHANCES = st.decimals(0, 1, places=6)


@given(few=CHANCES, every=CHANCES, one=CHANCES, other=CHANCES)
def test_what_few_futures_say_is_put_right_and_keeps_its_order(
    few: Decimal, every: Decimal, one: Decimal, other: Decimal
) -> None:
    def of(found: Decimal) -> Decimal:
        return levelled(found, of_few=few, of_all=every)

    assert of(few) == every
    assert 0 <= of(min(one, other)) <= of(max(one, other)) <= 1
    if 0 < few < 1:
        assert of(Decimal(0)) == 0
        assert of(Decimal(1)) == 1


def test_changes_work_together_and_cuts_in_any_order() -> None:
    dinners, trips, rent = spent("a", "300"), spent("b", "120.50"), spent("c", "900")
    cuts = {dinners.category_id: Decimal("0.2"), trips.category_id: Decimal("0.5")}
    changes = Changes(
        all_that_is_left=True, months=48, target=Decimal(50_000), annual_return=Decimal("0.05"),
        extra_saving=Decimal(10), cuts=cuts,
    )  # fmt: skip
    found = what_if(KARI, changes, seed=3, paths=2_000, categories=[dinners, trips, rent])
    aim = Aim(Decimal(50_000), 48, extra_saving=Decimal("130.25"))
    its = replace(KARI.assumptions, annual_return=Decimal("0.05"))
    assert found.case == replace(KARI, aim=aim, assumptions=its)
    assert found.saved_by_cuts == Decimal("120.25")
    assert found.outcome.chance == simulate(found.case, seed=3, paths=2_000).chance
    assert found.before == simulate(KARI, seed=3, paths=2_000).chance
    turned = replace(changes, cuts=dict(reversed(cuts.items())))
    assert what_if(KARI, turned, seed=3, paths=2_000, categories=[rent, trips, dinners]) == found


def test_rules_speak_of_what_one_could_do_without() -> None:
    many = [spent(str(n), str(10 * n)) for n in range(1, 9)]
    rent = spent("rent", "1200", discretionary=False)
    found = cut_rules(KARI, [rent, *many], seed=3, paths=2_000)
    assert [one.key for one in found] == ["8", "7", "6", "5", "4", "3"]
    assert [one.extra_saving for one in found][:2] == [16, 14]
    own = simulate(KARI, seed=3, paths=2_000).chance
    told = [one.chance for one in found]
    assert told == sorted(told, reverse=True)
    assert told[0] > own
    cut = Changes(cuts={many[-1].category_id: Decimal("0.2")})
    assert what_if(KARI, cut, seed=3, paths=2_000, categories=many).outcome.chance == told[0]
    assert cut_rules(KARI, [rent], seed=3, paths=2_000) == []


RENT, SHOES = spent("rent", "900", discretionary=False), spent("shoes", "40")
NOBODY = CategoryId(new_id())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (Changes(cuts={NOBODY: Decimal("0.2")}), "cuts"),
        (Changes(cuts={RENT.category_id: Decimal("0.2")}), "cuts"),
        (Changes(cuts={SHOES.category_id: Decimal("1.01")}), "cuts"),
        (Changes(cuts={SHOES.category_id: Decimal("NaN")}), "cuts"),
        (Changes(extra_saving=Decimal("sNaN")), "extra_saving"),
        (Changes(all_that_is_left=True, monthly_contribution=Decimal(1)), "monthly_contribution"),
        (Changes(monthly_contribution=Decimal(-1)), "monthly_contribution"),
        (Changes(months=0), "months"),
        (Changes(months=721), "months"),
        (Changes(target=Decimal(0)), "target"),
        (Changes(target=Decimal("Infinity")), "target"),
        (Changes(annual_return=Decimal("0.51")), "annual_return"),
        (Changes(extra_saving=Decimal("NaN")), "extra_saving"),
        (Changes(extra_saving=KARI.household.monthly_spending + 1), "extra_saving"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_name(changes: Changes, name: str) -> None:
    with pytest.raises(Refused) as refused:
        what_if(KARI, changes, seed=1, paths=1_000, categories=[RENT, SHOES])
    assert refused.value.field == name
    assert refused.value.hint


@pytest.mark.parametrize("target", ["sNaN", "NaN", "0"])
def test_a_case_that_cannot_be_reckoned_with_is_refused_by_name(target: str) -> None:
    wrong = replace(KARI, aim=Aim(Decimal(target), 36))
    for ask in (sensitivity, tornado):
        with pytest.raises(Refused) as refused:
            ask(wrong, seed=1, paths=1_000)
        assert refused.value.field == "target"


@pytest.mark.parametrize("wanted", ["0", "1", "-1", "NaN", "Infinity"])
def test_a_chance_that_is_wanted_lies_between_0_and_1(wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        sensitivity(KARI, seed=1, paths=1_000, wanted=Decimal(wanted))
    assert refused.value.field == "wanted"
