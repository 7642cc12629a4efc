"""Where a page of the list begins, as an opaque text for addresses and JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from uuid import UUID

from strongroom.core.ids import TransactionId
from strongroom.core.paging import BadCursor, decode_cursor, encode_cursor
from strongroom.transactions.types import Position

_ORDER, _NEAR = "transactions", "transactions near"
_LONGEST_INSTEAD = 240
"""Bytes of JSON: a cursor has room for so much. Without it the next page looks again."""


def read_position(cursor: str) -> Position | None:
    """Return where a page begins, None for the first. Raises ``BadCursor``."""
    if not cursor:
        return None
    with suppress(BadCursor):
        day, row_id, text = decode_cursor(_NEAR, cursor, date, UUID, str)
        return Position(day, TransactionId(row_id), text)
    day, row_id = decode_cursor(_ORDER, cursor, date, UUID, field="after")
    return Position(day, TransactionId(row_id))


def write_position(position: Position | None) -> str | None:
    """Return the cursor of the page that begins after ``position``."""
    if position is None:
        return None
    if position.instead and len(json.dumps(position.instead)) <= _LONGEST_INSTEAD:
        return encode_cursor(_NEAR, position.day, position.id, position.instead)
    return encode_cursor(_ORDER, position.day, position.id)
