"""Simulations against what can be reckoned by hand, and against each other."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import ui
from strongroom.goals import simulation
from strongroom.goals.reasons import Reason
from strongroom.goals.simulation import (
    SimulationInputIsWrong,
    SimulationWasStopped,
    portfolio,
    prepare,
    simulate,
)
from strongroom.goals.simulation.types import Aim, Assumptions, Case, Household, Loan

NOTHING = {name: Decimal(0) for name in Assumptions.__slots__}
STILL = Assumptions(**NOTHING)
"""A world in which nothing moves."""
FEW = 4_000
KARI = Case(
    Household(
        saved=Decimal(20_000),
        free=Decimal(3_000),
        monthly_income=Decimal(5_000),
        monthly_spending=Decimal(3_900),
        card_debt=Decimal(1_500),
        loans=[Loan(Decimal(9_000), Decimal(300))],
    ),
    Aim(Decimal(45_000), 36),
)


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile once for this file, into a folder that later runs may find."""
    home = tmp_path_factory.getbasetemp().parent / "engine"
    prepare(home)
    return home


def still(home: Household, aim: Aim, **changes: Decimal) -> Case:
    quiet = replace(home, income_volatility=Decimal(0), spending_volatility=Decimal(0))
    return Case(quiet, aim, replace(STILL, **changes))


def near(found: Decimal, expected: float) -> bool:
    return math.isclose(float(found), expected, rel_tol=2e-5, abs_tol=0.02)


def test_half_of_a_household_reaches_half_as_much_as_often() -> None:
    home, half = KARI.household, Decimal("0.5")
    left = Decimal(5_000 - 3_900 - 45 - 300)
    for planned in (None, Decimal(500)):
        whole = replace(KARI, aim=replace(KARI.aim, monthly_contribution=planned))
        elsewhere = (left if planned is None else planned) / 2  # the other half's
        one = replace(
            home, saved=home.saved / 2, free=home.free / 2, monthly_elsewhere=elsewhere,
            monthly_here=left - elsewhere, part=half, part_of_raises=half,
        )  # fmt: skip
        aim = replace(
            whole.aim, target=whole.aim.target / 2,
            monthly_contribution=None if planned is None else planned / 2,
        )  # fmt: skip
        found = simulate(whole, paths=FEW, seed=2)
        part = simulate(replace(whole, household=one, aim=aim), paths=FEW, seed=2)
        assert 0 < found.chance < 1
        assert (part.chance, part.chance_below_zero) == (found.chance, found.chance_below_zero)
        assert near(part.mean * 2, float(found.mean))


def test_a_part_has_its_months_whatever_part_of_ups_and_downs_it_bears() -> None:
    home = replace(
        KARI.household, free=Decimal(0), monthly_here=Decimal(555), monthly_elsewhere=Decimal(200)
    )
    for part, raises in (
        (0, 1),
        (Decimal("0.3"), Decimal("0.3")),
        (Decimal("0.3"), Decimal("0.8")),
    ):
        quiet = replace(home, part=Decimal(part), part_of_raises=Decimal(raises))
        owed = part * (quiet.card_debt - 45)
        for planned in (None, 0, 300, 555, 900):
            aim = Aim(Decimal(45_000), 1, None if planned is None else Decimal(planned))
            put_aside = 555 if planned is None else min(planned, 555)
            found = simulate(still(quiet, aim), paths=1_000, seed=1)
            assert near(found.mean, float(quiet.saved + put_aside - owed))


def test_what_is_left_over_adds_up_where_nothing_moves() -> None:
    home = Household(Decimal(1_000), Decimal("3000.50"), Decimal("2500.25"), free=Decimal(200))
    found = simulate(still(home, Aim(Decimal(30_000), 48)), paths=1_000, seed=1)
    for month, spread in enumerate(found.by_month):
        assert near(spread.p5, 1_200 + 500.25 * month)
        assert spread.p5 == spread.p95
    assert found.chance == 0
    assert found.sd < Decimal("0.01")


@pytest.mark.parametrize(("target", "chance"), [("4599.99", 1), ("4600", 1), ("4601", 0)])
def test_a_target_is_reached_when_it_is_saved_to_the_last_coin(target: str, chance: int) -> None:
    home = Household(Decimal(1_000), Decimal(100), Decimal(0))
    found = simulate(still(home, Aim(Decimal(target), 36)), paths=1_000, seed=1)
    assert found.chance == chance
    assert found.standard_error == 0


