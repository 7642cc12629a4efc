"""The heads of the chains, kept in a file outside the database.

A chain alone cannot tell that its newest rows were cut off, or that someone who has the key wrote
it anew. Heads that lie elsewhere can; copy the file to another machine to make them stronger.
"""

import contextlib
import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from strongroom.audit.types import Head
from strongroom.core.errors import Refused

HEADS_FILE = "audit-heads.jsonl"
"""The file under the home that heads are published to."""

MOST_BYTES = 1_000_000
"""How long the file may get, some 5,000 heads; more only where there are very many chains."""

_ROOM_FOR_A_CHAIN = 1000

Published = dict[UUID, dict[int, bytes]]
"""Hashes by the chain's owner and the row's ``seq``."""


class HeadsNotReadable(Refused):
    """The file of published heads holds something else."""


def append(path: Path, heads: Iterable[Head], at: datetime) -> int:
    """Add the heads that the file has not yet, one JSON object a line; return how many.

    A file past ``MOST_BYTES`` is put aside, in place of the one put aside before, and a new one
    begins with the newest head of each chain: every head is kept for one file's length at least.
    Only the end of a half-written last line (power lost) is dropped. Raises ``HeadsNotReadable``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(path) as file:
        text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):
            file.truncate(len(whole))
        known = _read(whole.decode(), path)
        fresh = [head for head in heads if head.seq not in known.get(head.user_id, {})]
        if fresh:
            file.write("".join(_line(head, at) for head in fresh).encode())
            file.flush()
            os.fsync(file.fileno())
        if file.seek(0, os.SEEK_END) > max(MOST_BYTES, _ROOM_FOR_A_CHAIN * len(known)):
            _begin_anew(path, [*_newest(known), *fresh], at)
    return len(fresh)


def read(path: Path) -> Published:
    """Return what was published, in the file put aside too; nothing if there is no file.

    Raises ``HeadsNotReadable``.
    """
    found: Published = {}
    for one in (_aside(path), path):
        with contextlib.suppress(FileNotFoundError):
            for owner, hashes in _read(one.read_text(encoding="utf-8"), one).items():
                # A head that was published first is the one to hold against.
                found[owner] = {**hashes, **found.get(owner, {})}
    return found


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open the file for one writer; another one may have put it aside while we waited."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                yield file
                return


def _begin_anew(path: Path, heads: Iterable[Head], at: datetime) -> None:
    newest = {head.user_id: head for head in heads}
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write("".join(_line(head, at) for head in newest.values()).encode())
        file.flush()
        os.fsync(file.fileno())
    # A crash between the two leaves the file put aside, which is read as well.
    path.replace(_aside(path))
    fresh.replace(path)


def _newest(published: Published) -> list[Head]:
    tops = ((owner, max(hashes)) for owner, hashes in published.items())
    return [Head(owner, seq, published[owner][seq]) for owner, seq in tops]


def _aside(path: Path) -> Path:
    return path.with_suffix(f".old{path.suffix}")


def _line(head: Head, at: datetime) -> str:
    value = {
        "at": at.isoformat(),
        "user_id": str(head.user_id),
        "seq": head.seq,
        "hash": head.hash.hex(),
    }
    return json.dumps(value) + "\n"


def _read(text: str, path: Path) -> Published:
    published: Published = defaultdict(dict)
    lines = text.split("\n")[:-1]
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            published[UUID(value["user_id"])][int(value["seq"])] = bytes.fromhex(value["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise HeadsNotReadable(
                f"Line {number} of {path} is not a published head.",
                hint="Restore the file from its copy; without it a cut-off log goes unseen.",
            ) from error
    return dict(published)
