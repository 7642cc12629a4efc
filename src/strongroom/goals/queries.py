"""SQL of goals, one function a statement: the goals, and the accounts whose money is for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.goals.run_rows import RunRow


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal's columns, with the accounts that are attached to it."""

    id: UUID
    name: str
    goal_text: str
    goal_type: str
    target_amount: Decimal
    currency: str
    timeline_months: int
    due_on: date
    priority: int
    monthly_contribution: Decimal | None
    todays_money: bool
    assumptions: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    accounts: list[UUID]


async def goals(db: Db, owner: UUID, goal_id: UUID | None = None) -> list[GoalRow]:
    """Return a person's goals, or one: the first by priority first, then the oldest."""
    return await core_db.many(
        db,
        GoalRow,
        """
        SELECT g.id, g.name, g.goal_text, g.goal_type, g.target_amount, g.currency,
               g.timeline_months, g.due_on, g.priority, g.monthly_contribution, g.todays_money,
               g.assumptions, g.created_at, g.updated_at,
               array(SELECT a.account_id FROM goal_accounts a
                     WHERE a.user_id = g.user_id AND a.goal_id = g.id
                     ORDER BY a.account_id) AS accounts
        FROM goals g
        WHERE g.user_id = %(owner)s AND (%(goal_id)s::uuid IS NULL OR g.id = %(goal_id)s)
        ORDER BY g.priority, g.created_at, g.id
        """,
        {"owner": owner, "goal_id": goal_id},
    )


async def newest(db: Db, owner: UUID, goal_id: UUID | None = None) -> list[RunRow]:
    """Return the newest simulation that is done, of each goal that has one, or of one goal."""
    return await core_db.many(
        db,
        RunRow,
        """
        SELECT k.id, k.goal_id, k.state, k.asked_by, k.paths, k.paths_done, k.seed, k.engine,
               k.currency, k.target_amount, k.months, k.success_probability, k.median_outcome,
               k.error, k.asked_at, k.ended_at, k.archived
        FROM goals g
        CROSS JOIN LATERAL (
            SELECT k.* FROM kept_simulations k
            WHERE k.user_id = g.user_id AND k.goal_id = g.id AND k.state = 'done'
            ORDER BY k.asked_at DESC, k.id DESC LIMIT 1
        ) k
        WHERE g.user_id = %(owner)s AND (%(goal_id)s::uuid IS NULL OR g.id = %(goal_id)s)
        """,
        {"owner": owner, "goal_id": goal_id},
    )


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work writes this person's goals."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"goals {owner}",))


async def write(db: Db, columns: dict[str, Any]) -> None:
    """Store a goal, new or changed."""
    await db.execute(
        """
        INSERT INTO goals (
            user_id, id, name, goal_text, goal_type, target_amount, currency, timeline_months,
            due_on, priority, monthly_contribution, todays_money, assumptions, created_at,
            updated_at)
        VALUES (
            %(owner)s, %(id)s, %(name)s, %(goal_text)s, %(goal_type)s, %(target_amount)s,
            %(currency)s, %(timeline_months)s, %(due_on)s, %(priority)s,
            %(monthly_contribution)s, %(todays_money)s, %(assumptions)s, %(now)s, %(now)s)
        ON CONFLICT (user_id, id) DO UPDATE SET
            name = excluded.name, goal_text = excluded.goal_text, goal_type = excluded.goal_type,
            target_amount = excluded.target_amount, currency = excluded.currency,
            timeline_months = excluded.timeline_months, due_on = excluded.due_on,
            priority = excluded.priority, monthly_contribution = excluded.monthly_contribution,
            todays_money = excluded.todays_money, assumptions = excluded.assumptions,
            updated_at = excluded.updated_at
        """,
        columns,
    )


async def attach(db: Db, owner: UUID, goal_id: UUID, accounts: Sequence[UUID]) -> None:
    """Let exactly these accounts be attached to a goal."""
    params = {"owner": owner, "goal_id": goal_id, "accounts": list(accounts)}
    await db.execute(
        """
        DELETE FROM goal_accounts
        WHERE user_id = %(owner)s AND goal_id = %(goal_id)s
          AND account_id <> ALL(%(accounts)s::uuid[])
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO goal_accounts (user_id, goal_id, account_id)
        SELECT %(owner)s, %(goal_id)s, account_id FROM unnest(%(accounts)s::uuid[]) account_id
        ON CONFLICT DO NOTHING
        """,
        params,
    )


async def delete(db: Db, owner: UUID, goal_id: UUID) -> bool:
    """Take a goal away with its simulations; return whether there was one."""
    done = await core_db.execute(
        db,
        "DELETE FROM goals WHERE user_id = %(owner)s AND id = %(goal_id)s",
        {"owner": owner, "goal_id": goal_id},
    )
    return done == 1


async def owners_for_all(db: Db) -> list[UUID]:
    """Return everybody who has a goal."""
    rows = await (await db.execute("SELECT DISTINCT user_id FROM goals")).fetchall()
    return [row[0] for row in rows]
