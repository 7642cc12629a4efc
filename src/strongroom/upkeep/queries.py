"""SQL of periodic jobs, their runs, and of what the server counts. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.upkeep.types import Declared, SlowStatement


async def declare_for_all(db: Db, declared: Sequence[Declared], now: datetime) -> None:
    """Make these the periodic jobs that there are; those of before keep since when."""
    columns: dict[str, object] = {
        "names": [one.name for one in declared],
        "crons": [one.cron for one in declared],
        "says": [one.says for one in declared],
        "now": now,
    }
    await db.execute("DELETE FROM upkeep_jobs WHERE name <> ALL(%(names)s)", columns)
    await db.execute(
        """
        INSERT INTO upkeep_jobs AS j (name, cron, says, known_since)
        SELECT n.name, n.cron, n.says, %(now)s
        FROM unnest(%(names)s::text[], %(crons)s::text[], %(says)s::text[]) AS n (name, cron, says)
        ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, says = excluded.says,
            known_since = CASE WHEN j.cron = excluded.cron THEN j.known_since
                               ELSE excluded.known_since END
            WHERE (j.cron, j.says) IS DISTINCT FROM (excluded.cron, excluded.says)
        """,
        columns,
    )


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job's columns, and its newest run's."""

    name: str
    cron: str
    says: str
    known_since: datetime
    id: UUID | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    result: dict[str, Any] | None
    error: str | None
    last_done: datetime | None


async def jobs(db: Db) -> list[JobRow]:
    """Return every periodic job with its newest run, by name."""
    return await core_db.many(
        db,
        JobRow,
        """
        SELECT j.name, j.cron, j.says, j.known_since, r.id, r.started_at, r.ended_at, r.outcome,
               r.result, r.error,
               (SELECT max(d.ended_at) FROM upkeep_runs d
                WHERE d.job = j.name AND d.outcome = 'done') AS last_done
        FROM upkeep_jobs j
        LEFT JOIN LATERAL (
            SELECT * FROM upkeep_runs r WHERE r.job = j.name
            ORDER BY r.started_at DESC, r.id DESC LIMIT 1) r ON true
        ORDER BY j.name
        """,
    )


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run's columns."""

    id: UUID
    job: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    result: dict[str, Any]
    error: str | None


async def runs(db: Db, job: str, limit: int) -> list[RunRow]:
    """Return the newest runs of a job, newest first."""
    return await core_db.many(
        db,
        RunRow,
        """
        SELECT id, job, started_at, ended_at, outcome, result, error FROM upkeep_runs
        WHERE job = %(job)s ORDER BY started_at DESC, id DESC LIMIT %(limit)s
        """,
        {"job": job, "limit": limit},
    )


async def begin_for_all(db: Db, run_id: UUID, job: str, now: datetime, kept: int) -> None:
    """Note that a run begins; forget the oldest runs of the job, so that ``kept`` are left.

    A run of the same job that never ended was cut short: its process is gone.
    """
    about = {"id": run_id, "job": job, "now": now, "kept": kept}
    await db.execute(
        "UPDATE upkeep_runs SET outcome = 'cut_short', ended_at = %(now)s"
        " WHERE job = %(job)s AND outcome = 'running'",
        about,
    )
    await db.execute(
        """
        DELETE FROM upkeep_runs WHERE id IN (
            SELECT id FROM upkeep_runs WHERE job = %(job)s
            ORDER BY started_at DESC, id DESC OFFSET %(kept)s - 1)
        """,
        about,
    )
    await db.execute(
        "INSERT INTO upkeep_runs (id, job, started_at, outcome)"
        " VALUES (%(id)s, %(job)s, %(now)s, 'running')",
        about,
    )


async def end_for_all(
    db: Db,
    run_id: UUID,
    now: datetime,
    outcome: str,
    result: dict[str, int | str],
    error: str | None,
) -> None:
    """Note how a run went."""
    await db.execute(
        "UPDATE upkeep_runs SET ended_at = %(now)s, outcome = %(outcome)s, result = %(result)s,"
        " error = %(error)s WHERE id = %(id)s",
        {"id": run_id, "now": now, "outcome": outcome, "result": Jsonb(result), "error": error},
    )


async def analyse_for_all(db: Db) -> int:
    """Let the planner know how all tables are by now; return how many."""
    return int(await core_db.value(db, "SELECT analyse_tables()"))


async def counts_statements_for_all(db: Db) -> bool:
    """Return whether the server counts statements."""
    return bool(await core_db.value(db, "SELECT counts_statements()"))


async def find_slow_for_all(db: Db, least_ms: int, most: int) -> list[SlowStatement]:
    """Return statements that take long on average, the most costly in all first."""
    return await core_db.many(
        db,
        SlowStatement,
        "SELECT statement, calls, mean_ms, longest_ms, total_ms, rows"
        " FROM find_slow_statements(%(least)s, %(most)s)",
        {"least": least_ms, "most": most},
    )


async def write_report_for_all(
    db: Db, found: Sequence[tuple[UUID, SlowStatement]], now: datetime
) -> None:
    """Make these the statements that the newest report tells."""
    await db.execute("DELETE FROM slow_statements")
    async with db.cursor() as cursor:
        await cursor.executemany(
            """
            INSERT INTO slow_statements (id, reported_at, statement, calls, mean_ms, longest_ms,
                                         total_ms, rows)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    key, now, one.statement, one.calls, one.mean_ms, one.longest_ms, one.total_ms,
                    one.rows,
                )
                for key, one in found
            ],
        )  # fmt: skip


async def report(db: Db) -> list[SlowStatement]:
    """Return the statements of the newest report, the most costly in all first."""
    return await core_db.many(
        db,
        SlowStatement,
        "SELECT statement, calls, mean_ms, longest_ms, total_ms, rows FROM slow_statements"
        " ORDER BY total_ms DESC, id",
    )
