"""The verbs of attachments: attach, open, detach. Content is sealed before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.core.vault import Vault
from strongroom.transactions import journal, marking, totals
from strongroom.transactions.attachments import queries, rules
from strongroom.transactions.attachments.types import Attachment, AttachmentId, Opened
from strongroom.transactions.marking import Marked
from strongroom.transactions.service import TransactionNotFound
from strongroom.ui import N_
from strongroom.ui import gettext as _

_TABLE, _COLUMN = "attachments", "sealed"


class AttachmentNotFound(NotFound):
    """No attachment of yours has that id."""


class AttachmentIsThere(Conflict):
    """The same file is attached to that row already."""


class TooManyAttachments(Refused):
    """The row has as many as it may, or the person as many bytes."""


async def attachments_of(
    db: Db, *, owner: UserId, transaction_ids: Sequence[TransactionId]
) -> list[Attachment]:
    """Return what is attached to rows, oldest first."""
    return [_value(row) for row in await queries.of_rows(db, owner, transaction_ids)]


async def attach(
    db: Db,
    vault: Vault,
    *,
    owner: UserId,
    transaction_id: TransactionId,
    name: str,
    content: bytes,
    now: datetime,
    actor: str = "person",
) -> Attachment:
    """Seal a file and hang it on a row.

    Raises ``TransactionNotFound``, ``AttachmentIsRefused`` for what is no picture, PDF or text or
    is a program, ``AttachmentIsThere`` and ``TooManyAttachments``.
    """
    accepted = rules.accept(name, content)
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=new_id())
    if await marking.missing(db, owner, [transaction_id]):
        raise TransactionNotFound("There is no such transaction.")
    await _check_room(db, owner, transaction_id, len(content))
    await _check_new(db, vault, owner, transaction_id, content)
    row = queries.AttachmentRow(
        new_id(), transaction_id, accepted.name, accepted.media_type, len(content), now
    )
    sealed = await vault.seal(
        db, owner=owner, table=_TABLE, column=_COLUMN, row=row.id, plaintext=content
    )
    await queries.add(db, owner, row, sealed)
    await _changed(db, owner, transaction_id, None, row.name, now)
    await _record(db, owner, "attach", actor, row, now)
    return _value(row)


async def put_back(
    db: Db, vault: Vault, *, owner: UserId, row: queries.AttachmentRow, content: bytes
) -> None:
    """Seal a file that an export brought, and hang it on its row under the id that it had.

    Raises as ``attach`` does. It is no act of the person's on that row.
    """
    accepted = rules.accept(row.name, content)
    await _check_room(db, owner, row.transaction_id, len(content))
    await _check_new(db, vault, owner, TransactionId(row.transaction_id), content)
    sealed = await vault.seal(
        db, owner=owner, table=_TABLE, column=_COLUMN, row=row.id, plaintext=content
    )
    named = replace(row, name=accepted.name, media_type=accepted.media_type)
    await queries.add(db, owner, named, sealed)


async def open_attachment(
    db: Db, vault: Vault, *, owner: UserId, attachment_id: AttachmentId
) -> Opened:
    """Return an attachment with its content. Raises ``AttachmentNotFound`` and ``CannotOpen``."""
    row = await _find(db, owner, attachment_id)
    return Opened(_value(row), await _content(db, vault, owner, row))


async def detach(
    db: Db,
    *,
    owner: UserId,
    attachment_id: AttachmentId,
    now: datetime,
    actor: str = "person",
) -> TransactionId:
    """Delete an attachment for good; return the row it was on. Raises ``AttachmentNotFound``."""
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=new_id())
    row = await _find(db, owner, attachment_id)
    await queries.remove(db, owner, attachment_id)
    await _changed(db, owner, row.transaction_id, row.name, None, now)
    await _record(db, owner, "detach", actor, row, now)
    return TransactionId(row.transaction_id)


async def _check_room(db: Db, owner: UserId, transaction_id: UUID, size: int) -> None:
    held = await queries.held(db, owner, transaction_id)
    if held.of_row >= rules.MOST_OF_A_ROW:
        raise TooManyAttachments(
            _("A transaction has at most %(most)s attachments.", most=rules.MOST_OF_A_ROW),
            field="file",
            hint=_("Remove one first."),
        )
    if held.bytes + size > rules.MOST_BYTES_OF_A_PERSON:
        most = rules.MOST_BYTES_OF_A_PERSON >> 20
        raise TooManyAttachments(
            _("Your attachments would come to more than %(most)s MiB.", most=most),
            field="file",
            hint=_("Remove some first."),
        )


async def _check_new(
    db: Db, vault: Vault, owner: UserId, transaction_id: TransactionId, content: bytes
) -> None:
    """Refuse a file that the row has already, byte by byte."""
    for row in await queries.of_rows(db, owner, [transaction_id]):
        if row.size == len(content) and await _content(db, vault, owner, row) == content:
            raise AttachmentIsThere(
                _("This file is attached already, as “%(name)s”.", name=row.name), field="file"
            )


async def _content(db: Db, vault: Vault, owner: UserId, row: queries.AttachmentRow) -> bytes:
    sealed = await queries.sealed(db, owner, row.id)
    return await vault.unseal(
        db, owner=owner, table=_TABLE, column=_COLUMN, row=row.id, sealed=sealed
    )


async def _find(db: Db, owner: UserId, attachment_id: AttachmentId) -> queries.AttachmentRow:
    row = await queries.find(db, owner, attachment_id)
    if row is None:
        raise AttachmentNotFound(N_("There is no such attachment."))
    return row


async def _changed(
    db: Db, owner: UserId, row_id: UUID, before: str | None, after: str | None, now: datetime
) -> None:
    change = Marked(row_id, {"attachment": before}, {"attachment": after})
    await marking.write_down(db, owner, [change])
    await marking.touch(db, owner, [row_id], now)


async def _record(
    db: Db, owner: UserId, verb: str, actor: str, row: queries.AttachmentRow, now: datetime
) -> None:
    """Record that something was attached or not any more; never what it is called."""
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transaction",
        resource_id=str(row.transaction_id),
        details={"attachment": str(row.id), "bytes": row.size},
        now=now,
    )


def _value(row: queries.AttachmentRow) -> Attachment:
    return Attachment(
        id=AttachmentId(row.id),
        transaction_id=TransactionId(row.transaction_id),
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        created_at=row.created_at,
    )
