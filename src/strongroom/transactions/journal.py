"""By whose hand the book is changed: told to the database, whose trigger writes each change down.

Once in a unit of work, before its first statement that changes a row; it holds to the end of it.
What nobody told is a sync's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from strongroom.core.db import Db

Cause = Literal["sync", "file", "person", "rule", "match", "upkeep"]


async def because(
    db: Db,
    *,
    cause: Cause,
    now: datetime,
    cause_id: UUID | None = None,
    edit_id: UUID | None = None,
) -> None:
    """Say what the changes that follow come of, until the unit of work ends or says otherwise.

    ``cause_id`` is the rule, import or transfer that did it; ``edit_id`` one act of a person, all
    of whose changes are undone together.
    """
    await db.execute(
        """
        SELECT set_config('strongroom.cause', %(cause)s, true),
               set_config('strongroom.cause_at', %(at)s, true),
               set_config('strongroom.cause_id', %(cause_id)s, true),
               set_config('strongroom.edit_id', %(edit_id)s, true)
        """,
        {
            "cause": cause,
            "at": now.isoformat(),
            "cause_id": "" if cause_id is None else str(cause_id),
            "edit_id": "" if edit_id is None else str(edit_id),
        },
    )
