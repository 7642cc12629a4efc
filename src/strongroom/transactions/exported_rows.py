"""SQL of rows that an exported book tells: which of the book's own each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


async def mark_own(db: Db, owner: UUID, import_id: UUID, accounts: Mapping[str, UUID]) -> int:
    """Mark the rows that a book was exported from, by their ids; return how many."""
    return await core_db.execute(
        db,
        """
        INSERT INTO file_marks (user_id, id, import_id, mark, rival_id, score, days)
        SELECT %(owner)s, f.id, %(import_id)s, 'known', t.id, 100, 0
        FROM file_transactions f
        JOIN unnest(%(keys)s::text[], %(accounts)s::uuid[]) AS m (key, account_id)
          ON m.key = f.account_key
        JOIN transactions t
          ON t.user_id = %(owner)s AND t.account_id = m.account_id
         AND t.id = CASE WHEN f.fitid ~ '^trn_[0-9a-f]{32}$' THEN substr(f.fitid, 5)::uuid END
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
        ON CONFLICT DO NOTHING
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(accounts),
            "accounts": list(accounts.values()),
        },
    )


async def be_by_hand(db: Db, owner: UUID, import_id: UUID) -> None:
    """Let the rows that a person wrote by hand where a book was exported be theirs to write."""
    await db.execute(
        """
        UPDATE transactions t SET origin = 'manual'
        FROM file_transactions f
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
          AND t.user_id = %(owner)s AND t.id = f.id AND t.origin = 'file'
          AND f.raw IS JSON OBJECT AND f.raw::json ->> 'origin' = 'manual'
        """,
        {"owner": owner, "import_id": import_id},
    )


async def by_key(
    db: Db,
    owner: UUID,
    import_id: UUID,
    keys: Sequence[str],
    ids: Sequence[UUID],
    accounts: Sequence[UUID],
) -> list[tuple[str, UUID]]:
    """Return rows on these accounts by the keys that books call them; ``ids`` are keys as ids.

    A row of this import goes before one that an earlier one brought, and that before the very one.
    """
    cursor = await db.execute(
        """
        WITH brought AS (
            SELECT DISTINCT ON (f.fitid) f.fitid AS key, t.id
            FROM file_transactions f
            JOIN transactions t ON t.user_id = f.user_id AND t.id = f.id
            WHERE f.user_id = %(owner)s AND f.fitid = ANY(%(keys)s::text[])
              AND t.account_id = ANY(%(accounts)s::uuid[])
            ORDER BY f.fitid, f.import_id = %(import_id)s DESC, t.id
        )
        SELECT key, id FROM brought
        UNION ALL
        SELECT 'trn_' || replace(t.id::text, '-', ''), t.id FROM transactions t
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(ids)s::uuid[])
          AND NOT EXISTS (SELECT 1 FROM brought b
                          WHERE b.key = 'trn_' || replace(t.id::text, '-', ''))
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "keys": list(keys),
            "ids": list(ids),
            "accounts": list(accounts),
        },
    )
    return await cursor.fetchall()
