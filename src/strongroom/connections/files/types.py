"""The values of files that banks and other programs write: rows, accounts, what was guessed.

Plain data, read from anywhere and stored nowhere. Amounts are exact, and positive is money in,
whatever sign the file itself uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final, NamedTuple, Self

from strongroom.core.errors import Refused
from strongroom.ui import gettext

MOST_PROBLEMS: Final = 1000
"""So many problems are kept with their words; ``Reading.problem_count`` goes on counting."""

MOST_ACCOUNTS: Final = 2000
"""A file that names more has another column where the account should be."""


class FileIsRefused(Refused):
    """The file cannot be read, or not safely; ``line`` is where, if it is known (from 1)."""

    def __init__(
        self, message: str, *, line: int | None = None, field: str | None = None,
        hint: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message, field=field, hint=hint)
        self.line = line

    @property
    def extensions(self) -> Mapping[str, str | int]:
        """The line, for programs."""
        return {} if self.line is None else {"line": self.line}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask of this machine, in bytes and lines as they are unpacked."""

    most_bytes: int = 200 * 1024 * 1024
    most_bytes_of_a_line: int = 1024 * 1024
    most_times_packed: int = 200
    """An archive that unpacks to more than so many times its size is a trap."""

    @classmethod
    def of_mebibytes(cls, most: int) -> Self:
        """Return the limits where a file may be this large."""
        return cls(most_bytes=most << 20)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: a path, or a binary stream that can be read from its start again."""

    content: Path | BinaryIO
    name: str
    size: int

    @classmethod
    def at(cls, path: Path, name: str | None = None) -> Self:
        """Return the file at ``path``. Raises ``OSError`` where there is none."""
        return cls(path, name or path.name, path.stat().st_size)

    @classmethod
    def of(cls, data: bytes | BinaryIO, name: str) -> Self:
        """Return bytes, or a stream that can seek, under the name that a person gave it."""
        stream = BytesIO(data) if isinstance(data, bytes) else data
        return cls(stream, name, stream.seek(0, 2))

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file at its start. A stream stays open afterwards, a path does not."""
        if isinstance(self.content, Path):
            with self.content.open("rb") as stream:
                yield stream
        else:
            self.content.seek(0)
            yield self.content


