"""Bank links as JSON under ``/api/v1``: link, look, sync, unlink, logs, and Plaid's webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from strongroom import connections, identity
from strongroom.connections import Item, LinkSession, Refresh
from strongroom.connections.edge import Flows, keys_of
from strongroom.core.errors import NotFound
from strongroom.core.http import AskedOnce, WireId, idempotent
from strongroom.core.ids import ItemId

router = APIRouter(tags=["connections"])

Reader = Annotated[identity.Caller, Depends(identity.may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("connections:write"))]
ItemRef = Annotated[ItemId, WireId("itm")]
RefreshRef = Annotated[UUID, WireId("rfr")]
LinkRef = Annotated[UUID, WireId("lnk")]


class SandboxOnly(NotFound):
    """Linking without the bank's page is for sandboxes; at real banks there is no such thing."""


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


class InstitutionOut(BaseModel):
    """A bank that can be linked. ``oauth``: its own sign-in page is used."""

    id: str
    name: str
    countries: list[str]
    oauth: bool
    url: str | None


class InstitutionList(BaseModel):
    """Banks that match a search."""

    items: list[InstitutionOut]


class LinkStart(BaseModel):
    """What to link or repair. Both may be left out: the bank is then chosen on Plaid's page."""

    model_config = ConfigDict(extra="forbid")

    institution_id: str | None = None
    repair: ItemRef | None = None


class SandboxLink(BaseModel):
    """A sandbox's bank and credentials. ``user_custom`` takes a household as JSON to sign in."""

    model_config = ConfigDict(extra="forbid")

    institution_id: str
    username: str = "user_good"
    password: str = "pass_good"  # noqa: S105 - the sandbox's published credential


class LinkOut(BaseModel):
    """An attempt to link or repair. ``hosted_link_url`` is where a person goes on, at Plaid."""

    id: LinkRef
    mode: str
    state: str
    hosted_link_url: str | None
    connection: ItemRef | None
    institution: str | None
    error_code: str | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: LinkSession) -> LinkOut:
        """Return the attempt as it stands in JSON."""
        return cls(
            id=session.id,
            mode=session.mode,
            state=session.state,
            hosted_link_url=session.hosted_link_url,
            connection=session.item_id,
            institution=session.institution_name,
            error_code=session.error_code,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )


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
async def unlink_connection(caller: Writer, item_id: ItemRef, links: Flows) -> ConnectionOut:
    """End a link at Plaid and destroy its token here. Accounts and history stay."""
    return ConnectionOut.of(
        await connections.unlink(links, owner=caller.owner, item_id=item_id, actor=caller.actor)
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


@router.get("/institutions", summary="Search banks")
async def list_institutions(
    caller: Reader, links: Flows, q: Annotated[str, Query(max_length=100)] = ""
) -> InstitutionList:
    """List banks that can be linked and match a search, the first ones if it is empty."""
    found = await connections.institutions(links, owner=caller.owner, query=q.strip())
    return InstitutionList(
        items=[
            InstitutionOut(
                id=bank.id,
                name=bank.name,
                countries=list(bank.countries),
                oauth=bank.oauth,
                url=bank.url,
            )
            for bank in found
        ]
    )


@router.post("/links", status_code=201, summary="Begin to link or repair a bank")
async def start_link(caller: Writer, links: Flows, wanted: LinkStart | None = None) -> LinkOut:
    """Start an attempt; send the person to its ``hosted_link_url``, then finish it."""
    wanted = wanted or LinkStart()
    session = await connections.start(
        links,
        owner=caller.owner,
        actor=caller.actor,
        language=caller.settings.language,
        institution_id=wanted.institution_id,
        repair=wanted.repair,
    )
    return LinkOut.of(session)


@router.post("/links/sandbox", status_code=201, summary="Link a sandbox's bank without its page")
async def link_sandbox(caller: Writer, links: Flows, wanted: SandboxLink) -> LinkOut:
    """Link at once with the given credentials. Not at real banks."""
    if links.environment == "production":
        raise SandboxOnly("Real banks are linked on their own page.", hint="POST /api/v1/links")
    session = await connections.link_without_page(
        links,
        owner=caller.owner,
        actor=caller.actor,
        institution_id=wanted.institution_id,
        username=wanted.username,
        password=wanted.password,
    )
    return LinkOut.of(session)


@router.get("/links/{link_id}", summary="Look at an attempt to link")
async def get_link(caller: Reader, link_id: LinkRef) -> LinkOut:
    """Return an attempt as it was last known; ``finish`` asks how it went."""
    async with caller.unit_of_work() as db:
        return LinkOut.of(
            await connections.get_link_session(db, owner=caller.owner, session_id=link_id)
        )


@router.post("/links/{link_id}/finish", summary="Finish an attempt to link")
async def finish_link(caller: Writer, link_id: LinkRef, links: Flows) -> LinkOut:
    """Ask Plaid how an attempt went and store what came of it. Safe to repeat."""
    return LinkOut.of(
        await connections.finish(links, owner=caller.owner, session_id=link_id, actor=caller.actor)
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
