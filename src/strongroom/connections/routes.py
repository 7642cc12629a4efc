"""Bank links as JSON under ``/api/v1``: look, sync, unlink, logs, and Plaid's webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from strongroom import connections, identity
from strongroom.connections import Item, Refresh, link_routes
from strongroom.connections.edge import Flows, keys_of
from strongroom.core.http import AskedOnce, WireId, idempotent
from strongroom.core.ids import ItemId

router = APIRouter(tags=["connections"])
router.include_router(link_routes.router)

Reader = Annotated[identity.Caller, Depends(identity.may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("connections:write"))]
ItemRef = Annotated[ItemId, WireId("itm")]
RefreshRef = Annotated[UUID, WireId("rfr")]


class ConnectionOut(BaseModel):
    """A linked bank. ``needs_person``: only you can set it right, by signing in there again."""

    id: ItemRef
    institution_id: str | None
    institution: str
    status: str
    needs_person: bool
    error_code: str | None
    error_message: str | None
    consent_expires_at: datetime | None
    last_successful_update: datetime | None
    last_attempt_at: datetime | None
    next_try_at: datetime | None
    history_complete: bool
    new_accounts_at: datetime | None
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
            error_code=item.error_code,
            error_message=item.error_message,
            consent_expires_at=item.consent_expires_at,
            last_successful_update=item.last_successful_update,
            last_attempt_at=item.last_attempt_at,
            next_try_at=item.next_try_at,
            history_complete=item.history_complete,
            new_accounts_at=item.new_accounts_at,
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


class ConnectionLog(BaseModel):
    """What happened with a link: its newest refreshes and calls to Plaid."""

    refreshes: list[RefreshOut]
    calls: list[CallOut]


@router.get("/connections", summary="List bank links")
async def list_connections(caller: Reader) -> ConnectionList:
    """List every bank link."""
    async with caller.unit_of_work() as db:
        found = await connections.items(db, owner=caller.owner)
    return ConnectionList(items=[ConnectionOut.of(item) for item in found])


@router.get("/connections/{item_id}", summary="Look at one bank link")
async def get_connection(caller: Reader, item_id: ItemRef) -> ConnectionOut:
    """Return one bank link."""
    async with caller.unit_of_work() as db:
        return ConnectionOut.of(await connections.get_item(db, owner=caller.owner, item_id=item_id))


@router.post("/connections/{item_id}/sync", status_code=202, summary="Read a bank now")
async def sync_connection(caller: Writer, item_id: ItemRef, asked: AskedOnce) -> RefreshOut:
    """Ask that a bank be read now; watch the refresh that is returned."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        refresh = await connections.ask_for_sync(
            db, owner=caller.owner, item_id=item_id, now=caller.now
        )
        return turn.answer(RefreshOut.of(refresh), status=202)  # type: ignore[return-value]


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
    caller: Reader, item_id: ItemRef, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> ConnectionLog:
    """Return the newest refreshes and calls to Plaid."""
    owner = caller.owner
    async with caller.unit_of_work() as db:
        await connections.get_item(db, owner=owner, item_id=item_id)
        refreshes = await connections.refreshes(db, owner=owner, item_id=item_id, limit=limit)
        calls = await connections.api_events(db, owner=owner, item_id=item_id, limit=limit)
    return ConnectionLog(
        refreshes=[RefreshOut.of(refresh) for refresh in refreshes],
        calls=[
            CallOut(
                method=call.method,
                arguments=call.arguments,
                request_id=call.request_id,
                error_type=call.error_type,
                error_code=call.error_code,
                duration_ms=call.duration_ms,
                created_at=call.created_at,
            )
            for call in calls
        ],
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
