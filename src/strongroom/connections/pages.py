"""Pages of bank links: health and log. The pages of the link flow are in ``link_pages``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import accounts, connections, identity, ui
from strongroom.connections import Item, Status, SyncTooSoon, link_pages
from strongroom.connections.edge import item_ref
from strongroom.core import ids

router = APIRouter(include_in_schema=False)
router.include_router(link_pages.router)

Reader = Annotated[identity.Caller, Depends(identity.may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("connections:write"))]
_LOG_LINES = 20


@router.get("/connections")
async def overview(request: Request, caller: Reader) -> HTMLResponse:
    """List every bank link with its state."""
    async with caller.unit_of_work() as db:
        found = await connections.items(db, owner=caller.owner)
        newest = await connections.refreshes(db, owner=caller.owner, limit=200)
        events = await connections.link_events(db, owner=caller.owner, limit=_LOG_LINES)
    running = {one.item_id for one in newest if not one.is_over and one.started_at <= caller.now}
    linked = [item for item in found if item.status is not Status.DISCONNECTED]
    return ui.render(
        request,
        "connections/list.html",
        nav="connections",
        items=linked,
        gone=[item for item in found if item.status is Status.DISCONNECTED],
        events=events,
        running=running,
        now=caller.now,
    )


@router.get("/connections/{item}")
async def look(request: Request, caller: Reader, item: str) -> HTMLResponse:
    """Show one link: its health, its accounts, its log."""
    return await _show(request, caller, await _find(caller, item), "connections/item.html")


@router.post("/connections/{item}/sync")
async def sync(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Ask that the bank be read now."""
    item_id = item_ref(item)
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await connections.ask_for_sync(
                    db, owner=caller.owner, item_id=item_id, now=caller.now
                )
            toast = ui.gettext("Reading the bank now.")
        except SyncTooSoon as soon:
            toast = ui.gettext(
                "The bank was read a moment ago. Try again in %(seconds)s seconds.",
                seconds=soon.retry_after_seconds,
            )
    return ui.redirect(f"/connections/{ids.show('itm', item_id)}", toast=toast)


async def _find(caller: identity.Caller, text: str) -> Item:
    async with caller.unit_of_work() as db:
        return await connections.get_item(db, owner=caller.owner, item_id=item_ref(text))


async def _show(
    request: Request, caller: identity.Caller, item: Item, template: str
) -> HTMLResponse:
    owner = caller.owner
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=owner)
        refreshes = await connections.refreshes(db, owner=owner, item_id=item.id, limit=_LOG_LINES)
        calls = await connections.api_events(db, owner=owner, item_id=item.id, limit=_LOG_LINES)
    return ui.render(
        request,
        template,
        nav="connections",
        item=item,
        found=[account for account in held if account.item_id == item.id],
        refreshes=refreshes,
        calls=calls,
        running=any(not one.is_over and one.started_at <= caller.now for one in refreshes),
        now=caller.now,
    )
