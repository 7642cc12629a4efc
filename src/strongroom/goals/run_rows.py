"""How the columns of a kept simulation are read, wherever a list or a goal shows one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from strongroom.core.money import Currency, Money
from strongroom.goals.reasons import Reason
from strongroom.goals.types import AskedBy, GoalId, RunId, RunState, RunSummary

_MILLIONTH: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class RunRow:
    """The columns of a simulation that lists show."""

    id: UUID
    goal_id: UUID
    state: str
    asked_by: str
    paths: int
    paths_done: int
    seed: int
    engine: str
    currency: str
    target_amount: Decimal
    months: int
    success_probability: Decimal | None
    median_outcome: Decimal | None
    error: str | None
    asked_at: datetime
    ended_at: datetime | None
    archived: bool


def summary(row: RunRow) -> RunSummary:
    """Return a simulation as lists show it. The standard error is that of a share of paths."""
    code, chance = Currency(row.currency), row.success_probability
    error = None
    if chance is not None:
        error = (chance * (1 - chance) / row.paths).sqrt().quantize(_MILLIONTH)
    return RunSummary(
        id=RunId(row.id),
        goal_id=GoalId(row.goal_id),
        state=RunState(row.state),
        by=AskedBy(row.asked_by),
        chance=chance,
        standard_error=error,
        median=None if row.median_outcome is None else Money(row.median_outcome, code),
        target=Money(row.target_amount, code),
        months=row.months,
        paths=row.paths,
        paths_done=row.paths_done,
        seed=row.seed,
        engine=row.engine,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        archived=row.archived,
        why=None if row.error is None else Reason.read(row.error),
    )
