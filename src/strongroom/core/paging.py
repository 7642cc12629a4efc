"""Keyset paging: a page of a list, and the opaque cursor that says where the next one begins.

A cursor carries the last row's sort values, nothing secret, and is validated, not trusted: row
security decides what it can reach. Knows neither HTTP nor SQL.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar
from uuid import UUID

from strongroom.core.errors import Refused

T = TypeVar("T")

_LONGEST = 512


class BadCursor(Refused):
    """The cursor was not given out for this list, or was changed on the way."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, as it stands in an answer: ``next`` is the cursor to go on, None at the end.

    In JSON: ``{"items": [...], "next": "..."}``.
    """

    items: Sequence[T]
    next: str | None = None


def encode_cursor(order: str, *values: date | datetime | UUID | Decimal | int | str) -> str:
    """Return the cursor after a row with these sort values, in the list sorted by ``order``."""
    text = json.dumps([order, *(_write(value) for value in values)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(order: str, cursor: str, *kinds: type, field: str = "cursor") -> tuple[Any, ...]:
    """Return the sort values of a cursor, each as the kind asked for, in their order.

    Kinds: ``date``, ``datetime`` (aware), ``UUID``, ``Decimal``, ``int``, ``str``. Raises
    ``BadCursor`` naming ``field``.
    """
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        stored = json.loads(urlsafe_b64decode(padded))
        if not isinstance(stored, list) or len(stored) != len(kinds) + 1 or stored[0] != order:
            raise ValueError("of another list")
        found = tuple(_READ[kind](value) for kind, value in zip(kinds, stored[1:], strict=True))
        if encode_cursor(order, *found) != cursor:
            raise ValueError("not as it was written")
    except (ValueError, TypeError, InvalidOperation, binascii.Error, RecursionError) as error:
        raise BadCursor(
            f"The {field} is not one that this list gave out.",
            field=field,
            hint="Take it unchanged from `next` of the page before, or leave it out.",
        ) from error
    return found


def _write(value: date | datetime | UUID | Decimal | int | str) -> str | int:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, (UUID, Decimal)) else value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value or not value.isprintable():
        raise ValueError("not a text")
    return value


def _instant(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


def _number(value: object) -> Decimal:
    found = Decimal(_text(value))
    if not found.is_finite():
        raise ValueError("not a finite number")
    return found


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError("not a whole number")
    return value


_READ: dict[type, Callable[[object], Any]] = {
    date: lambda value: date.fromisoformat(_text(value)),
    datetime: _instant,
    UUID: lambda value: UUID(_text(value)),
    Decimal: _number,
    int: _whole,
    str: _text,
}
