"""Identity as JSON, under ``/api/v1``: sign-up, session, people's settings, tokens, notifications.

Parses, calls a verb, returns the value. Programs that are not browsers use API tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, StrictBool

from strongroom import ui
from strongroom.core.ids import UserId
from strongroom.core.paging import Page
from strongroom.core.time import clock
from strongroom.core.wire import WireId
from strongroom.identity import entrance, notices, record_routes, service, sessions, tokens
from strongroom.identity.access import (
    client_of,
    drop_session,
    give_session,
    known_by,
    may,
    remember_browser,
    secret_of,
    services_of,
)
from strongroom.identity.callers import Caller
from strongroom.identity.types import (
    Notification,
    NotificationId,
    Person,
    Role,
    Session,
    SessionId,
    Settings,
    TokenId,
)

router = APIRouter(tags=["identity"])
router.include_router(record_routes.router)

WireSessionId = Annotated[SessionId, WireId("ses")]
WireTokenId = Annotated[TokenId, WireId("tok")]
WireNotificationId = Annotated[NotificationId, WireId("ntf")]

Reader = Annotated[Caller, Depends(may("profile:read"))]
Changer = Annotated[Caller, Depends(may("settings:write"))]
SignedIn = Annotated[Caller, Depends(may("sessions:write"))]
TokenMaker = Annotated[Caller, Depends(may("tokens:write"))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignUpIn(_Strict):
    """What creates an account."""

    email: str
    password: str
    name: str = ""


class SignInIn(_Strict):
    """What signs in."""

    email: str
    password: str


class Rename(_Strict):
    """What a person is called; what is left out stays."""

    first_name: str | None = None
    last_name: str | None = None


class ChangePassword(_Strict):
    """The password there is, and the one to be."""

    current: str
    new: str


class ChangeSettings(_Strict):
    """The settings to change; what is left out stays."""

    currency: str | None = None
    language: str | None = None
    theme: str | None = None
    time_zone: str | None = None
    hide_amounts: StrictBool | None = None
    shortcuts: StrictBool | None = None
    date_format: str | None = None
    dashboard_layout: dict[str, list[str]] | None = None


class NewTokenIn(_Strict):
    """What makes an API token. Without ``expires_at`` it works until it is revoked."""

    name: str
    scopes: list[str]
    expires_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words."""

    message: str


@dataclass(frozen=True, slots=True)
class PersonOut:
    """Who someone is."""

    id: Annotated[UserId, WireId("usr")]
    email: str
    first_name: str
    last_name: str
    name: str
    role: Role
    is_demo: bool
    created_at: datetime
    last_login_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        """Return a person as they stand in answers."""
        return cls(
            id=person.id,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            name=person.name,
            role=person.role,
            is_demo=person.is_demo,
            created_at=person.created_at,
            last_login_at=person.last_login_at,
        )


@dataclass(frozen=True, slots=True)
class MeOut:
    """Who asks, and what they may do."""

    person: PersonOut
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class SessionOut:
    """A browser that is signed in; ``current`` marks the one that asks."""

    id: WireSessionId
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, current: SessionId | None) -> SessionOut:
        """Return a session as it stands in answers; it ends at the earlier of its two ends."""
        return cls(
            id=session.id,
            ip_address=session.ip_address,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=min(session.idle_until, session.expires_at),
            current=session.id == current,
        )


@dataclass(frozen=True, slots=True)
class StartedOut:
    """A session that has begun; its secret is in the cookie that came along."""

    id: WireSessionId
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EndedOut:
    """How many sessions ended."""

    ended: int


@dataclass(frozen=True, slots=True)
class ReadOut:
    """How many notifications were not read before."""

    read: int


@dataclass(frozen=True, slots=True)
class TokenOut:
    """An API token, without its secret."""

    id: WireTokenId
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewTokenOut(TokenOut):
    """An API token with its secret, which is told this one time."""

    secret: str


