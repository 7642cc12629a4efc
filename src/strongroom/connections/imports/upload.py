"""Receiving a file over HTTP: streamed into a temporary file that only we can read, then removed.

Decides nothing about what is in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from strongroom import identity
from strongroom.connections.files import Limits, Source
from strongroom.core.errors import Refused
from strongroom.core.sections import Sections
from strongroom.ui import N_

_IN_MEMORY = 1024 * 1024
_MOST = 60
_IN = timedelta(hours=1)


class FileIsMissing(Refused):
    """The request brings no file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request, and the other fields of its form."""

    source: Source
    fields: Mapping[str, str]


async def count(caller: identity.Caller) -> None:
    """Count a file that is about to come, before any of it is taken: at most 60 an hour.

    Raises ``identity.TooManyAttempts``. A unit of work of its own, stored whatever the file is.
    """
    async with caller.unit_of_work() as db:
        await identity.take(db, f"import {caller.owner}", _MOST, _IN, now=caller.now)


def limits_of(request: Request) -> Limits:
    """Return how large files may be here, packed or not."""
    return Limits.of_mebibytes(request.app.state.services.settings.import_mebibytes)


def sections_of(request: Request) -> Sections:
    """Return what a book may bring back beside its rows, as wiring lists it."""
    found: Sections = request.app.state.services.sections
    return found


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Upload]:
    """Receive a form with a field ``file``, or the file itself as the body (``?name=``).

    To be asked for after the caller is known, so that a stranger's file is never taken. The
    temporary file is gone when the block ends. Raises ``FileIsMissing``.
    """
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=50) as form:
            yield _from_form(form)
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
        async for chunk in request.stream():
            stream.write(chunk)
        if not stream.tell():
            raise FileIsMissing(N_("The file is empty."), field="file", hint="Send it as the body.")
        name = request.query_params.get("name", "")
        yield Upload(Source.of(stream, name or "file"), dict(request.query_params))  # type: ignore[arg-type]


def _from_form(form: FormData) -> Upload:
    found = form.get("file")
    if not isinstance(found, UploadFile) or not (found.filename or found.size):
        raise _missing()
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return Upload(Source.of(found.file, found.filename or "file"), fields)


def _missing() -> FileIsMissing:
    return FileIsMissing(
        N_("No file came with the request."), field="file", hint=N_("Choose a file.")
    )
