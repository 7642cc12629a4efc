"""The values of files as the book sees them: likely doubles, what was marked, what was taken in.

Plain data only. Positive is money in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency


@dataclass(frozen=True, slots=True)
class Pair:
    """A file's row (``id``) beside a row of the book with its account and amount."""

    id: UUID
    rival_id: UUID
    account_id: UUID
    amount: Decimal
    days: int
    text: str
    rival_text: str


@dataclass(frozen=True, slots=True)
class Alike:
    """A file's row that looks like a row of the book. ``score`` is of 100."""

    id: UUID
    rival_id: UUID
    score: int
    days: int


@dataclass(frozen=True, slots=True)
class FileKey:
    """What a file's rows say of one of its accounts; ``amount`` is their sum."""

    key: str
    rows: int
    first: date
    last: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FileMarks:
    """How many of a file's rows the book has from an earlier file, and how many look like one."""

    known: int = 0
    alike: int = 0


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file did to the book: rows added, and the categories that were made for it."""

    added: int
    made_categories: Sequence[CategoryId] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True)
class FileTarget:
    """The account that a file's rows go to; its currency is that of rows that name none."""

    account_id: AccountId
    currency: Currency


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A file's row with its mark (``known``, ``alike`` or None), and the book's row it is like."""

    id: UUID
    line: int
    account_key: str
    day: date
    amount: Decimal
    currency: str | None
    description: str
    payee: str | None
    note: str | None
    category: str | None
    pending: bool
    mark: str | None
    score: int | None
    days: int | None
    rival_id: UUID | None
    rival_day: date | None
    rival_text: str | None
    rival_origin: str | None
