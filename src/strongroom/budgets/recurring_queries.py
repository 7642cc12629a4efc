"""SQL of what comes again and again: the rows it is looked for in, and the items kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of an account that a person lives from; ``moves``: its category is a transfer's."""

    id: UUID
    account_id: UUID
    day: date
    amount: Decimal
    currency: str
    description: str
    merchant: str | None
    origin: str
    pending: bool
    moves: bool
    other_account: UUID | None


async def rows(db: Db, owner: UUID, since: date, until: date) -> list[SourceRow]:
    """Return the rows that count on the accounts a person lives from, oldest first.

    ``other_account``: where the other leg of a matched transfer between two such accounts stands.
    """
    return await core_db.many(
        db,
        SourceRow,
        """
        WITH lived_from AS MATERIALIZED (
            SELECT id FROM accounts
            WHERE user_id = %(owner)s AND category IN ('cash', 'credit_cards')
        ), legs AS MATERIALIZED (
            SELECT t.id, t.transfer_id, t.account_id FROM transactions t
            WHERE t.user_id = %(owner)s AND t.transfer_id IS NOT NULL
              AND t.account_id IN (SELECT id FROM lived_from)
        )
        SELECT t.id, t.account_id, t.day, t.amount, t.currency, t.description, t.merchant,
               t.origin, t.pending, c.kind = 'transfer' AS moves,
               (SELECT l.account_id FROM legs l
                WHERE l.transfer_id = t.transfer_id AND l.id <> t.id LIMIT 1) AS other_account
        FROM transactions t
        JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
        WHERE t.user_id = %(owner)s AND t.day BETWEEN %(since)s AND %(until)s
          AND t.account_id IN (SELECT id FROM lived_from)
          AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
        ORDER BY t.day, t.id
        """,
        {"owner": owner, "since": since, "until": until},
    )


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item's columns, with its account's name and the category of its newest row.

    ``moves``: that row is of a transfer, matched or by its category, to whichever account.
    """

    id: UUID
    account_id: UUID
    account_name: str
    title: str
    category_id: UUID | None
    category_key: str | None
    category_name: str | None
    cadence: str
    standing: str
    verdict: str | None
    count: int
    first_on: date
    last_on: date
    next_on: date
    due_on: date | None
    amount: Decimal
    low: Decimal
    high: Decimal
    last: Decimal
    currency: str
    varies: bool
    was: Decimal | None
    changed_on: date | None
    inner_move: bool
    moves: bool


async def items(db: Db, owner: UUID, item_id: UUID | None = None) -> list[ItemRow]:
    """Return all items, or the one: those to come first, by the day that is next."""
    return await core_db.many(
        db,
        ItemRow,
        """
        SELECT i.id, i.account_id, a.name AS account_name, i.title, r.category_id,
               r.key AS category_key, r.name AS category_name, i.cadence, i.standing, i.verdict,
               i.count, i.first_on, i.last_on, i.next_on, i.due_on, i.amount, i.low, i.high,
               i.last, i.currency, i.varies, i.was, i.changed_on, i.inner_move,
               i.inner_move OR coalesce(r.moves, false) AS moves
        FROM recurring_items i
        JOIN accounts a ON a.user_id = i.user_id AND a.id = i.account_id
        LEFT JOIN LATERAL (
            SELECT t.category_id, c.key, c.name,
                   c.kind = 'transfer' OR t.transfer_id IS NOT NULL AS moves
            FROM recurring_rows s
            JOIN transactions t ON t.user_id = s.user_id AND t.id = s.transaction_id
            JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
            WHERE s.user_id = i.user_id AND s.item_id = i.id
            ORDER BY t.day DESC, t.id DESC LIMIT 1) r ON true
        WHERE i.user_id = %(owner)s AND (%(id)s::uuid IS NULL OR i.id = %(id)s)
        ORDER BY i.standing = 'ended', i.next_on, i.title, i.id
        """,
        {"owner": owner, "id": item_id},
    )


async def rows_of(db: Db, owner: UUID, item_id: UUID) -> list[UUID]:
    """Return the rows that an item was seen in, newest first."""
    cursor = await db.execute(
        """
        SELECT t.id FROM recurring_rows s
        JOIN transactions t ON t.user_id = s.user_id AND t.id = s.transaction_id
        WHERE s.user_id = %(owner)s AND s.item_id = %(id)s
        ORDER BY t.day DESC, t.id DESC
        """,
        {"owner": owner, "id": item_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def item_of(db: Db, owner: UUID, transaction_id: UUID) -> UUID | None:
    """Return the item that a row of the book belongs to."""
    found: UUID | None = await core_db.value(
        db,
        """
        SELECT item_id FROM recurring_rows
        WHERE user_id = %(owner)s AND transaction_id = %(id)s
        """,
        {"owner": owner, "id": transaction_id},
    )
    return found


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work writes this person's items."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"recurring {owner}",)
    )


async def owners_of_rows(db: Db, owner: UUID) -> list[tuple[UUID, UUID]]:
    """Return each row that is part of an item, with that item."""
    cursor = await db.execute(
        "SELECT transaction_id, item_id FROM recurring_rows WHERE user_id = %(owner)s",
        {"owner": owner},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def forget_others(db: Db, owner: UUID, kept: Sequence[UUID]) -> int:
    """Drop items that were not found again; one that a person spoke of stays, as ended."""
    await core_db.execute(
        db,
        """
        UPDATE recurring_items SET standing = 'ended', due_on = NULL
        WHERE user_id = %(owner)s AND verdict IS NOT NULL AND standing <> 'ended'
          AND id <> ALL(%(kept)s::uuid[])
        """,
        {"owner": owner, "kept": list(kept)},
    )
    return await core_db.execute(
        db,
        """
        DELETE FROM recurring_items
        WHERE user_id = %(owner)s AND verdict IS NULL AND id <> ALL(%(kept)s::uuid[])
        """,
        {"owner": owner, "kept": list(kept)},
    )


async def write(db: Db, columns: dict[str, Any]) -> int:
    """Write one item as it is found; return 0 if it is kept so already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO recurring_items AS i (
            user_id, id, account_id, payee, title, cadence, standing, count, first_on, last_on,
            next_on, due_on, amount, low, high, last, currency, varies, was, changed_on,
            inner_move, found_at)
        VALUES (%(owner)s, %(id)s, %(account_id)s, %(payee)s, %(title)s, %(cadence)s,
                %(standing)s, %(count)s, %(first_on)s, %(last_on)s, %(next_on)s, %(due_on)s,
                %(amount)s, %(low)s, %(high)s, %(last)s, %(currency)s, %(varies)s, %(was)s,
                %(changed_on)s, %(inner)s, %(now)s)
        ON CONFLICT (user_id, id) DO UPDATE SET
            account_id = excluded.account_id, payee = excluded.payee, title = excluded.title,
            cadence = excluded.cadence, standing = excluded.standing, count = excluded.count,
            first_on = excluded.first_on, last_on = excluded.last_on, next_on = excluded.next_on,
            due_on = excluded.due_on, amount = excluded.amount, low = excluded.low,
            high = excluded.high, last = excluded.last, currency = excluded.currency,
            varies = excluded.varies, was = excluded.was, changed_on = excluded.changed_on,
            inner_move = excluded.inner_move
            WHERE (i.account_id, i.payee, i.title, i.cadence, i.standing, i.count, i.first_on,
                   i.last_on, i.next_on, i.due_on, i.amount, i.low, i.high, i.last, i.currency,
                   i.varies, i.was, i.changed_on, i.inner_move)
                IS DISTINCT FROM
                  (excluded.account_id, excluded.payee, excluded.title, excluded.cadence,
                   excluded.standing, excluded.count, excluded.first_on, excluded.last_on,
                   excluded.next_on, excluded.due_on, excluded.amount, excluded.low,
                   excluded.high, excluded.last, excluded.currency, excluded.varies,
                   excluded.was, excluded.changed_on, excluded.inner_move)
        """,
        columns,
    )


async def write_rows(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], item_ids: Sequence[UUID]
) -> None:
    """Keep exactly these rows as parts of these items; rows that are gone are left out."""
    params = {"owner": owner, "rows": list(transaction_ids), "items": list(item_ids)}
    await db.execute(
        """
        DELETE FROM recurring_rows s
        WHERE s.user_id = %(owner)s AND NOT EXISTS (
            SELECT 1 FROM unnest(%(rows)s::uuid[], %(items)s::uuid[]) AS n (row_id, item_id)
            WHERE n.row_id = s.transaction_id AND n.item_id = s.item_id)
          AND EXISTS (
            SELECT 1 FROM recurring_items i
            WHERE i.user_id = s.user_id AND i.id = s.item_id
              AND (i.verdict IS NULL OR i.id = ANY(%(items)s::uuid[])
                   OR s.transaction_id = ANY(%(rows)s::uuid[])))
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO recurring_rows (user_id, transaction_id, item_id)
        SELECT t.user_id, t.id, n.item_id
        FROM unnest(%(rows)s::uuid[], %(items)s::uuid[]) AS n (row_id, item_id)
        JOIN transactions t ON t.user_id = %(owner)s AND t.id = n.row_id
        ON CONFLICT (user_id, transaction_id) DO NOTHING
        """,
        params,
    )


async def set_verdict(db: Db, owner: UUID, item_id: UUID, verdict: str | None) -> int:
    """Write what a person says of an item; return 0 if it is said already."""
    return await core_db.execute(
        db,
        """
        UPDATE recurring_items SET verdict = %(verdict)s
        WHERE user_id = %(owner)s AND id = %(id)s AND verdict IS DISTINCT FROM %(verdict)s::text
        """,
        {"owner": owner, "id": item_id, "verdict": verdict},
    )


@dataclass(frozen=True, slots=True)
class LookRow:
    """When a book was last looked through, and up to which day."""

    looked_at: datetime
    day: date


async def look(db: Db, owner: UUID) -> LookRow | None:
    """Return when this book was last looked through."""
    return await core_db.one(
        db,
        LookRow,
        "SELECT looked_at, day FROM recurring_looks WHERE user_id = %(owner)s",
        {"owner": owner},
    )


async def write_look(db: Db, owner: UUID, day: date, now: datetime) -> None:
    """Note that the book was looked through up to this day."""
    await db.execute(
        """
        INSERT INTO recurring_looks (user_id, looked_at, day)
        VALUES (%(owner)s, %(now)s, %(day)s)
        ON CONFLICT (user_id) DO UPDATE SET looked_at = excluded.looked_at, day = excluded.day
        """,
        {"owner": owner, "day": day, "now": now},
    )


async def overdue_for_all(db: Db, before: date) -> list[UUID]:
    """Return people of whose items one should have come before this day, and was not looked for."""
    cursor = await db.execute(
        """
        SELECT DISTINCT i.user_id FROM recurring_items i
        JOIN recurring_looks l ON l.user_id = i.user_id AND l.day < %(before)s
        WHERE i.standing <> 'ended' AND i.next_on < %(before)s
        """,
        {"before": before},
    )
    return [row[0] for row in await cursor.fetchall()]
