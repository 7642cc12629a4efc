"""SQL of links' states, of resting and of silence. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom.connections.states import Health
from strongroom.core import db as core_db
from strongroom.core.db import Db


async def set_health(db: Db, owner: UUID, item_id: UUID, health: Health, now: datetime) -> None:
    """Write what a link is now, unless it was unlinked."""
    await db.execute(
        """
        UPDATE plaid_items SET
            status = %(status)s, error_code = %(error_code)s, error_message = NULL,
            consent_expires_at = %(consent)s, disconnects_at = %(disconnects)s,
            repaired_at = %(repaired)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "status": health.status.value,
            "error_code": health.error_code,
            "consent": health.consent_expires_at,
            "disconnects": health.disconnects_at,
            "repaired": health.repaired_at,
            "now": now,
        },
    )


async def read_well(
    db: Db, owner: UUID, item_id: UUID, again: datetime | None, now: datetime
) -> None:
    """Note that an item was read: nothing has failed since, and nobody need be told."""
    await db.execute(
        """
        UPDATE plaid_items SET
            failures = 0, next_try_at = %(again)s, alerted_at = NULL, error_message = NULL,
            last_successful_update = %(now)s, last_attempt_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
        """,
        {"owner": owner, "item_id": item_id, "again": again, "now": now},
    )


async def read_failed(
    db: Db, owner: UUID, item_id: UUID, message: str, again: datetime | None, now: datetime
) -> int:
    """Note that an item could not be read; return how often that happened in a row."""
    failures = await core_db.value(
        db,
        """
        UPDATE plaid_items SET
            error_message = %(message)s, failures = failures + 1, next_try_at = %(again)s,
            last_attempt_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
        RETURNING failures
        """,
        {"owner": owner, "item_id": item_id, "message": message, "again": again, "now": now},
    )
    return int(failures or 0)


async def alerted(db: Db, owner: UUID, item_id: UUID, now: datetime) -> None:
    """Note that the person knows that a link does not work."""
    await db.execute(
        "UPDATE plaid_items SET alerted_at = %s WHERE user_id = %s AND id = %s",
        (now, owner, item_id),
    )


async def forget_alert(db: Db, owner: UUID, item_id: UUID) -> None:
    """Begin to count anew: the person has set a link right."""
    await db.execute(
        """
        UPDATE plaid_items SET alerted_at = NULL, failures = 0, next_try_at = NULL
        WHERE user_id = %s AND id = %s
        """,
        (owner, item_id),
    )


async def set_paused(db: Db, owner: UUID, item_id: UUID, at: datetime | None) -> int:
    """Let a link rest since ``at``, or (None) wake it; return whether that changed anything."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET paused_at = %(at)s, next_try_at = NULL
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
          AND (paused_at IS NULL) <> (%(at)s::timestamptz IS NULL)
        """,
        {"owner": owner, "item_id": item_id, "at": at},
    )


async def offer_accounts(db: Db, owner: UUID, item_id: UUID, since: datetime, now: datetime) -> int:
    """Note that the bank has an account to offer; return whether that is new.

    It is not where the person has chosen accounts after ``since``.
    """
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET new_accounts_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
          AND new_accounts_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM link_sessions s
              WHERE s.user_id = %(owner)s AND s.item_id = %(item_id)s AND s.state = 'done'
                AND s.purpose = 'accounts' AND s.updated_at > %(since)s)
        """,
        {"owner": owner, "item_id": item_id, "since": since, "now": now},
    )


@dataclass(frozen=True, slots=True)
class Silent:
    """A link that was not read well for long, whose person does not know it yet."""

    user_id: UUID
    id: UUID


async def unheard_for_all(db: Db, environment: str, before: datetime, limit: int) -> list[Silent]:
    """Return links of which nothing was read well since ``before`` and nobody was told."""
    return await core_db.many(
        db,
        Silent,
        """
        SELECT user_id, id FROM plaid_items
        WHERE environment = %(environment)s AND status IN ('active', 'error')
          AND paused_at IS NULL AND alerted_at IS NULL
          AND coalesce(last_successful_update, created_at) < %(before)s
        ORDER BY created_at LIMIT %(limit)s
        """,
        {"environment": environment, "before": before, "limit": limit},
    )
