"""SQL of tags, one function a statement. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id
from strongroom.transactions.tags.types import Hand, Tag, TagId


@dataclass(frozen=True, slots=True)
class UseRow:
    """A tag and how many rows have it."""

    id: UUID
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class _TaggedRow:
    transaction_id: UUID
    id: UUID
    name: str
    tagged_by: Hand


async def uses(db: Db, owner: UUID) -> list[UseRow]:
    """Return a person's tags by name, with how many rows have each."""
    return await core_db.many(
        db,
        UseRow,
        """
        SELECT g.id, g.name, count(x.transaction_id)::int AS rows
        FROM tags g
        LEFT JOIN transaction_tags x ON x.user_id = g.user_id AND x.tag_id = g.id
        WHERE g.user_id = %(owner)s
        GROUP BY g.id, g.name
        ORDER BY lower(g.name), g.id
        """,
        {"owner": owner},
    )


async def names(db: Db, owner: UUID) -> list[str]:
    """Return what a person's tags are called."""
    cursor = await db.execute(
        "SELECT name FROM tags WHERE user_id = %(owner)s ORDER BY lower(name), id",
        {"owner": owner},
    )
    return [row[0] for row in await cursor.fetchall()]


async def made_at(db: Db, owner: UUID, now: datetime) -> list[str]:
    """Return what the tags are called that a person has from this very instant on."""
    cursor = await db.execute(
        "SELECT name FROM tags WHERE user_id = %(owner)s AND created_at = %(now)s",
        {"owner": owner, "now": now},
    )
    return [row[0] for row in await cursor.fetchall()]


async def of_rows(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> dict[UUID, list[Tag]]:
    """Return the tags of rows, by name; rows without any are left out."""
    rows = await core_db.many(
        db,
        _TaggedRow,
        """
        SELECT x.transaction_id, g.id, g.name, x.tagged_by
        FROM transaction_tags x
        JOIN tags g ON g.user_id = x.user_id AND g.id = x.tag_id
        WHERE x.user_id = %(owner)s AND x.transaction_id = ANY(%(ids)s)
        ORDER BY x.transaction_id, lower(g.name), g.id
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )
    found: dict[UUID, list[Tag]] = defaultdict(list)
    for row in rows:
        found[row.transaction_id].append(Tag(TagId(row.id), row.name, row.tagged_by))
    return dict(found)


async def rows_with(db: Db, owner: UUID, tag_id: UUID) -> list[UUID]:
    """Return the rows that have a tag."""
    cursor = await db.execute(
        """
        SELECT transaction_id FROM transaction_tags
        WHERE user_id = %(owner)s AND tag_id = %(tag_id)s
        """,
        {"owner": owner, "tag_id": tag_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def find(db: Db, owner: UUID, names: Sequence[str]) -> list[UUID]:
    """Return the tags of these names, however their letters are written."""
    cursor = await db.execute(
        """
        SELECT id FROM tags
        WHERE user_id = %(owner)s
          AND lower(name) IN (SELECT lower(n) FROM unnest(%(names)s::text[]) AS n)
        """,
        {"owner": owner, "names": list(names)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def make(db: Db, owner: UUID, names: Sequence[str], now: datetime) -> None:
    """Make the tags of these names that there are not yet."""
    await db.execute(
        """
        INSERT INTO tags (user_id, id, name, created_at)
        SELECT %(owner)s, n.id, n.name, %(now)s
        FROM unnest(%(ids)s::uuid[], %(names)s::text[]) AS n (id, name)
        ON CONFLICT (user_id, lower(name)) DO NOTHING
        """,
        {"owner": owner, "ids": [new_id() for _ in names], "names": list(names), "now": now},
    )


async def put_on(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], tag_ids: Sequence[UUID], hand: Hand
) -> None:
    """Put tags on rows; what is there already stays as it is."""
    await db.execute(
        """
        INSERT INTO transaction_tags (user_id, transaction_id, tag_id, tagged_by)
        SELECT %(owner)s, t.id, g.id, %(hand)s
        FROM transactions t CROSS JOIN tags g
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s)
          AND g.user_id = %(owner)s AND g.id = ANY(%(tag_ids)s)
        ON CONFLICT (user_id, transaction_id, tag_id) DO NOTHING
        """,
        {"owner": owner, "ids": list(transaction_ids), "tag_ids": list(tag_ids), "hand": hand},
    )


async def take_off(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], tag_ids: Sequence[UUID]
) -> None:
    """Take tags off rows."""
    await db.execute(
        """
        DELETE FROM transaction_tags
        WHERE user_id = %(owner)s AND transaction_id = ANY(%(ids)s) AND tag_id = ANY(%(tag_ids)s)
        """,
        {"owner": owner, "ids": list(transaction_ids), "tag_ids": list(tag_ids)},
    )


async def rename(db: Db, owner: UUID, tag_id: UUID, name: str) -> int:
    """Call a tag something else; return 0 if there is none."""
    return await core_db.execute(
        db,
        "UPDATE tags SET name = %(name)s WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": tag_id, "name": name},
    )


async def remove(db: Db, owner: UUID, tag_id: UUID) -> int:
    """Delete a tag, and it from every row; return 0 if there is none."""
    return await core_db.execute(
        db,
        "DELETE FROM tags WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": tag_id},
    )
