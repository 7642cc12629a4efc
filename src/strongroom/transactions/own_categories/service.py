"""The verbs of a person's tree of categories: each leaves two levels, and names that differ."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, Refused
from strongroom.core.ids import CategoryId, UserId, new_id
from strongroom.transactions import journal, totals
from strongroom.transactions.own_categories import queries, removing, rules
from strongroom.transactions.own_categories.types import Branch, Leaf, Removed, Tree
from strongroom.transactions.rules import OTHER_INCOME, UNCATEGORISED
from strongroom.transactions.service import CategoryNotFound, categories
from strongroom.transactions.types import Category, Kind
from strongroom.ui import N_
from strongroom.ui import gettext as _


class BadCategory(Refused):
    """A category cannot be called that, stand there, or count as that."""


class CategoryExists(Conflict):
    """Another category in the same place has that name."""


class CategoryIsNeeded(Refused):
    """The book cannot do without this category."""


class NeedsAnother(Refused):
    """A category has rows, or a bank may send some: it must be said where they go."""


async def list_tree(db: Db, *, owner: UserId) -> Tree:
    """Return the owner's categories in the order to show, with how many rows each has."""
    known = await categories(db, owner=owner)
    used = await queries.uses(db, owner)

    def leaf(one: Category) -> Leaf:
        return Leaf(one, used.get(one.id, 0), rules.is_needed(one))

    gone = await queries.removed(db, owner)
    return Tree(
        branches=[
            Branch(leaf(group), [leaf(one) for one in rules.siblings(known, group.id)])
            for group in rules.siblings(known, None)
        ],
        removed=[Removed(_value(row), CategoryId(row.goes_to), row.removed_at) for row in gone],
    )


async def create(
    db: Db,
    *,
    owner: UserId,
    name: str,
    parent_id: CategoryId | None = None,
    kind: Kind | None = None,
    now: datetime,
    actor: str = "person",
) -> Category:
    """Make a category in a group, or a group; the last in its place.

    In a group it counts as the group does; a group is spending unless told otherwise. Raises
    ``BadCategory``, ``CategoryExists`` and ``CategoryNotFound``.
    """
    known = await _known(db, owner)
    if len(known) >= rules.MOST:
        raise BadCategory(_("There are %(most)s categories at most.", most=rules.MOST))
    parent = None if parent_id is None else _group(known, parent_id)
    if parent is not None and kind not in (None, parent.kind):
        raise _kind_of_group()
    made = Category(
        id=CategoryId(new_id()),
        parent_id=parent_id,
        key=None,
        name=_name(known, name, parent_id),
        kind=parent.kind if parent is not None else kind or Kind.SPENDING,
    )
    values = {"id": made.id, "parent_id": parent_id, "name": made.name, "kind": made.kind.value}
    await queries.add(db, owner, values)
    await queries.number(db, owner, rules.in_order([*known, made]))
    await _record(db, owner, "create_category", actor, made.id, now)
    return made


async def rename(
    db: Db,
    *,
    owner: UserId,
    category_id: CategoryId,
    name: str,
    now: datetime,
    actor: str = "person",
) -> Category:
    """Call a category something else; a default one without a name has its own again.

    Raises ``CategoryNotFound``, ``BadCategory`` and ``CategoryExists``.
    """
    known = await _known(db, owner)
    one = _one(known, category_id)
    own = replace(one, name=None)
    reset = one.key is not None and rules.clean(name) in ("", rules.called(own))
    wanted = None if reset else _name(known, name, one.parent_id, but=one.id)
    if reset and rules.same_name(known, rules.called(own), one.parent_id, but=one.id):
        raise _exists(rules.called(own))
    if await queries.rename(db, owner, category_id, wanted):
        await _record(db, owner, "rename_category", actor, category_id, now)
    return replace(one, name=wanted)


