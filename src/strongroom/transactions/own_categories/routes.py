"""A person's tree of categories as JSON: look at it, make, change, do away with, bring back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import CategoryId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import own_categories
from strongroom.transactions.own_categories import Leaf, Removed
from strongroom.transactions.service import CategoryNotFound, categories
from strongroom.transactions.types import Category, Kind

router = APIRouter(tags=["categories"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
CategoryRef = Annotated[CategoryId, WireId("cat")]


class CategoryOut(BaseModel):
    """A category. ``parent`` is its group's id; a default one has a ``key``.

    ``name`` is what its person called it, null where a default one has its own name.
    """

    id: CategoryRef
    parent: CategoryRef | None
    key: str | None
    name: str | None
    kind: str

    @classmethod
    def of(cls, category: Category) -> CategoryOut:
        """Return the category as it stands in JSON."""
        return cls(
            id=category.id,
            parent=category.parent_id,
            key=category.key,
            name=category.name,
            kind=category.kind,
        )


class CategoryInTree(CategoryOut):
    """A category and how many rows, and parts of split rows, are in it."""

    rows: int
    needed: bool

    @classmethod
    def of_leaf(cls, leaf: Leaf) -> CategoryInTree:
        """Return the category with its count."""
        told = CategoryOut.of(leaf.category).model_dump(mode="python")
        return cls(**told, rows=leaf.rows, needed=leaf.needed)


class GroupOut(BaseModel):
    """A group with the categories in it, in the order to show. ``rows`` counts all of them."""

    group: CategoryInTree
    categories: list[CategoryInTree]
    rows: int


class RemovedCategory(CategoryOut):
    """A category that was done away with, and the one that took its place."""

    goes_to: CategoryRef

    @classmethod
    def of_removed(cls, one: Removed) -> RemovedCategory:
        """Return it as it stands in JSON."""
        told = CategoryOut.of(one.category).model_dump(mode="python")
        return cls(**told, goes_to=one.goes_to)


class CategoryTree(BaseModel):
    """All categories, and those that were done away with, the latest first."""

    groups: list[GroupOut]
    removed: list[RemovedCategory]


class NewCategory(BaseModel):
    """A category to make. ``parent`` is a group's id or key; without one it is a group."""

    model_config = ConfigDict(extra="forbid")

    name: str
    parent: str | None = None
    kind: Kind | None = None


class CategoryChange(BaseModel):
    """What to change; what is left out stays.

    ``parent`` is a group's id or key, null to make it a group; ``before`` the id or key of one
    beside it that it is to stand before, null to be the last; ``name`` empty gives a default one
    its own name again.
    """

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    parent: str | None = None
    kind: Kind | None = None
    before: str | None = None


class CategoryGone(BaseModel):
    """How many rows, and parts of rows, went into the other category."""

    moved: int


@router.get("/categories/tree", summary="See your categories with their rows")
async def get_tree(caller: Reader) -> CategoryTree:
    """Return groups with what is in them, how many rows each has, and what was removed."""
    async with caller.unit_of_work() as db:
        tree = await own_categories.list_tree(db, owner=caller.owner)
    return CategoryTree(
        groups=[
            GroupOut(
                group=CategoryInTree.of_leaf(branch.group),
                categories=[CategoryInTree.of_leaf(leaf) for leaf in branch.inside],
                rows=branch.rows,
            )
            for branch in tree.branches
        ],
        removed=[RemovedCategory.of_removed(one) for one in tree.removed],
    )


@router.post("/categories", status_code=201, summary="Make a category")
async def create_category(caller: Writer, asked: AskedOnce, new: NewCategory) -> CategoryOut:
    """Make a category or a group of your own. Takes an Idempotency-Key."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        made = await own_categories.create(
            db,
            owner=caller.owner,
            name=new.name,
            parent_id=await named(db, caller, new.parent, "parent"),
            kind=new.kind,
            now=caller.now,
            actor=caller.actor,
        )
        return turn.answer(CategoryOut.of(made), status=201)  # type: ignore[return-value]


@router.patch("/categories/{category_id}", summary="Rename, move or order a category")
async def change_category(
    caller: Writer, category_id: CategoryRef, change: CategoryChange
) -> CategoryOut:
    """Change what is given: all of it or nothing."""
    given = change.model_fields_set
    facts: dict[str, Any] = {"owner": caller.owner, "category_id": category_id}
    facts |= {"now": caller.now, "actor": caller.actor}
    async with caller.unit_of_work() as db:
        if "name" in given:
            await own_categories.rename(db, **facts, name=change.name or "")
        if "parent" in given:
            parent = await named(db, caller, change.parent, "parent")
            await own_categories.move(db, **facts, parent_id=parent)
        if change.kind is not None:
            await own_categories.set_kind(db, **facts, kind=change.kind)
        if "before" in given:
            before = await named(db, caller, change.before, "before")
            await own_categories.place(db, **facts, before=before)
        return CategoryOut.of(await _get(db, caller, category_id))


@router.delete("/categories/{category_id}", summary="Do away with a category")
async def remove_category(
    caller: Writer,
    category_id: CategoryRef,
    into: Annotated[str, Query(description="Where its rows go: an id or a key")] = "",
) -> CategoryGone:
    """Remove a category and all in it; rows, and what banks would put there, go to ``into``."""
    async with caller.unit_of_work() as db:
        moved = await own_categories.remove(
            db,
            owner=caller.owner,
            category_id=category_id,
            into=await named(db, caller, into or None, "into"),
            now=caller.now,
            actor=caller.actor,
        )
    return CategoryGone(moved=moved)


@router.post("/categories/{category_id}/restore", summary="Bring a category back")
async def restore_category(caller: Writer, category_id: CategoryRef) -> CategoryOut:
    """Show a category again that was removed; its rows stay where they went."""
    async with caller.unit_of_work() as db:
        back = await own_categories.bring_back(
            db,
            owner=caller.owner,
            category_id=category_id,
            now=caller.now,
            actor=caller.actor,
        )
    return CategoryOut.of(back)


async def named(db: Db, caller: identity.Caller, text: str | None, field: str) -> CategoryId | None:
    """Return the category that an id or a key names. Raises ``CategoryNotFound``."""
    if text is None:
        return None
    for one in await categories(db, owner=caller.owner):
        if text in (one.key, ids.show("cat", one.id)):
            return one.id
    raise CategoryNotFound("There is no such category.", field=field)


async def _get(db: Db, caller: identity.Caller, category_id: CategoryId) -> Category:
    for one in await categories(db, owner=caller.owner):
        if one.id == category_id:
            return one
    raise CategoryNotFound("There is no such category.", field="category")
