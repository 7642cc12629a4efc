"""The values of net worth: one day's snapshot, the live figure's parts, what changed and why not.

Plain data only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from strongroom.accounts import Account, Category
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, Money
from strongroom.fx import Rate


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Net worth at the end of one day, in one currency.

    ``assets`` and ``liabilities`` are both zero or more and ``net_worth`` is their difference.
    The breakdowns sum to them, by account category; an overdraft counts in the liabilities and
    a card's credit balance in the assets. ``estimated``: some account had no report that day.
    """

    day: date
    currency: Currency
    net_worth: Money
    assets: Money
    liabilities: Money
    asset_breakdown: Mapping[str, Money]
    liability_breakdown: Mapping[str, Money]
    estimated: bool


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A snapshot without what it is made of: for a line that shows the total by day."""

    day: date
    net_worth: Money
    estimated: bool


@dataclass(frozen=True, slots=True)
class Live:
    """Net worth now in one currency: always the sum of ``accounts``' balances, to the cent.

    ``unknown`` are accounts in this currency whose balance no bank has said.
    """

    currency: Currency
    net_worth: Money
    accounts: Sequence[Account]
    unknown: Sequence[Account]


@dataclass(frozen=True, slots=True)
class WorthDay:
    """Net worth at the end of one day in the base currency.

    ``unknown`` are currencies that something was held in and that had no rate that day: what is
    held in them is not in the figure, and whoever shows it says so.
    """

    day: date
    net_worth: Money
    estimated: bool
    unknown: Sequence[Currency]
    known: bool = True
    """False where nothing at all could be counted: the figure of zero then says nothing."""


@dataclass(frozen=True, slots=True)
class WorthSnapshot:
    """``WorthDay`` with what it is made of; parts as in ``Snapshot``, in the base currency."""

    day: date
    base: Currency
    net_worth: Money
    assets: Money
    liabilities: Money
    asset_breakdown: Mapping[str, Money]
    liability_breakdown: Mapping[str, Money]
    estimated: bool
    unknown: Sequence[Currency]
    known: bool = True


class RemainderKind(StrEnum):
    """What the part of a balance's change is called that no transaction explains."""

    UNEXPLAINED = "unexplained"
    """The account moves by its rows, and they do not come to what the balance says."""
    MARKET = "market"
    """The value moves by itself: investments, coins, metals."""
    REVALUED = "revalued"
    """A person wrote another value."""
    GROWN = "grown"
    """A yearly rate that a person gave says so; nobody wrote the value."""
    PAID_DOWN = "paid_down"
    """A loan's schedule says so; nobody wrote the value."""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """How one account's balance changed between the ends of two days, in its own currency.

    ``after - before = opened + moved + waiting + remainder - closed``, to the last decimal, where
    a ``before`` or ``after`` that is None counts as nothing.

    ``before``: None if nothing was known of the account by then. ``opened``: the balance that it
    came with within the span. ``moved``: its transactions. ``waiting``: rows that the newest
    balance cannot hold yet, taken off, and those that were so before the span, put back: it is
    zero where a bank reported on both days. ``remainder``: what is left, called by ``kind``; of it
    ``projected`` is what a yearly rate or a loan's schedule made of the value, on its own days.
    Transactions are all booked rows of cash, cards, loans and mortgages; of anything else only
    matched transfers, as a dividend or a fee is part of what its value did.
    ``closed``: the balance that it left with; ``after`` is then zero.

    ``value_before`` and ``value_after`` are in the base currency at the rate of their day; None
    where no balance or no rate was known. They add up to net worth on those days.
    """

    account: AccountId
    name: str
    category: Category
    subtype: str | None
    currency: Currency
    is_manual: bool
    before: Money | None
    after: Money
    opened: Money
    opened_on: date | None
    moved: Money
    waiting: Money
    remainder: Money
    kind: RemainderKind
    projected: Money
    closed: Money
    closed_on: date | None
    rate_before: Rate | None
    rate_after: Rate | None
    value_before: Money | None
    value_after: Money | None

    @property
    def untold(self) -> Money:
        """What neither rows nor a rate or schedule told: ``remainder`` less ``projected``."""
        return self.remainder - self.projected


@dataclass(frozen=True, slots=True)
class Between:
    """Net worth at the end of two days in the base currency, and each account that counted.

    ``before`` and ``after`` are the sums of the accounts' values. ``unknown_before`` and
    ``unknown_after`` are the accounts whose balance has no known rate that day: they are in
    neither sum, and whoever shows the sums says so.
    """

    base: Currency
    since: date
    until: date
    before: Money
    after: Money
    accounts: Sequence[AccountChange]
    unknown_before: Sequence[AccountId]
    unknown_after: Sequence[AccountId]

    @property
    def before_known(self) -> bool:
        """Whether anything could be counted on the first day, or there was nothing to count."""
        return not self.unknown_before or any(
            one.value_before is not None and one.rate_before is not None for one in self.accounts
        )

    @property
    def after_known(self) -> bool:
        """Whether anything could be counted on the last day, or there was nothing to count."""
        return not self.unknown_after or any(
            one.value_after is not None and one.rate_after is not None for one in self.accounts
        )


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What no transaction explains over a span: ``total`` in the base currency, and by account.

    ``unknown`` are those of the accounts whose part is not in the total: no rate is known.
    """

    total: Money
    accounts: Sequence[AccountChange]
    unknown: Sequence[AccountId]


@dataclass(frozen=True, slots=True)
class WorthPart:
    """What one account adds to net worth: in its own currency, and in the base currency.

    ``rate`` is what one unit of the account's currency is worth; None with ``value`` None where
    nobody knows, or where no bank has said the balance.
    """

    account: Account
    value: Money | None
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Worth:
    """Net worth in the base currency: always the sum of its parts' values, to the cent.

    ``assets`` and ``liabilities`` are both zero or more, and the breakdowns sum to them.
    ``unknown`` are the accounts that are left out: no balance, or no rate for their currency.
    """

    base: Currency
    day: date
    net_worth: Money
    assets: Money
    liabilities: Money
    asset_breakdown: Mapping[str, Money]
    liability_breakdown: Mapping[str, Money]
    parts: Sequence[WorthPart]
    newest: Mapping[Currency, date] = field(default_factory=dict)
    """Of what day the newest rate of a currency ``without`` one is, which is too old; if any."""

    @property
    def known(self) -> bool:
        """Whether anything could be counted. If not, the figures of zero say nothing."""
        return not self.without or any(
            part.value is not None and part.rate is not None for part in self.parts
        )

    @property
    def without(self) -> frozenset[Currency]:
        """The currencies that something is held in and that have no rate."""
        return frozenset(
            part.account.currency
            for part in self.parts
            if part.value is None and part.account.balance is not None
        )

    @property
    def unknown(self) -> Sequence[Account]:
        """The accounts whose worth in the base currency nobody knows."""
        return [part.account for part in self.parts if part.value is None]


@dataclass(frozen=True, slots=True)
class Remainder:
    """A balance that changed by other than its rows: ``change = moved + remainder``.

    Between the balance of ``after`` and that of ``day``, in the account's own currency. What a
    rate or a schedule did is one of each month: the sum of the month's steps.
    """

    account: AccountId
    name: str
    category: Category
    kind: RemainderKind
    day: date
    after: date
    change: Money
    moved: Money
    remainder: Money
