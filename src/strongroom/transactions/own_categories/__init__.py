"""A person's own tree of categories: two levels, made, renamed, moved, ordered and done away with.

A category that goes is kept out of sight with the one that took its place, so that a bank's code
and an old file still lead somewhere, and so that it can be brought back.
"""

from __future__ import annotations

from strongroom.transactions.own_categories.service import (
    BadCategory,
    CategoryExists,
    CategoryIsNeeded,
    NeedsAnother,
    bring_back,
    create,
    list_tree,
    move,
    place,
    remove,
    rename,
    revive,
    set_kind,
)
from strongroom.transactions.own_categories.types import Branch, Leaf, Removed, Tree

__all__ = [
    "BadCategory",
    "Branch",
    "CategoryExists",
    "CategoryIsNeeded",
    "Leaf",
    "NeedsAnother",
    "Removed",
    "Tree",
    "bring_back",
    "create",
    "list_tree",
    "move",
    "place",
    "remove",
    "rename",
    "revive",
    "set_kind",
]
