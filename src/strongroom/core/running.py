"""Says whether ``strongroom run`` is up for a home, and at which addresses.

A lock that the system drops with its process tells whether it is up; ``run.json`` beside it tells
where. Starts and stops nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from strongroom.core.errors import Refused

# What a home holds from its first moment on, one or the other, however it came to be.
_OURS = ("run.lock", "keys.json", "postgres.location")


class HomeIsNotOurs(Refused):
    """The directory holds something already, and nothing of it is Strongroom's."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running Strongroom: its process and its addresses; ``plaid_url`` if it runs a stand-in."""

    pid: int
    url: str
    plaid_url: str | None = None


def take(home: Path) -> int | None:
    """Mark this process as the one that runs ``home``; None if another does already.

    The mark lasts until the returned descriptor is closed or the process ends. Raises
    ``HomeIsNotOurs`` rather than spreading files among somebody else's.
    """
    _check_ours(home)
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    lock = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    withdraw(home)  # what a killed one left behind
    return lock


def _check_ours(home: Path) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        there = {path.name for path in home.iterdir()} - {"lost+found"}
        if there and there.isdisjoint(_OURS):
            raise HomeIsNotOurs(
                f"{home} is not empty, and nothing in it is Strongroom's.",
                field="STRONGROOM_HOME",
                hint="Name a new or an empty directory.",
            )


def announce(home: Path, running: Running) -> None:
    """Write down where the process that has taken ``home`` can be reached."""
    partial = home / "run.json.new"
    partial.write_text(json.dumps(asdict(running)), encoding="utf-8")
    partial.chmod(0o600)
    partial.replace(home / "run.json")


def withdraw(home: Path) -> None:
    """Take the addresses back before the process ends."""
    (home / "run.json").unlink(missing_ok=True)


def find(home: Path) -> Running | None:
    """Where ``home`` is running, or None if it is not up or not ready yet."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        if _is_taken(home):
            return Running(**json.loads((home / "run.json").read_text(encoding="utf-8")))
    return None


def _is_taken(home: Path) -> bool:
    lock = os.open(home / "run.lock", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
