"""A person's settings as a section of exports. Who they are and how they sign in is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one
from strongroom.identity import queries, service
from strongroom.identity.types import Client

_NOBODY = Client(None, None)


class OwnSettings(Section):
    """The list ``settings`` of an export: one record."""

    name, reads, writes = "settings", "settings:write", "settings:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the settings."""
        return [asdict(await service.get_settings(db, owner=owner))]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make the settings those of the book, unless the person has set something here."""
        if not await queries.has_settings_untouched(db, owner):
            return BroughtBack()

        async def bring(record: Record) -> None:
            there = await service.get_settings(db, owner=owner)
            wanted = {name: record[name] for name in asdict(there) if name in record}
            await service.change_settings(
                db, owner=owner, wanted=wanted, client=_NOBODY, now=now, actor="file"
            )

        return await one_by_one(db, records[:1], bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Take nothing: settings are as they are."""
