"""Imports that wait for a job which is no more: given back to their person, to try again or forget.

A job may use up its tries while the database is away; then nothing else would ever move its
import on.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from strongroom.connections.imports import service
from strongroom.connections.imports.types import ImportId, ImportNotFound
from strongroom.connections.links import Links
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import UserId


@dataclass(frozen=True, slots=True)
class _Stuck:
    user_id: UUID
    id: UUID


async def give_back_for_all(links: Links, why: str) -> int:
    """Put every import that no job holds any more back to where its person can go on.

    One that was being taken in can be confirmed again or forgotten; one that was being read can
    be read otherwise or forgotten. ``why`` is noted on it. Returns how many there were.
    """
    async with links.database.unit_of_work_for_all() as db:
        found = await _stuck_for_all(db)
    for one in found:
        owner, import_id = UserId(one.user_id), ImportId(one.id)
        try:
            async with links.database.unit_of_work(owner) as db:
                await service.fail(db, owner=owner, import_id=import_id, why=why, now=links.clock())
        except ImportNotFound:
            continue
    return len(found)


async def _stuck_for_all(db: Db) -> list[_Stuck]:
    """Return the imports that wait for a job where none is waiting or running."""
    return await core_db.many(
        db,
        _Stuck,
        """
        SELECT i.user_id, i.id FROM file_imports i
        WHERE i.state IN ('reading', 'importing')
          AND NOT EXISTS (
              SELECT 1 FROM procrastinate_jobs j
              WHERE j.task_name = CASE i.state WHEN 'reading' THEN 'connections.read_import'
                                               ELSE 'connections.take_in_import' END
                AND j.lock = 'import ' || i.id AND j.status IN ('todo', 'doing'))
        ORDER BY i.updated_at LIMIT 100
        """,
        {},
    )
