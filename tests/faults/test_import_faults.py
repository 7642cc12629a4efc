"""A worker that is killed while it reads a file or takes it in: nothing is half done, then all is.

The worker is held at its last steps by a lock on a table it comes to then, and killed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.connections.imports.types import FileImport, ImportState
from strongroom.core.ids import UserId
from tests import book
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world
from tests.processes import wait_until
from tests.test_worker import working

pytestmark = pytest.mark.slow

ROWS = 1_200
CSV = "Date,Description,Amount\n" + "".join(
    f"2026-{1 + n % 10:02}-{1 + n % 28:02},Shop {n},-{n % 90 + 1}.25\n" for n in range(ROWS)
)


@pytest.fixture
def world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)


@contextmanager
def held(database: TestDatabase, table: str) -> Iterator[psycopg.Connection[Any]]:
    """Let nobody write to a table meanwhile."""
    with psycopg.connect(database.admin_dsn) as db:
        db.execute(f"LOCK TABLE strongroom.{table} IN EXCLUSIVE MODE")  # type: ignore[arg-type]
        yield db


def is_awaited(db: psycopg.Connection[Any], table: str) -> bool:
    """Whether somebody has come to the table that is held."""
    row = db.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
        (f"strongroom.{table}",),
    ).fetchone()
    return row is not None and row[0] > 0


def state(world: World, owner: UserId, found: FileImport) -> ImportState:
    now: FileImport = world.within(
        owner, lambda db: imports.get(db, owner=owner, import_id=found.id)
    )
    return now.state


def left(world: World, owner: UserId, table: str) -> int:
    ((count,),) = book.values(world, f"SELECT count(*) FROM {table} WHERE user_id = %s", owner)
    return int(count)


def killed_at(database: TestDatabase, table: str) -> None:
    """Start a worker, and kill it when it has come to this table."""
    with held(database, table) as db, working(database) as process:
        wait_until(lambda: is_awaited(db, table), "the worker is in the middle")
        process.kill()
        process.wait(60)


def begun(world: World, owner: UserId, *, by_job: bool) -> FileImport:
    found: FileImport = world.within(
        owner,
        lambda db: imports.begin(
            db,
            owner=owner,
            source=Source.of(CSV.encode(), "bank.csv"),
            now=book.NOW,
            by_job=by_job,
        ),
    )
    return found


def test_a_reading_that_is_killed_begins_anew(database: TestDatabase, world: World) -> None:
    owner = book.person(world)
    found = begun(world, owner, by_job=True)
    killed_at(database, "import_books")
    assert state(world, owner, found) is ImportState.READING
    assert left(world, owner, "file_transactions") == 0
    with working(database):
        wait_until(lambda: state(world, owner, found) is ImportState.PREVIEW, "it is read")
    assert left(world, owner, "file_transactions") == ROWS


def test_taking_in_that_is_killed_has_brought_nothing_and_then_all_once(
    database: TestDatabase, world: World
) -> None:
    owner = book.person(world)
    found = begun(world, owner, by_job=False)
    world.within(
        owner,
        lambda db: imports.confirm(
            db, owner=owner, import_id=found.id, include=[], now=book.NOW, by_job=True
        ),
    )
    killed_at(database, "import_sources")
    assert state(world, owner, found) is ImportState.IMPORTING
    for table in ("transactions", "accounts", "account_balances", "monthly_totals"):
        assert left(world, owner, table) == 0, table
    with working(database):
        wait_until(lambda: state(world, owner, found) is ImportState.DONE, "it is taken in")
    assert (left(world, owner, "transactions"), left(world, owner, "accounts")) == (ROWS, 1)
    (counted,) = book.values(
        world, "SELECT sum(rows)::int FROM monthly_totals WHERE user_id = %s", owner
    )
    assert counted == (ROWS,)
