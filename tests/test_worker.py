from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from strongroom import wiring, worker
from strongroom.core.settings import Settings
from tests.conftest import TestDatabase
from tests.processes import throwaway_home, wait_until


@contextmanager
def working(database: TestDatabase) -> Iterator[subprocess.Popen[str]]:
    with throwaway_home() as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "strongroom.worker"],
            env={
                **os.environ,
                "STRONGROOM_HOME": str(home),
                "STRONGROOM_KEYS": database.ring.to_json(),
                "DATABASE_URL": database.admin_dsn,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def count(database: TestDatabase, which: str) -> int:
    with psycopg.connect(database.system_dsn) as db:
        row = db.execute(f"SELECT count(*) FROM {which}").fetchone()
    return -1 if row is None else int(row[0])


def enqueue(database: TestDatabase, name: str) -> None:
    with psycopg.connect(database.app_dsn) as db:
        db.execute("SELECT enqueue(%s, null, null, '{}', null)", (name,))


def waiting(database: TestDatabase, name: str) -> int:
    return count(database, f"procrastinate_jobs WHERE task_name = '{name}'")


def test_it_runs_what_waits_and_stops_when_told(database: TestDatabase) -> None:
    enqueue(database, "connections.drain_webhooks")
    with working(database) as process:
        wait_until(lambda: waiting(database, "connections.drain_webhooks") == 0, "the job has run")
        enqueue(database, "connections.drain_webhooks")
        wait_until(lambda: waiting(database, "connections.drain_webhooks") == 0, "the next has run")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "stopped" in errors
    assert count(database, "procrastinate_workers") == 0


def test_a_webhook_is_handled_though_no_job_tells_of_it(database: TestDatabase) -> None:
    def inbox(state: str) -> int:
        return count(database, f"webhook_events WHERE state = '{state}'")

    with working(database):
        # One that waits when it starts or soon after, and one while it works; of a product that
        # no link has, so that it is noted and nothing more.
        for number in range(2):
            with psycopg.connect(database.app_dsn) as db:
                db.execute(
                    "SELECT store_webhook(gen_random_uuid(), %s, '{}', 'AUTH', 'X', NULL, now())",
                    (bytes([number]),),
                )
            wait_until(lambda wanted=number + 1: inbox("done") == wanted, "it is handled")  # type: ignore[misc]
    assert inbox("received") == 0


def test_a_job_whose_worker_was_killed_is_run_by_the_next(database: TestDatabase) -> None:
    enqueue(database, "connections.drain_webhooks")
    with psycopg.connect(database.system_dsn) as db:
        # As a worker leaves it that took the job and was killed a while ago.
        row = db.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        ).fetchone()
        assert row is not None
        db.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s"
            " WHERE task_name = 'connections.drain_webhooks'",
            row,
        )
    with working(database):
        wait_until(lambda: waiting(database, "connections.drain_webhooks") == 0, "it was run again")


def test_a_worker_at_work_soon_takes_over_from_one_that_is_killed(database: TestDatabase) -> None:
    with working(database) as process:
        enqueue(database, "connections.drain_webhooks")
        wait_until(lambda: waiting(database, "connections.drain_webhooks") == 0, "it is at work")
        with psycopg.connect(database.system_dsn) as db:
            # One of two workers is killed with a job in hand, while the other goes on.
            db.execute(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '12 seconds') RETURNING id)"
                " INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
                " SELECT 'default', 'connections.drain_webhooks', 'doing', id FROM dead"
            )
        wait_until(lambda: waiting(database, "connections.drain_webhooks") == 0, "it was run again")
        assert process.poll() is None


def test_months_are_made_before_any_job_runs(database: TestDatabase) -> None:
    parts = "pg_inherits WHERE inhparent = 'strongroom.account_balances'::regclass"
    with psycopg.connect(database.admin_dsn, autocommit=True) as db:
        names = db.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid"
            " WHERE inhparent = 'strongroom.account_balances'::regclass"
            " AND pg_get_expr(relpartbound, oid) <> 'DEFAULT'"
        ).fetchall()
        assert names
        for (name,) in names:  # as after a pause that outlasted every month made in advance
            db.execute(f"DROP TABLE {name}")  # type: ignore[arg-type]
        left = count(database, parts)
    with working(database):
        wait_until(lambda: count(database, parts) > left, "the months are there")


def test_a_database_that_is_away_is_said_plainly() -> None:
    with throwaway_home() as home:
        done = subprocess.run(
            [sys.executable, "-m", "strongroom.worker"],
            env={
                **os.environ,
                "STRONGROOM_HOME": str(home),
                "DATABASE_URL": "postgresql://u:hunter2hunter2@127.0.0.1:1/x",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 75
    assert done.stderr.startswith("strongroom: The database does not answer.")
    assert "Traceback" not in done.stderr and "hunter2" not in done.stderr


def test_every_job_has_a_name_of_its_own(database: TestDatabase) -> None:
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")),
        database.ring,
        admin_dsn=database.admin_dsn,
        role="worker",
    )
    names = [job.name for table in worker.tables(services) for job in table.declared]
    assert len(names) == len(set(names))
    assert all(name.count(".") == 1 for name in names)


def test_the_web_process_is_not_given_the_role_that_sees_everybody(database: TestDatabase) -> None:
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")), database.ring, admin_dsn=database.admin_dsn, role="web"
    )
    assert services.system_dsn is None
    with pytest.raises(RuntimeError):
        services.database.unit_of_work_for_all().__aenter__().send(None)
