"""SQL of simulations, one function a statement: those in full, those put away, and both as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.goals.run_rows import RunRow


@dataclass(frozen=True, slots=True)
class After:
    """The sort values of the last simulation on a page."""

    asked_at: datetime
    id: UUID


async def page(db: Db, owner: UUID, goal_id: UUID, after: After | None, limit: int) -> list[RunRow]:
    """Return a goal's simulations, in full and put away, the newest first."""
    return await core_db.many(
        db,
        RunRow,
        """
        SELECT k.id, k.goal_id, k.state, k.asked_by, k.paths, k.paths_done, k.seed, k.engine,
               k.currency, k.target_amount, k.months, k.success_probability, k.median_outcome,
               k.error, k.asked_at, k.ended_at, k.archived
        FROM kept_simulations k
        WHERE k.user_id = %(owner)s AND k.goal_id = %(goal_id)s
          AND (%(asked_at)s::timestamptz IS NULL
               OR (k.asked_at, k.id) < (%(asked_at)s::timestamptz, %(id)s::uuid))
        ORDER BY k.asked_at DESC, k.id DESC
        LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "goal_id": goal_id,
            "asked_at": None if after is None else after.asked_at,
            "id": None if after is None else after.id,
            "limit": limit,
        },
    )


async def one(db: Db, owner: UUID, run_id: UUID) -> RunRow | None:
    """Return what lists show of one simulation."""
    return await core_db.one(
        db,
        RunRow,
        """
        SELECT k.id, k.goal_id, k.state, k.asked_by, k.paths, k.paths_done, k.seed, k.engine,
               k.currency, k.target_amount, k.months, k.success_probability, k.median_outcome,
               k.error, k.asked_at, k.ended_at, k.archived
        FROM kept_simulations k
        WHERE k.user_id = %(owner)s AND k.id = %(id)s
        """,
        {"owner": owner, "id": run_id},
    )


@dataclass(frozen=True, slots=True)
class WholeRow:
    """What else is stored of a simulation: in full, or as the ``body`` that was put away."""

    inputs: Mapping[str, Any] | None
    outcome: Mapping[str, Any] | None
    body: bytes | None
    data_hash: bytes
    outcome_hash: bytes | None


async def whole(db: Db, owner: UUID, run_id: UUID) -> WholeRow | None:
    """Return what decided a simulation and what it found."""
    return await core_db.one(
        db,
        WholeRow,
        """
        SELECT inputs, outcome, NULL::bytea AS body, data_hash, outcome_hash
        FROM simulation_runs WHERE user_id = %(owner)s AND id = %(id)s
        UNION ALL
        SELECT NULL, NULL, body, data_hash, outcome_hash
        FROM simulation_archive WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": run_id},
    )


@dataclass(frozen=True, slots=True)
class AimRow:
    """What a simulation was for: in full, or within the ``body`` that was put away."""

    id: UUID
    aim: Mapping[str, Any] | None
    body: bytes | None


async def aims(db: Db, owner: UUID, run_ids: Sequence[UUID]) -> list[AimRow]:
    """Return what some simulations were for."""
    return await core_db.many(
        db,
        AimRow,
        """
        SELECT id, inputs -> 'aim' AS aim, NULL::bytea AS body
        FROM simulation_runs WHERE user_id = %(owner)s AND id = ANY(%(ids)s::uuid[])
        UNION ALL
        SELECT id, NULL, body
        FROM simulation_archive WHERE user_id = %(owner)s AND id = ANY(%(ids)s::uuid[])
        """,
        {"owner": owner, "ids": list(run_ids)},
    )


async def add(db: Db, columns: dict[str, Any]) -> bool:
    """Store a simulation, done or waiting; return whether its goal is still there."""
    stored = await core_db.execute(
        db,
        """
        INSERT INTO simulation_runs (
            user_id, id, goal_id, state, asked_by, paths, paths_done, seed, engine, inputs,
            data_hash, currency, target_amount, months, success_probability, median_outcome,
            outcome, outcome_hash, error, asked_at, ended_at)
        SELECT g.user_id, %(id)s, g.id, %(state)s, %(asked_by)s, %(paths)s, %(paths_done)s,
               %(seed)s, %(engine)s, %(inputs)s, %(data_hash)s, %(currency)s, %(target_amount)s,
               %(months)s, %(success_probability)s, %(median_outcome)s, %(outcome)s,
               %(outcome_hash)s, %(error)s, %(now)s, %(ended_at)s
        FROM goals g
        WHERE g.user_id = %(owner)s AND g.id = %(goal_id)s
        FOR KEY SHARE
        """,
        columns,
    )
    return stored == 1


