"""The values of a person's own hand: an entry, what to change, an act, a row's history, a merge.

Plain data only. ``amount`` above zero is money in; instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, Money


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A transaction that a person writes down; without a category it waits to be sorted."""

    account_id: AccountId
    day: date
    amount: Money
    text: str
    category_id: CategoryId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What to change of an entry's facts; None stays."""

    account_id: AccountId | None = None
    day: date | None = None
    amount: Money | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What to change of any rows; None stays. An empty note or merchant clears it.

    Clearing a merchant brings back what the bank or the file says.
    """

    category_id: CategoryId | None = None
    merchant: str | None = None
    note: str | None = None
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One act of a person: how many rows it changed, and what to name it by to take it back."""

    id: UUID
    changed: int


class Verb(StrEnum):
    """What an act did, as a page names it."""

    ADDED = "added"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person in the list of the newest; ``fields`` is what it changed.

    ``undone`` says that it was taken back; ``title`` is that of its row where it is one. Then
    ``transaction_id`` is that row while it is there, with the facts ``before`` and ``after``.
    """

    id: UUID
    at: datetime
    rows: int
    verb: Verb
    fields: Sequence[str]
    title: str | None
    undone: bool
    transaction_id: TransactionId | None = None
    currency: Currency | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change to a row: when, by what hand, and each fact before and after it.

    ``rows`` is how many rows the act changed that this was part of. ``cause`` is sync, file,
    person, rule, match or upkeep. ``before`` is None where the row was made, ``after`` where it
    went.
    """

    at: datetime
    cause: str
    cause_id: UUID | None
    edit_id: UUID | None
    undone: bool
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of an entry, or of a bank's row: ``text`` as told, ``words`` all of it.

    ``days`` are the banking day, and the day it happened on where the bank tells that.
    """

    id: UUID
    account_id: UUID
    currency: str
    amount: Decimal
    days: Sequence[date]
    text: str
    came_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry and a bank's row may be one; ``text`` is how alike the texts are, of 100."""

    days: int
    same_amount: bool
    text: int


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the bank's row that it may be, of 100; and the next best that was passed over.

    ``sure`` where nothing speaks against it, so that it may be done without asking.
    """

    entry_id: UUID
    bank_id: UUID
    score: int
    reason: Reason
    sure: bool
    rival_id: UUID | None = None
    rival_score: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry and a bank's row that a person is asked about."""

    id: UUID
    entry_id: TransactionId
    bank_id: TransactionId
    score: int
    reason: Reason
    rival_id: TransactionId | None
    rival_score: int | None
