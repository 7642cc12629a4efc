"""The values of the book: transactions, categories, filters, and what a bank sends.

Plain data only. One sign rule: positive is money in, except in ``BankTransaction``, which
carries Plaid's sign (positive leaves the account) to the border where it is turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from strongroom.core import ids
from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, Money, total


class Kind(StrEnum):
    """What a category's rows mean for income and spending."""

    INCOME = "income"
    SPENDING = "spending"
    TRANSFER = "transfer"
    """Between a person's own accounts: neither income nor spending."""


class Origin(StrEnum):
    """Who told us of a transaction."""

    BANK = "bank"
    FILE = "file"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Category:
    """One category. A default has a ``key`` that pages translate; a person's own has a name."""

    id: CategoryId
    parent_id: CategoryId | None
    key: str | None
    name: str | None
    kind: Kind

    @property
    def ref(self) -> str:
        """What names it in an address."""
        return category_ref(self.key, self.id)


def category_ref(key: str | None, category_id: UUID) -> str:
    """Return what names a category in an address: a default's key, the id of a person's own one."""
    return key or ids.show("cat", category_id)


@dataclass(frozen=True, slots=True)
class MatchingPart:
    """What of a split row stands in one of the categories that a search asked for."""

    category_key: str | None
    category_name: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Transaction:
    """One event in the book. ``amount`` above zero is money in.

    ``day`` is the banking day it is booked on, ``happened_on`` when it was authorised.
    ``removed_by_bank`` is set where the bank took a row back that the person had edited,
    ``never_booked_at`` where it let a pending row lie for more than 14 days. Neither counts.
    ``category_by`` and ``merchant_by`` are bank, rule or person; ``transfer_id`` is set on a leg
    of a matched transfer; ``created_at`` is when the row came into the book. ``matching`` are the
    parts of a split row that a search by category found, and empty of every other row.
    """

    id: TransactionId
    account_id: AccountId
    account_name: str
    account_mask: str | None
    origin: Origin
    day: date
    happened_on: date | None
    amount: Money
    description: str
    merchant: str | None
    category_id: CategoryId
    category_key: str | None
    category_name: str | None
    kind: Kind
    category_by: str
    pending: bool
    note: str | None
    needs_review: bool
    reviewed_at: datetime | None
    removed_by_bank: datetime | None
    never_booked_at: datetime | None = None
    merchant_by: str = "bank"
    is_split: bool = False
    transfer_id: UUID | None = None
    created_at: datetime | None = None
    tags: Sequence[str] = ()
    matching: Sequence[MatchingPart] = ()

    @property
    def found(self) -> Money:
        """What a search found of it: of a split row the matching parts, else the whole."""
        if not self.matching:
            return self.amount
        return total((one.amount for one in self.matching), self.amount.currency)

    @property
    def title(self) -> str:
        """What to call it in a list: the merchant where one is known, else the bank's text."""
        return self.merchant or self.description


