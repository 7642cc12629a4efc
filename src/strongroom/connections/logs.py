"""The log of bank links page by page: reads, calls, sign-in pages and webhooks, newest first.

Each page is one stretch of time, so that its four lists tell of the same hours. Reads no bank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom.connections import log_queries, queries
from strongroom.connections.errors import ItemNotFound
from strongroom.connections.log_queries import ApiEvent, LinkEvent, WebhookEvent
from strongroom.connections.types import Refresh
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId
from strongroom.core.paging import decode_cursor, encode_cursor
from strongroom.ui import N_

_ORDER = "connections log"
_MOST = 500
_Row = Refresh | ApiEvent | LinkEvent | WebhookEvent


@dataclass(frozen=True, slots=True)
class Log:
    """What happened in one stretch of time; ``next`` is the cursor of what came before it."""

    refreshes: Sequence[Refresh]
    calls: Sequence[ApiEvent]
    link_events: Sequence[LinkEvent]
    webhooks: Sequence[WebhookEvent]
    next: str | None = None


async def log(
    db: Db,
    *,
    owner: UserId,
    item_id: ItemId | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Log:
    """Return the newest of what happened with one bank link or all, at most ``limit`` of each kind.

    ``before`` is a page's ``next``. Raises ``ItemNotFound`` and ``BadCursor``.
    """
    limit = max(1, min(limit, _MOST))
    place = (None, None) if before is None else decode_cursor(_ORDER, before, datetime, UUID)
    items = [one.id for one in await queries.items(db, owner, item_id)]
    if item_id is not None and not items:
        raise ItemNotFound(N_("There is no such bank link."))
    reads = await queries.refreshes(db, owner, item_id, None, limit + 1, place)
    calls = await log_queries.api_events(db, owner, item_id, limit + 1, place)
    events = await log_queries.link_events(db, owner, limit + 1, item_id, place)
    hooks = await log_queries.webhooks_of(db, items, limit + 1, place)
    kinds: tuple[Sequence[_Row], ...] = (reads, calls, events, hooks)
    # Where one kind has more than fits, the page ends there for all: the rest is the next one's.
    end = max((_place(rows[limit - 1]) for rows in kinds if len(rows) > limit), default=None)
    if end is None:
        return Log(reads, calls, events, hooks)
    return Log(
        [one for one in reads if _place(one) >= end],
        [one for one in calls if _place(one) >= end],
        [one for one in events if _place(one) >= end],
        [one for one in hooks if _place(one) >= end],
        encode_cursor(_ORDER, *end),
    )


def _place(one: _Row) -> tuple[datetime, UUID]:
    if isinstance(one, Refresh):
        return one.started_at, one.id
    return (one.received_at if isinstance(one, WebhookEvent) else one.created_at), one.id
