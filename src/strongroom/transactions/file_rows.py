"""SQL that keeps a file's rows as told, and takes them into the book, set by set. Decides nothing.

Rows go to a temporary table by COPY, because row security forbids COPY into the tables themselves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions.file_types import FileKey, Pair, PreviewRow

_MOST_OF_A_DAY = 20
_MOST_OF_AN_AMOUNT = 10_000


async def make_stage(db: Db) -> None:
    """Make the temporary table ``file_staged``."""
    await db.execute(
        """
        CREATE TEMPORARY TABLE file_staged (
            id uuid, line integer, account_key text, day date, amount numeric, currency text,
            description text, payee text, note text, category text, fitid text,
            counter_account text, pending boolean, reviewed boolean, balance_after numeric,
            raw text, unsure boolean
        ) ON COMMIT DROP
        """
    )


async def stage(db: Db, rows: Iterable[tuple[object, ...]]) -> None:
    """Lay a batch of rows into ``file_staged``."""
    statement = "COPY file_staged FROM STDIN WITH (FORMAT binary)"
    async with db.cursor().copy(statement) as copy:
        copy.set_types(
            [
                "uuid", "int4", "text", "date", "numeric", "text", "text", "text", "text", "text",
                "text", "text", "bool", "bool", "numeric", "text", "bool",
            ]
        )  # fmt: skip
        for row in rows:
            await copy.write_row(row)


async def settle_repeated_ids(db: Db) -> int:
    """Look at sources' ids that stand on several rows; return how many rows were told twice.

    Told twice, alike in day, amount and text, is one row. Where they differ the source uses its
    ids loosely, and these rows are known by what they say.
    """
    repeated = await core_db.execute(
        db,
        """
        UPDATE file_staged s SET unsure = true
        FROM (SELECT account_key, fitid FROM file_staged WHERE fitid IS NOT NULL
              GROUP BY account_key, fitid HAVING count(*) > 1) many
        WHERE s.fitid = many.fitid AND s.account_key = many.account_key
        """,
    )
    if not repeated:
        return 0
    return await core_db.execute(
        db,
        """
        DELETE FROM file_staged s USING (
            SELECT account_key, fitid, (array_agg(id ORDER BY id))[1] AS id,
                   count(DISTINCT (day, amount, description)) AS tellings
            FROM file_staged WHERE unsure GROUP BY account_key, fitid) first
        WHERE s.unsure AND s.account_key = first.account_key AND s.fitid = first.fitid
          AND first.tellings = 1 AND s.id <> first.id
        """,
    )


async def keep(db: Db, owner: UUID, import_id: UUID) -> int:
    """Keep what is staged as the facts of an import; return how many rows."""
    return await core_db.execute(
        db,
        """
        INSERT INTO file_transactions (
            user_id, id, import_id, line, account_key, day, amount, currency, description, payee,
            note, category, fitid, counter_account, pending, reviewed, balance_after, identity, raw)
        SELECT %(owner)s, s.id, %(import_id)s, s.line, s.account_key, s.day, s.amount, s.currency,
               s.description, s.payee, s.note, s.category, s.fitid, s.counter_account, s.pending,
               s.reviewed, s.balance_after,
               CASE WHEN s.nth = 1 THEN s.base ELSE md5(s.base || ' ' || s.nth)::uuid END, s.raw
        FROM (
            SELECT f.*, row_number() OVER (PARTITION BY f.base, f.account_key ORDER BY f.id) AS nth
            FROM (
                SELECT t.*, CASE
                    WHEN t.fitid IS NOT NULL AND NOT t.unsure
                        THEN md5('id ' || t.fitid)::uuid
                    ELSE md5(t.day || ' ' || trim_scale(t.amount) || ' ' || coalesce(t.fitid, '')
                             || ' ' || t.description)::uuid END AS base
                FROM file_staged t) f
        ) s
        ORDER BY s.id
        """,
        {"owner": owner, "import_id": import_id},
    )


async def key_facts(db: Db, owner: UUID, import_id: UUID) -> list[FileKey]:
    """Return what an import's rows come to, by the accounts they name."""
    return await core_db.many(
        db,
        FileKey,
        """
        SELECT account_key AS key, count(*)::int AS rows, min(day) AS first, max(day) AS last,
               sum(amount) AS amount
        FROM file_transactions WHERE user_id = %(owner)s AND import_id = %(import_id)s
        GROUP BY account_key ORDER BY min(line), account_key
        """,
        {"owner": owner, "import_id": import_id},
    )


async def forget(db: Db, owner: UUID, import_id: UUID) -> None:
    """Drop an import's facts and marks."""
    params = {"owner": owner, "import_id": import_id}
    await forget_marks(db, owner, import_id)
    await db.execute(
        "DELETE FROM file_transactions WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        params,
    )


