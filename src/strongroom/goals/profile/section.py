"""What a person says of their household themselves, as a section of exports.

What is derived is derived again: it is no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Money, currency
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one
from strongroom.goals.profile import queries, service
from strongroom.goals.profile.types import FigureName


class Sayings(Section):
    """The list ``profile`` of an export: figures that a person says in place of what is derived."""

    name, reads, writes = "profile", "goals:read", "goals:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return what is said, by the figures' names."""
        return [
            {
                "figure": one.figure,
                "currency": one.currency,
                "amount": None if one.amount is None else f"{one.amount.normalize():f}",
                "shares": one.shares,
            }
            for one in await queries.overrides(db, owner)
        ]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Say so of figures of which nothing is said."""
        there = {one.figure for one in await queries.overrides(db, owner)}

        async def bring(record: Record) -> str | None:
            figure = FigureName(record["figure"])
            if figure in there:
                return None
            row = service.checked(figure, _amount(record), _shares(record))
            await queries.write_override(db, owner, row, now)
            there.add(figure)
            return figure.value

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Forget what was said of these figures."""
        for figure in made:
            await queries.drop_override(db, owner, figure)

    async def changed(self, db: Db, *, owner: UserId, made: Sequence[str], since: datetime) -> int:
        """Return of how many of these figures something else was said since."""
        return await queries.said_since(db, owner, made, since)


def _amount(record: Record) -> Money | Decimal | None:
    if record["amount"] is None:
        return None
    number = Decimal(str(record["amount"]))
    code = record["currency"]
    return number if code is None else Money(number, currency(str(code)))


def _shares(record: Record) -> Mapping[str, Decimal] | None:
    told = record["shares"]
    if told is None:
        return None
    return {str(name): Decimal(str(share)) for name, share in told.items()}
