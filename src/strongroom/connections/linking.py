"""Linking a bank: begin, send the person to Plaid's page, find out how it went.

A public token is kept, sealed, before it is exchanged and until its item is stored. A crash in
between leaves an attempt in state ``exchanging`` that ``finish`` takes up again. The exchange is
in ``exchanging``, update mode in ``repairing``, syncs in ``syncing``.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import psycopg

from strongroom.connections import (
    attempts,
    exchanging,
    link_queries,
    log_queries,
    repairing,
)
from strongroom.connections.errors import NO_ANSWER, FeedError, SyncIsRunning
from strongroom.connections.links import Links
from strongroom.connections.types import (
    BankFeed,
    Institution,
    LinkOutcome,
    LinkSession,
    LinkState,
    LinkToken,
    Purpose,
    Status,
)
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import SYSTEM, ItemId, UserId, new_id
from strongroom.ui import N_

_ABANDONED_AFTER = timedelta(minutes=1)
_GRACE = timedelta(minutes=10)
_PUBLIC_TOKEN_LIVES = timedelta(minutes=30)
_STARTS = (30, timedelta(hours=1))
_SEARCHES = (120, timedelta(minutes=1))
_UNFINISHED = (LinkState.OPEN, LinkState.EXCHANGING)


async def institutions(links: Links, *, owner: UserId, query: str = "") -> list[Institution]:
    """Return banks that can be linked and match ``query``.

    Raises ``FeedError``, and ``TooManyAttempts`` past 120 searches a minute.
    """
    await attempts.count(links, owner, "bank search", *_SEARCHES)
    feed = links.feed()
    try:
        return await feed.institutions(query)
    except FeedError as error:
        raise error.where_nothing_is_linked() from None
    finally:
        await attempts.log_calls(links, owner, None, feed.calls)


async def start(
    links: Links,
    *,
    owner: UserId,
    language: str = "en",
    institution_id: str | None = None,
    repair: ItemId | None = None,
    select_accounts: bool = False,
    actor: str = "person",
) -> LinkSession:
    """Begin to link a bank, or to ``repair`` a link; its ``hosted_link_url`` is where to go.

    A repair may be ``done`` at once, where the link turns out to work; one that no sign-in can
    bring back becomes a new link to the same bank. ``select_accounts`` also asks anew which
    accounts to share. ``actor`` is who asks, as the audit log writes it. Raises ``FeedError``,
    ``ItemNotFound``, ``LinkIsDisconnected``, ``LinkedElsewhere``, and ``TooManyAttempts`` past 30
    an hour.
    """
    update = None
    if repair is not None:
        update = await repairing.prepare(links, owner, repair, select_accounts)
        institution_id = update.item.institution_id
    await attempts.count(links, owner, "link start", *_STARTS)
    session_id, feed, works = new_id(), links.feed(), False
    try:
        if update is not None:
            works, update = await repairing.ask_health(links, feed, owner, update)
        link_token, update = await _link_token(
            links, feed, owner, session_id, language, institution_id, update
        )
    except FeedError as error:
        await attempts.log_calls(links, owner, repair, feed.calls)
        if repair is None:
            raise error.where_nothing_is_linked() from None
        raise
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, repair, feed.calls)
        made = await _keep(db, links, owner, session_id, link_token, institution_id, update)
        begun = "start_link" if update is None else "start_repair"
        await attempts.record(db, links, owner, actor, begun, "link_session", session_id)
        if works:
            await repairing.repaired(db, links, owner, made, None, actor)
        return await attempts.read(db, owner, session_id)


async def _link_token(
    links: Links,
    feed: BankFeed,
    owner: UserId,
    session_id: UUID,
    language: str,
    institution_id: str | None,
    update: repairing.Update | None,
) -> tuple[LinkToken, repairing.Update | None]:
    """Return a link token, and the update it is for: of a link that is gone, none."""

    async def create(update: repairing.Update | None) -> LinkToken:
        return await feed.create_link_token(
            user_ref=owner.hex,
            language="no" if language == "nb" else language,
            webhook=links.webhook_url,
            completion_uri=f"{links.base_url}/accounts/link/{session_id}",
            institution_id=institution_id,
            access_token=None if update is None else update.token,
            select_accounts=update is not None and update.purpose is Purpose.ACCOUNTS,
        )

    try:
        return await create(update), update
    except FeedError as error:
        # Depending on how consent was withdrawn, Plaid has no update mode for what is left.
        if error.will_pass or update is None or update.item.status is not Status.REVOKED:
            raise
    return await create(None), None


async def _keep(
    db: Db,
    links: Links,
    owner: UserId,
    session_id: UUID,
    link_token: LinkToken,
    institution_id: str | None,
    update: repairing.Update | None,
) -> LinkSession:
    sealed = await links.seal(db, owner, "link_sessions.link_token", session_id, link_token.token)
    await link_queries.insert_link_session(
        db,
        {
            "owner": owner,
            "id": session_id,
            "link_token": sealed,
            "link_token_hash": token_hash(link_token.token),
            "hosted_link_url": link_token.hosted_link_url,
            "mode": "link" if update is None else "update",
            "purpose": (Purpose.LINK if update is None else update.purpose).value,
            "item_id": None if update is None else update.item.id,
            "institution_id": institution_id,
            "now": links.clock(),
            "expires_at": link_token.expires_at,
        },
    )
    return await attempts.read(db, owner, session_id)


async def finish(
    links: Links, *, owner: UserId, session_id: UUID, actor: str = "person"
) -> LinkSession:
    """Ask how an attempt went and store what came of it. Safe to call at any time, by anybody.

    A finished attempt is answered as it is, and so is one that waits for its person's choice
    (``decide``). Raises ``LinkSessionNotFound`` and ``FeedError``.
    """
    async with links.database.lease(f"link {session_id}") as ours:
        async with links.database.unit_of_work(owner) as db:
            session = await attempts.read(db, owner, session_id)
            if not ours or session.state not in _UNFINISHED:
                return session
            secrets = await link_queries.link_secrets(db, owner, session_id)
            assert secrets is not None  # noqa: S101 - the session was read a line above
            place = "link_sessions.link_token"
            link_token = await links.unseal(db, owner, place, session_id, secrets.link_token)
            public_token = None
            if secrets.public_token is not None:
                place = "link_sessions.public_token"
                public_token = await links.unseal(
                    db, owner, place, session_id, secrets.public_token
                )
        bank = secrets.institution_id
        if public_token is not None:
            await exchanging.exchange(links, owner, session, public_token, bank, actor)
        elif session.state is LinkState.EXCHANGING:
            await exchanging.compare_later(links, owner, session, bank, actor)
        elif session.mode == "update":
            await repairing.resolve(links, owner, session, link_token, actor)
        else:
            await _resolve(links, owner, session, link_token, bank, actor)
        async with links.database.unit_of_work(owner) as db:
            return await attempts.read(db, owner, session_id)


async def compare_before_read(links: Links, *, owner: UserId, item_id: ItemId) -> None:
    """See that a new item was compared with those there are: else it could be read beside its twin.

    It was, as a rule, when it was made; not where the bank did not answer then. Raises what
    ``finish`` raises, ``LinkIsDisconnected`` and ``LinkedElsewhere``, and ``SyncIsRunning`` while
    somebody else compares.
    """
    async with links.database.unit_of_work(owner) as db:
        session_id = await link_queries.uncompared(db, owner, item_id)
    if session_id is None:
        return
    session = await finish(links, owner=owner, session_id=session_id, actor="system")
    if session.state is LinkState.EXCHANGING:
        raise SyncIsRunning(N_("This bank is being linked at this moment."))


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
    try:
        ends = await attempts.outcomes(feed, link_token, has_expired=has_expired)
    finally:
        await attempts.log_calls(links, owner, None, feed.calls)
    success = next((one for one in ends if one.public_token), None)
    if success is not None:
        reserved = await exchanging.reserve(links, owner, session, success, institution_id)
        if reserved.state is LinkState.EXCHANGING:
            bank = success.institution_id or institution_id
            token = success.public_token or ""
            await exchanging.exchange(links, owner, reserved, token, bank, actor)
        return
    async with links.database.unit_of_work(owner) as db:
        if ends:
            await attempts.leave(db, links, owner, session.id, ends[-1])
        elif has_expired:
            await link_queries.move_link_session(
                db, owner, session.id, links.clock(), state=LinkState.EXPIRED
            )


async def link_without_page(
    links: Links,
    *,
    owner: UserId,
    institution_id: str,
    username: str = "user_good",
    password: str = "pass_good",  # noqa: S107 - the sandbox's published credential
    anyway: bool = False,
    actor: str = "person",
) -> LinkSession:
    """Link a sandbox's bank without its page: for the command line, the demo and tests.

    ``user_custom`` takes a household as JSON for its password. Accounts that are linked already
    leave the attempt ``duplicate`` and nothing linked, unless ``anyway``. Raises ``FeedError``.
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
    except FeedError as error:
        raise error.where_nothing_is_linked() from None
    finally:
        await attempts.log_calls(links, owner, None, feed.calls)
    outcome = LinkOutcome(
        link_session_id=f"without-page-{session.id.hex}",
        public_token=public_token,
        institution_id=institution_id,
        institution_name=None,
        error_type=None,
        error_code=None,
        request_id=None,
        finished=True,
        accounts=() if anyway else None,  # none to compare, or not told of
    )
    await exchanging.reserve(links, owner, session, outcome, institution_id)
    return await finish(links, owner=owner, session_id=session.id, actor=actor)


