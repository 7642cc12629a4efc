"""Who asks and what they may do, found by the secret of a session or of an API token.

Knows no HTTP: where a request carries its secret, and who is let in, is ``access``'s business.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from strongroom.core.db import Database, Db
from strongroom.core.ids import UserId
from strongroom.core.time import today
from strongroom.identity import queries, rules, sessions, tokens
from strongroom.identity.types import (
    EVERYONE,
    SCOPES,
    SESSION_ONLY,
    Client,
    Role,
    SessionId,
    Settings,
    TokenId,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person through a session or a token, and what they may do.

    ``now`` is the instant the request came; every verb it calls gets this one.
    """

    owner: UserId
    email: str
    name: str
    role: Role
    is_demo: bool
    scopes: frozenset[str]
    settings: Settings
    session_id: SessionId | None
    token_id: TokenId | None
    ip: str | None
    user_agent: str | None
    now: datetime
    database: Database = field(repr=False)

    def unit_of_work(self) -> AbstractAsyncContextManager[Db]:
        """Open a unit of work for the caller's own rows."""
        return self.database.unit_of_work(self.owner)

    @property
    def today(self) -> date:
        """The banking day it is where the person lives."""
        return today(self.now, self.settings.time_zone)

    @property
    def client(self) -> Client:
        """Where the request came from."""
        return Client(self.ip, self.user_agent)

    @property
    def actor(self) -> str:
        """Who acts, as the audit log writes it."""
        return "person" if self.token_id is None else f"token:{self.token_id}"


async def by_session(
    db: Db, database: Database, secret: str, client: Client, now: datetime
) -> Caller | None:
    """Return whose session the secret opens, and note that it was used; None if it opens none.

    What follows in this unit of work is done as that person.
    """
    found = await sessions.find(db, secret, now=now)
    if found is None:
        return None
    await queries.become(db, found.user_id)
    caller = await _caller(db, database, found.user_id, client, now)
    if caller is None:
        return None
    idle_until, _ = rules.session_ends(now)
    seen_before = now - rules.SEEN_EVERY
    await queries.touch_session(db, found.user_id, found.session_id, now, idle_until, seen_before)
    everything = frozenset((*SCOPES, *EVERYONE, *SESSION_ONLY))
    return replace(caller, session_id=found.session_id, scopes=everything)


async def by_token(
    db: Db, database: Database, secret: str, client: Client, now: datetime
) -> Caller | None:
    """Return whose API token the secret is, and note that it was used; None if it is none.

    What follows in this unit of work is done as that person.
    """
    found = await tokens.find(db, secret, now=now)
    if found is None:
        return None
    await queries.become(db, found.user_id)
    caller = await _caller(db, database, found.user_id, client, now)
    if caller is None:
        return None
    await tokens.note_use(db, owner=found.user_id, token_id=found.token_id, now=now)
    return replace(caller, token_id=found.token_id, scopes=frozenset((*found.scopes, *EVERYONE)))


async def _caller(
    db: Db, database: Database, owner: UserId, client: Client, now: datetime
) -> Caller | None:
    person = await queries.find_person(db, owner)
    if person is None:
        return None
    return Caller(
        owner=owner,
        email=person.email,
        name=person.name,
        role=person.role,
        is_demo=person.is_demo,
        scopes=frozenset(),
        settings=await queries.find_settings(db, owner) or Settings(),
        session_id=None,
        token_id=None,
        ip=client.ip,
        user_agent=client.user_agent,
        now=now,
        database=database,
    )
