"""Reads beancount files: our own exports exactly, and the plain part that people write.

Transactions, opened accounts and balances; prices, options and notes are passed over. What changes
other lines (include, pad, costs without amounts) is told as a problem, and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.readers.double_entry import (
    AT_COST,
    Entry,
    Ledger,
    Posting,
    guess_form,
)
from strongroom.connections.files.readers.own_book import day_before
from strongroom.connections.files.types import FileRow, Findings, Guess
from strongroom.ui import gettext as _

_DATED: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s+(\S+)(?:\s+(.*))?\Z", re.ASCII)
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_AFTER_STRINGS: Final = re.compile(r'(?:\s*"(?:[^"\\]|\\.)*"\s*\|?)*')
_TAG: Final = re.compile(r"(?:\A|\s)#([\w/.-]+)")
_META: Final = re.compile(r"([a-z][\w-]*):(?:\s+(.*))?\Z")
_ACCOUNT: Final = r"[^\W\d_][\w-]*(?::[\w-]+)+"
_NUMBER: Final = r"[-+]?[\d,]*\.?\d+\.?"
_CODE: Final = r"[A-Z/][A-Z0-9'._/-]*"
_POSTING: Final = re.compile(
    rf"(?:[*!&#?%A-Z]\s+)?(?P<account>{_ACCOUNT})"
    rf"(?:\s+(?P<number>{_NUMBER})\s+(?P<code>{_CODE}))?"
    r"(?P<cost>\s*\{[^}]*\}+)?"
    rf"(?:\s*(?P<at>@@?)(?:\s*(?P<price>{_NUMBER})\s+(?P<priced>{_CODE}))?)?\s*\Z"
)
_BALANCE: Final = re.compile(
    rf"(?P<account>{_ACCOUNT})\s+(?P<number>{_NUMBER})(?:\s*~\s*{_NUMBER})?\s+(?P<code>{_CODE})\s*\Z"
)
_OPEN: Final = re.compile(rf"(?P<account>{_ACCOUNT})(?:\s+(?P<codes>{_CODE}(?:\s*,\s*{_CODE})*))?")
_PASSED_OVER: Final = frozenset({"close", "price", "note", "document", "event", "query", "custom"})
_UNDATED: Final = ("option", "plugin", "poptag", "pushmeta", "popmeta")
_UNESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b"}
_FOREIGN: Final = re.compile(rf"(?m)^\d{{4}}-\d\d-\d\d (open {_ACCOUNT}|[*!] \"|txn \")")


def guess(head: Head) -> Guess | None:
    """Return how to read it if it is beancount: exported here, or written by somebody."""
    return guess_form("beancount", head, _FOREIGN)


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the transactions, directive by directive."""
    reader = _Reader(findings)
    for number, line in enumerate(content.lines(), 1):
        yield from reader.line(number, line)
    yield from reader.done()


