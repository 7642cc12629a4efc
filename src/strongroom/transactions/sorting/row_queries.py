"""SQL of rules on the book's rows: reading them as rules see them, writing what rules decided."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of the book as rules see it, but for its tags and the marks of rules."""

    id: UUID
    account_id: UUID
    day: date
    amount: Decimal
    currency: str
    description: str
    merchant: str | None
    shown_merchant: str | None
    merchant_by: str
    category_id: UUID
    category_by: str
    note: str | None
    needs_review: bool
    is_split: bool


# A merchant that a rule set is not what was told: that is with the bank's row, or in the mark.
_SEEN = """
        SELECT t.id, t.account_id, t.day, t.amount, t.currency, t.description,
               CASE WHEN t.merchant_by <> 'rule' THEN t.merchant
                    WHEN t.bank_row_id IS NOT NULL THEN (
                        SELECT p.merchant_name FROM plaid_transactions p
                        WHERE p.user_id = t.user_id AND p.id = t.bank_row_id)
                    ELSE (SELECT m.was FROM sorting_marks m
                          WHERE m.user_id = t.user_id AND m.transaction_id = t.id
                            AND m.field = 'merchant') END AS merchant,
               t.merchant AS shown_merchant, t.merchant_by, t.category_id, t.category_by, t.note,
               t.needs_review, t.is_split
"""


async def staged(db: Db, owner: UUID) -> list[SeenRow]:
    """Return the book's rows of a sync's ``staged`` ones, in the order of the book."""
    return await core_db.many(
        db,
        SeenRow,
        _SEEN
        + """
        FROM staged s
        JOIN plaid_transactions b
          ON b.user_id = %(owner)s AND b.plaid_transaction_id = s.plaid_transaction_id
        JOIN transactions t ON t.user_id = %(owner)s AND t.bank_row_id = b.id
        ORDER BY t.day DESC, t.id DESC
        """,
        {"owner": owner},
    )


async def imported(db: Db, owner: UUID, import_id: UUID) -> list[SeenRow]:
    """Return the rows that an import brought into the book."""
    return await core_db.many(
        db,
        SeenRow,
        _SEEN
        + """
        FROM file_transactions f
        JOIN transactions t ON t.user_id = f.user_id AND t.id = f.id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND t.origin = 'file'
        ORDER BY t.day DESC, t.id DESC
        """,
        {"owner": owner, "import_id": import_id},
    )


async def written(db: Db, owner: UUID, transaction_id: UUID) -> list[SeenRow]:
    """Return a row that a person has just written down."""
    return await core_db.many(
        db,
        SeenRow,
        _SEEN
        + """
        FROM transactions t WHERE t.user_id = %(owner)s AND t.id = %(id)s
        """,
        {"owner": owner, "id": transaction_id},
    )


async def book(
    db: Db, owner: UUID, narrowed: dict[str, Any], size: int
) -> AsyncIterator[list[SeenRow]]:
    """Yield the book's rows, newest first, in batches; of some accounts, days or amounts only.

    ``narrowed`` has ``accounts`` (None: any), ``since``, ``until``, ``amount_from``, ``amount_to``,
    ``currency`` and ``needles``: texts without digits, one of which is in the merchant and the
    bank's text, unless a rule set the merchant or there is a note. None narrows nothing.
    """
    query: LiteralString = (
        _SEEN  # noqa: S608 - two texts of the source
        + """
        FROM transactions t
        WHERE t.user_id = %(owner)s
          AND (%(accounts)s::uuid[] IS NULL OR t.account_id = ANY(%(accounts)s))
          AND (%(since)s::date IS NULL OR t.day >= %(since)s)
          AND (%(until)s::date IS NULL OR t.day <= %(until)s)
          AND (%(amount_from)s::numeric IS NULL OR abs(t.amount) >= %(amount_from)s)
          AND (%(amount_to)s::numeric IS NULL OR abs(t.amount) <= %(amount_to)s)
          AND (%(currency)s::text IS NULL OR t.currency = %(currency)s)
          AND (%(needles)s::text[] IS NULL OR t.merchant_by = 'rule' OR t.note IS NOT NULL
               OR t.text_key = ANY(ARRAY(
                   SELECT b.key FROM book_texts b
                   WHERE b.user_id = %(owner)s
                     AND EXISTS (SELECT 1 FROM unnest(%(needles)s::text[]) n
                                 WHERE position(n IN b.text) > 0))))
        ORDER BY t.day DESC, t.id DESC
        """
    )
    async with db.cursor(name="sorting", row_factory=class_row(SeenRow)) as cursor:
        await cursor.execute(query, {"owner": owner, **narrowed})
        while rows := await cursor.fetchmany(size):
            yield rows


@dataclass(frozen=True, slots=True)
class Marked:
    """The tags on a row by name, and what rules did there: each mark as field, blank, value."""

    id: UUID
    tags: list[str]
    done: list[str]


