"""The values of why income or spending of a period changed: against another one, or as it is known.

Plain data only. Amounts are in the report's currency, above zero where the figure rose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from strongroom.core.ids import CategoryId, TransactionId
from strongroom.core.money import Currency, Money
from strongroom.transactions.reports.types import Period, Unknown
from strongroom.transactions.types import Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """One cause of the difference between two periods, or a part of one.

    A category's, told by ``category_id`` with what ``before`` and ``after`` it came to; or, where
    that is None, what exchange rates did. ``inside`` add up to ``amount``.
    """

    amount: Money
    before: Money
    after: Money
    category_id: CategoryId | None = None
    key: str | None = None
    name: str | None = None
    inside: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class PeriodWhy:
    """Income or spending of two periods, and the causes that lead from one to the other.

    ``sum(causes) = after - before``, to the last decimal.
    """

    kind: Kind
    currency: Currency
    against: Period
    period: Period
    before: Money
    after: Money
    causes: Sequence[Difference]
    unknown: Sequence[Unknown]

    @property
    def difference(self) -> Money:
        """How much more it was."""
        return self.after - self.before


class Hand(StrEnum):
    """By whose hand what is known of a period changed since."""

    LATE_BANK = "late_bank"
    """Rows that a bank told later."""
    LATE_FILE = "late_file"
    LATE_MANUAL = "late_manual"
    SYNC = "sync"
    """Rows that the bank changed, booked otherwise or took back."""
    FILE = "file"
    PERSON = "person"
    RULE = "rule"
    MATCH = "match"
    """Transfers, refunds and doubles that were matched."""
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one row's changes by one hand did to the figure. ``is_gone``: it is not there now."""

    transaction_id: TransactionId
    day: date
    title: str
    amount: Money
    last_at: datetime
    is_gone: bool


@dataclass(frozen=True, slots=True)
class HandCause:
    """What one hand did to the figure, and the rows it did it to, the largest first."""

    hand: Hand
    amount: Money
    rows: Sequence[RowChange]


@dataclass(frozen=True, slots=True)
class KnownWhy:
    """Income or spending of one period as it was known at an instant, and as it is known now.

    ``sum(causes) = after - before``, to the last decimal. Both are reckoned with today's
    categories, accounts and rates: what changed is the rows. ``unrated`` rows changed too, but no
    rate of their day is known.
    """

    kind: Kind
    currency: Currency
    period: Period
    known_at: datetime
    before: Money
    after: Money
    causes: Sequence[HandCause]
    unrated: Sequence[TransactionId]

    @property
    def difference(self) -> Money:
        """How much more is known now."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class State:
    """What of a row decides where and what it counts, at one time. ``parts`` are its splits'."""

    account_id: UUID
    day: date
    amount: Decimal
    currency: Currency
    category_id: UUID
    counts: bool
    parts: Mapping[int, tuple[UUID, Decimal]]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a row: how it was before, None if it was not there; ``facts`` as journaled.

    ``part`` is set for a change of one part of a split: its position, and what it was before.
    """

    id: int
    at: datetime
    cause: str
    facts: Mapping[str, Any] | None
    part: tuple[int, tuple[UUID, Decimal] | None] | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A row that changed since an instant, and its changes, oldest first.

    ``now`` is how it is now, None if it is gone; ``was_known``: it was there at the instant.
    """

    id: TransactionId
    title: str
    origin: str
    created_at: datetime
    was_known: bool
    now: Mapping[str, Any] | None
    parts: Mapping[int, tuple[UUID, Decimal]]
    steps: Sequence[Step]
