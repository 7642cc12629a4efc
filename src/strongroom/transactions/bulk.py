"""How statements over very many new rows are planned: set with set. Decides nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from strongroom.core import db as core_db
from strongroom.core.db import Db


@asynccontextmanager
async def in_bulk(db: Db) -> AsyncIterator[None]:
    """Let statements join set with set, and not row by row.

    The planner knows nothing of rows this new. It takes a hundred thousand for three, and for each
    of them reads a whole person's rows.
    """
    before = await core_db.value(db, "SELECT current_setting('enable_nestloop')")
    await db.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    await db.execute(
        "SELECT set_config('enable_nestloop', %(before)s::text, true)", {"before": before}
    )