@dataclass(frozen=True, slots=True)
class Filter:
    """Which transactions to show; every part narrows. Days are included on both ends.

    ``text`` is looked for in merchant, description and note, and as an amount if it is one;
    ``category`` is an id (cat_…), a default's key, or a name, of one or of several;
    ``tag`` is a tag's name, letters of either case.
    """

    text: str = ""
    category: str = ""
    account_id: AccountId | None = None
    since: date | None = None
    until: date | None = None
    to_review: bool = False
    pending: bool | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of the list ends: newest first by day, then by id.

    ``instead`` is what the list is of in place of a text that nothing has, empty if of that.
    """

    day: date
    id: TransactionId
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, and where the next part begins (None at the end).

    ``instead`` is the text that was looked for in place of the filter's, whose words nothing has.
    """

    items: Sequence[Transaction]
    next: Position | None
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many transactions a filter finds, and their sum in each currency.

    ``and_more``: there are more than ``count``, and nobody summed them.
    """

    count: int
    totals: Sequence[Money]
    and_more: bool = False


@dataclass(frozen=True, slots=True)
class SpendingLine:
    """Spending in one category group this month, and last month up to the same day.

    Above zero is spent. Refunds count against spending, so that a group that they outweigh is
    below zero: more came back than went out. A drawing may leave such a group out. A default has
    a ``key``, and a ``name`` if its person gave it one.
    """

    category_id: CategoryId
    key: str | None
    name: str | None
    this_month: Money
    last_month: Money


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """Money in and money out of one month, both zero or more; ``month`` is its first day."""

    month: date
    money_in: Money
    money_out: Money


@dataclass(frozen=True, slots=True)
class OtherFlow:
    """Money in and out of all months shown, in a currency that is not; both zero or more."""

    money_in: Money
    money_out: Money


@dataclass(frozen=True, slots=True)
class BankTransaction:
    """A transaction as the bank's feed gives it. ``amount`` above zero leaves the account."""

    plaid_transaction_id: str
    plaid_account_id: str
    pending_transaction_id: str | None
    pending: bool
    amount: Decimal
    currency: Currency
    day: date
    authorized_date: date | None
    name: str
    merchant_name: str | None
    pfc_primary: str | None
    pfc_detailed: str | None
    payment_channel: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class BankPage:
    """One page of a feed's changes, to be applied in the order added, modified, removed.

    ``same`` are Plaid's ids of added rows that are told, word for word, as they are held.
    """

    added: Sequence[BankTransaction] = ()
    modified: Sequence[BankTransaction] = ()
    removed: Sequence[str] = ()
    same: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run of pages comes down to: the last state of each row, or that it is gone.

    ``same`` are rows that are as they are held.
    """

    upserts: Sequence[BankTransaction] = ()
    removed: Sequence[str] = ()
    same: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What tells one stored bank row from another. ``amount`` has Plaid's sign.

    ``text`` is the merchant where one is known, else the bank's words. ``left_behind_on``:
    the day (UTC) on which we saw that the bank had given up its id; None while it holds.
    ``names_pending``: the bank says which pending row it was. ``told_now``: it was not stored
    before this unit of work.
    """

    id: UUID
    account_id: UUID
    amount: Decimal
    currency: str
    day: date
    pending: bool
    text: str
    pfc_detailed: str | None
    left_behind_on: date | None = None
    names_pending: bool = False
    told_now: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What taking in changes did to the book, in rows; ``since`` is the first day touched.

    Earlier rows that a bank, linked again, tells under new ids count as modified.

    ``homeless`` are rows of accounts that the bank did not list: they were not taken. ``strange``
    are accounts whose earlier rows were told again and mostly not found.
    """

    added: int = 0
    modified: int = 0
    removed: int = 0
    since: date | None = None
    homeless: Sequence[BankTransaction] = ()
    strange: Sequence[AccountId] = ()


@dataclass(frozen=True, slots=True)
class OtherHistory:
    """An account whose bank, linked again, tells mostly other rows than it did before.

    ``since``: the first day of what is told now.
    """

    account_id: AccountId
    since: date


@dataclass(frozen=True, slots=True)
class BankStream:
    """Payments that come again and again, as a feed sees them. Amounts have Plaid's sign."""

    plaid_stream_id: str
    plaid_account_id: str
    description: str
    merchant: str | None
    pfc_detailed: str | None
    frequency: str
    status: str
    is_active: bool
    first_on: date | None
    last_on: date | None
    next_on: date | None
    average: Decimal | None
    last: Decimal | None
    currency: Currency


@dataclass(frozen=True, slots=True)
class RecurringStream:
    """Payments that come again and again, as the bank's provider sees them.

    Amounts above zero are money in. ``frequency`` is Plaid's word: WEEKLY, BIWEEKLY,
    SEMI_MONTHLY, MONTHLY, ANNUALLY or UNKNOWN. ``next_on`` is a guess of theirs.
    """

    id: UUID
    account_id: AccountId
    account_name: str
    description: str
    merchant: str | None
    category_key: str | None
    frequency: str
    status: str
    is_active: bool
    first_on: date | None
    last_on: date | None
    next_on: date | None
    average: Money | None
    last: Money | None
