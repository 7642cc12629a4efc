"""Reading a file into rows that wait: batch by batch, so that a million rows take little memory.

What a file is and what its lines mean is ``files``' to say; what becomes of the rows ``imports``'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, islice
from uuid import UUID

from strongroom import transactions
from strongroom.connections import files
from strongroom.connections.files import FileIsRefused, FileRow, Guess, Limits, Reading, Source
from strongroom.connections.imports import books, queries
from strongroom.connections.imports.currencies import Currencies
from strongroom.connections.imports.text import is_kept, kept, kept_json
from strongroom.connections.imports.types import FileTold
from strongroom.core.db import Db
from strongroom.core.ids import UserId, new_id
from strongroom.ui import N_, gettext

Progress = Callable[[int], Awaitable[None]]
"""Told how many rows were read so far."""

_BATCH = 5_000
_EARLIEST = date(1970, 1, 1)
_AHEAD = timedelta(days=366)
_LARGEST = Decimal(10) ** 15
_FINEST = -10
_LAST_LINE = 2**31 - 1  # a row of a database may claim any
_MOST_PROBLEMS_KEPT = 200
_TEXTS = ("key", "name", "type", "subtype", "mask", "iban", "currency", "more")
_STATEMENTS = ("camt", "mt940")
_MOST_REMARKS = 3
_DESCRIPTION, _NOTE, _RAW = 1_000, 2_000, 4_000
_RAW_OF_A_BOOK = 100_000


@dataclass(slots=True)
class Read:
    """What a file came to: its accounts as told and summed, and what could not be taken."""

    told: Sequence[FileTold]
    rows: int
    problems: Sequence[files.Problem]
    problem_count: int
    sections: Mapping[str, int] = field(default_factory=dict)
    """How many records an exported book has beside its rows, by section."""
    is_book: bool = False

    @property
    def tells_more(self) -> bool:
        """Whether there is something to take in though there is no row."""
        return self.is_book and bool(self.told or self.sections)


@dataclass(slots=True)
class _Balances:
    """Balances beside rows, of one account: which way the file runs shows which is the last.

    Files run from old to new or from new to old; each step that adds up is a vote.
    """

    first: FileRow
    last: FileRow
    down: int = 0
    up: int = 0

    def see(self, row: FileRow) -> None:
        before, after = self.last.balance_after, row.balance_after
        if before is not None and after is not None:
            self.down += before + row.amount == after
            self.up += after + self.last.amount == before
        self.last = row

    @property
    def closing(self) -> FileRow | None:
        """The row whose balance is the newest, or None where the balances do not add up."""
        if self.first is self.last:
            return self.last
        if not self.down and not self.up:
            return None
        return self.last if self.down >= self.up else self.first


@dataclass(slots=True)
class _Stream:
    """The rows of a reading as the book takes them; what it cannot take becomes a problem."""

    reading: Reading
    latest: date
    currencies: Currencies
    count: int = 0
    balances: dict[str, _Balances] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[object, ...]]:
        first = list(islice(self.reading.rows, _BATCH))
        self.currencies.see(first)
        for row in chain(first, self.reading.rows):
            wrong = _wrong(row, self.latest) or self.currencies.wrong(row)
            if wrong is not None:
                self.reading.findings.problem(row.line, *wrong, row.raw)
                continue
            self.count += 1
            key = kept(row.account or "")
            if row.balance_after is not None:
                seen = self.balances.get(key)
                if seen is None:
                    self.balances[key] = _Balances(row, row)
                else:
                    seen.see(row)
            yield _staged(row, key)


def _wrong(row: FileRow, latest: date) -> tuple[str, str] | None:
    """Return which field of a row no account can hold, and why."""
    amount = row.amount
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        return "amount", gettext("The amount is not below %(most)s.", most=f"{_LARGEST:,}")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _FINEST and amount.quantize(
        Decimal(1).scaleb(_FINEST)
    ) != amount:  # fmt: skip
        return "amount", gettext("The amount has more than ten decimals.")
    if not _EARLIEST <= row.day <= latest:
        said = gettext(
            "The day is not between %(first)s and %(last)s.", first=_EARLIEST, last=latest
        )
        return "date", said
    if _not_kept(row):
        return "line", gettext("The row has a character that is no text.")
    return None


def _not_kept(row: FileRow) -> bool:
    texts = (
        row.currency, row.description, row.payee, row.note, row.category, *row.tags, row.account,
        row.fitid, row.counter_account, row.raw,
    )  # fmt: skip
    return not is_kept("\n".join([text for text in texts if text]))


def _staged(row: FileRow, key: str) -> tuple[object, ...]:
    note = row.note
    if row.tags:
        note = " ".join([*([note] if note else []), *(f"#{tag}" for tag in row.tags)])
    return (
        new_id(), max(0, min(row.line, _LAST_LINE)), key, row.day, row.amount, row.currency,
        (row.description or row.payee or "–")[:_DESCRIPTION],
        row.payee[:_DESCRIPTION] if row.payee else None,
        note[:_NOTE] if note else None,
        row.category or None, row.fitid or None, row.counter_account or None, row.pending,
        row.reviewed, row.balance_after, _own_text(row.raw), False,
    )  # fmt: skip


def _own_text(raw: str) -> str:
    """Return a row's own text; what a book of ours says of a row is of no use if it is cut."""
    return raw[: _RAW_OF_A_BOOK if raw.startswith('{"') else _RAW]


