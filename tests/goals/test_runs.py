"""Simulations that are kept: what decided them, what came of them, and the same again later."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from strongroom import goals
from strongroom.core.errors import Refused, Unavailable
from strongroom.core.ids import new_id
from strongroom.core.money import Money
from strongroom.goals import Goal, GoalChange, Run, RunState, jobs, profile, runs
from strongroom.goals.levers import Changes, what_if
from strongroom.goals.profile import FigureName
from strongroom.goals.simulation import ENGINE, PATHS, simulate
from strongroom.goals.simulation.types import Outcome
from strongroom.goals.types import AskedBy
from tests import book
from tests.book import EUR, NOK, NOW
from tests.goals.savers import Saver, saver
from tests.identity.conftest import World

LONG = 9_000_000
MONTHS = 12  # times LONG paths is more than what is answered at once, and takes under a second


@pytest.fixture
def kari(world: World, home: Path) -> Saver:
    return saver(world, home)


@pytest.fixture
def cabin(kari: Saver) -> Goal:
    return kari.wants("Cabin", 290_000, MONTHS, monthly_contribution=Decimal(7_000))


def carry_out(kari: Saver, run: Run) -> Any:
    return runs.carry_out(
        kari.world.database, owner=kari.owner, run_id=run.summary.id, home=kari.home,
        clock=lambda: NOW,
    )  # fmt: skip


def again(kari: Saver, run: Run) -> Run:
    found: Run = kari.ask(goals.get_run, run_id=run.summary.id)
    return found


def refresh(kari: Saver, **later: int) -> int:
    now = NOW + timedelta(**later)
    return kari.world.run(
        runs.refresh(kari.world.database, owner=kari.owner, home=kari.home, clock=lambda: now)
    )


def listed(kari: Saver, goal: Goal) -> list[goals.RunSummary]:
    return list(kari.ask(goals.list_runs, goal_id=goal.id).items)


def waiting(kari: Saver) -> list[str]:
    """The jobs of theirs that wait for the worker."""

    async def read(db: Any) -> list[str]:
        rows = await db.execute(
            "SELECT task_name FROM procrastinate_jobs"
            " WHERE status = 'todo' AND args ->> 'owner' = %s",
            (str(kari.owner),),
        )
        return [row[0] for row in await rows.fetchall()]

    return kari.world.within_all(read)


def replayed(kari: Saver, run: Run) -> goals.Replayed:
    return kari.world.run(
        goals.replay(kari.world.database, owner=kari.owner, run_id=run.summary.id, home=kari.home)
    )


def test_a_simulation_keeps_all_that_decided_it_and_gives_it_again(
    kari: Saver, cabin: Goal
) -> None:
    found = kari.simulates(cabin)
    case = kari.case(cabin)
    assert (found.case, found.data_hash) == (case.case, case.data_hash)
    said = found.summary
    assert (said.state, said.paths, said.engine) == (RunState.DONE, PATHS, ENGINE)
    outcome = simulate(case.case, seed=said.seed, paths=PATHS)
    assert found.outcome == outcome
    assert (said.chance, said.standard_error) == (outcome.chance, outcome.standard_error)
    assert 0 < outcome.chance < 1
    assert found == again(kari, found)
    assert replayed(kari, found).same
    newest = kari.ask(goals.get, goal_id=cabin.id).latest
    assert newest == said == listed(kari, cabin)[0]
    # The same data gives the same chance; another seed gives other futures.
    assert kari.simulates(cabin).outcome == outcome
    other = kari.simulates(cabin, seed=7)
    assert (other.summary.seed, other.outcome == outcome) == (7, False)


def test_what_was_altered_does_not_come_out_again(kari: Saver, cabin: Goal) -> None:
    found = kari.simulates(cabin, paths=1_000)

    async def alter(db: Any) -> None:
        await db.execute(
            "UPDATE simulation_runs SET seed = seed - 1 WHERE id = %s", (found.summary.id,)
        )

    kari.world.within(kari.owner, alter)
    assert not replayed(kari, found).same


def test_a_long_one_waits_and_comes_to_the_same_wherever_it_is_done(
    kari: Saver, cabin: Goal
) -> None:
    waits = kari.simulates(cabin, paths=LONG)
    assert (waits.summary.state, waits.outcome, waits.summary.chance) == (
        RunState.QUEUED, None, None,
    )  # fmt: skip
    assert kari.ask(goals.get, goal_id=cabin.id).latest is None
    with pytest.raises(goals.RunIsNotDone):
        replayed(kari, waits)
    kari.world.run(carry_out(kari, waits))
    found = again(kari, waits)
    assert (found.summary.state, found.summary.paths_done) == (RunState.DONE, LONG)
    assert found.outcome == simulate(waits.case, seed=waits.summary.seed, paths=LONG)
    kari.world.run(carry_out(kari, waits))  # the job came twice
    assert again(kari, waits) == found


def test_a_worker_that_dies_leaves_it_to_another(kari: Saver, cabin: Goal) -> None:
    waits = kari.simulates(cabin, paths=LONG, seed=3)

    async def die() -> None:
        task = asyncio.ensure_future(carry_out(kari, waits))
        while True:
            async with kari.world.database.unit_of_work(kari.owner) as db:
                run = await goals.get_run(db, owner=kari.owner, run_id=waits.summary.id)
            if run.summary.state is RunState.RUNNING:
                break
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):  # nobody else does it at the same time
            await carry_out(kari, waits)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    kari.world.run(die())
    assert again(kari, waits).summary.state is RunState.RUNNING
    kari.world.run(carry_out(kari, waits))
    found = again(kari, waits)
    assert found.outcome == simulate(waits.case, seed=3, paths=LONG)


def test_one_whose_job_is_no_more_is_told_as_failed(kari: Saver, cabin: Goal) -> None:
    declared = jobs.build(kari.world.database, lambda: NOW, kari.home).declared
    (give_up,) = (one.run for one in declared if one.name == "goals.give_up_simulations")
    for _ in range(3):
        waits = kari.simulates(cabin, paths=LONG)
    kari.world.run(give_up())
    assert again(kari, waits).summary.state is RunState.QUEUED

    async def use_up(db: Any) -> None:
        await db.execute(
            "UPDATE procrastinate_jobs SET status = 'failed' WHERE args ->> 'owner' = %s",
            (str(kari.owner),),
        )

    kari.world.within_all(use_up)
    kari.world.run(give_up())
    told = again(kari, waits).summary
    assert (told.state, told.ended_at, told.why is None) == (RunState.FAILED, NOW, False)
    kari.simulates(cabin, paths=LONG)  # those that are no more keep none from waiting


def test_a_signal_to_all_processes_does_not_end_it(kari: Saver, cabin: Goal) -> None:
    waits = kari.simulates(cabin, paths=LONG, seed=4)

    async def interrupted() -> None:
        task = asyncio.ensure_future(carry_out(kari, waits))
        while not task.done():
            async with kari.world.database.unit_of_work(kari.owner) as db:
                run = await goals.get_run(db, owner=kari.owner, run_id=waits.summary.id)
            if run.summary.paths_done:
                break
            await asyncio.sleep(0.01)
        for one in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if "strongroom.goals.runs.child" in one.cmdline():
                    one.send_signal(signal.SIGINT)
                    one.send_signal(signal.SIGTERM)
        await task

    kari.world.run(interrupted())
    assert again(kari, waits).summary.state is RunState.DONE


def test_a_simulation_can_be_stopped_while_it_waits_and_while_it_runs(
    kari: Saver, cabin: Goal
) -> None:
    waits = kari.simulates(cabin, paths=LONG)
    stopped = kari.ask(goals.stop_run, run_id=waits.summary.id, now=NOW)
    assert stopped.summary.state is RunState.STOPPED
    kari.world.run(carry_out(kari, waits))
    assert again(kari, waits) == stopped
    with pytest.raises(goals.RunHasEnded):
        kari.ask(goals.stop_run, run_id=waits.summary.id, now=NOW)
    runs_on = kari.simulates(cabin, paths=10_000_000)

    async def stop() -> None:
        task = asyncio.ensure_future(carry_out(kari, runs_on))
        state = RunState.QUEUED
        while state is RunState.QUEUED:
            async with kari.world.database.unit_of_work(kari.owner) as db:
                run = await goals.get_run(db, owner=kari.owner, run_id=runs_on.summary.id)
                state = run.summary.state
        async with kari.world.database.unit_of_work(kari.owner) as db:
            await goals.stop_run(db, owner=kari.owner, run_id=runs_on.summary.id, now=NOW)
        await task

    kari.world.run(stop())
    ended = again(kari, runs_on).summary
    assert (ended.state, ended.chance) == (RunState.STOPPED, None)


def test_only_so_many_long_ones_wait_at_once(kari: Saver, cabin: Goal) -> None:
    for _ in range(3):
        kari.simulates(cabin, paths=LONG)
    with pytest.raises(goals.TooManyWait):
        kari.simulates(cabin, paths=LONG)
    assert len(listed(kari, cabin)) == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"paths": 0}, "paths"),
        ({"paths": 999}, "paths"),
        ({"paths": 10_000_001}, "paths"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
    ],
)
def test_numbers_out_of_range_are_refused(
    kari: Saver, cabin: Goal, more: dict[str, int], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        kari.simulates(cabin, **more)
    assert refused.value.field == field
    assert listed(kari, cabin) == []


def test_after_thirty_days_it_is_put_away_and_still_there(kari: Saver, cabin: Goal) -> None:
    old, stopped = kari.simulates(cabin, paths=1_000), kari.simulates(cabin, paths=LONG)
    kari.ask(goals.stop_run, run_id=stopped.summary.id, now=NOW)
    later = NOW + timedelta(days=30, seconds=1)
    new = kari.simulates(cabin, paths=2_000, now=NOW + timedelta(days=1))
    told = kari.world.run(runs.put_away(kari.world.database, now=later))
    assert told["simulations"] >= 1
    summaries = listed(kari, cabin)
    assert [(one.id, one.archived) for one in summaries] == [
        (new.summary.id, False), (old.summary.id, True),
    ]  # fmt: skip
    asked = [one.id for one in summaries]
    wishes = kari.ask(runs.put_aside, run_ids=asked)
    assert wishes == dict.fromkeys(asked, Decimal(7_000))  # archived or not
    kept = again(kari, old)
    assert kept == replace(old, summary=replace(old.summary, archived=True))
    assert replayed(kari, old).same
    kari.ask(goals.delete_run, run_id=old.summary.id, now=later)
    with pytest.raises(goals.RunNotFound):
        again(kari, old)
    assert [one.id for one in listed(kari, cabin)] == [new.summary.id]


def test_simulations_come_in_pages_the_newest_first(kari: Saver, cabin: Goal) -> None:
    made = [
        kari.simulates(cabin, paths=1_000, now=NOW + timedelta(minutes=n // 2)).summary.id
        for n in range(5)
    ]
    kari.world.run(runs.put_away(kari.world.database, now=NOW + timedelta(days=30, seconds=90)))
    found, cursor = [], None
    while True:
        page = kari.ask(goals.list_runs, goal_id=cabin.id, limit=2, cursor=cursor)
        found += [one.id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == made[::-1]


def test_what_stood_in_for_the_unknown_is_kept_with_what_it_decided(
    world: World, home: Path
) -> None:
    kari = Saver(world, book.person(world), home)  # who links nothing, and says little
    kari.says(EUR, monthly_income=4_000, monthly_spending=0)
    varies = FigureName.INCOME_VOLATILITY
    kari.ask(profile.override, figure=varies, amount=Decimal("0.1"), now=NOW)
    cabin = kari.wants("Cabin", 150_000, code=EUR)
    found = kari.simulates(cabin, paths=1_000)
    told = {one.figure: (one.value, one.why) for one in found.stood_in}
    household = found.case.household
    assert told == {
        FigureName.LIQUID_ASSETS: (household.saved, "no_accounts"),
        FigureName.CREDIT_DEBT: (household.card_debt, "no_accounts"),
        FigureName.LOAN_DEBT: (Decimal(0), "no_accounts"),
        FigureName.MONTHLY_LOAN_PAYMENTS: (Decimal(0), "no_accounts"),
        FigureName.SPENDING_VOLATILITY: (household.spending_volatility, "no_history"),
    }
    assert found.stood_in == kari.case(cabin).stood_in
    kari.says(EUR, credit_debt=0)
    assert again(kari, found).stood_in == found.stood_in  # as it was then
    kari.world.run(runs.put_away(kari.world.database, now=NOW + timedelta(days=31)))
    assert again(kari, found).stood_in == found.stood_in
    assert FigureName.CREDIT_DEBT not in {one.figure for one in kari.case(cabin).stood_in}


def test_chances_follow_the_data(kari: Saver) -> None:
    cabin = kari.wants("Cabin", 330_000, MONTHS)
    boat = kari.wants("Boat", 80_000, 24, priority=2)
    assert refresh(kari) == 2
    assert refresh(kari) == 0  # nothing changed
    before = kari.ask(goals.get, goal_id=cabin.id).latest
    assert before is not None
    assert before.by is AskedBy.REFRESH
    assert kari.ask(runs.outdated, now=NOW) == {}
    kari.says(monthly_income=31_000)
    assert kari.ask(runs.outdated, now=NOW) == {cabin.id: True, boat.id: True}
    assert "goals.refresh_profile" in waiting(kari)  # which asks for chances
    assert kari.ask(goals.ask_if_stale, now=NOW)
    assert refresh(kari) == 2
    assert kari.ask(runs.outdated, now=NOW) == {}
    after = kari.ask(goals.get, goal_id=cabin.id).latest
    assert after is not None and before.chance is not None
    assert after.chance > before.chance
    assert len(listed(kari, cabin)) == 1  # the newest of a day is enough
    # What another goal takes, this one has not.
    kari.ask(goals.change, goal_id=boat.id, change=GoalChange(name="Yacht"), now=NOW)
    assert not kari.ask(goals.ask_if_stale, now=NOW)
    first = GoalChange(priority=1, monthly_contribution=Decimal(6_000))
    kari.ask(goals.change, goal_id=boat.id, change=first, now=NOW)
    assert refresh(kari) == 2
    shared = kari.ask(goals.get, goal_id=cabin.id).latest
    assert shared is not None and shared.chance < after.chance
    # A day later there are as many months left; two months later there are not.
    assert refresh(kari, days=1) == 0
    assert refresh(kari, days=62) == 2
    assert len(listed(kari, cabin)) == 2


def test_what_each_plan_came_to_is_kept_and_of_the_same_plan_the_newest_of_a_day(
    kari: Saver,
) -> None:
    cabin = kari.wants("Cabin", 330_000, MONTHS)
    boat = kari.wants("Boat", 80_000, 24, priority=2)

    def changed(goal: Goal, hours: int, **change: Any) -> None:
        now = NOW + timedelta(hours=hours)
        kari.ask(goals.change, goal_id=goal.id, change=GoalChange(**change), now=now)

    assert refresh(kari) == 2
    (first,) = listed(kari, cabin)
    changed(cabin, 1, target=Money(Decimal(300_000), NOK))
    assert refresh(kari, hours=2) >= 1
    second, was = listed(kari, cabin)
    assert was == first and second.target.amount == 300_000
    kari.says(monthly_income=31_000)  # the data moves, and moves again
    assert refresh(kari, hours=3) == 2
    kari.says(monthly_income=32_000)
    assert refresh(kari, hours=4) == 2
    newest, was = listed(kari, cabin)
    assert was == first and newest.id != second.id
    changed(boat, 5, priority=1, monthly_contribution=Decimal(6_000))  # it takes from the cabin
    assert refresh(kari, hours=6) == 2
    assert [one.id for one in listed(kari, cabin)][1:] == [newest.id, first.id]
    assert replayed(kari, kari.ask(goals.get_run, run_id=first.id)).same


def test_what_nobody_can_reckon_is_tried_once_and_says_why(kari: Saver) -> None:
    half = Decimal("0.5")
    beyond = {"annual_return": half, "annual_return_sd": Decimal("0.25"), "raise_mean": half}
    goal = kari.wants("Moon", 10**9, 720, assumptions=beyond)
    assert kari.ask(goals.ask_if_stale, now=NOW)
    assert refresh(kari) == 0
    (said,) = listed(kari, goal)
    assert (said.state, said.chance, said.by) == (RunState.FAILED, None, AskedBy.REFRESH)
    assert said.why is not None and "too large" in said.why.text()
    assert not kari.ask(goals.ask_if_stale, now=NOW)
    kari.ask(goals.change, goal_id=goal.id, change=GoalChange(assumptions={}), now=NOW)
    assert refresh(kari) == 1
    (found,) = listed(kari, goal)  # the newest of a day is enough
    assert found.state is RunState.DONE


def test_twice_of_everything_has_the_same_chance(world: World, home: Path) -> None:
    chances = []
    for times in (1, 2):
        one = saver(
            world, home, monthly_income=30_000 * times, monthly_spending=22_000 * times,
            liquid_assets=200_000 * times, credit_debt=9_000 * times,
        )  # fmt: skip
        more = {
            "assumptions": {
                "emergency_least": Decimal(500 * times), "emergency_most": Decimal(3_000 * times),
            }
        }  # fmt: skip
        first = one.wants("Cabin", 250_000 * times, 24, **more)
        one.wants("Boat", 120_000 * times, 17, priority=1, **more)
        one.wants(
            "Car", 90_000 * times, 30, priority=2, monthly_contribution=Decimal(900 * times),
            **more,
        )  # fmt: skip
        run = one.simulates(first, seed=5, paths=20_000)
        chances.append((run.summary.chance, run.outcome and run.outcome.chance_below_zero))
    assert chances[0] == chances[1]
    chance = chances[0][0]
    assert chance is not None and 0 < chance < 1


def test_bad_months_count_once_for_the_household_and_not_once_for_each_goal(
    world: World, home: Path
) -> None:
    demo = saver(
        world, home, liquid_assets=60_604, monthly_income=4_553, monthly_spending=3_486
    )  # fmt: skip

    def outcome(goal: Goal) -> Outcome:
        found = demo.simulates(goal, seed=5, paths=20_000).outcome
        assert found is not None
        return found

    def near(one: Decimal, other: Decimal, apart: str) -> bool:
        return abs(one - other) <= Decimal(apart)

    house = demo.wants("House", 100_000)
    alone = outcome(house)
    assert Decimal("0.2") < alone.chance < Decimal("0.8")
    # A goal of one unit beside it moves nothing, and fares as the household does.
    tiny = demo.wants("Cup", 1, priority=1)
    assert near(outcome(house).chance, alone.chance, "0.002")
    assert near(outcome(tiny).chance, alone.chance, "0.002")
    # Nor does another half of the same: each is as likely as the whole.
    demo.ask(goals.delete, goal_id=tiny.id, now=NOW)
    half = GoalChange(target=Money(Decimal(50_000), NOK))
    demo.ask(goals.change, goal_id=house.id, change=half, now=NOW)
    other = demo.wants("Flat", 50_000, priority=1)
    assert near(outcome(house).chance, alone.chance, "0.001")
    assert outcome(other).chance == outcome(house).chance
    # Where there is enough, a goal of next to nothing is as good as certain.
    demo.ask(goals.delete, goal_id=other.id, now=NOW)
    tiny = demo.wants("Cup", 1, priority=1)
    assert min(outcome(house).chance, outcome(tiny).chance) > Decimal("0.99")
    # A great one that says nothing of its place takes nothing of what came before it.
    great = demo.wants("Castle", 900_000, 360)
    found = outcome(house)
    # What they need today is theirs; what is beyond it is the great one's now.
    assert found.chance > Decimal("0.7") < outcome(tiny).chance
    assert outcome(great).at_the_end.p50 > 0


def test_another_contribution_tried_begins_at_the_chance_that_is_shown(kari: Saver) -> None:
    cabin = kari.wants("Cabin", 300_000, 24, monthly_contribution=Decimal(3_000))
    kari.wants("Boat", 200_000, 36, priority=1)
    shown = kari.simulates(cabin)
    case, own, seed = shown.case, shown.summary.chance, shown.summary.seed
    assert case.household.part < 1
    assert own is not None
    tried = [
        what_if(case, Changes(monthly_contribution=Decimal(more)), seed=seed, own=own)
        for more in (2_000, 3_000, 4_000)
    ]
    chances = [one.outcome.chance for one in tried]
    assert chances == sorted(chances)
    assert chances[1] == own == what_if(case, Changes(), seed=seed, own=own).outcome.chance


def test_others_simulations_do_not_exist(kari: Saver, cabin: Goal, home: Path) -> None:
    mine = kari.simulates(cabin, paths=1_000)
    stranger = saver(kari.world, home)
    for verb, more in (
        (goals.get_run, {}), (goals.stop_run, {"now": NOW}), (goals.delete_run, {"now": NOW}),
    ):  # fmt: skip
        with pytest.raises(goals.RunNotFound):
            stranger.ask(verb, run_id=mine.summary.id, **more)
        with pytest.raises(goals.RunNotFound):
            kari.ask(verb, run_id=mine.summary.id, goal_id=new_id(), **more)
    with pytest.raises(goals.GoalNotFound):
        stranger.ask(goals.list_runs, goal_id=cabin.id)
    kari.ask(goals.delete, goal_id=cabin.id, now=NOW)
    with pytest.raises(goals.RunNotFound):
        again(kari, mine)
