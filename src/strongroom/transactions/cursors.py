"""Where a page of the list begins, as an opaque text for addresses and JSON."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from strongroom.core.ids import TransactionId
from strongroom.core.paging import decode_cursor, encode_cursor
from strongroom.transactions.types import Position

_ORDER = "transactions"


def read_position(cursor: str) -> Position | None:
    """Return where a page begins, None for the first. Raises ``BadCursor``."""
    if not cursor:
        return None
    day, row_id = decode_cursor(_ORDER, cursor, date, UUID, field="after")
    return Position(day, TransactionId(row_id))


def write_position(position: Position | None) -> str | None:
    """Return the cursor of the page that begins after ``position``."""
    return None if position is None else encode_cursor(_ORDER, position.day, position.id)
