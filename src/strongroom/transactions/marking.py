"""SQL that tags, parts and attachments share: a person's hand on a row, and the journal of marks.

The database journals columns of a row by itself; what hangs on a row is written down here, in the
same journal and under the same act (see ``journal``). Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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
               c.before, c.after
        FROM unnest(%(ids)s::uuid[], %(before)s::jsonb[], %(after)s::jsonb[])
             AS c (id, before, after)
        """,
        {
            "owner": owner,
            "ids": [one.transaction_id for one in changes],
            "before": [Jsonb(dict(one.before)) for one in changes],
            "after": [Jsonb(dict(one.after)) for one in changes],
        },
    )