async def _tell_corrections(db: Db, owner: UserId, reading: Reading) -> None:
    """Name the rows that the source corrects and the book has from an earlier file."""
    by_id = {(kept(one.account or ""), kept(one.fitid)): one for one in reading.corrections}
    for key, fitid, day, amount in await queries.taken_in(db, owner, list(by_id)):
        one = by_id[key, fitid]
        does = "replaces" if one.replaced else "takes back"
        reading.findings.problem(
            one.line,
            "fitid",
            f"The bank {does} the row of {day} with {amount.normalize():f}, which the book has from"
            " an earlier file. Change it there.",
        )


async def read_into(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    source: Source,
    guess: Guess,
    today: date,
    limits: Limits,
    progress: Progress | None = None,
) -> Read:
    """Read a file and keep its rows as what the import says. Raises ``FileIsRefused``."""
    await transactions.begin_file(db)
    with files.read(source, guess, limits=limits) as reading:
        stream = _Stream(reading, today + _AHEAD, Currencies(reading))
        rows = stream.rows()
        while batch := await asyncio.to_thread(_next, rows):
            await transactions.stage_file(db, rows=batch)
            if progress is not None:
                await progress(stream.count)
    keys = await transactions.keep_file(db, owner=owner, import_id=import_id)
    held = [_kept(one) for one in reading.accounts]
    named = {one.key: one for one in held}
    found = {kept(key): code for key, code in stream.currencies.of.items()}
    told = [
        _told(key, named.get(key.key), stream.balances.get(key.key), found.get(key.key))
        for key in keys
    ]
    await _tell_corrections(db, owner, reading)
    told += books.silent(reading, held, named.keys() & {one.key for one in keys})
    problems, remark = _apart(guess, reading)
    if remark is not None:
        told = [one if one.balance is None else replace(one, remark=remark) for one in told]
    await books.keep(db, owner=owner, import_id=import_id, reading=reading, held=held)
    return Read(
        told=told,
        rows=sum(one.rows for one in keys),
        problems=problems[:_MOST_PROBLEMS_KEPT],
        problem_count=reading.problem_count - (len(reading.problems) - len(problems)),
        sections={name: len(one) for name, one in reading.sections.items() if one},
        is_book=reading.is_book,
    )


def _apart(guess: Guess, reading: Reading) -> tuple[list[files.Problem], str | None]:
    """Return what could not be taken, and what a statement's own sums say of its balance.

    A statement's balance is no line of it: that it does not fit leaves no row out.
    """
    problems = list(reading.problems)
    if guess.format not in _STATEMENTS:
        return problems, None
    remarks = [one.message for one in problems if one.field == "balance"]
    kept_ = [one for one in problems if one.field != "balance"]
    return kept_, " ".join(remarks[:_MOST_REMARKS]) or None


def _next(rows: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
    try:
        return list(islice(rows, _BATCH))
    except UnicodeError as error:
        raise FileIsRefused(
            N_("The file holds characters that its encoding does not have."),
            field="encoding",
            hint=N_("Choose another encoding."),
        ) from error


def _kept(one: files.FileAccount) -> files.FileAccount:
    """Return an account with its texts as they are kept, for its rows to find it by its key."""
    texts = {name: getattr(one, name) for name in _TEXTS}
    return replace(one, **kept_json(texts))


def _told(
    key: transactions.FileKey,
    named: files.FileAccount | None,
    balances: _Balances | None,
    currency: str | None,
) -> FileTold:
    told = FileTold(
        key=key.key,
        name=key.key if named is None else named.name,
        rows=key.rows,
        first=key.first,
        last=key.last,
        amount=key.amount,
        currency=currency,
    )
    if named is not None:
        told = replace(
            told,
            type=named.type,
            subtype=named.subtype,
            mask=named.mask,
            iban=named.iban,
            currency=currency or named.currency,
            balance=named.balance,
            balance_day=named.balance_day,
        )
    closing = None if balances is None else balances.closing
    if told.balance is None and closing is not None:
        told = replace(told, balance=closing.balance_after, balance_day=closing.day)
    if told.balance is not None and told.balance_day is None:
        told = replace(told, balance_day=key.last)
    return told
