"""Files that a person brings: looked at, chosen from, taken in, taken out. The door of imports."""

from strongroom.connections.imports.held import get
from strongroom.connections.imports.service import (
    LARGE_BYTES,
    MANY_ROWS,
    begin,
    change_guess,
    choose,
    confirm,
    discard,
    list_imports,
    read,
    rows,
)
from strongroom.connections.imports.taking import changed_beside, edited_since, take_in, undo

__all__ = [
    "LARGE_BYTES",
    "MANY_ROWS",
    "begin",
    "change_guess",
    "changed_beside",
    "choose",
    "confirm",
    "discard",
    "edited_since",
    "get",
    "list_imports",
    "read",
    "rows",
    "take_in",
    "undo",
]