async def forget_marks(db: Db, owner: UUID, import_id: UUID) -> None:
    """Drop an import's marks."""
    await db.execute(
        "DELETE FROM file_marks WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        {"owner": owner, "import_id": import_id},
    )


async def has_rows(db: Db, owner: UUID, accounts: Sequence[UUID]) -> bool:
    """Return whether the book has a row on any of these accounts."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM transactions
                           WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s))
            """,
            {"owner": owner, "accounts": list(accounts)},
        )
    )


async def mark_known(db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, UUID]) -> int:
    """Mark the rows that an earlier file brought into the same account; return how many."""
    return await core_db.execute(
        db,
        """
        INSERT INTO file_marks (user_id, id, import_id, mark, rival_id, score, days)
        SELECT DISTINCT ON (f.id) %(owner)s, f.id, %(import_id)s, 'known', t.id, 100, 0
        FROM file_transactions f
        JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[]) AS m (key, account_id)
          ON m.key = f.account_key
        JOIN file_transactions o
          ON o.user_id = %(owner)s AND o.identity = f.identity AND o.import_id <> f.import_id
        JOIN transactions t
          ON t.user_id = %(owner)s AND t.id = o.id AND t.account_id = m.account_id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
        ORDER BY f.id, t.id
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(accounts),
            "accounts": list(accounts.values()),
        },
    )


async def candidates(
    db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, UUID], days: int
) -> AsyncGenerator[Pair, None]:
    """Yield pairs of a file's row and a row of the book with its amount, not so many days apart.

    In order of account and amount: pairs that share a row stand together. A row of the book that
    is another row's by identity is nobody else's. Of very many rows of one amount only the first
    are compared, or a crafted file would cost their number squared.
    """
    async with db.cursor(name="candidates") as cursor:
        cursor.itersize = 5_000
        await cursor.execute(
            """
            WITH told AS (
                SELECT f.id, f.day, f.amount, f.currency, f.payee, f.description, m.account_id,
                       row_number() OVER (PARTITION BY m.account_id, f.amount, f.day
                                          ORDER BY f.id) AS of_day,
                       row_number() OVER (PARTITION BY m.account_id, f.amount
                                          ORDER BY f.day, f.id) AS of_amount
                FROM file_transactions f
                JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[]) AS m (key, account_id)
                  ON m.key = f.account_key
                WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
                  AND NOT EXISTS (SELECT 1 FROM file_marks k WHERE k.user_id = %(owner)s
                                  AND k.import_id = %(import_id)s AND k.id = f.id)
            ), held AS (
                SELECT t.id, t.day, t.amount, t.currency, t.merchant, t.description, t.account_id,
                       row_number() OVER (PARTITION BY t.account_id, t.amount, t.day
                                          ORDER BY t.id) AS of_day,
                       row_number() OVER (PARTITION BY t.account_id, t.amount
                                          ORDER BY t.day, t.id) AS of_amount
                FROM transactions t
                WHERE t.user_id = %(owner)s AND t.account_id = ANY(%(accounts)s)
                  AND t.day BETWEEN (SELECT min(day) FROM told) - %(days)s::int
                                AND (SELECT max(day) FROM told) + %(days)s::int
                  AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM file_marks k WHERE k.user_id = %(owner)s
                                  AND k.import_id = %(import_id)s AND k.rival_id = t.id)
            )
            SELECT f.id, t.id, t.account_id, t.amount, abs(t.day - f.day),
                   concat_ws(' ', f.payee, f.description),
                   concat_ws(' ', t.merchant, t.description)
            FROM told f
            JOIN held t
              ON t.account_id = f.account_id AND t.amount = f.amount
             AND t.day BETWEEN f.day - %(days)s::int AND f.day + %(days)s::int
             AND (f.currency IS NULL OR t.currency = f.currency)
            WHERE f.of_day <= %(most_of_day)s AND t.of_day <= %(most_of_day)s
              AND f.of_amount <= %(most_of_amount)s AND t.of_amount <= %(most_of_amount)s
            ORDER BY t.account_id, t.amount, f.id, t.day, t.id
            """,
            {
                "owner": owner,
                "import_id": import_id,
                "keys": list(accounts),
                "accounts": list(accounts.values()),
                "days": days,
                "most_of_day": _MOST_OF_A_DAY,
                "most_of_amount": _MOST_OF_AN_AMOUNT,
            },
        )
        async for row in cursor:
            yield Pair(*row)


async def mark_alike(
    db: Db, owner: UUID, import_id: UUID, pairs: Sequence[tuple[UUID, UUID, int, int]]
) -> None:
    """Mark rows that look like one of the book: file's row, book's row, score, days apart."""
    await db.execute(
        """
        INSERT INTO file_marks (user_id, id, import_id, mark, rival_id, score, days)
        SELECT %(owner)s, p.id, %(import_id)s, 'alike', p.rival_id, p.score, p.days
        FROM unnest(%(ids)s::uuid[], %(rivals)s::uuid[], %(scores)s::int[], %(days)s::int[])
             AS p (id, rival_id, score, days)
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "ids": [pair[0] for pair in pairs],
            "rivals": [pair[1] for pair in pairs],
            "scores": [pair[2] for pair in pairs],
            "days": [pair[3] for pair in pairs],
        },
    )


