"""Changing what a person may change of any rows, as one act: category, merchant, note, reviewed.

Syncs and rules leave alone what is changed here. What an entry says of the event is ``entries``'.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.transactions import journal, totals
from strongroom.transactions.manual import queries, rules
from strongroom.transactions.manual.types import Edit, RowChange
from strongroom.transactions.service import (
    CategoryNotFound,
    NoteTooLong,
    TransactionNotFound,
    categories,
    search,
)
from strongroom.transactions.types import Filter, Position
from strongroom.ui import gettext as _

MOST_AT_ONCE = 10_000
_LONGEST_NOTE = 2_000
_PAGE = 500


class TooManyRows(Refused):
    """More rows are meant than can be changed in one act."""


class RowIsSplit(Refused):
    """The row is split: its parts say what it was for, and a category of its own counts nowhere."""


async def change(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: Sequence[TransactionId],
    change: RowChange,
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> Edit:
    """Change these rows as one act; those that are so already do not count as changed.

    ``edit_id`` names the act where this is part of one. Among rows that are whole, those that are
    split stay out of a category.

    Raises ``TransactionNotFound``, ``CategoryNotFound``, ``NoteTooLong``, ``BadEntry`` (of the
    merchant), ``TooManyRows`` and, of a category where all rows are split, ``RowIsSplit``; then
    none was changed.
    """
    wanted = set(transaction_ids)
    if len(wanted) > MOST_AT_ONCE:
        raise _too_many()
    await totals.take_turn(db, owner)
    edit_id = edit_id or new_id()
    await journal.because(db, cause="person", now=now, edit_id=edit_id)
    if change.category_id is not None and change.category_id not in {
        one.id for one in await categories(db, owner=owner)
    }:
        raise CategoryNotFound("There is no such category.", field="category")
    merchant = change.merchant
    if merchant is not None:
        merchant = rules.checked_text(merchant, field="merchant", required=False)
    done = await queries.change(
        db,
        {
            "owner": owner,
            "ids": list(wanted),
            "category_id": change.category_id,
            "merchant": merchant,
            "note": None if change.note is None else checked_note(change.note),
            "reviewed": change.reviewed,
            "now": now,
        },
    )
    if done.found != len(wanted):
        raise TransactionNotFound("There is no such transaction.")
    if change.category_id is not None and 0 < done.found == done.split:
        raise RowIsSplit(
            _("This row is split: change its parts, or put it together again first.")
            if done.found == 1
            else _("These rows are split: change their parts, or put them together again first."),
            field="category",
        )
    if done.changed:
        if change.category_id is not None or change.reviewed is not None:
            await totals.roll_up(db, owner, await totals.months_of(db, owner, list(wanted)))
        await record(db, owner, "edit", actor, list(wanted), now, count=done.changed)
    return Edit(edit_id, done.changed)


async def ids_of(db: Db, *, owner: UserId, filter: Filter) -> list[TransactionId]:
    """Return every row that a filter finds, newest first. Raises ``TooManyRows``."""
    found: list[TransactionId] = []
    after: Position | None = None
    while True:
        page = await search(db, owner=owner, filter=filter, after=after, limit=_PAGE)
        found += [row.id for row in page.items]
        if len(found) > MOST_AT_ONCE:
            raise _too_many()
        if page.next is None:
            return found
        after = page.next


def checked_note(note: str) -> str:
    """Return a note with plain line ends (a browser sends CRLF). Raises ``NoteTooLong``."""
    note = note.replace("\r\n", "\n").strip()
    if len(note) > _LONGEST_NOTE:
        raise NoteTooLong(_("A note has at most 2,000 characters."), field="note")
    return note


def _too_many() -> TooManyRows:
    return TooManyRows(_("At most 10,000 rows are changed at once."), hint=_("Narrow the search."))


async def record(
    db: Db,
    owner: UserId,
    verb: str,
    actor: str,
    transaction_ids: Sequence[TransactionId],
    now: datetime,
    *,
    count: int | None = None,
) -> None:
    """Record an act in the audit log: the row's id, or of many only how many."""
    only = transaction_ids[0] if len(transaction_ids) == 1 else None
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transaction",
        resource_id=None if only is None else str(only),
        details={"count": count or len(transaction_ids)} if only is None else None,
        now=now,
    )
