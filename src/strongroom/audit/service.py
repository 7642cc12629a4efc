"""The verbs of the audit log: record what was done, check chains, publish their heads.

Decides nothing about what is worth recording: each verb of each domain does that itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from strongroom.audit import heads, queries, rules
from strongroom.audit.types import Details, Entry, Head, Verified
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.paging import Page, decode_cursor, encode_cursor

_ORDER = "audit newest"
_MOST = 500
_BATCH = 1000
_NEWER_THAN_ANY = 2**62

_key: bytes | None = None


def use_key(key: bytes) -> None:
    """Set the key of every chain: called once by wiring, with ``ring.derive("audit chain")``."""
    global _key  # noqa: PLW0603 - one installation, one key; passing it to every verb says nothing
    _key = key


async def record(
    db: Db,
    *,
    owner: UserId,
    actor: str,
    action: str,
    resource_type: str | None = None,
    resource_id: str | None = None,
    details: Details | None = None,
    ip: str | None = None,
    user_agent: str | None = None,
    now: datetime,
) -> Entry:
    """Add a row to ``owner``'s chain, in this unit of work; ``SYSTEM`` owns what is nobody's.

    Units of work that add to one chain take turns from here on, so call it last. ``details``
    name fields and counts, never secrets. Raises ``RuntimeError`` without a key.
    """
    key = _the_key()
    await queries.lock_chain(db, owner)
    before = await queries.head(db, owner)
    entry = Entry(
        user_id=owner,
        seq=1 if before is None else before.seq + 1,
        at=now,
        actor=actor,
        action=action,
        resource_type=resource_type,
        resource_id=resource_id,
        details=rules.clean_details(details),
        ip_address=rules.clean_address(ip),
        user_agent=rules.clean_text(user_agent),
        prev_hash=rules.GENESIS if before is None else before.hash,
        hash=b"",
    )
    entry = replace(entry, hash=rules.link(key, entry))
    await queries.add(db, entry)
    return entry


async def list_newest(
    db: Db, *, owner: UserId, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Return rows of ``owner``'s chain, newest first; ``before`` is the ``seq`` to go on from."""
    return await queries.newest(db, owner, before or _NEWER_THAN_ANY, limit)


async def list_page(
    db: Db, *, owner: UserId, before: str | None = None, limit: int = 50
) -> Page[Entry]:
    """Return rows of ``owner``'s chain, newest first, a page at a time.

    ``before`` is a page's ``next``. Raises ``BadCursor``.
    """
    limit = max(1, min(limit, _MOST))
    start = None if before is None else decode_cursor(_ORDER, before, int)[0]
    rows = await list_newest(db, owner=owner, before=start, limit=limit + 1)
    page = rows[:limit]
    return Page(page, encode_cursor(_ORDER, page[-1].seq) if len(rows) > limit else None)


async def verify(
    db: Db, *, owner: UserId, published: Mapping[int, bytes] | None = None
) -> Verified:
    """Check every row of ``owner``'s chain, and against hashes published by ``seq`` if given."""
    key = _the_key()
    kept = published or {}
    so_far = rules.start(owner)
    while so_far.holds:
        rows = await queries.page(db, owner, so_far.count, _BATCH)
        so_far = rules.check(key, rows, so_far=so_far, published=kept)
        if len(rows) < _BATCH:
            break
    return rules.finish(so_far, kept)


async def verify_for_all(db: Db, path: Path) -> list[Verified]:
    """Check every chain against itself and against the heads published in ``path``.

    For the system role. Raises ``HeadsNotReadable``.
    """
    published = await asyncio.to_thread(heads.read, path)
    owners = {*await queries.owners_for_all(db), *published}
    return [
        await verify(db, owner=UserId(owner), published=published.get(owner))
        for owner in sorted(owners)
    ]


async def newest_heads_for_all(db: Db) -> list[Head]:
    """Return the head of every chain, for ``publish_heads``. For the system role."""
    return await queries.heads_for_all(db)


async def publish_heads(newest: Sequence[Head], path: Path, *, now: datetime) -> int:
    """Append those heads to ``path``, outside the database, that it lacks; return how many.

    Called after the unit of work that read them: no connection waits for a disk. Raises
    ``HeadsNotReadable``.
    """
    return await asyncio.to_thread(heads.append, path, newest, now)


def _the_key() -> bytes:
    if _key is None:
        raise RuntimeError("audit.use_key was not called")
    return _key