@dataclass(frozen=True, slots=True)
class PathFacts:
    """A category as a file writes it, and what its rows come to."""

    path: str
    rows: int
    amount: Decimal


async def category_paths(db: Db, owner: UUID, import_id: UUID) -> list[PathFacts]:
    """Return the categories that an import's rows name."""
    return await core_db.many(
        db,
        PathFacts,
        """
        SELECT category AS path, count(*)::int AS rows, sum(amount) AS amount
        FROM file_transactions
        WHERE user_id = %(owner)s AND import_id = %(import_id)s AND category IS NOT NULL
        GROUP BY category ORDER BY category
        """,
        {"owner": owner, "import_id": import_id},
    )


async def add_category(
    db: Db, owner: UUID, category_id: UUID, parent_id: UUID | None, name: str, kind: str
) -> None:
    """Add a category of a person's own, after the defaults."""
    await db.execute(
        """
        INSERT INTO categories (user_id, id, parent_id, name, kind, position)
        VALUES (%(owner)s, %(id)s, %(parent_id)s, %(name)s, %(kind)s, 1000)
        """,
        {"owner": owner, "id": category_id, "parent_id": parent_id, "name": name, "kind": kind},
    )


async def write_book(
    db: Db,
    owner: UUID,
    import_id: UUID,
    accounts: Mapping[str, tuple[UUID, str]],
    paths: Mapping[str, UUID],
    fallback: Mapping[str, UUID],
    *,
    include: Sequence[UUID] | None,
    review_since: date,
    now: datetime,
) -> int:
    """Write an import's rows into the book, but those it has; return how many.

    ``include`` are the likely doubles to take all the same; None takes every one.
    """
    return await core_db.execute(
        db,
        """
        INSERT INTO transactions (
            user_id, id, account_id, origin, day, amount, currency, description, merchant,
            category_id, pending, note, needs_review, reviewed_at, created_at, updated_at)
        SELECT %(owner)s, f.id, m.account_id, 'file', f.day, f.amount,
               coalesce(f.currency, m.currency), f.description, f.payee,
               coalesce(c.id, CASE WHEN f.counter_account IS NOT NULL THEN %(transfer)s::uuid
                                   WHEN f.amount > 0 THEN %(income)s::uuid
                                   ELSE %(spending)s::uuid END),
               f.pending, f.note, NOT f.reviewed AND f.day >= %(review_since)s,
               CASE WHEN f.reviewed THEN %(now)s::timestamptz END, %(now)s, %(now)s
        FROM file_transactions f
        JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[], %(currencies)s::text[])
             AS m (key, account_id, currency) ON m.key = f.account_key
        LEFT JOIN unnest(%(paths)s::text[], %(categories)s::uuid[]) AS c (path, id)
          ON c.path = f.category
        LEFT JOIN file_marks k
          ON k.user_id = %(owner)s AND k.import_id = %(import_id)s AND k.id = f.id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND (k.mark IS NULL
               OR (k.mark = 'alike' AND (%(all)s OR f.id = ANY(%(include)s::uuid[]))))
        ORDER BY f.id
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(accounts),
            "accounts": [account_id for account_id, _ in accounts.values()],
            "currencies": [currency for _, currency in accounts.values()],
            "paths": list(paths),
            "categories": list(paths.values()),
            "transfer": fallback["transfer"],
            "income": fallback["income"],
            "spending": fallback["spending"],
            "all": include is None,
            "include": list(include or ()),
            "review_since": review_since,
            "now": now,
        },
    )


async def forget_untaken(db: Db, owner: UUID, import_id: UUID) -> int:
    """Drop the facts of rows that the book did not take, and all marks."""
    dropped = await core_db.execute(
        db,
        """
        DELETE FROM file_transactions f USING file_marks k
        WHERE k.user_id = %(owner)s AND k.import_id = %(import_id)s AND k.id = f.id
          AND f.user_id = %(owner)s
          AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.user_id = %(owner)s AND t.id = f.id)
        """,
        {"owner": owner, "import_id": import_id},
    )
    await forget_marks(db, owner, import_id)
    return dropped


async def forget_keys(db: Db, owner: UUID, import_id: UUID, keys: Sequence[str]) -> int:
    """Drop the facts of these of a file's accounts; return how many rows."""
    return await core_db.execute(
        db,
        """
        DELETE FROM file_transactions WHERE user_id = %(owner)s AND import_id = %(import_id)s
          AND account_key = ANY(%(keys)s)
        """,
        {"owner": owner, "import_id": import_id, "keys": list(keys)},
    )


