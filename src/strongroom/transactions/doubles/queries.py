"""SQL of doubles: pairs that share an account and amount, and what is asked. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import new_id
from strongroom.transactions.doubles.types import Likely, Two


async def days_of_import(db: Db, owner: UUID, import_id: UUID) -> list[date]:
    """Return the days of the rows that an import brought."""
    cursor = await db.execute(
        """
        SELECT DISTINCT t.day FROM file_transactions f
        JOIN transactions t ON t.user_id = f.user_id AND t.id = f.id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def candidates(db: Db, owner: UUID, days: Sequence[date], apart: int, most: int) -> list[Two]:
    """Return a file's rows beside others that came after it, of these days, at most so many.

    What was there before the file was compared with it when the person brought it. An entry by
    hand and the bank's row for it are another matter. Of many that are alike, of one account,
    amount and day, each is tried with those near its own place: else the days of 10,000 are
    compared each with each.
    """
    return await core_db.many(
        db,
        Two,
        """
        WITH told AS MATERIALIZED (
            SELECT id, account_id, currency, amount, day, created_at, description, merchant
            FROM transactions
            WHERE user_id = %(owner)s AND day = ANY(%(days)s::date[]) AND origin = 'file'
              AND removed_by_bank IS NULL AND never_booked_at IS NULL
              AND EXISTS (SELECT 1 FROM transactions
                          WHERE user_id = %(owner)s AND origin IN ('bank', 'manual'))
        ), others AS MATERIALIZED (
            SELECT id, account_id, currency, amount, day, created_at, description, merchant,
                   row_number() OVER (PARTITION BY account_id, currency, amount, day
                                      ORDER BY id) AS nth
            FROM transactions
            WHERE user_id = %(owner)s AND day = ANY(%(days)s::date[])
              AND origin IN ('bank', 'manual')
              AND removed_by_bank IS NULL AND never_booked_at IS NULL
              AND (account_id, currency, amount) IN (
                  SELECT account_id, currency, amount FROM told)
        ), of_file AS MATERIALIZED (
            SELECT told.*, row_number() OVER (PARTITION BY account_id, currency, amount, day
                                              ORDER BY id) AS nth
            FROM told
            WHERE (account_id, currency, amount) IN (
                SELECT account_id, currency, amount FROM others)
        )
        SELECT f.id AS row_id, o.id AS kept_id, abs(o.day - f.day) AS days, f.amount,
               concat_ws(' ', f.description, nullif(f.merchant, f.description)) AS text,
               concat_ws(' ', o.description, nullif(o.merchant, o.description)) AS kept_text
        FROM of_file f
        JOIN (SELECT others.*, day - later AS of_day
              FROM others CROSS JOIN generate_series(-%(apart)s::int, %(apart)s::int) AS later) o
          ON o.account_id = f.account_id AND o.currency = f.currency
         AND o.amount = f.amount AND o.of_day = f.day
        WHERE o.created_at > f.created_at AND abs(o.nth - f.nth) < 8
          AND NOT EXISTS (SELECT 1 FROM rejected_pairs r
                          WHERE r.user_id = %(owner)s AND r.kind = 'double'
                            AND r.one_id = f.id AND r.other_id = o.id)
        ORDER BY f.day, f.id, o.day, o.id LIMIT %(most)s
        """,
        {"owner": owner, "days": list(days), "apart": apart, "most": most},
    )


