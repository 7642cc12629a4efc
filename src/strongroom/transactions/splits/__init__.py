"""Splits: a row of the book in parts, each in a category of its own.

The parts add up to the row when they are made. If the bank changes the amount afterwards, what
they do not cover stays in the row's own category.
"""

from __future__ import annotations

from strongroom.transactions.splits.rules import BadPart, SplitDoesNotAddUp
from strongroom.transactions.splits.service import (
    as_told,
    parts_of,
    put_back,
    split,
    split_of,
)
from strongroom.transactions.splits.types import Part, Split, SplitPart

__all__ = [
    "BadPart",
    "Part",
    "Split",
    "SplitDoesNotAddUp",
    "SplitPart",
    "as_told",
    "parts_of",
    "put_back",
    "split",
    "split_of",
]
