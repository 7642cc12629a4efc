"""The reading verbs of bank links, asking for a sync, letting a link rest and waking it.

The flows that call a bank are in ``linking``, ``syncing`` and ``webhooks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from strongroom import audit
from strongroom.connections import link_queries, log_queries, queries, state_queries
from strongroom.connections.errors import (
    ItemNotFound,
    LinkIsDisconnected,
    LinkIsPaused,
    LinkSessionNotFound,
    SyncTooSoon,
)
from strongroom.connections.syncing import ask_in
from strongroom.connections.types import Item, LinkSession, Refresh, Status, Why
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import ItemId, UserId
from strongroom.ui import N_, gettext

_BETWEEN_ASKS = timedelta(seconds=30)
_STALE_AFTER = timedelta(hours=1)


class RefreshNotFound(NotFound):
    """No refresh of yours has that id."""


async def items(db: Db, *, owner: UserId) -> list[Item]:
    """Return the owner's bank links, those that were unlinked too, oldest first."""
    return await queries.items(db, owner)


async def get_item(db: Db, *, owner: UserId, item_id: ItemId) -> Item:
    """Return one bank link. Raises ``ItemNotFound``."""
    found = await queries.items(db, owner, item_id)
    if not found:
        raise ItemNotFound(N_("There is no such bank link."))
    return found[0]


async def get_link_session(db: Db, *, owner: UserId, session_id: UUID) -> LinkSession:
    """Return one attempt to link. Raises ``LinkSessionNotFound``."""
    session = await link_queries.link_session(db, owner, session_id)
    if session is None:
        raise LinkSessionNotFound(N_("There is no such attempt to link a bank."))
    return session


async def ask_for_sync(
    db: Db, *, owner: UserId, item_id: ItemId, now: datetime, full: bool = False
) -> Refresh:
    """Ask that a bank be read now; return the refresh to watch.

    ``full``: from the very beginning; where nothing changed at the bank, nothing changes here.
    Else the provider is asked to look at the bank itself first, where that is allowed. Raises
    ``ItemNotFound``, ``LinkIsDisconnected``, ``LinkIsPaused``, and ``SyncTooSoon`` within 30
    seconds of the last time a person asked.
    """
    item = await get_item(db, owner=owner, item_id=item_id)
    if item.status is Status.DISCONNECTED:
        raise LinkIsDisconnected(N_("This bank is unlinked."), hint=N_("Link it again."))
    if item.paused_at is not None:
        raise LinkIsPaused(
            gettext("%(bank)s is paused.", bank=item.institution_name),
            hint=N_("Resume it to read it."),
        )
    wait = await wait_before_sync(db, owner=owner, item_id=item_id, now=now)
    if wait:
        raise SyncTooSoon(
            f"{item.institution_name} was asked for a moment ago.",
            hint=f"It can be asked for again in {wait} seconds.",
            retry_after_seconds=wait,
        )
    refresh_id = await ask_in(
        db, owner=owner, item_id=item_id, why=Why.MANUAL, now=now, full=full, look=not full
    )
    return await get_refresh(db, owner=owner, refresh_id=refresh_id)


async def wait_before_sync(db: Db, *, owner: UserId, item_id: ItemId, now: datetime) -> int:
    """Return how many seconds it takes until a person may ask again; 0 is now."""
    last = await queries.last_asked(db, owner, item_id)
    if last is None or now - last >= _BETWEEN_ASKS:
        return 0
    return (_BETWEEN_ASKS - (now - last)).seconds + 1


async def pause(db: Db, *, owner: UserId, item_id: ItemId, actor: str, now: datetime) -> Item:
    """Let a link rest: nothing reads it, and what its bank announces waits. Safe to repeat.

    Raises ``ItemNotFound`` and ``LinkIsDisconnected``.
    """
    await _set_paused(db, owner, item_id, now, "connections.pause", actor, now)
    return await get_item(db, owner=owner, item_id=item_id)


