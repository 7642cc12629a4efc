"""What commands of bank links say, and how they wait at a terminal until a bank has been read."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom import connections
from strongroom.connections.types import Item, Refresh
from strongroom.core import ids, terminal
from strongroom.core.errors import Unavailable
from strongroom.core.ids import ItemId, UserId
from strongroom.core.plain import plain

_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 300.0


class TakesTooLong(Unavailable):
    """The bank has not been read to its end in time; it goes on in the background."""


async def watch(
    session: terminal.Session,
    services: terminal.Services,
    owner: UserId,
    item_id: ItemId,
    *,
    since: datetime,
) -> Refresh:
    """Wait until an item has been read to its end, doing the work here if no worker runs.

    Returns the refreshes since ``since`` as one: the newest, with the rows of all.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with session.progress("Getting transactions") as show:
        while time.monotonic() < deadline:
            await session.work_off(services)
            async with services.database.unit_of_work(owner) as db:
                item = await connections.get_item(db, owner=owner, item_id=item_id)
                refreshes = await connections.refreshes(db, owner=owner, item_id=item_id)
            # The rest of the history is asked for ahead of its time: what counts is what ended.
            ended = [one for one in refreshes if one.is_over and one.started_at >= since]
            show(max((one.rows_fetched for one in refreshes), default=0))
            if ended and (item.history_complete or ended[0].status == "failed"):
                return replace(
                    ended[0],
                    added=sum(one.added for one in ended),
                    modified=sum(one.modified for one in ended),
                    removed=sum(one.removed for one in ended),
                )
            await asyncio.sleep(_POLL_SECONDS)
    raise TakesTooLong(
        "The bank is still collecting the history.",
        hint="It goes on in the background while strongroom run is up.",
    )


def item_json(item: Item) -> dict[str, Any]:
    """Return a link as commands print it."""
    return {
        **plain(item),
        "id": ids.show("itm", item.id),
        "needs_attention": item.needs_attention,
    }


def refresh_json(refresh: Refresh) -> dict[str, Any]:
    """Return a refresh as commands print it."""
    item: UUID | None = refresh.item_id
    return {
        **plain(refresh),
        "id": ids.show("rfr", refresh.id),
        "item_id": None if item is None else ids.show("itm", item),
    }


def says(refresh: Refresh) -> str:
    """Return in one sentence what a refresh brought."""
    if refresh.status == "failed":
        return f"Could not be read: {refresh.error_message} ({refresh.error_code})"
    return (
        f"{refresh.added:,} new, {refresh.modified:,} changed, {refresh.removed:,} removed "
        f"in {refresh.accounts_updated} accounts."
    )
