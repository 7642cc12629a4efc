"""The values of doubles: two rows that may be one event, and what is compared. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.money import Money


@dataclass(frozen=True, slots=True)
class Two:
    """Two rows of one account, currency and amount; ``row_id`` is the one that would go."""

    row_id: UUID
    kept_id: UUID
    days: int
    amount: Decimal
    text: str
    kept_text: str


@dataclass(frozen=True, slots=True)
class Likely:
    """Two rows that are likely one event, how likely of 100, and how many days apart."""

    row_id: UUID
    kept_id: UUID
    score: int
    days: int


@dataclass(frozen=True, slots=True)
class DoubleRow:
    """One of the two as it is shown. ``origin`` is who told it: bank, file or manual."""

    id: TransactionId
    day: date
    title: str
    origin: str


@dataclass(frozen=True, slots=True)
class Double:
    """One event that may stand in the book twice: the person is asked, nothing else happens."""

    id: UUID
    account_id: AccountId
    account_name: str
    amount: Money
    row: DoubleRow
    kept: DoubleRow
    score: int
    days: int
    made_at: datetime