class FileRow(NamedTuple):
    """One movement of money as a file tells it. A tuple, because files have a million of them.

    ``line`` counts from 1 in the file as unpacked; ``amount`` is positive for money in; ``day``
    is the booking day as written, without a time zone; ``account`` and ``counter_account`` are
    keys of ``FileAccount`` (or names of accounts the file says nothing more about); ``fitid`` is
    the source's own id of the row; ``category`` is a path such as ``Food:Groceries``.
    """

    line: int
    day: date
    amount: Decimal
    currency: str | None = None
    description: str = ""
    payee: str | None = None
    note: str | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    account: str | None = None
    fitid: str | None = None
    counter_account: str | None = None
    pending: bool = False
    reviewed: bool = False
    balance_after: Decimal | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class FileAccount:
    """An account that a file names. ``type`` and ``subtype`` are Plaid's words, if they are told.

    ``key`` is what rows call it; ``balance`` is positive when owned, also of a card.
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
    more: str | None = None
    """Of a book that was exported here: everything else about the account, as JSON."""


class FileBalance(NamedTuple):
    """What an account held at the end of a day, as an exported book tells it; owned is positive."""

    account: str
    day: date
    balance: Decimal
    currency: str | None
    source: str = "file"


class FileCategory(NamedTuple):
    """A category that an exported book tells of: a default one has a key, others have a name.

    ``path`` is what its rows call it; ``parent`` is the path of its group, ``goes_to`` that of
    the one that took its place, if it was done away with. ``id`` is what sections call it.
    """

    path: str
    parent: str | None
    key: str | None
    name: str | None
    kind: str
    goes_to: str | None = None
    id: str = ""


MOST_TOLD: Final = 64 * 1024 * 1024
"""How much an exported book may tell beside its rows, in characters as they stand in it."""


class Correction(NamedTuple):
    """A movement that the source takes back, or replaces by the one at this line.

    Of an earlier file, or of the same one: then it is none of the rows.
    """

    line: int
    account: str | None
    fitid: str
    replaced: bool


class Problem(NamedTuple):
    """Something in the file that was not taken: where, which field, why, and the text itself."""

    line: int
    field: str
    message: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """How a file is to be read. Shown to the person, changed by them, saved for its source.

    ``format`` is a reader's name. For tables: ``columns`` maps a role (``date``, ``amount``,
    ``debit``, ``credit``, ``type``, ``balance``, ``description``, ``payee``, ``note``,
    ``category``, ``tags``, ``account``, ``currency``, ``fitid``, ``counter_account``,
    ``status``, ``fee``) to a place counted from 0, or to the heading itself; ``header_line`` is 0
    where there is no heading; ``header`` are the headings.
    ``date_order`` is ``ymd``, ``dmy`` or ``mdy``; ``decimal_mark`` is ``.`` or ``,``;
    ``sign`` is one of ``SIGNS``. ``confidence`` is in percent, ``reasons`` say in the reader's
    language what was concluded from what. ``samples`` are the first ten rows as read, ``cells``
    the first lines as they stand in a table, ``accounts`` those seen so far.
    """

    format: str
    encoding: str = "utf-8"
    delimiter: str = ""
    date_order: str = "ymd"
    decimal_mark: str = "."
    sign: str = "as_written"
    columns: Mapping[str, int | str] = field(default_factory=lambda: MappingProxyType({}))
    confidence: int = 100
    header_line: int = 0
    header: tuple[str, ...] = ()
    currency: str | None = None
    reasons: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    samples: tuple[FileRow, ...] = ()
    accounts: tuple[FileAccount, ...] = ()
    problems: tuple[Problem, ...] = ()
    currency_hints: tuple[str, ...] = ()
    """Which currencies the signs beside amounts can mean, such as USD or CAD for a dollar."""

    def as_json(self, *, with_samples: bool = True) -> dict[str, Any]:
        """Return plain JSON; without samples it holds none of the person's data, to be saved."""
        plain: dict[str, Any] = {
            "format": self.format, "encoding": self.encoding, "delimiter": self.delimiter,
            "date_order": self.date_order, "decimal_mark": self.decimal_mark, "sign": self.sign,
            "columns": dict(self.columns), "confidence": self.confidence,
            "header_line": self.header_line, "header": list(self.header),
            "currency": self.currency, "reasons": list(self.reasons),
            "currency_hints": list(self.currency_hints),
        }  # fmt: skip
        if with_samples:
            plain["cells"] = [list(row) for row in self.cells]
            plain["samples"] = [_plain(row._asdict()) for row in self.samples]
            plain["accounts"] = [
                _plain({name: getattr(one, name) for name in FileAccount.__slots__})
                for one in self.accounts
            ]
            plain["problems"] = [one._asdict() for one in self.problems]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError`` or ``TypeError`` for other things."""
        return cls(
            **{name: plain[name] for name in _AS_THEY_ARE if name in plain},
            columns=MappingProxyType(dict(plain.get("columns", {}))),
            header=tuple(plain.get("header", ())),
            reasons=tuple(plain.get("reasons", ())),
            currency_hints=tuple(plain.get("currency_hints", ())),
            cells=tuple(tuple(row) for row in plain.get("cells", ())),
            samples=tuple(FileRow(**_rich(row)) for row in plain.get("samples", ())),
            accounts=tuple(FileAccount(**_rich(one)) for one in plain.get("accounts", ())),
            problems=tuple(Problem(**one) for one in plain.get("problems", ())),
        )

    def changed(self, **facts: Any) -> Self:
        """Return the guess with what a person says otherwise."""
        return replace(self, **facts)


SIGNS: Final = ("as_written", "inverted", "owed", "debit_credit", "debit_signed", "by_type")
"""How a table says the direction.

