"""SQL of the book's reading and editing side, one function a statement. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions import finding


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category's columns."""

    id: UUID
    parent_id: UUID | None
    key: str | None
    name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book row with the names of its account and category."""

    id: UUID
    account_id: UUID
    account_name: str
    account_mask: str | None
    origin: str
    day: date
    happened_on: date | None
    amount: Decimal
    currency: str
    description: str
    merchant: str | None
    category_id: UUID
    category_key: str | None
    category_name: str | None
    kind: str
    category_by: str
    pending: bool
    note: str | None
    needs_review: bool
    reviewed_at: datetime | None
    removed_by_bank: datetime | None
    never_booked_at: datetime | None
    merchant_by: str
    is_split: bool
    transfer_id: UUID | None
    created_at: datetime
    tags: list[str]


async def seed_categories(db: Db, owner: UUID) -> int:
    """Give a person the default categories that they do not have yet; return how many."""
    return await core_db.execute(
        db,
        """
        WITH missing AS (
            SELECT d.*, gen_random_uuid() AS id FROM default_categories d
            WHERE NOT EXISTS (
                SELECT 1 FROM categories c WHERE c.user_id = %(owner)s AND c.key = d.key)
        )
        INSERT INTO categories (user_id, id, parent_id, key, kind, position)
        SELECT %(owner)s, m.id,
               coalesce(p.id, (SELECT c.id FROM categories c
                               WHERE c.user_id = %(owner)s AND c.key = m.parent)),
               m.key, m.kind, m.position
        FROM missing m LEFT JOIN missing p ON p.key = m.parent
        ON CONFLICT (user_id, key) DO NOTHING
        """,
        {"owner": owner},
    )


async def categories(db: Db, owner: UUID) -> list[CategoryRow]:
    """Return a person's categories, groups before what is in them."""
    return await core_db.many(
        db,
        CategoryRow,
        """
        SELECT id, parent_id, key, name, kind FROM categories
        WHERE user_id = %(owner)s AND removed_at IS NULL ORDER BY position, name, id
        """,
        {"owner": owner},
    )


_COLUMNS = sql.SQL(
    """
    SELECT t.id, t.account_id, a.name AS account_name, a.mask AS account_mask, t.origin, t.day,
           t.happened_on, t.amount, t.currency, t.description, t.merchant, t.category_id,
           c.key AS category_key, c.name AS category_name, c.kind, t.category_by, t.pending,
           t.note, t.needs_review, t.reviewed_at, t.removed_by_bank,
           t.never_booked_at, t.merchant_by, t.is_split, t.transfer_id, t.created_at,
           ARRAY(SELECT g.name FROM transaction_tags x
                 JOIN tags g ON g.user_id = x.user_id AND g.id = x.tag_id
                 WHERE x.user_id = t.user_id AND x.transaction_id = t.id
                 ORDER BY lower(g.name), g.id) AS tags
    """
)
_NAMES = sql.SQL(
    """
    JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
    JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
    """
)
_CONDITIONS: dict[str, sql.SQL] = {
    "category_ids": sql.SQL(
        "(NOT t.is_split AND t.category_id = ANY(%(category_ids)s::uuid[])"
        " OR t.is_split AND EXISTS (SELECT 1 FROM transaction_parts p"
        " WHERE p.user_id = t.user_id AND p.transaction_id = t.id"
        " AND p.category_id = ANY(%(category_ids)s::uuid[])))"
    ),
    "tag": sql.SQL(
        "t.id IN (SELECT x.transaction_id FROM transaction_tags x JOIN tags g"
        " ON g.user_id = x.user_id AND g.id = x.tag_id"
        " WHERE x.user_id = %(owner)s AND lower(g.name) = lower(%(tag)s))"
    ),
    "account_id": sql.SQL("t.account_id = %(account_id)s"),
    "since": sql.SQL("t.day >= %(since)s"),
    "until": sql.SQL("t.day <= %(until)s"),
    "to_review": sql.SQL("t.needs_review AND NOT t.pending"),
    "pending": sql.SQL("t.pending = %(pending)s"),
    "after_day": sql.SQL("(t.day, t.id) < (%(after_day)s, %(after_id)s)"),
}


