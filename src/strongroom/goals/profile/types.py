"""The values of a financial profile: figures of a household, derived or said by its person.

Plain data only. Amounts are in the profile's currency; debts, spending, bills and payments have
no sign. Shares and volatilities are fractions, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency

LEAST_MONTHS: Final = 3
"""Full months below which a figure made of months is thin."""

ASSET_CLASSES: Final = ("stocks", "bonds", "cash", "other")
"""The kinds of investment, as simulations know them."""


class FigureName(StrEnum):
    """What a profile says of a household; each can be overridden."""

    LIQUID_ASSETS = "liquid_assets"
    CREDIT_DEBT = "credit_debt"
    LOAN_DEBT = "loan_debt"
    MONTHLY_INCOME = "monthly_income"
    MONTHLY_BILLS = "monthly_bills"
    MONTHLY_LOAN_PAYMENTS = "monthly_loan_payments"
    MONTHLY_SPENDING = "monthly_spending"
    INCOME_VOLATILITY = "income_volatility"
    SPENDING_VOLATILITY = "spending_volatility"
    INVESTMENT_ALLOCATION = "investment_allocation"


OF_MONTHS: Final = frozenset(
    {
        FigureName.MONTHLY_INCOME,
        FigureName.MONTHLY_BILLS,
        FigureName.MONTHLY_SPENDING,
        FigureName.INCOME_VOLATILITY,
        FigureName.SPENDING_VOLATILITY,
    }
)
"""Figures that follow from the months of the book, and suffer where there are few.

So do payments on loans where nothing but the book tells them.
"""

VOLATILITIES: Final = frozenset({FigureName.INCOME_VOLATILITY, FigureName.SPENDING_VOLATILITY})


class WhyUnknown(StrEnum):
    """Why a figure cannot be derived."""

    NO_ACCOUNTS = "no_accounts"
    """No open account of the kind that would tell has a balance."""
    NO_HISTORY = "no_history"
    """The book has no full month."""
    NO_INCOME = "no_income"
    """Nothing that comes in again and again was found."""
    TOO_FEW_MONTHS = "too_few_months"
    """How much months differ shows from three full months on."""
    NO_RATE = "no_rate"
    """All there is stands in currencies that no rate reaches."""
    NO_INVESTMENTS = "no_investments"
    """No account holds investments."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``amount`` is what holds; ``derived`` what accounts and the book say of it.

    ``overridden``: the person said ``amount``. ``why_unknown``: a ``WhyUnknown`` where nothing
    could be derived. ``thin``: derived from fewer than three full months.
    """

    amount: Decimal | None
    derived: Decimal | None
    overridden: bool = False
    why_unknown: str | None = None
    thin: bool = False


@dataclass(frozen=True, slots=True)
class CategorySpending:
    """What is spent in a category on average a month; ``discretionary``: one could do without.

    ``key`` is a default category's, ``name`` a person's own; a label is made of both.
    """

    category_id: CategoryId
    key: str | None
    name: str | None
    monthly: Decimal
    discretionary: bool


@dataclass(frozen=True, slots=True)
class PayerIncome:
    """What comes in from one payer again and again, in a month."""

    payer: str
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class StoodIn:
    """What stood in for a figure that is not known, where a simulation needs one.

    ``value`` is in the profile's currency, or a fraction for a volatility; ``why``: a
    ``WhyUnknown``, or nothing where it cannot be told.
    """

    figure: FigureName
    value: Decimal
    why: str | None


class ToldBy(StrEnum):
    """What says how much of a loan is paid, or at what rate."""

    TERMS = "terms"
    """The loan's terms, as the person gave them."""
    BANK = "bank"
    """The bank."""
    BOOK = "book"
    """Payments seen in the book."""
    ASSUMED = "assumed"
    """Nobody: it is assumed."""
    PERSON = "person"
    """The person, who overrode the sum of all loans."""


@dataclass(frozen=True, slots=True)
class ProfileLoan:
    """What is owed on a loan, what is paid on it each month, and the yearly rate as a fraction.

    ``account_id`` and ``name`` are None where the person says that more is owed than accounts do.
    """

    account_id: AccountId | None
    name: str | None
    balance: Decimal
    monthly_payment: Decimal
    annual_rate: Decimal
    payment_by: ToldBy
    rate_by: ToldBy


@dataclass(frozen=True, slots=True)
class Profile:
    """A household in figures, as of a day.

    ``monthly_spending`` has bills in it, and neither own transfers nor payments on cards or
    loans. ``investment_allocation``: shares by ``ASSET_CLASSES`` that add up to 1, None where
    unknown. ``months_of_history``: full months that the figures of months are made of.
    ``left_out``: currencies that no rate reaches; their amounts are in no figure. ``data_hash``:
    SHA-256 of everything here but ``as_of`` and ``computed_at``, in canonical form.
    """

    currency: Currency
    as_of: date
    liquid_assets: Figure
    credit_debt: Figure
    loan_debt: Figure
    monthly_income: Figure
    monthly_bills: Figure
    monthly_loan_payments: Figure
    monthly_spending: Figure
    income_volatility: Figure
    spending_volatility: Figure
    investment_allocation: Mapping[str, Decimal] | None
    derived_allocation: Mapping[str, Decimal] | None
    allocation_overridden: bool
    allocation_why_unknown: str | None
    spending_by_category: Sequence[CategorySpending]
    income_by_payer: Sequence[PayerIncome]
    loans: Sequence[ProfileLoan]
    months_of_history: int
    left_out: Sequence[Currency]
    data_hash: bytes
    computed_at: datetime

    def figure(self, name: FigureName) -> Figure:
        """Return one figure by its name; of the allocation there is none."""
        found: Figure = getattr(self, name.value)
        return found
