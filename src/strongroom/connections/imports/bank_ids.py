"""Rows under an id that the bank gave another row of the account before: known by what they say.

OFX calls a FITID unique within an account, and says that a row may be corrected under it. Banks
number each download anew instead, so an id makes two rows one only where day and amount agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.transactions import FileTarget

FORMATS = frozenset({"ofx"})
"""Whose ids are a bank's own for rows of one account. What other programs number stays one row
when it is edited there."""

_MOST_DAYS = 4
_SCORE = 60


async def settle(
    db: Db, *, owner: UUID, import_id: UUID, accounts: Mapping[str, FileTarget]
) -> None:
    """Decide of an import's rows with an id whether that or what they say makes them one.

    To be asked before the rows are compared, each time for the ``accounts`` they go to by then.
    """
    held = [target.account_id for target in accounts.values()]
    if await _brought_before(db, owner, import_id, held):
        async with in_bulk(db):
            await _settle(db, owner, import_id, accounts)


async def _settle(db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, FileTarget]) -> None:
    await db.execute(
        """
        WITH told AS MATERIALIZED (
            SELECT f.id, f.day, f.amount, f.description, f.identity, m.account_id,
                   md5('id ' || f.fitid)::uuid AS by_id,
                   md5(f.day || ' ' || trim_scale(f.amount) || ' ' || f.fitid || ' '
                       || f.description)::uuid AS by_words
            FROM file_transactions f
            JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[]) AS m (key, account_id)
              ON m.key = f.account_key
            WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.fitid IS NOT NULL
        ), met AS MATERIALIZED (
            SELECT f.id, f.identity, f.by_id, f.by_words, f.account_id, o.id AS row_id,
                   o.identity = f.by_id AND o.day = f.day AND o.amount = f.amount AS agrees,
                   o.description = f.description AS reads_alike
            FROM told f
            CROSS JOIN LATERAL (VALUES (f.by_id), (f.by_words)) AS w (identity)
            JOIN file_transactions o
              ON o.user_id = %(owner)s AND o.identity = w.identity
             AND o.import_id <> %(import_id)s
        ), held AS MATERIALIZED (
            SELECT f.id, f.identity, f.by_id, f.by_words, bool_or(f.agrees) AS agrees,
                   bool_or(f.agrees AND f.reads_alike) AS is_the_same
            FROM met f
            JOIN transactions t
              ON t.user_id = %(owner)s AND t.id = f.row_id AND t.account_id = f.account_id
            GROUP BY f.id, f.identity, f.by_id, f.by_words
        )
        UPDATE file_transactions f
        SET identity = CASE WHEN held.agrees THEN held.by_id ELSE held.by_words END
        FROM held
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.id = held.id
          AND ((held.identity = held.by_id AND NOT held.agrees)
               OR (held.identity = held.by_words AND held.is_the_same))
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(accounts),
            "accounts": [target.account_id for target in accounts.values()],
        },
    )


async def mark_corrected(
    db: Db, *, owner: UUID, import_id: UUID, accounts: Mapping[str, FileTarget]
) -> int:
    """Mark rows that may be an earlier one corrected as like it; return how many.

    To be asked once the rows are compared. See ``_corrected``.
    """
    pairs = await _corrected(db, owner, import_id, accounts)
    return await core_db.execute(
        db,
        """
        INSERT INTO file_marks (user_id, id, import_id, mark, rival_id, score, days)
        SELECT %(owner)s, p.id, %(import_id)s, 'alike', p.rival_id, %(score)s, p.days
        FROM unnest(%(ids)s::uuid[], %(rivals)s::uuid[], %(days)s::int[]) AS p (id, rival_id, days)
        ON CONFLICT DO NOTHING
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "ids": [one for one, _rival, _days in pairs],
            "rivals": [rival for _one, rival, _days in pairs],
            "days": [days for _one, _rival, days in pairs],
            "score": _SCORE,
        },
    )


async def settle_and_choose(
    db: Db,
    *,
    owner: UUID,
    import_id: UUID,
    accounts: Mapping[str, FileTarget],
    include: Sequence[UUID] | None,
) -> None:
    """Settle anew what is taken in now, and drop what may be corrected and was not chosen.

    ``include`` are the likely doubles that were chosen; None: all of them.
    """
    await settle(db, owner=owner, import_id=import_id, accounts=accounts)
    if include is None:
        return
    pairs = await _corrected(db, owner, import_id, accounts)
    left = {one for one, _rival, _days in pairs} - set(include)
    await db.execute(
        """
        DELETE FROM file_transactions
        WHERE user_id = %(owner)s AND import_id = %(import_id)s AND id = ANY(%(ids)s::uuid[])
        """,
        {"owner": owner, "import_id": import_id, "ids": list(left)},
    )


async def _brought_before(db: Db, owner: UUID, import_id: UUID, accounts: Sequence[UUID]) -> bool:
    """Whether an earlier import went to any of these accounts."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (
                SELECT 1 FROM file_imports i, jsonb_array_elements(i.accounts) AS one
                WHERE i.user_id = %(owner)s AND i.id <> %(import_id)s AND i.state = 'done'
                  AND (one -> 'choice' ->> 'account_id')::uuid = ANY(%(accounts)s))
            """,
            {"owner": owner, "import_id": import_id, "accounts": list(accounts)},
        )
    )


async def _corrected(
    db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, FileTarget]
) -> list[tuple[UUID, UUID, int]]:
    """Return rows beside the one of their id that they may be, corrected, and days between.

    The days are near, and of day, amount and text one more agrees; else the id was given anew.
    """
    async with in_bulk(db):
        return await _near_one_of_its_id(db, owner, import_id, accounts)


async def _near_one_of_its_id(
    db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, FileTarget]
) -> list[tuple[UUID, UUID, int]]:
    cursor = await db.execute(
        """
        WITH told AS MATERIALIZED (
            SELECT f.id, f.day, f.amount, f.description, f.identity, m.account_id,
                   md5('id ' || f.fitid)::uuid AS by_id
            FROM file_transactions f
            JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[]) AS m (key, account_id)
              ON m.key = f.account_key
            WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.fitid IS NOT NULL
              AND f.identity <> md5('id ' || f.fitid)::uuid
        ), met AS MATERIALIZED (
            SELECT f.id, f.identity, f.account_id, o.id AS row_id, abs(o.day - f.day) AS days
            FROM told f
            JOIN file_transactions o
              ON o.user_id = %(owner)s AND o.identity = f.by_id AND o.import_id <> %(import_id)s
            WHERE o.day BETWEEN f.day - %(most_days)s::int AND f.day + %(most_days)s::int
              AND (o.day = f.day OR o.amount = f.amount
                   OR lower(o.description) = lower(f.description))
        ), known AS MATERIALIZED (
            SELECT k.identity, b.account_id
            FROM file_transactions k
            JOIN transactions b ON b.user_id = %(owner)s AND b.id = k.id
            WHERE k.user_id = %(owner)s AND k.import_id <> %(import_id)s
              AND k.identity IN (SELECT identity FROM met)
        )
        SELECT DISTINCT ON (f.id) f.id, f.row_id, f.days
        FROM met f
        JOIN transactions t
          ON t.user_id = %(owner)s AND t.id = f.row_id AND t.account_id = f.account_id
        WHERE NOT EXISTS (SELECT 1 FROM known k
                          WHERE k.identity = f.identity AND k.account_id = f.account_id)
        ORDER BY f.id, f.days, f.row_id
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(accounts),
            "accounts": [target.account_id for target in accounts.values()],
            "most_days": _MOST_DAYS,
        },
    )
    return await cursor.fetchall()
