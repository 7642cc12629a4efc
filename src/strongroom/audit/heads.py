"""The heads of the chains, kept in a file outside the database.

A chain alone cannot tell that its newest rows were cut off, or that someone who has the key wrote
it anew. Heads that lie elsewhere can; copy the file to another machine to make them stronger.
"""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from strongroom.audit.types import Head
from strongroom.core.errors import Refused

HEADS_FILE = "audit-heads.jsonl"
"""The file under the home that heads are published to."""

Published = dict[UUID, dict[int, bytes]]
"""Hashes by the chain's owner and the row's ``seq``."""


class HeadsNotReadable(Refused):
    """The file of published heads holds something else."""


def append(path: Path, heads: Iterable[Head], at: datetime) -> int:
    """Add the heads that the file has not yet, one JSON object a line; return how many.

    Only the end of a half-written last line (power lost) is dropped. Raises
    ``HeadsNotReadable``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):
            file.truncate(len(whole))
        known = _read(whole.decode(), path)
        fresh = [head for head in heads if head.seq not in known.get(head.user_id, {})]
        file.write("".join(_line(head, at) for head in fresh).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(fresh)


def read(path: Path) -> Published:
    """Return what was published; nothing if there is no file. Raises ``HeadsNotReadable``."""
    try:
        return _read(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        return {}


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
