"""What every test may ask for: a migrated database of its own, and no way out to the internet.

One throw-away server serves a whole run (or the one at ``TEST_DATABASE_URL``, whose role must be a
superuser). It holds one migrated template; each database is cloned from it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from strongroom.core import postgres
from strongroom.core.keys import KeyRing
from strongroom.core.schema import migrate, migrations_directory, role_dsn
from tests.processes import scratch, throwaway

if TYPE_CHECKING:
    from tests.house import House

# A failing example is printed with a line that repeats it; pytest-randomly prints the seed.
settings.register_profile(
    "strongroom",
    deadline=None,
    print_blob=True,
    max_examples=int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("strongroom")


def pytest_configure() -> None:
    """Let each test's own directory lie where the databases do, and no certificate be read.

    A client reads all authorities that it may trust, 25 ms of a processor, and tests speak plain
    HTTP with this machine alone: they trust those whose certificates lie here, which is nobody.
    """
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch()))
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first, so that no worker waits for one of them alone.

    Those with a slow test, then those in a browser, then the rest in their random order.
    """
    ranks: dict[str, int] = {}
    for item in items:
        rank = 0 if item.get_closest_marker("slow") else 1
        if rank and not item.get_closest_marker("browser"):
            rank = 2
        file = item.nodeid.partition("::")[0]
        ranks[file] = min(rank, ranks.get(file, rank))
    items.sort(key=lambda item: ranks[item.nodeid.partition("::")[0]])


_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")


class ReachedOut(RuntimeError):
    """A test tried to leave the machine."""


def _stay_on_this_machine(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = (arguments[0],)
    else:
        return
    if isinstance(address, tuple) and address[0]:
        host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
        if not host.startswith(_LOOPBACK):
            raise ReachedOut(f"a test may talk to this machine only, not to {host}")


sys.addaudithook(_stay_on_this_machine)


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database: addresses for its administrator and for the program's two roles."""

    __test__ = False

    name: str
    admin_dsn: str
    app_dsn: str
    system_dsn: str
    ring: KeyRing


@dataclass(frozen=True)
class _Cluster:
    admin_dsn: str
    template: str
    ring: KeyRing

    def database(self, name: str) -> TestDatabase:
        """The addresses of database ``name``."""
        dsn = make_conninfo(self.admin_dsn, dbname=name)
        roles = {f"{role}_dsn": role_dsn(dsn, role, self.ring) for role in ("app", "system")}
        return TestDatabase(name=name, admin_dsn=dsn, ring=self.ring, **roles)


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """The superuser's address of a server to make databases on."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with throwaway("tests") as home, postgres.ensure(home, durable=False) as server:
        yield server.admin_dsn


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """The key ring of every test database: the same in each run, so that a server may be kept."""
    keys = [hashlib.sha256(f"strongroom tests {n}".encode()).digest() for n in range(2)]
    return KeyRing("k1", {"k1": keys[0]}, keys[1])


@pytest.fixture(scope="session")
def _cluster(server_dsn: str, key_ring: KeyRing) -> _Cluster:
    template = f"strongroom_template_{_content_of(migrations_directory())}"
    with psycopg.connect(server_dsn, autocommit=True) as db:
        db.execute("SELECT pg_advisory_lock(7362517)")  # runs side by side share one template
        known = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone()
        if known is None:
            db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
        migrate(make_conninfo(server_dsn, dbname=template), key_ring)
    return _Cluster(server_dsn, template, key_ring)


@pytest.fixture
def database(_cluster: _Cluster) -> Iterator[TestDatabase]:
    """A migrated database for this test alone."""
    yield from _clone(_cluster)


@pytest.fixture(scope="module")
def module_database(_cluster: _Cluster) -> Iterator[TestDatabase]:
    """A migrated database that the tests of one module share; each uses users of its own."""
    yield from _clone(_cluster)


@pytest.fixture(scope="session")
def house(_cluster: _Cluster) -> Iterator[House]:
    """A whole Strongroom with its processes, for all tests of a run; each makes its own people."""
    from tests.house import opened

    for place in _clone(_cluster):
        with opened(place) as started:
            yield started


_numbers = itertools.count()


def _clone(cluster: _Cluster) -> Iterator[TestDatabase]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
    with psycopg.connect(cluster.admin_dsn, autocommit=True) as db:
        db.execute(clone.format(sql.Identifier(name), sql.Identifier(cluster.template)))
    try:
        yield cluster.database(name)
    finally:
        with psycopg.connect(cluster.admin_dsn, autocommit=True) as db:
            db.execute(drop.format(sql.Identifier(name)))


def _content_of(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        if path.suffix in (".py", ".sql"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
