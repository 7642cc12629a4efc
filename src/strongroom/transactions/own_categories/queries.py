"""SQL of a person's tree of categories, one function a statement. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A category that was done away with."""

    id: UUID
    parent_id: UUID | None
    key: str | None
    name: str | None
    kind: str
    goes_to: UUID
    removed_at: datetime


async def has_any(db: Db, owner: UUID) -> bool:
    """Return whether a person's book has any row."""
    found = await core_db.value(
        db,
        "SELECT EXISTS (SELECT 1 FROM transactions WHERE user_id = %(owner)s)",
        {"owner": owner},
    )
    return bool(found)


async def uses(db: Db, owner: UUID) -> dict[UUID, int]:
    """Return how many rows, and parts of split rows, are in each category that has any."""
    cursor = await db.execute(
        """
        SELECT category_id, sum(rows)::int FROM (
            SELECT category_id, rows FROM monthly_totals WHERE user_id = %(owner)s
            UNION ALL
            SELECT category_id, 1 FROM transaction_splits WHERE user_id = %(owner)s) used
        GROUP BY category_id
        """,
        {"owner": owner},
    )
    return dict(await cursor.fetchall())


async def removed(db: Db, owner: UUID) -> list[RemovedRow]:
    """Return the categories that were done away with, the latest first."""
    return await core_db.many(
        db,
        RemovedRow,
        """
        SELECT id, parent_id, key, name, kind, goes_to, removed_at FROM categories
        WHERE user_id = %(owner)s AND removed_at IS NOT NULL
        ORDER BY removed_at DESC, position, id
        """,
        {"owner": owner},
    )


async def add(db: Db, owner: UUID, values: dict[str, Any]) -> None:
    """Store a new category at the end; its place comes after."""
    await db.execute(
        """
        INSERT INTO categories (user_id, id, parent_id, name, kind, position)
        VALUES (%(owner)s, %(id)s, %(parent_id)s, %(name)s, %(kind)s, 1000000)
        """,
        {"owner": owner, **values},
    )


async def rename(db: Db, owner: UUID, category_id: UUID, name: str | None) -> int:
    """Call a category something else; return 0 if it is called that."""
    return await core_db.execute(
        db,
        """
        UPDATE categories SET name = %(name)s
        WHERE user_id = %(owner)s AND id = %(id)s AND name IS DISTINCT FROM %(name)s
        """,
        {"owner": owner, "id": category_id, "name": name},
    )


async def hang(db: Db, owner: UUID, category_id: UUID, parent_id: UUID | None, kind: str) -> None:
    """Put a category into a group, or make it one; it counts as that kind."""
    await db.execute(
        """
        UPDATE categories SET parent_id = %(parent_id)s, kind = %(kind)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": category_id, "parent_id": parent_id, "kind": kind},
    )


async def set_kind(db: Db, owner: UUID, category_ids: Sequence[UUID], kind: str) -> None:
    """Let categories count as that kind."""
    await db.execute(
        """
        UPDATE categories SET kind = %(kind)s
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(category_ids), "kind": kind},
    )


async def number(db: Db, owner: UUID, in_order: Sequence[UUID]) -> None:
    """Give categories their places in this order; those that stand right are not written."""
    await db.execute(
        """
        UPDATE categories c SET position = o.place * 10
        FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS o (id, place)
        WHERE c.user_id = %(owner)s AND c.id = o.id AND c.position <> o.place * 10
        """,
        {"owner": owner, "ids": list(in_order)},
    )


