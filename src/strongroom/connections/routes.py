"""Bank links as JSON under ``/api/v1``: look, sync, unlink, logs, and Plaid's webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from strongroom import connections, identity
from strongroom.connections import (
    ApiEvent,
    Item,
    LinkEvent,
    Log,
    Refresh,
    WebhookEvent,
    aside_routes,
    link_routes,
)
from strongroom.connections.edge import Flows, keys_of
from strongroom.connections.imports import routes as import_routes
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import ItemId
from strongroom.core.wire import WireId
from strongroom.identity.access import may

router = APIRouter(tags=["connections"])
router.include_router(link_routes.router)
router.include_router(aside_routes.router)
router.include_router(import_routes.router)

Reader = Annotated[identity.Caller, Depends(may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(may("connections:write"))]
ItemRef = Annotated[ItemId, WireId("itm")]
RefreshRef = Annotated[UUID, WireId("rfr")]


class TroubleOut(BaseModel):
    """What is wrong with a link, in English, and what helps: ``way``.

    That is reconnect, link_again, sync, import (of files) or nothing; ``will_pass``: it can pass
    by itself.
    """

    title: str
    advice: str
    way: str
    will_pass: bool

    @classmethod
    def of(cls, item: Item) -> TroubleOut | None:
        """Return the link's trouble as it stands in JSON."""
        trouble = item.trouble
        if trouble is None:
            return None
        return cls(
            title=trouble.title % {"bank": item.institution_name},
            advice=trouble.advice,
            way=trouble.way,
            will_pass=trouble.will_pass,
        )


class ConnectionOut(BaseModel):
    """A linked bank. ``needs_person``: only you can set it right, by signing in there again.

    ``needs_attention``: that, or a trouble that neither time nor a sign-in mends; ``trouble`` says
    what to do.
    ``disconnects_at``: the bank has warned that the link ends then. ``paused_at``: since then
    nothing is read, until it is resumed. ``kept_aside``: how much of its answers could not be
    taken in; ``/aside`` below it tells what and why.
    """

    id: ItemRef
    institution_id: str | None
    institution: str
    status: str
    needs_person: bool
    needs_attention: bool
    error_code: str | None
    error_message: str | None
    trouble: TroubleOut | None
    failures: int
    consent_expires_at: datetime | None
    disconnects_at: datetime | None
    last_successful_update: datetime | None
    last_attempt_at: datetime | None
    next_try_at: datetime | None
    paused_at: datetime | None
    history_complete: bool
    new_accounts_at: datetime | None
    kept_aside: int
    token_renewed_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, item: Item) -> ConnectionOut:
        """Return the link as it stands in JSON."""
        return cls(
            id=item.id,
            institution_id=item.institution_id,
            institution=item.institution_name,
            status=item.status,
            needs_person=item.needs_person,
            needs_attention=item.needs_attention,
            error_code=item.error_code,
            error_message=item.error_message,
            trouble=TroubleOut.of(item),
            failures=item.failures,
            consent_expires_at=item.consent_expires_at,
            disconnects_at=item.disconnects_at,
            last_successful_update=item.last_successful_update,
            last_attempt_at=item.last_attempt_at,
            next_try_at=item.next_try_at,
            paused_at=item.paused_at,
            history_complete=item.history_complete,
            new_accounts_at=item.new_accounts_at,
            kept_aside=item.kept_aside,
            token_renewed_at=item.token_renewed_at,
            created_at=item.created_at,
        )


class ConnectionList(BaseModel):
    """Bank links, oldest first; those that were unlinked too."""

    items: list[ConnectionOut]


class RefreshOut(BaseModel):
    """One refresh of data. ``rows_fetched`` grows while ``status`` is running."""

    id: RefreshRef
    connection: ItemRef | None
    reason: str
    status: str
    accounts_updated: int
    added: int
    modified: int
    removed: int
    rows_fetched: int
    error_code: str | None
    error_message: str | None
    started_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, refresh: Refresh) -> RefreshOut:
        """Return the refresh as it stands in JSON."""
        return cls(
            id=refresh.id,
            connection=refresh.item_id,
            reason=refresh.refresh_type,
            status=refresh.status,
            accounts_updated=refresh.accounts_updated,
            added=refresh.added,
            modified=refresh.modified,
            removed=refresh.removed,
            rows_fetched=refresh.rows_fetched,
            error_code=refresh.error_code,
            error_message=refresh.error_message,
            started_at=refresh.started_at,
            completed_at=refresh.completed_at,
        )


