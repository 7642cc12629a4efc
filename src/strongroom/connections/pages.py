"""Pages of bank links: health, log, and what one can do about a link.

The pages of the link flow, and of unlinking, are in ``link_pages``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import accounts, connections, identity, ui
from strongroom.connections import Item, Status, SyncTooSoon, link_pages
from strongroom.connections.edge import Flows, item_ref
from strongroom.connections.imports import pages as import_pages
from strongroom.core import ids
from strongroom.core.ids import ItemId
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(link_pages.router)
router.include_router(import_pages.router)

Reader = Annotated[identity.Caller, Depends(may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(may("connections:write"))]
_LOG_LINES = 20
_WHOLE_LOG_LINES = 50
_ASIDE_LINES = 50


@router.get("/connections")
async def overview(request: Request, caller: Reader) -> HTMLResponse:
    """List every bank link with its state."""
    owner, now = caller.owner, caller.now
    async with caller.unit_of_work() as db:
        found = await connections.items(db, owner=owner)
        newest = await connections.refreshes(db, owner=owner, limit=200)
        events = await connections.link_events(db, owner=owner, limit=1)
        linked = [item for item in found if item.status is not Status.DISCONNECTED]
        waits = {
            item.id: await connections.wait_before_sync(db, owner=owner, item_id=item.id, now=now)
            for item in linked
        }
    return render(
        request,
        "connections/list.html",
        nav="connections",
        items=linked,
        gone=[item for item in found if item.status is Status.DISCONNECTED],
        events=events,
        running={one.item_id for one in newest if not one.is_over and one.started_at <= now},
        waits=waits,
        now=now,
    )


@router.get("/connections/log")
async def log(
    request: Request,
    caller: Reader,
    bank: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[str | None, Query(max_length=512)] = None,
) -> HTMLResponse:
    """Show everything that happened with bank links, of one or of all, page by page."""
    owner = caller.owner
    chosen: ItemId | None = item_ref(bank) if bank else None
    async with caller.unit_of_work() as db:
        items = await connections.items(db, owner=owner)
        item = None
        if chosen is not None:
            item = await connections.get_item(db, owner=owner, item_id=chosen)
        found = await connections.log(
            db, owner=owner, item_id=chosen, before=before, limit=_WHOLE_LOG_LINES
        )
    here = f"/connections/log?bank={_ref(chosen)}&" if chosen else "/connections/log?"
    return render(
        request,
        "connections/log.html",
        nav="connections",
        items=items,
        chosen=item,
        bank_of={one.id: one.institution_name for one in items},
        found=found,
        older=f"{here}before={found.next}" if found.next else "",
        newer=here.rstrip("?&") if before else "",
        now=caller.now,
    )


@router.get("/connections/{item}")
async def look(
    request: Request,
    caller: Reader,
    item: str,
    aside: Annotated[str | None, Query(max_length=512)] = None,
) -> HTMLResponse:
    """Show one link: its health, its accounts, its log; ``aside`` goes on in what is kept aside."""
    owner = caller.owner
    async with caller.unit_of_work() as db:
        found = await connections.get_item(db, owner=owner, item_id=item_ref(item))
        held = await accounts.list_all(db, owner=owner)
        limit = _LOG_LINES
        refreshes = await connections.refreshes(db, owner=owner, item_id=found.id, limit=limit)
        calls = await connections.api_events(db, owner=owner, item_id=found.id, limit=limit)
        events = await connections.link_events(db, owner=owner, item_id=found.id, limit=5)
        webhooks = await connections.webhooks_of(db, owner=owner, items=[found.id], limit=limit)
        kept_aside = await connections.set_aside(
            db, owner=owner, item_id=found.id, after=aside, limit=_ASIDE_LINES
        )
        other_histories = await connections.other_histories(db, owner=owner, item_id=found.id)
        wait = await connections.wait_before_sync(db, owner=owner, item_id=found.id, now=caller.now)
    names = {one.plaid_account_id: one.name for one in held if one.plaid_account_id}
    told = {one.id: connections.told_of(one) for one in kept_aside.items}
    return render(
        request,
        "connections/item.html",
        nav="connections",
        item=found,
        found=[account for account in held if account.item_id == found.id],
        refreshes=refreshes,
        calls=calls,
        webhooks=webhooks,
        kept_aside=kept_aside,
        aside_from=aside,
        told_aside=told,
        whose={key: names.get(one.plaid_account_id or "") for key, one in told.items()},
        refused={
            told[one.id].plaid_account_id
            for one in kept_aside.items
            if one.kind in ("balance", "account")
        },
        other_histories=other_histories,
        support=_for_support(found, calls, events),
        wait=wait,
        running=any(not one.is_over and one.started_at <= caller.now for one in refreshes),
        now=caller.now,
    )


@router.post("/connections/{item}/sync")
async def sync(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Ask that the bank be read now."""
    return await _ask(request, caller, item_ref(item), full=False)


