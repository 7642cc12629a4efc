"""What banks tell of an account beside its balance: what it holds, and on what terms it is owed.

Plain data only. The values named ``Bank...`` are as a feed gives them, by Plaid's account ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strongroom.core.money import Currency, Money


@dataclass(frozen=True, slots=True)
class BankHolding:
    """One security in one account. ``quantity`` may be negative (sold short).

    ``value`` is the institution's own figure and may differ from price times quantity;
    ``cost_basis`` is what was paid for all of it. Amounts are in ``currency``.
    """

    plaid_account_id: str
    plaid_security_id: str
    name: str | None
    ticker: str | None
    isin: str | None
    type: str | None
    is_cash: bool
    quantity: Decimal
    price: Decimal | None
    price_day: date | None
    value: Decimal | None
    cost_basis: Decimal | None
    currency: Currency


@dataclass(frozen=True, slots=True)
class Holding:
    """One security that an account holds; see ``BankHolding``."""

    name: str | None
    ticker: str | None
    isin: str | None
    type: str | None
    is_cash: bool
    quantity: Decimal
    price: Money | None
    price_day: date | None
    value: Money | None
    cost_basis: Money | None

    @property
    def title(self) -> str:
        """What to call it."""
        return self.name or self.ticker or self.isin or "?"


@dataclass(frozen=True, slots=True)
class Apr:
    """One of a card's yearly rates, in percent: purchases, cash advances, transfers or special."""

    type: str
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class BankLiability:
    """On what terms a card or loan is owed. Amounts are unsigned, in the account's currency.

    ``kind`` is credit, mortgage or student. ``apr`` is the rate that counts most, in percent a
    year: purchases on a card, the interest rate of a loan.
    """

    plaid_account_id: str
    kind: str
    apr: Decimal | None
    aprs: Sequence[Apr]
    minimum_payment: Decimal | None
    due_on: date | None
    is_overdue: bool | None
    past_due: Decimal | None
    last_payment: Decimal | None
    last_paid_on: date | None
    statement_balance: Decimal | None
    statement_on: date | None
    original_principal: Decimal | None
    originated_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Liability:
    """On what terms an account is owed; see ``BankLiability``."""

    kind: str
    apr: Decimal | None
    aprs: Sequence[Apr]
    minimum_payment: Money | None
    due_on: date | None
    is_overdue: bool | None
    past_due: Money | None
    last_payment: Money | None
    last_paid_on: date | None
    statement_balance: Money | None
    statement_on: date | None
    original_principal: Money | None
    originated_on: date | None
    ends_on: date | None
