"""Linking a bank, repairing a link and ending it: reserve, call the provider, resolve.

A public token is kept, sealed, before it is exchanged and until its item is stored. A crash in
between leaves an attempt in state ``exchanging`` that ``finish`` takes up again. Syncs are in
``syncing``.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg

from strongroom import audit
from strongroom.connections import log_queries, queries
from strongroom.connections.errors import (
    NO_ANSWER,
    NO_LINK_TOKEN,
    USED_PUBLIC_TOKEN,
    FeedError,
    ItemNotFound,
    LinkSessionNotFound,
    SyncIsRunning,
)
from strongroom.connections.links import Links
from strongroom.connections.syncing import ask_in
from strongroom.connections.types import (
    ApiCall,
    BankFeed,
    Institution,
    Item,
    LinkOutcome,
    LinkSession,
    LinkState,
    Why,
)
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import SYSTEM, ItemId, UserId, new_id

_ABANDONED_AFTER = timedelta(minutes=1)
_GRACE = timedelta(minutes=10)
_PATIENCE_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.2
_UNNAMED = "Bank"


async def institutions(links: Links, *, owner: UserId, query: str = "") -> list[Institution]:
    """Return banks that can be linked and match ``query``. Raises ``FeedError``."""
    feed = links.feed()
    try:
        return await feed.institutions(query)
    finally:
        await _log(links, owner, None, feed.calls)


async def start(
    links: Links,
    *,
    owner: UserId,
    language: str = "en",
    institution_id: str | None = None,
    repair: ItemId | None = None,
    actor: str = "person",
) -> LinkSession:
    """Begin to link a bank, or to ``repair`` a link; its ``hosted_link_url`` is where to go.

    ``actor`` is who asks, as the audit log writes it. Raises ``FeedError``, ``ItemNotFound``,
    ``LinkIsDisconnected`` and ``LinkedElsewhere``.
    """
    now, session_id, feed = links.clock(), new_id(), links.feed()
    token = None
    if repair is not None:
        async with links.database.unit_of_work(owner) as db:
            await _item(db, owner, repair)
            token, _ = await links.access_token(db, owner, repair)
    try:
        link_token = await feed.create_link_token(
            user_ref=owner.hex,
            language="no" if language == "nb" else language,
            webhook=links.webhook_url,
            completion_uri=f"{links.base_url}/accounts/link/{session_id}",
            institution_id=institution_id,
            access_token=token,
        )
    except FeedError:
        await _log(links, owner, repair, feed.calls)
        raise
    async with links.database.unit_of_work(owner) as db:
        sealed = await links.seal(
            db, owner, "link_sessions.link_token", session_id, link_token.token
        )
        await queries.insert_link_session(
            db,
            {
                "owner": owner,
                "id": session_id,
                "link_token": sealed,
                "link_token_hash": token_hash(link_token.token),
                "hosted_link_url": link_token.hosted_link_url,
                "mode": "link" if repair is None else "update",
                "item_id": repair,
                "institution_id": institution_id,
                "now": now,
                "expires_at": link_token.expires_at,
            },
        )
        await log_queries.insert_calls(db, owner, repair, feed.calls)
        made = await _session(db, owner, session_id)
        action = "connections.start_link" if repair is None else "connections.start_repair"
        await _audit(db, links, owner, actor, action, "link_session", session_id)
    return made


async def finish(
    links: Links, *, owner: UserId, session_id: UUID, actor: str = "person"
) -> LinkSession:
    """Ask how an attempt went and store what came of it. Safe to call at any time, by anybody.

    A finished attempt is answered as it is. Raises ``LinkSessionNotFound`` and ``FeedError``.
    """
    async with links.database.lease(f"link {session_id}") as ours:
        async with links.database.unit_of_work(owner) as db:
            session = await _session(db, owner, session_id)
            if not ours or session.state not in (LinkState.OPEN, LinkState.EXCHANGING):
                return session
            secrets = await queries.link_secrets(db, owner, session_id)
            assert secrets is not None  # noqa: S101 - the session was read a line above
            place = "link_sessions.link_token"
            link_token = await links.unseal(db, owner, place, session_id, secrets.link_token)
            public_token = None
            if secrets.public_token is not None:
                place = "link_sessions.public_token"
                public_token = await links.unseal(
                    db, owner, place, session_id, secrets.public_token
                )
        if public_token is not None:
            await _exchange(links, owner, session, public_token, secrets.institution_id, actor)
        else:
            await _resolve(links, owner, session, link_token, secrets.institution_id, actor)
        async with links.database.unit_of_work(owner) as db:
            return await _session(db, owner, session_id)


async def link_without_page(
    links: Links,
    *,
    owner: UserId,
    institution_id: str,
    username: str = "user_good",
    password: str = "pass_good",  # noqa: S107 - the sandbox's published credential
    actor: str = "person",
) -> LinkSession:
    """Link a sandbox's bank without its page: for the command line, the demo and tests.

    ``user_custom`` takes a household as JSON for its password. Raises ``FeedError``.
    """
    session = await start(links, owner=owner, institution_id=institution_id, actor=actor)
    feed = links.feed()
    try:
        public_token = await feed.create_public_token(
            institution_id=institution_id,
            username=username,
            password=password,
            webhook=links.webhook_url,
        )
    finally:
        await _log(links, owner, None, feed.calls)
    await _reserve(
        links,
        owner,
        session.id,
        LinkOutcome(
            link_session_id=f"without-page-{session.id.hex}",
            public_token=public_token,
            institution_id=institution_id,
            institution_name=None,
            error_type=None,
            error_code=None,
            request_id=None,
            finished=True,
        ),
    )
    return await finish(links, owner=owner, session_id=session.id, actor=actor)


async def unlink(links: Links, *, owner: UserId, item_id: ItemId, actor: str = "person") -> Item:
    """End a link: the item at Plaid, then its token here. Accounts and history stay.

    A read under way is waited for a few seconds. Raises ``ItemNotFound``, ``LinkIsDisconnected``,
    ``LinkedElsewhere``, ``SyncIsRunning`` and ``FeedError``; then nothing has changed.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        async with links.database.lease(f"item {item_id}") as ours:
            if ours:
                return await _unlink(links, owner, item_id, actor)
        if time.monotonic() > deadline:
            raise SyncIsRunning(
                "This bank is being read at the moment.", hint="Unlink it in a minute."
            )
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _unlink(links: Links, owner: UserId, item_id: ItemId, actor: str) -> Item:
    async with links.database.unit_of_work(owner) as db:
        await _item(db, owner, item_id)
        token, _ = await links.access_token(db, owner, item_id)
    feed = links.feed()
    try:
        await feed.remove(token)
    except FeedError as error:
        # Gone there already is what we wanted; anything else leaves the link as it was.
        if error.error_code not in ("ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"):
            await _log(links, owner, item_id, feed.calls)
            raise
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await queries.disconnect(db, owner, item_id, now)
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        gone = await _item(db, owner, item_id)
        await _audit(db, links, owner, actor, "connections.unlink", "item", item_id)
    return gone


