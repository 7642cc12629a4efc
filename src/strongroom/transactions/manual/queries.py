"""SQL of what a person does by hand: entries, changes to any rows, acts, their history and undoing.

One function a statement; decides nothing. Merges are in ``merge_queries``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


async def insert(db: Db, values: dict[str, Any]) -> None:
    """Write a new entry into the book. The journal is told by ``tell_made``."""
    await db.execute(
        """
        INSERT INTO transactions (
            user_id, id, account_id, origin, day, amount, currency, description, merchant,
            merchant_by, category_id, category_by, note, needs_review, reviewed_at, edited_at,
            created_at, updated_at)
        VALUES (
            %(owner)s, %(id)s, %(account_id)s, 'manual', %(day)s, %(amount)s, %(currency)s,
            %(text)s, %(text)s, 'person', %(category_id)s, %(category_by)s, %(note)s, false,
            %(now)s, %(now)s, %(now)s, %(now)s)
        """,
        values,
    )


async def tell_made(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], edit_id: UUID, now: datetime
) -> None:
    """Write into the journal that a person made these rows, as they are now."""
    await db.execute(
        """
        INSERT INTO book_changes (user_id, transaction_id, at, cause, edit_id, after)
        SELECT t.user_id, t.id, %(now)s, 'person', %(edit_id)s, book_facts(t)
        FROM transactions t
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s) ORDER BY t.id
        """,
        {"owner": owner, "ids": list(transaction_ids), "edit_id": edit_id, "now": now},
    )


async def change_entry(db: Db, values: dict[str, Any]) -> int:
    """Change the facts of an entry; return 0 if they stand so already. None in ``values`` stays.

    A merchant that is still what was first written follows the text.
    """
    return await core_db.execute(
        db,
        """
        UPDATE transactions t SET
            account_id = coalesce(%(account_id)s::uuid, t.account_id),
            day = coalesce(%(day)s::date, t.day),
            amount = coalesce(%(amount)s::numeric, t.amount),
            currency = coalesce(%(currency)s::text, t.currency),
            merchant = CASE WHEN t.merchant = t.description
                            THEN coalesce(%(text)s::text, t.merchant) ELSE t.merchant END,
            description = coalesce(%(text)s::text, t.description),
            edited_at = %(now)s, updated_at = %(now)s
        WHERE t.user_id = %(owner)s AND t.id = %(id)s AND t.origin = 'manual'
          AND (t.account_id, t.day, t.amount, t.currency, t.description) IS DISTINCT FROM (
              coalesce(%(account_id)s::uuid, t.account_id), coalesce(%(day)s::date, t.day),
              coalesce(%(amount)s::numeric, t.amount), coalesce(%(currency)s::text, t.currency),
              coalesce(%(text)s::text, t.description))
        """,
        values,
    )


async def keep(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], edit_id: UUID, now: datetime
) -> None:
    """Keep rows whole, with all that goes with them, until an act is taken back."""
    await db.execute(
        "SELECT keep_rows(%(owner)s, %(ids)s::uuid[], %(edit_id)s, %(now)s)",
        {"owner": owner, "ids": list(transaction_ids), "edit_id": edit_id, "now": now},
    )


async def forget_kept(db: Db, owner: UUID, before: datetime) -> int:
    """Drop what was kept for acts from before an instant: they cannot be taken back any more."""
    return await core_db.execute(
        db,
        "DELETE FROM kept_rows WHERE user_id = %(owner)s AND at < %(before)s",
        {"owner": owner, "before": before},
    )


async def put_back(db: Db, owner: UUID, edit_id: UUID) -> int:
    """Put the rows back that an act kept; return how many of the book.

    A row whose own category is gone comes back where what has none stands.
    """
    params = {"owner": owner, "edit_id": edit_id}
    await db.execute(
        """
        UPDATE kept_rows k
        SET content = k.content || jsonb_build_object('category_id', c.id)
        FROM categories c
        WHERE k.user_id = %(owner)s AND k.edit_id = %(edit_id)s AND k.source = 'transactions'
          AND c.user_id = %(owner)s AND c.key = 'uncategorised'
          AND NOT EXISTS (SELECT 1 FROM categories known WHERE known.user_id = %(owner)s
                          AND known.id = (k.content ->> 'category_id')::uuid)
        """,
        params,
    )
    return int(await core_db.value(db, "SELECT put_rows_back(%(owner)s, %(edit_id)s)", params))


async def kept_of(db: Db, owner: UUID, edit_id: UUID) -> list[UUID]:
    """Return the rows of the book that are kept of an act, if they still are."""
    cursor = await db.execute(
        """
        SELECT transaction_id FROM kept_rows
        WHERE user_id = %(owner)s AND edit_id = %(edit_id)s AND source = 'transactions' ORDER BY id
        """,
        {"owner": owner, "edit_id": edit_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def delete(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> int:
    """Take entries out of the book."""
    return await core_db.execute(
        db,
        """
        DELETE FROM transactions
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) AND origin = 'manual'
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What of a row decides whether a person may change its facts."""

    id: UUID
    origin: str
    account_id: UUID
    day: date
    amount: Decimal
    currency: str


async def rows(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[EntryRow]:
    """Return where these rows come from, and their facts."""
    return await core_db.many(
        db,
        EntryRow,
        """
        SELECT id, origin, account_id, day, amount, currency FROM transactions
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) ORDER BY id
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """How many of the rows meant there are, how many were otherwise before, and are split."""

    found: int
    changed: int
    split: int


