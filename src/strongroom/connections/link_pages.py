"""Pages of the link flow: choosing a bank, its page and back, new accounts, unlinking.

Health and log are in ``pages``, which mounts these.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import accounts, connections, identity, ui
from strongroom.connections import Choice, FeedError, Institution, Item, LinkState, Status
from strongroom.connections.edge import Flows, item_ref
from strongroom.connections.troubles import trouble_of
from strongroom.connections.types import Purpose
from strongroom.core import ids
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(may("connections:write"))]
_THERE = "elsewhere"
"""In the place of a bank's id: it is chosen on the provider's own page."""


@router.get("/accounts/link")
async def choose(
    request: Request,
    caller: Reader,
    links: Flows,
    q: Annotated[str, Query(max_length=100)] = "",
    bank: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """Step 1 and 2: search a bank; with one chosen, or to be chosen there, say what we ask for."""
    problem, there = None, bank == _THERE
    found: list[Institution] = []
    try:
        if not there:
            found = await connections.institutions(links, owner=caller.owner, query=q.strip())
    except (FeedError, identity.TooManyAttempts) as error:
        problem = error
    chosen = next((one for one in found if one.id == bank), None)
    async with caller.unit_of_work() as db:
        known = await connections.items(db, owner=caller.owner)
    at_it = [one for one in known if chosen is not None and one.institution_id == chosen.id]
    return render(
        request,
        "connections/link.html",
        nav="connections",
        q=q,
        banks=found,
        chosen=chosen,
        allowing=there or chosen is not None,
        problem=problem,
        code=getattr(problem, "error_code", "") or (problem.code if problem else ""),
        linked=next((one for one in at_it if _lives(one)), None),
        had=any(not _lives(one) for one in at_it),
        local=links.environment == "local",
    )


@router.post("/accounts/link")
async def begin(
    request: Request,
    caller: Writer,
    links: Flows,
    bank: Annotated[str, Form()] = "",
    repair: Annotated[str, Form()] = "",
    accounts: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Create the attempt, then our own page whose plain link leaves this site.

    A form answered by a redirect to another site is stopped by ``form-action 'self'``. A repair
    of what works after all needs no sign-in: then what came of it is shown at once.
    """
    session = await connections.start(
        links,
        owner=caller.owner,
        actor=caller.actor,
        language=request.state.preferences.locale,
        institution_id=bank or None,
        repair=item_ref(repair) if repair else None,
        select_accounts=bool(accounts),
    )
    return _onward(session)


