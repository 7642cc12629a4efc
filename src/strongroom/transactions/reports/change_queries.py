"""SQL of what the journal tells of a period's rows since an instant. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """A row that came, changed or went since; ``facts`` None if it is gone."""

    transaction_id: UUID
    title: str | None
    origin: str | None
    created_at: datetime | None
    facts: dict[str, Any] | None
    parts: dict[str, list[str]] | None


async def touched(
    db: Db, owner: UUID, since: date, until: date, known_at: datetime
) -> list[TouchedRow]:
    """Return the rows that stand in a period, or stood in it since an instant, and changed since.

    ``facts`` are written as the journal writes them; ``parts`` are the splits by position.
    """
    return await core_db.many(
        db,
        TouchedRow,
        """
        WITH changed AS MATERIALIZED (
            SELECT transaction_id FROM book_changes
            WHERE user_id = %(owner)s AND at > %(known_at)s
            UNION
            SELECT transaction_id FROM split_changes
            WHERE user_id = %(owner)s AND at > %(known_at)s
        ), meant AS (
            SELECT t.id FROM transactions t
            WHERE t.user_id = %(owner)s AND t.day BETWEEN %(since)s AND %(until)s
              AND (t.created_at > %(known_at)s OR t.id IN (SELECT transaction_id FROM changed))
            UNION
            SELECT b.transaction_id FROM book_changes b
            WHERE b.user_id = %(owner)s AND b.at > %(known_at)s
              AND b.before ->> 'day' BETWEEN %(since)s::text AND %(until)s::text
        )
        SELECT m.id AS transaction_id, coalesce(t.merchant, t.description) AS title, t.origin,
               t.created_at, CASE WHEN t.id IS NOT NULL THEN book_facts(t) END AS facts,
               (SELECT jsonb_object_agg(s.position, jsonb_build_array(
                           s.category_id, trim_scale(s.amount)::text))
                FROM transaction_splits s
                WHERE s.user_id = %(owner)s AND s.transaction_id = m.id) AS parts
        FROM meant m LEFT JOIN transactions t ON t.user_id = %(owner)s AND t.id = m.id
        """,
        {"owner": owner, "since": since, "until": until, "known_at": known_at},
    )


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One entry of the journal of rows."""

    transaction_id: UUID
    id: int
    at: datetime
    cause: str
    before: dict[str, Any] | None


async def changes(db: Db, owner: UUID, rows: list[UUID], known_at: datetime) -> list[ChangeRow]:
    """Return the changes of these rows since an instant, oldest first."""
    return await core_db.many(
        db,
        ChangeRow,
        """
        SELECT transaction_id, id, at, cause, before FROM book_changes
        WHERE user_id = %(owner)s AND at > %(known_at)s AND transaction_id = ANY(%(rows)s)
        ORDER BY id
        """,
        {"owner": owner, "rows": rows, "known_at": known_at},
    )


@dataclass(frozen=True, slots=True)
class PartChangeRow:
    """One entry of the journal of splits; None before if the part was made."""

    transaction_id: UUID
    id: int
    at: datetime
    cause: str
    position: int
    category_before: UUID | None
    amount_before: Decimal | None


async def part_changes(
    db: Db, owner: UUID, rows: list[UUID], known_at: datetime
) -> list[PartChangeRow]:
    """Return the changes of these rows' parts since an instant, oldest first."""
    return await core_db.many(
        db,
        PartChangeRow,
        """
        SELECT transaction_id, id, at, cause, position, category_before, amount_before
        FROM split_changes
        WHERE user_id = %(owner)s AND at > %(known_at)s AND transaction_id = ANY(%(rows)s)
        ORDER BY id
        """,
        {"owner": owner, "rows": rows, "known_at": known_at},
    )


async def lived_from(db: Db, owner: UUID) -> set[UUID]:
    """Return the accounts that a person lives from."""
    cursor = await db.execute(
        """
        SELECT id FROM accounts
        WHERE user_id = %(owner)s AND category IN ('cash', 'credit_cards')
        """,
        {"owner": owner},
    )
    return {row[0] for row in await cursor.fetchall()}
