"""Which currency a person's figures are in first. Converts nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from strongroom.accounts.types import Account
from strongroom.core.money import Currency


def currencies_of(accounts: Iterable[Account], chosen: Currency | None) -> list[Currency]:
    """Return the currencies of open accounts: the chosen one first, then those of most accounts.

    A chosen currency that no account is in is left out, unless there are no accounts at all.
    """
    counts = Counter(account.currency for account in accounts if account.closed_at is None)
    if not counts:
        return [] if chosen is None else [chosen]
    return sorted(counts, key=lambda code: (code != chosen, -counts[code], code))
