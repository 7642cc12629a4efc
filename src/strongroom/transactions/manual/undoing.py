"""Taking back a person's act, whatever rows it changed; and what happened to a row, and by whom.

Reads the journal that the database keeps. An act is taken back by another act, so that this can be
taken back as well. Facts that were changed again since are left as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from strongroom import accounts
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.core.money import Currency
from strongroom.transactions import (
    journal,
    matching,
    own_categories,
    refunds,
    splits,
    tags,
    totals,
)
from strongroom.transactions.manual import merging, queries
from strongroom.transactions.manual.editing import record
from strongroom.transactions.manual.entries import KEPT_FOR, take_out
from strongroom.transactions.manual.types import Act, Edit, HistoryLine, Verb
from strongroom.ui import gettext as _

_HIS_OWN = frozenset(
    "account_id day amount currency description merchant merchant_by category_id category_by note"
    " reviewed".split()
)
_MARKS = frozenset({"tags", "parts"})
_MOVE_SUMS = frozenset("account_id day amount".split())
_MOST_LINES = 200


class EditNotFound(NotFound):
    """No act of yours has that id."""


class AlreadyUndone(Conflict):
    """The act was taken back before."""


class ChangedSince(Conflict):
    """All that the act changed was changed again since."""


class NotUndoable(Refused):
    """The act cannot be taken back here, or not any more."""


async def undo(
    db: Db, *, owner: UserId, edit_id: UUID, now: datetime, actor: str = "person"
) -> Edit:
    """Take an act back; return the act that did, and how many rows it changed.

    Rows that were changed again since are left alone. Raises ``EditNotFound``, ``AlreadyUndone``,
    ``ChangedSince`` and ``NotUndoable``.
    """
    await totals.take_turn(db, owner)
    changes = await queries.changes_of(db, owner, edit_id)
    if not changes:
        raise EditNotFound(_("There is no such change."))
    back = new_id()
    if not await queries.mark_undone(db, owner, edit_id, back, now):
        raise AlreadyUndone(_("This was undone before."))
    await journal.because(db, cause="person", now=now, edit_id=back)
    merged = await merging.take_back(db, owner, edit_id, back, now)
    if merged is not None:
        if not merged:
            raise ChangedSince(_("One of the two rows is gone."))
        ids = sorted({TransactionId(one.transaction_id) for one in changes})
        await record(db, owner, "undo", actor, ids, now)
        await accounts.net_worth_changed(db, owner=owner)
        return Edit(back, merged)
    if not _is_undoable(changes):
        raise NotUndoable(_("This is undone where it was done: at its transfer, rule or split."))
    done = await _take_back(db, owner, edit_id, back, changes, now)
    if not done:
        raise ChangedSince(
            _("It was changed again since."),
            hint=_("Undo the later change first, or edit it by hand."),
        )
    await record(db, owner, "undo", actor, done, now)
    if any(_moves_sums(one) for one in changes):
        await accounts.net_worth_changed(db, owner=owner)
    return Edit(back, len(done))


async def history(db: Db, *, owner: UserId, transaction_id: TransactionId) -> list[HistoryLine]:
    """Return what happened to a row since it came, the last first, at most 200 changes."""
    return [
        HistoryLine(
            at=row.at,
            cause=row.cause,
            cause_id=row.cause_id,
            edit_id=row.edit_id,
            undone=row.undone,
            before=row.before,
            after=row.after,
            rows=row.rows,
        )
        for row in await queries.history(db, owner, transaction_id, _MOST_LINES)
    ]


async def acts(db: Db, *, owner: UserId, now: datetime, limit: int = 50) -> list[Act]:
    """Return the owner's newest acts of the last 90 days, the last first."""
    return [
        Act(
            id=row.id,
            at=row.at,
            rows=row.rows,
            verb=Verb.ADDED if row.made else Verb.DELETED if row.gone else Verb.CHANGED,
            fields=row.fields,
            title=row.title,
            undone=row.undone,
            transaction_id=None
            if row.transaction_id is None
            else TransactionId(row.transaction_id),
            currency=None if row.currency is None else Currency(row.currency),
            before=row.before,
            after=row.after,
        )
        for row in await queries.acts(db, owner, now - KEPT_FOR, limit)
    ]


def can_be_undone(line: HistoryLine) -> bool:
    """Return whether a line of a history is an act that ``undo`` may take back."""
    if line.edit_id is None or line.undone:
        return False
    if line.before is None or line.after is None:
        return True
    return line.cause == "match" or _are_his(line.before.keys())