async def change(db: Db, values: dict[str, Any]) -> Changed:
    """Change what a person may change of any rows; see ``RowChange``. A split row's category stays.

    A merchant that is cleared becomes what the bank or the file says. A row that was reviewed keeps
    when.
    """
    row = await core_db.one(
        db,
        Changed,
        """
        WITH meant AS (
            SELECT t.id,
                   CASE WHEN %(category_id)s::uuid IS NULL OR t.is_split THEN t.category_id
                        ELSE %(category_id)s::uuid END AS category_id,
                   CASE WHEN %(category_id)s::uuid IS NULL OR t.is_split THEN t.category_by
                        ELSE 'person' END AS category_by,
                   t.is_split,
                   CASE WHEN %(merchant)s::text IS NULL THEN t.merchant
                        WHEN %(merchant)s::text <> '' THEN %(merchant)s::text
                        WHEN t.origin = 'manual' THEN t.description
                        WHEN t.origin = 'file' THEN f.payee ELSE p.merchant_name END AS merchant,
                   CASE WHEN %(merchant)s::text IS NULL THEN t.merchant_by
                        WHEN %(merchant)s::text <> '' OR t.origin = 'manual' THEN 'person'
                        ELSE 'bank' END AS merchant_by,
                   CASE WHEN %(note)s::text IS NULL THEN t.note
                        ELSE nullif(%(note)s::text, '') END AS note,
                   CASE WHEN %(reviewed)s::boolean IS NULL OR
                             (%(reviewed)s::boolean AND t.reviewed_at IS NOT NULL)
                        THEN t.reviewed_at
                        WHEN %(reviewed)s::boolean THEN %(now)s::timestamptz END AS reviewed_at,
                   CASE WHEN %(reviewed)s::boolean IS NULL THEN t.needs_review
                        ELSE NOT %(reviewed)s::boolean END AS needs_review,
                   (t.category_id, t.category_by, t.merchant, t.merchant_by, t.note,
                    t.reviewed_at, t.needs_review) AS was
            FROM transactions t
            LEFT JOIN plaid_transactions p ON p.user_id = t.user_id AND p.id = t.bank_row_id
            LEFT JOIN LATERAL (
                SELECT payee FROM file_transactions f
                WHERE %(merchant)s::text = '' AND t.origin = 'file'
                  AND f.user_id = t.user_id AND f.id = t.id LIMIT 1) f ON true
            WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s)
        ), differing AS (
            SELECT * FROM meant m
            WHERE m.was IS DISTINCT FROM (m.category_id, m.category_by, m.merchant, m.merchant_by,
                                          m.note, m.reviewed_at, m.needs_review)
        ), done AS (
            UPDATE transactions t
            SET category_id = d.category_id, category_by = d.category_by, merchant = d.merchant,
                merchant_by = d.merchant_by, note = d.note, reviewed_at = d.reviewed_at,
                needs_review = d.needs_review, edited_at = %(now)s, updated_at = %(now)s
            FROM differing d WHERE t.user_id = %(owner)s AND t.id = d.id
        )
        SELECT (SELECT count(*) FROM meant)::int AS found,
               (SELECT count(*) FROM differing)::int AS changed,
               (SELECT count(*) FROM meant WHERE is_split)::int AS split
        """,
        values,
    )
    assert row is not None  # noqa: S101 - an aggregate without GROUP BY always has its row
    return row


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A line of the journal. ``overtaken``: the row is gone, or a fact was changed again since.

    Of marks (``tags``, ``parts``, ``attachment``) it does not tell: they stand beside the row. That
    a row is leg of a transfer follows from other things.
    """

    transaction_id: UUID
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    overtaken: bool


async def changes_of(db: Db, owner: UUID, edit_id: UUID) -> list[ChangeRow]:
    """Return what an act changed, the last first."""
    return await core_db.many(
        db,
        ChangeRow,
        """
        SELECT c.transaction_id, c.before, c.after,
               CASE WHEN c.after IS NULL THEN t.id IS NOT NULL
                    WHEN t.id IS NULL THEN true
                    WHEN c.before IS NULL THEN facts_that_differ(c.after - (
                        '{merchant,merchant_by,category_id,category_by,reviewed,is_split,'
                        'transfer_id}')::text[], book_facts(t)) <> '{}'
                    ELSE facts_that_differ(
                       c.after - '{tags,parts,attachment,transfer_id}'::text[],
                       book_facts(t)) <> '{}'
               END AS overtaken
        FROM book_changes c
        LEFT JOIN transactions t ON t.user_id = c.user_id AND t.id = c.transaction_id
        WHERE c.user_id = %(owner)s AND c.edit_id = %(edit_id)s
        ORDER BY c.id DESC
        """,
        {"owner": owner, "edit_id": edit_id},
    )


async def restore(
    db: Db, owner: UUID, edit_id: UUID, transaction_ids: Sequence[UUID], now: datetime
) -> int:
    """Write back what these rows were before an act; a category that is gone is not written.

    Of an old row that was never asked to be reviewed the same holds again: 30 days, as for a sync.
    """
    return await core_db.execute(
        db,
        """
        UPDATE transactions t SET
            account_id = coalesce((w.b ->> 'account_id')::uuid, t.account_id),
            day = coalesce((w.b ->> 'day')::date, t.day),
            amount = coalesce((w.b ->> 'amount')::numeric, t.amount),
            currency = coalesce(w.b ->> 'currency', t.currency),
            description = coalesce(w.b ->> 'description', t.description),
            merchant = CASE WHEN w.b ? 'merchant' THEN w.b ->> 'merchant' ELSE t.merchant END,
            merchant_by = coalesce(w.b ->> 'merchant_by', t.merchant_by),
            category_id = coalesce(w.category_id, t.category_id),
            category_by = CASE WHEN w.category_id IS NULL AND w.b ? 'category_id'
                               THEN t.category_by
                               ELSE coalesce(w.b ->> 'category_by', t.category_by) END,
            note = CASE WHEN w.b ? 'note' THEN w.b ->> 'note' ELSE t.note END,
            reviewed_at = CASE (w.b ->> 'reviewed')::boolean WHEN true THEN %(now)s::timestamptz
                               WHEN false THEN NULL ELSE t.reviewed_at END,
            needs_review = CASE (w.b ->> 'reviewed')::boolean WHEN true THEN false
                                WHEN false THEN t.day >= t.created_at::date - 30
                                ELSE t.needs_review END,
            edited_at = %(now)s, updated_at = %(now)s
        FROM (
            SELECT was.transaction_id, was.b, k.id AS category_id
            FROM (
                SELECT first.transaction_id, jsonb_object_agg(first.key, first.value) AS b
                FROM (
                    SELECT DISTINCT ON (c.transaction_id, f.key)
                           c.transaction_id, f.key, f.value
                    FROM book_changes c CROSS JOIN LATERAL jsonb_each(c.before) f
                    WHERE c.user_id = %(owner)s AND c.edit_id = %(edit_id)s
                    ORDER BY c.transaction_id, f.key, c.id
                ) first
                GROUP BY first.transaction_id
            ) was
            LEFT JOIN categories k
              ON k.user_id = %(owner)s AND k.id = (was.b ->> 'category_id')::uuid
        ) w
        WHERE t.user_id = %(owner)s AND t.id = w.transaction_id AND t.id = ANY(%(ids)s)
        """,
        {"owner": owner, "edit_id": edit_id, "ids": list(transaction_ids), "now": now},
    )


async def mark_undone(db: Db, owner: UUID, edit_id: UUID, by_id: UUID, now: datetime) -> int:
    """Note that an act was taken back by another one; return 0 if it was so already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO undone_edits (user_id, edit_id, by_id, at)
        VALUES (%(owner)s, %(edit_id)s, %(by_id)s, %(now)s)
        ON CONFLICT (user_id, edit_id) DO NOTHING
        """,
        {"owner": owner, "edit_id": edit_id, "by_id": by_id, "now": now},
    )


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A line of the journal as a page shows it."""

    at: datetime
    cause: str
    cause_id: UUID | None
    edit_id: UUID | None
    undone: bool
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    rows: int


