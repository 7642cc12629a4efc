"""SQL of the logs that support needs: calls to Plaid, Link's events, webhooks. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.connections.troubles import BANK_DOWN, CODES
from strongroom.connections.types import ApiCall
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id

Place = tuple[datetime, UUID] | tuple[None, None]
"""Where a page of a log begins: before this instant and id; from the newest on without."""


async def insert_calls(db: Db, owner: UUID, item_id: UUID | None, calls: Sequence[ApiCall]) -> None:
    """Store the calls of one flow."""
    if not calls:
        return
    async with db.cursor() as cursor:
        await cursor.executemany(
            """
            INSERT INTO plaid_api_events (
                user_id, id, item_id, method, arguments, request_id, error_type, error_code,
                duration_ms, created_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    owner,
                    new_id(),
                    item_id,
                    call.method,
                    Jsonb(dict(call.arguments)),
                    call.request_id,
                    call.error_type,
                    call.error_code,
                    call.duration_ms,
                    call.created_at,
                )
                for call in calls
            ],
        )


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """One logged call to Plaid; its arguments hold no secret."""

    id: UUID
    item_id: UUID | None
    method: str
    arguments: dict[str, Any]
    request_id: str | None
    error_type: str | None
    error_code: str | None
    duration_ms: int
    created_at: datetime


