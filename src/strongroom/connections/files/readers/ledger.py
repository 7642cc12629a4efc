"""Reads ledger's and hledger's files: our own exports exactly, and the plain part people write.

Transactions, balance assertions and account directives; prices and options are passed over. What
changes other lines (include, automated and periodic transactions) is told as a problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.readers.double_entry import (
    AT_COST,
    Entry,
    Ledger,
    Posting,
    guess_form,
)
from strongroom.connections.files.types import FileRow, Findings, Guess
from strongroom.ui import gettext as _

_DATE: Final = re.compile(r"(?:(\d{4})[-/.])?(\d{1,2})[-/.](\d{1,2})(?:=\S+)?(?:\s+|\Z)", re.ASCII)
_HEAD: Final = re.compile(r"(?P<flag>[*!])?\s*(?:\((?P<code>[^)]*)\)\s*)?(?P<says>.*)\Z")
_COMMENT: Final = re.compile(r"\s{2,};|\t\s*;|\A\s*;")
_TAG: Final = re.compile(r"([^\s:;,]+):(?:\s+(.*)|\Z)")
_WORDS: Final = re.compile(r"(?:\A|\s):((?:[^\s:]+:)+)(?:\s|\Z)")
_LEG: Final = re.compile(
    r"(?:[*!]\s+)?(?P<account>\S(?:.*?\S)??)(?:(?:\s{2,}|\t)\s*(?P<rest>.*))?\Z"
)
_COMMODITY: Final = r'"[^"]+"|[^\s\d"@=;{}()\[\].,+-]+'
_AMOUNT: Final = re.compile(
    rf"(?P<sign>[-+]?)\s*(?P<before>{_COMMODITY})?"
    r"\s*(?P<number>[-+]?\d[\d.,'\u00a0 ]*|[-+]?[.,]\d+)"
    rf"\s*(?P<after>{_COMMODITY})?\s*\Z"
)
_PARTS: Final = re.compile(
    r"(?P<amount>[^@={]*)(?P<cost>\{[^}]*\}+\s*)?(?:\[[^\]]*\]\s*)?"
    r"(?:(?P<at>@@?)(?P<price>[^=]*))?(?:(?P<is>==?\*?)(?P<balance>.*))?\Z"
)
_PASSED_OVER: Final = frozenset(
    """account commodity tag payee P D N C A bucket alias year Y default assert check define
    decimal-mark""".split()
)
_LONGEST_POSTING: Final = 2_000
_SYMBOLS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "kr": "NOK"}
_FOREIGN: Final = re.compile(
    r"(?m)^\d{4}[-/.]\d\d?[-/.]\d\d?(=\S+)? .*\n(?:[ \t]+;.*\n)*[ \t]+\S.*(?:  |\t)"
)


def guess(head: Head) -> Guess | None:
    """Return how to read it if it is ledger's: exported here, or written by somebody."""
    return guess_form("ledger", head, _FOREIGN)


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the transactions, entry by entry."""
    reader = _Reader(findings)
    for number, line in enumerate(content.lines(), 1):
        yield from reader.line(number, line)
    yield from reader.done()


class NotRead(ValueError):
    """A part of a line is not of the plain part that is read here."""


class _Reader:
    """Puts lines together to entries."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._ledger = Ledger(findings)
        self._year: int | None = None
        self._until = ""
        self._forget()

    def _forget(self) -> None:
        self._entry: Entry | None = None
        self._asserted: list[tuple[str, Decimal, str]] = []
        self._account, self._number = "", 0
        self._own: dict[str, Any] = {}
        self._spoilt = self._passing = False

    def line(self, number: int, text: str) -> Iterator[FileRow]:
        """Take a line; return the rows of the entry that it ends."""
        if self._until:
            self._until = "" if text.strip() == self._until else self._until
        elif text[:1] in (" ", "\t"):
            if text.strip() and not self._passing:
                self._indented(number, text)
        else:
            yield from self.done()
            if text and text[0] not in ";#%|*":
                self._begin(number, text)

    def done(self) -> Iterator[FileRow]:
        """Finish the entry that is being read; return its rows."""
        entry = self._entry
        if self._account:
            self._ledger.opened(self._account, self._own, self._number)
        elif entry is not None and not self._spoilt:
            if "source" not in self._own:
                yield from self._ledger.rows(entry)
            for account, number, code in self._asserted:
                self._ledger.balance(account, entry.day, number, code, self._own)
        self._forget()

    def _begin(self, number: int, text: str) -> None:
        if text[0].isdigit():
            self._transaction(number, text)
            return
        word, _space, rest = text.partition(" ")
        self._number = number
        if word == "account":
            self._account = _COMMENT.split(rest.strip())[0].strip()
        elif word in ("comment", "test"):
            self._until = f"end {word}"
            self._until = "end comment" if word == "comment" else "end"
        elif word in ("Y", "year") and rest.strip().isdigit():
            self._year, self._passing = int(rest), True
        else:
            self._passing = True
            if word not in _PASSED_OVER:
                what = _("%(what)s is not read.", what=word[:40])
                self._findings.problem(number, "directive", what, text)

    def _transaction(self, number: int, text: str) -> None:
        found = _DATE.match(text)
        year = None if found is None else found[1] or self._year
        try:
            if found is None or year is None:
                raise ValueError
            day = date(int(year), int(found[2]), int(found[3]))
        except ValueError:
            self._findings.problem(number, "day", _("There is no such day."), text)
            self._passing = True
            return
        head, comment = _commented(text[found.end() :])
        parts = _HEAD.match(head)
        says = parts["says"].strip() if parts else head
        payee, bar, description = says.partition("|")
        self._entry = Entry(
            number, day, (parts and parts["flag"]) or "",
            payee=payee.strip() if bar else None,
            description=description.strip() if bar else says,
        )  # fmt: skip
        if comment:
            self._note(comment)

    def _indented(self, number: int, text: str) -> None:
        bare = text.strip()
        if bare.startswith(";"):
            self._note(bare.lstrip("; "))
        elif self._entry is not None and not self._spoilt:
            try:
                self._posting(bare)
            except NotRead as error:
                self._findings.problem(number, "posting", str(error), bare)
                self._spoilt = True

    def _note(self, comment: str) -> None:
        """Take what a comment says: tags, and what an export of ours hides there as JSON."""
        if comment.startswith("strongroom: {"):
            try:
                found = json.loads(comment.partition(" ")[2])
            except (ValueError, RecursionError):
                found = None
            self._own = found if isinstance(found, dict) else {}
        elif self._entry is not None:
            tag = _TAG.match(comment)
            words = _WORDS.search(comment)
            if words is not None:
                self._entry.tags += words[1].strip(":").split(":")
            elif tag is not None:
                self._entry.meta[tag[1]] = _value(tag[2] or "")
            elif comment and "note" not in self._entry.meta:
                self._entry.meta["note"] = comment

    def _posting(self, text: str) -> None:
        assert self._entry is not None  # noqa: S101 - only called within a transaction
        bare, comment = _commented(text)
        found = _LEG.match(bare) if len(bare) < _LONGEST_POSTING else None
        if found is None:
            raise NotRead(_("This posting cannot be read."))
        account = found["account"]
        if account[0] == "(":
            return  # a virtual posting stands outside of the balance
        account = account.strip("[]")
        parts = _PARTS.match(found["rest"] or "")
        if parts is None:
            raise NotRead(_("This posting cannot be read."))
        amount, code = _amount(parts["amount"])
        if parts["balance"]:
            number, asserted = _amount(parts["balance"])
            if amount is None:
                raise NotRead(_("A balance without an amount is not read."))
            if number is not None:
                self._asserted.append((account, number, asserted or code or ""))
        self._entry.postings.append(Posting(account, amount, code, _weight(amount, parts)))
        if comment and _TAG.match(comment):
            self._note(comment)


