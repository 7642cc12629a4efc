"""The commands ``categories``: see the tree, make, rename, move, order, remove, bring back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from strongroom.core import ids, terminal
from strongroom.core.ids import CategoryId
from strongroom.transactions import own_categories
from strongroom.transactions.labels import category_label
from strongroom.transactions.own_categories import Branch, Leaf, Tree
from strongroom.transactions.service import CategoryNotFound
from strongroom.transactions.types import Category, Kind

app = typer.Typer(
    no_args_is_help=True, help="Your categories: list, add, rename, move, order, remove."
)
Which = Annotated[str, typer.Argument(help="Its id (cat_…), key or name.")]


@app.command("list")
def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List groups and the categories in them, with how many transactions each has."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session))


async def _list(session: terminal.Session) -> None:
    async with session.work() as (db, owner):
        tree = await own_categories.list_tree(db, owner=owner)
    if session.as_json:
        session.print_json(
            {
                "groups": [_branch_json(branch) for branch in tree.branches],
                "removed": [
                    {**_json(one.category), "goes_to": ids.show("cat", one.goes_to)}
                    for one in tree.removed
                ],
            }
        )
        return
    rows: list[tuple[object, ...]] = []
    for branch in tree.branches:
        rows.append((_called(branch.group), branch.group.category.kind, branch.rows, _id(branch)))
        rows += [(f"  {_called(leaf)}", "", leaf.rows, _id(leaf)) for leaf in branch.inside]
    session.print_table(["Category", "Counts as", ">Transactions", "Id"], rows)
    if tree.removed:
        names = ", ".join(
            category_label(one.category.key, one.category.name) for one in tree.removed
        )
        session.say(f"Removed: {names}.")


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    group: Annotated[
        str | None, typer.Option(help="The group that it is in; without it, it is one.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="What a group counts as; spending otherwise.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Make a category in a group, or a group."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Category:
        async with session.work() as (db, owner):
            tree = await own_categories.list_tree(db, owner=owner)
            return await own_categories.create(
                db, owner=owner, name=name, parent_id=None if group is None else find(tree, group),
                kind=kind, now=session.now(), actor="cli",
            )  # fmt: skip

    _told(session, session.run(work()), "is there now")


@app.command()
def rename(
    ctx: typer.Context,
    category: Which,
    name: Annotated[str, typer.Argument(help="Its new name; empty: a default one's own.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Call a category something else."""
    session = terminal.session(ctx, json=json, person=person)
    changed = _do(session, own_categories.rename, category, {"name": name})
    _told(session, changed, "is its name now")


@app.command()
def move(
    ctx: typer.Context,
    category: Which,
    group: Annotated[
        str | None, typer.Option("--to", help="The group; without it, it becomes one.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Put a category into another group, where it counts as that does."""
    session = terminal.session(ctx, json=json, person=person)
    changed = _do(session, own_categories.move, category, {"parent_id": group})
    _told(session, changed, "is moved")


@app.command()
def place(
    ctx: typer.Context,
    category: Which,
    before: Annotated[
        str | None, typer.Option(help="The one that it is to stand before; last otherwise.")
    ] = None,
    person: terminal.AsPerson = None,
) -> None:
    """Order a category among those beside it."""
    session = terminal.session(ctx, person=person)
    _do(session, own_categories.place, category, {"before": before})
    session.say("It stands there now.")


@app.command()
def kind(
    ctx: typer.Context,
    category: Which,
    kind: Annotated[Kind, typer.Argument(help="What the group counts as.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Let a group and all in it count as income, spending or transfer."""
    session = terminal.session(ctx, json=json, person=person)
    changed = _do(session, own_categories.set_kind, category, {"kind": kind})
    _told(session, changed, f"counts as {kind.value} now")


@app.command()
def remove(
    ctx: typer.Context,
    category: Which,
    into: Annotated[str | None, typer.Option(help="Where its transactions go.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Do away with a category and all in it; transactions go into another one."""
    session = terminal.session(ctx, json=json, person=person)
    moved = _do(session, own_categories.remove, category, {"into": into})
    if session.as_json:
        session.print_json({"moved": moved})
    session.say(f"It is gone; {moved} transactions are elsewhere now.")


@app.command()
def restore(
    ctx: typer.Context,
    category: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Bring a category back that was removed; its transactions stay where they went."""
    session = terminal.session(ctx, json=json, person=person)
    _told(session, _do(session, own_categories.bring_back, category, {}), "is back")


_OTHERS = ("parent_id", "before", "into")


def _do(
    session: terminal.Session,
    verb: Callable[..., Awaitable[Any]],
    which: str,
    facts: dict[str, Any],
) -> Any:
    """Call a verb on the category that is meant; other categories in ``facts`` are texts, too."""

    async def work() -> Any:
        async with session.work() as (db, owner):
            tree = await own_categories.list_tree(db, owner=owner)
            told = {
                name: find(tree, fact) if name in _OTHERS and fact is not None else fact
                for name, fact in facts.items()
            }
            gone = verb is own_categories.bring_back
            return await verb(
                db, owner=owner, category_id=find(tree, which, gone=gone), **told,
                now=session.now(), actor="cli",
            )  # fmt: skip

    return session.run(work())


def find(tree: Tree, text: str, *, gone: bool = False) -> CategoryId:
    """Return the category that an id, a key or a name means. Raises ``CategoryNotFound``."""
    known = [leaf.category for branch in tree.branches for leaf in (branch.group, *branch.inside)]
    if gone:
        known = [one.category for one in tree.removed]
    exact = [one for one in known if text in (ids.show("cat", one.id), one.key)]
    folded = text.casefold()
    found = exact or [
        one for one in known if category_label(one.key, one.name).casefold() == folded
    ]
    if len(found) > 1:
        raise CategoryNotFound(
            f"Several categories are called {text!r}.",
            hint="Name one by its id: strongroom categories list",
        )
    if found:
        return found[0].id
    raise CategoryNotFound(
        f"There is no category {text!r}.", hint="See them with: strongroom categories list"
    )


def _told(session: terminal.Session, one: Category, says: str) -> None:
    if session.as_json:
        session.print_json(_json(one))
    session.say(f"{category_label(one.key, one.name)} {says}.")


def _called(leaf: Leaf) -> str:
    return category_label(leaf.category.key, leaf.category.name)


def _id(one: Branch | Leaf) -> str:
    category = one.group.category if isinstance(one, Branch) else one.category
    return ids.show("cat", category.id)


def _branch_json(branch: Branch) -> dict[str, Any]:
    inside = [{**_json(leaf.category), "rows": leaf.rows} for leaf in branch.inside]
    return {**_json(branch.group.category), "rows": branch.rows, "categories": inside}


def _json(one: Category) -> dict[str, Any]:
    return {
        "id": ids.show("cat", one.id),
        "parent": None if one.parent_id is None else ids.show("cat", one.parent_id),
        "key": one.key,
        "name": one.name,
        "kind": one.kind.value,
    }
