"""The values of imports: a file on its way into the book, and where each of its accounts goes.

Plain data and the errors that imports raise. Positive is money in, or owned.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NewType, Self
from uuid import UUID

from strongroom.connections.files import Guess, Problem
from strongroom.core.errors import Conflict, Forbidden, NotFound, Refused
from strongroom.core.ids import AccountId
from strongroom.ui import N_

ImportId = NewType("ImportId", UUID)


class ImportNotFound(NotFound):
    """No import of yours has that id."""


class ImportIsOver(Conflict):
    """The import is done, or taken back, or under way: this can no longer be done with it."""


class ImportHasNothing(Refused):
    """No row of the file could be read."""


class LinesAreUnreadable(Refused):
    """Lines of the file could not be read, and nobody said that the rest may come without them."""

    def __init__(self, count: int) -> None:
        super().__init__(
            N_("Some lines of the file could not be read."),
            field="without_unreadable",
            hint=N_("Say that the rest may come in without them."),
        )
        self.count = count

    @property
    def extensions(self) -> Mapping[str, int]:
        """How many lines they are."""
        return {"unreadable": self.count}


class AccountIsNotChosen(Refused):
    """It is not said which account the rows of a file go to."""


class CurrencyDiffers(Refused):
    """A file's account is in another currency than the account chosen for it."""


class BadMapping(Refused):
    """A column, sign, order of dates or the like is not one that can be."""


class RowsWereEdited(Conflict):
    """What an import brought was changed since; taking it out loses that.

    ``beside`` counts what is no row, by section.
    """

    def __init__(self, rows: int, beside: Mapping[str, int] | None = None) -> None:
        told = ", ".join(f"{count} of its {name}" for name, count in (beside or {}).items())
        changed = f"{rows} of these rows" if rows or not told else ""
        super().__init__(
            f"You have changed {' and '.join(filter(None, [changed, told]))} since.",
            field="even_edited",
            hint="Say that they may go too, and undo again.",
        )
        self.count = rows + sum((beside or {}).values())


class MayNotUndo(Forbidden):
    """The import made something that the caller may not write."""


class ImportState(StrEnum):
    """How far an import is."""

    READING = "reading"
    PREVIEW = "preview"
    IMPORTING = "importing"
    DONE = "done"
    UNDONE = "undone"
    FAILED = "failed"


_REMARKS: Final[Mapping[str, Collection[str]]] = {
    "ofx": ("balance", "fitid", "status"),
    "qif": ("balance", "split"),
    "camt": ("status",),
}
"""The fields of problems, by format, for which no row is missing: what a reader only tells."""