async def months_in(db: Db, owner: UUID, category_ids: Sequence[UUID]) -> list[date]:
    """Return the months with rows, or parts of rows, in these categories."""
    cursor = await db.execute(
        """
        SELECT month FROM monthly_totals
        WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
        UNION
        SELECT date_trunc('month', t.day)::date
        FROM transaction_splits s
        JOIN transactions t ON t.user_id = s.user_id AND t.id = s.transaction_id
        WHERE s.user_id = %(owner)s AND s.category_id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(category_ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def move_rows(
    db: Db, owner: UUID, category_ids: Sequence[UUID], into: UUID, now: datetime
) -> int:
    """Put the rows of categories into another; whose hand chose it stays. Return how many."""
    return await core_db.execute(
        db,
        """
        UPDATE transactions SET category_id = %(into)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(category_ids), "into": into, "now": now},
    )


async def split_rows_in(db: Db, owner: UUID, category_ids: Sequence[UUID]) -> list[UUID]:
    """Return the rows that have parts in these categories."""
    cursor = await db.execute(
        """
        SELECT DISTINCT transaction_id FROM transaction_splits
        WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(category_ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def lead_rules(db: Db, owner: UUID, category_ids: Sequence[UUID], into: UUID) -> None:
    """Let the person's rules that put rows into these categories put them into another."""
    params = {"owner": owner, "ids": list(category_ids), "into": into}
    await db.execute(
        """
        UPDATE sorting_rules SET category_id = %(into)s
        WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
        """,
        params,
    )
    await db.execute(
        """
        UPDATE sorting_rule_parts SET category_id = %(into)s
        WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
        """,
        params,
    )


async def lead_budgets(db: Db, owner: UUID, category_ids: Sequence[UUID], into: UUID) -> None:
    """Let budgets of these categories be another's, where that has none for such a period yet."""
    await db.execute(
        """
        UPDATE budgets b SET category_id = %(into)s
        FROM (SELECT DISTINCT ON (every) id FROM budgets
              WHERE user_id = %(owner)s AND category_id = ANY(%(ids)s)
              ORDER BY every, created_at, id) first
        WHERE b.user_id = %(owner)s AND b.id = first.id
          AND NOT EXISTS (SELECT 1 FROM budgets o
                          WHERE o.user_id = %(owner)s AND o.category_id = %(into)s
                            AND o.every = b.every)
        """,
        {"owner": owner, "ids": list(category_ids), "into": into},
    )


async def removed_with_rows(db: Db, owner: UUID) -> list[UUID]:
    """Return what was done away with and has rows, or parts of rows, again; groups first."""
    cursor = await db.execute(
        """
        SELECT c.id FROM categories c
        WHERE c.user_id = %(owner)s AND c.removed_at IS NOT NULL
          AND (EXISTS (SELECT 1 FROM transactions t
                       WHERE t.user_id = c.user_id AND t.category_id = c.id)
               OR EXISTS (SELECT 1 FROM transaction_splits s
                          WHERE s.user_id = c.user_id AND s.category_id = c.id))
        ORDER BY c.parent_id IS NOT NULL, c.position, c.id
        """,
        {"owner": owner},
    )
    return [row[0] for row in await cursor.fetchall()]


async def hide(
    db: Db, owner: UUID, category_ids: Sequence[UUID], into: UUID, now: datetime
) -> None:
    """Do away with categories: what led to them leads to another one now."""
    await db.execute(
        """
        UPDATE categories SET
            goes_to = %(into)s,
            removed_at = CASE WHEN id = ANY(%(ids)s) THEN %(now)s ELSE removed_at END
        WHERE user_id = %(owner)s AND (id = ANY(%(ids)s) OR goes_to = ANY(%(ids)s))
        """,
        {"owner": owner, "ids": list(category_ids), "into": into, "now": now},
    )


async def show_again(db: Db, owner: UUID, category_id: UUID, parent_id: UUID | None) -> int:
    """Bring a category back; return 0 if there is no such one."""
    return await core_db.execute(
        db,
        """
        UPDATE categories SET removed_at = NULL, goes_to = NULL, parent_id = %(parent_id)s
        WHERE user_id = %(owner)s AND id = %(id)s AND removed_at IS NOT NULL
        """,
        {"owner": owner, "id": category_id, "parent_id": parent_id},
    )
