"""Makes the data directory, checks that it is ours, writes its settings and upgrades it.

Called with the start lock held, so that no other process of ours touches the directory meanwhile.
A directory is made aside and moved into place whole; a move that a crash cut short is finished by
the next start. An empty database is made once only: never in place of one that is gone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from strongroom.core.postgres.binaries import Binaries, copies_of_major, system_binaries_of
from strongroom.core.postgres.errors import PostgresUnavailable, explain
from strongroom.core.postgres.place import Place

SUPERUSER = "postgres"

# Modest memory, nothing that weakens what a commit promises. The server's log gets no statement,
# no parameter and no row: they may hold what a person would call secret.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "'64MB'",
    "wal_level": "replica",
    "synchronous_commit": "on",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "checkpoint_timeout": "'10min'",
    "max_wal_size": "'512MB'",
    "logging_collector": "on",
    "log_directory": "'log'",
    "log_filename": "'postgresql-%a.log'",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "'1d'",
    "log_rotation_size": "0",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "'none'",
}
# Statements are counted for the report of slow ones, without the values in them; statements that
# are not planned (which may name a password) are not.
COUNTING = {
    "shared_preload_libraries": "'pg_stat_statements'",
    "pg_stat_statements.max": "2000",
    "pg_stat_statements.track_utility": "off",
}
# What pg_upgrade works on, and its name once that is complete: the name alone says it may be used.
_UPGRADING, _UPGRADED = "data.upgrading", "data.upgraded"
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def prepare(place: Place, binaries: Binaries, *, durable: bool = True) -> None:
    """Bring the data directory into a state that ``binaries`` can start.

    Raises ``PostgresUnavailable`` if it is not ours, was made by a version it cannot be brought
    up from, or is gone although it was made once.
    """
    if not place.data.exists():
        _finish_upgrade(place)
    made_by = _version_of(place)
    if made_by is None:
        create(place, binaries, durable=durable)
    elif made_by != binaries.major:
        _upgrade(place, binaries, made_by)
    _note_made(place)
    _write_settings(place, durable=durable, counting=_can_count(binaries))


def create(place: Place, binaries: Binaries, *, durable: bool, into: str = "data") -> None:
    """Make a new data directory with checksums, UTF-8 and passwords checked by SCRAM."""
    unfinished = place.root / f"{into}.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = place.socket_dir / "password"
    try:
        unfinished.mkdir(mode=0o700)
        _write_private(password_file, _password(place))
        with place.under_named_account(place.socket_dir, unfinished):
            run(place, _initdb_command(binaries, unfinished, password_file, durable=durable))
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("\ninclude_if_exists '../strongroom.conf'\n")
        unfinished.rename(place.root / into)
    except OSError as error:
        raise explain("Making the database", str(error), place.data) from error
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)


def run(place: Place, command: list[str], timeout_seconds: float = 600) -> None:
    """Run a PostgreSQL program that asks for its user's name, with nothing of our environment."""
    environment = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH")
                   if name in os.environ}  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_seconds,
        check=False,
        cwd=place.socket_dir,
        env={**environment, "LC_ALL": "C", "PGPASSFILE": str(place.socket_dir / "pgpass")},
        **place.named_user(),  # type: ignore[call-overload]
    )
    if done.returncode:
        program = Path(command[0]).name
        raise explain(f"The program {program}", done.stdout + done.stderr, place.data)


def _initdb_command(
    binaries: Binaries, data: Path, password_file: Path, *, durable: bool
) -> list[str]:
    # The builtin provider (from 17 on) sorts and cases alike on every machine, whatever its C
    # library; 16 takes the C library's C.UTF-8, which sorts the same way.
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if binaries.major >= 17
        else ["--locale-provider=libc", "--locale=C.UTF-8"]
    )
    return [
        binaries.program("initdb"),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        *locale,
        "--data-checksums",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        *([] if durable else ["--no-sync"]),
    ]


def _version_of(place: Place) -> int | None:
    """The major version that made the data directory, None if there is none yet."""
    try:
        facts = place.data.stat()
    except FileNotFoundError:
        _check_never_made(place)
        return None  # the first start, or one that was cut short before initdb had finished
    owner = os.geteuid() if place.uid is None else place.uid
    if facts.st_uid != owner:
        raise PostgresUnavailable(
            f"The database at {place.data} belongs to user id {facts.st_uid}, not to {owner}.",
            hint="Start Strongroom as the user who made it, or set STRONGROOM_HOME elsewhere.",
        )
    version = _first_line(place.data / "PG_VERSION")
    if not version.isdigit():
        raise PostgresUnavailable(
            f"{place.data} is not empty and holds no PostgreSQL database.",
            hint="Move it away, or set STRONGROOM_HOME to another directory; it was left as it is.",
        )
    ours = "strongroom.conf" in (place.data / "postgresql.conf").read_text(encoding="utf-8")
    if not ours or not place.passfile.exists():
        raise PostgresUnavailable(
            f"The database at {place.data} was not made by Strongroom with this home.",
            hint=f"Put back {place.passfile}, or set STRONGROOM_HOME to another directory, or "
            "DATABASE_URL to use that database through its own server.",
        )
    return int(version)


