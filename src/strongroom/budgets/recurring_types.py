"""The values of payments that come again and again, as we find them ourselves in the book.

Plain data only; finding is ``recurring_rules``, days are ``recurring_calendar``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, Money

RecurringId = NewType("RecurringId", UUID)


class Cadence(StrEnum):
    """How often something comes."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    FOUR_WEEKLY = "four_weekly"
    SEMI_MONTHLY = "semi_monthly"
    MONTHLY = "monthly"
    BIMONTHLY = "bimonthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


_A_YEAR = {
    Cadence.WEEKLY: 52,
    Cadence.BIWEEKLY: 26,
    Cadence.FOUR_WEEKLY: 13,
    Cadence.SEMI_MONTHLY: 24,
    Cadence.MONTHLY: 12,
    Cadence.BIMONTHLY: 6,
    Cadence.QUARTERLY: 4,
    Cadence.HALF_YEARLY: 2,
    Cadence.YEARLY: 1,
}


class Standing(StrEnum):
    """How an item stands today."""

    ACTIVE = "active"
    MISSED = "missed"
    """The last one that was due has not been seen."""
    ENDED = "ended"
    """Two in a row have not been seen."""


class Verdict(StrEnum):
    """What a person said of an item that we found."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row of the book as far as finding and forecasting look at it.

    ``amount`` above zero is money in. ``inner``: a leg of a transfer between two accounts that the
    person lives from, which leaves their sum as it was; ``other_account`` is where the other leg
    stands. ``origin`` is who told of it: bank, file or manual.
    """

    id: TransactionId
    account_id: AccountId
    day: date
    amount: Decimal
    currency: Currency
    title: str
    description: str
    merchant: str | None
    origin: str = "bank"
    inner: bool = False
    other_account: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something that comes again and again, and the rows it was seen in, oldest first.

    ``amount`` is the one to expect next; ``low`` and ``high`` bound those of the last year.
    ``was`` is the price before the newest change, which began on ``changed_on``. ``next_on`` is
    never before today's item; ``due_on`` is the day of the one that was missed. ``offsets`` are
    days by which each came later than expected.
    """

    payee: str
    title: str
    rows: Sequence[BookRow]
    cadence: Cadence
    standing: Standing
    next_on: date
    due_on: date | None
    amount: Decimal
    low: Decimal
    high: Decimal
    varies: bool
    was: Decimal | None
    changed_on: date | None
    skipped: int
    offsets: Sequence[int]

    @property
    def last(self) -> BookRow:
        """The newest row."""
        return self.rows[-1]

    @property
    def inner(self) -> bool:
        """Whether it moves money between a person's own accounts only."""
        return self.last.inner


@dataclass(frozen=True, slots=True)
class RecurringItem:
    """An item as it is kept. Amounts above zero are money in; days are banking days.

    ``was`` and ``changed_on`` tell the newest change of price within a year; ``due_on`` the day
    on which a missed one was due. ``count`` is how many were seen.
    """

    id: RecurringId
    account_id: AccountId
    account_name: str
    title: str
    category_id: CategoryId | None
    category_key: str | None
    category_name: str | None
    cadence: Cadence
    standing: Standing
    verdict: Verdict | None
    count: int
    first_on: date
    last_on: date
    next_on: date
    due_on: date | None
    amount: Money
    low: Money
    high: Money
    last: Money
    varies: bool
    was: Money | None
    changed_on: date | None
    inner: bool
    moves: bool
    """It moves money between a person's own accounts, one that they do not live from as well."""

    @property
    def rise(self) -> Money | None:
        """By how much more is paid than before; nothing where less is, or as before."""
        if self.was is None or not abs(self.was.amount) < abs(self.last.amount):
            return None
        return abs(self.last) - abs(self.was)

    @property
    def a_year(self) -> int:
        """How many come in a year."""
        return _A_YEAR[self.cadence]

    @property
    def counts(self) -> bool:
        """Whether it is expected to come: not over, and not said to be none."""
        return self.standing is not Standing.ENDED and self.verdict is not Verdict.DISMISSED


@dataclass(frozen=True, slots=True)
class Coming:
    """One payment that is expected on a day."""

    day: date
    item: RecurringItem
    amount: Money