@dataclass(frozen=True, slots=True)
class FileTold:
    """What a file says of one of its accounts, and what its rows come to.

    ``key`` is what rows call it, empty where the file names none. ``balance`` is what the file
    tells, at the end of ``balance_day``.
    """

    key: str
    name: str
    type: str | None = None
    subtype: str | None = None
    mask: str | None = None
    iban: str | None = None
    currency: str | None = None
    balance: Decimal | None = None
    balance_day: date | None = None
    rows: int = 0
    first: date | None = None
    last: date | None = None
    amount: Decimal = Decimal(0)
    remark: str | None = None
    """What the file's reader found wrong with ``balance``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a file's account goes: one there is (``account_id``), or a new one of that name.

    ``type`` and ``subtype`` are Plaid's words; ``balance`` is what the person says the account
    has today, if they say it: below zero is owed. Rows that are ``kept_aside`` wait for the person
    to decide, and are left out. ``keep_balance`` is whether the file's balance is believed; None
    goes by whether it contradicts what is known.
    """

    account_id: AccountId | None = None
    name: str = ""
    type: str = "depository"
    subtype: str | None = "checking"
    currency: str | None = None
    balance: Decimal | None = None
    kept_aside: bool = False
    keep_balance: bool | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """Why an account is proposed, and what speaks against what the file says.

    ``why`` is one of those of ``memory.Found``, or given. ``remembered`` is where this went
    before; ``was`` names the account that the file's differs from, with its currency and whether
    it is owed. ``expected`` is the balance that the rows come to, where the file's is another.
    """

    why: str = "new"
    remembered: UUID | None = None
    was: str | None = None
    was_currency: str | None = None
    was_owed: bool | None = None
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FileAccountChoice:
    """One of a file's accounts and where it goes."""

    told: FileTold
    choice: Choice
    advice: Advice = Advice()

    @property
    def doubts_balance(self) -> bool:
        """Whether the file's balance contradicts its rows, or what was known before."""
        return self.advice.expected is not None or self.told.remark is not None

    @property
    def keeps_balance(self) -> bool:
        """Whether the balance that the file tells is taken."""
        wanted = self.choice.keep_balance
        return not self.doubts_balance if wanted is None else wanted

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "told": _plain(self.told),
            "choice": _plain(self.choice),
            "advice": _plain(self.advice),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` wrote."""
        return cls(
            FileTold(**_rich(plain["told"])),
            Choice(**_rich(plain["choice"])),
            Advice(**_rich(plain.get("advice", {}))),
        )


@dataclass(frozen=True, slots=True)
class FileImport:
    """One file that a person brought, from its upload to its undoing.

    ``known`` are rows that an earlier file brought, ``alike`` those that look like one in the
    book; ``skipped`` were left out. ``include`` are the likely doubles to take all the same, None
    all of them; ``actor`` confirmed it. ``same_as`` is when the very same file was imported before.
    """

    id: ImportId
    file_name: str
    size: int
    sha256: str
    state: ImportState
    guess: Guess
    accounts: Sequence[FileAccountChoice]
    problems: Sequence[Problem]
    problem_count: int
    rows_read: int
    rows: int
    known: int
    alike: int
    imported: int
    skipped: int
    actor: str
    include: Sequence[UUID] | None
    error: str | None
    created_at: datetime
    done_at: datetime | None
    undone_at: datetime | None
    same_as: datetime | None = None
    source_id: UUID | None = field(default=None, repr=False)
    made_accounts: Sequence[UUID] = field(default=(), repr=False)
    made_categories: Sequence[UUID] = field(default=(), repr=False)
    told: Mapping[str, int] = field(default_factory=dict)
    """How much an exported book tells beside its rows, by section: rules, budgets, goals …"""
    made: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    """What was made of that, by section."""
    may_bring: Sequence[str] = field(default=(), repr=False)
    """Which sections who confirmed it may bring back."""

    @property
    def format(self) -> str:
        """The file's format, by its reader's name."""
        return self.guess.format

    @property
    def new(self) -> int:
        """How many rows are neither in the book nor like one there."""
        return self.rows - self.known - self.alike - self.kept_aside

    @property
    def kept_aside(self) -> int:
        """How many rows wait for the person to say which account they go to."""
        return sum(one.told.rows for one in self.accounts if one.choice.kept_aside)

    @property
    def unreadable(self) -> int:
        """How many lines could not be read, of a file that waits; remarks leave none out."""
        remarks = _REMARKS.get(self.format, ())
        return self.problem_count - sum(one.field in remarks for one in self.problems)

    @property
    def is_busy(self) -> bool:
        """Whether a job works on it."""
        return self.state in (ImportState.READING, ImportState.IMPORTING)


def check_state(found: FileImport, *states: ImportState) -> None:
    """Raise ``ImportIsOver`` where an import is in none of these states."""
    if found.state not in states:
        says = {
            ImportState.DONE: N_("This file is imported already."),
            ImportState.UNDONE: N_("This import was undone."),
            ImportState.READING: N_("This file is still being read."),
            ImportState.IMPORTING: N_("This file is just being imported."),
        }
        raise ImportIsOver(says.get(found.state, N_("This file is not imported.")))


def _plain(value: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in fields(value):  # type: ignore[arg-type]
        fact = getattr(value, part.name)
        if isinstance(fact, date):
            fact = fact.isoformat()
        found[part.name] = fact if fact is None or isinstance(fact, int) else str(fact)
    return found


def _rich(plain: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(plain)
    for name in ("balance", "amount", "expected"):
        if facts.get(name) is not None:
            facts[name] = Decimal(facts[name])
    for name in ("balance_day", "first", "last"):
        if facts.get(name) is not None:
            facts[name] = date.fromisoformat(facts[name])
    if facts.get("account_id") is not None:
        facts["account_id"] = AccountId(UUID(facts["account_id"]))
    if facts.get("remembered") is not None:
        facts["remembered"] = UUID(facts["remembered"])
    return facts
