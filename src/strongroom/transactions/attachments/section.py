"""Attachments as a section of exports: what they are, and their content as files beside the book.

An export without files, such as JSON alone, tells only that they are there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one, own_id, text
from strongroom.core.vault import Vault
from strongroom.transactions import totals
from strongroom.transactions.attachments import queries, rules, service
from strongroom.transactions.attachments.types import AttachmentId

_FOLDER: Final = "attachments"
_SLASHES: Final = re.compile(r"[/\\]")


class Attachments(Section):
    """The list ``attachments`` of an export; ``file`` is where the content lies in an archive."""

    name, reads, writes = "attachments", "transactions:read", "transactions:write"

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return what is attached to rows, by when it was."""
        return [
            {
                "id": ids.show("att", one.id),
                "transaction": ids.show("trn", one.transaction_id),
                "name": one.name,
                "media_type": one.media_type,
                "size": one.size,
                "created_at": one.created_at.isoformat(),
                "file": f"{_FOLDER}/{ids.show('att', one.id)}/{_SLASHES.sub('_', one.name)}",
            }
            for one in await queries.every(db, owner)
        ]

    async def files(
        self, db: Db, *, owner: UserId, records: Sequence[Record]
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Yield the content of each, unsealed, one in memory at a time."""
        for record in records:
            attachment_id = AttachmentId(own_id("att", record))
            found = await service.open_attachment(
                db, self._vault, owner=owner, attachment_id=attachment_id
            )
            yield record["file"], found.content

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Hang the files on their rows again, sealed anew; what is no attachment is left out."""
        await totals.take_turn(db, owner)
        there = {one.id for one in await queries.every(db, owner)}

        async def bring(record: Record) -> str | None:
            attachment_id = own_id("att", record)
            if attachment_id in there:
                return None
            content = await asyncio.to_thread(known.file, record["file"], rules.LARGEST_BYTES)
            if content is None:
                raise LookupError(record["file"])
            await service.put_back(
                db,
                self._vault,
                owner=owner,
                row=queries.AttachmentRow(
                    attachment_id,
                    known.need(record["transaction"]),
                    text(record, "name"),
                    "",
                    len(content),
                    datetime.fromisoformat(record["created_at"]),
                ),
                content=content,
            )
            there.add(attachment_id)
            return str(attachment_id)

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Delete the attachments of rows that were there before; others went with their rows."""
        for one in made:
            await queries.remove(db, owner, UUID(one))
