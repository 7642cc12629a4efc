"""What beancount's and ledger's files have in common: entries of postings, turned into rows.

A posting to something held (assets, liabilities) is a row of that account; what it is posted
against is its category, or the other account of a transfer. Our own exports say more in their
metadata, and come back as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import Final

from strongroom.connections.files.content import Head
from strongroom.connections.files.readers.own_book import BadRecord, OwnBook, Record
from strongroom.connections.files.types import FileBalance, FileRow, Findings, Guess
from strongroom.ui import gettext as _

_EXACT: Final = Context(prec=60)
_ASSETS: Final = frozenset({"assets", "asset", "eiendeler", "aktiva"})
_LIABILITIES: Final = frozenset({"liabilities", "liability", "debts", "gjeld", "passiva"})
_EXPENSES: Final = frozenset({"expenses", "expense", "utgifter", "kostnader"})
_INCOME: Final = frozenset({"income", "revenue", "revenues", "inntekter"})
AT_COST: Final = (Decimal(0), "{}")
"""The weight of what is held at cost: what it counts is not reckoned here."""
RECKONED: Final = "reckoned"
"""What our exports mark the postings with that no row of the book stands behind."""


def guess_form(form: str, head: Head, foreign: re.Pattern[str]) -> Guess | None:
    """Return how to read a file of this form: exported here, or with entries as ``foreign``."""
    text = head.text.removeprefix("\ufeff")
    if text.startswith(f"; Strongroom, for {form}"):
        confidence, reason = 100, _("It was exported here, as %(form)s.", form=form)
    elif foreign.search(text) and not text.startswith("; Strongroom, for "):
        confidence, reason = 90, _("It has entries as %(form)s has them.", form=form)
    else:
        return None
    return Guess(form, encoding=head.encoding, confidence=confidence, reasons=(reason,))


@dataclass(slots=True)
class Posting:
    """One leg. ``weight`` is what it counts in the balance, where that is in another currency."""

    account: str
    amount: Decimal | None = None
    currency: str | None = None
    weight: tuple[Decimal, str] | None = None


@dataclass(slots=True)
class Entry:
    """One transaction as it stands in the file."""

    line: int
    day: date
    flag: str
    payee: str | None
    description: str
    tags: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)


class Ledger:
    """Turns entries into rows, and remembers the accounts of the file."""

    def __init__(self, findings: Findings, roots: Mapping[str, str] | None = None) -> None:
        self._findings = findings
        self._own = OwnBook(findings)
        self._keys: dict[str, str] = {}
        self._categories: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._roots = {name.casefold(): kind for name, kind in (roots or {}).items()}

    def opened(self, name: str, record: Record, line: int, currency: str | None = None) -> None:
        """Take an account's directive; ``record`` is what an export of ours says of it."""
        told = str(record.get("id") or "")
        try:
            if told.startswith("acc_"):
                self._keys[name] = self._own.account(record)
            elif told.startswith("cat_"):
                self._categories[name] = self._own.category(record)
                self._ids[name] = told
            elif self._kind(name):
                self._held(name, currency)
        except BadRecord as error:
            self._findings.problem(line, error.field, str(error), name)

    def balance(self, name: str, day: date, amount: Decimal, currency: str, record: Record) -> None:
        """Take what an account held at the end of ``day``; of categories nothing is kept."""
        if not self._kind(name) and name not in self._keys:
            return
        key = self._held(name, currency)
        source = record.get("source")
        found = FileBalance(key, day, amount, currency, str(source) if source else "file")
        self._findings.balances.append(found)
        known = self._findings.accounts[key]
        newest = known.balance_day is None or known.balance_day <= day
        if newest and currency == known.currency:
            self._findings.account(key, balance=amount, balance_day=day)

    def rows(self, entry: Entry) -> Iterator[FileRow]:
        """Return the rows of an entry; what cannot be taken becomes a problem."""
        if entry.meta.get("strongroom") == RECKONED:
            return
        try:
            if entry.meta.get("id", "").startswith("trn_"):
                yield self._own_row(entry)
            else:
                yield from self._rows(entry)
        except BadRecord as error:
            self._findings.problem(entry.line, error.field, str(error), entry.description)

    def _own_row(self, entry: Entry) -> FileRow:
        # Those after the second are what its parts come to: they are told in full beside it.
        if len(entry.postings) < 2 or entry.postings[0].amount is None:
            raise BadRecord("postings", _("An entry of ours has two postings with amounts."))
        first, second = entry.postings[:2]
        meta = entry.meta
        reviewed = meta.get("reviewed")
        record: dict[str, str | bool | None] = {
            "id": meta["id"],
            "account": self._keys.get(meta.get("account", first.account)),
            "category": self._ids.get(second.account),
            "day": meta.get("day", entry.day.isoformat()),
            "amount": f"{first.amount:f}",
            "currency": first.currency,
            "description": meta.get("description", entry.description),
            "merchant": meta.get("merchant", entry.payee),
            "note": meta.get("note"),
            "pending": "pending" in meta,
            "reviewed_at": reviewed,
            "needs_review": "review" not in meta and reviewed is None,
            "happened_on": meta.get("happened"),
            "category_by": meta.get("category-by", "bank"),
            "removed_by_bank": meta.get("removed-by-bank"),
            "never_booked_at": meta.get("never-booked"),
            "merchant_by": meta.get("merchant-by"),
            "origin": meta.get("origin"),
            "tags": meta.get("tags"),
            "parts": meta.get("parts"),
        }
        return self._own.row(record, entry.line)

    def _rows(self, entry: Entry) -> Iterator[FileRow]:
        legs = list(_balanced(entry))
        held = [leg for leg in legs if self._kind(leg.account)]
        others = [leg for leg in legs if not self._kind(leg.account)]
        if not held:
            return  # between categories only: no account of anybody's moves
        largest = max(others, key=lambda leg: abs(leg.amount or Decimal(0)), default=None)
        for leg in held:
            other = next((one for one in held if one.account != leg.account), None)
            yield FileRow(
                line=entry.line,
                day=entry.day,
                amount=leg.amount or Decimal(0),
                currency=leg.currency,
                description=entry.description,
                payee=entry.payee,
                note=entry.meta.get("note"),
                category=None if largest is None else self._path(largest.account),
                tags=tuple(entry.tags),
                account=self._held(leg.account, leg.currency),
                fitid=entry.meta.get("id") or entry.meta.get("fitid"),
                counter_account=other.account if other and largest is None else None,
                pending=entry.flag == "!",
            )

    def _held(self, name: str, currency: str | None) -> str:
        """Return the key of an account that is held, telling of it when it is met first."""
        if name not in self._keys:
            debt = self._kind(name) == "liability"
            self._keys[name] = name
            shown = " ".join(name.split(":")[1:]) or name
            self._findings.account(name, shown, type="credit" if debt else None)
        key = self._keys[name]
        if currency and self._findings.accounts[key].currency is None:
            self._findings.account(key, currency=currency)
        return key

    def _kind(self, name: str) -> str | None:
        """Return asset or liability, None for what is no account of anybody's."""
        if name in self._keys:
            return "asset"
        root = name.partition(":")[0].casefold()
        told = self._roots.get(root, root)
        return "asset" if told in _ASSETS else "liability" if told in _LIABILITIES else None

    def _path(self, name: str) -> str | None:
        if name in self._categories:
            return self._categories[name]
        root, _colon, rest = name.partition(":")
        told = self._roots.get(root.casefold(), root.casefold())
        if told in _EXPENSES:
            return rest or None
        return name if told in _INCOME else None


def _balanced(entry: Entry) -> Iterator[Posting]:
    """Return the legs, with the amount that was left out. Raises ``BadRecord``."""
    sums: dict[str, Decimal] = {}
    missing = [leg for leg in entry.postings if leg.amount is None]
    if len(missing) > 1:
        raise BadRecord("amount", _("More than one posting has no amount."))
    if missing and any(leg.weight == AT_COST for leg in entry.postings):
        raise BadRecord("amount", _("An amount is left out beside something held at cost."))
    for leg in entry.postings:
        if leg.amount is not None:
            number, code = leg.weight or (leg.amount, leg.currency or "")
            sums[code] = _EXACT.add(sums.get(code, Decimal(0)), number)
            yield leg
    for leg in missing:
        for code, number in sums.items():
            if number:
                yield Posting(leg.account, number.copy_negate(), code or None)
