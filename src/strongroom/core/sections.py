"""What a person made here beside rows of the book, section by section, each its domain's own.

A domain declares its sections and wiring lists them; an export asks each, an import hands each
its own back. This knows the order and the shape, and no domain.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import DataError, IntegrityError

from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import UserId
from strongroom.core.keys import BadKeyRing
from strongroom.core.vault import CannotOpen

Record = Mapping[str, Any]
"""One thing as JSON has it. Numbers may be text: a reader of files leaves them as they stand."""

_CANNOT_BE = (
    Refused, Conflict, NotFound, LookupError, TypeError, ValueError, ArithmeticError,
    AttributeError, DataError, IntegrityError,
)  # fmt: skip

_FAULTS = (BadKeyRing, CannotOpen)
"""What is wrong with this installation and not with a record: nothing is taken in then."""


@dataclass(frozen=True, slots=True)
class Known:
    """What of an imported book is which of a person's own rows, and its files.

    ``rows`` are accounts, categories and transactions by their ids in the book, such as
    ``acc_0192…``. ``file`` returns the content of a file that came with the book, of at most so
    many bytes, or None; it may unpack, so it is called in a thread.
    """

    rows: Mapping[str, UUID] = field(default_factory=dict)
    file: Callable[[str, int], bytes | None] = lambda name, most: None

    def need(self, text: object) -> UUID:
        """Return a row that there must be. Raises ``LookupError``."""
        return self.rows[str(text)]

    def find(self, text: object) -> UUID | None:
        """Return a row, or None where the book names none. Raises ``LookupError`` as ``need``."""
        return None if text is None else self.need(text)


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """What became of a section's records: the keys of what was made, and how many could not be.

    What is there already is neither.
    """

    made: Sequence[str] = ()
    left_out: int = 0


class Section(Protocol):
    """One list of an export, told and brought back by the domain that keeps it.

    ``name`` is what the list is called; ``reads`` and ``writes`` are the scopes that a caller
    needs for it to be told, and to be brought back.
    """

    name: str
    reads: str
    writes: str

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the owner's records, in an order that is always the same."""

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make what records tell of, under their own ids; what is there already stays as it is.

        A record is whatever a file says: what it cannot be is left out.
        """

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Take away what ``bring_back`` made, by its keys, and is still there."""

    async def changed(self, db: Db, *, owner: UserId, made: Sequence[str], since: datetime) -> int:
        """Return how many of what ``bring_back`` made the person has changed since."""
        return 0

    def files(
        self, db: Db, *, owner: UserId, records: Sequence[Record]
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Yield the files that belong to these records, by the names that the records give."""
        return _none()


async def _none() -> AsyncIterator[tuple[str, bytes]]:
    nothing: Sequence[tuple[str, bytes]] = ()
    for one in nothing:
        yield one


Told = Mapping[str, Sequence[Record]]
"""Records by the names of their sections."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import made, by section, and what could not be brought back."""

    made: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sections:
    """All sections, in an order in which each refers to earlier ones only."""

    parts: Sequence[Section] = ()

    def readable(self, scopes: Collection[str]) -> Sections:
        """Return those that a caller with these scopes may be told."""
        return Sections([one for one in self.parts if one.reads in scopes])

    def writable(self, scopes: Collection[str]) -> Sections:
        """Return those that a caller with these scopes may bring back."""
        return Sections([one for one in self.parts if one.writes in scopes])

    def named(self, names: Collection[str]) -> Sections:
        """Return those of these names."""
        return Sections([one for one in self.parts if one.name in names])

    async def tell(self, db: Db, *, owner: UserId) -> Told:
        """Return everything, by section."""
        return {one.name: await one.tell(db, owner=owner) for one in self.parts}

    async def files(self, db: Db, *, owner: UserId, told: Told) -> AsyncIterator[tuple[str, bytes]]:
        """Yield every file that belongs to what was told."""
        for one in self.parts:
            async for name, content in one.files(db, owner=owner, records=told[one.name]):
                yield name, content

    async def bring_back(
        self, db: Db, *, owner: UserId, told: Told, known: Known, now: datetime
    ) -> Outcome:
        """Hand every section what a book tells for it; what no section knows is left out."""
        made: dict[str, Sequence[str]] = {}
        left_out = {name: len(records) for name, records in told.items() if records}
        for one in self.parts:
            records = told.get(one.name, ())
            if not records:
                continue
            done = await one.bring_back(db, owner=owner, records=records, known=known, now=now)
            left_out[one.name] = done.left_out
            if done.made:
                made[one.name] = done.made
        return Outcome(made, {name: count for name, count in left_out.items() if count})

    async def take_out(self, db: Db, *, owner: UserId, made: Mapping[str, Sequence[str]]) -> None:
        """Take out again what an import made, the last first."""
        for one in reversed(self.parts):
            if made.get(one.name):
                await one.take_out(db, owner=owner, made=made[one.name])

    async def changed(
        self, db: Db, *, owner: UserId, made: Mapping[str, Sequence[str]], since: datetime
    ) -> dict[str, int]:
        """Return how many of what an import made the person has changed since, by section."""
        found = {
            one.name: await one.changed(db, owner=owner, made=made[one.name], since=since)
            for one in self.parts
            if made.get(one.name)
        }
        return {name: count for name, count in found.items() if count}


async def one_by_one(
    db: Db, records: Sequence[Record], bring: Callable[[Record], Awaitable[str | None]]
) -> BroughtBack:
    """Bring records back each for itself: one that cannot be leaves no trace and stops no other.

    ``bring`` returns the key of what it made, or None where that is there already.
    """
    made: list[str] = []
    left_out = 0
    for record in records:
        try:
            async with db.transaction():
                key = await bring(record)
        except _FAULTS:
            raise
        except _CANNOT_BE:
            left_out += 1
        else:
            if key is not None:
                made.append(key)
    return BroughtBack(made, left_out)


def mentioned(told: Told, prefix: str) -> list[str]:
    """Return every id of that prefix that stands anywhere in what a book tells."""
    found: dict[str, None] = {}
    waiting: list[Any] = [*told.values()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if one.startswith(f"{prefix}_"):
                found[one] = None
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return [*found]


def own_id(prefix: str, record: Record) -> UUID:
    """Return the id that a record has. Raises ``NotFound`` where it has none."""
    return ids.parse(prefix, str(record.get("id")))


def text(record: Record, name: str) -> str:
    """Return a fact that is a text. Raises ``TypeError`` and ``KeyError`` where it is none."""
    found = record[name]
    if not isinstance(found, str):
        raise TypeError(name)
    return found
