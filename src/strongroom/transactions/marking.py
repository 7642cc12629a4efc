"""SQL that tags, parts and attachments share: a person's hand on a row, and the journal of marks.

The database journals columns of a row by itself; what hangs on a row is written down here, in the
same journal and under the same act (see ``journal``). Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import db as core_db
from strongroom.core.db import Db

Marks = Mapping[str, Any]
"""What of a row's marks a change is about, as JSON: ``tags``, ``parts`` or ``attachment``."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A row whose marks changed, what they were and what they are."""

    transaction_id: UUID
    before: Marks
    after: Marks


async def missing(db: Db, owner: UUID, transaction_ids: Sequence[UUID]) -> int:
    """Return how many of these rows there are not."""
    found = await core_db.value(
        db,
        "SELECT count(*) FROM transactions WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(transaction_ids)},
    )
    return len(set(transaction_ids)) - int(found)


async def touch(db: Db, owner: UUID, transaction_ids: Sequence[UUID], now: datetime) -> None:
    """Note on rows that their person changed something of them: no sync drops them from now on."""
    await db.execute(
        """
        UPDATE transactions SET edited_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(transaction_ids), "now": now},
    )


async def carry_over(db: Db, owner: UUID, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Hang what is on the rows of earlier bank rows on those of later ones, before the former go.

    ``pairs`` are the bank's rows, earlier and later. Where the later row has parts of its own,
    those stay.
    """
    was, after = [one[0] for one in pairs], [one[1] for one in pairs]
    params = {"owner": owner, "was": was, "next": after}
    for statement in (_CARRY_TAGS, _CARRY_ATTACHMENTS, _CARRY_PARTS, _MARK_PARTS):
        await db.execute(statement, params)


_CARRY_TAGS: LiteralString = """
    INSERT INTO transaction_tags (user_id, transaction_id, tag_id, tagged_by)
    SELECT %(owner)s, t.id, x.tag_id, x.tagged_by
    FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
    JOIN transactions w ON w.user_id = %(owner)s AND w.bank_row_id = pair.was
    JOIN transactions t ON t.user_id = %(owner)s AND t.bank_row_id = pair.next
    JOIN transaction_tags x ON x.user_id = %(owner)s AND x.transaction_id = w.id
    ON CONFLICT (user_id, transaction_id, tag_id) DO NOTHING
"""
_CARRY_ATTACHMENTS: LiteralString = """
    UPDATE attachments a SET transaction_id = t.id
    FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
    JOIN transactions w ON w.user_id = %(owner)s AND w.bank_row_id = pair.was
    JOIN transactions t ON t.user_id = %(owner)s AND t.bank_row_id = pair.next
    WHERE a.user_id = %(owner)s AND a.transaction_id = w.id
"""
_CARRY_PARTS: LiteralString = """
    INSERT INTO transaction_splits (user_id, transaction_id, position, category_id, amount, note)
    SELECT %(owner)s, t.id, s.position, s.category_id, s.amount, s.note
    FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
    JOIN transactions w ON w.user_id = %(owner)s AND w.bank_row_id = pair.was AND w.is_split
    JOIN transactions t ON t.user_id = %(owner)s AND t.bank_row_id = pair.next AND NOT t.is_split
    JOIN transaction_splits s ON s.user_id = %(owner)s AND s.transaction_id = w.id
"""
_MARK_PARTS: LiteralString = """
    UPDATE transactions t SET is_split = true
    FROM unnest(%(next)s::uuid[]) AS next
    WHERE t.user_id = %(owner)s AND t.bank_row_id = next AND NOT t.is_split
      AND EXISTS (SELECT 1 FROM transaction_splits s
                  WHERE s.user_id = %(owner)s AND s.transaction_id = t.id)
"""


async def restore(
    db: Db, owner: UUID, import_id: UUID, paths: Mapping[str, UUID], now: datetime
) -> None:
    """Hang on the rows of an imported book what its file says of them: tags and parts.

    Parts are in categories by their ``paths``; one in a category that nobody knows stays in the
    row's own.
    """
    params = {
        "owner": owner,
        "import_id": import_id,
        "paths": list(paths),
        "categories": list(paths.values()),
        "now": now,
    }
    for statement in (_RESTORE_NAMES, _RESTORE_TAGS, _RESTORE_PARTS, _RESTORE_WHETHER):
        await db.execute(statement, params)


_RESTORE_NAMES: LiteralString = """
    INSERT INTO tags (user_id, id, name, created_at)
    SELECT DISTINCT ON (lower(told.name)) %(owner)s, gen_random_uuid(), told.name, %(now)s
    FROM file_transactions f
    CROSS JOIN LATERAL json_array_elements_text(f.raw::json -> 'tags') AS told (name)
    WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.raw IS JSON OBJECT
    ORDER BY lower(told.name), told.name
    ON CONFLICT (user_id, lower(name)) DO NOTHING
"""
_RESTORE_TAGS: LiteralString = """
    INSERT INTO transaction_tags (user_id, transaction_id, tag_id, tagged_by)
    SELECT %(owner)s, t.id, g.id, 'file'
    FROM file_transactions f
    JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id AND t.origin = 'file'
    CROSS JOIN LATERAL json_array_elements_text(f.raw::json -> 'tags') AS told (name)
    JOIN tags g ON g.user_id = %(owner)s AND lower(g.name) = lower(told.name)
    WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.raw IS JSON OBJECT
    ON CONFLICT (user_id, transaction_id, tag_id) DO NOTHING
"""
_RESTORE_PARTS: LiteralString = """
    INSERT INTO transaction_splits (user_id, transaction_id, position, category_id, amount, note)
    SELECT %(owner)s, t.id, told.position, known.id, (told.part ->> 'amount')::numeric,
           told.part ->> 'note'
    FROM file_transactions f
    JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id AND t.origin = 'file'
    CROSS JOIN LATERAL json_array_elements(f.raw::json -> 'parts')
        WITH ORDINALITY AS told (part, position)
    JOIN unnest(%(paths)s::text[], %(categories)s::uuid[]) AS known (path, id)
      ON known.path = told.part ->> 'category'
    WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s AND f.raw IS JSON OBJECT
    ON CONFLICT (user_id, transaction_id, position) DO NOTHING
"""
_RESTORE_WHETHER: LiteralString = """
    UPDATE transactions t SET is_split = true
    FROM file_transactions f
    WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
      AND t.user_id = %(owner)s AND t.id = f.id AND NOT t.is_split
      AND EXISTS (SELECT 1 FROM transaction_splits s
                  WHERE s.user_id = %(owner)s AND s.transaction_id = t.id)
"""


async def write_down(db: Db, owner: UUID, changes: Sequence[Marked]) -> None:
    """Add changes of marks to the journal, by the hand that ``journal.because`` told."""
    await db.execute(
        """
        INSERT INTO book_changes (
            user_id, transaction_id, at, cause, cause_id, edit_id, before, after)
        SELECT %(owner)s, c.id,
               coalesce(nullif(current_setting('strongroom.cause_at', true), '')::timestamptz,
                        now()),
               coalesce(nullif(current_setting('strongroom.cause', true), ''), 'sync'),
               nullif(current_setting('strongroom.cause_id', true), '')::uuid,
               nullif(current_setting('strongroom.edit_id', true), '')::uuid,
               c.was, c.became
        FROM unnest(%(ids)s::uuid[], %(was)s::jsonb[], %(became)s::jsonb[])
             AS c (id, was, became)
        """,
        {
            "owner": owner,
            "ids": [one.transaction_id for one in changes],
            "was": [Jsonb(dict(one.before)) for one in changes],
            "became": [Jsonb(dict(one.after)) for one in changes],
        },
    )
