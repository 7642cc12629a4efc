"""CAMT.053, and .052 and .054: ISO 20022 statements, reports and notices, of every version.

A batch becomes its parts where these come to its amount. Document types are refused, so that no
entity is ever declared; nothing outside the file is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final
from xml.parsers import expat

from strongroom.connections.files.accounts import mask_of, read_iban
from strongroom.connections.files.amounts import AmountReader, NotAnAmount
from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.dates import NotADate, readings
from strongroom.connections.files.encodings import is_known
from strongroom.connections.files.types import FileIsRefused, FileRow, Findings, Guess
from strongroom.ui import gettext as _

_ROOTS: Final = ("BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn", ":camt.05")
_STATEMENTS: Final = frozenset({"Stmt", "Rpt", "Ntfctn"})
_DECLARED: Final = re.compile(r"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")
_DEEPEST, _LONGEST_TEXT, _LONGEST_TAG = 60, 20_000, 1024 * 1024
_MOST_PARTS: Final = 50_000
_MOST_VALUES: Final = 1000

Told = dict[str, str]


def guess(head: Head) -> Guess | None:
    """Tell CAMT by its namespace or its root."""
    start = head.text[:20_000]
    if "<" not in start or not any(root in start for root in _ROOTS):
        return None
    declared = _DECLARED.search(start)
    known = head.encoding.startswith("utf")
    return Guess(
        "camt", encoding=head.encoding if known or not declared else _known(declared[1], head),
        confidence=98, reasons=(_("The file says that it is %(format)s.", format="CAMT"),),
    )  # fmt: skip


def _known(encoding: str, head: Head) -> str:
    """Return the encoding that the file declares, unless Python has none of that name."""
    if encoding.lower().startswith("utf") or not is_known(encoding):
        return head.encoding
    return encoding.lower()


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the entries of every statement. Raises ``FileIsRefused`` where it is no XML."""
    scanner = _Scanner(findings)
    parser = scanner.parser
    fed = 0
    try:
        for text in content.texts():
            data = text.encode("utf-8", "replace")
            fed += len(data)
            parser.Parse(data)
            if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                raise FileIsRefused(
                    _("A tag at line %(line)s does not end.", line=parser.CurrentLineNumber),
                    line=parser.CurrentLineNumber,
                )
            yield from scanner.rows
            scanner.rows.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from scanner.rows
        if not scanner.seen or error.code not in _CUT:
            raise FileIsRefused(
                _("Line %(line)s is not XML.", line=error.lineno), line=error.lineno,
                hint=_("Export the file again."),
            ) from None  # fmt: skip
        findings.problem(error.lineno, "line", _("The file was cut off: its end is missing."))
        return
    yield from scanner.rows


_CUT: Final = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)  # fmt: skip


@dataclass(slots=True)
class _Entry:
    """An entry's values by their path below it, and those of its parts."""

    line: int
    told: Told = field(default_factory=dict)
    parts: list[Told] = field(default_factory=list)


