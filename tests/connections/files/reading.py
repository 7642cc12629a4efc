"""How the tests of files read: samples beside them, or text made up on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from strongroom.connections.files import (
    FileAccount,
    FileRow,
    Guess,
    Limits,
    Problem,
    Source,
    look,
    read,
)

SAMPLES = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Read:
    """A whole file, read to its end."""

    guess: Guess
    rows: list[FileRow]
    accounts: dict[str, FileAccount]
    problems: list[Problem]


def source(content: str | bytes, name: str = "file.csv") -> Source:
    return Source.of(content.encode() if isinstance(content, str) else content, name)


def sample(name: str) -> Read:
    return whole(Source.at(SAMPLES / name))


def whole(given: Source, *, limits: Limits | None = None, guess: Guess | None = None) -> Read:
    bounds = limits or Limits()
    found = guess or look(given, limits=bounds)
    with read(given, found, limits=bounds) as reading:
        rows = list(reading.rows)
        accounts = {one.key: one for one in reading.accounts}
        return Read(found, rows, accounts, list(reading.problems))


def text(content: str | bytes, name: str = "file.csv") -> Read:
    return whole(source(content, name))