def _weight(amount: Decimal | None, parts: re.Match[str]) -> tuple[Decimal, str] | None:
    if parts["cost"] is not None:
        return AT_COST
    if parts["at"] is None or amount is None:
        return None
    price, code = _amount(parts["price"])
    if price is None:
        raise NotRead(_("This price cannot be read."))
    return (price.copy_sign(amount) if parts["at"] == "@@" else price * amount), code or ""


def _amount(text: str) -> tuple[Decimal | None, str | None]:
    """Return an amount and its commodity, None where there is none. Raises ``NotRead``."""
    text = text.strip()
    if not text:
        return None, None
    found = _AMOUNT.match(text)
    if found is None:
        raise NotRead(_("%(text)s is not an amount.", text=repr(text[:40])))
    number = _number(found["number"])
    name = found["before"] or found["after"]
    if name is not None:
        name = name.strip('"')
        name = _SYMBOLS.get(name, name)
    return (number.copy_negate() if found["sign"] == "-" else number), name


def _number(text: str) -> Decimal:
    """Return a number in either way of writing: what stands last of point and comma is decimal.

    A single comma before three digits parts thousands.
    """
    bare = re.sub("['\u00a0 ]", "", text)
    point, comma = bare.rfind("."), bare.rfind(",")
    if comma > point and not (bare.count(",") >= 1 and len(bare) - comma == 4 and point < 0):
        bare = bare.replace(".", "").replace(",", ".")
    else:
        bare = bare.replace(",", "")
    if bare.count(".") > 1:
        raise NotRead(_("%(text)s is not an amount.", text=repr(text[:40])))
    return Decimal(bare)


def _commented(text: str) -> tuple[str, str]:
    """Return a line without its comment, and the comment."""
    found = _COMMENT.search(text)
    at = text.find(";") if found is None else found.start()
    if at < 0 or (found is None and '"' in text[:at]):
        return text, ""
    return text[:at], text[at:].lstrip("; \t")


def _value(text: str) -> str:
    if text.startswith('"'):
        try:
            found = json.loads(text)
        except ValueError:
            return text.strip()
        return found if isinstance(found, str) else text.strip()
    return text.strip()
