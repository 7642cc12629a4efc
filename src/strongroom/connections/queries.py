"""SQL of bank links: items, cursors, refreshes. Attempts to link are in ``link_queries``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom.connections.types import Item, Refresh
from strongroom.core import db as core_db
from strongroom.core.db import Db


async def items(db: Db, owner: UUID, item_id: UUID | None = None) -> list[Item]:
    """Return the owner's links, or the one asked for, in the order they were made."""
    return await core_db.many(
        db,
        Item,
        """
        SELECT i.id, i.plaid_item_id, i.institution_id, i.institution_name, i.status,
               i.error_code, i.error_message, i.consent_expires_at, i.last_successful_update,
               i.last_attempt_at, i.failures, i.next_try_at, c.update_status, i.created_at,
               i.environment, i.paused_at, i.new_accounts_at, i.token_renewed_at,
               i.repaired_at, i.disconnects_at, i.alerted_at,
               (SELECT count(*)::int FROM set_aside_rows s
                WHERE s.user_id = i.user_id AND s.item_id = i.id AND s.resolved_at IS NULL
                  AND s.dismissed_at IS NULL) AS kept_aside
        FROM plaid_items i
        LEFT JOIN sync_cursors c ON c.user_id = i.user_id AND c.item_id = i.id
        WHERE i.user_id = %(owner)s AND (%(item_id)s::uuid IS NULL OR i.id = %(item_id)s)
        ORDER BY i.created_at, i.id
        """,
        {"owner": owner, "item_id": item_id},
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """What a sync starts from: the sealed token, where it holds, and the cursor of the last one."""

    access_token: bytes | None
    environment: str
    cursor: str


async def stored(db: Db, owner: UUID, item_id: UUID) -> Stored | None:
    """Return an item's sealed token and cursor."""
    return await core_db.one(
        db,
        Stored,
        """
        SELECT i.access_token, i.environment, coalesce(c.cursor, '') AS cursor
        FROM plaid_items i
        LEFT JOIN sync_cursors c ON c.user_id = i.user_id AND c.item_id = i.id
        WHERE i.user_id = %(owner)s AND i.id = %(item_id)s
        """,
        {"owner": owner, "item_id": item_id},
    )


async def insert_item(db: Db, columns: dict[str, Any]) -> None:
    """Add an item."""
    await db.execute(
        """
        INSERT INTO plaid_items (
            user_id, id, plaid_item_id, environment, access_token, institution_id,
            institution_name, next_try_at, token_renewed_at, created_at, updated_at)
        VALUES (%(owner)s, %(id)s, %(plaid_item_id)s, %(environment)s, %(access_token)s,
                %(institution_id)s, %(institution_name)s, %(next_try_at)s, %(now)s, %(now)s,
                %(now)s)
        """,
        columns,
    )


async def save_cursor(
    db: Db, owner: UUID, item_id: UUID, cursor: str, update_status: str, now: datetime
) -> None:
    """Remember how far an item has been read, in the unit of work that stored its rows."""
    await db.execute(
        """
        INSERT INTO sync_cursors (user_id, item_id, cursor, update_status, last_synced_at)
        VALUES (%(owner)s, %(item_id)s, %(cursor)s, %(update_status)s, %(now)s)
        ON CONFLICT (user_id, item_id) DO UPDATE SET
            cursor = excluded.cursor, update_status = excluded.update_status,
            last_synced_at = excluded.last_synced_at
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "cursor": cursor,
            "update_status": update_status,
            "now": now,
        },
    )


async def lock_item(db: Db, owner: UUID, item_id: UUID) -> Item | None:
    """Return an item that nobody else changes until this unit of work ends."""
    await db.execute(
        "SELECT 1 FROM plaid_items WHERE user_id = %s AND id = %s FOR NO KEY UPDATE",
        (owner, item_id),
    )
    found = await items(db, owner, item_id)
    return found[0] if found else None


async def item_tried(db: Db, owner: UUID, item_id: UUID, now: datetime) -> None:
    """Note that a read of an item has begun."""
    await db.execute(
        """
        UPDATE plaid_items SET last_attempt_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def name_institution(
    db: Db, owner: UUID, item_id: UUID, institution_id: str | None, name: str, now: datetime
) -> None:
    """Write which bank an item is at; without an id the known one stays."""
    await db.execute(
        """
        UPDATE plaid_items SET institution_id = coalesce(%(institution_id)s, institution_id),
               institution_name = %(name)s,
               updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "institution_id": institution_id,
            "name": name,
            "now": now,
        },
    )


async def set_next_try(db: Db, owner: UUID, item_id: UUID, at: datetime | None) -> None:
    """Set when an item is to be tried again by itself."""
    await db.execute(
        """
        UPDATE plaid_items SET next_try_at = %(at)s
        WHERE user_id = %(owner)s AND id = %(item_id)s
        """,
        {"owner": owner, "item_id": item_id, "at": at},
    )


async def disconnect(db: Db, owner: UUID, item_id: UUID, now: datetime) -> int:
    """Destroy an item's token and forget its cursor; its accounts and rows stay."""
    await db.execute(
        "DELETE FROM sync_cursors WHERE user_id = %(owner)s AND item_id = %(item_id)s",
        {"owner": owner, "item_id": item_id},
    )
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET status = 'disconnected', access_token = NULL, error_code = NULL,
               error_message = NULL, next_try_at = NULL, new_accounts_at = NULL,
               token_asked_at = NULL, paused_at = NULL, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def insert_refresh(db: Db, columns: dict[str, Any]) -> None:
    """Add a refresh of data that somebody or something asked for."""
    await db.execute(
        """
        INSERT INTO data_refresh_logs (user_id, id, item_id, refresh_type, status, started_at)
        VALUES (%(owner)s, %(id)s, %(item_id)s, %(refresh_type)s, 'pending', %(now)s)
        """,
        columns,
    )


async def refresh_progress(db: Db, owner: UUID, refresh_id: UUID, rows_fetched: int) -> None:
    """Show how many rows a running refresh has fetched; one that failed runs again."""
    await db.execute(
        """
        UPDATE data_refresh_logs SET status = 'running', rows_fetched = %(rows)s,
               completed_at = NULL, error_code = NULL, error_message = NULL
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": refresh_id, "rows": rows_fetched},
    )


async def end_refresh(db: Db, owner: UUID, refresh_id: UUID, columns: dict[str, Any]) -> None:
    """Write how a refresh ended."""
    nothing = {
        "accounts_updated": 0, "added": 0, "modified": 0, "removed": 0,
        "error_code": None, "error_message": None,
    }  # fmt: skip
    await db.execute(
        """
        UPDATE data_refresh_logs SET
            status = %(status)s, accounts_updated = %(accounts_updated)s, added = %(added)s,
            modified = %(modified)s, removed = %(removed)s, error_code = %(error_code)s,
            error_message = %(error_message)s, completed_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {**nothing, **columns, "owner": owner, "id": refresh_id},
    )


async def refreshes(
    db: Db,
    owner: UUID,
    item_id: UUID | None,
    refresh_id: UUID | None,
    limit: int,
    before: tuple[datetime, UUID] | tuple[None, None] = (None, None),
) -> list[Refresh]:
    """Return the newest refreshes that began before a place, of one item or of all."""
    return await core_db.many(
        db,
        Refresh,
        """
        SELECT id, item_id, refresh_type, status, accounts_updated, added, modified, removed,
               rows_fetched, error_code, error_message, started_at, completed_at
        FROM data_refresh_logs
        WHERE user_id = %(owner)s AND (%(item_id)s::uuid IS NULL OR item_id = %(item_id)s)
          AND (%(id)s::uuid IS NULL OR id = %(id)s)
          AND (%(at)s::timestamptz IS NULL
               OR (started_at, id) < (%(at)s::timestamptz, %(before_id)s::uuid))
        ORDER BY started_at DESC, id DESC LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "id": refresh_id,
            "limit": limit,
            "at": before[0],
            "before_id": before[1],
        },
    )


async def last_asked(db: Db, owner: UUID, item_id: UUID) -> datetime | None:
    """Return when the person last asked for an item to be read."""
    asked: datetime | None = await core_db.value(
        db,
        """
        SELECT max(started_at) FROM data_refresh_logs
        WHERE user_id = %(owner)s AND item_id = %(item_id)s AND refresh_type = 'manual'
        """,
        {"owner": owner, "item_id": item_id},
    )
    return asked
