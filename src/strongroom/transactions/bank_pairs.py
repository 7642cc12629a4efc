"""SQL for a bank row that becomes another one: candidates for it, and moving the book's row over.

Which becomes which is decided in ``rules``. The earlier row stays as a tombstone that points on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.transactions import marking
from strongroom.transactions.types import OtherHistory, Told

_TOLD = """
    SELECT p.id, p.account_id, p.amount, p.currency, p.date AS day, p.pending,
           coalesce(p.merchant_name, p.name) AS text, p.pfc_detailed,
           (p.left_behind_at AT TIME ZONE 'UTC')::date AS left_behind_on,
           p.pending_transaction_id IS NOT NULL AS names_pending
"""


async def leave_behind(db: Db, owner: UUID, account_ids: Sequence[UUID], now: datetime) -> int:
    """Mark the bank rows of accounts that the bank now calls otherwise: it will tell them anew."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_transactions SET left_behind_at = %(now)s
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removed_at IS NULL
          AND left_behind_at IS NULL
        """,
        {"owner": owner, "accounts": list(account_ids), "now": now},
    )


async def left_behind(
    db: Db, owner: UUID, account_ids: Sequence[UUID], first: date, last: date
) -> list[Told]:
    """Return the rows that were left behind between two days, both included, in their order."""
    return await core_db.many(
        db,
        Told,
        _TOLD
        + """
        FROM plaid_transactions p
        WHERE p.user_id = %(owner)s AND p.account_id = ANY(%(accounts)s)
          AND p.left_behind_at IS NOT NULL AND p.removed_at IS NULL
          AND p.date BETWEEN %(first)s AND %(last)s
        ORDER BY p.date, p.id
        """,
        {"owner": owner, "accounts": list(account_ids), "first": first, "last": last},
    )


async def has_left_behind(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> bool:
    """Return whether any row of these accounts was left behind and not found again so far."""
    found: bool = await core_db.value(
        db,
        """
        SELECT EXISTS (SELECT 1 FROM plaid_transactions
                       WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
                         AND left_behind_at IS NOT NULL AND removed_at IS NULL)
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )
    return found