def _where(params: dict[str, Any]) -> sql.Composed:
    """Join the fixed conditions whose parameter is given. No text of a person's becomes SQL."""
    wanted: list[sql.Composable] = [sql.SQL("t.user_id = %(owner)s")]
    wanted += [
        _CONDITIONS[name] for name in _CONDITIONS if params.get(name) not in (None, "", False)
    ]
    if params.get("pending") is False:
        wanted.append(_CONDITIONS["pending"])
    if params.get("text"):
        wanted.append(finding.condition(params))
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)


# Which rows are shown is decided first, and what they are called is looked up for those alone:
# joined at once, the planner may begin with the accounts and sort all that is theirs.
_NEWEST_FIRST = sql.SQL(" ORDER BY t.day DESC, t.id DESC")


async def search(db: Db, params: dict[str, Any]) -> list[BookRow]:
    """Return the newest rows that the filter in ``params`` lets through, at most ``limit``."""
    query = (
        _COLUMNS
        + sql.SQL(" FROM (SELECT * FROM transactions t")
        + _where(params)
        + _NEWEST_FIRST
        + sql.SQL(" LIMIT %(limit)s) t")
        + _NAMES
        + _NEWEST_FIRST
    )
    return await core_db.many(db, BookRow, query, params)


async def search_newest(db: Db, params: dict[str, Any]) -> list[BookRow]:
    """Return what ``search`` does of the newest ``among`` rows, which are looked at one by one."""
    place = {"owner": params["owner"], "after_day": params.get("after_day")}
    query = (
        _COLUMNS
        + sql.SQL(" FROM (SELECT * FROM (SELECT * FROM transactions t")
        + _where(place)
        + _NEWEST_FIRST
        + sql.SQL(" LIMIT %(among)s) t")
        + _where(params)
        + _NEWEST_FIRST
        + sql.SQL(" LIMIT %(limit)s) t")
        + _NAMES
        + _NEWEST_FIRST
    )
    return await core_db.many(db, BookRow, query, params)


async def search_by_index(db: Db, params: dict[str, Any]) -> list[BookRow]:
    """Return what ``search`` does, finding the rows by their texts first: for what is rare."""
    query = (
        sql.SQL("WITH hits AS MATERIALIZED (SELECT t.id, t.day FROM transactions t")
        + _where(params)
        + sql.SQL("), newest AS (SELECT id FROM hits ORDER BY day DESC, id DESC LIMIT %(limit)s)")
        + _COLUMNS
        + sql.SQL(" FROM transactions t")
        + _NAMES
        + sql.SQL(" JOIN newest ON newest.id = t.id WHERE t.user_id = %(owner)s")
        + _NEWEST_FIRST
    )
    return await core_db.many(db, BookRow, query, params)


@dataclass(frozen=True, slots=True)
class MatchingRow:
    """What of a row stands in one category."""

    transaction_id: UUID
    category_key: str | None
    category_name: str | None
    amount: Decimal


