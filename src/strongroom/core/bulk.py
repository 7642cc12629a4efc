"""How statements over very many new rows are planned: set with set. Decides nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from strongroom.core import db as core_db
from strongroom.core.db import Db

_WORK_MEM_KILOBYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class _Settings:
    nestloop: str
    jit: str
    work_mem: str
    kilobytes: int


@asynccontextmanager
async def in_bulk(db: Db) -> AsyncIterator[None]:
    """Let statements join set with set, and not row by row, with memory for that.

    The planner knows nothing of rows this new. It takes a hundred thousand for three, and for each
    of them reads a whole person's rows. Sorted and hashed on disk, they take twice their time.
    And it takes what it may not do for so dear that servers which can would compile each statement.
    """
    before = await core_db.one(
        db,
        _Settings,
        """
        SELECT current_setting('enable_nestloop') AS nestloop, current_setting('jit') AS jit,
               current_setting('work_mem') AS work_mem,
               (pg_size_bytes(current_setting('work_mem')) / 1024)::int AS kilobytes
        """,
    )
    assert before is not None  # noqa: S101 - a statement without FROM always has its row
    await _set(db, "off", "off", f"{max(before.kilobytes, _WORK_MEM_KILOBYTES)}kB")
    yield
    await _set(db, before.nestloop, before.jit, before.work_mem)


async def _set(db: Db, nestloop: str, jit: str, work_mem: str) -> None:
    await db.execute(
        """
        SELECT set_config('enable_nestloop', %(nestloop)s, true),
               set_config('jit', %(jit)s, true),
               set_config('work_mem', %(work_mem)s, true)
        """,
        {"nestloop": nestloop, "jit": jit, "work_mem": work_mem},
    )
