"""A chart of accounts for plain-text accounting: names that beancount, ledger and hledger all take.

Gives each account and category a name of its own, and each currency a code. Knows no file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from strongroom.transactions.export.types import AccountLine, CategoryLine
from strongroom.transactions.labels import CATEGORY_LABELS

OPENING = "Equity:Opening-Balances"
ADJUSTMENTS = "Equity:Adjustments"
PENDING = "Equity:Pending"
REMOVED = "Equity:Removed-By-Bank"
OF_ITS_OWN = (OPENING, ADJUSTMENTS, PENDING, REMOVED)
"""Accounts that no person has and double entry needs."""

_DEBTS = frozenset({"credit_cards", "mortgages", "loans", "other_liabilities"})
_ROOTS = {"income": "Income", "spending": "Expenses", "transfer": "Equity:Transfers"}
_LONGEST = 60
# Beancount's lexer: capitals, digits and a few marks, a letter first, no mark last; and its words.
_CODE = re.compile(r"[A-Z][A-Z0-9._-]{0,22}[A-Z0-9]\Z")
_WORDS = frozenset({"TRUE", "FALSE", "NULL"})


def component(text: str) -> str:
    """Return a text as one part of an account's name: letters, digits and dashes, a capital first.

    What else it had becomes dashes, so that different texts may get one name: see ``Chart``.
    """
    letters = [
        char if unicodedata.category(char)[0] == "L" or unicodedata.category(char) == "Nd" else "-"
        for char in unicodedata.normalize("NFC", text)
    ]
    found = re.sub("-+", "-", "".join(letters))[:_LONGEST].strip("-")
    first = found[:1].upper()
    if not first or unicodedata.category(first[0]) not in ("Lu", "Nd"):
        return f"X{found}"
    return first + found[1:]


class Chart:
    """Which name each account and category has. The same book gets the same names."""

    def __init__(self, accounts: Iterable[AccountLine], categories: Iterable[CategoryLine]) -> None:
        self.account: dict[UUID, str] = {}
        self.category: dict[UUID, str] = {}
        self._taken = {name.casefold() for name in OF_ITS_OWN}
        for account in accounts:
            self.account[account.id] = self._free(_account_name(account))
        known = {category.id: category for category in categories}
        for category in known.values():
            parent = known.get(category.parent_id) if category.parent_id else None
            root = _ROOTS[category.kind]
            group = component(label(parent)) if parent else ""
            # Income:Salary, not Income:Income:Salary.
            parts = [] if root.rpartition(":")[2] == group or not parent else [group]
            name = ":".join([root, *parts, component(label(category))])
            self.category[category.id] = self._free(name)

    def _free(self, name: str) -> str:
        found, number = name, 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{name}-{number}"
        self._taken.add(found.casefold())
        return found


def label(category: CategoryLine) -> str:
    """Return what a category is called in a file: English for a default one, in every language."""
    return category.name or CATEGORY_LABELS.get(category.key or "", category.key or "")


def codes(currencies: Iterable[str]) -> dict[str, str]:
    """Return the code that each currency has in a file: its own wherever that is allowed."""
    wanted = sorted(set(currencies))
    found = {code: code for code in wanted if _CODE.match(code) and code not in _WORDS}
    taken = set(found)
    for code in wanted:
        if code in found:
            continue
        stem = "X" + re.sub("[^A-Z0-9]", "", code)[:20]
        free, number = stem, 1
        while free in taken or not _CODE.match(free):
            number += 1
            free = f"{stem}{number}"
        taken.add(free)
        found[code] = free
    return found


def _account_name(account: AccountLine) -> str:
    root = "Liabilities" if account.category in _DEBTS else "Assets"
    own = component(f"{account.name} {account.mask}" if account.mask else account.name)
    if account.institution_name:
        return f"{root}:{component(account.institution_name)}:{own}"
    return f"{root}:{own}"
