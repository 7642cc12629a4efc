"""Hashing and checking passwords: argon2id at OWASP's floor, off the event loop, two at a time.

Each hash takes 19 MiB for some 30 ms. So many log-ins at once can neither take the machine's memory
nor stop it from answering others: they wait their turn, and past a bound they are sent away.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from strongroom.core.errors import TooManyRequests
from strongroom.ui import N_

Answer = TypeVar("Answer")

NO_PASSWORD: Final = "!"  # noqa: S105 - what no password hashes to
"""The hash of an account that nobody can sign in to with a password."""

# OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1.
_HASHER: Final = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
_AT_ONCE: Final = 2
_MOST_WAITING: Final = 64

_M_MMAP_THRESHOLD: Final = -3
_MAPPED_FROM: Final = 1 << 20


def _give_memory_back() -> None:
    """Have glibc return each hash's memory to the system when it is freed.

    By itself it takes a large piece that was freed once as a sign to keep the next ones, and would
    hold 19 MiB for each thread from then on. Another C library has no such setting (mallopt(3)).
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)


_threads = ThreadPoolExecutor(_AT_ONCE, "argon2", initializer=_give_memory_back)
_waiting = 0


def _text(size: int) -> str:
    return b64encode(secrets.token_bytes(size)).decode().rstrip("=")


# Checked in place of a hash that is not there, so that an unknown address takes the same time.
_NOBODYS: Final = f"$argon2id$v=19$m={19 * 1024},t=2,p=1${_text(16)}${_text(32)}"


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password. Raises ``TooManyRequests`` under a flood."""
    return await _in_thread(lambda: _HASHER.hash(password))


async def check(stored: str | None, password: str) -> bool:
    """Return whether ``password`` is the one that ``stored`` is a hash of.

    Takes the same time for None (no such person) and ``NO_PASSWORD``. bcrypt hashes that came
    from elsewhere are read as well. Raises ``TooManyRequests`` under a flood.
    """
    return await _in_thread(lambda: _check(stored, password))


def is_outdated(stored: str) -> bool:
    """Return whether a hash should be made anew, now that the password is at hand."""
    return not stored.startswith("$argon2") or _HASHER.check_needs_rehash(stored)


def _check(stored: str | None, password: str) -> bool:
    if stored is not None and stored.startswith("$2"):
        return _check_bcrypt(stored, password)
    known = stored not in (None, NO_PASSWORD)
    try:
        _HASHER.verify(stored if stored and known else _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return known


def _check_bcrypt(stored: str, password: str) -> bool:
    import bcrypt  # only accounts brought from elsewhere have such hashes

    encoded = password.encode()
    try:
        # bcrypt reads 72 bytes; a longer password cannot be the one that was hashed.
        return len(encoded) <= 72 and bcrypt.checkpw(encoded, stored.encode())
    except ValueError:
        return False


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    global _waiting  # noqa: PLW0603 - one event loop a process; counted between awaits only
    if _waiting >= _MOST_WAITING:
        raise TooManyRequests(
            N_("Too many people are signing in at the moment."),
            hint=N_("Try again in a few seconds."),
            retry_after_seconds=3,
        )
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1