``as_written``: plus is money in. ``inverted``: plus is money out. ``owed``: the same, and the
balance is what is owed, as a card's statement has it. ``debit_credit``: two columns without
signs. ``debit_signed``: two columns, the debits with a minus. ``by_type``: a column of words such
as debit and credit.
"""

_AS_THEY_ARE: Final = (
    "format", "encoding", "delimiter", "date_order", "decimal_mark", "sign", "confidence",
    "header_line", "currency",
)  # fmt: skip
_AMOUNTS: Final = ("amount", "balance_after", "balance")
_DAYS: Final = ("day", "balance_day")


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: format(value, "f") if isinstance(value, Decimal)
        else value.isoformat() if isinstance(value, date)
        else list(value) if isinstance(value, tuple) else value
        for name, value in facts.items()
    }  # fmt: skip


def _rich(plain: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(plain)
    for name in _AMOUNTS:
        if facts.get(name) is not None:
            facts[name] = Decimal(facts[name])
    for name in _DAYS:
        if facts.get(name) is not None:
            facts[name] = date.fromisoformat(facts[name])
    if "tags" in facts:
        facts["tags"] = tuple(facts["tags"])
    return facts


class Findings:
    """What a reader finds beside rows: accounts, and what it could not take. Filled as it reads."""

    __slots__ = (
        "accounts", "balances", "categories", "corrections", "problem_count", "problems",
        "sections", "told",
    )  # fmt: skip

    def __init__(self) -> None:
        self.accounts: dict[str, FileAccount] = {}
        self.balances: list[FileBalance] = []
        self.categories: list[FileCategory] = []
        self.corrections: list[Correction] = []
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.sections: dict[str, list[Mapping[str, Any]]] = {}
        self.told = 0

    def problem(self, line: int, field: str, message: str, raw: str = "") -> None:
        """Keep a problem; of very many only the first ones keep their words."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(line, field, message, raw[:300]))

    def section(self, name: str, record: Mapping[str, Any], size: int) -> None:
        """Keep what a book tells beside its rows. Raises ``FileIsRefused`` where that is too much.

        ``size`` is how many characters it takes up there.
        """
        self.told += size
        if self.told > MOST_TOLD:
            raise FileIsRefused(gettext("The file tells too much beside its rows."), field=name)
        self.sections.setdefault(name, []).append(record)

    def account(self, key: str, name: str | None = None, **facts: Any) -> None:
        """Remember an account, or add to what is known of it; what is None changes nothing."""
        known = self.accounts.get(key)
        told = {fact: value for fact, value in facts.items() if value is not None}
        if known is None:
            if len(self.accounts) >= MOST_ACCOUNTS:
                raise FileIsRefused(
                    gettext("The file names more than %(most)s accounts.", most=MOST_ACCOUNTS),
                    field="account", hint=gettext("Is the right column taken for the account?"),
                )  # fmt: skip
            self.accounts[key] = FileAccount(key, name or key, **told)
        elif told:
            self.accounts[key] = replace(known, **told)


@dataclass(slots=True)
class Reading:
    """A file being read. ``rows`` streams and may raise ``FileIsRefused`` on its way.

    ``accounts`` and ``problems`` grow with the rows and are complete when these have ended.
    Close it when the rows are not read to their end.
    """

    guess: Guess
    rows: Iterator[FileRow]
    findings: Findings = field(default_factory=Findings)

    @property
    def accounts(self) -> tuple[FileAccount, ...]:
        """Every account met so far, in the file's order."""
        return tuple(self.findings.accounts.values())

    @property
    def balances(self) -> Sequence[FileBalance]:
        """The balances by day met so far: only books tell them."""
        return self.findings.balances

    @property
    def categories(self) -> Sequence[FileCategory]:
        """The categories met so far, groups first: only books of our own tell them."""
        return self.findings.categories

    @property
    def is_book(self) -> bool:
        """Whether it is a book of our own: only these tell categories, and what is beside rows."""
        return bool(self.categories or self.sections)

    @property
    def sections(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What else a book of our own tells, by the names of its lists."""
        return self.findings.sections

    @property
    def corrections(self) -> Sequence[Correction]:
        """The rows, of this file or an earlier one, that the source took back or replaced."""
        return self.findings.corrections

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be taken so far, in the file's order; at most ``MOST_PROBLEMS``."""
        return tuple(self.findings.problems)

    @property
    def problem_count(self) -> int:
        """How many problems there were so far, counting those not kept."""
        return self.findings.problem_count

    def close(self) -> None:
        """Let go of the file."""
        close = getattr(self.rows, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