@router.get("/accounts/link/{session_id}/continue")
async def go_on(request: Request, caller: Reader, links: Flows, session_id: UUID) -> HTMLResponse:
    """Step 3: the link to the bank's page at Plaid."""
    async with caller.unit_of_work() as db:
        session = await connections.get_link_session(db, owner=caller.owner, session_id=session_id)
        item = None
        if session.item_id is not None:
            item = await connections.get_item(db, owner=caller.owner, item_id=session.item_id)
    return render(
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
        item, refresh, twin = None, None, None
        found: list[accounts.Account] = []
        added: list[accounts.Account] = []
        already = await connections.held_already(db, owner=caller.owner, session=session)
        if session.state is LinkState.DUPLICATE and session.duplicate_of is not None:
            twin = await connections.get_item(db, owner=caller.owner, item_id=session.duplicate_of)
        if session.item_id is not None:
            item = await connections.get_item(db, owner=caller.owner, item_id=session.item_id)
            newest = await connections.refreshes(
                db, owner=caller.owner, item_id=session.item_id, limit=5
            )
            if session.mode == "update":  # what was read before it tells of the trouble before it
                since = max(session.created_at, item.repaired_at or session.created_at)
                newest = [one for one in newest if one.started_at >= since]
            refresh = _telling(newest)
            held = await accounts.list_all(db, owner=caller.owner)
            found = [one for one in held if one.item_id == session.item_id]
            if session.purpose is Purpose.ACCOUNTS:
                since = session.created_at
                added = [one for one in found if one.created_at and one.created_at >= since]
            known = await connections.items(db, owner=caller.owner)
            had = [one for one in known if one.id != item.id and not _lives(one)]
            goes_on = any(one.institution_id == item.institution_id for one in had)
        else:
            goes_on = False
    return render(
        request,
        "connections/back.html",
        nav="connections",
        session=session,
        item=item,
        refresh=refresh,
        found=found,
        added=added,
        wrong=trouble_of(session.error_code) if session.error_code else None,
        already=already,
        twin=twin,
        goes_on=goes_on,
        problem=problem,
        now=caller.now,
    )


@router.post("/accounts/link/{session_id}/choose")
async def decide(
    request: Request,
    caller: Writer,
    links: Flows,
    session_id: UUID,
    choice: Annotated[Choice, Form()],
) -> RedirectResponse:
    """Go on with a link to accounts that are linked already, as the person chose."""
    session = await connections.decide(
        links,
        owner=caller.owner,
        session_id=session_id,
        choice=choice,
        language=request.state.preferences.locale,
        actor=caller.actor,
    )
    if choice is Choice.LEAVE:
        with ui.using(request.state.preferences):
            return redirect("/connections", toast=ui.gettext("Nothing was changed."))
    return _onward(session)


@router.get("/connections/{item}/new-accounts")
async def offer_accounts(request: Request, caller: Reader, item: str) -> HTMLResponse:
    """Offer what the bank has beside what is read: to choose there, or to leave out."""
    found, held = await _item_and_accounts(caller, item)
    return render(
        request, "connections/new_accounts.html", nav="connections", item=found, found=held
    )


@router.post("/connections/{item}/new-accounts/dismiss")
async def dismiss_accounts(request: Request, caller: Writer, item: str) -> RedirectResponse:
    """Leave new accounts out."""
    item_id = item_ref(item)
    async with caller.unit_of_work() as db:
        await connections.dismiss_new_accounts(
            db, owner=caller.owner, item_id=item_id, now=caller.now
        )
    with ui.using(request.state.preferences):
        toast = ui.gettext("No account was added.")
    return redirect(f"/connections/{ids.show('itm', item_id)}", toast=toast)


@router.get("/connections/{item}/unlink")
async def ask_unlink(request: Request, caller: Reader, item: str) -> HTMLResponse:
    """Ask before unlinking, saying what goes and what stays."""
    found, held = await _item_and_accounts(caller, item)
    return render(request, "connections/unlink.html", nav="connections", item=found, found=held)


@router.post("/connections/{item}/unlink")
async def unlink(
    request: Request,
    caller: Writer,
    links: Flows,
    item: str,
    close_accounts: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """End the link."""
    done = await connections.unlink(
        links,
        owner=caller.owner,
        item_id=item_ref(item),
        close_accounts=close_accounts,
        actor=caller.actor,
    )
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(bank)s is unlinked.", bank=done.institution_name)
    return redirect("/connections", toast=toast)


async def _item_and_accounts(
    caller: identity.Caller, item: str
) -> tuple[Item, list[accounts.Account]]:
    """Return a link and the accounts it reads."""
    async with caller.unit_of_work() as db:
        found = await connections.get_item(db, owner=caller.owner, item_id=item_ref(item))
        held = await accounts.list_all(db, owner=caller.owner)
    return found, [account for account in held if account.item_id == found.id]


def _lives(item: Item) -> bool:
    return item.status not in (Status.DISCONNECTED, Status.REVOKED)


def _onward(session: connections.LinkSession) -> RedirectResponse:
    """Lead to the page that leaves this site, or to what came of the attempt already."""
    more = "/continue" if session.state is LinkState.OPEN else ""
    return redirect(f"/accounts/link/{session.id}{more}")


def _telling(newest: list[connections.Refresh]) -> connections.Refresh | None:
    """Return the refresh to show: one that runs, else the newest that brought something."""
    running = next((one for one in newest if one.status == "running"), None)
    brought = next((one for one in newest if one.rows_fetched or one.is_over), None)
    return running or brought or (newest[0] if newest else None)
