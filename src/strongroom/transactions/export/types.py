"""The values of an export: which format, which part of the book, and what is in it.

Plain data only. One sign rule: positive is money in, or owned.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from functools import reduce
from typing import NamedTuple
from uuid import UUID

from strongroom.core.ids import AccountId
from strongroom.core.money import Currency
from strongroom.core.sections import Told

_EXACT = Context(prec=60)


class Format(StrEnum):
    """What an export may be written as. ``ZIP`` is the JSON with the files that belong to it."""

    CSV = "csv"
    JSON = "json"
    ZIP = "zip"
    BEANCOUNT = "beancount"
    LEDGER = "ledger"

    @property
    def media_type(self) -> str:
        """The media type to serve it as."""
        told = {"csv": "text/csv", "json": "application/json", "zip": "application/zip"}
        return told.get(self.value, "text/plain")


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
    goes_to: UUID | None = None
    """Which took its place, if it was done away with."""


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


class PartLine(NamedTuple):
    """One part of a row that is split; positive is money in."""

    category_id: UUID
    amount: Decimal
    note: str | None


class HandLine(NamedTuple):
    """What a rule set on a row, once: ``value`` tells tags apart, by their names."""

    field: str
    value: str
    rule_id: UUID
    was: str | None
    at: datetime


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
    merchant_by: str = "bank"
    tags: Sequence[str] = ()
    parts: Sequence[PartLine] = ()
    hands: Sequence[HandLine] = ()

    @property
    def rest(self) -> Decimal:
        """What the parts leave of the amount; all of it where there are none."""
        return reduce(_EXACT.subtract, (part.amount for part in self.parts), self.amount)

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
    holdings and terms. ``removed`` are categories that were done away with; ``sections`` is what
    the person made beside rows. Only JSON has a place for these.
    """

    part: Part
    accounts: Sequence[AccountLine]
    categories: Sequence[CategoryLine]
    openings: Sequence[OpeningLine]
    currencies: Mapping[UUID, Sequence[str]]
    balances: AsyncIterator[BalanceLine] = field(repr=False)
    rows: AsyncIterator[RowLine] = field(repr=False)
    products: Mapping[UUID, Mapping[str, object]] = field(default_factory=dict)
    removed: Sequence[CategoryLine] = ()
    sections: Told = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """How much an export came to."""

    accounts: int = 0
    transactions: int = 0
    balances: int = 0
