"""An import by its id, held while one works on it; and the record of what was done with it."""

from __future__ import annotations

from datetime import date, datetime

from strongroom import audit, identity
from strongroom.connections.imports import queries
from strongroom.connections.imports.types import (
    FileImport,
    ImportId,
    ImportNotFound,
    ImportState,
    check_state,
)
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.time import today
from strongroom.ui import N_


async def get(db: Db, *, owner: UserId, import_id: ImportId) -> FileImport:
    """Return one import. Raises ``ImportNotFound``."""
    found = await queries.imports(db, owner, import_id)
    if not found:
        raise ImportNotFound(N_("There is no such import."))
    return found[0]


async def mine(db: Db, owner: UserId, import_id: ImportId, *states: ImportState) -> FileImport:
    """Take the import's turn and return it, if it is in one of these states.

    Raises ``ImportIsOver`` and ``ImportNotFound``.
    """
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    check_state(found, *states)
    return found


async def record(
    db: Db,
    owner: UserId,
    verb: str,
    import_id: ImportId,
    details: audit.Details,
    now: datetime,
    actor: str,
) -> None:
    """Put on record what was done with an import, and by whom."""
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"connections.{verb}",
        resource_type="import",
        resource_id=str(import_id),
        details=details,
        now=now,
    )


async def today_of(db: Db, owner: UserId, now: datetime) -> date:
    """Return the day it is where the person lives."""
    settings = await identity.get_settings(db, owner=owner)
    return today(now, settings.time_zone)
