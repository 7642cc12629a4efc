"""The only place that builds things: settings -> keys, database, vault, bank feed.

A process asks for what its role may have: the web process logs in to the database as the
application only; the worker and the command line also as the role for work across users.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from strongroom import audit, identity
from strongroom.core import keys, log, postgres, running, schema
from strongroom.core.db import Database
from strongroom.core.errors import Unavailable
from strongroom.core.keys import KeyRing
from strongroom.core.sections import Sections
from strongroom.core.settings import BadSetting, Settings
from strongroom.core.time import clock
from strongroom.core.vault import Vault

if TYPE_CHECKING:
    from strongroom.connections import Links
    from strongroom.connections.plaid import Plaid, PlaidFeed
    from strongroom.goals import Interpreter

T = TypeVar("T")
Role = Literal["web", "worker", "cli"]

_POOL_SIZE: dict[Role, int] = {"web": 8, "worker": 6, "cli": 4}
_SANDBOX_SECONDS = 30.0


class NoSandbox(Unavailable):
    """The local stand-in for Plaid could not be started."""


@dataclass(frozen=True)
class Services:
    """What a process works with. Open it (``async with services``) before use.

    ``system_dsn`` is where the queue lies; None for the web process, which may only add to it.
    """

    settings: Settings
    ring: KeyRing = field(repr=False)
    database: Database = field(repr=False)
    vault: Vault = field(repr=False)
    clock: Callable[[], datetime] = clock
    system_dsn: str | None = field(default=None, repr=False)
    _server: postgres.Server | None = field(default=None, repr=False)

    @cached_property
    def links(self) -> Links:
        """Bank links and the bank feed. Built when first asked for: Plaid's client is heavy."""
        from strongroom.connections import Links

        return Links(
            database=self.database,
            provider=LocalPlaid(self.settings)
            if _is_local(self.settings)
            else _plaid(self.settings),
            vault=self.vault,
            environment=self.settings.plaid_env,
            base_url=_base_url(self.settings),
            clock=self.clock,
            token_life=timedelta(days=self.settings.token_days) or None,
            import_mebibytes=self.settings.import_mebibytes,
            asks_banks=self.settings.asks_banks,
            sections=self.sections,
        )

    @cached_property
    def sections(self) -> Sections:
        """What people made beside rows of their books, domain by domain, for exports and imports.

        In an order in which each refers to earlier ones only.
        """
        from strongroom import budgets, goals, transactions

        return Sections(
            (
                *identity.SECTIONS,
                *transactions.sections(self.vault),
                *budgets.SECTIONS,
                *goals.SECTIONS,
            )
        )

    @cached_property
    def interpreter(self) -> Interpreter:
        """What goals' texts are read with beside the rules: a local model, if one is set up."""
        from strongroom.goals.ollama import interpreter

        return interpreter(self.settings.ollama_url, self.settings.ollama_model)

    def get(self, kind: type[T]) -> T:
        """Return the one part of this type. Raises ``LookupError`` if there is none."""
        for part in (self.settings, self.ring, self.database, self.vault):
            if isinstance(part, kind):
                return part
        if isinstance(self.sections, kind):
            return self.sections
        if isinstance(self.links, kind):
            return self.links
        raise LookupError(f"no {kind.__name__} is built here")

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
    server, dsn = _find_database(settings)
    try:
        ring = schema.ring_of(settings, dsn)
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
    audit.use_key(ring.derive("audit chain"))
    identity.use_key(ring.derive("rate limit"))
    log.hide([settings.plaid_secret, settings.key_ring])
    log.hide(_password(dsn) for dsn in (admin_dsn, app_dsn, system_dsn))
    return Services(
        settings=settings,
        ring=ring,
        database=Database(app_dsn, system_dsn, size=_POOL_SIZE[role]),
        vault=Vault(ring, reload=lambda: keys.load(settings, may_make=False)),
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


class LocalPlaid:
    """The bank feed of the local stand-in for Plaid, found when it is first needed.

    That is the one at ``PLAID_URL``, else the one that ``strongroom run`` has up, else one that
    runs in this process for as long as it lives, on the same file.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._plaid: Plaid | None = None
        self._lock = threading.Lock()

    def session(self, clock: Callable[[], datetime]) -> PlaidFeed:
        """Return a feed for one flow; its calls raise ``NoSandbox``. Waits for nothing itself."""
        return cast("PlaidFeed", _LateFeed(lambda: self._found().session(clock)))

    def _found(self) -> Plaid:
        with self._lock:
            if self._plaid is None:
                self._plaid = _plaid(self._settings, host=self._address())
            return self._plaid

    def _address(self) -> str:
        if self._settings.plaid_url is not None:
            return self._settings.plaid_url
        found = running.find(self._settings.home)
        return found.plaid_url if found and found.plaid_url else start_sandbox(self._settings)


class _LateFeed:
    """A feed that is opened at its first call, in a thread: a stand-in may have to start first."""

    def __init__(self, open_it: Callable[[], PlaidFeed]) -> None:
        self._open = open_it
        self._feed: PlaidFeed | None = None

    @property
    def calls(self) -> Sequence[Any]:
        return [] if self._feed is None else self._feed.calls

    @property
    def unreadable(self) -> Sequence[Any]:
        return [] if self._feed is None else self._feed.unreadable

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **options: Any) -> Any:
            if self._feed is None:
                self._feed = await asyncio.to_thread(self._open)
            return await getattr(self._feed, name)(*arguments, **options)

        return call


def start_sandbox(settings: Settings) -> str:
    """Start the stand-in for Plaid in this process; return its address. Raises ``NoSandbox``."""
    from strongroom.sandbox import plaid as sandbox

    started: queue.Queue[str | BaseException] = queue.Queue()

    def serve() -> None:
        state = settings.home / "plaid-sandbox.sqlite"
        try:
            sandbox.serve(sandbox.SandboxOptions(state_path=state), port=0, started=started.put)
        except BaseException as error:
            started.put(error)

    threading.Thread(target=serve, name="plaid sandbox", daemon=True).start()
    try:
        found = started.get(timeout=_SANDBOX_SECONDS)
    except queue.Empty:
        raise _silent() from None
    if isinstance(found, BaseException):
        raise NoSandbox(f"The local stand-in for Plaid did not start: {found}") from found
    deadline = time.monotonic() + _SANDBOX_SECONDS
    host, port = found.removeprefix("http://").split(":")
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return found
    raise _silent()


def _silent() -> NoSandbox:
    return NoSandbox(
        "The local stand-in for Plaid did not answer.",
        hint="Try again, or start it by itself (strongroom sandbox plaid) and set PLAID_URL.",
    )


def _is_local(settings: Settings) -> bool:
    return settings.plaid_env == "local"


def _plaid(settings: Settings, *, host: str | None = None) -> Plaid:
    from strongroom.connections.plaid import HOSTS, Plaid

    return Plaid(
        host=host or settings.plaid_url or HOSTS[settings.plaid_env],
        client_id=settings.plaid_client_id or "strongroom",
        secret=settings.plaid_secret or "strongroom",
        countries=settings.countries,
    )


def _base_url(settings: Settings) -> str:
    """Return where the web pages are: a running Strongroom may have taken another port."""
    found = None if settings.public_url else running.find(settings.home)
    return settings.base_url if found is None else found.url


def _password(dsn: str | None) -> str | None:
    """Return the password in a connection string, to keep it out of the log."""
    found = conninfo_to_dict(dsn or "").get("password")
    return None if found is None else str(found)


def _find_database(settings: Settings) -> tuple[postgres.Server | None, str]:
    if settings.database_url is not None:
        _check_address(settings.database_url)
        return None, settings.database_url
    server = postgres.ensure(settings.home, bin_dir=settings.pg_bin)
    return server, server.admin_dsn


def _check_address(dsn: str) -> None:
    """Raise ``BadSetting`` for what is no connection string; libpq's own words repeat it whole."""
    try:
        conninfo_to_dict(dsn)
    except ProgrammingError:
        raise BadSetting(
            "DATABASE_URL is not the address of a PostgreSQL database.",
            field="DATABASE_URL",
            hint="It looks like postgresql://name:password@host:5432/database.",
        ) from None
