"""Making a tree of categories as a book tells it, where nothing is in it yet.

Takes what makes a tree of two levels, and else nothing: a file may say anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, UserId
from strongroom.transactions.own_categories import queries, rules
from strongroom.transactions.service import categories
from strongroom.transactions.types import Category, Kind


@dataclass(frozen=True, slots=True)
class Told:
    """A category as a book tells it, by our ids. ``name`` of a default is what a person gave it."""

    id: CategoryId
    parent_id: CategoryId | None
    key: str | None
    name: str | None
    kind: str
    goes_to: CategoryId | None


async def arrange(db: Db, owner: UserId, told: Sequence[Told], now: datetime) -> None:
    """Let the tree be as it is told; what the book does not tell of comes after.

    Nothing changes where there is a row already, where that would be no tree, or without a
    category that is needed.
    """
    if await queries.has_any(db, owner):
        return
    known = {one.id: one for one in await categories(db, owner=owner)}
    gone = {one.id: one.goes_to for one in told if one.goes_to is not None and one.key is not None}
    told = [one for one in told if one.id in known]
    live = [_as_told(known[one.id], one) for one in told if one.id not in gone]
    names = {one.id for one in told}
    tree = [*live, *(one for one in known.values() if one.id not in names)]
    if not _is_tree(tree, known, gone):
        return
    for one in live:
        was = known[one.id]
        if (one.parent_id, one.kind) != (was.parent_id, was.kind):
            await queries.hang(db, owner, one.id, one.parent_id, one.kind.value)
        if one.name != was.name:
            await queries.rename(db, owner, one.id, one.name)
    await queries.number(db, owner, rules.in_order(tree))
    for category_id, into in gone.items():
        await queries.hide(db, owner, [category_id], into, now)


def _as_told(known: Category, told: Told) -> Category:
    kind = Kind(told.kind) if told.kind in list(Kind) else known.kind
    name = told.name or (None if known.key is not None else known.name)
    return replace(known, parent_id=told.parent_id, kind=kind, name=name)


def _is_tree(
    tree: Sequence[Category],
    known: dict[CategoryId, Category],
    gone: dict[CategoryId, CategoryId],
) -> bool:
    """Return whether it has two levels of one kind each, names that differ, and what is needed."""
    groups = {one.id: one for one in tree if one.parent_id is None}
    live = {one.id for one in tree}
    inside = [one for one in tree if one.parent_id is not None]
    places = [(one.parent_id, rules.called(one).casefold()) for one in tree]
    needed = [one for one in known.values() if rules.is_needed(one)]
    kinds = {one.id: one.kind for one in tree}
    return (
        all(one.parent_id in groups and kinds[one.parent_id] == one.kind for one in inside)
        and len(places) == len(set(places))
        and all(kinds.get(one.id) == one.kind for one in needed)
        and all(into in live for into in gone.values())
    )
