"""The SQL of the audit log. Rows are added, never changed: no role has the privilege."""

from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.audit.types import Entry, Head
from strongroom.core.db import Db, execute, many, one


@dataclass(frozen=True, slots=True)
class _Owner:
    user_id: UUID


async def lock_chain(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work is adding to this chain; hold it until ours ends."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('audit chain ' || %s, 0))", (str(owner),)
    )


async def head(db: Db, owner: UUID) -> Head | None:
    """Return the newest row's place and hash."""
    return await one(
        db,
        Head,
        "SELECT user_id, seq, hash FROM audit_log WHERE user_id = %s ORDER BY seq DESC LIMIT 1",
        (owner,),
    )


async def add(db: Db, entry: Entry) -> None:
    """Add a row."""
    await execute(
        db,
        "INSERT INTO audit_log (user_id, seq, at, actor, action, resource_type, resource_id,"
        " details, ip_address, user_agent, prev_hash, hash)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::inet, %s, %s, %s)",
        (
            entry.user_id,
            entry.seq,
            entry.at,
            entry.actor,
            entry.action,
            entry.resource_type,
            entry.resource_id,
            Jsonb(entry.details),
            entry.ip_address,
            entry.user_agent,
            entry.prev_hash,
            entry.hash,
        ),
    )


async def page(db: Db, owner: UUID, after: int, limit: int) -> list[Entry]:
    """Return the rows that follow ``after``, oldest first."""
    return await many(
        db,
        Entry,
        "SELECT user_id, seq, at, actor, action, resource_type, resource_id, details,"
        " host(ip_address) AS ip_address, user_agent, prev_hash, hash"
        " FROM audit_log WHERE user_id = %s AND seq > %s ORDER BY seq LIMIT %s",
        (owner, after, limit),
    )


async def newest(db: Db, owner: UUID, before: int, limit: int) -> list[Entry]:
    """Return the rows that come before ``before``, newest first."""
    return await many(
        db,
        Entry,
        "SELECT user_id, seq, at, actor, action, resource_type, resource_id, details,"
        " host(ip_address) AS ip_address, user_agent, prev_hash, hash"
        " FROM audit_log WHERE user_id = %s AND seq < %s ORDER BY seq DESC LIMIT %s",
        (owner, before, limit),
    )


async def owners_for_all(db: Db) -> list[UUID]:
    """Return everyone who has a chain."""
    rows = await many(db, _Owner, "SELECT DISTINCT user_id FROM audit_log ORDER BY user_id")
    return [row.user_id for row in rows]


async def heads_for_all(db: Db) -> list[Head]:
    """Return the head of every chain."""
    return await many(
        db,
        Head,
        "SELECT DISTINCT ON (user_id) user_id, seq, hash FROM audit_log ORDER BY user_id, seq DESC",
    )
