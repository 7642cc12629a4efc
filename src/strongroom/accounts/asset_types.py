"""The values of what a person says of an account themselves: notes, a rate, a loan's terms.

Plain data only. Rates are in percent a year; amounts of loans have no sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from strongroom.accounts.types import Category, DayBalance
from strongroom.core.money import Money


@dataclass(frozen=True, slots=True)
class AccountKind:
    """One of Plaid's types and subtypes, or of ours, and where such accounts count."""

    type: str
    subtype: str
    display_name: str
    category: Category
    icon: str


@dataclass(frozen=True, slots=True)
class Details:
    """What a person says of an account besides its name and values.

    ``yearly_percent`` is what it gains a year from each value that was told (less than zero: what
    it loses); the values between are estimates, and marked so. ``remind_months``: how old a value
    may become before its owner is reminded to tell a new one.
    """

    note: str | None = None
    yearly_percent: Decimal | None = None
    remind_months: int | None = None


class Method(StrEnum):
    """How a loan is paid back."""

    ANNUITY = "annuity"
    """Every payment is the same; the part that is interest shrinks."""
    EQUAL_PRINCIPAL = "equal_principal"
    """Every payment takes the same off the debt, and pays the interest beside it."""
    INTEREST_ONLY = "interest_only"
    """Interest only, and the whole debt with the last payment."""


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """On what terms a loan is paid back.

    ``principal`` is what was lent, ``first_payment`` the day of the first payment ever, and a
    payment falls due every ``every_months``. Either the number of ``payments`` is known, or (of an
    annuity) what each is: ``payment``. With ``follows``, the balance after a value that was told
    is estimated by the schedule.
    """

    principal: Money
    yearly_percent: Decimal
    first_payment: date
    payments: int | None = None
    payment: Money | None = None
    method: Method = Method.ANNUITY
    every_months: int = 1
    follows: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a schedule; ``number`` counts from the loan's first one ever."""

    number: int
    day: date
    amount: Money
    interest: Money
    principal: Money
    left: Money


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is still to be paid of a loan, and when. ``owed`` is what was owed before it.

    ``from_bank``: the terms are as the bank told them, not a person's own.
    """

    terms: LoanTerms
    owed: Money
    payments: Sequence[Payment]
    from_bank: bool = False

    @property
    def ends_on(self) -> date | None:
        """The day of the last payment; None if nothing is owed."""
        return self.payments[-1].day if self.payments else None

    @property
    def interest(self) -> Money:
        """All interest that is still to be paid."""
        return sum(
            (one.interest for one in self.payments), start=Money(Decimal(0), self.owed.currency)
        )


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of one account beside its balance, gathered for its page.

    ``kind`` is the English name of its type; ``told`` are the newest values first; ``plan`` is
    None for what is no loan, or one whose terms nobody told.
    """

    details: Details
    kind: str
    told: Sequence[DayBalance]
    plan: Schedule | None
