"""SQL of attempts to link or repair a bank, and of renewing an item's token. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.connections.types import LinkAccount, LinkSession
from strongroom.core import db as core_db
from strongroom.core.db import Db

_LINK_SESSION = """
    SELECT id, mode, state, hosted_link_url, item_id, institution_name, error_code, created_at,
           expires_at, purpose, duplicate_of, accounts
    FROM link_sessions
"""


async def insert_link_session(db: Db, columns: dict[str, Any]) -> None:
    """Add an attempt to link or repair."""
    await db.execute(
        """
        INSERT INTO link_sessions (
            user_id, id, link_token, link_token_hash, hosted_link_url, mode, purpose,
            item_id, institution_id, created_at, expires_at, updated_at)
        VALUES (%(owner)s, %(id)s, %(link_token)s, %(link_token_hash)s, %(hosted_link_url)s,
                %(mode)s, %(purpose)s, %(item_id)s, %(institution_id)s, %(now)s, %(expires_at)s,
                %(now)s)
        """,
        columns,
    )


async def link_session(db: Db, owner: UUID, session_id: UUID) -> LinkSession | None:
    """Return an attempt to link."""
    return await core_db.one(
        db,
        LinkSession,
        _LINK_SESSION + " WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": session_id},
    )


@dataclass(frozen=True, slots=True)
class Secrets:
    """An attempt's sealed tokens."""

    link_token: bytes
    public_token: bytes | None
    institution_id: str | None


async def link_secrets(db: Db, owner: UUID, session_id: UUID) -> Secrets | None:
    """Return an attempt's sealed tokens, its row locked so that one process finishes it."""
    return await core_db.one(
        db,
        Secrets,
        """
        SELECT link_token, public_token, institution_id FROM link_sessions
        WHERE user_id = %(owner)s AND id = %(id)s FOR UPDATE
        """,
        {"owner": owner, "id": session_id},
    )