def test_a_contribution_leaves_the_rest_free_and_takes_it_when_a_month_falls_short() -> None:
    home = Household(Decimal(0), Decimal(1_000), Decimal(700), free=Decimal(500))
    aim = Aim(Decimal(9_000), 24, monthly_contribution=Decimal(400))
    saved = simulate(still(home, aim), paths=1_000, seed=1).by_month
    # 300 are left over each month: the 500 that are free make 400 of it for five months.
    assert [round(one.p50) for one in saved[:8]] == [0, 400, 800, 1200, 1600, 2000, 2300, 2600]


def test_loans_and_card_debt_are_paid_once_and_end() -> None:
    home = Household(
        Decimal(0), Decimal(2_000), Decimal(1_000),
        card_debt=Decimal(1_000), card_payment=Decimal(100),
        loans=[Loan(Decimal(2_400), Decimal(200), Decimal(0))],
    )  # fmt: skip
    saved = simulate(still(home, Aim(Decimal(9_000), 24)), paths=1_000, seed=1).by_month
    assert near(saved[0].p50, -1_000)
    assert near(saved[10].p50, 10 * 700)  # by now the card is paid
    assert near(saved[24].p50, 24 * 1_000 - 2_400 - 1_000)


def test_a_loan_amortises_and_card_debt_accrues_by_their_rates() -> None:
    rate, left = 1.06 ** (1 / 12), 5_000.0
    paid = []
    for _ in range(36):
        paid.append(min(400.0, left * rate))
        left = left * rate - paid[-1]
    home = Household(
        Decimal(0), Decimal(1_000), Decimal(0), card_debt=Decimal(500), card_payment=Decimal(0),
        loans=[Loan(Decimal(5_000), Decimal(400))],
    )  # fmt: skip
    case = still(home, Aim(Decimal(9_000), 36), borrowing_rate=Decimal("0.2"))
    found = simulate(case, paths=1_000, seed=1)
    assert near(found.mean, 36_000 - sum(paid) - 500 * 1.2**3)


