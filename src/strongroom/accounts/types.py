"""The values of accounts: what is held or owed, and its balance by day.

Plain data only; rules and SQL live beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, Money


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


class BalanceSource(StrEnum):
    """Who says what the balance was."""

    PLAID = "plaid"
    MANUAL = "manual"
    FILE = "file"
    ESTIMATED = "estimated"
    """Reckoned backwards from transactions: no bank reported that day."""


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