async def resume(db: Db, *, owner: UserId, item_id: ItemId, actor: str, now: datetime) -> Item:
    """Wake a link that rests: it is read now, and what was announced is looked at.

    Where a person asked for a read a moment ago, it comes as soon as they could ask for another.
    Safe to repeat. Raises ``ItemNotFound`` and ``LinkIsDisconnected``.
    """
    if await _set_paused(db, owner, item_id, None, "connections.resume", actor, now):
        wait = await wait_before_sync(db, owner=owner, item_id=item_id, now=now)
        if wait:
            await queries.set_next_try(db, owner, item_id, now + timedelta(seconds=wait))
        else:
            await ask_in(db, owner=owner, item_id=item_id, why=Why.MANUAL, now=now)
    return await get_item(db, owner=owner, item_id=item_id)


async def _set_paused(
    db: Db, owner: UserId, item_id: ItemId, at: datetime | None, action: str, actor: str,
    now: datetime,
) -> bool:  # fmt: skip
    item = await get_item(db, owner=owner, item_id=item_id)
    if item.status is Status.DISCONNECTED:
        raise LinkIsDisconnected(N_("This bank is unlinked."), hint=N_("Link it again."))
    if not await state_queries.set_paused(db, owner, item_id, at):
        return False
    await audit.record(
        db, owner=owner, actor=actor, action=action, resource_type="item",
        resource_id=str(item_id), now=now,
    )  # fmt: skip
    return True


async def ask_if_stale(
    db: Db,
    *,
    owner: UserId,
    items: Iterable[Item],
    now: datetime,
    environment: str | None = None,
) -> int:
    """Ask for those of a person's links that were not tried for an hour; return how many.

    With ``environment``, those of that environment only: a read of others would be refused.
    """
    asked = 0
    for item in items:
        if item.needs_person or item.paused_at or item.status is Status.DISCONNECTED:
            continue
        if environment not in (None, item.environment):
            continue
        if now - (item.last_attempt_at or item.created_at) >= _STALE_AFTER:
            newest = await queries.refreshes(db, owner, item.id, None, 1)
            if not newest or now - newest[0].started_at >= _STALE_AFTER:
                await ask_in(db, owner=owner, item_id=item.id, why=Why.SCHEDULED, now=now)
                asked += 1
    return asked


async def get_refresh(db: Db, *, owner: UserId, refresh_id: UUID) -> Refresh:
    """Return one refresh of data. Raises ``RefreshNotFound``."""
    found = await queries.refreshes(db, owner, None, refresh_id, 1)
    if not found:
        raise RefreshNotFound(N_("There is no such refresh."))
    return found[0]


async def refreshes(
    db: Db, *, owner: UserId, item_id: ItemId | None = None, limit: int = 20
) -> list[Refresh]:
    """Return the newest refreshes, of one link or of all."""
    return await queries.refreshes(db, owner, item_id, None, limit)


async def api_events(
    db: Db, *, owner: UserId, item_id: ItemId | None = None, limit: int = 50
) -> list[log_queries.ApiEvent]:
    """Return the newest calls to Plaid made for the owner, request ids and all, secrets removed."""
    return await log_queries.api_events(db, owner, item_id, limit)


async def link_events(
    db: Db, *, owner: UserId, item_id: ItemId | None = None, limit: int = 50
) -> list[log_queries.LinkEvent]:
    """Return how the owner's newest Link sessions ended, those of one link or all."""
    return await log_queries.link_events(db, owner, limit, item_id)


async def webhooks_of(
    db: Db, *, owner: UserId, items: Sequence[ItemId], limit: int = 50
) -> list[log_queries.WebhookEvent]:
    """Return what banks announced of some of the owner's links, newest first, without its words.

    What is said of somebody else's link is not among them.
    """
    return await log_queries.webhooks_of(db, items, limit)
