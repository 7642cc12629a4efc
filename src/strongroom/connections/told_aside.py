"""What something that was kept aside says of itself: whose it is, what, how much, which day.

As the bank wrote it and as far as it can be read, for people who look for the row. Stores nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strongroom.connections.types import SetAside

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LONGEST = 80
_MONEY_OUT_IS_ABOVE_ZERO = frozenset({"transaction", "stream"})
_DAYS = ("date", "last_date", "institution_price_as_of", "next_payment_due_date")
_NAMES = ("name", "merchant_name", "description")
_AMOUNTS = ("amount", "last_amount", "current", "institution_value")


@dataclass(frozen=True, slots=True)
class ToldAside:
    """What a bank told, each as text or None where it does not say.

    ``amount`` has our sign, positive for money in or owned by the bank's word of a balance; where
    it is no number it stands as the bank wrote it.
    """

    plaid_account_id: str | None = None
    description: str | None = None
    amount: str | None = None
    currency: str | None = None
    day: str | None = None


def told_of(one: SetAside) -> ToldAside:
    """Read what can be read of something that was kept aside."""
    try:
        row = json.loads(one.raw, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return ToldAside()
    if not isinstance(row, dict):
        return ToldAside()
    balances = row.get("balances")
    row = {**balances, **row} if isinstance(balances, dict) else row
    amount = _first(row, _AMOUNTS)
    if amount is not None and one.kind in _MONEY_OUT_IS_ABOVE_ZERO:
        amount = _turned(amount)
    account_id = row.get("account_id")
    return ToldAside(
        plaid_account_id=account_id if isinstance(account_id, str) else None,
        description=_first(row, _NAMES),
        amount=amount,
        currency=_first(row, ("iso_currency_code", "unofficial_currency_code", "currency")),
        day=_first(row, _DAYS),
    )


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first of these members that is told, as text; of an object its ``amount``."""
    for name in names:
        value = row.get(name)
        if isinstance(value, dict):
            value = value.get("amount")
        if isinstance(value, str | bool | list) and value not in ("", []):
            text = " ".join(str(value).split())
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return None


def _turned(amount: str) -> str:
    if not _NUMBER.fullmatch(amount) or not amount.strip("-0."):
        return amount
    return amount[1:] if amount.startswith("-") else f"-{amount}"
