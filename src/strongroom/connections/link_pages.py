"""Pages of the link flow: choosing a bank, its page and back, unlinking.

Health and log are in ``pages``, which mounts these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import accounts, connections, identity, ui
from strongroom.connections import FeedError, LinkState
from strongroom.connections.edge import Flows, item_ref

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(identity.may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("connections:write"))]


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


@router.get("/connections/{item}/unlink")
async def ask_unlink(request: Request, caller: Reader, item: str) -> HTMLResponse:
    """Ask before unlinking, saying what goes and what stays."""
    async with caller.unit_of_work() as db:
        found = await connections.get_item(db, owner=caller.owner, item_id=item_ref(item))
        held = await accounts.list_all(db, owner=caller.owner)
    return ui.render(
        request,
        "connections/unlink.html",
        nav="connections",
        item=found,
        found=[account for account in held if account.item_id == found.id],
    )


@router.post("/connections/{item}/unlink")
async def unlink(request: Request, caller: Writer, links: Flows, item: str) -> RedirectResponse:
    """End the link."""
    done = await connections.unlink(
        links, owner=caller.owner, item_id=item_ref(item), actor=caller.actor
    )
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(bank)s is unlinked.", bank=done.institution_name)
    return ui.redirect("/connections", toast=toast)


def _telling(newest: list[connections.Refresh]) -> connections.Refresh | None:
    """Return the refresh to show: one that runs, else the newest that brought something."""
    running = next((one for one in newest if one.status == "running"), None)
    brought = next((one for one in newest if one.rows_fetched or one.is_over), None)
    return running or brought or (newest[0] if newest else None)
