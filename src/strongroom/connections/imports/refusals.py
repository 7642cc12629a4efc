"""A file that cannot be read as guessed: the import stays open, so that its form can be changed.

Only for what a person can choose otherwise; what nobody can read is refused at once.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from strongroom.connections.files import FileIsRefused
from strongroom.connections.imports import queries
from strongroom.connections.imports.mapping import ROLES
from strongroom.connections.imports.types import ImportId, ImportState
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import UserId
from strongroom.ui import gettext

_CAN_BE_CHOSEN: Final = frozenset({*ROLES, "encoding", "delimiter", "date_order", "decimal_mark"})


def in_words(problem: StrongroomError) -> str:
    """Return what is said of a file that cannot be taken: where, where the words lack it; a hint.

    In the language that is spoken now.
    """
    message = gettext(problem.message)
    hint = problem.hint and gettext(problem.hint)
    line = problem.extensions.get("line")
    named = line is None or re.search(rf"(?<!\d){line}(?!\d)", message)
    where = "" if named else gettext("Line %(line)s.", line=line)
    return " ".join(part for part in (message, where, hint) if part)


@asynccontextmanager
async def left_open(
    db: Db, owner: UserId, import_id: ImportId, now: datetime
) -> AsyncIterator[None]:
    """Undo a reading that is refused, and note why on the import. Raises what cannot be mended."""
    try:
        async with db.transaction():
            yield
    except FileIsRefused as problem:
        if problem.field not in _CAN_BE_CHOSEN:
            raise
        why = in_words(problem)
        await queries.change(db, owner, import_id, now, state=ImportState.FAILED.value, error=why)
