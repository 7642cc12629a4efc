"""Values as plain JSON, the same in the web interface and on the command line.

An amount is a text with its currency beside it; a day or instant is ISO 8601. Nothing is rounded
and nothing becomes a float.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from strongroom.core.money import Currency, Money, minor_units

# Python's own context keeps 28 digits in all; a sum has up to 38.
_EXACT = Context(prec=60)

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def amount_text(amount: Decimal, code: Currency) -> str:
    """Return an amount with the currency's decimals, or more where it has more: ``12.30``."""
    exponent = amount.normalize(_EXACT).as_tuple().exponent
    finest = -exponent if isinstance(exponent, int) else 0
    text = f"{amount:.{max(minor_units(code), finest)}f}"
    return text.removeprefix("-") if not amount else text


def money_json(money: Money) -> dict[str, str]:
    """Return an amount of money as it stands in JSON."""
    return {"amount": amount_text(money.amount, money.currency), "currency": money.currency}


def plain_number(text: str) -> Decimal:
    """Read a number as the interface writes it: ``-12.34``, in ASCII digits, without an exponent.

    Raises ``InvalidOperation`` for all else that ``Decimal`` would read.
    """
    if not _NUMBER.fullmatch(text):
        raise InvalidOperation
    return Decimal(text)


def plain(value: object) -> Any:
    """Return a value of ours as what ``json`` can write. Raises ``TypeError`` for other things.

    Ids come out as bare UUIDs: a caller that shows one gives it its prefix first.
    """
    if isinstance(value, Money):
        return money_json(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID, Path)):
        return str(value)
    return _plain_many(value)


def _plain_many(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, Set):
        return sorted(plain(part) for part in value)
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no place in JSON")