class _Scanner:
    """Takes expat's events: builds entries one by one and forgets them."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.rows: list[FileRow] = []
        self.amount = AmountReader(".")
        self.path: list[str] = []
        self.text: list[str] = []
        self.size = 0
        self.attribute = ""
        self.entry: _Entry | None = None
        self.balance: Told | None = None
        self.account: Told = {}
        self.key: str | None = None
        self.opening: Decimal | None = None
        self.closing: Decimal | None = None
        self.total = Decimal(0)
        self.seen = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse

    def refuse(self, *_facts: object) -> None:
        raise FileIsRefused(
            _("The file declares entities, which an export of a bank never does."),
            line=self.parser.CurrentLineNumber,
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self.path.append(tag)
        self.text, self.size = [], 0
        if len(self.path) > _DEEPEST:
            raise FileIsRefused(
                _("The file is nested deeper than any statement."),
                line=self.parser.CurrentLineNumber,
            )
        self.attribute = attributes.get("Ccy", "")
        if tag in _STATEMENTS:
            self.seen = True
            self.account, self.key = {}, None
            self.opening, self.closing, self.total = None, None, Decimal(0)
        elif tag == "Ntry":
            self.know()
            self.entry = _Entry(self.parser.CurrentLineNumber)
        elif tag == "TxDtls" and self.entry is not None and len(self.entry.parts) < _MOST_PARTS:
            self.entry.parts.append({})
        elif tag == "Bal" and self.entry is None:
            self.balance = {}

    def characters(self, text: str) -> None:
        self.size += len(text)
        if self.size <= _LONGEST_TEXT:
            self.text.append(text)

    def end(self, _name: str) -> None:
        tag = self.path[-1]
        text = "".join(self.text).strip()
        if text:
            self.value(text)
        self.text, self.size = [], 0
        self.path.pop()
        if tag == "Ntry" and self.entry is not None:
            entry, self.entry = self.entry, None
            self.rows.extend(self.made(entry))
        elif tag == "Bal" and self.balance is not None:
            told, self.balance = self.balance, None
            self.take_balance(told)
        elif tag in _STATEMENTS:
            self.know()
            self.check()

    def value(self, text: str) -> None:
        path = self.path
        if self.entry is not None:
            told = self.entry.told
            start = "Ntry"
            if "TxDtls" in path and self.entry.parts:
                told, start = self.entry.parts[-1], "TxDtls"
        elif self.balance is not None:
            told, start = self.balance, "Bal"
        elif "Acct" in path:
            told, start = self.account, "Acct"
        else:
            return
        where = "/".join(path[path.index(start) + 1 :])
        if where.endswith("Ustrd") and where in told:
            told[where] = f"{told[where]} {text}"[:_LONGEST_TEXT]
        elif len(told) < _MOST_VALUES:
            told.setdefault(where, text)
        if path[-1] == "Amt":
            told.setdefault(f"{where}@Ccy", self.attribute)

    def know(self) -> None:
        if self.key is not None or not self.account:
            return
        told = self.account
        iban = told.get("Id/IBAN")
        self.key = iban or told.get("Id/Othr/Id") or told.get("Nm")
        if self.key is None:
            return
        kind = {"CACC": ("depository", "checking"), "SVGS": ("depository", "savings"),
                "LOAN": ("loan", None), "CARD": ("credit", "credit card")}.get(
                    told.get("Tp/Cd", ""), (None, None))  # fmt: skip
        mask = mask_of(self.key)
        bank = told.get("Svcr/FinInstnId/Nm", "")
        self.findings.account(
            self.key, told.get("Nm") or f"{bank} {mask or ''}".strip() or self.key,
            iban=read_iban(iban) if iban else None, mask=mask, currency=told.get("Ccy"),
            type=kind[0], subtype=kind[1],
        )  # fmt: skip

    def take_balance(self, told: Told) -> None:
        kind = told.get("Tp/CdOrPrtry/Cd", "")
        if kind not in ("OPBD", "PRCD", "CLBD", "ITBD", "CLAV"):
            return
        self.know()
        line = self.parser.CurrentLineNumber
        try:
            amount = self.amount(told.get("Amt", ""))
            if told.get("CdtDbtInd") == "DBIT":
                amount = -amount
            day = _day(told.get("Dt/Dt") or told.get("Dt/DtTm") or "")
        except (NotAnAmount, NotADate) as error:
            self.findings.problem(line, "balance", str(error))
            return
        if kind in ("OPBD", "PRCD"):
            self.opening = amount
        elif kind == "CLBD":
            self.closing = amount
            if self.key is not None:
                self.findings.account(
                    self.key, currency=told.get("Amt@Ccy") or None, balance=amount, balance_day=day
                )

    def check(self) -> None:
        if self.opening is None or self.closing is None:
            return
        if self.opening + self.total != self.closing:
            self.findings.problem(
                self.parser.CurrentLineNumber, "balance",
                _("The balance is %(told)s, but the rows come to %(sum)s.",
                  told=self.closing, sum=self.opening + self.total),
            )  # fmt: skip

    def made(self, entry: _Entry) -> list[FileRow]:
        """Return an entry's rows: one, or one for each part of a batch."""
        told = entry.told
        status = told.get("Sts/Cd") or told.get("Sts", "BOOK")
        try:
            amount = self.signed(told, told.get("Amt", ""), told.get("CdtDbtInd", ""))
            day = _day(told.get("BookgDt/Dt") or told.get("BookgDt/DtTm")
                       or told.get("ValDt/Dt") or told.get("ValDt/DtTm") or "")  # fmt: skip
        except (NotAnAmount, NotADate) as error:
            which = "date" if isinstance(error, NotADate) else "amount"
            self.findings.problem(entry.line, which, str(error), _raw(told))
            return []
        if status == "INFO":
            message = _("The entry is for information and was not booked.")
            self.findings.problem(entry.line, "status", message, _raw(told))
            return []
        if status == "BOOK":
            self.total += amount
        parts = self.parts(entry, amount)
        if parts is None:
            part = entry.parts[0] if len(entry.parts) == 1 else {}
            return [self.row(entry, part, day, amount, told.get("AcctSvcrRef"), status)]
        reference = told.get("AcctSvcrRef")
        return [
            self.row(entry, part, day, one,
                     part.get("Refs/AcctSvcrRef") or (reference and f"{reference}/{place}"), status)
            for place, (part, one) in enumerate(parts, 1)
        ]  # fmt: skip

    def signed(self, _told: Told, text: str, direction: str) -> Decimal:
        if direction not in ("CRDT", "DBIT"):
            raise NotAnAmount(_("“%(text)s” says neither debit nor credit.", text=direction[:40]))
        amount = self.amount(text)
        if amount < 0:
            raise NotAnAmount(
                _("“%(text)s” is below zero, which an amount of CAMT never is.", text=text[:40])
            )
        return amount if direction == "CRDT" else -amount

    def parts(self, entry: _Entry, amount: Decimal) -> list[tuple[Told, Decimal]] | None:
        """Return a batch's parts with their amounts, or None if they are not the whole."""
        if len(entry.parts) < 2:
            return None
        found = []
        try:
            for part in entry.parts:
                text = part.get("Amt") or part.get("AmtDtls/TxAmt/Amt") or ""
                way = part.get("CdtDbtInd") or entry.told.get("CdtDbtInd", "")
                found.append((part, self.signed(part, text, way)))
        except NotAnAmount:
            return None
        return found if sum((one for _part, one in found), Decimal(0)) == amount else None

    def row(
        self, entry: _Entry, part: Told, day: date, amount: Decimal, fitid: str | None, status: str
    ) -> FileRow:
        told = entry.told
        side = "Dbtr" if amount > 0 else "Cdtr"
        payee = (
            part.get(f"RltdPties/{side}/Nm") or part.get(f"RltdPties/{side}/Pty/Nm")
            or part.get(f"RltdPties/Ultmt{side}/Nm") or part.get(f"RltdPties/Ultmt{side}/Pty/Nm")
        )  # fmt: skip
        counter = (part.get(f"RltdPties/{side}Acct/Id/IBAN")
                   or part.get(f"RltdPties/{side}Acct/Id/Othr/Id"))  # fmt: skip
        said = (
            part.get("RmtInf/Ustrd") or part.get("AddtlTxInf") or told.get("AddtlNtryInf")
            or part.get("RmtInf/Strd/CdtrRefInf/Ref")
        )  # fmt: skip
        return FileRow(
            entry.line, day, amount, told.get("Amt@Ccy") or self.account.get("Ccy"),
            said or payee or "", payee, part.get("RmtInf/Strd/CdtrRefInf/Ref"), None, (), self.key,
            fitid, counter, status == "PDNG", False, None, _raw({**told, **part}),
        )  # fmt: skip


def _day(text: str) -> date:
    found = readings(text[:10]).get("ymd")
    if found is None:
        raise NotADate(_("“%(text)s” is not a date.", text=text[:40]))
    return found


def _raw(told: Told) -> str:
    return "\n".join(f"{path}: {value}" for path, value in told.items())