async def finish_abandoned_for_all(links: Links) -> int:
    """Finish attempts that nobody came back to, and those a crash left half done.

    One that cannot be finished waits behind the others, and ends some time after it expired.
    """
    before = links.clock() - _ABANDONED_AFTER
    async with links.database.unit_of_work_for_all() as db:
        found = await log_queries.unfinished_links_for_all(db, before, 50)
    for one in found:
        owner = UserId(one.user_id)
        error: Exception | None = None
        try:
            await finish(links, owner=owner, session_id=one.id, actor="system")
        except (StrongroomError, psycopg.Error) as trouble:
            error = trouble
        await _looked_after(links, owner, one.id, error)
        if isinstance(error, FeedError) and error.error_code == NO_ANSWER:
            break  # the others would wait for nothing too
    return len(found)


async def _looked_after(
    links: Links, owner: UserId, session_id: UUID, error: Exception | None
) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        session = await queries.link_session(db, owner, session_id)
        unfinished = (LinkState.OPEN, LinkState.EXCHANGING)
        if session is None or session.state not in unfinished:
            return
        hopeless = isinstance(error, StrongroomError) and not isinstance(error, Unavailable)
        if isinstance(error, FeedError):
            hopeless = not error.will_pass
        if hopeless and session.expires_at + _GRACE <= now:
            was_open = session.state is LinkState.OPEN
            state = LinkState.EXPIRED if was_open else LinkState.LOST
            await queries.move_link_session(db, owner, session_id, now, state=state)
        else:
            await queries.touch_link_session(db, owner, session_id, now)


