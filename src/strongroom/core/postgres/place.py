"""Where one embedded server lies on disk, and as whom it runs. Makes the directories.

PostgreSQL refuses to run as root. Started by root, the server runs as an unprivileged user id that
has no account, and its data lie where that user can reach them: under the home if every directory
above lets others pass, else under ``/var/lib/strongroom``. No account is made and no directory
that is not ours is opened up.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from strongroom.core.postgres.errors import PostgresUnavailable, explain

# An id that Debian, Red Hat and systemd leave unassigned; 65534 is for containers that map few ids.
SERVER_UIDS = (60842, 65534)
SYSTEM_DATA = Path("/var/lib/strongroom")
PORT = 5432
# The shortest limit of the systems we run on, less the name of the socket and its lock file.
_SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
_SOCKET_NAME = f"/.s.PGSQL.{PORT}.lock"


@dataclass(frozen=True, slots=True)
class Place:
    """One server's place. ``uid`` is the user the server runs as, or None for the caller's own.

    ``home`` is the private directory of the caller (the password is there), ``root`` holds the
    ``data``, the copied programs and the locks; ``root`` may lie outside ``home``.
    """

    home: Path
    root: Path
    socket_dir: Path
    uid: int | None

    @property
    def data(self) -> Path:
        """The data directory, owned by the server's user, mode 0700."""
        return self.root / "data"

    @property
    def passfile(self) -> Path:
        """The superuser's password in libpq's password file format, mode 0600."""
        return self.home / "postgres.pgpass"

    @property
    def made(self) -> Path:
        """The note that the database was made: from then on an absent one is a loss."""
        return self.home / "postgres.made"

    @property
    def start_log(self) -> Path:
        """What the server writes before its own log files are open."""
        return self.root / "start.log"

    def chown(self, path: Path) -> None:
        """Give ``path`` to the server's user."""
        if self.uid is not None:
            os.chown(path, self.uid, self.uid, follow_symlinks=False)

    def make_socket_dir(self) -> None:
        """Make the socket's directory, or see that the one that is there is ours alone.

        Only with the start lock held: setting up lends the directory to another user for a while.
        """
        ours = {os.geteuid()}
        if self.uid is not None:
            ours.add(self.uid)
            if self.socket_dir.parent == self.root:  # lent when a set-up was cut short
                ours.add(_named_uid(self.uid))
        try:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            _check_owner(self.socket_dir, ours)
            self.chown(self.socket_dir)
        except OSError as error:
            raise explain("Making the socket's directory", str(error), self.socket_dir) from error

    def named_user(self) -> dict[str, int | list[int]]:
        """Arguments for ``subprocess`` that make a child run as a user who has an account."""
        if self.uid is None:
            return {}
        uid = _named_uid(self.uid)
        return {"user": uid, "group": uid, "extra_groups": []}

    @contextlib.contextmanager
    def under_named_account(self, *directories: Path) -> Iterator[None]:
        """Lend ``directories`` to a user who has an account, for programs that look up its name.

        initdb and pg_upgrade do; the server itself does not. They are taken back at the end.
        """
        if self.uid is None:
            yield
            return
        try:
            for directory in directories:
                _chown_all(directory, _named_uid(self.uid))
            yield
        finally:
            for directory in directories:
                _chown_all(directory, self.uid)


def find_place(home: Path) -> Place:
    """Where the server of ``home`` lies; makes the home and the root the first time.

    The decision is written to ``home/postgres.location`` and holds from then on, so that a home
    that is moved or opened up later still finds its data.
    """
    home = home.resolve()  # one name for it, whatever link it is reached by
    try:
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        root = _written_location(home) or _choose_location(home)
        uid = _server_uid(root)
        socket_dir = _socket_dir(root, uid)
        place = Place(home=home, root=root, socket_dir=socket_dir, uid=uid)
        root.mkdir(mode=0o711 if uid is not None else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise explain("Making the database's directory", str(error), home) from error
    return place


def _written_location(home: Path) -> Path | None:
    with contextlib.suppress(FileNotFoundError):
        text = (home / "postgres.location").read_text(encoding="utf-8").strip()
        # A home that was moved takes the data inside it along: the note is relative then.
        return (home / text).absolute() if text else None
    return None


def _choose_location(home: Path) -> Path:
    if os.geteuid() != 0 or _others_may_pass(home):
        note = "postgres"
    else:
        note = str(SYSTEM_DATA / secrets.token_hex(6))
    location = home / "postgres.location"
    with contextlib.suppress(FileExistsError):  # another process decided in the same moment
        unfinished = home / f".postgres.location.{os.getpid()}"
        unfinished.write_text(note + "\n", encoding="utf-8")
        try:
            os.link(unfinished, location)
        finally:
            unfinished.unlink()
    return _written_location(home) or home / note


def _named_uid(uid: int) -> int:
    """``uid`` if it has an account, else that of ``nobody`` or of any account but root's."""
    accounts = pwd.getpwall()
    for known in accounts:
        if known.pw_uid == uid:
            return uid
    nobody = [known.pw_uid for known in accounts if known.pw_name == "nobody"]
    others = [known.pw_uid for known in accounts if known.pw_uid != 0 and _can_become(known.pw_uid)]
    if not nobody and not others:
        raise PostgresUnavailable(
            "PostgreSQL may not run as root, and this system has no other account to set it up.",
            hint="Run Strongroom as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
        )
    return (nobody or others)[0]


def _chown_all(directory: Path, uid: int) -> None:
    for folder, names, files in os.walk(directory):
        for name in (*names, *files):
            os.chown(Path(folder, name), uid, uid, follow_symlinks=False)
    os.chown(directory, uid, uid, follow_symlinks=False)


def _others_may_pass(home: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (home, *home.parents))


def _server_uid(root: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    for name in ("data", "data.upgraded"):
        with contextlib.suppress(FileNotFoundError):
            owner = (root / name).stat().st_uid
            if owner != 0:
                return owner
    for uid in SERVER_UIDS:
        if _can_become(uid):
            return uid
    raise PostgresUnavailable(
        "PostgreSQL may not run as root, and this container lets root become nobody else.",
        hint="Run Strongroom as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
    )


def _can_become(uid: int) -> bool:
    """Whether the user namespace we are in maps ``uid``; always so outside of containers."""
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    except OSError:
        return True
    ranges = [[int(number) for number in line.split()] for line in lines]
    return any(first <= uid < first + count for first, _, count in ranges)


def _socket_dir(root: Path, uid: int | None) -> Path:
    """The socket's directory: beside the data, or a short one where that path is too long.

    libpq also splits a host at commas, and reads a leading ``@`` as an abstract name.
    """
    beside = root / "run"
    if len(os.fsencode(beside)) + len(_SOCKET_NAME) <= _SOCKET_PATH_BYTES and "," not in str(
        beside
    ):
        return beside
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "") if uid is None else ""
    if runtime and Path(runtime).is_dir() and len(runtime) < 60 and "," not in runtime:
        return Path(runtime) / f"strongroom-{name}"
    base = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
    return base / f"strongroom-{os.geteuid()}-{name}"


def _check_owner(directory: Path, owners: set[int]) -> None:
    facts = directory.lstat()
    if directory.is_symlink() or facts.st_uid not in owners or facts.st_mode & 0o077:
        raise PostgresUnavailable(
            f"The directory {directory}, meant for the database's socket, is not ours alone.",
            hint="Remove it, or see whose it is, and start again.",
        )
