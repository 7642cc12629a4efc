"""The values of the audit log: what is recorded, and what checking a chain finds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Scalar = str | int | bool | None
Details = dict[str, Scalar | list[Scalar]]
"""What a row may say besides who and what: flat, exact, and never a secret. Amounts are text."""

Fault = Literal["missing", "altered", "cut off"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a person's chain. ``seq`` counts from 1 without a gap.

    ``actor`` is ``person``, ``token:<id>``, ``system`` or ``cli``; ``action`` is
    ``<domain>.<verb>``.
    """

    user_id: UUID
    seq: int
    at: datetime
    actor: str
    action: str
    resource_type: str | None
    resource_id: str | None
    details: Details
    ip_address: str | None
    user_agent: str | None
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a chain at some time, as kept outside the database."""

    user_id: UUID
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking one chain found: ``broken_at`` is the first row that is not as recorded.

    ``head`` is the hash of the last row that holds. ``fault`` says in what way the chain breaks:
    a row is missing, altered (or moved), or the newest rows were cut off.
    """

    user_id: UUID
    count: int
    head: bytes
    broken_at: int | None = None
    fault: Fault | None = None

    @property
    def holds(self) -> bool:
        """Whether every row is as it was recorded."""
        return self.broken_at is None