def test_prices_raises_promotions_and_emergencies_come_when_they_should() -> None:
    home = Household(Decimal(100_000), Decimal(1_000), Decimal(800))
    case = still(
        home, Aim(Decimal(9_000), 30),
        inflation=Decimal("0.12"), raise_mean=Decimal("0.05"),
        promotion_chance=Decimal(1), promotion_mean=Decimal("0.1"),
        emergency_chance=Decimal(1), emergency_least=Decimal(10), emergency_most=Decimal(10),
    )  # fmt: skip
    total = 100_000.0
    for month in range(30):
        pay = 1_000 * 1.1 ** (month // 6) * 1.05 ** (month // 12)
        total += pay - 810 * 1.12 ** ((month + 1) / 12)
    assert near(simulate(case, paths=1_000, seed=1).mean, total)
    today = replace(case, aim=replace(case.aim, todays_money=True))
    assert near(simulate(today, paths=1_000, seed=1).mean, total / 1.12**2.5)


def test_the_emergency_fund_is_held_back_and_what_is_missing_costs() -> None:
    home = Household(Decimal(10_000), Decimal(1_000), Decimal(1_000))
    case = still(
        home, Aim(Decimal(9_000), 12), annual_return=Decimal("0.1"),
        cash_return=Decimal("0.02"), emergency_fund_months=Decimal(6),
    )  # fmt: skip
    held, total = 6_000.0, 10_000.0
    for _ in range(12):
        total += (total - held) * (1.1 ** (1 / 12) - 1) + held * (1.02 ** (1 / 12) - 1)
    assert near(simulate(case, paths=1_000, seed=1).mean, total)
    poor = replace(case.household, saved=Decimal(-1_000))
    owing = replace(case, household=poor, assumptions=replace(STILL, borrowing_rate=Decimal("0.2")))
    found = simulate(owing, paths=1_000, seed=1)
    assert near(found.mean, -1_200)
    assert found.chance_below_zero == 1


@pytest.mark.parametrize("months", [1, 36, 240])
def test_invested_money_alone_is_a_geometric_brownian_motion(months: int) -> None:
    home = Household(Decimal(10_000), Decimal(0), Decimal(0))
    aim = Aim(Decimal(12_000), months)
    case = still(home, aim, annual_return=Decimal("0.07"), annual_return_sd=Decimal("0.15"))
    paths = 100_000
    found = simulate(case, paths=paths, seed=7)
    years = months / 12
    sd = 0.15 * math.sqrt(years)
    drift = math.log(1.07) * years - sd * sd / 2
    above = 1 - NormalDist(drift, sd).cdf(math.log(1.2))
    assert abs(float(found.chance) - above) <= 3 * math.sqrt(above * (1 - above) / paths) + 1e-6
    mean = 10_000 * 1.07**years
    spread = mean * math.sqrt(math.exp(sd * sd) - 1)
    assert abs(float(found.mean) - mean) <= 3 * spread / math.sqrt(paths)
    median = 10_000 * math.exp(drift)
    error = 1.2533 * sd * median / math.sqrt(paths)
    assert abs(float(found.at_the_end.p50) - median) <= 3 * error + 0.01


def test_swings_of_pay_and_spending_and_emergencies_spread_as_reckoned() -> None:
    home = Household(
        Decimal(0), Decimal(1_000), Decimal(800),
        income_volatility=Decimal("0.1"), spending_volatility=Decimal("0.2"),
    )  # fmt: skip
    its = replace(
        STILL, emergency_chance=Decimal("0.08"), emergency_least=Decimal(500),
        emergency_most=Decimal(3_000),
    )  # fmt: skip
    paths, months = 100_000, 36
    found = simulate(Case(home, Aim(Decimal(3_000), months), its), paths=paths, seed=3)
    squares = 0.08 * (3_000**3 - 500**3) / (3 * 2_500)
    variance = months * (100**2 + 160**2 + squares - (0.08 * 1_750) ** 2)
    mean = months * (200 - 0.08 * 1_750)
    assert abs(float(found.mean) - mean) <= 3 * math.sqrt(variance / paths)
    assert math.isclose(float(found.sd), math.sqrt(variance), rel_tol=0.02)


def test_every_number_of_workers_gives_the_same_bytes() -> None:
    found = {repr(simulate(KARI, paths=10_001, seed=5, workers=n)) for n in (1, 2, 7)}
    assert len(found) == 1
    assert repr(simulate(KARI, paths=10_001, seed=6)) not in found


def test_more_paths_begin_with_the_same_paths() -> None:
    few, many = (simulate(KARI, paths=paths, seed=5) for paths in (8_192, 12_000))
    assert few.by_month[:-1] == many.by_month[:-1]


AMOUNTS = st.integers(100, 20_000).map(Decimal)


@settings(max_examples=30, deadline=None)
@given(
    saved=AMOUNTS, income=AMOUNTS, spending=AMOUNTS, target=AMOUNTS, more=AMOUNTS,
    put=st.none() | AMOUNTS, months=st.integers(1, 60), seed=st.integers(0, 2**63 - 1),
)  # fmt: skip
def test_chances_rise_with_saving_and_fall_with_the_target(
    saved: Decimal, income: Decimal, spending: Decimal, target: Decimal, more: Decimal,
    put: Decimal | None, months: int, seed: int,
) -> None:  # fmt: skip
    home = Household(saved, income, spending, free=Decimal(500))
    case = Case(home, Aim(target, months, put))

    def chance(**changes: Decimal) -> Decimal:
        aim = replace(case.aim, **changes)  # type: ignore[arg-type]
        return simulate(replace(case, aim=aim), paths=1_000, seed=seed, workers=1).chance

    first = chance()
    assert chance(target=target + more) <= first
    assert chance(extra_saving=more) >= first
    if put is not None:
        assert chance(monthly_contribution=put + more) >= first


@settings(max_examples=10, deadline=None)
@given(income=AMOUNTS, target=AMOUNTS, put=st.none() | AMOUNTS, seed=st.integers(0, 9_999))
def test_doubling_everything_changes_no_chance(
    income: Decimal, target: Decimal, put: Decimal | None, seed: int
) -> None:
    def of(times: int) -> Case:
        its = Assumptions(
            emergency_least=Decimal(500 * times), emergency_most=Decimal(3_000 * times)
        )
        home = Household(
            Decimal(5_000 * times), income * times, Decimal(4_000 * times), Decimal(900 * times)
        )
        aim = Aim(target * times, 24, None if put is None else put * times)
        return Case(home, aim, its)

    one, two = (simulate(of(times), paths=FEW, seed=seed, workers=1) for times in (1, 2))
    assert one.chance == two.chance
    assert one.chance_below_zero == two.chance_below_zero


def test_a_stop_is_heard_and_progress_is_told() -> None:
    told: list[int] = []
    simulate(KARI, paths=20_000, seed=1, workers=2, on_progress=lambda done, _: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 20_000
    enough = threading.Event()
    with pytest.raises(SimulationWasStopped):
        simulate(
            KARI, paths=1_000_000, seed=1, workers=2, stopped=enough.is_set,
            on_progress=lambda *_: enough.set(),
        )  # fmt: skip


def test_a_portfolio_swings_less_than_its_parts_where_they_differ() -> None:
    assert portfolio({"stocks": Decimal(1)}) == (Decimal("0.08"), Decimal("0.17"))
    mean, sd = portfolio({"stocks": Decimal("0.6"), "bonds": Decimal("0.4")})
    assert mean == Decimal("0.064")
    expected = math.sqrt(0.102**2 + 0.024**2 + 2 * 0.1 * 0.102 * 0.024)
    assert math.isclose(float(sd), expected, abs_tol=1e-6)


WRONG = [
    ("target", {"aim": Aim(Decimal(0), 36)}),
    ("target", {"aim": Aim(Decimal(-1), 36)}),
    ("target", {"aim": Aim(Decimal("NaN"), 36)}),
    ("target", {"aim": Aim(Decimal("Infinity"), 36)}),
    ("target", {"aim": Aim(Decimal(10) ** 13, 36)}),
    ("months", {"aim": Aim(Decimal(1), 0)}),
    ("months", {"aim": Aim(Decimal(1), 721)}),
    ("emergency_chance", {"assumptions": Assumptions(emergency_chance=Decimal("1.01"))}),
    ("emergency_most", {"assumptions": Assumptions(emergency_most=Decimal(499))}),
    ("monthly_income", {"household": replace(KARI.household, monthly_income=Decimal(-1))}),
    ("saved", {"household": replace(KARI.household, saved=Decimal("-Infinity"))}),
]


@pytest.mark.parametrize(("name", "changes"), WRONG)
def test_what_cannot_be_reckoned_with_is_named(name: str, changes: dict[str, object]) -> None:
    with pytest.raises(SimulationInputIsWrong) as refused:
        simulate(replace(KARI, **changes), paths=1_000, seed=1)  # type: ignore[arg-type]
    assert refused.value.field == name


@pytest.mark.parametrize(("paths", "seed", "name"), [(999, 1, "paths"), (1_000, -1, "seed")])
def test_paths_and_seed_have_their_range(paths: int, seed: int, name: str) -> None:
    with pytest.raises(SimulationInputIsWrong) as refused:
        simulate(KARI, paths=paths, seed=seed)
    assert refused.value.field == name


def test_a_range_is_told_in_the_language_of_whoever_reads_it_later() -> None:
    with pytest.raises(simulation.SimulationInputIsWrong) as refused:
        simulate(replace(KARI, aim=replace(KARI.aim, months=0)), seed=1)
    assert refused.value.message == "months has to be from 1 to 720."
    kept = Reason.read(Reason.of(refused.value).stored())
    assert kept.sentence() == refused.value.message
    with ui.using(ui.Preferences(locale="nb")):
        assert kept.sentence() == "months må være fra 1 til 720."
        assert "Endre" in kept.text()


def test_the_longest_and_wildest_case_ends_in_numbers() -> None:
    wild = Assumptions(
        annual_return=Decimal("0.5"), annual_return_sd=Decimal(1), raise_mean=Decimal("0.5"),
        promotion_chance=Decimal(1), promotion_mean=Decimal("0.5"), inflation=Decimal("0.5"),
    )  # fmt: skip
    case = Case(replace(KARI.household), Aim(Decimal(10) ** 12, 720), wild)
    try:
        assert simulate(case, paths=1_000, seed=1).mean.is_finite()
    except simulation.AmountsAreBeyondReckoning as error:
        assert error.hint


ALONE = """
import sys
from pathlib import Path
from tests.goals.test_simulation import KARI
from strongroom.goals.simulation import prepare, simulate
prepare(Path(sys.argv[1]))
found = simulate(KARI, paths=10_001, seed=5)
print(hash(tuple(found.by_month)), sorted({"numba"} & sys.modules.keys()))
"""


def test_a_process_that_simulates_loads_no_compiler_and_finds_the_same(engine: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(engine)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = simulate(KARI, paths=10_001, seed=5)
    assert done.stdout.strip() == f"{hash(tuple(here.by_month))} []"
