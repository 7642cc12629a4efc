"""QIF, Quicken's old exchange format: bank, cash and card accounts, with splits and transfers.

A split becomes one row for each part. Lists (categories, classes, memorised rows) and movements of
securities are passed over, the latter with a word about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from strongroom.connections.files.accounts import mask_of
from strongroom.connections.files.amounts import AmountReader, NotAnAmount, decide_mark
from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.dates import DateReader, NotADate, decide_order
from strongroom.connections.files.types import FileRow, Findings, Guess
from strongroom.ui import gettext as _

_START: Final = re.compile(r"!(type:|account|option:|clear:)", re.IGNORECASE)
_KINDS: Final = {
    "bank": ("depository", "checking"), "cash": ("depository", "cash management"),
    "ccard": ("credit", "credit card"), "oth a": (None, None), "oth l": ("loan", None),
}  # fmt: skip
_TRANSFER: Final = re.compile(r"\[(.*)\]")
_MOST_OF_A_RECORD: Final = 2000


@dataclass(slots=True)
class _Record:
    """The lines of one record by their letters, and its parts if it is split."""

    line: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, str]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        """Add a line. A split begins with S and has E (memo) and $ (amount) after it."""
        if not self.line:
            self.line = number
        if len(self.raw) < _MOST_OF_A_RECORD:
            self.raw.append(line)
            letter, value = line[0], line[1:].strip()
            if letter == "S":
                self.parts.append({"S": value})
            elif letter in "E$%" and self.parts:
                self.parts[-1][letter] = value
            else:
                self.fields.setdefault(letter, value)


def guess(head: Head) -> Guess | None:
    """Tell QIF by its first line; the order of dates is decided over all that are seen."""
    text = head.text.lstrip("\ufeff \n\t")
    if not _START.match(text):
        return None
    dates: list[tuple[int, str]] = []
    amounts: list[tuple[int, str]] = []
    section = ""
    for number, line in enumerate(head.text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith("!"):
            section = bare[1:].lower()
        elif _kind(section) is not None and bare[:1] == "D":
            dates.append((number, bare[1:]))
        elif _kind(section) is not None and bare[:1] in ("T", "$"):
            amounts.append((number, bare[1:]))
    order, mark = decide_order(dates), decide_mark(amounts)
    reasons = [_("The file says that it is %(format)s.", format="QIF")]
    if order is not None:
        reasons.append(order.reason)
    if amounts:
        reasons.append(mark.reason)
    return Guess(
        "qif", encoding=head.encoding, date_order=order.order if order else "mdy",
        decimal_mark=mark.mark, confidence=98 if order and order.line else 70,
        reasons=tuple(reasons),
    )  # fmt: skip


def _kind(section: str) -> tuple[str | None, str | None] | None:
    """Return the kind of account whose rows a section holds; None for lists."""
    return _KINDS.get(section.removeprefix("type:").strip()) if section[:5] == "type:" else None


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the rows of all accounts in the file."""
    return _Scanner(guess, findings).rows(content)


class _Scanner:
    def __init__(self, guess: Guess, findings: Findings) -> None:
        self.findings = findings
        self.amount = AmountReader(guess.decimal_mark)
        self.dates = DateReader(guess.date_order)
        self.section = ""
        self.account: str | None = None

    def rows(self, content: Content) -> Iterator[FileRow]:
        record = _Record()
        number = 0
        for number, line in enumerate(content.lines(), 1):
            bare = line.strip("\ufeff \t\0\x1a")
            if not bare:
                continue
            if bare[0] == "!":
                self.begin(bare, number)
                record = _Record()
            elif bare[0] == "^":
                yield from self.end(record)
                record = _Record()
            else:
                record.take(number, bare)
        if record.fields and (_kind(self.section) or self.section == "account"):
            self.findings.problem(
                number, "line", _("The file ends in the middle of a transaction."), ""
            )
            yield from self.end(record)

    def begin(self, line: str, number: int) -> None:
        self.section = line[1:].strip().lower()
        if self.section.startswith("type:invst"):
            self.findings.problem(
                number, "line", _("Movements of securities are not read from QIF."), line
            )

    def end(self, record: _Record) -> Iterator[FileRow]:
        if not record.fields:
            return
        if self.section == "account":
            self.know(record)
            return
        kind = _kind(self.section)
        if kind is None:
            return
        if self.account is None and record.fields.get("P", "").casefold() == "opening balance":
            named = _TRANSFER.match(record.fields.get("L", ""))
            self.account = named[1] if named else None
            record.fields.pop("L", None)
        if self.account is not None and self.account not in self.findings.accounts:
            self.findings.account(self.account, type=kind[0], subtype=kind[1])
        yield from self.made(record)

    def know(self, record: _Record) -> None:
        name = record.fields.get("N")
        if not name:
            return
        self.account = name
        kind = _KINDS.get(record.fields.get("T", "").lower(), (None, None))
        balance, day = None, None
        try:
            if "$" in record.fields:
                balance = self.amount(record.fields["$"])
            if "/" in record.fields:
                day = self.dates.read(record.fields["/"], record.line)
        except (NotAnAmount, NotADate) as error:
            self.findings.problem(record.line, "balance", str(error), "\n".join(record.raw))
        self.findings.account(
            name, type=kind[0], subtype=kind[1], balance=balance, balance_day=day,
            mask=mask_of(name) if name[-4:].isdecimal() else None,
        )  # fmt: skip

    def made(self, record: _Record) -> Iterator[FileRow]:
        told, raw = record.fields, "\n".join(record.raw)
        if "\ufffd" in raw or "\0" in raw:
            message = _("The line has bytes that are no text in this encoding.")
            self.findings.problem(record.line, "line", message, raw)
            return
        try:
            day = self.dates.read(told.get("D", ""), record.line)
            total = self.amount(told.get("T") or told.get("U") or "")
            parts = [self.amount(part.get("$", "")) for part in record.parts]
        except (NotADate, NotAnAmount) as error:
            which = "date" if isinstance(error, NotADate) else "amount"
            self.findings.problem(record.line, which, str(error), raw)
            return
        payee, note = told.get("P") or None, told.get("M") or None
        reviewed = told.get("C", "") in ("X", "x", "R")
        description = payee or note or told.get("N") or ""
        if parts and sum(parts, Decimal(0)) != total:
            self.findings.problem(
                record.line, "split",
                _("The parts come to %(sum)s, the whole is %(told)s; it is taken as one.",
                  sum=sum(parts, Decimal(0)), told=total), raw,
            )  # fmt: skip
            parts = []
        pieces = (
            [(part.get("S", ""), part.get("E") or note, amount)
             for part, amount in zip(record.parts, parts, strict=True)]
            if parts else [(told.get("L", ""), note, total)]
        )  # fmt: skip
        for where, memo, amount in pieces:
            category, tags, counter = _place(where)
            yield FileRow(
                record.line, day, amount, None, description, payee, memo, category, tags,
                self.account, None, counter if counter != self.account else None, False,
                reviewed, None, raw,
            )  # fmt: skip


def _place(text: str) -> tuple[str | None, tuple[str, ...], str | None]:
    """Return category, class (as a tag) and account of ``Food:Out/Holiday`` or ``[Savings]``."""
    where, _slash, kind = text.partition("/")
    if text.startswith("[") and (found := _TRANSFER.match(text)):
        where, kind = "", text[found.end() :].lstrip("/")
        return None, (kind,) if kind else (), found[1]
    return where or None, (kind,) if kind else (), None