async def waiting(db: Db, owner: UUID) -> int:
    """Return how many simulations of a person wait or run, counting in turn."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"simulations {owner}",)
    )
    found = await core_db.value(
        db,
        "SELECT count(*) FROM simulation_runs"
        " WHERE user_id = %(owner)s AND state IN ('queued', 'running')",
        {"owner": owner},
    )
    return int(found)


async def begin(db: Db, owner: UUID, run_id: UUID) -> bool:
    """Note that one is being worked at, from its beginning; return whether it is still wanted."""
    begun = await core_db.execute(
        db,
        """
        UPDATE simulation_runs SET state = 'running', paths_done = 0
        WHERE user_id = %(owner)s AND id = %(id)s AND state IN ('queued', 'running')
          AND NOT stop_asked
        """,
        {"owner": owner, "id": run_id},
    )
    return begun == 1


async def progress(db: Db, owner: UUID, run_id: UUID, done: int) -> bool:
    """Note how many paths are done; return whether to go on."""
    found = await core_db.value(
        db,
        """
        UPDATE simulation_runs SET paths_done = least(%(done)s, paths)
        WHERE user_id = %(owner)s AND id = %(id)s AND state = 'running'
        RETURNING NOT stop_asked
        """,
        {"owner": owner, "id": run_id, "done": done},
    )
    return bool(found)


async def finish(db: Db, columns: dict[str, Any]) -> None:
    """Store what a simulation found; one that was deleted meanwhile stays so."""
    await db.execute(
        """
        UPDATE simulation_runs SET
            state = 'done', paths_done = paths, success_probability = %(success_probability)s,
            median_outcome = %(median_outcome)s, outcome = %(outcome)s,
            outcome_hash = %(outcome_hash)s, ended_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s AND state = 'running'
        """,
        columns,
    )


async def end(
    db: Db, owner: UUID, run_id: UUID, state: str, error: str | None, now: datetime
) -> None:
    """Note that a simulation ended without finding anything."""
    await db.execute(
        """
        UPDATE simulation_runs SET state = %(state)s, error = %(error)s, ended_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s AND state IN ('queued', 'running')
        """,
        {"owner": owner, "id": run_id, "state": state, "error": error, "now": now},
    )


async def stop(db: Db, owner: UUID, run_id: UUID, now: datetime) -> bool:
    """Stop one that waits, ask one that runs to stop; return whether it was either."""
    stopped = await core_db.execute(
        db,
        """
        UPDATE simulation_runs SET
            stop_asked = true,
            state = CASE state WHEN 'queued' THEN 'stopped' ELSE state END,
            ended_at = CASE state WHEN 'queued' THEN %(now)s::timestamptz END
        WHERE user_id = %(owner)s AND id = %(id)s AND state IN ('queued', 'running')
        """,
        {"owner": owner, "id": run_id, "now": now},
    )
    return stopped == 1


async def delete(db: Db, owner: UUID, run_id: UUID) -> bool:
    """Delete a simulation, in full or put away; return whether there was one."""
    params = {"owner": owner, "id": run_id}
    gone = await core_db.execute(
        db, "DELETE FROM simulation_runs WHERE user_id = %(owner)s AND id = %(id)s", params
    )
    gone += await core_db.execute(
        db, "DELETE FROM simulation_archive WHERE user_id = %(owner)s AND id = %(id)s", params
    )
    return gone > 0


@dataclass(frozen=True, slots=True)
class NewestRow:
    """What decided the newest simulation of a goal."""

    goal_id: UUID
    engine: str
    inputs: Mapping[str, Any]
    state: str


async def newest_inputs(db: Db, owner: UUID) -> list[NewestRow]:
    """Return what decided the newest simulation of each goal that has one that is done.

    One that the program itself could not do counts too: it cannot do it now either.
    """
    return await core_db.many(
        db,
        NewestRow,
        """
        SELECT r.goal_id, r.engine, r.inputs, r.state
        FROM goals g
        CROSS JOIN LATERAL (
            SELECT r.goal_id, r.engine, r.inputs, r.state FROM simulation_runs r
            WHERE r.user_id = g.user_id AND r.goal_id = g.id
              AND (r.state = 'done' OR r.state = 'failed' AND r.asked_by = 'refresh')
            ORDER BY r.asked_at DESC, r.id DESC LIMIT 1
        ) r
        WHERE g.user_id = %(owner)s
        """,
        {"owner": owner},
    )


async def forget_refreshed(db: Db, owner: UUID, goal_id: UUID, since: datetime) -> None:
    """Forget what the program itself asked for since then, and since the plans are as they are.

    The newest of a day is enough while only the data moves. What an earlier plan came to is kept:
    any goal of the person's may be what changed, as they share what there is.
    """
    await db.execute(
        """
        DELETE FROM simulation_runs
        WHERE user_id = %(owner)s AND goal_id = %(goal_id)s AND asked_by = 'refresh'
          AND asked_at >= greatest(
              %(since)s::timestamptz,
              (SELECT max(g.updated_at) FROM goals g WHERE g.user_id = %(owner)s))
        """,
        {"owner": owner, "goal_id": goal_id, "since": since},
    )


@dataclass(frozen=True, slots=True)
class OldRow:
    """A simulation that is to be put away."""

    user_id: UUID
    id: UUID
    inputs: Mapping[str, Any]
    outcome: Mapping[str, Any]


async def old_for_all(db: Db, before: datetime, limit: int) -> list[OldRow]:
    """Return simulations that are done and older, and keep others from them meanwhile."""
    return await core_db.many(
        db,
        OldRow,
        """
        SELECT user_id, id, inputs, outcome FROM simulation_runs
        WHERE asked_at < %(before)s AND state = 'done'
        ORDER BY asked_at LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
        """,
        {"before": before, "limit": limit},
    )


async def put_away_for_all(
    db: Db, rows: Sequence[OldRow], bodies: Sequence[bytes], now: datetime
) -> None:
    """Move simulations to the archive, each with its body."""
    await db.execute(
        """
        WITH old AS (
            SELECT * FROM unnest(%(owners)s::uuid[], %(ids)s::uuid[], %(bodies)s::bytea[])
                AS o (user_id, id, body)
        ), gone AS (
            DELETE FROM simulation_runs r USING old o
            WHERE r.user_id = o.user_id AND r.id = o.id
            RETURNING r.*, o.body
        )
        INSERT INTO simulation_archive (
            user_id, id, goal_id, asked_by, paths, seed, engine, data_hash, currency,
            target_amount, months, success_probability, median_outcome, outcome_hash, body,
            asked_at, ended_at, archived_at)
        SELECT user_id, id, goal_id, asked_by, paths, seed, engine, data_hash, currency,
               target_amount, months, success_probability, median_outcome, outcome_hash, body,
               asked_at, ended_at, %(now)s
        FROM gone
        """,
        {
            "owners": [one.user_id for one in rows],
            "ids": [one.id for one in rows],
            "bodies": list(bodies),
            "now": now,
        },
    )


async def forget_ended_for_all(db: Db, before: datetime) -> int:
    """Forget older simulations that found nothing."""
    return await core_db.execute(
        db,
        "DELETE FROM simulation_runs"
        " WHERE asked_at < %(before)s AND state IN ('stopped', 'failed')",
        {"before": before},
    )


async def give_up_for_all(db: Db, error: str, now: datetime) -> int:
    """Note of simulations that no job will do any more that they failed; return how many."""
    return await core_db.execute(
        db,
        """
        UPDATE simulation_runs r SET state = 'failed', error = %(error)s, ended_at = %(now)s
        WHERE r.state IN ('queued', 'running')
          AND NOT EXISTS (
              SELECT 1 FROM procrastinate_jobs j
              WHERE j.task_name = 'goals.simulate' AND j.args ->> 'run' = r.id::text
                AND j.status IN ('todo', 'doing'))
        """,
        {"error": error, "now": now},
    )
