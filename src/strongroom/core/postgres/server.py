"""Starts, shares and leaves the embedded server. ``ensure`` is the way in.

Several processes may call it at the same moment: a lock lets one of them start the server, the
others find it running. The process that runs the server is ``keeper.py``, not the caller.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from strongroom.core.postgres import cluster, keeper
from strongroom.core.postgres.binaries import (
    Binaries,
    copied_beside,
    drop_older_copies,
    find_binaries,
)
from strongroom.core.postgres.cluster import SUPERUSER
from strongroom.core.postgres.errors import PostgresUnavailable, explain
from strongroom.core.postgres.place import PORT, Place, find_place

START_SECONDS = 180.0  # recovery after a crash replays the log, which may take a while
STOP_SECONDS = 90.0
_POLL_SECONDS = 0.005


@dataclass(slots=True)
class Server:
    """A share in a running server. Use it as a context, or call ``release`` when done.

    The connection string holds no password: it names the password file, which only the owner of
    the home can read. A process that dies without ``release`` gives its share back all the same.
    """

    place: Place
    binaries: Binaries
    _share: int | None = field(repr=False)
    durable: bool = True

    @property
    def admin_dsn(self) -> str:
        """Connection string of the superuser to the database ``postgres``; no secret in it."""
        return self.dsn("postgres")

    @property
    def socket_dir(self) -> Path:
        """The directory of the Unix socket: the ``host`` of a connection."""
        return self.place.socket_dir

    @property
    def port(self) -> int:
        """The number in the socket's name; no network port is open."""
        return PORT

    @property
    def data_dir(self) -> Path:
        """Where the database itself lies."""
        return self.place.data

    def dsn(self, database: str) -> str:
        """Connection string of the superuser to ``database``."""
        return " ".join(
            f"{name}={_quoted(value)}"
            for name, value in (
                ("host", str(self.socket_dir)),
                ("port", str(PORT)),
                ("user", SUPERUSER),
                ("dbname", database),
                ("passfile", str(self.place.passfile)),
            )
        )

    def mend(self) -> bool:
        """Start the server or its keeper again if either was killed; tells whether it had to.

        Raises ``PostgresUnavailable``.
        """
        if keeper.postmaster_pid(self.place.data) is not None and _is_kept(self.place):
            return False
        with _start_lock(self.place):
            return _bring_up(self.place, self.binaries, durable=self.durable)

    def release(self) -> None:
        """Give the share back. The last one to do so waits until the server has stopped."""
        if self._share is None:
            return
        os.close(self._share)
        self._share = None
        _wait_if_last(self.place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def ensure(data_home: Path, *, bin_dir: Path | None = None, durable: bool = True) -> Server:
    """A share in the server of ``data_home``; makes, upgrades and starts it where needed.

    ``bin_dir`` asks for programs other than the wheel's. ``durable=False`` is for throw-away
    databases of tests: it trades every promise about crashes for speed.

    Raises ``PostgresUnavailable`` with what to do.
    """
    place = find_place(data_home)
    with _start_lock(place):
        place.make_socket_dir()
        share = _take_share(place)
        try:
            binaries = copied_beside(find_binaries(bin_dir), place.root)
            _bring_up(place, binaries, durable=durable)
        except BaseException:
            os.close(share)
            raise
    return Server(place, binaries, share, durable)


def _bring_up(place: Place, binaries: Binaries, *, durable: bool) -> bool:
    """With the start lock and a share held: have a kept, ready server. True if one was started."""
    if _is_kept(place) and _gets_ready(place, lambda: not _is_kept(place)):
        return False
    if keeper.postmaster_pid(place.data) is None:
        drop_older_copies(place.root, binaries)
        cluster.prepare(place, binaries, durable=durable)
    _start_keeper(place, binaries)  # it takes over a server whose own keeper was killed
    return True


def psql_command(server: Server, database: str) -> tuple[list[str], dict[str, str]]:
    """The arguments and the extra environment of a ``psql`` on ``database`` as the superuser."""
    psql = Path(server.binaries.program("psql"))
    return [str(psql) if psql.is_file() else "psql", server.dsn(database)], {"PSQL_HISTORY": ""}


@contextlib.contextmanager
def _start_lock(place: Place) -> Iterator[None]:
    lock = _open(place.root / "start.lock")
    try:
        if not _flock(lock, fcntl.LOCK_EX, START_SECONDS * 2):
            raise PostgresUnavailable(
                f"Another process has been starting the database at {place.data} for too long.",
                hint="See what it waits for, end it, and start again.",
            )
        yield
    finally:
        os.close(lock)


def _take_share(place: Place) -> int:
    share = _open(place.root / "users.lock")
    if _flock(share, fcntl.LOCK_SH, STOP_SECONDS):
        # A keeper that held the lock was stopping its server: wait for it to be gone.
        return share
    os.close(share)
    raise PostgresUnavailable(
        f"The database at {place.data} is taking too long to stop.",
        hint=f"Look into {place.start_log} and {place.data / 'log'}, then start again.",
    )


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise explain("Opening the database's lock", str(error), path.parent) from error


def _flock(descriptor: int, kind: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)


def _is_kept(place: Place) -> bool:
    """Whether a keeper watches the server (it holds its lock as long as it lives)."""
    lock = _open(place.root / "keeper.lock")
    try:
        return not _flock(lock, fcntl.LOCK_EX, 0)
    finally:
        os.close(lock)


def _start_keeper(place: Place, binaries: Binaries) -> None:
    arguments = [
        str(place.root),
        binaries.program("postgres"),
        str(place.socket_dir),
        str(PORT),
        "-" if place.uid is None else str(place.uid),
    ]
    try:
        with place.start_log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=place.root,
                start_new_session=True,
            )
    except OSError as error:
        raise explain("Starting the database", str(error), place.data) from error
    _children.append(process)
    if not _gets_ready(place, lambda: process.poll() is not None):
        raise explain("Starting the database", keeper.last_words(place.root), place.data)


# Keepers that this process started: kept so that they are reaped when it lives longer than they do.
_children: list[subprocess.Popen[bytes]] = []


def _gets_ready(place: Place, has_ended: Callable[[], bool]) -> bool:
    """Wait for a kept, ready server; False if its keeper ended before it was ready."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        pid = keeper.postmaster_pid(place.data)
        # A server taken over is ready before its new keeper is.
        if pid is not None and keeper.is_ready(place.data, pid) and _is_kept(place):
            return True
        if has_ended():
            return False
        time.sleep(_POLL_SECONDS)
    raise PostgresUnavailable(
        f"The database at {place.data} did not get ready in {START_SECONDS:.0f} seconds.",
        hint=f"Look into {place.start_log} and {place.data / 'log'}, then start again.",
    )


def _wait_if_last(place: Place) -> None:
    lock = _open(place.root / "users.lock")
    try:
        if _flock(lock, fcntl.LOCK_EX, 0):
            fcntl.flock(lock, fcntl.LOCK_UN)  # we were the last: the keeper's turn
        elif _flock(lock, fcntl.LOCK_SH, 0):
            return  # others use it
    finally:
        os.close(lock)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        for child in [child for child in _children if child.poll() is not None]:
            _children.remove(child)
        if not _is_kept(place):
            return
        time.sleep(_POLL_SECONDS)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
