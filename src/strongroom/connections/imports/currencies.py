"""Which currency a file's rows and accounts are in, where the file says it, hints it or is silent.

Amounts of two currencies are never one account's: a row in another one is kept aside by name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from strongroom import accounts, identity
from strongroom.connections.files import FileRow, Guess, Reading, is_currency
from strongroom.core.db import Db
from strongroom.core.ids import UserId


async def hinted(db: Db, *, owner: UserId, guess: Guess) -> str | None:
    """Return the currency for rows that name none: as set, or as the signs beside amounts hint.

    Of several that a sign can mean it is the one the person has; None where nothing tells.
    """
    if guess.currency or not guess.currency_hints:
        return guess.currency
    held = await accounts.list_all(db, owner=owner)
    settings = await identity.get_settings(db, owner=owner)
    for code in accounts.currencies_of(held, settings.currency):
        if code in guess.currency_hints:
            return code
    return guess.currency_hints[0]


@dataclass(slots=True)
class Currencies:
    """The currency of each account of a file: told by the file, else that of most of its rows."""

    reading: Reading
    of: dict[str, str] = field(default_factory=dict)

    def see(self, rows: Iterable[FileRow]) -> None:
        """Learn from the first rows."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if row.currency and is_currency(row.currency):
                counts[row.account or ""][row.currency] += 1
        for key, found in counts.items():
            self.of[key] = self._told(key) or found.most_common(1)[0][0]

    def wrong(self, row: FileRow) -> tuple[str, str] | None:
        """Return why a row's currency is none of its account, as field and words."""
        key, code = row.account or "", row.currency
        if not code or key.startswith("acc_"):  # a book exported here has what its bank told
            return None
        if not is_currency(code):
            return "currency", f"“{code}” is not a currency."
        mine = self.of.get(key)
        if mine is None:
            mine = self.of[key] = self._told(key) or code
        if code != mine:
            return "currency", f"The row is in {code}, and its account in {mine}."
        return None

    def _told(self, key: str) -> str | None:
        """Return what the file says of an account besides rows; a table says it only by rows."""
        known = self.reading.findings.accounts.get(key)
        if known is None or self.reading.guess.columns:
            return None
        return known.currency
