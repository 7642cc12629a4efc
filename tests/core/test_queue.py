"""Jobs: stored with their rows, run in turn, tried again when that can help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
import psycopg
import pytest

from strongroom.core.db import Database, Db
from strongroom.core.errors import Conflict, NotFound, Refused, Unavailable
from strongroom.core.ids import SYSTEM
from strongroom.core.queue import Jobs, enqueue
from strongroom.core.runner import build_app, give_back_stalled, somebody_works
from tests.conftest import TestDatabase

Work = Callable[[Database, procrastinate.App], Awaitable[Any]]


def at_work(place: TestDatabase, jobs: Jobs, work: Work) -> Any:
    """Run ``work`` with a database and the queue of its jobs."""

    async def run() -> Any:
        app = build_app(place.system_dsn, [jobs])
        async with Database(place.app_dsn, place.system_dsn) as database, app.open_async():
            return await work(database, app)

    return asyncio.run(run())


async def stored(database: Database, columns: str = "task_name, status, args") -> list[Any]:
    async with database.unit_of_work_for_all() as db:
        rows = await db.execute(
            f"SELECT {columns} FROM procrastinate_jobs"  # type: ignore[arg-type]
            " WHERE task_name LIKE 'test.%' ORDER BY id"
        )
        return list(await rows.fetchall())


async def add(database: Database, *names: str, **more: Any) -> None:
    async with database.unit_of_work(SYSTEM) as db:
        for name in names:
            await enqueue(db, name, **more)


async def run_waiting(app: procrastinate.App, concurrency: int = 1) -> None:
    await app.run_worker_async(
        wait=False, concurrency=concurrency, install_signal_handlers=False, listen_notify=False
    )


async def write(db: Db) -> None:
    await db.execute(
        "INSERT INTO rate_limits (key, count, reset_at) VALUES ('k', 1, now())"
        " ON CONFLICT (key) DO UPDATE SET count = rate_limits.count + 1"
    )


def test_row_and_job_are_stored_or_vanish_together(database: TestDatabase) -> None:
    async def work(place: Database, app: procrastinate.App) -> None:
        with pytest.raises(Conflict):
            async with place.unit_of_work(SYSTEM) as db:
                await write(db)
                await enqueue(db, "test.run", item="1")
                raise Conflict("no")
        assert await stored(place) == []
        async with place.unit_of_work(SYSTEM) as db:
            await write(db)
            await enqueue(db, "test.run", item="2")
            assert await stored(place) == []  # nobody can take it before its row is there
        assert await stored(place) == [("test.run", "todo", {"item": "2"})]
        async with place.unit_of_work_for_all() as db:
            rows = await (await db.execute("SELECT key, count FROM rate_limits")).fetchall()
        assert rows == [("k", 1)]

    at_work(database, Jobs("test"), work)


def test_once_waits_once_and_may_be_asked_again_while_it_runs(database: TestDatabase) -> None:
    jobs, ran = Jobs("test"), list[str]()

    @jobs.job()
    async def run(item: str) -> None:
        ran.append(item)
        if item == "a":
            # Something new is heard of while the old is handled: it must not be lost.
            await add(opened[0], "test.run", once="only", item="c")

    opened: list[Database] = []

    async def work(place: Database, app: procrastinate.App) -> None:
        opened.append(place)
        await add(place, "test.run", once="only", item="a")
        await add(place, "test.run", once="only", item="b")
        await add(place, "test.run", once="other", item="d")
        assert [args["item"] for (args,) in await stored(place, "args")] == ["a", "d"]
        await run_waiting(app)
        assert ran == ["a", "d", "c"]

    at_work(database, jobs, work)


def test_a_once_job_that_failed_goes_back_past_the_one_that_waits_already(
    database: TestDatabase,
) -> None:
    jobs, ran = Jobs("test"), list[str]()

    @jobs.job(attempts=3)
    async def run(item: str) -> None:
        ran.append(item)
        if ran == ["first"]:
            await add(opened[0], "test.run", once="only", item="second")
            raise Unavailable("not now", retry_after_seconds=0)

    opened: list[Database] = []

    async def work(place: Database, app: procrastinate.App) -> None:
        opened.append(place)
        await add(place, "test.run", once="only", item="first")
        await run_waiting(app)
        if "todo" in [status for (status,) in await stored(place, "status")]:
            await run_waiting(app)
        assert await stored(place, "status, args") == [
            ("succeeded", {"item": "first"}),
            ("succeeded", {"item": "second"}),
        ]

    at_work(database, jobs, work)
    assert sorted(ran) == ["first", "first", "second"]


def test_a_unit_of_work_goes_on_after_a_job_that_waits_already(database: TestDatabase) -> None:
    async def work(place: Database, app: procrastinate.App) -> None:
        await add(place, "test.run", "test.run", "test.run", once="only")
        async with place.unit_of_work(SYSTEM) as db:
            await enqueue(db, "test.run", once="only")
            await write(db)
        assert len(await stored(place)) == 1
        async with place.unit_of_work_for_all() as db:
            rows = await (await db.execute("SELECT count FROM rate_limits")).fetchall()
        assert rows == [(1,)]

    at_work(database, Jobs("test"), work)


def test_jobs_of_one_lock_run_one_at_a_time_in_order(database: TestDatabase) -> None:
    jobs, running, most, order = Jobs("test"), dict[str, int](), dict[str, int](), list[str]()

    @jobs.job()
    async def run(item: str) -> None:
        lock = item[0]
        running[lock] = running.get(lock, 0) + 1
        most[lock] = max(most.get(lock, 0), running[lock])
        for _ in range(20):
            await asyncio.sleep(0)
        order.append(item)
        running[lock] -= 1

    async def work(place: Database, app: procrastinate.App) -> None:
        for number in range(6):
            for lock in ("x", "y"):
                await add(place, "test.run", lock=lock, item=f"{lock}{number}")
        for _ in range(20):  # a worker that need not wait goes when the rest is locked
            if ("todo",) in await stored(place, "status"):
                await run_waiting(app, concurrency=4)

    at_work(database, jobs, work)
    assert most == {"x": 1, "y": 1}
    assert [item for item in order if item[0] == "x"] == [f"x{n}" for n in range(6)]
    assert len(order) == 12


def test_later_is_later(database: TestDatabase) -> None:
    jobs, ran = Jobs("test"), list[str]()

    @jobs.job()
    async def run(item: str) -> None:
        ran.append(item)

    async def work(place: Database, app: procrastinate.App) -> None:
        now = datetime.now(UTC)
        await add(place, "test.run", at=now + timedelta(hours=1), item="later")
        await add(place, "test.run", at=now - timedelta(hours=1), item="now")
        await run_waiting(app)

    at_work(database, jobs, work)
    assert ran == ["now"]


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Refused("no"), None),
        (NotFound("no"), None),
        (Conflict("no"), None),
        (Unavailable("down"), 2),
        (Unavailable("busy", retry_after_seconds=90), 90),
        (ValueError("a bug"), 2),
    ],
)
def test_what_can_pass_is_tried_again(
    database: TestDatabase, error: Exception, wait: int | None
) -> None:
    jobs = Jobs("test")

    @jobs.job(attempts=3)
    async def run() -> None:
        raise error

    async def work(place: Database, app: procrastinate.App) -> None:
        await add(place, "test.run")
        before = datetime.now(UTC)
        await run_waiting(app)
        ((status, attempts, at),) = await stored(place, "status, attempts, scheduled_at")
        assert attempts == 1
        if wait is None:
            assert status == "failed"
            return
        assert status == "todo"
        assert timedelta(seconds=wait - 1) < at - before < timedelta(seconds=wait + 30)
        waits = [at]
        while status == "todo":
            async with place.unit_of_work_for_all() as db:
                await db.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
            await run_waiting(app)
            ((status, attempts, at),) = await stored(place, "status, attempts, scheduled_at")
            waits.append(at)
        assert (status, attempts) == ("failed", 3)

    at_work(database, jobs, work)


def test_jobs_of_a_worker_that_died_are_given_back(database: TestDatabase) -> None:
    jobs, ran = Jobs("test"), list[str]()

    @jobs.job()
    async def run(item: str) -> None:
        ran.append(item)

    async def work(place: Database, app: procrastinate.App) -> None:
        await add(place, "test.run", item="lost")
        await add(place, "test.run", item="held")
        async with place.unit_of_work_for_all() as db:
            await db.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 minute'), (now())"
            )
            await db.execute(
                """
                UPDATE procrastinate_jobs j SET status = 'doing', worker_id = (
                    SELECT id FROM procrastinate_workers ORDER BY last_heartbeat
                    LIMIT 1 OFFSET CASE j.args->>'item' WHEN 'lost' THEN 0 ELSE 1 END)
                """
            )
        assert await somebody_works(app)
        assert await give_back_stalled(app) == 1
        assert await give_back_stalled(app) == 0
        await run_waiting(app)

    at_work(database, jobs, work)
    assert ran == ["lost"]


def test_nobody_works_where_no_heart_beats(database: TestDatabase) -> None:
    async def work(place: Database, app: procrastinate.App) -> None:
        assert not await somebody_works(app)
        async with place.unit_of_work_for_all() as db:
            await db.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 minute')"
            )
        assert not await somebody_works(app)

    at_work(database, Jobs("test"), work)


def test_the_web_may_add_a_job_and_see_none(database: TestDatabase) -> None:
    async def work(place: Database, app: procrastinate.App) -> None:
        await add(place, "test.run")
        for statement in (
            "SELECT 1 FROM procrastinate_jobs", "DELETE FROM procrastinate_jobs",
            "INSERT INTO procrastinate_jobs (task_name) VALUES ('x')",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with place.unit_of_work(SYSTEM) as db:
                    await db.execute(statement)  # type: ignore[arg-type]

    at_work(database, Jobs("test"), work)


def test_periodic_jobs_are_declared_with_their_clock(database: TestDatabase) -> None:
    jobs, ran = Jobs("test"), list[str]()

    @jobs.job(cron="5 * * * *", attempts=2)
    async def hourly() -> None:
        ran.append("hourly")

    assert [(one.name, one.cron, one.attempts) for one in jobs.declared] == [
        ("test.hourly", "5 * * * *", 2)
    ]

    async def work(place: Database, app: procrastinate.App) -> None:
        assert "test.hourly" in app.tasks
        await app.tasks["test.hourly"].defer_async(timestamp=0)
        with pytest.raises(procrastinate.exceptions.AlreadyEnqueued):
            await app.tasks["test.hourly"].defer_async(timestamp=1)
        assert await stored(place, "lock, queueing_lock") == [("test.hourly", "test.hourly")]
        await run_waiting(app)

    at_work(database, jobs, work)
    assert ran == ["hourly"]