def token_hash(token: str) -> bytes:
    """Return what a token is found by without being stored: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def _resolve(
    links: Links,
    owner: UserId,
    session: LinkSession,
    link_token: str,
    institution_id: str | None,
    actor: str,
) -> None:
    feed = links.feed()
    has_expired = session.expires_at <= links.clock()
    outcomes: list[LinkOutcome] = []
    try:
        outcomes = [one for one in await feed.link_outcomes(link_token) if one.finished]
    except FeedError as error:
        # Plaid forgets what has expired.
        if error.error_code != NO_LINK_TOKEN or not has_expired:
            raise
    finally:
        await _log(links, owner, session.item_id, feed.calls)
    success = next((one for one in outcomes if one.public_token), None)
    if success is not None and session.mode == "link":
        await _reserve(links, owner, session.id, success)
        named = replace(session, institution_name=success.institution_name)
        bank = success.institution_id or institution_id
        await _exchange(links, owner, named, success.public_token or "", bank, actor)
    elif success is not None:
        await _repaired(links, owner, session, success, actor)
    elif outcomes:
        await _exited(links, owner, session, outcomes[-1])
    elif has_expired:
        async with links.database.unit_of_work(owner) as db:
            await queries.move_link_session(
                db, owner, session.id, links.clock(), state=LinkState.EXPIRED
            )


async def _reserve(links: Links, owner: UserId, session_id: UUID, outcome: LinkOutcome) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        sealed = await links.seal(
            db, owner, "link_sessions.public_token", session_id, outcome.public_token or ""
        )
        await queries.move_link_session(
            db,
            owner,
            session_id,
            now,
            state=LinkState.EXCHANGING,
            public_token=sealed,
            link_session_id=outcome.link_session_id,
            institution_id=outcome.institution_id,
            institution_name=outcome.institution_name,
        )
        await _link_event(db, links, owner, outcome)


async def _exchange(
    links: Links,
    owner: UserId,
    session: LinkSession,
    public_token: str,
    institution_id: str | None,
    actor: str,
) -> None:
    feed = links.feed()
    try:
        made = await feed.exchange(public_token)
    except FeedError as error:
        if error.error_code == USED_PUBLIC_TOKEN:
            # Exchanged before a crash could store it, or too old: the token is out of reach.
            await _lost(links, owner, session, feed.calls)
            return
        await _log(links, owner, None, feed.calls)
        raise
    # From here on nothing but storing: whatever else there is to learn can wait for the sync.
    now, item_id = links.clock(), ItemId(new_id())
    async with links.database.unit_of_work(owner) as db:
        sealed = await links.seal(db, owner, "plaid_items.access_token", item_id, made.access_token)
        await queries.insert_item(
            db,
            {
                "owner": owner,
                "id": item_id,
                "plaid_item_id": made.plaid_item_id,
                "environment": links.environment,
                "access_token": sealed,
                "institution_id": institution_id,
                "institution_name": session.institution_name or _UNNAMED,
                "now": now,
            },
        )
        await queries.move_link_session(
            db, owner, session.id, now, state=LinkState.DONE, item_id=item_id
        )
        await log_queries.insert_calls(db, owner, item_id, feed.calls)
        await ask_in(db, owner=owner, item_id=item_id, why=Why.SCHEDULED, now=now)
        await _audit(db, links, owner, actor, "connections.link", "item", item_id)


async def _repaired(
    links: Links, owner: UserId, session: LinkSession, outcome: LinkOutcome, actor: str
) -> None:
    item_id = session.item_id
    assert item_id is not None  # noqa: S101 - an update-mode session is made with its item
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await queries.move_link_session(db, owner, session.id, now, state=LinkState.DONE)
        await queries.set_status(db, owner, item_id, "active", None, now)
        await _link_event(db, links, owner, outcome)
        await ask_in(db, owner=owner, item_id=item_id, why=Why.MANUAL, now=now)
        await _audit(db, links, owner, actor, "connections.repair", "item", item_id)


async def _exited(links: Links, owner: UserId, session: LinkSession, outcome: LinkOutcome) -> None:
    async with links.database.unit_of_work(owner) as db:
        await queries.move_link_session(
            db,
            owner,
            session.id,
            links.clock(),
            state=LinkState.EXITED,
            link_session_id=outcome.link_session_id,
            institution_name=outcome.institution_name,
            error_code=outcome.error_code,
        )
        await _link_event(db, links, owner, outcome)


async def _lost(
    links: Links, owner: UserId, session: LinkSession, calls: Sequence[ApiCall]
) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await queries.move_link_session(
            db, owner, session.id, now, state=LinkState.LOST, error_code=USED_PUBLIC_TOKEN
        )
        await log_queries.insert_calls(db, owner, None, calls)
        await _audit(
            db, links, owner, "system", "connections.lose_link", "link_session", session.id
        )


async def _audit(
    db: Db, links: Links, owner: UserId, actor: str, action: str, kind: str, resource: UUID
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=action,
        resource_type=kind,
        resource_id=str(resource),
        now=links.clock(),
    )


async def _link_event(db: Db, links: Links, owner: UserId, outcome: LinkOutcome) -> None:
    failed = outcome.public_token is None and outcome.error_code is not None
    await log_queries.insert_link_event(
        db,
        {
            "owner": owner,
            "id": new_id(),
            "type": "exit" if outcome.public_token is None else "success",
            "link_session_id": outcome.link_session_id,
            "request_id": (outcome.request_id or "unknown") if failed else None,
            "error_type": outcome.error_type if failed else None,
            "error_code": outcome.error_code if failed else None,
            "now": links.clock(),
        },
    )


async def _session(db: Db, owner: UserId, session_id: UUID) -> LinkSession:
    session = await queries.link_session(db, owner, session_id)
    if session is None:
        raise LinkSessionNotFound("There is no such attempt to link a bank.")
    return session


async def _item(db: Db, owner: UserId, item_id: ItemId) -> Item:
    found = await queries.items(db, owner, item_id)
    if not found:
        raise ItemNotFound("There is no such bank link.")
    return found[0]


async def _log(
    links: Links, owner: UserId, item_id: ItemId | None, calls: Sequence[ApiCall]
) -> None:
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, item_id, calls)


async def key_of_webhooks(links: Links, feed: BankFeed, key_id: str) -> dict[str, object]:
    """Return the key that signs webhooks under ``key_id``; the call stands under no person."""
    try:
        return await feed.webhook_key(key_id)
    finally:
        await _log(links, SYSTEM, None, feed.calls)
