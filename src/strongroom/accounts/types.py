"""The values of accounts: what is held or owed, and its balance by day.

Plain data only; rules and SQL live beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, Money
from strongroom.ui import Sentence


class Category(StrEnum):
    """Where an account counts in net worth: the source design's asset and liability keys."""

    CASH = "cash"
    INVESTMENTS = "investments"
    PROPERTY = "property"
    VEHICLES = "vehicles"
    PRECIOUS_METALS = "precious_metals"
    DIGITAL_ASSETS = "digital_assets"
    OTHER_ASSETS = "other_assets"
    CREDIT_CARDS = "credit_cards"
    MORTGAGES = "mortgages"
    LOANS = "loans"
    OTHER_LIABILITIES = "other_liabilities"

    @property
    def is_debt(self) -> bool:
        """Whether accounts of this category are owed rather than owned."""
        return self in _DEBTS


_DEBTS = frozenset(
    {Category.CREDIT_CARDS, Category.MORTGAGES, Category.LOANS, Category.OTHER_LIABILITIES}
)
_MOVED_BY_ROWS = frozenset(
    {Category.CASH, Category.CREDIT_CARDS, Category.LOANS, Category.MORTGAGES}
)


class BalanceSource(StrEnum):
    """Who says what the balance was."""

    PLAID = "plaid"
    MANUAL = "manual"
    FILE = "file"
    ESTIMATED = "estimated"
    """Reckoned backwards from transactions: no bank reported that day."""
    PROJECTED = "projected"
    """Moved on from the last value told, by its owner's rate or by the loan's schedule."""
    CARRIED = "carried"
    """Held on from the day before: nobody said anything that day. Never stored."""

    @property
    def is_told(self) -> bool:
        """Whether somebody said so: not an estimate."""
        return self in (BalanceSource.PLAID, BalanceSource.MANUAL, BalanceSource.FILE)


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its newest balance.

    ``balance`` counts towards net worth as it stands: positive is owned, negative is owed. It is
    None where no bank has said it yet. ``available`` and ``credit_limit`` are as the bank reports
    them. ``reported_at`` is when the bank's figure was read (UTC).
    """

    id: AccountId
    item_id: UUID | None
    plaid_account_id: str | None
    name: str
    official_name: str | None
    type: str
    subtype: str | None
    category: Category
    mask: str | None
    institution_name: str | None
    is_manual: bool
    is_primary: bool
    hidden_at: datetime | None
    closed_at: datetime | None
    currency: Currency
    balance: Money | None
    available: Money | None
    credit_limit: Money | None
    balance_day: date | None
    balance_source: BalanceSource | None
    reported_at: datetime | None
    told_at: datetime | None = None
    """When the bank itself says its figure is from, if it says so; else go by ``reported_at``."""
    unreported_since: datetime | None = None
    """The bank's list no longer holds the account; its history is kept."""
    revoked_at: datetime | None = None
    created_at: datetime | None = None
    iban: str | None = None
    """As a file told it; later files find the account by it."""
    valued_on: date | None = None
    """Of a balance that a rate or a schedule moved on: the day of the value it goes out from."""

    @property
    def is_from_files(self) -> bool:
        """Whether it was opened to take files in: it has a bank's type, and no bank reports it."""
        return self.is_manual and not self.type.startswith("manual_")

    @property
    def is_valued(self) -> bool:
        """Whether it is worth what its person tells of it, whatever rows it has: a home, a car."""
        return self.type.startswith("manual_") and self.category not in _MOVED_BY_ROWS

    @property
    def is_debt(self) -> bool:
        """Whether the account is of a kind that is owed."""
        return self.category.is_debt


@dataclass(frozen=True, slots=True)
class OpenManual:
    """Something owned or owed that no bank reports: a home, a car, a private loan.

    ``subtype`` is one of ``MANUAL_SUBTYPES``; ``value`` is given without a sign, a debt too.
    """

    name: str
    subtype: str
    value: Money
    day: date


@dataclass(frozen=True, slots=True)
class DayBalance:
    """An account's balance at the end of one banking day."""

    day: date
    balance: Money
    source: BalanceSource


@dataclass(frozen=True, slots=True)
class BankAccount:
    """What a bank reports of one account. Amounts have the bank's sign (Plaid's).

    Credit and loan: ``current`` above zero is debt. All others: above zero is owned. ``current``
    may be unknown, then ``available`` is set; ``currency`` may be an unofficial code.
    ``reported_at`` is when it was read, ``told_at`` when the bank says the figures are from.
    """

    plaid_account_id: str
    persistent_account_id: str | None
    name: str
    official_name: str | None
    type: str
    subtype: str | None
    mask: str | None
    currency: Currency
    current: Decimal | None
    available: Decimal | None
    credit_limit: Decimal | None
    reported_at: datetime
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A bank's report of an account that contradicts what the account is, and why."""

    plaid_account_id: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a bank's reports: ours by Plaid's ids, and what was kept aside.

    ``moved`` are accounts of ours that the bank reports under another id than before: their
    earlier rows may come again under other ids.
    """

    ids: Mapping[str, AccountId]
    moved: frozenset[AccountId] = frozenset()
    not_taken: Sequence[NotTaken] = ()


class Described(Protocol):
    """What tells one bank account from another: the ids it goes by, and its looks.

    ``plaid_account_id`` changes when a bank is linked again, ``persistent_account_id`` does not,
    and few banks have it. ``name`` is the bank's own, not the one a person chose.
    """

    @property
    def plaid_account_id(self) -> str | None:
        """Plaid's id, which a new link changes."""
        ...

    @property
    def persistent_account_id(self) -> str | None:
        """The id that outlives a link, where the bank has one."""
        ...

    @property
    def name(self) -> str:
        """The bank's own name for it."""
        ...

    @property
    def mask(self) -> str | None:
        """The last digits of its number."""
        ...

    @property
    def type(self) -> str:
        """Plaid's type."""
        ...

    @property
    def subtype(self) -> str | None:
        """Plaid's subtype."""
        ...
