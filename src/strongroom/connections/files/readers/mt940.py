"""MT940 and MT942, SWIFT's statements as lines with tags; one file may hold many statements.

The balances are checked against the rows. References are shown and never taken for ids, as banks
use them for several rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from strongroom.connections.files.accounts import mask_of, read_iban
from strongroom.connections.files.amounts import AmountReader, NotAnAmount
from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.dates import NotADate, readings
from strongroom.connections.files.types import FileRow, Findings, Guess
from strongroom.ui import gettext as _

_TAG: Final = re.compile(r":(\d{2}[A-Z]?):")
_OPENING: Final = re.compile(r"^:20:", re.MULTILINE)
_STATEMENT: Final = re.compile(r"^:(?:25P?|28C?|60[FM]|61|62[FM]):", re.MULTILINE)
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d.,]+)\s*\Z")
_MOVE: Final = re.compile(
    r"(\d{6})(\d{4})?\s?(E?R?[CD])([A-Z](?=\d))?([\d.,]+)(?:([A-Z][A-Z0-9]{3})(.*))?\Z", re.DOTALL
)
_FIELDS: Final = re.compile(r"\?(\d{2})([^?]*)")
_SLASHES: Final = re.compile(r"/([A-Z]{3,4})/")
_MOST_OF_A_TAG: Final = 20_000
_SEPA: Final = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+")


def guess(head: Head) -> Guess | None:
    """Tell MT940 by its tags."""
    start = head.text[:50_000]
    if not _OPENING.search(start) or not _STATEMENT.search(start):
        return None
    return Guess(
        "mt940", encoding=head.encoding, decimal_mark=",", confidence=98,
        reasons=(_("The file says that it is %(format)s.", format="MT940"),),
    )  # fmt: skip


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the rows of all statements."""
    scanner = _Scanner(findings)
    for number, tag, value in _tags(content):
        row = scanner.take(number, tag, value)
        if row is not None:
            yield row
    row = scanner.done()
    if row is not None:
        yield row
    scanner.end()


def _tags(content: Content) -> Iterator[tuple[int, str, str]]:
    """Return line, tag and value, with the lines that go on joined by line feeds."""
    at, tag, value = 0, "", ""
    for number, line in enumerate(content.lines(), 1):
        found = _TAG.match(line)
        if found:
            if tag:
                yield at, tag, value
            at, tag, value = number, found[1], line[found.end() :]
        elif tag and line.strip("- }\x03\x1a") and not line.startswith("{"):
            if len(value) < _MOST_OF_A_TAG:
                value = f"{value}\n{line}"
        elif tag and line.startswith(("-", "{")):
            yield at, tag, value
            tag = ""
    if tag:
        yield at, tag, value


@dataclass(slots=True)
class _Waiting:
    """A movement whose text (tag 86) has not come yet."""

    line: int
    day: date
    amount: Decimal
    pending: bool
    reference: str
    kind: str
    raw: str
    text: str = ""