@dataclass(frozen=True, slots=True)
class NotificationOut:
    """Something a person should know; ``link`` is a path on this site.

    ``settled_at``: since then what it told of has passed. ``times``: how often it was told, at
    ``created_at`` for the last time.
    """

    id: WireNotificationId
    type: str
    title: str
    body: str
    link: str | None
    created_at: datetime
    read_at: datetime | None
    settled_at: datetime | None
    times: int

    @classmethod
    def of(cls, found: Notification) -> NotificationOut:
        """Return a notification as it stands in answers."""
        return cls(
            id=found.id,
            type=found.type,
            title=found.title,
            body=found.body,
            link=found.link,
            created_at=found.created_at,
            read_at=found.read_at,
            settled_at=found.settled_at,
            times=found.times,
        )


@router.post("/users", status_code=202, summary="Create an account")
async def sign_up(request: Request, wanted: SignUpIn) -> Said:
    """Answer the same whether the address was taken or not; then sign in to find out."""
    services = services_of(request)
    language = ui.preferred_locale(request.headers.get("accept-language", ""))
    await entrance.sign_up(
        services.database,
        entrance.SignUp(wanted.email, wanted.password, wanted.name, language),
        client=client_of(request),
        open_to_all=services.settings.signup,
        start_session=False,
        now=clock(),
    )
    return Said("If this address was new, its account is ready. Sign in to go on.")


@router.post("/session", status_code=201, summary="Sign in")
async def sign_in(request: Request, response: Response, given: SignInIn) -> StartedOut:
    """Start a session and set its cookie. The one that the request came with ends."""
    now = clock()
    session = await entrance.sign_in(
        services_of(request).database,
        email=given.email,
        password=given.password,
        client=client_of(request),
        replaces=secret_of(request),
        known_by=known_by(request),
        now=now,
    )
    give_session(response, request, session, now)
    remember_browser(response, request, entrance.known_browser(session.owner))
    return StartedOut(session.id, session.expires_at)


@router.delete("/session", status_code=204, summary="Sign out")
async def sign_out(request: Request, response: Response, caller: SignedIn) -> None:
    """End the session that the request came with."""
    if caller.session_id is not None:
        async with caller.unit_of_work() as db:
            await sessions.sign_out(
                db,
                owner=caller.owner,
                session_id=caller.session_id,
                client=caller.client,
                now=caller.now,
            )
    drop_session(response, request)


@router.get("/sessions", summary="List the browsers that are signed in")
async def list_sessions(caller: SignedIn) -> list[SessionOut]:
    """Return the open sessions, last used first."""
    async with caller.unit_of_work() as db:
        found = await sessions.list_sessions(db, owner=caller.owner, now=caller.now)
    return [SessionOut.of(session, caller.session_id) for session in found]


@router.delete("/sessions", summary="Sign out everywhere else")
async def end_other_sessions(caller: SignedIn) -> EndedOut:
    """End every session but the one that asks."""
    async with caller.unit_of_work() as db:
        ended = await sessions.end_other_sessions(
            db,
            owner=caller.owner,
            session_id=caller.session_id,
            client=caller.client,
            now=caller.now,
        )
    return EndedOut(ended)


@router.delete("/sessions/{session_id}", status_code=204, summary="End a session")
async def end_session(caller: SignedIn, session_id: WireSessionId) -> None:
    """End one session."""
    async with caller.unit_of_work() as db:
        await sessions.end_session(
            db, owner=caller.owner, session_id=session_id, client=caller.client, now=caller.now
        )


@router.get("/me", summary="Who asks")
async def me(caller: Reader) -> MeOut:
    """Return the person and what this session or token may do."""
    async with caller.unit_of_work() as db:
        person = await service.get_person(db, owner=caller.owner)
    return MeOut(PersonOut.of(person), sorted(caller.scopes))


