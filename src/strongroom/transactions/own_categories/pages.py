"""The page of a person's categories: the tree with its rows, and one category to change.

Every step is a form; nothing needs a script or a drag.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from strongroom import identity, ui
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import CategoryId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import own_categories
from strongroom.transactions.labels import category_label
from strongroom.transactions.own_categories import Branch, Leaf, Tree
from strongroom.transactions.service import CategoryNotFound
from strongroom.transactions.types import Kind
from strongroom.ui import N_
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
CategoryRef = Annotated[CategoryId, WireId("cat")]
Text = Annotated[str, Form()]
_HOME = "/settings/categories"
KINDS = {
    Kind.INCOME: N_("Income"),
    Kind.SPENDING: N_("Spending"),
    Kind.TRANSFER: N_("Transfers, which are neither"),
}


@router.get("/settings/categories")
async def overview(request: Request, caller: Reader) -> HTMLResponse:
    """Show the tree, a form for a new category, and what was done away with."""
    return await _overview(request, caller)


@router.post("/settings/categories")
async def create(
    request: Request, caller: Writer, name: Text = "", parent: Text = "", kind: Text = ""
) -> Response:
    """Make a category; what is wrong with it is shown beside the form."""
    try:
        async with caller.unit_of_work() as db:
            made = await own_categories.create(
                db,
                owner=caller.owner,
                name=name,
                parent_id=_id(parent),
                kind=None if parent or kind not in list(Kind) else Kind(kind),
                now=caller.now,
                actor=caller.actor,
            )
    except StrongroomError as error:
        return await _overview(request, caller, error, name=name, parent=parent, kind=kind)
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(name)s is there now.", name=made.name or "")
    # The row itself: there the next Tab goes on.
    return redirect(f"{_HOME}#{ids.show('cat', made.id)}", toast=toast)


@router.get("/settings/categories/{category_id}")
async def look(request: Request, caller: Reader, category_id: CategoryRef) -> HTMLResponse:
    """Show one category with what can be done to it."""
    return await _one(request, caller, category_id)


@router.post("/settings/categories/{category_id}/rename")
async def rename(
    request: Request, caller: Writer, category_id: CategoryRef, name: Text = ""
) -> Response:
    """Call a category something else."""
    return await _do(
        request, caller, category_id, own_categories.rename, N_("Saved."), {"name": name}
    )


@router.post("/settings/categories/{category_id}/move")
async def move(
    request: Request, caller: Writer, category_id: CategoryRef, parent: Text = ""
) -> Response:
    """Put a category into another group, or make it one."""
    facts = {"parent_id": _id(parent)}
    return await _do(request, caller, category_id, own_categories.move, N_("Moved."), facts)


@router.post("/settings/categories/{category_id}/kind")
async def set_kind(
    request: Request, caller: Writer, category_id: CategoryRef, kind: Text = ""
) -> Response:
    """Let a group count as something else."""
    facts = {"kind": Kind(kind) if kind in list(Kind) else Kind.SPENDING}
    return await _do(request, caller, category_id, own_categories.set_kind, N_("Saved."), facts)


@router.post("/settings/categories/{category_id}/place")
async def place(
    caller: Writer, category_id: CategoryRef, to: Text = "up", here: Text = ""
) -> Response:
    """Move a category one place up or down among those beside it; ``here`` is its own page."""
    ref = ids.show("cat", category_id)
    where = f"{_HOME}/{ref}#order" if here else f"{_HOME}#{ref}"
    async with caller.unit_of_work() as db:
        tree = await own_categories.list_tree(db, owner=caller.owner)
        beside = [leaf.category.id for leaf in _beside(tree, category_id)]
        at = beside.index(category_id)
        if to == "up" and at:
            before: CategoryId | None = beside[at - 1]
        elif to == "down" and at + 1 < len(beside):
            before = beside[at + 2] if at + 2 < len(beside) else None
        else:
            return redirect(where)
        await own_categories.place(
            db,
            owner=caller.owner,
            category_id=category_id,
            before=before,
            now=caller.now,
            actor=caller.actor,
        )
    return redirect(where)


@router.post("/settings/categories/{category_id}/remove")
async def remove(
    request: Request, caller: Writer, category_id: CategoryRef, into: Text = ""
) -> Response:
    """Do away with a category, its rows going where the form says."""
    facts = {"into": _id(into)}
    return await _do(
        request, caller, category_id, own_categories.remove, N_("Removed."), facts, home=True
    )


@router.post("/settings/categories/{category_id}/restore")
async def restore(request: Request, caller: Writer, category_id: CategoryRef) -> Response:
    """Bring a category back."""
    facts: dict[str, Any] = {"owner": caller.owner, "now": caller.now, "actor": caller.actor}
    try:
        async with caller.unit_of_work() as db:
            await own_categories.bring_back(db, category_id=category_id, **facts)
    except StrongroomError as error:
        return await _overview(request, caller, error)
    return _back(request, N_("It is back."), _HOME)


async def _do(
    request: Request,
    caller: identity.Caller,
    category_id: CategoryId,
    verb: Callable[..., Awaitable[object]],
    done: str,
    facts: dict[str, Any],
    *,
    home: bool = False,
) -> Response:
    """Call a verb on a category; show its page again with what is wrong."""
    common = {"owner": caller.owner, "category_id": category_id}
    try:
        async with caller.unit_of_work() as db:
            await verb(db, **common, **facts, now=caller.now, actor=caller.actor)
    except CategoryNotFound:
        raise
    except StrongroomError as error:
        return await _one(request, caller, category_id, error, given=facts)
    where = _HOME if home else f"{_HOME}/{ids.show('cat', category_id)}"
    return _back(request, done, where)


async def _overview(
    request: Request,
    caller: identity.Caller,
    error: StrongroomError | None = None,
    **given: str,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        tree = await own_categories.list_tree(db, owner=caller.owner)
    return render(
        request,
        "transactions/categories.html",
        status=200 if error is None else error.status,
        nav="settings",
        tree=tree,
        names=_names(tree),
        label=category_label,
        kinds=KINDS,
        error=error,
        given=given,
    )


async def _one(
    request: Request,
    caller: identity.Caller,
    category_id: CategoryId,
    error: StrongroomError | None = None,
    given: dict[str, Any] | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        branch, leaf, tree = await _find(db, caller, category_id)
    is_group = branch.group.category.id == category_id
    gone = {leaf.category.id, *(one.category.id for one in branch.inside if is_group)}
    return render(
        request,
        "transactions/category.html",
        status=200 if error is None else error.status,
        nav="settings",
        tree=tree,
        branch=branch,
        leaf=leaf,
        one=leaf.category,
        is_group=is_group,
        rows=branch.rows if is_group else leaf.rows,
        others=_others(tree, gone),
        label=category_label,
        kinds=KINDS,
        error=error,
        given=given or {},
    )


async def _find(
    db: Db, caller: identity.Caller, category_id: CategoryId
) -> tuple[Branch, Leaf, Tree]:
    tree = await own_categories.list_tree(db, owner=caller.owner)
    for branch in tree.branches:
        for leaf in (branch.group, *branch.inside):
            if leaf.category.id == category_id:
                return branch, leaf, tree
    raise CategoryNotFound("There is no such category.", field="category")


def _beside(tree: Tree, category_id: CategoryId) -> list[Leaf]:
    groups = [branch.group for branch in tree.branches]
    for beside in (groups, *(list(branch.inside) for branch in tree.branches)):
        if any(leaf.category.id == category_id for leaf in beside):
            return beside
    raise CategoryNotFound("There is no such category.", field="category")


def _others(tree: Tree, gone: set[CategoryId]) -> list[tuple[Leaf, list[Leaf]]]:
    """Return the groups and what is in them that may take rows of those that go."""
    return [
        (branch.group, [leaf for leaf in branch.inside if leaf.category.id not in gone])
        for branch in tree.branches
        if branch.group.category.id not in gone
    ]


def _names(tree: Tree) -> dict[CategoryId, str]:
    return {
        leaf.category.id: category_label(leaf.category.key, leaf.category.name)
        for branch in tree.branches
        for leaf in (branch.group, *branch.inside)
    }


def _id(text: str) -> CategoryId | None:
    return CategoryId(ids.parse("cat", text)) if text else None


def _back(request: Request, done: str, where: str) -> Response:
    with ui.using(request.state.preferences):
        return redirect(where, toast=ui.gettext(done))
