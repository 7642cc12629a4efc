"""Webhooks: stored before they are answered, then drained by the worker, oldest first.

A webhook is a hint: it never carries data into the book, it makes us ask. Plaid sends it late,
twice and out of order, so what it says of an item's health is asked for again too. What it does is
stored together with the note that it was handled. Signatures are checked in ``signatures``.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from strongroom.connections import linking, log_queries, queries, reactions, wire
from strongroom.connections.errors import BadWebhook
from strongroom.connections.links import Links
from strongroom.connections.log_queries import Handled, StoredWebhook, Webhook
from strongroom.connections.signatures import WebhookKeys
from strongroom.connections.types import Status
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, StrongroomError
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.queue import enqueue

_BATCH = 200
_WAIT_FOR_ITEM = timedelta(hours=1)
_MOST_ATTEMPTS = 10
_LARGEST_BODY = 256 * 1024
_CANNOT_HANDLE = (
    StrongroomError, psycopg.Error, AttributeError, LookupError, TypeError, ValueError,
)  # fmt: skip
_TOKENS = ("link_token", "public_token", "public_tokens", "access_token")

SESSION_ENDS = frozenset({("LINK", "SESSION_FINISHED"), ("LINK", "ITEM_ADD_RESULT")})
"""What says that a Link session has a result: how it went is asked for."""


def keys_for(links: Links) -> WebhookKeys:
    """Return the keys that this process checks webhooks with."""

    async def fetch(key_id: str) -> dict[str, Any]:
        return await linking.key_of_webhooks(links, links.feed(), key_id)

    return WebhookKeys(fetch)


async def receive(links: Links, keys: WebhookKeys, body: bytes, signature: str | None) -> None:
    """Check a webhook and store it; only then may it be answered with success.

    Of one that holds a token (Link's do) only its kind and the hash of its link token are stored.
    Raises ``BadWebhook``, and ``Unavailable`` when it could not be stored: Plaid sends it again.
    """
    now = links.clock()
    if len(body) > _LARGEST_BODY:
        raise BadWebhook("The message is too large.")
    signed = await keys.verify(body, signature, now)
    message = _read(body)
    kind, code = _name(message, "webhook_type"), _name(message, "webhook_code")
    item = None if message.get("item_id") is None else _name(message, "item_id")
    if (kind, code) in reactions.BY_SIGNATURE:
        message[reactions.SIGNED_AT] = signed.isoformat()
        body = json.dumps(message).encode()
    async with links.database.unit_of_work_for_nobody() as db:
        await log_queries.store_webhook(
            db,
            {
                "id": new_id(),
                "hash": hashlib.sha256(body).digest(),
                "body": _without_tokens(body, message),
                "type": kind,
                "code": code,
                "item": item,
                "now": now,
            },
        )


def _name(message: dict[str, Any], field: str) -> str:
    """Return a text that says what a message is about; it must be one that can be stored."""
    name = message.get(field)
    if not isinstance(name, str) or name != wire.shown(name):
        raise BadWebhook(f"The message's {field} is not a text.")
    return name


def _without_tokens(body: bytes, message: dict[str, Any]) -> bytes:
    if message["webhook_type"] != "LINK" and not any(token in message for token in _TOKENS):
        return body
    kept = {name: message[name] for name in ("webhook_type", "webhook_code")}
    token = message.get("link_token")
    if isinstance(token, str):
        kept[_HASH] = linking.token_hash(token).hex()
    return json.dumps(kept).encode()


_HASH = "link_token_sha256"


async def drain_for_all(links: Links) -> int:
    """Handle the webhooks that wait, oldest first; return how many were taken up.

    One that cannot be handled rests while the others go on; it is tried again, then set aside as
    dead. One for an item we do not know waits a while: its exchange may be under way.
    """
    now = links.clock()
    async with links.database.unit_of_work_for_all() as db:
        taken = await log_queries.next_webhooks_for_all(db, now, _BATCH)
        handled = [await _ended(db, webhook, now) for webhook in taken]
        if handled:
            await log_queries.end_webhooks_for_all(db, handled, now)
    return len(taken)


async def _ended(db: Db, webhook: Webhook, now: datetime) -> Handled:
    """Handle one, and undo what it did if it fails; return how it went."""
    try:
        # Of a link that is not known nothing is written, so there is nothing to undo.
        writes = webhook.user_id is not None or _ends_session(webhook)
        async with db.transaction() if writes else nullcontext():
            state = await _handle(db, webhook, now)
    except _CANNOT_HANDLE as fault:
        said = fault.message if isinstance(fault, StrongroomError) else repr(fault)
        last = webhook.attempts + 1 >= _MOST_ATTEMPTS
        return Handled(webhook.id, "dead" if last else "failed", wire.shown(said))
    return Handled(webhook.id, state, None)


async def _handle(db: Db, webhook: Webhook, now: datetime) -> str:
    message = _read(webhook.body)
    if _ends_session(webhook):
        return await _session_ended(db, message)
    react = reactions.reaction_to(webhook.webhook_type, webhook.webhook_code)
    if react is reactions.note:
        return "done"
    if webhook.user_id is None or webhook.item_id is None:
        is_new = now - webhook.received_at < _WAIT_FOR_ITEM
        return "failed" if is_new or await log_queries.somebody_links_for_all(db) else "dead"
    owner, item_id = UserId(webhook.user_id), ItemId(webhook.item_id)
    item = await queries.lock_item(db, owner, item_id)
    if item is not None and item.status is not Status.DISCONNECTED:
        await react(reactions.Said(db, owner, item, message, now))
    return "done"


def _ends_session(webhook: Webhook) -> bool:
    return (webhook.webhook_type, webhook.webhook_code) in SESSION_ENDS


async def _session_ended(db: Db, message: dict[str, Any]) -> str:
    link_hash = bytes.fromhex(str(message.get(_HASH, "")))
    found = await log_queries.link_by_token_for_all(db, link_hash)
    if found is None:
        return "dead"
    await enqueue(
        db,
        "connections.finish_link",
        once=f"connections.finish_link {found.id}",
        owner=str(found.user_id),
        session=str(found.id),
    )
    return "done"


def _read(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise BadWebhook("The message is not JSON.") from error
    if not isinstance(message, dict):
        raise BadWebhook("The message is not an object.")
    return message


class WebhookNotFound(NotFound):
    """No stored webhook has that id."""


async def list_for_all(db: Db, *, dead: bool = False, limit: int = 50) -> list[StoredWebhook]:
    """Return the newest stored webhooks, or those set aside as dead, for who runs the server."""
    return await log_queries.webhooks_for_all(db, "dead" if dead else None, limit)


async def replay_for_all(db: Db, *, webhook_id: UUID | None, now: datetime) -> int:
    """Have one webhook, or every dead one, handled again as if it came now; return how many.

    Raises ``WebhookNotFound``. Repeating is safe: a webhook only makes us ask.
    """
    count = await log_queries.replay_for_all(db, webhook_id, now)
    if webhook_id is not None and not count:
        raise WebhookNotFound("There is no such webhook.", hint="See: connections webhooks --dead")
    return count