async def api_events(
    db: Db, owner: UUID, item_id: UUID | None, limit: int, before: Place = (None, None)
) -> list[ApiEvent]:
    """Return the newest calls made for a person before a place, of one item or of all."""
    return await core_db.many(
        db,
        ApiEvent,
        """
        SELECT id, item_id, method, arguments, request_id, error_type, error_code, duration_ms,
               created_at
        FROM plaid_api_events
        WHERE user_id = %(owner)s AND (%(item_id)s::uuid IS NULL OR item_id = %(item_id)s)
          AND (%(at)s::timestamptz IS NULL
               OR (created_at, id) < (%(at)s::timestamptz, %(before_id)s::uuid))
        ORDER BY created_at DESC, id DESC LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "limit": limit,
            "at": before[0],
            "before_id": before[1],
        },
    )


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """How one Link session ended, in the three flows of Plaid's pattern."""

    id: UUID
    type: str
    link_session_id: str | None
    request_id: str | None
    error_type: str | None
    error_code: str | None
    created_at: datetime


async def insert_link_event(db: Db, columns: dict[str, Any]) -> None:
    """Store how a Link session ended."""
    await db.execute(
        """
        INSERT INTO link_events (
            user_id, id, type, link_session_id, request_id, error_type, error_code, created_at)
        VALUES (%(owner)s, %(id)s, %(type)s, %(link_session_id)s, %(request_id)s,
                %(error_type)s, %(error_code)s, %(now)s)
        """,
        columns,
    )


async def insert_late_event(
    db: Db, owner: UUID, session_id: UUID, event_id: UUID, type_: str, now: datetime
) -> None:
    """Store how an attempt's Link session ended, where only its comparison could tell."""
    await db.execute(
        """
        INSERT INTO link_events (user_id, id, type, link_session_id, created_at)
        SELECT user_id, %(event_id)s, %(type)s, link_session_id, %(now)s FROM link_sessions
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": session_id, "event_id": event_id, "type": type_, "now": now},
    )


async def link_events(
    db: Db, owner: UUID, limit: int, item_id: UUID | None = None, before: Place = (None, None)
) -> list[LinkEvent]:
    """Return a person's newest Link events before a place, of one item or of all."""
    return await core_db.many(
        db,
        LinkEvent,
        """
        SELECT id, type, link_session_id, request_id, error_type, error_code, created_at
        FROM link_events e
        WHERE e.user_id = %(owner)s AND (%(item_id)s::uuid IS NULL OR EXISTS (
            SELECT 1 FROM link_sessions s
            WHERE s.user_id = e.user_id AND s.item_id = %(item_id)s
              AND s.link_session_id = e.link_session_id))
          AND (%(at)s::timestamptz IS NULL
               OR (e.created_at, e.id) < (%(at)s::timestamptz, %(before_id)s::uuid))
        ORDER BY created_at DESC, id DESC LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "limit": limit,
            "at": before[0],
            "before_id": before[1],
        },
    )


async def store_webhook(db: Db, columns: dict[str, Any]) -> bool:
    """Store a webhook before it is answered; return whether it is the first of its kind."""
    first = await core_db.value(
        db,
        """
        SELECT store_webhook(%(id)s, %(hash)s, %(body)s, %(type)s, %(code)s, %(item)s, %(now)s)
        """,
        columns,
        same_plan=True,
    )
    return bool(first)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A stored webhook and whom it is for, where that is known."""

    id: UUID
    webhook_type: str
    webhook_code: str
    body: bytes
    attempts: int
    received_at: datetime
    user_id: UUID | None
    item_id: UUID | None


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One webhook as its log shows it. ``times_seen``: how often it was sent, in the same words."""

    id: UUID
    webhook_type: str
    webhook_code: str
    state: str
    attempts: int
    times_seen: int
    received_at: datetime
    handled_at: datetime | None


async def webhooks_of(
    db: Db, items: Sequence[UUID], limit: int, before: Place = (None, None)
) -> list[WebhookEvent]:
    """Return the newest webhooks before a place about some of the person's own links."""
    return await core_db.many(
        db,
        WebhookEvent,
        """
        SELECT id, webhook_type, webhook_code, state, attempts, times_seen, received_at, handled_at
        FROM webhooks_of(%(items)s::uuid[], %(at)s, %(before_id)s, %(limit)s)
        """,
        {"items": list(items), "limit": limit, "at": before[0], "before_id": before[1]},
    )


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """One webhook as whoever runs the server sees it. ``known``: its item is one of ours."""

    id: UUID
    webhook_type: str
    webhook_code: str
    plaid_item_id: str | None
    known: bool
    state: str
    attempts: int
    times_seen: int
    error: str | None
    received_at: datetime
    handled_at: datetime | None


async def webhooks_for_all(db: Db, state: str | None, limit: int) -> list[StoredWebhook]:
    """Return the newest webhooks, or those in one state."""
    return await core_db.many(
        db,
        StoredWebhook,
        """
        SELECT w.id, w.webhook_type, w.webhook_code, w.plaid_item_id,
               EXISTS (SELECT 1 FROM plaid_items i WHERE i.plaid_item_id = w.plaid_item_id)
                   AS known,
               w.state, w.attempts, w.times_seen, w.error, w.received_at, w.handled_at
        FROM webhook_events w
        WHERE %(state)s::text IS NULL OR w.state = %(state)s
        ORDER BY w.received_at DESC, w.id DESC LIMIT %(limit)s
        """,
        {"state": state, "limit": limit},
    )


async def replay_for_all(db: Db, webhook_id: UUID | None, now: datetime) -> int:
    """Put one webhook, or (None) every dead letter, back among those that wait."""
    return await core_db.execute(
        db,
        """
        UPDATE webhook_events SET state = 'received', attempts = 0, error = NULL,
               handled_at = NULL, received_at = %(now)s
        WHERE id = %(id)s OR (%(id)s::uuid IS NULL AND state = 'dead')
        """,
        {"id": webhook_id, "now": now},
    )


async def next_webhooks_for_all(db: Db, now: datetime, limit: int) -> list[Webhook]:
    """Take the oldest webhooks to handle, locked until the unit of work ends.

    One that failed rests for a while, longer each time; those of a resting link wait with it.
    """
    return await core_db.many(
        db,
        Webhook,
        """
        SELECT w.id, w.webhook_type, w.webhook_code, w.body, w.attempts, w.received_at,
               i.user_id, i.id AS item_id
        FROM webhook_events w
        LEFT JOIN plaid_items i ON i.plaid_item_id = w.plaid_item_id
        WHERE i.paused_at IS NULL AND (w.state = 'received' OR (
            w.state = 'failed'
            AND w.handled_at < %(now)s - interval '5 seconds' * w.attempts * w.attempts))
        ORDER BY w.received_at, w.id LIMIT %(limit)s
        FOR UPDATE OF w SKIP LOCKED
        """,
        {"now": now, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class Handled:
    """How handling a webhook went: ``state`` done, failed or dead, and why."""

    id: UUID
    state: str
    error: str | None


async def end_webhooks_for_all(db: Db, handled: Sequence[Handled], now: datetime) -> None:
    """Write how handling webhooks went."""
    await db.execute(
        """
        UPDATE webhook_events w SET state = h.state, error = h.error,
               attempts = attempts + 1, handled_at = %(now)s
        FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(errors)s::text[]) h (id, state, error)
        WHERE w.id = h.id
        """,
        {
            "ids": [one.id for one in handled],
            "states": [one.state for one in handled],
            "errors": [one.error for one in handled],
            "now": now,
        },
    )


@dataclass(frozen=True, slots=True)
class Owned:
    """The id of something, and whose it is."""

    user_id: UUID
    id: UUID


async def unfinished_links_for_all(db: Db, before: datetime, limit: int) -> list[Owned]:
    """Return attempts to link that nobody has moved since ``before``.

    Those that have made a link already are the watchdog's: it is compared before it is read.
    """
    return await core_db.many(
        db,
        Owned,
        """
        SELECT user_id, id FROM link_sessions
        WHERE (state = 'open' OR state = 'exchanging' AND item_id IS NULL)
          AND updated_at < %(before)s
        ORDER BY updated_at LIMIT %(limit)s
        """,
        {"before": before, "limit": limit},
    )


async def somebody_links_for_all(db: Db) -> bool:
    """Return whether an exchange is under way, or was left half-way and is still to be finished."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM link_sessions
                           WHERE state = 'exchanging' AND item_id IS NULL)
            """,
        )
    )


async def link_by_token_for_all(db: Db, token_hash: bytes) -> Owned | None:
    """Return the attempt that a link token belongs to."""
    return await core_db.one(
        db,
        Owned,
        "SELECT user_id, id FROM link_sessions WHERE link_token_hash = %(hash)s",
        {"hash": token_hash},
    )


async def silent_items_for_all(
    db: Db, environment: str, before: datetime, now: datetime, limit: int
) -> list[Owned]:
    """Return links that were not tried since ``before``, or whose next try is due.

    Those that wait for their person are among them once a day: what was told of them may be old.
    While a bank does not answer for one link, its others wait for that one's next try, until one
    of them was read well since.
    """
    return await core_db.many(
        db,
        Owned,
        """
        WITH down AS (
            SELECT institution_id, max(last_attempt_at) AS since, max(next_try_at) AS until
            FROM plaid_items
            WHERE environment = %(environment)s AND error_code = ANY (%(bank_down)s)
              AND status = 'error' AND paused_at IS NULL AND next_try_at IS NOT NULL
            GROUP BY institution_id)
        SELECT i.user_id, i.id FROM plaid_items i
        LEFT JOIN down d ON d.institution_id = i.institution_id AND d.until > %(now)s
          AND i.next_try_at IS DISTINCT FROM d.until
          AND NOT EXISTS (
              SELECT 1 FROM plaid_items w
              WHERE w.institution_id = d.institution_id AND w.environment = i.environment
                AND w.last_successful_update > d.since)
        WHERE i.environment = %(environment)s AND i.status <> 'disconnected'
          AND i.paused_at IS NULL AND d.institution_id IS NULL
          AND (i.next_try_at <= %(now)s
               OR coalesce(i.last_attempt_at, i.created_at) <
                  CASE WHEN i.status IN ('login_required', 'revoked')
                       THEN %(now)s - interval '1 day' ELSE %(before)s END)
        ORDER BY coalesce(i.last_attempt_at, i.created_at) LIMIT %(limit)s
        """,
        {
            "environment": environment,
            "before": before,
            "now": now,
            "limit": limit,
            "bank_down": [code for code, one in CODES.items() if one is BANK_DOWN],
        },
    )


async def forget_webhooks_for_all(db: Db, before: datetime, dead: datetime, limit: int) -> int:
    """Delete the oldest webhooks handled ``before``, and dead letters older than ``dead``."""
    return await core_db.execute(
        db,
        """
        DELETE FROM webhook_events WHERE id IN (
            SELECT id FROM webhook_events
            WHERE (state = 'done' AND handled_at < %(before)s)
               OR (state = 'dead' AND handled_at < %(dead)s)
            LIMIT %(limit)s)
        """,
        {"before": before, "dead": dead, "limit": limit},
    )


async def forget_calls_for_all(db: Db, before: datetime, limit: int) -> int:
    """Delete the log of some calls to Plaid made ``before``."""
    return await core_db.execute(
        db,
        """
        DELETE FROM plaid_api_events WHERE (user_id, id) IN (
            SELECT user_id, id FROM plaid_api_events WHERE created_at < %(before)s
            LIMIT %(limit)s)
        """,
        {"before": before, "limit": limit},
    )