@router.post("/connections/{item}/reread")
async def reread(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Ask that the bank be read from the very beginning."""
    return await _ask(request, caller, item_ref(item), full=True)


@router.post("/connections/{item}/pause")
async def pause(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Let the link rest."""
    async with caller.unit_of_work() as db:
        done = await connections.pause(
            db, owner=caller.owner, item_id=item_ref(item), actor=caller.actor, now=caller.now
        )
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(bank)s is paused.", bank=done.institution_name)
    return redirect(_page_of(done.id), toast=toast)


@router.post("/connections/{item}/resume")
async def resume(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Wake the link."""
    async with caller.unit_of_work() as db:
        done = await connections.resume(
            db, owner=caller.owner, item_id=item_ref(item), actor=caller.actor, now=caller.now
        )
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(bank)s is read again.", bank=done.institution_name)
    return redirect(_page_of(done.id), toast=toast)


@router.post("/connections/{item}/aside/{row}/dismiss")
async def let_be(caller: Writer, item: str, row: UUID) -> RedirectResponse:
    """Show a row that was kept aside no more."""
    async with caller.unit_of_work() as db:
        await connections.dismiss(db, owner=caller.owner, row_id=row, now=caller.now)
    return redirect(_page_of(item_ref(item)) + "#health")


@router.post("/connections/{item}/renew-token")
async def renew_token(
    request: Request, caller: Writer, links: Flows, item: str
) -> RedirectResponse:
    """Have the link's key replaced by a new one."""
    done = await connections.renew_token(
        links, owner=caller.owner, item_id=item_ref(item), actor=caller.actor
    )
    with ui.using(request.state.preferences):
        toast = ui.gettext("The key to %(bank)s is new.", bank=done.institution_name)
    return redirect(_page_of(done.id), toast=toast)


async def _ask(
    request: Request, caller: identity.Caller, item_id: ItemId, *, full: bool
) -> RedirectResponse:
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await connections.ask_for_sync(
                    db, owner=caller.owner, item_id=item_id, now=caller.now, full=full
                )
            toast = ui.gettext("Reading the bank now.")
        except SyncTooSoon as soon:
            toast = ui.gettext(
                "The bank was asked for a moment ago. Try again in %(seconds)s seconds.",
                seconds=soon.retry_after_seconds,
            )
    return redirect(_page_of(item_id), toast=toast)


def _page_of(item_id: UUID) -> str:
    return f"/connections/{_ref(item_id)}"


def _ref(item_id: UUID) -> str:
    return ids.show("itm", item_id)


def _for_support(
    item: Item,
    calls: list[connections.ApiEvent],
    events: list[connections.LinkEvent],
) -> str:
    """Return what a request for help should hold: ids and times, in English, never a secret."""
    lines = [
        f"institution: {item.institution_name} ({item.institution_id or 'id unknown'})",
        f"environment: {item.environment}",
        f"state: {item.status.value}" + (f", {item.error_code}" if item.error_code else ""),
        f"last good read: {_utc(item.last_successful_update)}",
    ]
    lines += [
        f"link_session_id: {one.link_session_id} ({one.type}, {_utc(one.created_at)})"
        for one in events
        if one.link_session_id
    ]
    worst = [one for one in calls if one.error_code] or calls
    lines += [
        f"request_id: {one.request_id or 'none'} ({one.method},"
        f" {one.error_code or 'ok'}, {_utc(one.created_at)})"
        for one in worst[:5]
    ]
    return "\n".join(lines)


def _utc(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}Z"
