"""The values of splits. One sign rule: positive is money in, as on the row itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from strongroom.core.ids import CategoryId
from strongroom.core.money import Money
from strongroom.transactions.types import Kind


@dataclass(frozen=True, slots=True)
class Part:
    """One part as a person or a rule makes it, in the row's currency."""

    category_id: CategoryId
    amount: Decimal
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part as it stands in the book; ``position`` counts from one."""

    position: int
    category_id: CategoryId
    category_key: str | None
    category_name: str | None
    kind: Kind
    amount: Money
    note: str | None


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a row, none if it is whole.

    ``rest`` is what they leave of the row's amount: nothing, unless the bank changed that later.
    """

    parts: Sequence[SplitPart]
    rest: Money
