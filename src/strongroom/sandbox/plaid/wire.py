"""JSON with exact decimals, both ways: what goes in as 10.10 never leaves as 10.0999.

Reads and writes JSON text only; knows nothing of HTTP or of Plaid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring_ascii
from typing import Any, Final

# Beyond this many digits before or after the point a number is no amount, price or quantity,
# and writing it out in full would let a short body ask for a very long answer.
MAX_DIGITS: Final = 40


class BadJson(ValueError):
    """The text is not JSON, or holds a number that no bank would send."""


class Raw(str):
    """JSON text that is already written; it is put into an answer as it stands."""

    __slots__ = ()


def exact(text: str) -> Decimal:
    """Turn a JSON number into a Decimal; raises ``BadJson`` for absurd magnitudes."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadJson(f"{text[:40]} is not a number") from error
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MAX_DIGITS:
        raise BadJson(f"{text[:40]} is out of range")
    if value.adjusted() > MAX_DIGITS or len(text) > 3 * MAX_DIGITS:
        raise BadJson(f"{text[:40]} is out of range")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BadJson(f"{text[:40]} is out of range")
    return int(text)


def _refuse_constant(text: str) -> Any:
    raise BadJson(f"{text} is not JSON")


def loads(text: str | bytes) -> Any:
    """Read JSON; numbers with a point or exponent become Decimal. Raises ``BadJson``."""
    try:
        return json.loads(
            text, parse_float=exact, parse_int=_whole, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise BadJson(str(error)) from error


def number(value: Decimal) -> str:
    """Write a Decimal as a plain JSON number: no exponent, no negative zero."""
    return format(value, "f") if value else "0"


def dumps(value: Any) -> str:
    """Write JSON on one line; Decimals exactly, ``Raw`` text as it stands."""
    return _write(value)


def _write(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Raw):
        return str.__str__(value)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return number(value)
    return _write_container(value)


def _write_container(value: Any) -> str:
    if isinstance(value, Mapping):
        members = (f"{encode_basestring_ascii(key)}:{_write(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_write, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def pretty(value: Any, indent: str = "") -> str:
    """Write JSON indented by two spaces, as Plaid writes the bodies of its webhooks."""
    deeper = indent + "  "
    if isinstance(value, Mapping) and value:
        members = (
            f"{deeper}{encode_basestring_ascii(key)}: {pretty(item, deeper)}"
            for key, item in value.items()
        )
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        items = (deeper + pretty(item, deeper) for item in value)
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return _write(value)
