"""The verbs of tags: put on, take off, rename, remove. Each is one act, in the journal as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.transactions import journal, marking, totals
from strongroom.transactions.marking import Marked
from strongroom.transactions.service import TransactionNotFound
from strongroom.transactions.tags import queries, rules
from strongroom.transactions.tags.types import Hand, Tag, TagId, TagUse
from strongroom.ui import N_
from strongroom.ui import gettext as _


class TagNotFound(NotFound):
    """No tag of yours has that id."""


class TagExists(Conflict):
    """Another tag of yours has that name."""


class TagIsNoName(Refused):
    """A tag is empty, too long or has a comma in it."""


class TooManyTags(Refused):
    """A row would have more tags than it may."""


async def list_tags(db: Db, *, owner: UserId) -> list[TagUse]:
    """Return the owner's tags by name, with how many rows have each."""
    return [TagUse(TagId(one.id), one.name, one.rows) for one in await queries.uses(db, owner)]


async def names(db: Db, *, owner: UserId) -> list[str]:
    """Return what the owner's tags are called, in order."""
    return await queries.names(db, owner)


async def tags_of(
    db: Db, *, owner: UserId, transaction_ids: Sequence[TransactionId]
) -> Mapping[UUID, Sequence[Tag]]:
    """Return the tags of rows by name; rows that have none are left out."""
    return await queries.of_rows(db, owner, transaction_ids)


async def set_tags(
    db: Db,
    *,
    owner: UserId,
    transaction_id: TransactionId,
    names: Iterable[str],
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> Sequence[Tag]:
    """Let a row have exactly these tags, making those that are new; return them.

    Raises ``TransactionNotFound``, ``TagIsNoName`` and ``TooManyTags``.
    """
    wanted = _checked(names)
    await _begin(db, owner, [transaction_id], now, edit_id)
    held = (await queries.of_rows(db, owner, [transaction_id])).get(transaction_id, [])
    kept = await queries.find(db, owner, wanted)
    gone = [one.id for one in held if one.id not in kept]
    changed = await _change(db, owner, [transaction_id], wanted, gone, "person", now)
    await _record(db, owner, "tag", actor, changed, now)
    return (await queries.of_rows(db, owner, [transaction_id])).get(transaction_id, [])


async def change_tags(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: Sequence[TransactionId],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> int:
    """Put tags on many rows and take others off; return how many rows changed.

    Raises ``TransactionNotFound``, ``TagIsNoName`` and ``TooManyTags``; then none was changed.
    """
    names = _checked(add)
    await _begin(db, owner, transaction_ids, now, edit_id)
    gone = await queries.find(db, owner, [rules.clean(name) for name in remove])
    changed = await _change(db, owner, transaction_ids, names, gone, "person", now)
    await _record(db, owner, "tag", actor, changed, now)
    return len(changed)


async def tag_by_rule(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: Sequence[TransactionId],
    names: Iterable[str],
    now: datetime,
) -> Sequence[UUID]:
    """Put tags on rows by a rule's hand; return the rows that changed.

    The caller took its turn and told the journal of the rule. A row that is full stays as it is.
    Raises ``TagIsNoName``.
    """
    wanted = _checked(names)
    held = await queries.of_rows(db, owner, transaction_ids)
    room = [
        one for one in transaction_ids
        if len(held.get(one, [])) + len(wanted) <= rules.MOST_OF_A_ROW
    ]  # fmt: skip
    return await _change(db, owner, room, wanted, [], "rule", now)


async def rename_tag(
    db: Db, *, owner: UserId, tag_id: TagId, name: str, now: datetime, actor: str = "person"
) -> TagUse:
    """Call a tag something else everywhere.

    Raises ``TagNotFound``, ``TagIsNoName``, and ``TagExists`` where another is called that.
    """
    wanted = _checked([name])
    if not wanted:
        raise _no_name(name)
    await totals.take_turn(db, owner)
    if any(one != tag_id for one in await queries.find(db, owner, wanted)):
        raise TagExists(_("Another tag is called “%(name)s”.", name=wanted[0]), field="name")
    if not await queries.rename(db, owner, tag_id, wanted[0]):
        raise TagNotFound(N_("There is no such tag."))
    await audit.record(
        db, owner=owner, actor=actor, action="transactions.rename_tag", resource_type="tag",
        resource_id=str(tag_id), now=now,
    )  # fmt: skip
    return next(one for one in await list_tags(db, owner=owner) if one.id == tag_id)


async def remove_tag(
    db: Db,
    *,
    owner: UserId,
    tag_id: TagId,
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> int:
    """Delete a tag, and it from every row; return from how many. Raises ``TagNotFound``."""
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=edit_id or new_id())
    rows = await queries.rows_with(db, owner, tag_id)
    changed = await _change(db, owner, rows, [], [tag_id], "person", now)
    if not await queries.remove(db, owner, tag_id):
        raise TagNotFound(N_("There is no such tag."))
    await audit.record(
        db, owner=owner, actor=actor, action="transactions.remove_tag", resource_type="tag",
        resource_id=str(tag_id), details={"count": len(changed)}, now=now,
    )  # fmt: skip
    return len(changed)


async def _begin(
    db: Db, owner: UserId, rows: Sequence[TransactionId], now: datetime, edit_id: UUID | None
) -> None:
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=edit_id or new_id())
    if await marking.missing(db, owner, rows):
        raise TransactionNotFound("There is no such transaction.")


async def _change(
    db: Db,
    owner: UserId,
    rows: Sequence[UUID],
    names: Sequence[str],
    gone: Sequence[UUID],
    hand: Hand,
    now: datetime,
) -> list[UUID]:
    """Put tags on and take others off; write down the rows that are otherwise now."""
    before = await queries.of_rows(db, owner, rows)
    if gone:
        await queries.take_off(db, owner, rows, gone)
    if names:
        await queries.make(db, owner, names, now)
        found = await queries.find(db, owner, names)
        await queries.put_on(db, owner, rows, found, hand)
    after = await queries.of_rows(db, owner, rows)
    if any(len(found) > rules.MOST_OF_A_ROW for found in after.values()):
        raise TooManyTags(
            _("A transaction has at most %(most)s tags.", most=rules.MOST_OF_A_ROW), field="tags"
        )
    changes = [
        Marked(row, {"tags": was}, {"tags": is_now})
        for row in dict.fromkeys(rows)
        if (was := [one.name for one in before.get(row, [])])
        != (is_now := [one.name for one in after.get(row, [])])
    ]
    await marking.write_down(db, owner, changes)
    changed = [one.transaction_id for one in changes]
    if hand == "person":
        await marking.touch(db, owner, changed, now)
    return changed


def _checked(names: Iterable[str]) -> list[str]:
    wanted = rules.once(rules.clean(name) for name in names)
    for name in wanted:
        if not rules.is_name(name):
            raise _no_name(name)
    return wanted


def _no_name(name: str) -> TagIsNoName:
    return TagIsNoName(
        _("“%(name)s” cannot be a tag.", name=name[: rules.LONGEST]),
        field="tags",
        hint=_("A tag has 1 to %(most)s characters and no comma.", most=rules.LONGEST),
    )


async def _record(
    db: Db, owner: UserId, verb: str, actor: str, changed: Sequence[UUID], now: datetime
) -> None:
    if not changed:
        return
    only = str(changed[0]) if len(changed) == 1 else None
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transaction",
        resource_id=only,
        details=None if only else {"count": len(changed)},
        now=now,
    )