async def category_ids(db: Db, owner: UUID, category: str, category_id: UUID | None) -> list[UUID]:
    """Return the category of that id, key or name, and those in it if it is a group.

    By ``category_id`` where there is one. What is a key is no name, and a name may be several.
    """
    cursor = await db.execute(
        """
        WITH known AS (
            SELECT k.id, k.parent_id,
                   CASE WHEN %(id)s::uuid IS NOT NULL THEN CASE WHEN k.id = %(id)s::uuid THEN 1 END
                        WHEN k.key = %(text)s THEN 1
                        WHEN k.key IS NULL AND k.name = %(text)s THEN 2 END AS way
            FROM categories k WHERE k.user_id = %(owner)s
        ), meant AS (
            SELECT id FROM known WHERE way = (SELECT min(way) FROM known)
        )
        SELECT id FROM known
        WHERE id IN (SELECT id FROM meant) OR parent_id IN (SELECT id FROM meant)
        """,
        {"owner": owner, "text": category, "id": category_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def matching_parts(
    db: Db, owner: UUID, category_ids: Sequence[UUID], transaction_ids: Sequence[UUID]
) -> list[MatchingRow]:
    """Return what of split rows stands in one of these categories."""
    return await core_db.many(
        db,
        MatchingRow,
        """
        SELECT p.transaction_id, c.key AS category_key, c.name AS category_name,
               sum(p.amount) AS amount
        FROM transaction_parts p
        JOIN categories c ON c.user_id = p.user_id AND c.id = p.category_id
        WHERE p.user_id = %(owner)s AND p.transaction_id = ANY(%(ids)s)
          AND p.category_id = ANY(%(category_ids)s::uuid[])
        GROUP BY p.transaction_id, c.id, c.key, c.name, c.position ORDER BY c.position
        """,
        {"owner": owner, "category_ids": list(category_ids), "ids": list(transaction_ids)},
    )


async def any_split_in(db: Db, owner: UUID, category_ids: Sequence[UUID]) -> bool:
    """Return whether a row is split whose own category is one of these."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (
                SELECT 1 FROM transaction_splits s
                JOIN transactions t ON t.user_id = s.user_id AND t.id = s.transaction_id
                WHERE s.user_id = %(owner)s AND t.category_id = ANY(%(category_ids)s::uuid[]))
            """,
            {"owner": owner, "category_ids": list(category_ids)},
        )
    )


async def get(db: Db, owner: UUID, transaction_id: UUID) -> BookRow | None:
    """Return one row of the book."""
    query = (
        _COLUMNS
        + sql.SQL(" FROM transactions t")
        + _NAMES
        + sql.SQL(" WHERE t.user_id = %(owner)s AND t.id = %(id)s")
    )
    rows = await core_db.many(db, BookRow, query, {"owner": owner, "id": transaction_id})
    return rows[0] if rows else None


async def bank_record(db: Db, owner: UUID, transaction_id: UUID) -> str | None:
    """Return the bank's own row behind a row of the book, as JSON text: decimals as sent."""
    found: str | None = await core_db.value(
        db,
        """
        SELECT p.raw::text FROM transactions t
        JOIN plaid_transactions p ON p.user_id = t.user_id AND p.id = t.bank_row_id
        WHERE t.user_id = %(owner)s AND t.id = %(id)s
        """,
        {"owner": owner, "id": transaction_id},
    )
    return found


