"""The verbs of upkeep: what runs by itself, how it went, and running what was missed.

Runs no job itself: that is the worker's. What a job does is its own domain's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from strongroom.core import queue
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import new_id
from strongroom.upkeep import queries, rules
from strongroom.upkeep.queries import JobRow, RunRow
from strongroom.upkeep.types import Declared, Job, Outcome, Run, RunId, SlowStatement

_KEPT_RUNS = 50
_SLOW_MS, _MOST_STATEMENTS = 20, 25
_TEXT = 2000


class NoSuchJob(NotFound):
    """No periodic job has that name."""


async def declare_for_all(db: Db, *, declared: Sequence[Declared], now: datetime) -> None:
    """Make these the periodic jobs that there are. Nothing that fell due before was missed."""
    await queries.declare_for_all(db, declared, now)


async def begin_for_all(db: Db, *, job: str, now: datetime) -> RunId:
    """Note that a run of a job begins; return its id."""
    run_id = RunId(new_id())
    await queries.begin_for_all(db, run_id, job, now, _KEPT_RUNS)
    return run_id


async def end_for_all(
    db: Db,
    *,
    run_id: RunId,
    outcome: Outcome,
    result: Mapping[str, int | str] | None = None,
    error: str | None = None,
    now: datetime,
) -> None:
    """Note how a run went."""
    await queries.end_for_all(db, run_id, now, outcome.value, dict(result or {}), error)


async def list_jobs(db: Db, *, now: datetime) -> list[Job]:
    """Return every periodic job with its last run, by name."""
    return [_job(row, now) for row in await queries.jobs(db)]


async def get_job(db: Db, *, name: str, now: datetime) -> Job:
    """Return one periodic job. Raises ``NoSuchJob``."""
    found = {one.name: one for one in await list_jobs(db, now=now)}
    if name not in found:
        raise NoSuchJob(
            f"No job is called {name}.", field="name", hint="See them with: strongroom upkeep list"
        )
    return found[name]


async def list_runs(db: Db, *, name: str, now: datetime, limit: int = _KEPT_RUNS) -> list[Run]:
    """Return the newest runs of a job, newest first. Raises ``NoSuchJob``."""
    await get_job(db, name=name, now=now)
    return [_run(row) for row in await queries.runs(db, name, max(1, min(limit, _KEPT_RUNS)))]


async def ask(db: Db, *, name: str, now: datetime) -> Job:
    """Ask that a job runs now, or once more after the run under way. Raises ``NoSuchJob``."""
    job = await get_job(db, name=name, now=now)
    await _enqueue(db, name, now)
    return job


async def catch_up_for_all(db: Db, *, now: datetime) -> list[str]:
    """Ask for every job that fell due while no worker was up; return their names."""
    missed = [
        row.name
        for row in await queries.jobs(db)
        if rules.is_missed(queue.last_due(row.cron, now), row.known_since, row.started_at, now)
    ]
    for name in missed:
        await _enqueue(db, name, now)
    return missed


async def analyse_for_all(db: Db) -> int:
    """Let the planner know how all tables are by now; return how many."""
    return await queries.analyse_for_all(db)


async def report_slow_for_all(db: Db, *, now: datetime) -> int | None:
    """Write which statements take long into the report, in place of the last one.

    Returns how many; None where the server does not count statements.
    """
    if not await queries.counts_statements_for_all(db):
        return None
    found = await queries.find_slow_for_all(db, _SLOW_MS, _MOST_STATEMENTS)
    await queries.write_report_for_all(db, [(new_id(), _in_a_line(one)) for one in found], now)
    return len(found)


async def slow_statements(db: Db) -> list[SlowStatement]:
    """Return the statements of the newest report, the most costly in all first."""
    return await queries.report(db)


async def _enqueue(db: Db, name: str, now: datetime) -> None:
    """Add a periodic job as its schedule would; one that waits already is not added again."""
    await queue.enqueue(db, name, lock=name, once=name, timestamp=str(int(now.timestamp())))


def _in_a_line(one: SlowStatement) -> SlowStatement:
    text = " ".join(one.statement.split())[:_TEXT]
    return SlowStatement(text, one.calls, one.mean_ms, one.longest_ms, one.total_ms, one.rows)


def _job(row: JobRow, now: datetime) -> Job:
    last = None
    if row.id is not None and row.started_at is not None and row.outcome is not None:
        last = Run(
            id=RunId(row.id),
            job=row.name,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome),
            result=row.result or {},
            error=row.error,
        )
    due = queue.last_due(row.cron, now)
    return Job(
        name=row.name,
        cron=row.cron,
        says=row.says,
        last=last,
        last_done=row.last_done,
        next_due=queue.next_due(row.cron, now),
        standing=rules.standing(due, row.known_since, last, now),
    )


def _run(row: RunRow) -> Run:
    return Run(
        id=RunId(row.id),
        job=row.job,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome),
        result=row.result,
        error=row.error,
    )
