"""The values of refunds: what is compared of two rows, what spoke for them, what was decided.

Plain data only. ``amount`` above zero is money in; instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core.ids import TransactionId
from strongroom.core.money import Money
from strongroom.transactions.transfers.types import Reason, State


@dataclass(frozen=True, slots=True)
class MaybeRefund:
    """A row of money in beside an earlier purchase; ``left`` is what of it was not refunded yet.

    ``amount`` and ``left`` are above zero.
    """

    refund_id: UUID
    purchase_id: UUID
    days: int
    amount: Decimal
    bought_for: Decimal
    left: Decimal
    same_account: bool
    same_category: bool
    is_income: bool
    text: str
    merchant: str | None
    purchase_text: str
    purchase_merchant: str | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A refund and its purchase, how surely of 100, why, and the next best purchase."""

    refund_id: UUID
    purchase_id: UUID
    state: State
    score: int
    reasons: Sequence[Reason]
    rival_id: UUID | None = None
    rival_score: int | None = None


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One of the two rows as it is shown."""

    id: TransactionId
    day: date
    amount: Money
    title: str
    account_name: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that came back, and the purchase that it came back for.

    ``rival`` is another purchase that it might be for. ``made_by`` is match or person.
    """

    id: UUID
    state: State
    refund: RefundRow
    purchase: RefundRow
    score: int
    reasons: Sequence[Reason]
    rival: RefundRow | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None
    made_at: datetime
