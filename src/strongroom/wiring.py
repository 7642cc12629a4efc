"""The only place that builds things: settings -> keys, database, vault, bank feed.

A process asks for what its role may have: the web process logs in to the database as the
application only; the worker and the command line also as the role for work across users.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self, TypeVar

from strongroom.core import keys, log, postgres, schema
from strongroom.core.db import Database
from strongroom.core.keys import KeyRing
from strongroom.core.settings import Settings
from strongroom.core.vault import Vault

T = TypeVar("T")
Role = Literal["web", "worker", "cli"]

_POOL_SIZE: dict[Role, int] = {"web": 8, "worker": 6, "cli": 2}


@dataclass(frozen=True, slots=True)
class Services:
    """What a process works with. Open it (``async with services``) before use.

    ``system_dsn`` is where the queue lives; None for the web process, which may only add to it.
    """

    settings: Settings
    ring: KeyRing = field(repr=False)
    database: Database
    vault: Vault
    system_dsn: str | None = field(default=None, repr=False)
    _server: postgres.Server | None = field(default=None, repr=False)

    def get(self, kind: type[T]) -> T:
        """Return the one part of this type. Raises ``LookupError`` if there is none."""
        for name in self.__slots__:
            part = getattr(self, name)
            if isinstance(part, kind):
                return part
        raise LookupError(f"no {kind.__name__} was built")

    async def open(self) -> None:
        """Open the database. Raises ``DatabaseDown``."""
        await self.database.open()

    async def close(self) -> None:
        """Close the database, and give back the share in the embedded server."""
        await self.database.close()
        if self._server is not None:
            await asyncio.to_thread(self._server.release)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def build(settings: Settings, *, role: Role) -> Services:
    """Build what ``role`` needs, starting the embedded server if nobody has, and migrating.

    Raises ``BadKeyRing``, ``PostgresUnavailable``, ``CannotSetUp`` and ``DatabaseIsNewer``.
    """
    ring = keys.load(settings)
    server, dsn = _find_database(settings)
    try:
        schema.migrate(dsn, ring)
        return assemble(settings, ring, admin_dsn=dsn, role=role, server=server)
    except BaseException:
        if server is not None:
            server.release()
        raise


def assemble(
    settings: Settings,
    ring: KeyRing,
    *,
    admin_dsn: str,
    role: Role,
    server: postgres.Server | None = None,
) -> Services:
    """Put the parts together over a database that is set up already. Connects to nothing yet."""
    app_dsn = schema.role_dsn(admin_dsn, "app", ring)
    system_dsn = None if role == "web" else schema.role_dsn(admin_dsn, "system", ring)
    log.hide([settings.plaid_secret, settings.key_ring])
    log.hide(psycopg_password(dsn) for dsn in (admin_dsn, app_dsn, system_dsn))
    return Services(
        settings=settings,
        ring=ring,
        database=Database(app_dsn, system_dsn, size=_POOL_SIZE[role]),
        vault=Vault(ring, reload=lambda: keys.load(settings)),
        system_dsn=system_dsn,
        _server=server,
    )


@contextmanager
def admin_dsn(settings: Settings) -> Iterator[str]:
    """Reach the database as its administrator, for set-up and ``psql``; no secret is shown.

    The embedded server is started if nobody has, and runs at least as long as this is held.
    """
    server, dsn = _find_database(settings)
    try:
        yield dsn
    finally:
        if server is not None:
            server.release()


def psycopg_password(dsn: str | None) -> str | None:
    """Return the password in a connection string, to keep it out of the log."""
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(dsn or "").get("password")
    return None if found is None else str(found)


def _find_database(settings: Settings) -> tuple[postgres.Server | None, str]:
    if settings.database_url is not None:
        return None, settings.database_url
    server = postgres.ensure(settings.home, bin_dir=settings.pg_bin)
    return server, server.admin_dsn
