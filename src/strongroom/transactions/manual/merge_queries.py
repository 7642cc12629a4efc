"""SQL of entries that turn out to be a bank's rows: candidates, what was asked, merging, parting.

Which is which is decided in ``rules`` and by the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions.manual.types import Match


@dataclass(frozen=True, slots=True)
class SideRow:
    """What is compared of a row of the book."""

    id: UUID
    account_id: UUID
    currency: str
    amount: Decimal
    day: date
    happened_on: date | None
    text: str
    came_at: datetime


async def entries(
    db: Db, owner: UUID, account_ids: Sequence[UUID] | None, since: date | None
) -> list[SideRow]:
    """Return what was written by hand on linked accounts from a day on (None: all), in order."""
    return await core_db.many(
        db,
        SideRow,
        """
        SELECT t.id, t.account_id, t.currency, t.amount, t.day, t.happened_on,
               concat_ws(' ', nullif(t.merchant, t.description), t.description) AS text,
               t.created_at AS came_at
        FROM transactions t
        JOIN accounts a ON a.user_id = t.user_id AND a.id = t.account_id
        WHERE t.user_id = %(owner)s AND t.origin = 'manual' AND NOT a.is_manual
          AND (%(accounts)s::uuid[] IS NULL OR t.account_id = ANY(%(accounts)s::uuid[]))
          AND (%(since)s::date IS NULL OR t.day >= %(since)s::date)
        ORDER BY t.day, t.id
        """,
        {
            "owner": owner,
            "accounts": None if account_ids is None else list(account_ids),
            "since": since,
        },
    )


async def bank_rows(
    db: Db, owner: UUID, near: Sequence[SideRow], earlier: int, later: int
) -> list[SideRow]:
    """Return the bank's rows near these entries, of their account, direction and days, in order.

    Not those that are merged with an entry already, nor what the bank took back. Entries come as
    values, and each looks by itself: they are few, and no statistics tell the planner so.
    """
    return await core_db.many(
        db,
        SideRow,
        """
        SELECT DISTINCT t.id, t.account_id, t.currency, t.amount, t.day, t.happened_on,
               concat_ws(' ', t.merchant, p.merchant_name, t.description) AS text,
               t.created_at AS came_at
        FROM unnest(%(accounts)s::uuid[], %(days)s::date[], %(amounts)s::numeric[])
             AS e (account_id, day, amount)
        CROSS JOIN LATERAL (
            SELECT * FROM transactions t
            WHERE t.user_id = %(owner)s AND t.account_id = e.account_id
              AND t.day BETWEEN e.day - %(earlier)s::int AND e.day + 2 * %(later)s::int
              AND t.origin = 'bank' AND sign(t.amount) = sign(e.amount)
              AND abs(t.amount) BETWEEN abs(e.amount) AND abs(e.amount) * 2
              AND least(t.day, t.happened_on) <= e.day + %(later)s::int
              AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
            OFFSET 0
        ) t
        LEFT JOIN plaid_transactions p ON p.user_id = t.user_id AND p.id = t.bank_row_id
        WHERE NOT EXISTS (SELECT 1 FROM entry_matches m WHERE m.user_id = t.user_id
                          AND m.entry_id = t.id AND m.state = 'merged')
        ORDER BY t.day, t.id
        """,
        {
            "owner": owner,
            "accounts": [one.account_id for one in near],
            "days": [one.day for one in near],
            "amounts": [one.amount for one in near],
            "earlier": earlier,
            "later": later,
        },
    )


async def answered(db: Db, owner: UUID, entry_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return the pairs of entry and bank row that are not the same, as the person said."""
    cursor = await db.execute(
        """
        SELECT entry_id, bank_id FROM entry_matches
        WHERE user_id = %(owner)s AND entry_id = ANY(%(ids)s) AND state = 'rejected'
        """,
        {"owner": owner, "ids": list(entry_ids)},
    )
    return {(row[0], row[1]) for row in await cursor.fetchall()}


