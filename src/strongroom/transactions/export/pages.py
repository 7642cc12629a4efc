"""The page about a person's data: export everything, in a format of choice."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from strongroom import accounts, identity
from strongroom.core.errors import StrongroomError
from strongroom.identity.access import may
from strongroom.transactions import activity
from strongroom.transactions.export import Format, Part
from strongroom.transactions.export.routes import answer
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]


@router.get("/settings/data")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show what can be exported, and as what."""
    return await _page(request, caller)


@router.get("/settings/data/export")
async def download(request: Request, caller: Reader, format: str = "") -> Response:
    """Send the file; what is wrong with the form is shown on the page."""
    wanted = activity.read(request.query_params)
    known = {one.value: one for one in Format}
    if wanted.unread or format not in known:
        return await _page(request, caller, unread=True)
    part = Part(wanted.filter.account_id, wanted.filter.since, wanted.filter.until)
    try:
        return await answer(request, caller, known[format], part)
    except StrongroomError as error:
        return await _page(request, caller, error=error)


async def _page(
    request: Request,
    caller: identity.Caller,
    *,
    error: StrongroomError | None = None,
    unread: bool = False,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
    return render(
        request,
        "transactions/export.html",
        status=error.status if error is not None else 422 if unread else 200,
        nav="settings",
        accounts=held,
        error=error,
        unread=unread,
        chosen=request.query_params.get("format", Format.CSV.value),
        texts=activity.read(request.query_params).texts,
    )
