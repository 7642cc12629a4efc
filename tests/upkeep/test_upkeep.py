"""Periodic jobs: each run is recorded in one place, and what was missed is run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import upkeep
from strongroom.core import queue
from strongroom.core.errors import Refused
from strongroom.core.ids import SYSTEM, new_id
from strongroom.core.queue import Jobs
from strongroom.core.runner import build_app
from strongroom.upkeep import Declared, Job, NoSuchJob, Outcome, Run, Standing, rules
from strongroom.upkeep.jobs import build
from strongroom.upkeep.labels import JOB_LABELS, result_text
from tests import book as made
from tests.identity.conftest import World

# A Saturday; the job of these tests falls due each day at three.
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAILY, DAY = "0 3 * * *", timedelta(days=1)


class NotNow(Refused):
    """A refusal, for a job to raise."""


def declare(world: World, *names: str, now: datetime = NOW, cron: str = DAILY) -> None:
    some = [Declared(name, cron, f"Do {name}.") for name in names]
    world.within_all(partial(upkeep.declare_for_all, declared=some, now=now))


def run(world: World, name: str, work: Callable[[], Awaitable[Any]], now: datetime = NOW) -> None:
    """Run a job as the worker does; its clock stands still."""
    around = upkeep.recorder(world.database, lambda: now)
    world.run(around(queue.Job(name, work, 1, DAILY)))


def job(world: World, name: str, now: datetime = NOW) -> Job:
    return world.within(SYSTEM, partial(upkeep.get_job, name=name, now=now))


def runs(world: World, name: str) -> list[Run]:
    return world.within(SYSTEM, partial(upkeep.list_runs, name=name, now=NOW))


async def nothing() -> Mapping[str, int]:
    return {"people": 3, "days": 12}


async def refused() -> None:
    raise NotNow("The tide is out.")


async def broken() -> None:
    raise ZeroDivisionError("secret 123456")


async def stopped() -> None:
    raise asyncio.CancelledError


def test_a_run_is_recorded_with_what_it_told(world: World) -> None:
    declare(world, "test.told")
    assert job(world, "test.told").standing is Standing.NEVER
    run(world, "test.told", nothing)
    found = job(world, "test.told")
    assert found.last is not None
    assert (found.standing, found.last.outcome, found.last.result, found.last.error) == (
        Standing.FINE, Outcome.DONE, {"people": 3, "days": 12}, None,
    )  # fmt: skip
    assert (found.last_done, found.next_due) == (NOW, datetime(2026, 11, 22, 3, tzinfo=UTC))


def test_a_failure_tells_what_a_person_may_read_and_no_more(world: World) -> None:
    declare(world, "test.fails")
    for work, raised, says in (
        (refused, NotNow, "The tide is out."), (broken, ZeroDivisionError, "ZeroDivisionError"),
    ):  # fmt: skip
        with pytest.raises(raised):
            run(world, "test.fails", work)
        last = runs(world, "test.fails")[0]
        assert (last.outcome, last.error) == (Outcome.FAILED, says)
    assert job(world, "test.fails").standing is Standing.FAILED
    with pytest.raises(asyncio.CancelledError):
        run(world, "test.fails", stopped)
    assert runs(world, "test.fails")[0].outcome is Outcome.CUT_SHORT


def test_a_run_whose_process_died_was_cut_short(world: World) -> None:
    declare(world, "test.died")
    world.within_all(partial(upkeep.begin_for_all, job="test.died", now=NOW))
    assert job(world, "test.died").standing is Standing.RUNNING
    assert job(world, "test.died", NOW + timedelta(hours=13)).standing is Standing.FAILED
    run(world, "test.died", nothing, NOW + timedelta(minutes=1))
    assert [one.outcome for one in runs(world, "test.died")] == [Outcome.DONE, Outcome.CUT_SHORT]


def test_a_job_that_is_asked_for_while_it_runs_waits_for_the_end(world: World) -> None:
    jobs, ran = Jobs("test"), list[int]()

    @jobs.job(cron=DAILY)
    async def alone() -> None:
        ran.append(1)

    name = "test.alone"
    declare(world, name)

    async def run_waiting() -> int:
        app = build_app(world.place.system_dsn, [jobs])
        async with app.open_async():
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=False
            )
        return len(ran)

    def say(now_is: str, was: str) -> list[Any]:
        change = f"UPDATE procrastinate_jobs SET status = '{now_is}' WHERE task_name = %s"
        return made.values(world, f"{change} AND status = '{was}' RETURNING 1", name)

    world.within(SYSTEM, partial(upkeep.ask, name=name, now=NOW))
    assert len(say("doing", "todo")) == 1
    world.within(SYSTEM, partial(upkeep.ask, name=name, now=NOW))
    assert world.run(run_waiting()) == 0
    assert len(say("succeeded", "doing")) == 1
    assert world.run(run_waiting()) == 1


def test_the_newest_runs_are_kept(world: World) -> None:
    declare(world, "test.often")
    for number in range(53):
        run(world, "test.often", nothing, NOW + timedelta(minutes=number))
    found = runs(world, "test.often")
    assert len(found) == 50
    assert found[0].started_at == NOW + timedelta(minutes=52)


def waiting(world: World) -> list[str]:
    found = made.values(world, "SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'"
                        " AND task_name LIKE 'test.%%' ORDER BY 1")  # fmt: skip
    return [name for (name,) in found]


def test_what_was_missed_is_asked_for_once(world: World) -> None:
    declare(world, "test.missed", "test.new")
    run(world, "test.missed", nothing, NOW)

    def catch_up(now: datetime) -> list[str]:
        return world.within_all(partial(upkeep.catch_up_for_all, now=now))

    # Known since Saturday half past nine: both fall due on Sunday at three.
    assert catch_up(datetime(2026, 11, 22, 2, 59, tzinfo=UTC)) == []
    assert catch_up(datetime(2026, 11, 22, 3, 1, tzinfo=UTC)) == []  # a worker may be about to
    later = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert job(world, "test.missed", later).standing is Standing.LATE
    assert catch_up(later) == ["test.missed", "test.new"]
    assert catch_up(later) == ["test.missed", "test.new"]
    assert waiting(world) == ["test.missed", "test.new"]
    run(world, "test.missed", nothing, later)
    assert job(world, "test.missed", later).standing is Standing.FINE
    assert catch_up(later) == ["test.new"]


def test_jobs_that_are_no_more_are_not_listed(world: World) -> None:
    declare(world, "test.kept", "test.gone")
    declare(world, "test.kept", now=NOW + DAY)
    names = [one.name for one in world.within(SYSTEM, partial(upkeep.list_jobs, now=NOW))]
    assert names == ["test.kept"]
    with pytest.raises(NoSuchJob):
        runs(world, "test.gone")


@given(
    st.integers(0, 4 * 365 * 24 * 3600),
    st.sampled_from(
        ["* * * * *", "5 * * * *", DAILY, "30 4 * * 0", "40 3 2 * *", "30 2 1 1,4,7,10 *"]
    ),
)
def test_a_job_that_ran_when_it_fell_due_is_never_missed(seconds: int, cron: str) -> None:
    now = NOW + timedelta(seconds=seconds)
    due, long_ago = queue.last_due(cron, now), datetime(2020, 1, 1, tzinfo=UTC)
    assert due <= now < queue.next_due(cron, now)
    assert not rules.is_missed(due, long_ago, due, now)
    assert not rules.is_missed(due, now, None, now) or due == now
    before = due - timedelta(seconds=1)
    assert rules.is_missed(due, long_ago, before, now) == (now - due >= rules.GRACE)


def test_every_periodic_job_has_a_name_on_pages(world: World, tmp_path: Path) -> None:
    """Asked of the worker itself, so that no job is forgotten."""
    from strongroom import wiring, worker
    from strongroom.core.settings import Settings

    services = wiring.assemble(
        Settings(home=tmp_path), world.place.ring, admin_dsn=world.place.admin_dsn, role="worker"
    )
    declared = upkeep.declared(worker.tables(services))
    assert {one.name for one in declared} == set(JOB_LABELS)
    assert all(one.says.endswith(".") for one in declared)


def test_tables_are_looked_at_and_slow_statements_reported(world: World) -> None:
    jobs: Jobs = build(world.database, lambda: NOW)
    analyse = next(one for one in jobs.declared if one.name == "upkeep.analyse")
    ((before,),) = made.values(world, _ANALYSED)

    async def slow(db: Any) -> None:
        await db.execute("SELECT count(*), pg_sleep(0.05) FROM accounts WHERE name = 'hidden'")

    world.within(SYSTEM, slow)
    told = world.run(analyse.run())
    assert told is not None
    assert int(told["tables"]) > 40
    ((after,),) = made.values(world, _ANALYSED)
    assert after > before
    if told["slow_statements"] == "not counted":
        assert os.environ.get("TEST_DATABASE_URL"), "the embedded server counts statements"
        pytest.skip("the server at TEST_DATABASE_URL does not load pg_stat_statements")
    found = world.within(SYSTEM, upkeep.slow_statements)
    assert int(told["slow_statements"]) == len(found)
    ours = [one for one in found if "pg_sleep" in one.statement]
    assert ours
    assert ours[0].mean_ms >= 50
    assert "hidden" not in ours[0].statement


_ANALYSED = "SELECT coalesce(sum(analyze_count), 0) FROM pg_stat_user_tables"


def test_the_clean_up_takes_what_has_ended_and_nothing_else(world: World) -> None:
    owner = made.person(world)
    old, young = NOW - timedelta(days=91), NOW - timedelta(days=89)
    for state, at in (("exited", old), ("exited", young), ("open", old), ("done", old)):
        made_at = (owner, new_id(), state, at, at, at)

        async def put(db: Any, columns: tuple[Any, ...] = made_at) -> None:
            await db.execute(
                "INSERT INTO link_sessions (user_id, id, link_token, link_token_hash, mode, state,"
                " created_at, expires_at, updated_at)"
                " VALUES (%s, %s, 'sealed', 'hash', 'link', %s, %s, %s, %s)",
                columns,
            )

        world.within_all(put)
    jobs: Jobs = build(world.database, lambda: NOW)
    clean_up = next(one for one in jobs.declared if one.name == "upkeep.clean_up")
    told = world.run(clean_up.run())
    assert told is not None
    assert told["link_sessions"] == 1
    left = made.values(
        world, "SELECT state, updated_at FROM link_sessions WHERE user_id = %s ORDER BY 1", owner
    )
    assert [state for state, _ in left] == ["done", "exited", "open"]
    assert result_text(told) == "sessions: 0, attempts to link: 1"