async def forget_proposals(db: Db, owner: UUID, entry_ids: Sequence[UUID]) -> None:
    """Drop what is asked of these entries: it is found anew."""
    await db.execute(
        """
        DELETE FROM entry_matches
        WHERE user_id = %(owner)s AND entry_id = ANY(%(ids)s) AND state = 'proposed'
        """,
        {"owner": owner, "ids": list(entry_ids)},
    )


async def propose(db: Db, owner: UUID, asked: Sequence[tuple[UUID, Match]], now: datetime) -> None:
    """Store what is to be asked, each under its id."""
    reasons = [
        {
            "days": match.reason.days,
            "same_amount": match.reason.same_amount,
            "text": match.reason.text,
        }
        for _, match in asked
    ]
    await db.execute(
        """
        INSERT INTO entry_matches AS m (user_id, id, entry_id, bank_id, score, reason, rival_id,
                                        rival_score, state, proposed_at)
        SELECT %(owner)s, a.id, a.entry_id, a.bank_id, a.score, a.reason, a.rival_id,
               a.rival_score, 'proposed', %(now)s
        FROM unnest(%(ids)s::uuid[], %(entries)s::uuid[], %(banks)s::uuid[], %(scores)s::int[],
                    %(reasons)s::jsonb[], %(rivals)s::uuid[], %(rival_scores)s::int[])
             AS a (id, entry_id, bank_id, score, reason, rival_id, rival_score)
        ON CONFLICT (user_id, entry_id, bank_id) DO UPDATE SET
            id = excluded.id, score = excluded.score, reason = excluded.reason,
            rival_id = excluded.rival_id, rival_score = excluded.rival_score,
            state = 'proposed', by_itself = false, edit_id = NULL, decided_at = NULL,
            proposed_at = excluded.proposed_at
            WHERE m.state <> 'rejected'
        """,
        {
            "owner": owner,
            "ids": [match_id for match_id, _ in asked],
            "entries": [match.entry_id for _, match in asked],
            "banks": [match.bank_id for _, match in asked],
            "scores": [match.score for _, match in asked],
            "reasons": [Jsonb(one) for one in reasons],
            "rivals": [match.rival_id for _, match in asked],
            "rival_scores": [match.rival_score for _, match in asked],
            "now": now,
        },
    )


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """What is asked of an entry and a bank's row."""

    id: UUID
    entry_id: UUID
    bank_id: UUID
    score: int
    reason: dict[str, Any]
    rival_id: UUID | None
    rival_score: int | None


async def proposals(
    db: Db, owner: UUID, *, of: UUID | None = None, match_id: UUID | None = None
) -> list[ProposalRow]:
    """Return what is asked, the likeliest first: all, of one row of either side, or by its id."""
    return await core_db.many(
        db,
        ProposalRow,
        """
        SELECT m.id, m.entry_id, m.bank_id, m.score, m.reason, m.rival_id, m.rival_score
        FROM entry_matches m
        JOIN transactions e ON e.user_id = m.user_id AND e.id = m.entry_id AND e.origin = 'manual'
        JOIN transactions b ON b.user_id = m.user_id AND b.id = m.bank_id AND b.origin = 'bank'
         AND b.account_id = e.account_id AND b.removed_by_bank IS NULL
        WHERE m.user_id = %(owner)s AND m.state = 'proposed'
          AND (%(of)s::uuid IS NULL OR %(of)s::uuid IN (m.entry_id, m.bank_id))
          AND (%(id)s::uuid IS NULL OR m.id = %(id)s::uuid)
        ORDER BY m.score DESC, e.day DESC, m.id
        """,
        {"owner": owner, "of": of, "id": match_id},
    )


