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