async def move(
    db: Db,
    *,
    owner: UserId,
    category_id: CategoryId,
    parent_id: CategoryId | None,
    now: datetime,
    actor: str = "person",
) -> Category:
    """Put a category into another group, where it counts as that does; None makes it a group.

    It stands last there. Raises ``CategoryNotFound``, ``CategoryExists``, ``CategoryIsNeeded``
    where it would count as something else and must not, and ``BadCategory`` for a third level.
    """
    known = await _known(db, owner)
    one = _one(known, category_id)
    if one.parent_id == parent_id:
        return one
    parent = None if parent_id is None else _group(known, parent_id)
    if parent is not None and (parent.id == one.id or rules.siblings(known, one.id)):
        raise BadCategory(
            _("“%(name)s” has categories in it, and there are two levels.", name=rules.called(one)),
            field="parent",
            hint=_("Move those elsewhere first."),
        )
    kind = one.kind if parent is None else parent.kind
    if kind != one.kind and rules.is_needed(one):
        raise _needed(one)
    if rules.same_name(known, rules.called(one), parent_id, but=one.id):
        raise _exists(rules.called(one))
    moved = replace(one, parent_id=parent_id, kind=kind)
    await queries.hang(db, owner, category_id, parent_id, kind.value)
    others = [other for other in known if other.id != one.id]
    await queries.number(db, owner, rules.in_order([*others, moved]))
    await _record(db, owner, "move_category", actor, category_id, now)
    return moved


async def place(
    db: Db,
    *,
    owner: UserId,
    category_id: CategoryId,
    before: CategoryId | None,
    now: datetime,
    actor: str = "person",
) -> None:
    """Put a category before another one beside it, or last. Raises ``CategoryNotFound``."""
    known = await _known(db, owner)
    one = _one(known, category_id)
    if before is not None and before not in {
        other.id for other in rules.siblings(known, one.parent_id)
    }:
        raise CategoryNotFound(N_("There is no such category beside it."), field="before")
    if before == category_id:
        return
    await queries.number(db, owner, rules.placed(known, one, before))
    await _record(db, owner, "place_category", actor, category_id, now)


async def set_kind(
    db: Db,
    *,
    owner: UserId,
    category_id: CategoryId,
    kind: Kind,
    now: datetime,
    actor: str = "person",
) -> Category:
    """Let a group and all in it count as income, spending or transfer, also what was.

    Raises ``CategoryNotFound``, ``CategoryIsNeeded``, and ``BadCategory`` for one in a group,
    which counts as the group does.
    """
    known = await _known(db, owner)
    one = _one(known, category_id)
    if one.kind == kind:
        return one
    if one.parent_id is not None:
        raise _kind_of_group()
    inside = rules.siblings(known, one.id)
    for other in (one, *inside):
        if rules.is_needed(other):
            raise _needed(other)
    await queries.set_kind(db, owner, [one.id, *(other.id for other in inside)], kind.value)
    await _record(db, owner, "set_category_kind", actor, category_id, now)
    return replace(one, kind=kind)


