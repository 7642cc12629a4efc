"""Tags as a section of exports: those too that no row has. Which row has which stands with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one, text
from strongroom.transactions.tags import queries, rules


class Tags(Section):
    """The list ``tags`` of an export, by name."""

    name, reads, writes = "tags", "transactions:read", "transactions:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return what the tags are called."""
        return [{"name": one} for one in await queries.names(db, owner)]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make the tags that there are not; those that rows brought just now count as made too."""
        just_now = {one.lower() for one in await queries.made_at(db, owner, now)}
        there = {one.lower() for one in await queries.names(db, owner)}

        async def bring(record: Record) -> str | None:
            name = rules.clean(text(record, "name"))
            if not rules.is_name(name):
                raise ValueError(name)
            if name.lower() in just_now:
                return name
            if name.lower() in there:
                return None
            await queries.make(db, owner, [name], now)
            there.add(name.lower())
            return name

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Delete those of the tags that no row has."""
        wanted = {one.lower() for one in made}
        for one in await queries.uses(db, owner):
            if not one.rows and one.name.lower() in wanted:
                await queries.remove(db, owner, one.id)
