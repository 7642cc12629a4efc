"""OFX 1.x (SGML) and 2.x (XML), and Quicken's QFX: statements of banks, cards and investments.

One tolerant scanner for both: it knows tags and values and no document types, so that entities
cannot be declared. Positions of securities are not read, only what moved money.
"""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from strongroom.connections.files.accounts import mask_of, read_iban
from strongroom.connections.files.amounts import AmountReader, NotAnAmount, decide_mark
from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.dates import DateReader, NotADate
from strongroom.connections.files.types import (
    Correction,
    FileIsRefused,
    FileRow,
    Findings,
    Guess,
)
from strongroom.ui import gettext as _

_MOVES: Final = (
    "STMTTRN", "BUYSTOCK", "BUYMF", "BUYDEBT", "BUYOPT", "BUYOTHER", "SELLSTOCK", "SELLMF",
    "SELLDEBT", "SELLOPT", "SELLOTHER", "INCOME", "INVEXPENSE", "MARGININTEREST", "RETOFCAP",
)  # fmt: skip
_START: Final = re.compile(rf"<({'|'.join(_MOVES)})>")
_DECLARES: Final = re.compile("<!DOCTYPE|<!ENTITY")
_VALUES: Final = re.compile(r"<([A-Z0-9._]+)>\s*([^<\s][^<]*)")
_TOKENS: Final = re.compile(r"<(/?)([A-Z0-9._]+)>([^<]*)")
_AMOUNTS: Final = re.compile(r"<(?:TRNAMT|TOTAL)>\s*([^<\n]+)")
_TYPES: Final = {
    "CHECKING": ("depository", "checking"), "SAVINGS": ("depository", "savings"),
    "MONEYMRKT": ("depository", "money market"), "CD": ("depository", "cd"),
    "CREDITLINE": ("loan", "line of credit"),
}  # fmt: skip
_STATEMENTS: Final = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
_AREAS: Final = frozenset({"LEDGERBAL", "AVAILBAL", "BANKACCTFROM", "CCACCTFROM", "INVACCTFROM",
                           "STATUS", "FI", "INVBAL", "BAL"})  # fmt: skip
_LONGEST: Final = 256 * 1024
_CORRECTED: Final = "<CORRECTFITID>"
_Id = tuple[str | None, str]


def guess(head: Head) -> Guess | None:
    """Tell OFX by its header or its root; the encoding is what the bytes are, then what it says."""
    start = head.text[:20_000]
    if "<OFX>" not in start and "OFXHEADER" not in start:
        return None
    some = head.text[:200_000]
    amounts = [(some.count("\n", 0, one.start()) + 1, one[1]) for one in _AMOUNTS.finditer(some)]
    mark = decide_mark(amounts)
    version = re.search(r"OFXHEADER[=: \"']+(\d)", start)
    newer = bool(version and version[1] == "2") or start.lstrip("\ufeff \n").startswith("<?xml")
    name = "OFX 2 (XML)" if newer else "OFX 1 (SGML)"
    return Guess(
        "ofx", encoding=head.encoding, decimal_mark=mark.mark, confidence=98,
        reasons=(_("The file says that it is %(format)s.", format=name),),
    )  # fmt: skip


