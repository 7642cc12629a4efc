"""Pages of bank links: choosing a bank, going to its page and back, health, log, unlinking."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import accounts, connections, identity, ui
from strongroom.connections import FeedError, Item, LinkState, Status, SyncTooSoon
from strongroom.connections.edge import Flows
from strongroom.core import ids
from strongroom.core.errors import NotFound
from strongroom.core.ids import ItemId

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(identity.may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("connections:write"))]
_LOG_LINES = 20


class NoSuchPage(NotFound):
    """The address names no bank link."""


def item_ref(text: str) -> ItemId:
    """Read a link's id from an address: ``itm_…`` or the bare UUID of a notification's link."""
    if text.startswith("itm_"):
        return ItemId(ids.parse("itm", text))
    try:
        return ItemId(UUID(text))
    except ValueError:
        raise NoSuchPage("There is no such bank link.") from None


@router.get("/accounts/link")
async def choose(
    request: Request,
    caller: Reader,
    links: Flows,
    q: Annotated[str, Query(max_length=100)] = "",
    bank: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """Step 1 and 2: search a bank; with one chosen, say what is asked for."""
    problem = None
    try:
        found = await connections.institutions(links, owner=caller.owner, query=q.strip())
    except FeedError as error:
        found, problem = [], error
    chosen = next((one for one in found if one.id == bank), None)
    return ui.render(
        request,
        "connections/link.html",
        nav="connections",
        q=q,
        banks=found,
        bank=bank,
        chosen=chosen,
        problem=problem,
        until=caller.today + timedelta(days=180),
        local=links.environment == "local",
        sandbox=links.environment != "production",
    )


@router.post("/accounts/link")
async def begin(
    request: Request,
    caller: Writer,
    links: Flows,
    bank: Annotated[str, Form()] = "",
    repair: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Create the attempt, then our own page whose plain link leaves this site.

    A form answered by a redirect to another site is stopped by ``form-action 'self'``.
    """
    session = await connections.start(
        links,
        owner=caller.owner,
        actor=caller.actor,
        language=request.state.preferences.locale,
        institution_id=bank or None,
        repair=item_ref(repair) if repair else None,
    )
    return ui.redirect(f"/accounts/link/{session.id}/continue")


@router.get("/accounts/link/{session_id}/continue")
async def go_on(request: Request, caller: Reader, links: Flows, session_id: UUID) -> HTMLResponse:
    """Step 3: the link to the bank's page at Plaid."""
    async with caller.unit_of_work() as db:
        session = await connections.get_link_session(db, owner=caller.owner, session_id=session_id)
        item = None
        if session.item_id is not None:
            item = await connections.get_item(db, owner=caller.owner, item_id=session.item_id)
    return ui.render(
        request,
        "connections/continue.html",
        nav="connections",
        session=session,
        item=item,
        is_open=session.state is LinkState.OPEN and session.expires_at > caller.now,
        local=links.environment == "local",
    )


@router.get("/accounts/link/{session_id}")
async def back(request: Request, caller: Reader, links: Flows, session_id: UUID) -> HTMLResponse:
    """Step 4: ask how the attempt went, and say what was found or what to do."""
    problem = None
    try:
        session = await connections.finish(
            links, owner=caller.owner, session_id=session_id, actor=caller.actor
        )
    except FeedError as error:
        problem = error
    async with caller.unit_of_work() as db:
        session = await connections.get_link_session(db, owner=caller.owner, session_id=session_id)
        item, refresh, found = None, None, []
        if session.item_id is not None:
            item = await connections.get_item(db, owner=caller.owner, item_id=session.item_id)
            newest = await connections.refreshes(
                db, owner=caller.owner, item_id=session.item_id, limit=5
            )
            refresh = _telling(newest)
            held = await accounts.list_all(db, owner=caller.owner)
            found = [one for one in held if one.item_id == session.item_id]
    return ui.render(
        request,
        "connections/back.html",
        nav="connections",
        session=session,
        item=item,
        refresh=refresh,
        found=found,
        problem=problem,
        now=caller.now,
    )


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


@router.get("/connections/{item}/unlink")
async def ask_unlink(request: Request, caller: Reader, item: str) -> HTMLResponse:
    """Ask before unlinking, saying what goes and what stays."""
    return await _show(request, caller, await _find(caller, item), "connections/unlink.html")


@router.post("/connections/{item}/unlink")
async def unlink(request: Request, caller: Writer, links: Flows, item: str) -> RedirectResponse:
    """End the link."""
    done = await connections.unlink(
        links, owner=caller.owner, item_id=item_ref(item), actor=caller.actor
    )
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(bank)s is unlinked.", bank=done.institution_name)
    return ui.redirect("/connections", toast=toast)


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


def _telling(newest: list[connections.Refresh]) -> connections.Refresh | None:
    """Return the refresh to show: one that runs, else the newest that brought something."""
    running = next((one for one in newest if one.status == "running"), None)
    brought = next((one for one in newest if one.rows_fetched or one.is_over), None)
    return running or brought or (newest[0] if newest else None)