async def finish_abandoned_for_all(links: Links) -> int:
    """Finish attempts that nobody came back to, and those a crash left half done.

    One that cannot be finished waits behind the others, and ends some time after it expired. One
    whose person never chose ends when its public token has.
    """
    now = links.clock()
    async with links.database.unit_of_work_for_all() as db:
        await link_queries.end_undecided_for_all(db, now - _PUBLIC_TOKEN_LIVES, now)
        found = await log_queries.unfinished_links_for_all(db, now - _ABANDONED_AFTER, 50)
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
        session = await link_queries.link_session(db, owner, session_id)
        if session is None or session.state not in _UNFINISHED:
            return
        if session.mode == "link" and session.item_id is not None:
            return  # made by now, and the watchdog's: forgotten, it would be read uncompared
        hopeless = isinstance(error, StrongroomError) and not isinstance(error, Unavailable)
        if isinstance(error, FeedError):
            hopeless = not error.will_pass
        if hopeless and session.expires_at + _GRACE <= now:
            was_open = session.state is LinkState.OPEN
            state = LinkState.EXPIRED if was_open else LinkState.LOST
            await link_queries.move_link_session(db, owner, session_id, now, state=state)
        else:
            await link_queries.touch_link_session(db, owner, session_id, now)


def token_hash(token: str) -> bytes:
    """Return what a token is found by without being stored: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def key_of_webhooks(links: Links, feed: BankFeed, key_id: str) -> dict[str, object]:
    """Return the key that signs webhooks under ``key_id``; the call stands under no person."""
    try:
        return await feed.webhook_key(key_id)
    finally:
        await attempts.log_calls(links, SYSTEM, None, feed.calls)