async def move_link_session(
    db: Db, owner: UUID, session_id: UUID, now: datetime, **columns: Any
) -> None:
    """Bring an attempt to its next state, with what is known by then."""
    known = dict.fromkeys(
        ["public_token", "link_session_id", "institution_id", "institution_name", "error_code",
         "item_id", "duplicate_of", "accounts"]
    )  # fmt: skip
    told: Sequence[LinkAccount] | None = columns.pop("accounts", None)
    if told is not None:
        columns["accounts"] = Jsonb([asdict(one) for one in told])
    await db.execute(
        """
        UPDATE link_sessions SET
            state = %(state)s, public_token = %(public_token)s,
            link_session_id = coalesce(%(link_session_id)s, link_session_id),
            institution_id = coalesce(%(institution_id)s, institution_id),
            institution_name = coalesce(%(institution_name)s, institution_name),
            item_id = coalesce(%(item_id)s, item_id), error_code = %(error_code)s,
            duplicate_of = coalesce(%(duplicate_of)s, duplicate_of),
            accounts = coalesce(%(accounts)s::jsonb, accounts),
            updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {**known, **columns, "owner": owner, "id": session_id, "now": now},
    )


async def touch_link_session(db: Db, owner: UUID, session_id: UUID, now: datetime) -> None:
    """Note that an attempt was looked after, so that it waits behind the others."""
    await db.execute(
        """
        UPDATE link_sessions SET updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s AND state IN ('open', 'exchanging')
        """,
        {"owner": owner, "id": session_id, "now": now},
    )


async def one_link_at_a_time(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work decides about the owner's links; hold that till the end."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('links of ' || %s::text, 0))", (owner,)
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What Link told of the accounts of a link whose first data has not come yet."""

    session_id: UUID
    item_id: UUID | None
    accounts: list[dict[str, Any]]

    def __iter__(self) -> Any:
        """Iterate over the accounts as values."""
        return (LinkAccount(**one) for one in self.accounts)


async def told_not_read(
    db: Db, owner: UUID, institution_id: str | None, environment: str
) -> list[Told]:
    """Return what was told of links at a bank that are being made or were never read, oldest first.

    Their accounts are not ours to look at yet.
    """
    return await core_db.many(
        db,
        Told,
        """
        SELECT s.id AS session_id, i.id AS item_id, s.accounts
        FROM link_sessions s
        LEFT JOIN plaid_items i ON i.user_id = s.user_id AND i.id = s.item_id
        WHERE s.user_id = %(owner)s AND s.mode = 'link' AND s.accounts IS NOT NULL
          AND s.institution_id = %(institution_id)s
          AND (s.state = 'exchanging' OR (
                   s.state = 'done' AND i.status NOT IN ('disconnected', 'revoked')
                   AND i.environment = %(environment)s AND i.last_successful_update IS NULL))
        ORDER BY s.created_at, s.id
        """,
        {"owner": owner, "institution_id": institution_id, "environment": environment},
    )


async def uncompared(db: Db, owner: UUID, item_id: UUID) -> UUID | None:
    """Return the attempt that made an item of which nobody knows yet whether it may stay."""
    found: UUID | None = await core_db.value(
        db,
        """
        SELECT id FROM link_sessions
        WHERE user_id = %(owner)s AND item_id = %(item_id)s AND mode = 'link'
          AND state = 'exchanging'
        """,
        {"owner": owner, "item_id": item_id},
    )
    return found


async def leave_uncompared(db: Db, owner: UUID, item_id: UUID, now: datetime) -> None:
    """End the attempt that made an item which was unlinked before it was compared."""
    await db.execute(
        """
        UPDATE link_sessions SET state = 'exited', updated_at = %(now)s
        WHERE user_id = %(owner)s AND item_id = %(item_id)s AND mode = 'link'
          AND state = 'exchanging'
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def forget_item(db: Db, owner: UUID, item_id: UUID, session_id: UUID) -> None:
    """Delete an item that was removed again before anything was read for it.

    Whatever was begun to repair it is over; the attempt that made it is the caller's to move.
    """
    keys = {"owner": owner, "item_id": item_id, "session_id": session_id}
    await db.execute(
        """
        UPDATE link_sessions SET item_id = NULL,
               state = CASE WHEN id <> %(session_id)s AND state IN ('open', 'exchanging')
                            THEN 'expired' ELSE state END
        WHERE user_id = %(owner)s AND item_id = %(item_id)s
        """,
        keys,
    )
    await db.execute("DELETE FROM plaid_items WHERE user_id = %(owner)s AND id = %(item_id)s", keys)


async def end_undecided_for_all(db: Db, before: datetime, now: datetime) -> int:
    """End attempts whose person did not choose what to do since ``before``; forget their tokens."""
    return await core_db.execute(
        db,
        """
        UPDATE link_sessions SET state = 'expired', public_token = NULL, updated_at = %(now)s
        WHERE state = 'duplicate' AND updated_at < %(before)s
        """,
        {"before": before, "now": now},
    )


async def forget_link_sessions_for_all(db: Db, *, before: datetime) -> int:
    """Delete attempts that made no link and ended before an instant; return how many."""
    return await core_db.execute(
        db,
        """
        DELETE FROM link_sessions
        WHERE state IN ('exited', 'expired', 'lost') AND item_id IS NULL
          AND updated_at < %(before)s
        """,
        {"before": before},
    )


async def answer_new_accounts(db: Db, owner: UUID, item_id: UUID, now: datetime) -> int:
    """Note that the person has answered for the accounts that the bank offers."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET new_accounts_at = NULL, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND new_accounts_at IS NOT NULL
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def ask_token(db: Db, owner: UUID, item_id: UUID, now: datetime) -> None:
    """Note that a new token is asked for: until its answer is stored, the old one may be dead."""
    await db.execute(
        """
        UPDATE plaid_items SET token_asked_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def store_token(db: Db, owner: UUID, item_id: UUID, sealed: bytes, now: datetime) -> int:
    """Put a new token in the place of the old one."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_items SET access_token = %(sealed)s, token_renewed_at = %(now)s,
               token_asked_at = NULL, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND status <> 'disconnected'
        """,
        {"owner": owner, "item_id": item_id, "sealed": sealed, "now": now},
    )


async def ask_again_later(db: Db, owner: UUID, item_id: UUID, now: datetime) -> None:
    """Put an item whose token is not found out about yet behind the others."""
    await db.execute(
        """
        UPDATE plaid_items SET token_asked_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(item_id)s AND token_asked_at IS NOT NULL
        """,
        {"owner": owner, "item_id": item_id, "now": now},
    )


async def token_stays(db: Db, owner: UUID, item_id: UUID) -> None:
    """Note that the token we have is good after all."""
    await db.execute(
        """
        UPDATE plaid_items SET token_asked_at = NULL
        WHERE user_id = %(owner)s AND id = %(item_id)s
        """,
        {"owner": owner, "item_id": item_id},
    )


@dataclass(frozen=True, slots=True)
class Aged:
    """An item whose token is due to be renewed, or may have been lost."""

    user_id: UUID
    id: UUID
    since: datetime


async def old_tokens_for_all(
    db: Db, environment: str, before: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[Aged]:
    """Return the items whose token is from before ``before``, oldest first, past ``after``."""
    since, last = after or (None, None)
    return await core_db.many(
        db,
        Aged,
        """
        SELECT user_id, id, coalesce(token_renewed_at, created_at) AS since
        FROM plaid_items
        WHERE access_token IS NOT NULL AND environment = %(environment)s
          AND status NOT IN ('revoked', 'disconnected') AND token_asked_at IS NULL
          AND coalesce(token_renewed_at, created_at) < %(before)s
          AND (%(since)s::timestamptz IS NULL
               OR (coalesce(token_renewed_at, created_at), id) > (%(since)s, %(last)s::uuid))
        ORDER BY coalesce(token_renewed_at, created_at), id LIMIT %(limit)s
        """,
        {
            "environment": environment,
            "before": before,
            "since": since,
            "last": last,
            "limit": limit,
        },
    )


async def asked_tokens_for_all(
    db: Db, environment: str, before: datetime, limit: int
) -> list[Aged]:
    """Return the items whose new token was asked for before ``before`` and never stored."""
    return await core_db.many(
        db,
        Aged,
        """
        SELECT user_id, id, token_asked_at AS since FROM plaid_items
        WHERE token_asked_at < %(before)s AND environment = %(environment)s
          AND access_token IS NOT NULL
        ORDER BY token_asked_at LIMIT %(limit)s
        """,
        {"environment": environment, "before": before, "limit": limit},
    )
