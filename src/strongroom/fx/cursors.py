"""The cursor of a list of rates as text, and back."""

from __future__ import annotations

from datetime import date

from strongroom.core.paging import decode_cursor, encode_cursor
from strongroom.fx.types import RatePosition

_ORDER = "rates"


def write_position(after: RatePosition | None) -> str | None:
    """Return where a page ends as a cursor, None at the end of the list."""
    return None if after is None else encode_cursor(_ORDER, after.day, after.base, after.quote)


def read_position(cursor: str) -> RatePosition | None:
    """Return where a cursor points, None for none. Raises ``BadCursor``."""
    if not cursor:
        return None
    return RatePosition(*decode_cursor(_ORDER, cursor, date, str, str, field="after"))