class CallOut(BaseModel):
    """One call to Plaid, without secrets. Plaid's support asks for ``request_id``."""

    method: str
    arguments: dict[str, Any]
    request_id: str | None
    error_type: str | None
    error_code: str | None
    duration_ms: int
    created_at: datetime

    @classmethod
    def of(cls, call: ApiEvent) -> CallOut:
        """Return the call as it stands in JSON."""
        return cls(
            method=call.method,
            arguments=call.arguments,
            request_id=call.request_id,
            error_type=call.error_type,
            error_code=call.error_code,
            duration_ms=call.duration_ms,
            created_at=call.created_at,
        )


class LinkEventOut(BaseModel):
    """How one sign-in page ended: exit, success or duplicate, and the ids that support asks for."""

    type: str
    link_session_id: str | None
    request_id: str | None
    error_type: str | None
    error_code: str | None
    created_at: datetime

    @classmethod
    def of(cls, event: LinkEvent) -> LinkEventOut:
        """Return the event as it stands in JSON."""
        return cls(
            type=event.type,
            link_session_id=event.link_session_id,
            request_id=event.request_id,
            error_type=event.error_type,
            error_code=event.error_code,
            created_at=event.created_at,
        )


class WebhookOut(BaseModel):
    """One message of Plaid about a link. ``state``: received, done, failed (tried again), dead."""

    type: str
    code: str
    state: str
    attempts: int
    times_seen: int
    received_at: datetime
    handled_at: datetime | None

    @classmethod
    def of(cls, hook: WebhookEvent) -> WebhookOut:
        """Return the message as it stands in JSON."""
        return cls(
            type=hook.webhook_type,
            code=hook.webhook_code,
            state=hook.state,
            attempts=hook.attempts,
            times_seen=hook.times_seen,
            received_at=hook.received_at,
            handled_at=hook.handled_at,
        )


class ConnectionLog(BaseModel):
    """What happened: refreshes, calls to Plaid, sign-in pages and webhooks, newest first.

    All four of one stretch of time; ``next`` is the ``cursor`` of what came before it.
    """

    refreshes: list[RefreshOut]
    calls: list[CallOut]
    link_events: list[LinkEventOut]
    webhooks: list[WebhookOut]
    next: str | None

    @classmethod
    def of(cls, found: Log) -> ConnectionLog:
        """Return the log as it stands in JSON."""
        return cls(
            refreshes=[RefreshOut.of(refresh) for refresh in found.refreshes],
            calls=[CallOut.of(call) for call in found.calls],
            link_events=[LinkEventOut.of(event) for event in found.link_events],
            webhooks=[WebhookOut.of(hook) for hook in found.webhooks],
            next=found.next,
        )


@router.get("/connections", summary="List bank links")
async def list_connections(caller: Reader) -> ConnectionList:
    """List every bank link."""
    async with caller.unit_of_work() as db:
        found = await connections.items(db, owner=caller.owner)
    return ConnectionList(items=[ConnectionOut.of(item) for item in found])