async def reject(
    db: Db,
    owner: UUID,
    match_id: UUID,
    *,
    edit_id: UUID | None,
    now: datetime,
) -> None:
    """Store that the two are not one, and by which act."""
    await db.execute(
        """
        UPDATE entry_matches
        SET state = 'rejected', by_itself = false, edit_id = %(edit_id)s, decided_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {
            "owner": owner,
            "id": match_id,
            "edit_id": edit_id,
            "now": now,
        },
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """An entry and the bank's row that it becomes: which question that answers, by which act."""

    match_id: UUID
    entry_id: UUID
    bank_id: UUID
    edit_id: UUID


async def merge(
    db: Db, owner: UUID, pairs: Sequence[Pair], *, by_itself: bool, now: datetime
) -> None:
    """Let entries become the bank's rows, each pair as an act; both are kept as they were."""
    await db.execute(
        """
        SELECT merge_entry(%(owner)s, p.match_id, p.entry_id, p.bank_id, p.edit_id,
                           %(by_itself)s, %(now)s)
        FROM unnest(%(matches)s::uuid[], %(entries)s::uuid[], %(banks)s::uuid[], %(edits)s::uuid[])
             AS p (match_id, entry_id, bank_id, edit_id)
        """,
        {
            "owner": owner,
            "by_itself": by_itself,
            "now": now,
            "matches": [one.match_id for one in pairs],
            "entries": [one.entry_id for one in pairs],
            "banks": [one.bank_id for one in pairs],
            "edits": [one.edit_id for one in pairs],
        },
    )


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge or a parting, by the act that did it; ``state`` is merged or rejected."""

    id: UUID
    entry_id: UUID
    bank_id: UUID
    edit_id: UUID
    state: str


async def merge_of(db: Db, owner: UUID, edit_id: UUID) -> MergeRow | None:
    """Return the merge or the parting that an act was, if it was one."""
    return await core_db.one(
        db,
        MergeRow,
        """
        SELECT id, entry_id, bank_id, edit_id, state FROM entry_matches
        WHERE user_id = %(owner)s AND edit_id = %(edit_id)s
        """,
        {"owner": owner, "edit_id": edit_id},
    )


async def let_go(db: Db, owner: UUID, merge: MergeRow, now: datetime) -> int:
    """Let a merged row be what was written by hand again, as it was kept.

    The bank's side is kept as it is now first, for the bank may have changed it since.
    """
    params = {
        "owner": owner,
        "entry_id": merge.entry_id,
        "bank_id": merge.bank_id,
        "edit_id": merge.edit_id,
        "now": now,
    }
    await db.execute(
        """
        UPDATE kept_rows k
        SET content = k.content || jsonb_build_object(
            'bank_row_id', t.bank_row_id, 'account_id', t.account_id, 'day', t.day,
            'happened_on', t.happened_on, 'amount', t.amount, 'currency', t.currency,
            'description', t.description, 'pending', t.pending,
            'removed_by_bank', t.removed_by_bank, 'never_booked_at', t.never_booked_at,
            'updated_at', %(now)s::timestamptz)
        FROM transactions t
        WHERE k.user_id = %(owner)s AND k.edit_id = %(edit_id)s AND k.source = 'transactions'
          AND k.transaction_id = %(bank_id)s AND t.user_id = %(owner)s AND t.id = %(entry_id)s
        """,
        params,
    )
    done = await core_db.execute(
        db,
        """
        UPDATE transactions t SET
            origin = 'manual', bank_row_id = NULL, account_id = was.account_id, day = was.day,
            happened_on = NULL, amount = was.amount, currency = was.currency,
            description = was.description, pending = false, removed_by_bank = NULL,
            never_booked_at = NULL, is_split = was.is_split, transfer_id = was.transfer_id,
            category_id = CASE WHEN t.category_by = 'person' THEN t.category_id
                               ELSE was.category_id END,
            category_by = CASE WHEN t.category_by = 'person' THEN 'person'
                               ELSE was.category_by END,
            edited_at = %(now)s, updated_at = %(now)s
        FROM kept_rows k
        CROSS JOIN LATERAL jsonb_populate_record(NULL::transactions, k.content) was
        WHERE k.user_id = %(owner)s AND k.edit_id = %(edit_id)s AND k.source = 'transactions'
          AND k.transaction_id = %(entry_id)s AND t.user_id = %(owner)s AND t.id = %(entry_id)s
        """,
        params,
    )
    await db.execute(
        """
        DELETE FROM kept_rows
        WHERE user_id = %(owner)s AND edit_id = %(edit_id)s AND source = 'transactions'
          AND transaction_id = %(entry_id)s
        """,
        params,
    )
    await db.execute(
        "SELECT take_marks_back(%(owner)s, %(edit_id)s, %(bank_id)s, %(entry_id)s)", params
    )
    return done
