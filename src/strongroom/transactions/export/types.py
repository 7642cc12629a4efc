"""The values of an export: which format, which part of the book, and what is in it.

Plain data only. One sign rule: positive is money in, or owned.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from strongroom.core.ids import AccountId
from strongroom.core.money import Currency


class Format(StrEnum):
    """What an export may be written as."""

    CSV = "csv"
    JSON = "json"
    BEANCOUNT = "beancount"
    LEDGER = "ledger"

    @property
    def media_type(self) -> str:
        """The media type to serve it as."""
        return {"csv": "text/csv", "json": "application/json"}.get(self.value, "text/plain")


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a book to export; days are included on both ends. Empty: everything."""

    account_id: AccountId | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account. The days are those of its first and last row or balance, if it has any."""

    id: UUID
    name: str
    official_name: str | None
    type: str
    subtype: str | None
    category: str
    mask: str | None
    iban: str | None
    institution_name: str | None
    is_manual: bool
    currency: str
    hidden_at: datetime | None
    closed_at: datetime | None
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category: a default one has a key, a person's own has a name."""

    id: UUID
    parent_id: UUID | None
    key: str | None
    name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """What an account held in one currency before the first row that is exported."""

    account_id: UUID
    currency: str
    amount: Decimal


class BalanceLine(NamedTuple):
    """What an account held at the end of a day, and who says so."""

    account_id: UUID
    day: date
    balance: Decimal
    currency: str
    source: str
    available: Decimal | None
    credit_limit: Decimal | None
    reported_at: datetime | None


class RowLine(NamedTuple):
    """One row of the book, with what a person chose for it."""

    id: UUID
    account_id: UUID
    day: date
    happened_on: date | None
    amount: Decimal
    currency: Currency
    description: str
    merchant: str | None
    category_id: UUID
    category_by: str
    origin: str
    pending: bool
    note: str | None
    needs_review: bool
    reviewed_at: datetime | None
    removed_by_bank: datetime | None
    never_booked_at: datetime | None

    @property
    def counts(self) -> bool:
        """Whether the row is in its account's balance: booked, and not taken back."""
        gone = self.removed_by_bank or self.never_booked_at
        return not self.pending and gone is None


@dataclass(frozen=True, slots=True)
class Book:
    """What is exported, as of one instant. Balances and rows are read while they are written.

    Balances come by day and account, rows by day and then in the book's own order. Each of the
    two can be read once. ``products`` are what banks tell of accounts besides, as plain JSON:
    holdings and terms. Only JSON has a place for them.
    """

    part: Part
    accounts: Sequence[AccountLine]
    categories: Sequence[CategoryLine]
    openings: Sequence[OpeningLine]
    currencies: Mapping[UUID, Sequence[str]]
    balances: AsyncIterator[BalanceLine] = field(repr=False)
    rows: AsyncIterator[RowLine] = field(repr=False)
    products: Mapping[UUID, Mapping[str, object]] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """How much an export came to."""

    accounts: int = 0
    transactions: int = 0
    balances: int = 0