@router.get("/connections/log", summary="What happened with all bank links")
async def get_whole_log(
    caller: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ConnectionLog:
    """Return the newest refreshes, calls to Plaid, sign-in pages and webhooks of every link."""
    async with caller.unit_of_work() as db:
        return ConnectionLog.of(
            await connections.log(db, owner=caller.owner, before=cursor, limit=limit)
        )


@router.get("/connections/{item_id}", summary="Look at one bank link")
async def get_connection(caller: Reader, item_id: ItemRef) -> ConnectionOut:
    """Return one bank link."""
    async with caller.unit_of_work() as db:
        return ConnectionOut.of(await connections.get_item(db, owner=caller.owner, item_id=item_id))


@router.post("/connections/{item_id}/sync", status_code=202, summary="Read a bank now")
async def sync_connection(
    caller: Writer, item_id: ItemRef, asked: AskedOnce, full: bool = False
) -> RefreshOut:
    """Ask that a bank be read now; watch the refresh that is returned.

    ``full`` reads it from the very beginning; where nothing changed there, nothing changes here.
    """
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        refresh = await connections.ask_for_sync(
            db, owner=caller.owner, item_id=item_id, now=caller.now, full=full
        )
        return turn.answer(RefreshOut.of(refresh), status=202)  # type: ignore[return-value]


@router.post("/connections/{item_id}/pause", summary="Let a bank link rest")
async def pause_connection(caller: Writer, item_id: ItemRef) -> ConnectionOut:
    """Read nothing of the bank until it is resumed; what it announces waits. Safe to repeat."""
    async with caller.unit_of_work() as db:
        return ConnectionOut.of(
            await connections.pause(
                db, owner=caller.owner, item_id=item_id, actor=caller.actor, now=caller.now
            )
        )


@router.post("/connections/{item_id}/resume", summary="Wake a bank link that rests")
async def resume_connection(caller: Writer, item_id: ItemRef) -> ConnectionOut:
    """Read the bank at once, and again as before. Safe to repeat."""
    async with caller.unit_of_work() as db:
        return ConnectionOut.of(
            await connections.resume(
                db, owner=caller.owner, item_id=item_id, actor=caller.actor, now=caller.now
            )
        )


@router.delete("/connections/{item_id}", summary="Unlink a bank")
async def unlink_connection(
    caller: Writer, item_id: ItemRef, links: Flows, close_accounts: bool = False
) -> ConnectionOut:
    """End a link at Plaid and destroy its token here. Accounts and history stay.

    The accounts go on counting; with ``close_accounts`` they count as zero from today on.
    """
    gone = await connections.unlink(
        links,
        owner=caller.owner,
        item_id=item_id,
        close_accounts=close_accounts,
        actor=caller.actor,
    )
    return ConnectionOut.of(gone)


@router.post("/connections/{item_id}/token", summary="Renew a bank link's access token")
async def renew_token(caller: Writer, item_id: ItemRef, links: Flows) -> ConnectionOut:
    """Have Plaid replace the access token; the old one is dead at once. Nobody sees either."""
    return ConnectionOut.of(
        await connections.renew_token(
            links, owner=caller.owner, item_id=item_id, actor=caller.actor
        )
    )


@router.post("/connections/{item_id}/new-accounts/dismiss", summary="Leave new accounts out")
async def dismiss_new_accounts(caller: Writer, item_id: ItemRef) -> ConnectionOut:
    """Answer a bank's offer of new accounts with no; nothing of them is read.

    To add some, begin a link with ``repair`` and ``select_accounts``.
    """
    async with caller.unit_of_work() as db:
        return ConnectionOut.of(
            await connections.dismiss_new_accounts(
                db, owner=caller.owner, item_id=item_id, now=caller.now
            )
        )


@router.get("/connections/{item_id}/log", summary="What happened with a bank link")
async def get_log(
    caller: Reader,
    item_id: ItemRef,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> ConnectionLog:
    """Return the newest refreshes, calls to Plaid, sign-in pages and webhooks of one link."""
    async with caller.unit_of_work() as db:
        return ConnectionLog.of(
            await connections.log(
                db, owner=caller.owner, item_id=item_id, before=cursor, limit=limit
            )
        )


@router.get("/refreshes/{refresh_id}", summary="Watch a refresh of data")
async def get_refresh(caller: Reader, refresh_id: RefreshRef) -> RefreshOut:
    """Return how far a refresh has come."""
    async with caller.unit_of_work() as db:
        return RefreshOut.of(
            await connections.get_refresh(db, owner=caller.owner, refresh_id=refresh_id)
        )


@router.post("/plaid/webhook", summary="Where Plaid sends webhooks")
async def receive_webhook(request: Request, links: Flows) -> Response:
    """Check a webhook's signature and store it; answered with success only once it is stored."""
    await connections.receive(
        links,
        keys_of(request),
        await request.body(),
        request.headers.get("plaid-verification"),
    )
    return Response(status_code=200)
