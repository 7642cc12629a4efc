"""Goals as a section of exports, with assumptions of their own and the accounts for them.

Simulations are none: what decides one is a goal and the household, and both come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, currency
from strongroom.core.plain import amount_text
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one, own_id, text
from strongroom.goals import queries
from strongroom.goals.rules import BadGoal, check_goal
from strongroom.goals.service import MOST_GOALS, ask_to_refresh
from strongroom.goals.types import MOST_MONTHS, SPEND_LESS, GoalId, GoalType, NewGoal

_MOST_YEARS: Final = MOST_MONTHS // 12


class Goals(Section):
    """The list ``goals`` of an export, with assumptions of their own and the accounts for them."""

    name, reads, writes = "goals", "goals:read", "goals:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the goals: the first by priority first, then the oldest."""
        return [_record(row) for row in await queries.goals(db, owner)]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make the goals, each due on its own day, and ask for their chances; 100 at most."""
        await queries.take_turn(db, owner)
        there = {row.id for row in await queries.goals(db, owner)}

        async def bring(record: Record) -> str | None:
            goal_id = GoalId(own_id("goal", record))
            if goal_id in there:
                return None
            if len(there) >= MOST_GOALS:
                raise BadGoal("There are 100 goals already.")
            columns = _columns({**record, "assumptions": _own_names(record, known)}, now)
            await queries.write(db, {"owner": owner, "id": goal_id, **columns})
            held = [known.rows[one] for one in record["accounts"] if one in known.rows]
            await queries.attach(db, owner, goal_id, held)
            there.add(goal_id)
            return str(goal_id)

        done = await one_by_one(db, records, bring)
        if done.made:
            await ask_to_refresh(db, owner=owner)
        return done

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Delete the goals, with every simulation of them."""
        for one in made:
            await queries.delete(db, owner, UUID(one))

    async def changed(self, db: Db, *, owner: UserId, made: Sequence[str], since: datetime) -> int:
        """Return how many of the goals were changed since."""
        ids_made = set(map(UUID, made))
        held = await queries.goals(db, owner)
        return sum(one.id in ids_made and one.updated_at > since for one in held)


def _record(row: queries.GoalRow) -> dict[str, Any]:
    code, saved = Currency(row.currency), row.monthly_contribution
    return {
        "id": ids.show("goal", row.id),
        "name": row.name,
        "goal_text": row.goal_text,
        "goal_type": row.goal_type,
        "target_amount": amount_text(row.target_amount, code),
        "currency": row.currency,
        "timeline_months": row.timeline_months,
        "due_on": row.due_on.isoformat(),
        "priority": row.priority,
        "monthly_contribution": None if saved is None else amount_text(saved, code),
        "todays_money": row.todays_money,
        "assumptions": dict(sorted(row.assumptions.items())),
        "accounts": [ids.show("acc", one) for one in row.accounts],
        "created_at": row.created_at.isoformat(),
    }


def _own_names(record: Record, known: Known) -> dict[str, Any]:
    """Return the assumptions with a person's own categories called as they are called here.

    A category that did not come with the book is spent less on by nobody: its cut is left out, and
    so is a second one of what two categories of the book became.
    """
    own: dict[str, Any] = {}
    for name, value in record["assumptions"].items():
        told = str(name)
        if told.startswith(f"{SPEND_LESS}cat_"):
            row = known.rows.get(told.removeprefix(SPEND_LESS))
            if row is None:
                continue
            told = SPEND_LESS + ids.show("cat", row)
        own.setdefault(told, value)
    return own


def _columns(record: Record, now: datetime) -> dict[str, Any]:
    """Return a goal's columns as a record tells it. Raises ``BadGoal`` and what else it cannot be.

    ``now`` bounds its days. It is as old as it says.
    """
    code = currency(text(record, "currency"))
    saved = record["monthly_contribution"]
    new = NewGoal(
        name=text(record, "name"),
        goal_text=text(record, "goal_text"),
        goal_type=GoalType(record["goal_type"]),
        target=Money(Decimal(str(record["target_amount"])), code),
        timeline_months=int(record["timeline_months"]),
        priority=int(record["priority"]),
        monthly_contribution=None if saved is None else Decimal(str(saved)),
        todays_money=record["todays_money"] is True,
        assumptions={
            str(name): Decimal(str(value)) for name, value in record["assumptions"].items()
        },
    )
    check_goal(new)
    due_on = date.fromisoformat(record["due_on"])
    made_at = datetime.fromisoformat(record["created_at"])
    if abs(due_on.year - now.year) > _MOST_YEARS or made_at.tzinfo is None:
        raise BadGoal("The day it is due on is too far away.", field="due_on")
    return {
        "name": new.name.strip(),
        "goal_text": new.goal_text,
        "goal_type": new.goal_type.value,
        "target_amount": new.target.amount,
        "currency": code,
        "timeline_months": new.timeline_months,
        "due_on": due_on,
        "priority": new.priority,
        "monthly_contribution": new.monthly_contribution,
        "todays_money": new.todays_money,
        "assumptions": Jsonb({name: str(value) for name, value in new.assumptions.items()}),
        "now": made_at,
    }
