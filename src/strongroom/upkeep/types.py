"""The values of upkeep: a periodic job, its runs, and statements that took long. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

RunId = NewType("RunId", UUID)


class Outcome(StrEnum):
    """How a run went."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CUT_SHORT = "cut_short"
    """Its process ended meanwhile; what it began is begun again."""


class Standing(StrEnum):
    """How a job is, all in all."""

    NEVER = "never"
    """It has not fallen due since it is known."""
    FINE = "fine"
    RUNNING = "running"
    FAILED = "failed"
    LATE = "late"
    """It fell due and has not run: no worker was up."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A periodic job as the program declares it. ``cron`` is in UTC; ``says`` one sentence."""

    name: str
    cron: str
    says: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job. ``result`` are counts by what was counted; instants are UTC."""

    id: RunId
    job: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    result: Mapping[str, int | str]
    error: str | None

    @property
    def took(self) -> timedelta | None:
        """How long it took, None while it runs."""
        return None if self.ended_at is None else self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job with its last run, when it is due next, and how it stands."""

    name: str
    cron: str
    says: str
    last: Run | None
    last_done: datetime | None
    next_due: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """A statement of the program's that takes long; values in it are replaced by $1, $2.

    Times in milliseconds, since the server began to count.
    """

    statement: str
    calls: int
    mean_ms: Decimal
    longest_ms: Decimal
    total_ms: Decimal
    rows: int
