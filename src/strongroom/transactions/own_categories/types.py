"""The values of a person's tree of categories. Plain data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from strongroom.core.ids import CategoryId
from strongroom.transactions.types import Category


@dataclass(frozen=True, slots=True)
class Leaf:
    """A category and how many rows and parts of rows are in it."""

    category: Category
    rows: int
    needed: bool
    """Whether the book cannot do without it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A group, and the categories in it in their order. Rows may be in the group itself."""

    group: Leaf
    inside: Sequence[Leaf]

    @property
    def rows(self) -> int:
        """How many rows are in the group and in all that is in it."""
        return self.group.rows + sum(leaf.rows for leaf in self.inside)


@dataclass(frozen=True, slots=True)
class Removed:
    """A category that was done away with, and the one that took its place."""

    category: Category
    goes_to: CategoryId
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class Tree:
    """All of a person's categories, in the order to show."""

    branches: Sequence[Branch]
    removed: Sequence[Removed]