def _check_never_made(place: Place) -> None:
    """Raise if the data directory is gone: an empty one in its place would look like a loss."""
    kept = _kept_by_upgrades(place)
    if kept or place.made.exists():
        copy = f" {kept[-1]} is a copy from before an upgrade." if kept else ""
        raise PostgresUnavailable(
            f"The database at {place.data} is gone, though it was there before.",
            hint=f"Put it back from where it was moved, or from a backup.{copy} "
            f"To begin with an empty database, remove {place.made}"
            + ("" if not kept else f" and move {', '.join(map(str, kept))} away")
            + ".",
        )


def _note_made(place: Place) -> None:
    try:
        if not place.made.exists():
            text = "The database was made. Without this file a missing one is made anew, empty.\n"
            _write_private(place.made, text)
            _sync(place.home)
    except OSError as error:
        raise explain("Making the database", str(error), place.home) from error


def _first_line(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8").strip()
    return ""


def _password(place: Place) -> str:
    """The superuser's password; made up the first time and kept in the password file."""
    try:
        return place.passfile.read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    except FileNotFoundError:
        password = secrets.token_urlsafe(32)
        _write_private(place.passfile, f"*:*:*:{SUPERUSER}:{password}\n")
        return password


def _write_private(path: Path, text: str) -> None:
    """Write a file that was never readable by others, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _can_count(binaries: Binaries) -> bool:
    """Whether the programs bring the library that counts statements: the system's may not."""
    libraries = binaries.bin_dir.parent / "lib"
    return any(
        path.suffix in (".so", ".dylib", ".dll") for path in libraries.rglob("pg_stat_statements.*")
    )


def _write_settings(place: Place, *, durable: bool, counting: bool) -> None:
    settings = SETTINGS if durable else {**SETTINGS, **_NOT_DURABLE}
    settings = {**settings, **(COUNTING if counting else {})}
    text = "# Written anew at every start. Use ALTER SYSTEM for settings of your own.\n"
    text += "".join(f"{name} = {value}\n" for name, value in settings.items())
    path = place.root / "strongroom.conf"
    try:
        unfinished = path.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.chmod(0o644)
        unfinished.rename(path)
    except OSError as error:
        raise explain("Writing the database's settings", str(error), place.data) from error


def _upgrade(place: Place, binaries: Binaries, made_by: int) -> None:
    """Bring a data directory of another major version up with pg_upgrade, keeping the old one."""
    old = next(iter(copies_of_major(place.root, made_by) or system_binaries_of(made_by)), None)
    pg_upgrade = Path(binaries.program("pg_upgrade"))
    if made_by > binaries.major or old is None or not pg_upgrade.is_file():
        raise PostgresUnavailable(
            f"The database at {place.data} was made by PostgreSQL {made_by}; "
            f"the programs here are {binaries.version}.",
            hint=f"Install PostgreSQL {made_by}"
            + (" or newer" if made_by > binaries.major else " beside it for the upgrade")
            + f", or set STRONGROOM_PG_BIN to its programs. {place.data} was left as it is.",
        )
    kept = place.root / f"data-{made_by}"
    if kept.exists():
        raise PostgresUnavailable(
            f"{kept} is in the way of the upgrade from PostgreSQL {made_by}.",
            hint="It is an earlier copy of the database: move it away, then start again.",
        )
    aside = place.root / _UPGRADING
    for left in (aside, place.root / _UPGRADED):
        shutil.rmtree(left, ignore_errors=True)
    create(place, binaries, durable=True, into=_UPGRADING)
    passfile = place.socket_dir / "pgpass"
    # Both servers read these settings, and the library may be there for one of them only.
    _write_settings(place, durable=True, counting=False)
    try:
        _write_private(passfile, place.passfile.read_text(encoding="utf-8"))
        with place.under_named_account(place.socket_dir, place.data, aside):
            run(
                place,
                [
                    str(pg_upgrade),
                    f"--old-bindir={old.bin_dir}",
                    f"--new-bindir={binaries.bin_dir}",
                    f"--old-datadir={place.data}",
                    f"--new-datadir={aside}",
                    f"--username={SUPERUSER}",
                    f"--socketdir={place.socket_dir}",
                ],
                timeout_seconds=6 * 3600,
            )
        aside.rename(place.root / _UPGRADED)
        _sync(place.root)
        place.data.rename(kept)
        _sync(place.root)
        _finish_upgrade(place)
    finally:
        passfile.unlink(missing_ok=True)


def _finish_upgrade(place: Place) -> None:
    """Move an upgraded directory into place, once the old one is out of the way."""
    upgraded = place.root / _UPGRADED
    if upgraded.is_dir() and _kept_by_upgrades(place):
        upgraded.rename(place.data)
        _sync(place.root)


def _kept_by_upgrades(place: Place) -> list[Path]:
    """The directories that upgrades left behind, ``data-17`` and the like, oldest first."""
    found = [path for path in place.root.glob("data-*") if path.name[5:].isdigit()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def _sync(directory: Path) -> None:
    """Have the names in a directory on the disk before going on."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
