"""The values of transfers: what is compared of two legs, what spoke for them, what was decided.

Plain data only. ``amount`` above zero is money in; instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.money import Money


class TransferKind(StrEnum):
    """What sort of movement between a person's own accounts it is."""

    TRANSFER = "transfer"
    CARD_PAYMENT = "card_payment"
    EXCHANGE = "exchange"
    """From one currency into another."""


class State(StrEnum):
    """Whether a pair counts, or the person is asked."""

    MATCHED = "matched"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What of a person's account may stand in a bank's text of a leg."""

    id: UUID
    name: str
    mask: str | None
    institution: str | None
    category: str


@dataclass(frozen=True, slots=True)
class Leg:
    """What is compared of a row. ``text`` is all that is said of it; ``kind`` its category's."""

    id: UUID
    account_id: UUID
    day: date
    amount: Decimal
    currency: str
    text: str
    merchant: str | None
    category_key: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two rows that may be legs of one transfer.

    ``off_rate``: between currencies, how far the amounts are from the rate of the day, as a share;
    ``standing``: they are matched already.
    """

    out: Leg
    into: Leg
    off_rate: Decimal | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that spoke for a pair, or with points below zero against it."""

    fact: str
    points: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Two rows that go together, how surely of 100, why, and the best that was passed over."""

    out_id: UUID
    into_id: UUID
    kind: TransferKind
    state: State
    score: int
    reasons: Sequence[Reason]
    rival_id: UUID | None = None
    rival_side: str | None = None
    rival_score: int | None = None


@dataclass(frozen=True, slots=True)
class TransferLeg:
    """One leg as it is shown."""

    id: TransactionId
    account_id: AccountId
    account_name: str
    account_mask: str | None
    day: date
    amount: Money
    title: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement between a person's own accounts.

    ``rival`` is the best row that was passed over, in place of the leg ``rival_side`` names.
    ``made_by`` is match or person; ``confirmed_at`` when the person said so.
    """

    id: UUID
    kind: TransferKind
    state: State
    out: TransferLeg
    into: TransferLeg
    score: int
    reasons: Sequence[Reason]
    rival: TransferLeg | None
    rival_side: str | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None
    made_at: datetime
