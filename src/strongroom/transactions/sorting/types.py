"""The values of a person's rules: what a rule asks of a row, what it sets, what it did or would do.

Plain data only. Amounts in conditions are without their sign; ``direction`` tells in from out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import Currency, Money

RuleId = NewType("RuleId", UUID)


class How(StrEnum):
    """How a text is compared, always without regard to case."""

    IS = "is"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"
    MATCHES = "matches"
    """A regular expression that is found anywhere in the text."""


class Direction(StrEnum):
    """Which way money moves."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row must be. Every one that is given must hold; of several values any will do.

    ``merchants`` are held against the merchant, or the bank's text where none is known; ``texts``
    against merchant, bank's text and note together, and none of ``without`` may stand there.
    Days are included on both ends. ``accounts`` None: any; empty: they are gone, and no row's.
    """

    merchant_how: How = How.IS
    merchants: tuple[str, ...] = ()
    text_how: How = How.CONTAINS
    texts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    currency: Currency | None = None
    direction: Direction | None = None
    since: date | None = None
    until: date | None = None
    accounts: tuple[AccountId, ...] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a row, in percent of its amount, that goes into another category."""

    category_id: CategoryId
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Actions:
    """What a rule sets; tags by their names.

    ``transfer``: between own accounts, neither income nor spending.
    """

    category_id: CategoryId | None = None
    transfer: bool = False
    merchant: str | None = None
    tags: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    review: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as a person writes it."""

    name: str
    conditions: Conditions
    actions: Actions
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in its place: those above it come first, and what they set it leaves alone.

    ``kept_out_because``: why it is not run any more, until it is changed. ``touched``: how many
    rows bear its hand.
    """

    id: RuleId
    name: str
    position: int
    is_on: bool
    conditions: Conditions
    actions: Actions
    kept_out_because: str | None
    created_at: datetime
    updated_at: datetime
    touched: int = 0

    @property
    def runs(self) -> bool:
        """Whether it is run at all."""
        return self.is_on and self.kept_out_because is None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the book as rules see it. ``merchant`` is what was told, not what a rule made of it.

    ``done`` are the things that rules did here once, as (field, value); ``tags`` those on it now.
    Tags are told by their names in small letters.
    """

    id: TransactionId
    account_id: AccountId
    day: date
    amount: Decimal
    currency: Currency
    description: str
    merchant: str | None
    shown_merchant: str | None
    merchant_by: str
    category_id: CategoryId
    category_by: str
    note: str | None
    needs_review: bool
    is_split: bool
    tags: frozenset[str] = frozenset()
    done: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a rule sets on a row. ``value`` is what the field is set to."""

    rule_id: RuleId
    field: str
    value: CategoryId | str | tuple[tuple[CategoryId, Decimal], ...] | bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a set of rules says of a row: who met it, what each sets, and what was left alone.

    ``left`` are (rule, why): "person" chose it, or "above" a rule above set it.
    """

    met: Sequence[RuleId] = ()
    changes: Sequence[Change] = ()
    left: Sequence[tuple[RuleId, str]] = ()


@dataclass(frozen=True, slots=True)
class WouldChange:
    """One row that a rule would change: as it is, and what it would be. None: stays."""

    id: TransactionId
    day: date
    title: str
    account_id: AccountId
    amount: Money
    category_id: CategoryId
    new_category_id: CategoryId | None = None
    new_merchant: str | None = None
    new_tags: tuple[str, ...] = ()
    new_parts: tuple[tuple[CategoryId, Money], ...] = ()
    new_review: bool = False


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would do to the book as it stands: counts of rows, and the newest of them.

    ``met`` rows fit its conditions and ``changed`` of them would change. Of the others, something
    of ``by_person`` was chosen by the person, of ``by_rule`` by a rule above; the rest is so.
    """

    met: int
    changed: int
    by_person: int
    by_rule: int
    rows: Sequence[WouldChange] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """How many rows rules changed, in all and by rule, and the months these rows stand in."""

    rows: int = 0
    by_rule: dict[RuleId, int] = field(default_factory=dict)
    months: Sequence[date] = ()
    edit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """A rule's hand on a row: what it set, and when. ``rule_id`` None: the rule is deleted."""

    field: str
    value: str
    rule_id: RuleId | None
    rule_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done after an edit: the same for the ``count`` other rows of that merchant."""

    merchant: str
    category_id: CategoryId
    category_key: str | None
    category_name: str | None
    count: int
