"""One attempt to link or repair as it is kept, and the notes that its steps leave behind.

The steps are in ``linking``, ``exchanging`` and ``repairing``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from strongroom import audit, identity
from strongroom.connections import link_queries, log_queries, queries
from strongroom.connections.errors import (
    NO_LINK_TOKEN,
    FeedError,
    ItemNotFound,
    LinkSessionNotFound,
)
from strongroom.connections.links import Links
from strongroom.connections.types import (
    ApiCall,
    BankFeed,
    Item,
    LinkOutcome,
    LinkSession,
    LinkState,
)
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.ui import N_


async def read(db: Db, owner: UserId, session_id: UUID) -> LinkSession:
    """Return an attempt. Raises ``LinkSessionNotFound``."""
    session = await link_queries.link_session(db, owner, session_id)
    if session is None:
        raise LinkSessionNotFound(N_("There is no such attempt to link a bank."))
    return session


async def item_of(db: Db, owner: UserId, item_id: ItemId) -> Item:
    """Return a bank link. Raises ``ItemNotFound``."""
    found = await queries.items(db, owner, item_id)
    if not found:
        raise ItemNotFound(N_("There is no such bank link."))
    return found[0]


async def count(links: Links, owner: UserId, what: str, limit: int, window: timedelta) -> None:
    """Count one use of what costs calls to Plaid. Raises ``TooManyAttempts`` past ``limit``."""
    async with links.database.unit_of_work(owner) as db:
        await identity.take(db, f"{what} {owner}", limit, window, now=links.clock())


async def log_calls(
    links: Links, owner: UserId, item_id: ItemId | None, calls: Sequence[ApiCall]
) -> None:
    """Store what was asked of Plaid where nothing else is stored with it."""
    async with links.database.unit_of_work(owner) as db:
        await log_queries.insert_calls(db, owner, item_id, calls)


async def outcomes(feed: BankFeed, link_token: str, *, has_expired: bool) -> list[LinkOutcome]:
    """Return how the sessions of a link token ended, oldest first. Raises ``FeedError``."""
    try:
        return [one for one in await feed.link_outcomes(link_token) if one.finished]
    except FeedError as error:
        # Plaid forgets what has expired.
        if error.error_code != NO_LINK_TOKEN or not has_expired:
            raise
        return []


async def record(
    db: Db, links: Links, owner: UserId, actor: str, action: str, kind: str, resource: UUID
) -> None:
    """Write who did what to an attempt or a link into the audit log."""
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"connections.{action}",
        resource_type=kind,
        resource_id=str(resource),
        now=links.clock(),
    )


async def leave(
    db: Db, links: Links, owner: UserId, session_id: UUID, outcome: LinkOutcome
) -> None:
    """Note that the person left, with the bank's or Plaid's reason if there was one."""
    await link_queries.move_link_session(
        db,
        owner,
        session_id,
        links.clock(),
        state=LinkState.EXITED,
        link_session_id=outcome.link_session_id,
        institution_name=outcome.institution_name,
        error_code=outcome.error_code,
    )
    await log_end(db, links, owner, outcome)


async def log_end(db: Db, links: Links, owner: UserId, outcome: LinkOutcome) -> None:
    """Log how a Link session ended, for support."""
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
