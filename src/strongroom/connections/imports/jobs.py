"""The jobs of imports: read a large file, take it in, forget files that were left lying.

Each does its whole work in one unit of work: killed in the middle it begins again, or has done
nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from strongroom import identity, ui
from strongroom.connections.files import Limits
from strongroom.connections.imports import queries, refusals, service, stuck, taking
from strongroom.connections.imports.types import ImportId, ImportNotFound
from strongroom.connections.links import Links
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import UserId
from strongroom.core.queue import Jobs
from strongroom.ui import N_

_BROKE = N_("Something went wrong on our side. Nothing was stored.")


@asynccontextmanager
async def _told(links: Links, owner: UserId, import_id: ImportId) -> AsyncIterator[None]:
    """Write on the import why it failed; what may pass is left to be tried again.

    In the person's language, as what its reading finds at fault in single rows.
    """
    async with links.database.unit_of_work(owner) as db:
        settings = await identity.get_settings(db, owner=owner)
    try:
        with ui.using(ui.Preferences(locale=settings.language)):
            yield
    except (Unavailable, ImportNotFound):
        raise
    except Exception as problem:
        refused = isinstance(problem, StrongroomError)
        why = _BROKE
        if isinstance(problem, StrongroomError):
            with ui.using(ui.Preferences(locale=settings.language)):
                why = refusals.in_words(problem)
        async with links.database.unit_of_work(owner) as db:
            await service.fail(db, owner=owner, import_id=import_id, why=why, now=links.clock())
        if not refused:
            raise


def declare(jobs: Jobs, links: Links) -> None:
    """Declare the jobs of imports."""

    @jobs.job()
    async def read_import(owner: str, file: str) -> None:
        """Read a file that a person brought, so that they can look at its rows."""
        person, import_id = UserId(UUID(owner)), ImportId(UUID(file))

        async def progress(rows: int) -> None:
            async with links.database.unit_of_work(person) as beside:
                await queries.progress(beside, person, import_id, rows)

        async with _told(links, person, import_id), links.database.unit_of_work(person) as db:
            await service.read(
                db,
                owner=person,
                import_id=import_id,
                now=links.clock(),
                progress=progress,
                limits=Limits.of_mebibytes(links.import_mebibytes),
            )

    @jobs.job()
    async def take_in_import(owner: str, file: str) -> None:
        """Take a file's rows into the book, as the person confirmed."""
        person, import_id = UserId(UUID(owner)), ImportId(UUID(file))
        async with _told(links, person, import_id), links.database.unit_of_work(person) as db:
            await taking.take_in(
                db,
                owner=person,
                import_id=import_id,
                now=links.clock(),
                sections=links.sections,
                limits=Limits.of_mebibytes(links.import_mebibytes),
            )

    @jobs.job(cron="* * * * *")
    async def give_imports_back() -> None:
        """Give back to their person imports whose job has used up its tries."""
        await stuck.give_back_for_all(links, _BROKE)

    @jobs.job(cron="50 3 * * *")
    async def forget_imports() -> None:
        """Forget files that were brought and neither taken in nor looked at for a week."""
        before = links.clock() - queries.KEEP_UNFINISHED
        async with links.database.unit_of_work_for_all() as db:
            await queries.forget_unfinished_for_all(db, before)
