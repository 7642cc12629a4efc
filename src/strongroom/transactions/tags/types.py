"""The values of tags. Plain data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType
from uuid import UUID

TagId = NewType("TagId", UUID)
Hand = Literal["person", "rule", "file"]


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on a row, and by whose hand it is there."""

    id: TagId
    name: str
    tagged_by: Hand = "person"


@dataclass(frozen=True, slots=True)
class TagUse:
    """A tag of a person's, and how many rows have it."""

    id: TagId
    name: str
    rows: int