async def history(db: Db, owner: UUID, transaction_id: UUID, limit: int) -> list[HistoryRow]:
    """Return what happened to a row, the last first, and how many rows each act changed."""
    return await core_db.many(
        db,
        HistoryRow,
        """
        SELECT c.at, c.cause, c.cause_id, c.edit_id, u.edit_id IS NOT NULL AS undone,
               c.before, c.after,
               CASE WHEN c.edit_id IS NULL THEN 1
                    ELSE (SELECT count(DISTINCT a.transaction_id)::int FROM book_changes a
                          WHERE a.user_id = c.user_id AND a.edit_id = c.edit_id) END AS rows
        FROM book_changes c
        LEFT JOIN undone_edits u ON u.user_id = c.user_id AND u.edit_id = c.edit_id
        WHERE c.user_id = %(owner)s AND c.transaction_id = %(id)s
        ORDER BY c.id DESC LIMIT %(limit)s
        """,
        {"owner": owner, "id": transaction_id, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class ActRow:
    """What an act comes to."""

    id: UUID
    at: datetime
    rows: int
    made: int
    gone: int
    fields: list[str]
    title: str | None
    undone: bool
    transaction_id: UUID | None
    currency: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


async def acts(db: Db, owner: UUID, since: datetime, limit: int) -> list[ActRow]:
    """Return the newest acts, the last first, with the names of the facts that each changed.

    Of an act on one row also what the facts were and became, and the row if it is still there.
    """
    return await core_db.many(
        db,
        ActRow,
        """
        WITH told AS (
            SELECT c.edit_id AS id, max(c.id) AS last, max(c.at) AS at,
                   count(DISTINCT c.transaction_id)::int AS rows,
                   count(*) FILTER (WHERE c.before IS NULL)::int AS made,
                   count(*) FILTER (WHERE c.after IS NULL)::int AS gone,
                   (array_agg(c.transaction_id))[1] AS transaction_id,
                   (array_agg(coalesce(c.before, c.after)))[1] AS facts
            FROM book_changes c
            WHERE c.user_id = %(owner)s AND c.edit_id IS NOT NULL AND c.at >= %(since)s
            GROUP BY c.edit_id ORDER BY last DESC LIMIT %(limit)s
        )
        SELECT told.id, told.at, told.rows, told.made, told.gone,
               array(SELECT jsonb_object_keys(told.facts) ORDER BY 1) AS fields,
               CASE WHEN told.rows = 1
                    THEN coalesce(t.merchant, t.description, told.facts ->> 'merchant',
                                  told.facts ->> 'description') END AS title,
               u.edit_id IS NOT NULL AS undone,
               CASE WHEN told.rows = 1 THEN t.id END AS transaction_id, t.currency,
               facts.before, facts.after
        FROM told
        LEFT JOIN LATERAL (
            SELECT (SELECT jsonb_object_agg(e.key, e.value ORDER BY x.id DESC)
                    FROM book_changes x CROSS JOIN LATERAL jsonb_each(x.before) e
                    WHERE x.user_id = %(owner)s AND x.edit_id = told.id) AS before,
                   (SELECT jsonb_object_agg(e.key, e.value ORDER BY x.id)
                    FROM book_changes x CROSS JOIN LATERAL jsonb_each(x.after) e
                    WHERE x.user_id = %(owner)s AND x.edit_id = told.id) AS after
            ) facts ON told.rows = 1 AND told.made = 0 AND told.gone = 0
        LEFT JOIN transactions t ON t.user_id = %(owner)s AND t.id = told.transaction_id
        LEFT JOIN undone_edits u ON u.user_id = %(owner)s AND u.edit_id = told.id
        ORDER BY told.last DESC
        """,
        {"owner": owner, "since": since, "limit": limit},
    )
