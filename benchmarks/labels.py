"""What a made-up household's book holds and what is true of it: the rows, and the labels.

Plain frozen values. Amounts: above zero is money in. Days are banking days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class HouseAccount:
    """One account. ``bank`` is the link it comes over; accounts of one bank are synced together."""

    key: str
    bank: str
    name: str
    type: str
    subtype: str
    mask: str
    currency: str


@dataclass(frozen=True, slots=True)
class HouseRow:
    """One row as a source tells it.

    ``told_on`` is the first sync or upload that tells it, ``gone_on`` the sync that tells that it
    is gone again (pending rows alone). ``follows``: the pending row that it says it follows.
    """

    key: str
    account: str
    day: date
    amount: Decimal
    currency: str
    text: str
    merchant: str | None
    pfc: str | None
    told_on: date
    origin: str = "bank"
    pending: bool = False
    follows: str | None = None
    gone_on: date | None = None


@dataclass(frozen=True, slots=True)
class TransferLabel:
    """Two legs of one movement between the household's own accounts, as keys of rows.

    ``kind``: transfer, card_payment or exchange.
    """

    out: str
    into: str
    kind: str


@dataclass(frozen=True, slots=True)
class RefundLabel:
    """Money that came back, and the purchase that it came back for."""

    refund: str
    purchase: str


@dataclass(frozen=True, slots=True)
class DoubleLabel:
    """One event that stands in the book twice: a file's or a person's row, and the bank's."""

    row: str
    bank: str


@dataclass(frozen=True, slots=True)
class PendingLabel:
    """A pending row and the posted one that it became; ``said``: the bank tells so."""

    pending: str
    posted: str
    said: bool


@dataclass(frozen=True, slots=True)
class SeriesLabel:
    """Payments that come again and again, oldest first.

    ``period``: weekly, biweekly, monthly, quarterly or yearly. ``rises``: rows whose price rose for
    good. ``missed``: days on which one should have come and did not. ``ended``: no more come;
    else ``next_on`` is the day of the next one, as the payer keeps it.
    """

    account: str
    rows: tuple[str, ...]
    period: str
    merchant: str
    varying: bool
    is_transfer: bool
    rises: tuple[str, ...]
    missed: tuple[date, ...]
    ended: bool
    next_on: date | None


@dataclass(frozen=True, slots=True)
class HouseRate:
    """What one unit of ``base`` was worth in ``quote`` on a day."""

    base: str
    quote: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Household:
    """A book and what is true of it. ``twins``: rows that look the same and are several events."""

    seed: int
    home: str
    first_day: date
    today: date
    accounts: Sequence[HouseAccount]
    rows: Sequence[HouseRow]
    transfers: Sequence[TransferLabel]
    refunds: Sequence[RefundLabel]
    doubles: Sequence[DoubleLabel]
    twins: Sequence[tuple[str, ...]]
    pending: Sequence[PendingLabel]
    series: Sequence[SeriesLabel]
    rates: Sequence[HouseRate]
