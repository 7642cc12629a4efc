"""What every proof stands on: a throw-away server, a migrated template, a clone for each case."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from strongroom.core import postgres
from strongroom.core.keys import KeyRing
from strongroom.core.postgres import keeper
from strongroom.core.schema import migrate, role_dsn
from tests.processes import throwaway

_TEMPLATE = "proof_template"
_MOST_CONNECTIONS = 400
_RECOVERY_SECONDS = 60.0
_OPTIONS = "-c search_path=strongroom -c timezone=UTC"


def ring() -> KeyRing:
    """The key ring of every proof: always the same, so that a case can be repeated alone."""
    keys = [hashlib.sha256(f"strongroom proofs {n}".encode()).digest() for n in range(2)]
    return KeyRing("k1", {"k1": keys[0]}, keys[1])


@dataclass(frozen=True)
class Ground:
    """A server with a migrated template. Plain values only, so that it goes to other processes."""

    admin_dsn: str
    directory: Path
    data: Path
    """Where the server keeps its data."""

    def kill_server(self) -> None:
        """End the server and every process of it as a power cut would.

        Its keeper starts it anew, or where that has lost patience, another, as ``strongroom run``
        asks for. Returns when it takes connections again.
        """
        pid = keeper.postmaster_pid(self.data)
        assert pid is not None, "the server runs"
        server = psutil.Process(pid)
        for process in [server, *server.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        with postgres.ensure(self.directory / "home", durable=False):
            _connected(self.admin_dsn).close()

    @contextmanager
    def database(self, name: str) -> Iterator[Base]:
        """A migrated database for one case, dropped afterwards."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(_TEMPLATE)
        )
        with psycopg.connect(self.admin_dsn, autocommit=True) as db:
            db.execute(drop)
            db.execute(make)
        try:
            yield Base(make_conninfo(self.admin_dsn, dbname=name))
        finally:
            with _connected(self.admin_dsn, autocommit=True) as db:
                db.execute(drop)


@dataclass(frozen=True)
class Base:
    """One database: where its administrator and the program's two roles log in."""

    admin_dsn: str

    @property
    def app_dsn(self) -> str:
        """The application's address."""
        return role_dsn(self.admin_dsn, "app", ring())

    @property
    def system_dsn(self) -> str:
        """The address of the role for work across users."""
        return role_dsn(self.admin_dsn, "system", ring())

    def admin(self) -> psycopg.Connection:
        """A connection that sees everything, with the program's tables in its path."""
        return psycopg.connect(self.admin_dsn, autocommit=True, options=_OPTIONS)

    def patient_admin(self) -> psycopg.Connection:
        """The same, waited for while the server recovers."""
        return _connected(self.admin_dsn, autocommit=True, options=_OPTIONS)


def _connected(dsn: str, **options: Any) -> psycopg.Connection:
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        try:
            return psycopg.connect(dsn, **options)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def prepared(*, durable: bool = False) -> Iterator[Ground]:
    """Start a server of its own for one run and migrate its template.

    ``durable``: it keeps its promises through a power cut, as a real one does; slower.
    """
    with throwaway("prove", on_disk=durable) as directory:
        home = directory / "home"
        with (
            postgres.ensure(home, durable=durable) as server,
            psycopg.connect(server.admin_dsn, autocommit=True) as db,
        ):
            db.execute(f"ALTER SYSTEM SET max_connections = {_MOST_CONNECTIONS}")
            # What was answered as stored outlives the server's own death, not the machine's.
            db.execute("ALTER SYSTEM SET synchronous_commit = on")
        with postgres.ensure(home, durable=durable) as server:
            with psycopg.connect(server.admin_dsn, autocommit=True) as db:
                db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
            migrate(make_conninfo(server.admin_dsn, dbname=_TEMPLATE), ring())
            yield Ground(server.admin_dsn, directory, server.data_dir)