async def reviewed_at_least(db: Db, owner: UUID, count: int) -> bool:
    """Return whether so many rows are reviewed, looking at no more of them than that."""
    found = await core_db.value(
        db,
        """
        SELECT count(*) FROM (
            SELECT 1 FROM transactions
            WHERE user_id = %(owner)s AND reviewed_at IS NOT NULL LIMIT %(count)s) reviewed
        """,
        {"owner": owner, "count": count},
    )
    return int(found) >= count


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Rows and their sum in one currency."""

    currency: str
    count: int
    amount: Decimal


async def totals(db: Db, params: dict[str, Any]) -> list[TotalRow]:
    """Return, by currency, how many rows the filter lets through and their sum.

    No more than ``at_most`` rows are looked at. Of a row that is split only the parts in the
    category that is asked for are summed.
    """
    if params.get("category_ids") is not None:
        parts = (
            sql.SQL(
                "SELECT p.currency, count(DISTINCT p.transaction_id)::int AS count,"
                " sum(p.amount) AS amount FROM transaction_parts p"
                " WHERE p.user_id = %(owner)s AND p.category_id = ANY(%(category_ids)s::uuid[])"
                " AND p.transaction_id IN (SELECT t.id FROM transactions t"
            )
            + _where(params)
            + sql.SQL(" LIMIT %(at_most)s) GROUP BY p.currency ORDER BY count(*) DESC, p.currency")
        )
        return await core_db.many(db, TotalRow, parts, params)
    query = (
        sql.SQL("SELECT found.currency, count(*)::int AS count, sum(found.amount) AS amount")
        + sql.SQL(" FROM (SELECT t.currency, t.amount FROM transactions t")
        + _where(params)
        + sql.SQL(
            " LIMIT %(at_most)s) found"
            " GROUP BY found.currency ORDER BY count(*) DESC, found.currency"
        )
    )
    return await core_db.many(db, TotalRow, query, params)


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """What went out in one category group, in two spans of days. Positive is spent."""

    id: UUID
    key: str | None
    name: str | None
    this_month: Decimal
    last_month: Decimal


async def spending(db: Db, owner: UUID, currency: str, days: dict[str, date]) -> list[SpendingRow]:
    """Return spending by category group: this month, and last month to the same day.

    Counts the accounts a person lives from; a loan's or fund's own rows are the other side. The
    months' sums are kept; only the rows of days that do not count are read, to be taken off.
    """
    return await core_db.many(
        db,
        SpendingRow,
        """
        WITH moved AS MATERIALIZED (
            SELECT m.category_id, m.month, m.account_id, m.counted AS amount
            FROM monthly_totals m
            WHERE m.user_id = %(owner)s AND m.currency = %(currency)s
              AND m.month IN (%(last_start)s, %(this_start)s)
            UNION ALL
            SELECT t.category_id, date_trunc('month', t.day)::date, t.account_id, -sum(t.amount)
            FROM transaction_parts t
            WHERE t.user_id = %(owner)s AND t.currency = %(currency)s AND t.counts
              AND t.day > %(last_end)s AND t.day < %(this_start)s
            GROUP BY 1, 2, 3
            UNION ALL
            SELECT t.category_id, date_trunc('month', t.day)::date, t.account_id, -sum(t.amount)
            FROM transaction_parts t
            WHERE t.user_id = %(owner)s AND t.currency = %(currency)s AND t.counts
              AND t.day > %(today)s AND t.day < %(next_start)s
            GROUP BY 1, 2, 3
        ), sums AS MATERIALIZED (
            SELECT category_id,
                   coalesce(-sum(amount) FILTER (WHERE month = %(this_start)s), 0) AS this_month,
                   coalesce(-sum(amount) FILTER (WHERE month = %(last_start)s), 0) AS last_month
            FROM moved
            WHERE account_id = ANY(ARRAY(
                SELECT a.id FROM accounts a
                WHERE a.user_id = %(owner)s AND a.category IN ('cash', 'credit_cards')))
            GROUP BY category_id
        )
        SELECT o.id, o.key, o.name, sum(s.this_month) AS this_month,
               sum(s.last_month) AS last_month
        FROM sums s
        JOIN categories c ON c.user_id = %(owner)s AND c.id = s.category_id
        JOIN categories o ON o.user_id = %(owner)s AND o.id = coalesce(c.parent_id, c.id)
        WHERE c.kind = 'spending'
        GROUP BY o.id, o.key, o.name
        ORDER BY this_month DESC, last_month DESC, coalesce(o.key, o.name), o.id
        """,
        {"owner": owner, "currency": currency, **days},
    )


@dataclass(frozen=True, slots=True)
class Edited:
    """How many of the rows meant there are, and how many of those were otherwise before."""

    found: int
    changed: int


async def set_category(
    db: Db, owner: UUID, transaction_ids: Sequence[UUID], category_id: UUID, now: datetime
) -> Edited:
    """Put rows into the category a person chose; no sync changes it afterwards."""
    edited = await core_db.one(
        db,
        Edited,
        """
        WITH meant AS (
            SELECT id, (category_id, category_by) IS DISTINCT FROM (%(category_id)s, 'person')
                       AS differs
            FROM transactions WHERE user_id = %(owner)s AND id = ANY(%(ids)s)
        ), done AS (
            UPDATE transactions t
            SET category_id = %(category_id)s, category_by = 'person', edited_at = %(now)s,
                updated_at = %(now)s
            FROM meant WHERE t.user_id = %(owner)s AND t.id = meant.id AND meant.differs
        )
        SELECT count(*)::int AS found, count(*) FILTER (WHERE differs)::int AS changed FROM meant
        """,
        {"owner": owner, "ids": list(transaction_ids), "category_id": category_id, "now": now},
    )
    assert edited is not None  # noqa: S101 - an aggregate without GROUP BY always has its row
    return edited
