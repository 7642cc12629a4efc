"""A whole book as an archive: the JSON document, and beside it the files that belong to it.

The same book gives the same bytes: no member has a time of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

BOOK: Final = "strongroom.json"
"""The member that is the document."""
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_FOR_ITS_OWNER: Final = 0o600 << 16


@contextmanager
def opened(out: IO[bytes]) -> Iterator[ZipFile]:
    """Begin an archive, and end it with its list of members."""
    with ZipFile(out, "w") as archive:
        yield archive


@contextmanager
def document(archive: ZipFile) -> Iterator[IO[bytes]]:
    """Yield where the document is written to, which may be of any size."""
    with archive.open(_member(BOOK, ZIP_DEFLATED), "w", force_zip64=True) as place:
        yield place


def add(archive: ZipFile, name: str, content: bytes) -> None:
    """Put a file beside the document, as it is: pictures and PDF are small already."""
    archive.writestr(_member(name, ZIP_STORED), content)


def _member(name: str, packing: int) -> ZipInfo:
    member = ZipInfo(name, _NO_TIME)
    member.compress_type = packing
    member.external_attr = _FOR_ITS_OWNER
    return member