def _is_undoable(changes: Sequence[queries.ChangeRow]) -> bool:
    """Whether an act changed nothing but what a person may, or made or deleted entries."""
    parted = {one.transaction_id for one in changes if one.before and "parts" in one.before}
    return all(
        one.before is None
        or one.after is None
        or _are_his(
            one.before.keys() - ({"is_split"} if one.transaction_id in parted else frozenset())
        )
        for one in changes
    )


def _are_his(names: Collection[str]) -> bool:
    """Whether facts of these names are a person's to change, or marks that can be put back."""
    return set(names) <= _HIS_OWN | _MARKS


def _is_of_marks(change: queries.ChangeRow) -> bool:
    return change.before is not None and bool(change.before.keys() & _MARKS)


def _moves_sums(change: queries.ChangeRow) -> bool:
    return change.before is None or change.after is None or bool(change.before.keys() & _MOVE_SUMS)


async def _take_back(
    db: Db,
    owner: UserId,
    edit_id: UUID,
    back: UUID,
    changes: Sequence[queries.ChangeRow],
    now: datetime,
) -> list[TransactionId]:
    """Undo each kind of change; return the rows that it changed."""
    free = [one for one in changes if not one.overtaken]
    marks = [one for one in free if _is_of_marks(one)]
    # That a row is split is told beside its parts, and goes with them.
    free = [
        one for one in free if not _is_of_marks(one) and (one.before or {}).keys() != {"is_split"}
    ]
    made = [TransactionId(one.transaction_id) for one in free if one.before is None]
    gone = [TransactionId(one.transaction_id) for one in free if one.after is None]
    changed = [
        TransactionId(one.transaction_id)
        for one in free
        if one.before is not None and one.after is not None
    ]
    months = set(await totals.months_of(db, owner, [*made, *changed]))
    days: set[date] = set()
    if made:
        days |= set(await take_out(db, owner, made, back, now))
    if gone:
        if set(await queries.kept_of(db, owner, edit_id)) != set(gone):
            raise NotUndoable(_("What was deleted so long ago is not kept any more."))
        await queries.put_back(db, owner, edit_id)
        await queries.tell_made(db, owner, gone, back, now)
        days |= set(await refunds.stand_again(db, owner=owner, transaction_ids=gone, now=now))
        await journal.because(db, cause="person", now=now, edit_id=back)
    if changed:
        await queries.restore(db, owner, edit_id, changed, now)
    marked = await _put_marks_back(db, owner, marks, back, now)
    await own_categories.revive(db, owner=owner, now=now)
    months |= set(await totals.months_of(db, owner, [*gone, *changed, *marked]))
    days |= {row.day for row in await queries.rows(db, owner, [*gone, *changed])}
    await matching.match(db, owner=owner, days=days, now=now, rows=len(free))
    if months:
        await totals.roll_up(db, owner, sorted(months))
    return list(dict.fromkeys([*made, *gone, *changed, *marked]))


async def _put_marks_back(
    db: Db, owner: UserId, marks: Sequence[queries.ChangeRow], back: UUID, now: datetime
) -> list[TransactionId]:
    """Put tags and parts back where they still are what the act made of them."""
    ids = [TransactionId(one.transaction_id) for one in marks]
    held = await tags.tags_of(db, owner=owner, transaction_ids=ids)
    parted = await splits.parts_of(db, owner=owner, transaction_ids=ids)
    back_to: dict[TransactionId, list[splits.Part]] = {}
    groups: defaultdict[tuple[frozenset[str], frozenset[str]], list[TransactionId]]
    groups, done = defaultdict(list), []
    for one in marks:
        before, after = one.before or {}, one.after or {}
        row = TransactionId(one.transaction_id)
        if "tags" in before:
            was, became = frozenset(before["tags"]), frozenset(after["tags"])
            if {tag.name for tag in held.get(row, [])} == became:
                groups[was - became, became - was].append(row)
            continue
        if back_to.get(row, parted.get(row, [])) == splits.as_told(after["parts"]):
            back_to[row] = splits.as_told(before["parts"])
            done.append(row)
    await splits.put_back(db, owner=owner, parts=back_to, now=now)
    for (add, remove), rows in groups.items():
        await tags.change_tags(
            db, owner=owner, transaction_ids=rows, add=add, remove=remove, now=now, edit_id=back
        )
        done += rows
    return done
