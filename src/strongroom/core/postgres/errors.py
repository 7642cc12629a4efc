"""What can go wrong with the embedded server, said so that a person knows what to do.

``explain`` turns the last lines a PostgreSQL program wrote into such a message; it starts nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from strongroom.core.errors import Unavailable


class PostgresUnavailable(Unavailable):
    """The embedded server cannot be had. ``message`` says why, ``hint`` what to do about it."""


class _Cause(NamedTuple):
    """A phrase that PostgreSQL or the system writes, and what it means for the reader."""

    phrase: str
    message: str
    hint: str


_CAUSES = (
    _Cause(
        "No space left on device",
        "The disk is full, so the database at {data} cannot start.",
        "Free some space and start again; nothing that was saved is lost.",
    ),
    _Cause(
        "Disk quota exceeded",
        "Your disk quota is used up, so the database at {data} cannot start.",
        "Free some space and start again; nothing that was saved is lost.",
    ),
    _Cause(
        "Read-only file system",
        "The database directory {data} is on a read-only file system.",
        "Set STRONGROOM_HOME to a directory that can be written.",
    ),
    _Cause(
        "still in use",
        "Another PostgreSQL server still works on {data}.",
        "Stop that server (its process id is in {data}/postmaster.pid), then start again.",
    ),
    _Cause(
        "Permission denied",
        "The database at {data} may not be read or written by its server.",
        "Give the directory back to the user it belongs to, or set STRONGROOM_HOME elsewhere.",
    ),
    _Cause(
        "wrong ownership",
        "The database at {data} belongs to another user.",
        "Start Strongroom as the user who owns it, or set STRONGROOM_HOME elsewhere.",
    ),
    _Cause(
        "incompatible with server",
        "The database at {data} was made by another major version of PostgreSQL.",
        "Point STRONGROOM_PG_BIN at the programs of that version.",
    ),
    _Cause(
        "Cannot allocate memory",
        "There is too little memory to start the database at {data}.",
        "Close other programs and start again.",
    ),
    _Cause(
        "GLIBC_",
        "These PostgreSQL programs do not run on this system: its C library is older.",
        "Install PostgreSQL 16 or newer and set STRONGROOM_PG_BIN to its directory of programs.",
    ),
    _Cause(
        "error while loading shared libraries",
        "These PostgreSQL programs do not run on this system: a shared library is missing.",
        "Install PostgreSQL 16 or newer and set STRONGROOM_PG_BIN to its directory of programs.",
    ),
)


def explain(doing: str, output: str, data: object) -> PostgresUnavailable:
    """The error for a PostgreSQL program that failed while ``doing`` something to ``data``."""
    for cause in _CAUSES:
        if cause.phrase in output:
            return PostgresUnavailable(
                cause.message.format(data=data), hint=cause.hint.format(data=data)
            )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    last = (telling or lines or ["it gave no reason"])[-1]
    return PostgresUnavailable(f"{doing} failed: {last}", hint=f"The database lies at {data}.")
