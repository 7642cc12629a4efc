"""Where a page of the rows behind a figure begins, as an opaque text for addresses and JSON."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from strongroom.core.paging import decode_cursor, encode_cursor
from strongroom.transactions.reports.types import PartPosition

_ORDER = "parts"


def read_part_position(cursor: str) -> PartPosition | None:
    """Return where a page begins, None for the first. Raises ``BadCursor``."""
    if not cursor:
        return None
    return PartPosition(*decode_cursor(_ORDER, cursor, date, UUID, int, field="after"))


def write_part_position(position: PartPosition | None) -> str:
    """Return the cursor of the page that begins after ``position``, nothing at the end."""
    if position is None:
        return ""
    return encode_cursor(_ORDER, position.day, position.id, position.position)