async def other_histories(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> list[OtherHistory]:
    """Return the accounts of whose earlier rows fewer than half, of at least 20, were found again.

    Only days that are told now count: what is older is history that no bank tells any more.
    """
    return await core_db.many(
        db,
        OtherHistory,
        """
        WITH told AS (
            SELECT account_id, min(date) AS since, max(date) AS until
            FROM plaid_transactions
            WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
              AND removed_at IS NULL AND left_behind_at IS NULL
            GROUP BY account_id
        )
        SELECT told.account_id, told.since
        FROM told
        JOIN plaid_transactions was
          ON was.user_id = %(owner)s AND was.account_id = told.account_id
         AND was.left_behind_at IS NOT NULL AND was.date BETWEEN told.since AND told.until
         AND (was.removed_at IS NULL OR was.replaced_by IS NOT NULL)
        GROUP BY told.account_id, told.since
        HAVING count(*) >= 20 AND count(was.replaced_by) * 2 < count(*)
        ORDER BY told.account_id
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )


async def told_since(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> list[Told]:
    """Return the staged rows that may be ones left behind, told anew, in their order.

    The bank told each for the first time when, or after, it gave up the ids of its account's
    earlier rows, and no row became it so far: neither one of those nor a pending row that was told
    since. It may have been told otherwise until now. Both parts are looked up before they meet:
    the planner knows nothing of what was left behind or told a moment ago.
    """
    return await core_db.many(
        db,
        Told,
        """
        WITH given_up AS MATERIALIZED (
            SELECT account_id, max(left_behind_at) AS at FROM plaid_transactions
            WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
              AND left_behind_at IS NOT NULL AND removed_at IS NULL
            GROUP BY account_id
        ), now_told AS MATERIALIZED (
            SELECT p.id, p.account_id, p.amount, p.currency, p.date, p.pending, p.merchant_name,
                   p.name, p.pfc_detailed, p.left_behind_at, p.pending_transaction_id,
                   p.first_seen_at, p.id = s.id AS told_now
            FROM staged s
            JOIN plaid_transactions p
              ON p.user_id = %(owner)s AND p.plaid_transaction_id = s.plaid_transaction_id
        )
        """  # noqa: S608 - all parts are written here
        + _TOLD
        + """, p.told_now
        FROM now_told p
        JOIN given_up ON given_up.account_id = p.account_id AND p.first_seen_at >= given_up.at
        WHERE NOT EXISTS (SELECT 1 FROM plaid_transactions was
                          WHERE was.user_id = %(owner)s AND was.replaced_by = p.id)
          AND NOT EXISTS (SELECT 1 FROM plaid_transactions was
                          WHERE was.user_id = %(owner)s
                            AND was.plaid_transaction_id = p.pending_transaction_id
                            AND was.first_seen_at >= given_up.at
                            AND was.first_seen_at < p.first_seen_at)
        ORDER BY p.date, p.id
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )


async def of_same_pending(db: Db, owner: UUID) -> list[tuple[UUID, UUID]]:
    """Return rows left behind and staged ones of which the bank says that one pending row was both.

    Whatever else it changed of them meanwhile.
    """
    cursor = await db.execute(
        """
        SELECT DISTINCT ON (told.pending_transaction_id) was.id, told.id
        FROM staged s
        JOIN plaid_transactions told ON told.user_id = %(owner)s AND told.id = s.id
        JOIN plaid_transactions was
          ON was.user_id = %(owner)s AND was.account_id = told.account_id
         AND was.pending_transaction_id = told.pending_transaction_id AND was.id <> told.id
        WHERE was.left_behind_at IS NOT NULL AND was.removed_at IS NULL
        ORDER BY told.pending_transaction_id, was.id, told.id
        """,
        {"owner": owner},
    )
    return [(was, told) for was, told in await cursor.fetchall()]


async def loose_pending(
    db: Db,
    owner: UUID,
    account_ids: Sequence[UUID],
    removed: Sequence[str],
    since: date,
) -> list[Told]:
    """Return pending rows that are gone and whose posted row is not known.

    Those the bank takes back now; those it took back earlier that a person had edited, so that
    the book still holds them; and those left behind. None before ``since``.
    """
    return await core_db.many(
        db,
        Told,
        _TOLD  # noqa: S608 - both parts are written here
        + """
        FROM plaid_transactions p
        WHERE p.user_id = %(owner)s AND p.pending AND p.account_id = ANY(%(accounts)s)
          AND p.date >= %(since)s AND p.replaced_by IS NULL
          AND (p.plaid_transaction_id = ANY(%(removed)s) OR p.left_behind_at IS NOT NULL
               OR p.removed_at IS NOT NULL)
          AND EXISTS (SELECT 1 FROM transactions t
                      WHERE t.user_id = %(owner)s AND t.bank_row_id = p.id)
          AND NOT EXISTS (
              SELECT 1 FROM plaid_transactions posted
              WHERE posted.user_id = %(owner)s
                AND posted.pending_transaction_id = p.plaid_transaction_id)
        ORDER BY p.date, p.id
        """,
        {
            "owner": owner,
            "accounts": list(account_ids),
            "removed": list(removed),
            "since": since,
        },
    )


async def loose_posted(
    db: Db, owner: UUID, account_ids: Sequence[UUID], first: date, last: date
) -> list[Told]:
    """Return posted rows between two days that follow no pending row so far, in their order.

    Those of the book, and those that this sync is about to put there. Also where the bank names a
    pending row, if nobody told us of that one.
    """
    return await core_db.many(
        db,
        Told,
        _TOLD  # noqa: S608 - both parts are written here
        + """
        FROM plaid_transactions p
        WHERE p.user_id = %(owner)s AND p.account_id = ANY(%(accounts)s) AND NOT p.pending
          AND p.removed_at IS NULL AND p.left_behind_at IS NULL
          AND p.date BETWEEN %(first)s AND %(last)s
          AND NOT EXISTS (SELECT 1 FROM plaid_transactions named
                          WHERE named.user_id = %(owner)s
                            AND named.plaid_transaction_id = p.pending_transaction_id)
          AND p.id IN (
              SELECT t.bank_row_id FROM transactions t
              WHERE t.user_id = %(owner)s AND t.account_id = ANY(%(accounts)s)
                AND t.day BETWEEN %(first)s AND %(last)s AND t.bank_row_id IS NOT NULL
              UNION ALL SELECT s.id FROM staged s)
          AND NOT EXISTS (SELECT 1 FROM plaid_transactions was
                          WHERE was.user_id = %(owner)s AND was.replaced_by = p.id)
        ORDER BY p.date, p.id
        """,
        {"owner": owner, "accounts": list(account_ids), "first": first, "last": last},
    )


async def ids_of(db: Db, owner: UUID, pairs: Sequence[tuple[str, str]]) -> list[tuple[UUID, UUID]]:
    """Return our ids for pairs of Plaid's, where the book still holds the first.

    A row that is told again names the pending one that it was once more: that is no news.
    """
    cursor = await db.execute(
        """
        SELECT was.id, posted.id
        FROM unnest(%(was)s::text[], %(posted)s::text[]) AS p (was, posted)
        JOIN plaid_transactions posted
          ON posted.user_id = %(owner)s AND posted.plaid_transaction_id = p.posted
        JOIN plaid_transactions was
          ON was.user_id = %(owner)s AND was.plaid_transaction_id = p.was
        WHERE EXISTS (SELECT 1 FROM transactions t
                      WHERE t.user_id = %(owner)s AND t.bank_row_id = was.id)
        """,
        {
            "owner": owner,
            "was": [was for was, _ in pairs],
            "posted": [posted for _, posted in pairs],
        },
    )
    return [(was, posted) for was, posted in await cursor.fetchall()]


async def replace(db: Db, owner: UUID, pairs: Sequence[tuple[UUID, UUID]], now: datetime) -> int:
    """Turn the earlier row of each pair into a tombstone that points at the later one."""
    return await core_db.execute(
        db,
        """
        UPDATE plaid_transactions p
        SET replaced_by = pair.next, removed_at = coalesce(p.removed_at, %(now)s),
            changed_at = %(now)s
        FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
        WHERE p.user_id = %(owner)s AND p.id = pair.was
        """,
        _params(owner, pairs, now),
    )


async def move_book_rows(
    db: Db, owner: UUID, pairs: Sequence[tuple[UUID, UUID]], now: datetime
) -> None:
    """Let the book's row of the earlier bank row become that of the later one, edits kept.

    Where the later one has a row of its own already that nobody edited, that goes, and the
    earlier row takes over what the bank says in it. If both were edited, what a person did to the
    earlier one and not to the later is carried over, and the earlier row goes: the event counts
    once. ``pairs`` come as values and are few, so that no statistics that the planner lacks can
    make this slow.
    """
    params = _params(owner, pairs, now)
    await _take_over(db, params)
    await db.execute(
        """
        UPDATE transactions t
        SET note = coalesce(t.note, was.note),
            category_id = CASE WHEN t.category_by <> 'person' AND was.category_by = 'person'
                               THEN was.category_id ELSE t.category_id END,
            category_by = CASE WHEN was.category_by = 'person' THEN 'person'
                               ELSE t.category_by END,
            merchant = CASE WHEN t.merchant_by <> 'person' AND was.merchant_by = 'person'
                            THEN was.merchant ELSE t.merchant END,
            merchant_by = CASE WHEN was.merchant_by = 'person' THEN 'person'
                               ELSE t.merchant_by END,
            reviewed_at = coalesce(t.reviewed_at, was.reviewed_at),
            edited_at = greatest(t.edited_at, was.edited_at),
            needs_review = t.needs_review AND was.reviewed_at IS NULL, updated_at = %(now)s
        FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next), transactions was
        WHERE t.user_id = %(owner)s AND t.bank_row_id = pair.next
          AND was.user_id = %(owner)s AND was.bank_row_id = pair.was
          AND was.edited_at IS NOT NULL
        """,
        params,
    )
    await marking.carry_over(db, owner, pairs)
    await db.execute(
        """
        DELETE FROM transactions was
        USING unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
        WHERE was.user_id = %(owner)s AND was.bank_row_id = pair.was
          AND EXISTS (SELECT 1 FROM transactions t
                      WHERE t.user_id = %(owner)s AND t.bank_row_id = pair.next)
        """,
        params,
    )
    await db.execute(
        """
        UPDATE transactions t
        SET bank_row_id = pair.next, removed_by_bank = NULL, updated_at = %(now)s
        FROM unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next)
        WHERE t.user_id = %(owner)s AND t.bank_row_id = pair.was
        """,
        params,
    )


async def _take_over(db: Db, params: dict[str, object]) -> None:
    """Let edited rows take over what the bank says in later ones that nobody edited; those go."""
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM transactions t
            USING unnest(%(was)s::uuid[], %(next)s::uuid[]) AS pair (was, next), transactions was
            WHERE t.user_id = %(owner)s AND t.bank_row_id = pair.next AND t.edited_at IS NULL
              AND was.user_id = %(owner)s AND was.bank_row_id = pair.was
              AND was.edited_at IS NOT NULL
            RETURNING was.id AS kept, t.*
        )
        UPDATE transactions kept
        SET bank_row_id = gone.bank_row_id, account_id = gone.account_id, day = gone.day,
            happened_on = gone.happened_on, amount = gone.amount, currency = gone.currency,
            description = gone.description, pending = gone.pending,
            merchant = CASE WHEN kept.merchant_by = 'bank' THEN gone.merchant
                            ELSE kept.merchant END,
            category_id = CASE WHEN kept.category_by = 'bank' THEN gone.category_id
                               ELSE kept.category_id END,
            removed_by_bank = NULL, never_booked_at = gone.never_booked_at, updated_at = %(now)s
        FROM gone
        WHERE kept.user_id = %(owner)s AND kept.id = gone.kept
        """,
        params,
    )


async def age(
    db: Db, owner: UUID, account_ids: Sequence[UUID], before: date, now: datetime
) -> list[date]:
    """Mark pending rows from before a day as never booked, and unmark those that moved after it.

    Returns the days they stand on.
    """
    cursor = await db.execute(
        """
        WITH aged AS (
            UPDATE transactions SET updated_at = %(now)s,
                never_booked_at = CASE WHEN day < %(before)s THEN %(now)s::timestamptz END
            WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND pending
              AND removed_by_bank IS NULL AND origin = 'bank'
              AND (never_booked_at IS NULL) = (day < %(before)s)
            RETURNING day
        )
        SELECT DISTINCT day FROM aged
        """,
        {"owner": owner, "accounts": list(account_ids), "before": before, "now": now},
    )
    return [row[0] for row in await cursor.fetchall()]


def _params(owner: UUID, pairs: Sequence[tuple[UUID, UUID]], now: datetime) -> dict[str, object]:
    return {
        "owner": owner,
        "was": [was for was, _ in pairs],
        "next": [after for _, after in pairs],
        "now": now,
    }