@router.patch("/me", summary="Change what you are called")
async def rename(caller: Changer, wanted: Rename) -> PersonOut:
    """Change the names that are given; return the person."""
    async with caller.unit_of_work() as db:
        known = await service.get_person(db, owner=caller.owner)
        renamed = await service.rename(
            db,
            owner=caller.owner,
            first_name=known.first_name if wanted.first_name is None else wanted.first_name,
            last_name=known.last_name if wanted.last_name is None else wanted.last_name,
            client=caller.client,
            actor=caller.actor,
            now=caller.now,
        )
    return PersonOut.of(renamed)


@router.put("/me/password", summary="Change the password")
async def change_password(
    request: Request, response: Response, caller: SignedIn, wanted: ChangePassword
) -> StartedOut:
    """Change it; every session ends, and a new one is in the cookie that comes along.

    Not with an API token.
    """
    session = await entrance.change_password(
        caller.database,
        owner=caller.owner,
        current=wanted.current,
        new=wanted.new,
        client=caller.client,
        now=caller.now,
    )
    give_session(response, request, session, caller.now)
    return StartedOut(session.id, session.expires_at)


@router.get("/settings", summary="Read the settings")
async def get_settings(caller: Reader) -> Settings:
    """Return the settings."""
    async with caller.unit_of_work() as db:
        return await service.get_settings(db, owner=caller.owner)


@router.patch("/settings", summary="Change settings")
async def change_settings(caller: Changer, wanted: ChangeSettings) -> Settings:
    """Change the settings that are given, all or none; return them all."""
    async with caller.unit_of_work() as db:
        return await service.change_settings(
            db,
            owner=caller.owner,
            wanted=wanted.model_dump(include=wanted.model_fields_set),
            client=caller.client,
            actor=caller.actor,
            now=caller.now,
        )


@router.get("/tokens", summary="List API tokens")
async def list_tokens(caller: TokenMaker) -> list[TokenOut]:
    """Return the tokens that still work, newest first."""
    async with caller.unit_of_work() as db:
        found = await tokens.list_tokens(db, owner=caller.owner, now=caller.now)
    return [
        TokenOut(t.id, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at) for t in found
    ]


@router.post("/tokens", status_code=201, summary="Make an API token")
async def create_token(caller: TokenMaker, wanted: NewTokenIn) -> NewTokenOut:
    """Make a token. Its secret is in this answer and is never told again."""
    async with caller.unit_of_work() as db:
        made = await tokens.create_token(
            db,
            owner=caller.owner,
            name=wanted.name,
            scopes=wanted.scopes,
            expires_at=wanted.expires_at,
            client=caller.client,
            now=caller.now,
        )
    t = made.token
    return NewTokenOut(
        t.id, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at, made.secret
    )


@router.delete("/tokens/{token_id}", status_code=204, summary="Revoke an API token")
async def revoke_token(caller: TokenMaker, token_id: WireTokenId) -> None:
    """End a token at once."""
    async with caller.unit_of_work() as db:
        await tokens.revoke_token(
            db, owner=caller.owner, token_id=token_id, client=caller.client, now=caller.now
        )


@router.get("/notifications", summary="List notifications")
async def list_notifications(
    caller: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[NotificationOut]:
    """Return notifications, newest first."""
    async with caller.unit_of_work() as db:
        page = await notices.list_notifications(db, owner=caller.owner, after=cursor, limit=limit)
    return Page([NotificationOut.of(notices.in_words(found)) for found in page.items], page.next)


@router.post("/notifications/read-all", summary="Mark every notification as read")
async def read_all_notifications(caller: Changer) -> ReadOut:
    """Mark everything as read; doing so twice changes nothing."""
    async with caller.unit_of_work() as db:
        return ReadOut(await notices.read_all_notifications(db, owner=caller.owner, now=caller.now))


@router.post(
    "/notifications/{notification_id}/read", status_code=204, summary="Mark a notification as read"
)
async def read_notification(caller: Changer, notification_id: WireNotificationId) -> None:
    """Mark it as read; doing so twice changes nothing."""
    async with caller.unit_of_work() as db:
        await notices.read_notification(
            db, owner=caller.owner, notification_id=notification_id, now=caller.now
        )