@dataclass(slots=True)
class _Statement:
    """What is known while a statement is read."""

    area: str = ""
    organisation: str = ""
    currency: str | None = None
    bank: str = ""
    key: str | None = None
    kind: tuple[str, str] = ("depository", "checking")
    balance: Decimal | None = None
    total: Decimal = Decimal(0)
    first: date | None = None
    last: date | None = None
    # Of statements before: an account's balance and its day.
    balances: dict[str, tuple[Decimal, date]] = field(default_factory=dict)

    def begin(self, tag: str) -> None:
        self.currency, self.key, self.bank, self.balance = None, None, "", None
        self.total, self.first, self.last = Decimal(0), None, None
        self.kind = {
            "CCSTMTRS": ("credit", "credit card"), "INVSTMTRS": ("investment", "brokerage")
        }.get(tag, ("depository", "checking"))  # fmt: skip


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the movements of every statement in the file, less those that it corrects itself."""
    corrected: frozenset[_Id] = frozenset()
    if _corrects(content):
        content.rewind()
        first = Findings()
        deque(_Scanner(content, guess, first).rows(), maxlen=0)
        corrected = frozenset((one.account, one.fitid) for one in first.corrections)
    content.rewind()
    yield from _Scanner(content, guess, findings, corrected).rows()


def _corrects(content: Content) -> bool:
    """Return whether the file takes back or replaces a movement of its own or of an earlier one."""
    end = ""
    for piece in content.texts():
        if _CORRECTED in end + piece:
            return True
        end = piece[-len(_CORRECTED) :]
    return False


class _Scanner:
    def __init__(
        self, content: Content, guess: Guess, findings: Findings,
        corrected: frozenset[_Id] = frozenset(),
    ) -> None:  # fmt: skip
        self.content = content
        self.corrected = corrected
        self.findings = findings
        self.amount = AmountReader(guess.decimal_mark)
        self.dates = DateReader("ymd")
        self.now = _Statement()
        self.line = 1
        self.ended = False
        self.ends: dict[str, int] = {}

    def rows(self) -> Iterator[FileRow]:
        text, at = "", 0
        for piece in self.content.texts():
            text, at = text[at:] + piece, 0
            self.ends.clear()
            while True:
                found = _START.search(text, at)
                if found is None:
                    # A tag, a value or a start may be cut here: keep what stands after the last.
                    safe = max(text.rfind("<", at), at)
                    self.structure(text[at:safe])
                    at = safe
                    break
                end = self.end_of(text, found)
                if end < 0:
                    self.structure(text[at : found.start()])
                    at = found.start()
                    self.check_length(text, at)
                    break
                self.structure(text[at : found.start()])
                at = found.start()
                body = text[found.end() : end]
                row = self.row(found[1], body)
                after = end + len(found[1]) + 3 if text.startswith("</", end) else end
                self.line += text.count("\n", at, after)
                at = after
                if row is not None:
                    yield row
        self.finish(text[at:])

    def end_of(self, text: str, found: re.Match[str]) -> int:
        """Return where a movement ends: at its end tag, or where another or no more comes."""
        end = self.ends.get(found[1], 0)
        if 0 <= end < found.end():
            # Remembered until it is passed: of many starts without an end, one looks for it.
            end = self.ends[found[1]] = text.find(f"</{found[1]}>", found.end())
        following = text.find(f"<{found[1]}>", found.end(), end if end >= 0 else len(text))
        if following >= 0:
            return following
        return end if end >= 0 else text.find("</BANKTRANLIST>", found.end())

    def check_length(self, text: str, at: int) -> None:
        if len(text) - at > _LONGEST:
            raise FileIsRefused(
                _("A transaction begins at line %(line)s and does not end.", line=self.line),
                line=self.line,
            )

    def finish(self, rest: str) -> None:
        found = _START.search(rest)
        if found is not None:
            self.findings.problem(
                self.line, "line",
                _("The file ends in the middle of a transaction, which is left out."), rest,
            )  # fmt: skip
            return
        self.structure(rest)
        if not self.ended:
            self.findings.problem(
                self.line, "line", _("The file was cut off: its end is missing."), ""
            )

    def structure(self, text: str) -> None:
        """Take in what stands between movements: which account, which currency, balances."""
        if "<!" in text and (declared := _DECLARES.search(text)):
            raise FileIsRefused(
                _("The file declares entities, which an export of a bank never does."),
                line=self.line + text.count("\n", 0, declared.start()),
            )
        for found in _TOKENS.finditer(text):
            slash, tag, written = found.groups()
            if slash:
                self.close(tag)
            elif tag in _STATEMENTS:
                self.now.begin(tag)
            elif tag in _AREAS:
                self.now.area = tag
            elif value := _clean(written):
                self.value(tag, value, self.line + text.count("\n", 0, found.start()))
        self.line += text.count("\n")

    def close(self, tag: str) -> None:
        if tag == "OFX":
            self.ended = True
        elif tag in _AREAS:
            if tag.endswith("ACCTFROM"):
                self.know()
            self.now.area = ""

    def value(self, tag: str, value: str, line: int) -> None:
        now = self.now
        if tag == "CURDEF":
            now.currency = value.upper()[:16]
        elif tag == "ORG":
            now.organisation = value
        elif tag == "ACCTID" and now.area.endswith("ACCTFROM"):
            now.key = value
        elif tag == "ACCTTYPE" and value in _TYPES:
            now.kind = _TYPES[value]
        elif tag == "BALAMT" and now.area == "LEDGERBAL":
            now.balance = self.number(value, line)
        elif tag == "DTASOF" and now.area == "LEDGERBAL" and now.key is not None:
            self.balance(value, line)
        elif tag == "MESSAGE" and now.area == "STATUS" and value.lower() != "success":
            self.findings.problem(line, "status", _("The bank says: %(text)s", text=value[:200]))

    def number(self, text: str, line: int) -> Decimal | None:
        try:
            return self.amount(text)
        except NotAnAmount as error:
            self.findings.problem(line, "balance", str(error), text)
            return None

    def know(self) -> None:
        now = self.now
        if now.key is None:
            return
        mask = mask_of(now.key)
        name = f"{now.organisation} {mask or now.key}".strip()
        self.findings.account(
            now.key, name, type=now.kind[0], subtype=now.kind[1], mask=mask,
            iban=read_iban(now.key), currency=now.currency,
        )  # fmt: skip

    def balance(self, text: str, line: int) -> None:
        """Keep a statement's balance, and compare it with the one before where that tells."""
        now = self.now
        if now.balance is None or now.key is None:
            return
        try:
            day = self.dates.read(text, line)
        except NotADate as error:
            self.findings.problem(line, "balance", str(error), text)
            return
        self.findings.account(now.key, balance=now.balance, balance_day=day)
        before = now.balances.get(now.key)
        if (
            before is not None and now.first is not None and now.last is not None
            and before[1] < now.first and now.last <= day
            and before[0] + now.total != now.balance
        ):  # fmt: skip
            self.findings.problem(
                line, "balance",
                _("The balance is %(told)s, but the rows since the last one come to %(sum)s.",
                  told=now.balance, sum=before[0] + now.total),
            )  # fmt: skip
        now.balances[now.key] = (now.balance, day)

    def row(self, kind: str, body: str) -> FileRow | None:
        """Return the movement that a body tells, or tell why it is none."""
        if "<![" in body:
            body = _escaped(body)
        told = {tag: value.rstrip() for tag, value in _VALUES.findall(body)}
        if "&" in body:
            for tag, value in told.items():
                if "&" in value:
                    told[tag] = html.unescape(value)
        if "\ufffd" in body or "\0" in body:
            message = _("The line has bytes that are no text in this encoding.")
            self.findings.problem(self.line, "line", message, body)
            return None
        if not self.stands(told):
            return None
        posted = told.get("DTPOSTED") or told.get("DTTRADE") or told.get("DTSETTLE") or ""
        written = told.get("TRNAMT") or told.get("TOTAL") or ""
        day = self.dates.known.get(posted[:8])
        try:
            if day is None:
                day = self.dates.read(posted[:8] if posted[:8].isdecimal() else posted, self.line)
            amount = self.amount(written)
        except (NotADate, NotAnAmount) as error:
            which = "date" if isinstance(error, NotADate) else "amount"
            self.findings.problem(self.line, which, str(error), body)
            return None
        return self.made(kind, told, day, amount, body)

    def stands(self, told: dict[str, str]) -> bool:
        """Return whether a movement is one of the account: not taken back, and no taking back.

        OFX 2.3, 11.4.4: CORRECTACTION is DELETE or REPLACE, of the movement of CORRECTFITID.
        """
        fitid, other = told.get("FITID"), told.get("CORRECTFITID")
        if other is None:
            return fitid is None or (self.now.key, fitid) not in self.corrected
        replaces = told.get("CORRECTACTION", "").strip().upper() != "DELETE"
        self.findings.corrections.append(Correction(self.line, self.now.key, other, replaces))
        return replaces and (fitid == other or (self.now.key, fitid) not in self.corrected)

    def made(
        self, kind: str, told: dict[str, str], day: date, amount: Decimal, body: str
    ) -> FileRow:
        now = self.now
        now.total += amount
        if now.first is None or day < now.first:
            now.first = day
        if now.last is None or day > now.last:
            now.last = day
        payee = told.get("NAME")
        note = told.get("MEMO")
        code = now.currency
        if "CURSYM" in told and "<CURRENCY>" in body:
            code = told["CURSYM"].upper()[:16]
        return FileRow(
            self.line, day, amount, code, payee or note or told.get("CHECKNUM") or kind.title(),
            payee, note if payee else None, told.get("CATEGORY"), (), now.key,
            told.get("FITID"), told.get("ACCTID"), False, False, None, body,
        )  # fmt: skip


def _escaped(text: str) -> str:
    """Return a text with its CDATA written as other text is."""
    pieces, at = [], 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        pieces += [text[at:start], html.escape(text[start + 9 : end], quote=False)]
        at = end + 3
    return "".join([*pieces, text[at:]])


def _clean(text: str) -> str:
    return html.unescape(text).strip()