class _Scanner:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.amount = AmountReader(",")
        self.key: str | None = None
        self.currency: str | None = None
        self.opening: Decimal | None = None
        self.total = Decimal(0)
        self.waiting: _Waiting | None = None
        self.closed = True
        self.line = 0

    def take(self, number: int, tag: str, value: str) -> FileRow | None:
        """Take a tag in; return the row that it shows to be complete."""
        self.line = number
        if tag == "86":
            if self.waiting is not None:
                self.waiting.text = value
            return self.done()
        row = self.done()
        if tag == "20":
            self.end()
            self.closed = False
            self.opening, self.total, self.key = None, Decimal(0), None
        elif tag in ("25", "25P"):
            self.know(value)
        elif tag in ("60F", "60M"):
            if (found := self.balance(number, value)) is not None:
                self.opening = found[0]
        elif tag == "61":
            self.move(number, value)
        elif tag in ("62F", "62M"):
            self.close(number, value)
        return row

    def end(self) -> None:
        """Tell of a statement that has no closing balance: the file was cut."""
        if not self.closed and self.opening is not None:
            self.findings.problem(self.line, "line", _("The file was cut off: its end is missing."))
        self.closed = True

    def know(self, value: str) -> None:
        lines = value.strip().splitlines()
        number = (lines[0] if lines else "").strip()
        # Some banks add the currency behind the number: NL91ABNA0417164300EUR.
        bare = number.replace(" ", "")
        iban = read_iban(bare) or read_iban(bare[:-3])
        self.key = iban or number or None
        if self.key is not None:
            self.findings.account(self.key, iban=iban, mask=mask_of(self.key), type="depository",
                                  subtype="checking")  # fmt: skip

    def balance(self, number: int, value: str) -> tuple[Decimal, date] | None:
        found = _BALANCE.match(value.strip())
        try:
            if found is None:
                raise NotAnAmount(_("“%(text)s” is not a balance.", text=value[:40]))
            amount = self.amount(found[4])
            day = _day(found[2])
        except (NotAnAmount, NotADate) as error:
            self.findings.problem(number, "balance", str(error), value)
            return None
        self.currency = found[3]
        if self.key is not None:
            self.findings.account(self.key, currency=self.currency)
        return amount if found[1] == "C" else -amount, day

    def close(self, number: int, value: str) -> None:
        self.closed = True
        found = self.balance(number, value)
        if found is None or self.key is None:
            return
        amount, day = found
        self.findings.account(self.key, balance=amount, balance_day=day)
        if self.opening is not None and self.opening + self.total != amount:
            self.findings.problem(
                number, "balance",
                _("The balance is %(told)s, but the rows come to %(sum)s.",
                  told=amount, sum=self.opening + self.total), value,
            )  # fmt: skip

    def move(self, number: int, value: str) -> None:
        first, _newline, extra = value.partition("\n")
        found = _MOVE.match(first.strip())
        try:
            if found is None:
                raise NotAnAmount(_("The movement is not written as SWIFT says."))
            day = _entry_day(_day(found[1]), found[2])
            amount = self.amount(found[5])
        except (NotAnAmount, NotADate) as error:
            which = "date" if isinstance(error, NotADate) else "amount"
            self.findings.problem(number, which, str(error), value)
            return
        mark = found[3]
        # A reversed credit (RC) takes money away, a reversed debit (RD) gives it back.
        if (mark[-1] == "D") != ("R" in mark):
            amount = -amount
        pending = mark.startswith("E")
        if not pending:
            self.total += amount
        reference = " ".join((found[7] or "").replace("NONREF", "").split("//")).strip()
        self.waiting = _Waiting(
            number, day, amount, pending, f"{reference} {extra}".strip(), found[6] or "",
            f":61:{value}",
        )  # fmt: skip

    def done(self) -> FileRow | None:
        """Return the movement that waited for its text, if one did."""
        one, self.waiting = self.waiting, None
        if one is None:
            return None
        raw = f"{one.raw}\n:86:{one.text}" if one.text else one.raw
        if "\ufffd" in raw or "\0" in raw:
            message = _("The line has bytes that are no text in this encoding.")
            self.findings.problem(one.line, "line", message, raw)
            return None
        said, payee, counter = _said(one.text)
        shown = said or payee or one.reference or one.kind
        return FileRow(
            one.line, one.day, one.amount, self.currency, shown, payee,
            one.reference or None, None, (), self.key, None, counter, one.pending, False, None, raw,
        )  # fmt: skip


def _day(text: str) -> date:
    """Read ``YYMMDD``."""
    found = readings(f"{text[:2]}-{text[2:4]}-{text[4:]}").get("ymd")
    if found is None:
        raise NotADate(_("“%(text)s” is not a date.", text=text))
    return found


def _entry_day(value: date, entry: str | None) -> date:
    """Return the booking day: month and day stand alone, in the year nearest to the value day."""
    if entry is None:
        return value
    days = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            days.append(date(year, int(entry[:2]), int(entry[2:])))
        except ValueError:
            continue
    return min(days, key=lambda day: abs((day - value).days)) if days else value


def _said(text: str) -> tuple[str, str | None, str | None]:
    """Return purpose, name and account of the other side, from the three ways banks write them."""
    joined = text.replace("\n", "")
    if fields := _FIELDS.findall(joined):
        told: dict[str, str] = {}
        for number, value in fields:
            told[number] = told.get(number, "") + value
        purpose = "".join(told[one] for one in sorted(told)
                          if one[0] == "2" or one in ("60", "61", "62", "63"))  # fmt: skip
        name = (told.get("32", "") + told.get("33", "")).strip()
        return _purpose(purpose) or told.get("00", ""), name or None, told.get("31") or None
    parts = _SLASHES.split(joined)
    if len(parts) > 2:
        named = dict(zip(parts[1::2], parts[2::2], strict=False))
        said = " ".join(one.strip("/ ") for one in (named.get("REMI", ""),) if one.strip("/ "))
        return (said or parts[0].strip(), named.get("NAME", "").strip("/ ") or None,
                named.get("IBAN", "").strip("/ ") or None)  # fmt: skip
    return " ".join(text.split()), None, None


def _purpose(text: str) -> str:
    """Return the words for people among SEPA's marks such as ``EREF+`` and ``SVWZ+``."""
    parts = _SEPA.split(text)
    if len(parts) < 3:
        return " ".join(text.split())
    return " ".join(dict(zip(parts[1::2], parts[2::2], strict=False)).get("SVWZ", "").split())
