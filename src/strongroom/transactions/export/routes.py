"""A whole book over HTTP: ``GET /api/v1/export``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from strongroom import identity
from strongroom.core import ids
from strongroom.core.ids import AccountId
from strongroom.core.sections import Sections
from strongroom.identity.access import may
from strongroom.transactions.export import Format, Part, ask, write

router = APIRouter(tags=["transactions"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


@router.get(
    "/export",
    summary="Export everything",
    dependencies=[Depends(may("accounts:read"))],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file, as UTF-8.",
            "content": {one.media_type: {"schema": {"type": "string"}} for one in Format},
        }
    },
)
async def get_export(
    request: Request,
    caller: Reader,
    format: Annotated[Format, Query(description="What to write it as")] = Format.JSON,
    account: Annotated[str, Query(description="Only this account, acc_…")] = "",
    since: Annotated[date | None, Query(description="First day")] = None,
    until: Annotated[date | None, Query(description="Last day")] = None,
) -> Response:
    """Return accounts, categories, balances and transactions in one file, as of one instant.

    As JSON the whole book has everything else along that the caller may read: rules, budgets,
    goals, links between rows, settings; ``zip`` is that JSON with what is attached to rows. At
    most 20 an hour, one at a time.
    """
    account_id = AccountId(ids.parse("acc", account)) if account else None
    return await answer(request, caller, format, Part(account_id, since, until))


async def answer(request: Request, caller: identity.Caller, format: Format, part: Part) -> Response:
    """Return the file as a download.

    It is written to the end before its first byte is sent: a slow reader then holds no connection
    to the database, and what goes wrong is an answer of its own and not half a file.
    """
    async with caller.unit_of_work() as db:
        await ask(db, owner=caller.owner, format=format, now=caller.now, actor=caller.actor)
    out = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        await write(
            caller.database,
            owner=caller.owner,
            format=format,
            part=part,
            out=out,
            sections=sections_of(request).readable(caller.scopes),
        )
    except BaseException:
        out.close()
        raise
    size = out.tell()
    name = f"strongroom-{caller.today}.{format.value}"
    return StreamingResponse(
        _sent(out),
        media_type=format.media_type + ("" if format is Format.ZIP else "; charset=utf-8"),
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(size),
        },
    )


def sections_of(request: Request) -> Sections:
    """Return what goes along with a book, as wiring lists it."""
    found: Sections = request.app.state.services.sections
    return found


def _sent(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        out.seek(0)
        while piece := out.read(_PIECE):
            yield piece
