"""Pure decisions about a tree of two levels: names, who stands beside whom, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from strongroom.transactions.labels import category_label
from strongroom.transactions.rules import OTHER_INCOME, UNCATEGORISED
from strongroom.transactions.types import Category

LONGEST_NAME: Final = 100
MOST: Final = 500
# Where rows go that nothing else is known of, and what a matched transfer is.
_NEEDED: Final = frozenset(
    {UNCATEGORISED, OTHER_INCOME, "own_transfer", "card_payment", "other", "income", "transfers"}
)


def is_needed(category: Category) -> bool:
    """Return whether the book cannot do without a category: rows without any other go there."""
    return category.key in _NEEDED


def clean(name: str) -> str:
    """Return a name with single spaces and no marks that are none to read."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def called(category: Category) -> str:
    """Return what pages call a category, in the person's language."""
    return category_label(category.key, category.name)


def siblings(known: Sequence[Category], parent: UUID | None) -> list[Category]:
    """Return the categories of one group, or the groups, in their order."""
    return [one for one in known if one.parent_id == parent]


def same_name(
    known: Sequence[Category], name: str, parent: UUID | None, but: UUID | None = None
) -> Category | None:
    """Return the category that is called that in the same place, letters of either case."""
    folded = name.casefold()
    for one in siblings(known, parent):
        if one.id != but and called(one).casefold() == folded:
            return one
    return None


def in_order(known: Sequence[Category]) -> list[UUID]:
    """Return the ids in the order to show: each group, then what is in it."""
    return [
        one.id for group in siblings(known, None) for one in (group, *siblings(known, group.id))
    ]


def placed(known: Sequence[Category], moved: Category, before: UUID | None) -> list[UUID]:
    """Return the order to show once a category stands before another beside it, or last."""
    beside = [one for one in siblings(known, moved.parent_id) if one.id != moved.id]
    at = next((n for n, one in enumerate(beside) if one.id == before), len(beside))
    beside.insert(at, moved)
    others = [one for one in known if one.parent_id != moved.parent_id]
    return in_order([*others, *beside])


def with_all_inside(known: Iterable[Category], category: UUID) -> list[UUID]:
    """Return a category's id and those of all that is in it."""
    return [category, *(one.id for one in known if one.parent_id == category)]