async def months_of_import(db: Db, owner: UUID, import_id: UUID) -> list[date]:
    """Return the months that an import's rows stand in, in the file or in the book."""
    cursor = await db.execute(
        """
        SELECT DISTINCT date_trunc('month', day)::date FROM file_transactions
        WHERE user_id = %(owner)s AND import_id = %(import_id)s
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def count_edited(db: Db, owner: UUID, import_id: UUID) -> int:
    """Return how many rows that an import brought the person has changed since.

    A category that a book says the person chose counts only where the row was written later.
    """
    found = await core_db.value(
        db,
        """
        SELECT count(*) FROM file_transactions f
        JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND ((t.category_by = 'person'
                AND (position('"category_by": "person"' IN f.raw) = 0
                     OR t.updated_at > t.created_at))
               OR t.edited_at IS NOT NULL OR t.note IS DISTINCT FROM f.note
               OR (t.reviewed_at IS NOT NULL) <> f.reviewed)
        """,
        {"owner": owner, "import_id": import_id},
    )
    return int(found)


async def take_out(db: Db, owner: UUID, import_id: UUID) -> int:
    """Delete the book's rows that an import brought; return how many."""
    return await core_db.execute(
        db,
        """
        DELETE FROM transactions t USING file_transactions f
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND t.user_id = %(owner)s AND t.id = f.id AND t.origin <> 'bank'
        """,
        {"owner": owner, "import_id": import_id},
    )


async def drop_unused_categories(db: Db, owner: UUID, category_ids: Sequence[UUID]) -> int:
    """Delete those of the categories that nothing is in, hangs under, goes to or speaks of."""
    params = {"owner": owner, "ids": list(category_ids)}
    statement = """
        DELETE FROM categories c
        WHERE c.user_id = %(owner)s AND c.id = ANY(%(ids)s) AND c.key IS NULL
          AND NOT EXISTS (SELECT 1 FROM transactions t
                          WHERE t.user_id = %(owner)s AND t.category_id = c.id)
          AND NOT EXISTS (SELECT 1 FROM categories k
                          WHERE k.user_id = %(owner)s AND c.id IN (k.parent_id, k.goes_to))
          AND NOT EXISTS (SELECT 1 FROM transaction_splits s
                          WHERE s.user_id = %(owner)s AND s.category_id = c.id)
          AND NOT EXISTS (SELECT 1 FROM refunds r
                          WHERE r.user_id = %(owner)s AND r.category_before = c.id)
          AND NOT EXISTS (SELECT 1 FROM budgets b
                          WHERE b.user_id = %(owner)s AND b.category_id = c.id)
          AND NOT EXISTS (SELECT 1 FROM sorting_rules g
                          WHERE g.user_id = %(owner)s AND g.category_id = c.id)
          AND NOT EXISTS (SELECT 1 FROM sorting_rule_parts p
                          WHERE p.user_id = %(owner)s AND p.category_id = c.id)
        """
    return sum([await core_db.execute(db, statement, params) for _level in (2, 1)])


async def preview(
    db: Db, owner: UUID, import_id: UUID, mark: str | None, after: UUID | None, limit: int
) -> list[PreviewRow]:
    """Return an import's rows in the file's order: all, or those with a mark ('new' has none)."""
    return await core_db.many(
        db,
        PreviewRow,
        """
        SELECT f.id, f.line, f.account_key, f.day, f.amount, f.currency, f.description, f.payee,
               f.note, f.category, f.pending, k.mark, k.score, k.days, k.rival_id,
               t.day AS rival_day, coalesce(t.merchant, t.description) AS rival_text,
               t.origin AS rival_origin
        FROM file_transactions f
        LEFT JOIN file_marks k
          ON k.user_id = %(owner)s AND k.import_id = %(import_id)s AND k.id = f.id
        LEFT JOIN transactions t ON t.user_id = %(owner)s AND t.id = k.rival_id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND (%(after)s::uuid IS NULL OR f.id > %(after)s)
          AND (%(mark)s::text IS NULL OR coalesce(k.mark, 'new') = %(mark)s)
        ORDER BY f.id
        LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "mark": mark,
            "after": after,
            "limit": limit,
        },
    )
