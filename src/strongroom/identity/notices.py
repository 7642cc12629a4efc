"""Notifications: what a person should know of when they next look. Nothing is mailed or pushed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core.db import Db, execute, many, value
from strongroom.core.errors import NotFound
from strongroom.core.ids import UserId, new_id
from strongroom.core.paging import Page, decode_cursor, encode_cursor
from strongroom.identity.types import Notification, NotificationId
from strongroom.ui import gettext

_ORDER = "notifications newest"
_MOST = 200


class NotificationNotFound(NotFound):
    """There is no notification with that id."""


async def notify(
    db: Db,
    *,
    owner: UserId,
    type: str,
    title: str,
    body: str,
    link: str | None = None,
    arguments: Mapping[str, str] | None = None,
    fold: bool = False,
    now: datetime,
) -> NotificationId:
    """Tell a person something; ``link`` is a path on this site.

    ``title`` and ``body`` are texts of the catalogue (``ui.N_``), translated when they are read;
    ``arguments`` then fill their ``%(name)s``. ``fold``: the same title for the same link that
    stands there already is told anew, once more, and not a second time beside it. Raises
    ``ValueError`` for a link elsewhere or an argument that is lacking.
    """
    filled = dict(arguments or {})
    try:
        if filled:
            _ = (title % filled, body % filled)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the arguments do not fit the texts of the notification") from error
    if link is not None and (not link.startswith("/") or link.startswith(("//", "/\\"))):
        raise ValueError("a notification links to a page of ours only")
    if fold:
        known = await _tell_again(db, owner, (type, title, link, Jsonb(filled)), body, now)
        if known is not None:
            return known
    notification_id = NotificationId(new_id())
    await execute(
        db,
        "INSERT INTO notifications (user_id, id, type, title, body, arguments, link, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (owner, notification_id, type, title, body, Jsonb(filled), link, now),
    )
    return notification_id


async def _tell_again(
    db: Db, owner: UserId, same: tuple[str, str, str | None, Jsonb], body: str, now: datetime
) -> NotificationId | None:
    """Tell what stands there already once more, as news; return None where nothing does."""
    found: UUID | None = await value(
        db,
        "UPDATE notifications SET times = times + 1, body = %s, created_at = %s, read_at = NULL,"
        " settled_at = NULL WHERE user_id = %s AND id = ("
        " SELECT id FROM notifications WHERE user_id = %s AND type = %s AND title = %s"
        " AND link IS NOT DISTINCT FROM %s AND arguments = %s"
        " ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE) RETURNING id",
        (body, now, owner, owner, *same),
    )
    return None if found is None else NotificationId(found)


async def settle_notifications(
    db: Db, *, owner: UserId, link: str, titles: Collection[str], now: datetime
) -> int:
    """Mark what was told under these titles of ``link`` as passed, and read; return how many."""
    return await execute(
        db,
        "UPDATE notifications SET settled_at = %s, read_at = coalesce(read_at, %s)"
        " WHERE user_id = %s AND link = %s AND title = ANY(%s) AND settled_at IS NULL",
        (now, now, owner, link, list(titles)),
    )


async def list_notifications(
    db: Db, *, owner: UserId, after: str | None = None, limit: int = 50
) -> Page[Notification]:
    """Return notifications, newest first; ``after`` is a page's ``next``. Raises ``BadCursor``."""
    limit = max(1, min(limit, _MOST))
    start = (None, None) if after is None else decode_cursor(_ORDER, after, datetime, UUID)
    rows = await many(
        db,
        Notification,
        "SELECT id, type, title, body, link, created_at, read_at, arguments,"
        " settled_at, times"
        " FROM notifications"
        " WHERE user_id = %(owner)s AND (%(at)s::timestamptz IS NULL"
        " OR (created_at, id) < (%(at)s::timestamptz, %(id)s::uuid))"
        " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
        {"owner": owner, "at": start[0], "id": start[1], "limit": limit + 1},
    )
    page = rows[:limit]
    more = len(rows) > limit
    return Page(page, encode_cursor(_ORDER, page[-1].created_at, page[-1].id) if more else None)


def in_words(stored: Notification) -> Notification:
    """Return a notification in the language that is spoken now (``ui.using``)."""
    given = stored.arguments
    title, body = gettext(stored.title, **given), gettext(stored.body, **given)
    return replace(stored, title=title, body=body)


async def read_notification(
    db: Db, *, owner: UserId, notification_id: NotificationId, now: datetime
) -> None:
    """Mark a notification as read; doing so twice keeps the first time.

    Raises ``NotificationNotFound``.
    """
    found = await execute(
        db,
        "UPDATE notifications SET read_at = coalesce(read_at, %s) WHERE user_id = %s AND id = %s",
        (now, owner, notification_id),
    )
    if not found:
        raise NotificationNotFound("There is no notification with that id.")


async def read_all_notifications(db: Db, *, owner: UserId, now: datetime) -> int:
    """Mark everything as read; return how many were not."""
    return await execute(
        db,
        "UPDATE notifications SET read_at = %s WHERE user_id = %s AND read_at IS NULL",
        (now, owner),
    )


async def count_unread(db: Db, *, owner: UserId) -> int:
    """Return how many notifications wait to be read."""
    found: int = await value(
        db,
        "SELECT count(*) FROM notifications WHERE user_id = %s AND read_at IS NULL",
        (owner,),
    )
    return found