async def replace(
    db: Db, owner: UUID, days: Sequence[date], found: Sequence[Likely], now: datetime
) -> None:
    """Ask about these pairs of rows of these days, and no more about others of them.

    The days are looked up question by question, of which there are few: joined, the planner that
    knows nothing of rows this new would go through all of them twice.
    """
    params = {
        "owner": owner,
        "days": list(days),
        "now": now,
        "found": json.dumps(
            [
                {"id": str(new_id()), "row_id": str(one.row_id), "kept_id": str(one.kept_id),
                 "score": one.score, "days": one.days}
                for one in found
            ]
        ),
    }  # fmt: skip
    await db.execute(
        """
        DELETE FROM doubles d
        WHERE d.user_id = %(owner)s
          AND NOT EXISTS (
              SELECT 1 FROM jsonb_to_recordset(%(found)s::jsonb) AS f (row_id uuid, kept_id uuid)
              WHERE f.row_id = d.row_id AND f.kept_id = d.kept_id)
          AND (SELECT t.day FROM transactions t
               WHERE t.user_id = %(owner)s AND t.id = d.row_id) = ANY(%(days)s::date[])
          AND (SELECT k.day FROM transactions k
               WHERE k.user_id = %(owner)s AND k.id = d.kept_id) = ANY(%(days)s::date[])
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO doubles (user_id, id, row_id, kept_id, score, days, made_at)
        SELECT %(owner)s, f.id, f.row_id, f.kept_id, f.score, f.days, %(now)s
        FROM jsonb_to_recordset(%(found)s::jsonb)
             AS f (id uuid, row_id uuid, kept_id uuid, score integer, days integer)
        ON CONFLICT DO NOTHING
        """,
        params,
    )


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A question as it is shown."""

    id: UUID
    account_id: UUID
    account_name: str
    amount: Decimal
    currency: str
    row_id: UUID
    row_day: date
    row_title: str
    row_origin: str
    kept_id: UUID
    kept_day: date
    kept_title: str
    kept_origin: str
    score: int
    days: int
    made_at: datetime


async def shown(
    db: Db,
    owner: UUID,
    *,
    double_id: UUID | None = None,
    of: UUID | None = None,
    limit: int = 1,
) -> list[ShownRow]:
    """Return what is asked, newest first: all of it, one by its id, or of a row on either side."""
    return await core_db.many(
        db,
        ShownRow,
        """
        SELECT d.id, t.account_id, a.name AS account_name, t.amount, t.currency,
               d.row_id, t.day AS row_day, coalesce(t.merchant, t.description) AS row_title,
               t.origin AS row_origin,
               d.kept_id, k.day AS kept_day, coalesce(k.merchant, k.description) AS kept_title,
               k.origin AS kept_origin, d.score, d.days, d.made_at
        FROM doubles d
        JOIN transactions t ON t.user_id = d.user_id AND t.id = d.row_id
        JOIN transactions k ON k.user_id = d.user_id AND k.id = d.kept_id
        JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
        WHERE d.user_id = %(owner)s
          AND (%(id)s::uuid IS NULL OR d.id = %(id)s::uuid)
          AND (%(of)s::uuid IS NULL OR %(of)s::uuid IN (d.row_id, d.kept_id))
        ORDER BY t.day DESC, d.id DESC LIMIT %(limit)s
        """,
        {"owner": owner, "id": double_id, "of": of, "limit": limit},
    )


async def count(db: Db, owner: UUID) -> int:
    """Return how many pairs are asked about."""
    found: int = await core_db.value(
        db, "SELECT count(*) FROM doubles WHERE user_id = %(owner)s", {"owner": owner}
    )
    return found


async def delete(db: Db, owner: UUID, double_id: UUID) -> None:
    """Ask no more."""
    await db.execute(
        "DELETE FROM doubles WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": double_id},
    )


async def take_over(db: Db, owner: UUID, row_id: UUID, kept_id: UUID, now: datetime) -> None:
    """Let the row that stays take what the person chose for the other, and what hangs on that.

    What they chose for the one that stays stands.
    """
    params = {"owner": owner, "row_id": row_id, "kept_id": kept_id, "now": now}
    await db.execute("SELECT move_marks(%(owner)s, %(row_id)s, %(kept_id)s)", params)
    await db.execute(
        """
        UPDATE transactions k
        SET category_id = CASE WHEN k.category_by <> 'person' AND t.category_by = 'person'
                               THEN t.category_id ELSE k.category_id END,
            category_by = CASE WHEN t.category_by = 'person' THEN 'person' ELSE k.category_by END,
            merchant = CASE WHEN k.merchant_by <> 'person' AND t.merchant_by = 'person'
                            THEN t.merchant ELSE k.merchant END,
            merchant_by = CASE WHEN t.merchant_by = 'person' THEN 'person' ELSE k.merchant_by END,
            note = coalesce(k.note, t.note), is_split = k.is_split OR t.is_split,
            reviewed_at = coalesce(k.reviewed_at, t.reviewed_at),
            needs_review = k.needs_review AND t.reviewed_at IS NULL,
            edited_at = %(now)s, updated_at = %(now)s
        FROM transactions t
        WHERE k.user_id = %(owner)s AND k.id = %(kept_id)s
          AND t.user_id = %(owner)s AND t.id = %(row_id)s
        """,
        params,
    )


async def drop(db: Db, owner: UUID, row_id: UUID) -> None:
    """Take a row out of the book."""
    await db.execute(
        "DELETE FROM transactions WHERE user_id = %(owner)s AND id = %(row_id)s",
        {"owner": owner, "row_id": row_id},
    )