async def remove(
    db: Db,
    *,
    owner: UserId,
    category_id: CategoryId,
    into: CategoryId | None,
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> int:
    """Do away with a category and all that is in it; their rows go into another. Return how many.

    What a bank would put there goes to that one, too, and so do rules. ``into`` may be left out
    for an empty category of a person's own. Raises ``CategoryNotFound``, ``CategoryIsNeeded`` and
    ``NeedsAnother``.
    """
    known = await _known(db, owner)
    one = _one(known, category_id)
    gone = rules.with_all_inside(known, category_id)
    for other in known:
        if other.id in gone and rules.is_needed(other):
            raise _needed(other)
    target = await _target(db, owner, known, one, gone, into)
    await journal.because(db, cause="person", now=now, edit_id=edit_id or new_id())
    moved = await removing.put_elsewhere(db, owner, gone, target, now)
    await queries.hide(db, owner, gone, target, now)
    await _record(db, owner, "remove_category", actor, category_id, now, rows=moved)
    return moved


async def bring_back(
    db: Db, *, owner: UserId, category_id: CategoryId, now: datetime, actor: str = "person"
) -> Category:
    """Show a category again that was done away with; its rows stay where they went.

    Without its group it becomes one. Raises ``CategoryNotFound`` and ``CategoryExists``.
    """
    known = await _known(db, owner)
    gone = {row.id: row for row in await queries.removed(db, owner)}
    if category_id not in gone:
        raise CategoryNotFound(N_("There is no such category."), field="category")
    one = _value(gone[category_id])
    parent = next((other for other in known if other.id == one.parent_id), None)
    back = replace(
        one,
        parent_id=None if parent is None else parent.id,
        kind=one.kind if parent is None else parent.kind,
    )
    if rules.same_name(known, rules.called(back), back.parent_id):
        raise _exists(rules.called(back))
    await queries.show_again(db, owner, category_id, back.parent_id)
    await queries.set_kind(db, owner, [category_id], back.kind.value)
    await queries.number(db, owner, rules.in_order([*known, back]))
    await _record(db, owner, "bring_back_category", actor, category_id, now)
    return back


async def revive(db: Db, *, owner: UserId, now: datetime, actor: str = "person") -> None:
    """Bring those removed categories back that have rows again, since an act was taken back.

    One whose name another has in its place by now stays out of sight.
    """
    groups = {row.id: row.parent_id for row in await queries.removed(db, owner)}
    again = await queries.removed_with_rows(db, owner)
    parents = [parent for one in again if (parent := groups[one]) is not None and parent in groups]
    for one in dict.fromkeys([*parents, *again]):
        with suppress(CategoryExists):
            await bring_back(db, owner=owner, category_id=CategoryId(one), now=now, actor=actor)


async def _target(
    db: Db,
    owner: UserId,
    known: Sequence[Category],
    one: Category,
    gone: Sequence[UUID],
    into: CategoryId | None,
) -> CategoryId:
    """Return where the rows of categories that go are put."""
    if into is not None:
        if into in gone:
            raise NeedsAnother(
                _("The rows cannot go into a category that goes away itself."), field="into"
            )
        return _one(known, into, field="into").id
    used = await queries.uses(db, owner)
    rows = sum(used.get(other, 0) for other in gone)
    if rows or any(other.key is not None for other in known if other.id in gone):
        raise NeedsAnother(
            _("Say which category takes the place of “%(name)s”.", name=rules.called(one)),
            field="into",
            hint=_("It has rows, or your banks may send some."),
        )
    key = OTHER_INCOME if one.kind == Kind.INCOME else UNCATEGORISED
    return next(other.id for other in known if other.key == key)


async def _known(db: Db, owner: UserId) -> list[Category]:
    """Return the categories as they stand until this unit of work ends."""
    await totals.take_turn(db, owner)
    return await categories(db, owner=owner)


def _one(known: Sequence[Category], category_id: UUID, field: str = "category") -> Category:
    for one in known:
        if one.id == category_id:
            return one
    raise CategoryNotFound(N_("There is no such category."), field=field)


def _group(known: Sequence[Category], parent_id: UUID) -> Category:
    parent = _one(known, parent_id, field="parent")
    if parent.parent_id is not None:
        raise BadCategory(
            _("“%(name)s” is in a group itself, and there are two levels.",
              name=rules.called(parent)),
            field="parent",
            hint=_("Choose its group instead."),
        )  # fmt: skip
    return parent


def _name(
    known: Sequence[Category], name: str, parent_id: UUID | None, but: UUID | None = None
) -> str:
    """Return a name that may be given. Raises ``BadCategory`` and ``CategoryExists``."""
    wanted = rules.clean(name)
    if not wanted:
        raise BadCategory(_("A category needs a name."), field="name")
    if len(wanted) > rules.LONGEST_NAME:
        raise BadCategory(
            _("A name has at most %(most)s characters.", most=rules.LONGEST_NAME), field="name"
        )
    if rules.same_name(known, wanted, parent_id, but=but):
        raise _exists(wanted)
    return wanted


def _exists(name: str) -> CategoryExists:
    return CategoryExists(
        _("There is a category “%(name)s” in that place already.", name=name), field="name"
    )


def _kind_of_group() -> BadCategory:
    return BadCategory(
        _("A category in a group counts as the group does."),
        field="kind",
        hint=_("Move it to a group of that kind."),
    )


def _needed(one: Category) -> CategoryIsNeeded:
    return CategoryIsNeeded(
        _("“%(name)s” must stay as it is: rows that belong nowhere else go there.",
          name=rules.called(one)),
        field="category",
        hint=_("You can rename it."),
    )  # fmt: skip


def _value(row: queries.RemovedRow) -> Category:
    return Category(
        id=CategoryId(row.id),
        parent_id=None if row.parent_id is None else CategoryId(row.parent_id),
        key=row.key,
        name=row.name,
        kind=Kind(row.kind),
    )


async def _record(
    db: Db,
    owner: UserId,
    verb: str,
    actor: str,
    category_id: UUID,
    now: datetime,
    rows: int | None = None,
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="category",
        resource_id=str(category_id),
        details=None if rows is None else {"rows": rows},
        now=now,
    )
