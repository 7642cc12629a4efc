"""Sessions: starting one, finding whose it is, listing and ending them.

The browser holds 256 random bits, the database their SHA-256. Cookies are ``access``'s business.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import UserId, new_id
from strongroom.identity import queries, rules
from strongroom.identity.types import Client, NewSession, Session, SessionId


class SessionNotFound(NotFound):
    """There is no open session with that id."""


def fingerprint(secret: str) -> bytes:
    """Return what is stored of a session's or token's secret: it has 256 bits, so no salt helps."""
    return hashlib.sha256(secret.encode()).digest()


async def start(db: Db, *, owner: UserId, client: Client, now: datetime) -> NewSession:
    """Start a session with a fresh secret, in the owner's unit of work."""
    secret = secrets.token_urlsafe(32)
    idle_until, expires_at = rules.session_ends(now)
    session = Session(
        id=SessionId(new_id()),
        ip_address=client.ip,
        user_agent=client.user_agent,
        created_at=now,
        last_seen_at=now,
        idle_until=idle_until,
        expires_at=expires_at,
    )
    await queries.add_session(db, owner, session, fingerprint(secret), client)
    return NewSession(owner=owner, id=session.id, expires_at=expires_at, secret=secret)


async def find(db: Db, secret: str, *, now: datetime) -> queries.FoundSession | None:
    """Return whose session a secret opens, if it has not ended. Any unit of work will do."""
    return await queries.find_session(db, fingerprint(secret), now)


async def list_sessions(db: Db, *, owner: UserId, now: datetime) -> list[Session]:
    """Return the owner's open sessions, last used first."""
    return await queries.open_sessions(db, owner, now)


async def end_session(
    db: Db, *, owner: UserId, session_id: SessionId, client: Client, now: datetime
) -> None:
    """End one of the owner's sessions; whoever uses it must sign in again.

    Raises ``SessionNotFound``.
    """
    if not await queries.end_session(db, owner, session_id, now):
        raise SessionNotFound("There is no open session with that id.")
    await _record(db, owner, "identity.session_ended", session_id, client, now)


async def end_other_sessions(
    db: Db, *, owner: UserId, session_id: SessionId | None, client: Client, now: datetime
) -> int:
    """End all of the owner's sessions but ``session_id``; return how many."""
    ended = await queries.end_sessions_but(db, owner, session_id, now)
    if ended:
        await audit.record(
            db,
            owner=owner,
            actor="person",
            action="identity.other_sessions_ended",
            details={"sessions": ended},
            ip=client.ip,
            user_agent=client.user_agent,
            now=now,
        )
    return ended


async def sign_out(
    db: Db, *, owner: UserId, session_id: SessionId, client: Client, now: datetime
) -> None:
    """End the session that asks. Ending it twice is no error."""
    if await queries.end_session(db, owner, session_id, now):
        await _record(db, owner, "identity.sign_out", session_id, client, now)


async def _record(
    db: Db, owner: UserId, action: str, session_id: UUID, client: Client, now: datetime
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor="person",
        action=action,
        resource_type="session",
        resource_id=str(session_id),
        ip=client.ip,
        user_agent=client.user_agent,
        now=now,
    )
