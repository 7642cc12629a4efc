"""Receiving a file that is to be attached: as a form's field ``file``, or as the body itself.

Counts before it takes anything. Decides nothing about what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.datastructures import UploadFile
from starlette.requests import Request

from strongroom import identity
from strongroom.core.errors import Refused
from strongroom.transactions.attachments.rules import LARGEST_BYTES, AttachmentIsRefused
from strongroom.ui import gettext as _

_MOST = 120
_IN = timedelta(hours=1)


class FileIsMissing(Refused):
    """The request brings no file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came, and the other fields that came with it."""

    name: str
    content: bytes = field(repr=False)
    fields: Mapping[str, str]


async def received(request: Request, caller: identity.Caller) -> Upload:
    """Return the file of a request; at most 120 an hour.

    To be asked for after the caller is known, so that a stranger's file is never taken. Raises
    ``TooManyAttempts``, ``FileIsMissing``, and ``AttachmentIsRefused`` for what is too large.
    """
    async with caller.unit_of_work() as db:
        await identity.take(db, f"attach {caller.owner}", _MOST, _IN, now=caller.now)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return _checked(request.query_params.get("name", ""), await request.body(), request)
    async with request.form(max_files=1, max_fields=20) as form:
        found = form.get("file")
        if not isinstance(found, UploadFile) or not (found.filename or found.size):
            raise FileIsMissing(
                _("No file came with the request."), field="file", hint=_("Choose a file.")
            )
        fields = {name: text for name, text in form.multi_items() if isinstance(text, str)}
        # One byte more than may be: who sends that is told so, whatever is in the rest.
        content = await found.read(LARGEST_BYTES + 1)
        return Upload(found.filename or "", content, fields)


def _checked(name: str, content: bytes, request: Request) -> Upload:
    if not content:
        raise AttachmentIsRefused(
            _("The file is empty."), field="file", hint=_("Send it as the body.")
        )
    return Upload(name, content, dict(request.query_params))