class _Reader:
    """Puts lines together to directives."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._roots: dict[str, str] = {}
        self._ledger = Ledger(findings, self._roots)
        self._codes: dict[str, str] = {}
        self._tags: list[str] = []
        self._forget()

    def _forget(self) -> None:
        self._entry: Entry | None = None
        self._kind, self._rest = "", ""
        self._number, self._day = 0, date.min
        self._meta: dict[str, str] = {}
        self._spoilt = False

    def line(self, number: int, text: str) -> Iterator[FileRow]:
        """Take a line; return the rows of the directive that it ends."""
        if text[:1] in (" ", "\t"):
            bare = _uncommented(text).strip()
            if bare and self._kind:
                self._indented(number, bare)
            return
        yield from self.done()
        dated = _DATED.match(text) if text[:1].isdigit() else None
        if dated is not None:
            self._begin(number, dated)
        elif text[:1].isdigit():
            self._findings.problem(number, "day", _("This is no directive."), text)
        elif text[:1].isalpha():
            self._undated(number, text)

    def done(self) -> Iterator[FileRow]:
        """Finish the directive that is being read; return its rows."""
        kind, entry, spoilt = self._kind, self._entry, self._spoilt
        if entry is not None and not spoilt:
            entry.meta = self._meta
            yield from self._ledger.rows(entry)
        elif kind == "open":
            self._opened()
        elif kind == "balance":
            self._balance()
        elif kind == "commodity" and "code" in self._meta:
            self._codes[self._rest.strip()] = self._meta["code"]
        self._forget()

    def _begin(self, number: int, dated: re.Match[str]) -> None:
        try:
            self._day = date(int(dated[1]), int(dated[2]), int(dated[3]))
        except ValueError:
            self._findings.problem(number, "day", _("There is no such day."), dated[0])
            return
        kind, rest = dated[4], _uncommented(dated[5] or "")
        self._number, self._rest = number, rest
        if kind in ("open", "balance", "commodity"):
            self._kind = kind
        elif kind == "txn" or len(kind) == 1:
            self._transaction("*" if kind == "txn" else kind)
        elif kind not in _PASSED_OVER:
            what = _("%(what)s is not read.", what=kind)
            self._findings.problem(number, "directive", what, dated[0])

    def _transaction(self, flag: str) -> None:
        self._kind = "transaction"
        found = _AFTER_STRINGS.match(self._rest)
        strings = _STRING.findall(self._rest[: found.end()]) if found else []
        tail = self._rest[found.end() :] if found else self._rest
        if '"' in tail:
            self._spoil(self._number, "description", _("A text has no end on its line."), tail)
        texts = [_unescaped(text) for text in strings]
        self._entry = Entry(
            self._number, self._day, flag,
            payee=texts[0] if len(texts) > 1 else None,
            description=texts[-1] if texts else "",
            tags=[*self._tags, *_TAG.findall(tail)],
        )  # fmt: skip

    def _indented(self, number: int, text: str) -> None:
        meta = _META.match(text)
        if meta is not None:
            # A posting's own metadata says nothing of the whole.
            if self._entry is None or not self._entry.postings:
                self._meta[meta[1]] = _value(meta[2] or "")
        elif self._entry is not None and text[0] in "#^":
            self._entry.tags += _TAG.findall(text)
        elif self._entry is not None and not self._spoilt:
            posting = _POSTING.match(text)
            if posting is None:
                self._spoil(number, "posting", _("This posting cannot be read."), text)
            else:
                self._posting(number, posting)

    def _posting(self, number: int, found: re.Match[str]) -> None:
        assert self._entry is not None  # noqa: S101 - only called within a transaction
        amount = _decimal(found["number"])
        code = found["code"] and self._code(found["code"])
        weight = None
        if found["cost"] is not None and amount is None:
            self._spoil(number, "posting", _("A cost without an amount is not read."), found[0])
        elif found["cost"] is not None:
            weight = AT_COST
        elif found["price"] is not None and amount is not None:
            price = _decimal(found["price"]) or Decimal(0)
            total = price.copy_sign(amount) if found["at"] == "@@" else price * amount
            weight = (total, self._code(found["priced"]))
        self._entry.postings.append(Posting(found["account"], amount, code, weight))

    def _opened(self) -> None:
        found = _OPEN.match(self._rest)
        if found is None:
            self._findings.problem(self._number, "open", _("No account is named."), self._rest)
            return
        codes = [code.strip() for code in (found["codes"] or "").split(",") if code.strip()]
        first = self._code(codes[0]) if codes else None
        self._ledger.opened(found["account"], self._meta, self._number, first)

    def _balance(self) -> None:
        found = _BALANCE.match(self._rest)
        number = None if found is None else _decimal(found["number"])
        if found is None or number is None:
            self._findings.problem(self._number, "balance", _("No amount is named."), self._rest)
            return
        day, code = day_before(self._day), self._code(found["code"])
        self._ledger.balance(found["account"], day, number, code, self._meta)

    def _undated(self, number: int, text: str) -> None:
        word = text.split(maxsplit=1)[0]
        if word == "pushtag":
            self._tags += _TAG.findall(text)
        elif word == "poptag":
            gone = _TAG.findall(text)
            self._tags = [tag for tag in self._tags if tag not in gone]
        elif word == "option":
            told = _STRING.findall(text)
            if len(told) == 2 and told[0].startswith("name_"):
                self._roots[told[1]] = told[0].removeprefix("name_")
                self._ledger = Ledger(self._findings, self._roots)
        elif word not in _UNDATED:
            what = _("%(what)s is not read.", what=word[:40])
            self._findings.problem(number, "directive", what, text)

    def _code(self, code: str) -> str:
        return self._codes.get(code, code)

    def _spoil(self, number: int, field: str, message: str, text: str) -> None:
        self._findings.problem(number, field, message, text)
        self._spoilt = True


def _uncommented(text: str) -> str:
    """Return a line without its comment; a semicolon inside a text is none."""
    if ";" not in text:
        return text
    inside = escaped = False
    for at, char in enumerate(text):
        if char == ";" and not inside:
            return text[:at]
        inside = inside != (char == '"' and not escaped)
        escaped = char == "\\" and not escaped
    return text


def _value(text: str) -> str:
    found = _STRING.match(text)
    return text.strip() if found is None else _unescaped(found[1])


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _UNESCAPED.get(found[1], found[1]), text)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text.replace(",", "").rstrip("."))
