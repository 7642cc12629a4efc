"""Work for everybody in one statement; person by person where somebody's data makes it fail.

Does not say who everybody is.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from psycopg import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError

from strongroom.core.db import Db

# What the rows of one person can make a statement fail with. Not a server that is gone or full.
_NOT_TAKEN = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)

_log = logging.getLogger(__name__)


async def at_once_or_each(
    db: Db,
    work: Callable[[UUID | None], Awaitable[int]],
    owners: Callable[[], Awaitable[Sequence[UUID]]],
    *,
    name: str,
) -> int:
    """Do ``work`` for everybody (None), else for each of ``owners``; return how many it changed.

    Whoever's fails is logged under ``name`` and left as they were: nobody's data stops the others.
    Each try is a savepoint of the caller's unit of work.
    """
    try:
        async with db.transaction():
            return await work(None)
    except _NOT_TAKEN as problem:
        _log.warning("%s failed for all at once", name, extra={"why": type(problem).__name__})
    changed = 0
    for owner in await owners():
        try:
            async with db.transaction():
                changed += await work(owner)
        except _NOT_TAKEN:
            _log.exception("%s failed for one person", name, extra={"owner": str(owner)})
    return changed