async def marked(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> list[Marked]:
    """Return the tags and marks of these rows; those with neither are left out."""
    return await core_db.many(
        db,
        Marked,
        """
        SELECT id, array_remove(array_agg(tag), NULL) AS tags,
               array_remove(array_agg(done), NULL) AS done
        FROM (
            SELECT x.transaction_id AS id, lower(g.name) AS tag, NULL AS done
            FROM transaction_tags x
            JOIN tags g ON g.user_id = x.user_id AND g.id = x.tag_id
            WHERE x.user_id = %(owner)s AND x.transaction_id = ANY(%(ids)s)
            UNION ALL
            SELECT m.transaction_id, NULL, m.field || ' ' || coalesce(lower(g.name), m.value)
            FROM sorting_marks m
            LEFT JOIN tags g ON g.user_id = m.user_id AND g.id::text = m.value AND m.field = 'tag'
            WHERE m.user_id = %(owner)s AND m.transaction_id = ANY(%(ids)s)
        ) both_kinds
        GROUP BY id
        """,
        {"owner": owner, "ids": list(transaction_ids)},
    )


async def set_facts(
    db: Db,
    owner: UUID,
    rows: Sequence[tuple[UUID, UUID | None, str | None, bool]],
    now: datetime,
) -> int:
    """Write category, merchant and review mark that a rule decided; None and False: as it is.

    What a person chose meanwhile stays.
    """
    return await core_db.execute(
        db,
        """
        UPDATE transactions t
        SET category_id = CASE WHEN w.category_id IS NULL OR t.category_by = 'person'
                               THEN t.category_id ELSE w.category_id END,
            category_by = CASE WHEN w.category_id IS NULL OR t.category_by = 'person'
                               THEN t.category_by ELSE 'rule' END,
            merchant = CASE WHEN w.merchant IS NULL OR t.merchant_by = 'person'
                            THEN t.merchant ELSE w.merchant END,
            merchant_by = CASE WHEN w.merchant IS NULL OR t.merchant_by = 'person'
                               THEN t.merchant_by ELSE 'rule' END,
            needs_review = t.needs_review AND NOT w.review,
            reviewed_at = CASE WHEN w.review THEN coalesce(t.reviewed_at, %(now)s::timestamptz)
                               ELSE t.reviewed_at END,
            updated_at = %(now)s
        FROM unnest(%(ids)s::uuid[], %(categories)s::uuid[], %(merchants)s::text[],
                    %(reviews)s::boolean[]) AS w (id, category_id, merchant, review)
        WHERE t.user_id = %(owner)s AND t.id = w.id
        """,
        {
            "owner": owner,
            "now": now,
            "ids": [one[0] for one in rows],
            "categories": [one[1] for one in rows],
            "merchants": [one[2] for one in rows],
            "reviews": [one[3] for one in rows],
        },
    )


async def add_parts(
    db: Db, owner: UUID, parts: Sequence[tuple[UUID, int, UUID, Decimal]], now: datetime
) -> None:
    """Split rows that are not: row, position, category and amount of each part."""
    params = {
        "owner": owner,
        "now": now,
        "ids": [one[0] for one in parts],
        "positions": [one[1] for one in parts],
        "categories": [one[2] for one in parts],
        "amounts": [one[3] for one in parts],
    }
    await db.execute(
        """
        INSERT INTO transaction_splits (user_id, transaction_id, position, category_id, amount)
        SELECT %(owner)s, w.id, w.position, w.category_id, w.amount
        FROM unnest(%(ids)s::uuid[], %(positions)s::int[], %(categories)s::uuid[],
                    %(amounts)s::numeric[]) AS w (id, position, category_id, amount)
        """,
        params,
    )
    await db.execute(
        """
        UPDATE transactions SET is_split = true, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) AND NOT is_split
        """,
        params,
    )


async def mark(
    db: Db,
    owner: UUID,
    rule_id: UUID,
    marks: Sequence[tuple[UUID, str, str, str | None]],
    now: datetime,
) -> None:
    """Write down a rule's hand: row, field, value, and the merchant that was told before."""
    await db.execute(
        """
        INSERT INTO sorting_marks AS m (
            user_id, transaction_id, field, value, rule_id, was, at)
        SELECT %(owner)s, w.id, w.field, w.value, %(rule)s, w.was, %(now)s
        FROM unnest(%(ids)s::uuid[], %(fields)s::text[], %(values)s::text[], %(was)s::text[])
             AS w (id, field, value, was)
        ON CONFLICT (user_id, transaction_id, field, value) DO UPDATE SET
            rule_id = excluded.rule_id, was = excluded.was, at = excluded.at
        """,
        {
            "owner": owner,
            "rule": rule_id,
            "now": now,
            "ids": [one[0] for one in marks],
            "fields": [one[1] for one in marks],
            "values": [one[2] for one in marks],
            "was": [one[3] for one in marks],
        },
    )


async def restore_marks(db: Db, owner: UUID, import_id: UUID) -> None:
    """Write down the hands of rules that a book tells of, on the rows that an import brought."""
    await db.execute(
        """
        INSERT INTO sorting_marks (user_id, transaction_id, field, value, rule_id, was, at)
        SELECT %(owner)s, t.id, h.field, coalesce(g.id::text, h.value), r.id, h.was, h.at
        FROM file_transactions f
        JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id AND t.origin <> 'bank'
        CROSS JOIN LATERAL json_to_recordset(f.raw::json -> 'hands')
             AS h (rule text, field text, value text, was text, at timestamptz)
        JOIN sorting_rules r
          ON r.user_id = %(owner)s AND 'rul_' || replace(r.id::text, '-', '') = h.rule
        LEFT JOIN tags g
          ON g.user_id = %(owner)s AND h.field = 'tag' AND lower(g.name) = lower(h.value)
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.raw IS JSON OBJECT
          AND (h.field <> 'tag' OR g.id IS NOT NULL)
        ON CONFLICT (user_id, transaction_id, field, value) DO NOTHING
        """,
        {"owner": owner, "import_id": import_id},
    )
