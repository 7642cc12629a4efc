"""The file itself beside its import: kept in parts until it is taken in, and laid out to be read.

What is in it is ``reading``'s to say.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from strongroom.connections.files import Source
from strongroom.connections.imports import queries
from strongroom.core.db import Db
from strongroom.core.ids import UserId

_PART_BYTES = 1024 * 1024


def sha256(source: Source) -> bytes:
    """Return what tells a file from every other, reading it a part at a time."""
    with source.opened() as stream:
        return hashlib.file_digest(stream, "sha256").digest()  # type: ignore[arg-type]


async def keep_parts(db: Db, *, owner: UserId, import_id: UUID, source: Source) -> None:
    """Keep the file itself beside the import, in parts."""
    with source.opened() as stream:
        part = 0
        while content := await asyncio.to_thread(stream.read, _PART_BYTES):
            await queries.add_part(db, owner, import_id, part, content)
            part += 1


@asynccontextmanager
async def unpacked(db: Db, *, owner: UserId, import_id: UUID, name: str) -> AsyncIterator[Source]:
    """Lay the file that was kept into a temporary one that only we can read, and remove it."""
    handle, path = await asyncio.to_thread(tempfile.mkstemp, prefix="strongroom-import-")
    try:
        with os.fdopen(handle, "wb") as stream:
            async for content in queries.parts(db, owner, import_id):
                await asyncio.to_thread(stream.write, content)
        yield Source.at(Path(path), name)
    finally:
        await asyncio.to_thread(Path(path).unlink)
