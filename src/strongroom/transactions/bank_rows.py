"""SQL that takes a bank's changes into the book, set by set. Decides nothing.

Row security forbids COPY into the tables themselves, so rows go to a temporary one first. They go
batch by batch: what a bank says of a row is long, and a hundred thousand of them would be written
to the disk and read again before they are stored. What the book is made of is short, and is kept
in ``staged`` to the end of the unit of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


async def make_stage(db: Db) -> None:
    """Make the temporary tables ``told_rows``, of one batch, and ``staged``, of all rows."""
    await db.execute(
        """
        CREATE TEMPORARY TABLE told_rows (
            id uuid, account_id uuid, category_id uuid, plaid_transaction_id text,
            pending_transaction_id text, pending boolean, amount numeric, currency text,
            date date, authorized_date date, name text, merchant_name text, pfc_detailed text,
            payment_channel text, raw json
        ) ON COMMIT DROP
        """
    )
    await db.execute(
        """
        CREATE TEMPORARY TABLE staged (
            id uuid, account_id uuid, category_id uuid, plaid_transaction_id text,
            pending_transaction_id text, pending boolean, amount numeric, currency text,
            date date, authorized_date date, name text, merchant_name text
        ) ON COMMIT DROP
        """
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A living bank row: Plaid's id, and what it was last told as."""

    plaid_transaction_id: str
    account_id: UUID
    digest: str


async def held(
    db: Db, owner: UUID, account_ids: Sequence[UUID], plaid_ids: Sequence[str] | None
) -> list[Held]:
    """Return the living rows of accounts, with the MD5 of each row's text as the bank sent it.

    Those of these ids, or all for None.
    """
    return await core_db.many(
        db,
        Held,
        """
        SELECT plaid_transaction_id, account_id, md5(raw::text) AS digest
        FROM plaid_transactions
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removed_at IS NULL
          AND left_behind_at IS NULL
          AND (%(ids)s::text[] IS NULL OR plaid_transaction_id = ANY(%(ids)s))
        """,
        {
            "owner": owner,
            "accounts": list(account_ids),
            "ids": None if plaid_ids is None else list(plaid_ids),
        },
    )


async def held_ids(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> set[str]:
    """Return Plaid's ids of the living rows of accounts."""
    cursor = await db.execute(
        """
        SELECT plaid_transaction_id FROM plaid_transactions
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removed_at IS NULL
          AND left_behind_at IS NULL
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )
    return {row[0] for row in await cursor.fetchall()}


async def held_digests(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> frozenset[str]:
    """Return the MD5 of each living row of accounts, as the bank sent it."""
    cursor = await db.execute(
        """
        SELECT md5(raw::text) FROM plaid_transactions
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s) AND removed_at IS NULL
          AND left_behind_at IS NULL
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )
    return frozenset(row[0] for row in await cursor.fetchall())


async def category_ids(db: Db, owner: UUID) -> dict[str, UUID]:
    """Return a person's categories by each PFC code that falls into them, and by their own keys.

    Looked up once a sync and not joined: the planner knows nothing of tables this new.
    """
    cursor = await db.execute(
        """
        SELECT f.pfc_detailed, coalesce(c.goes_to, c.id)
        FROM pfc_categories f JOIN categories c ON c.user_id = %(owner)s AND c.key = f.key
        UNION ALL
        SELECT c.key, coalesce(c.goes_to, c.id)
        FROM categories c WHERE c.user_id = %(owner)s AND c.key IS NOT NULL
        """,
        {"owner": owner},
    )
    return dict(await cursor.fetchall())


async def refresh_statistics_for_all(db: Db) -> None:
    """Let the planner know of many new rows now, instead of when autovacuum comes by."""
    await db.execute("SELECT refresh_statistics()")


@dataclass(frozen=True, slots=True)
class Written:
    """How many of the bank's rows were new and how many changed; the first day among them."""

    added: int
    modified: int
    since: date | None


async def any_is_known(db: Db, owner: UUID, plaid_ids: Sequence[str]) -> bool:
    """Return whether the bank told any of these rows before; one that it removed counts."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (
                SELECT 1 FROM plaid_transactions
                WHERE user_id = %(owner)s AND plaid_transaction_id = ANY(%(ids)b))
            """,
            {"owner": owner, "ids": list(plaid_ids)},
        )
    )


async def lay(db: Db, rows: Iterable[Sequence[object]]) -> None:
    """Lay a batch of rows into ``told_rows``, in place of the last: its columns, ids as bytes."""
    await db.execute("TRUNCATE told_rows")
    async with db.cursor().copy("COPY told_rows FROM STDIN WITH (FORMAT binary)") as copy:
        # Ids go as their bytes and JSON as its text, which is what they are in binary, too: the
        # server checks both.
        copy.set_types(
            [
                "bytea", "bytea", "bytea", "text", "text", "bool", "numeric", "text", "date",
                "date", "text", "text", "text", "text", "text",
            ]
        )  # fmt: skip
        for row in rows:
            await copy.write_row(row)


_STAGE = """
        WITH laid AS (
            INSERT INTO staged (
                id, account_id, category_id, plaid_transaction_id, pending_transaction_id,
                pending, amount, currency, date, authorized_date, name, merchant_name)
            SELECT id, account_id, category_id, plaid_transaction_id, pending_transaction_id,
                   pending, amount, currency, date, authorized_date, name, merchant_name
            FROM told_rows
        ), written AS (
            INSERT INTO plaid_transactions AS p (
                user_id, id, account_id, plaid_transaction_id, pending_transaction_id, pending,
                amount, currency, date, authorized_date, name, merchant_name, pfc_detailed,
                payment_channel, raw, first_seen_at, changed_at)
            SELECT %(owner)s, s.id, s.account_id, s.plaid_transaction_id,
                   s.pending_transaction_id, s.pending, s.amount, s.currency, s.date,
                   s.authorized_date, s.name, s.merchant_name, s.pfc_detailed, s.payment_channel,
                   s.raw, %(now)s, %(now)s
            FROM told_rows s
"""


async def add_bank_rows(db: Db, owner: UUID, now: datetime) -> Written:
    """Stage a batch and insert the bank's facts of it, none of which is known.

    What ``write_bank_rows`` does, in two thirds of its time.
    """
    return await _written(
        db,
        _STAGE  # noqa: S608 - both parts are written here
        + """
        )
        SELECT count(*)::int AS added, 0 AS modified, min(date) AS since FROM told_rows
        """,
        {"owner": owner, "now": now},
    )


async def write_bank_rows(db: Db, owner: UUID, now: datetime) -> Written:
    """Stage a batch and insert or update the bank's facts of it; unchanged rows stay untouched."""
    return await _written(
        db,
        _STAGE  # noqa: S608 - both parts are written here
        + """
            ON CONFLICT (user_id, plaid_transaction_id) DO UPDATE SET
                account_id = excluded.account_id,
                pending_transaction_id = excluded.pending_transaction_id,
                pending = excluded.pending, amount = excluded.amount,
                currency = excluded.currency, date = excluded.date,
                authorized_date = excluded.authorized_date, name = excluded.name,
                merchant_name = excluded.merchant_name, pfc_detailed = excluded.pfc_detailed,
                payment_channel = excluded.payment_channel, raw = excluded.raw,
                changed_at = excluded.changed_at, removed_at = NULL, replaced_by = NULL,
                left_behind_at = NULL
                WHERE p.removed_at IS NOT NULL OR p.left_behind_at IS NOT NULL
                   OR p.raw::text IS DISTINCT FROM excluded.raw::text
                   OR p.account_id IS DISTINCT FROM excluded.account_id
            RETURNING p.first_seen_at = p.changed_at AS is_new, p.date
        )
        SELECT count(*) FILTER (WHERE is_new)::int AS added,
               count(*) FILTER (WHERE NOT is_new)::int AS modified,
               min(date) AS since
        FROM written
        """,
        {"owner": owner, "now": now},
    )


async def _written(db: Db, query: LiteralString, params: dict[str, object]) -> Written:
    row = await core_db.one(db, Written, query, params)
    assert row is not None  # noqa: S101 - an aggregate without GROUP BY always has its row
    return row


async def know_staged(db: Db) -> None:
    """Let the planner know what is staged: not the texts, which are long and not looked up by."""
    await db.execute(
        "ANALYZE staged (id, account_id, plaid_transaction_id, pending_transaction_id, pending,"
        " date)"
    )


async def add_to_book(db: Db, owner: UUID, review_since: date, now: datetime) -> int:
    """Insert the book's rows from ``staged``, none of which it has, as ``write_book`` would."""
    return await core_db.execute(
        db,
        """
        INSERT INTO transactions (
            user_id, id, account_id, bank_row_id, origin, day, happened_on, amount, currency,
            description, merchant, category_id, pending, needs_review, created_at, updated_at)
        SELECT %(owner)s, s.id, s.account_id, s.id, 'bank', s.date, s.authorized_date, -s.amount,
               s.currency, s.name, s.merchant_name, s.category_id, s.pending,
               s.date >= %(review_since)s, %(now)s, %(now)s
        FROM staged s
        WHERE NOT s.pending OR s.plaid_transaction_id NOT IN (
            SELECT posted.pending_transaction_id FROM plaid_transactions posted
            WHERE posted.user_id = %(owner)s AND posted.pending_transaction_id IS NOT NULL
              AND posted.removed_at IS NULL)
        """,
        {"owner": owner, "review_since": review_since, "now": now},
    )


async def write_book(db: Db, owner: UUID, review_since: date, now: datetime) -> int:
    """Insert or update the book's rows from ``staged``; what a person chose is left alone.

    A new book row takes the id of the bank's row that it began as; the two tables' ids are apart.
    A pending row whose posted one is known gets no row of its own: the event counts once, also
    while the bank has yet to take the pending row back. A refund that took its purchase's category
    keeps that while the bank says of it what it said before.
    """
    return await core_db.execute(
        db,
        """
        INSERT INTO transactions AS t (
            user_id, id, account_id, bank_row_id, origin, day, happened_on, amount, currency,
            description, merchant, category_id, pending, needs_review, created_at, updated_at)
        SELECT %(owner)s, s.id, s.account_id, p.id, 'bank', s.date, s.authorized_date,
               -s.amount, s.currency, s.name, s.merchant_name,
               coalesce(refund.category_id, s.category_id), s.pending,
               s.date >= %(review_since)s, %(now)s, %(now)s
        FROM staged s
        JOIN plaid_transactions p
          ON p.user_id = %(owner)s AND p.plaid_transaction_id = s.plaid_transaction_id
        LEFT JOIN (
            SELECT b.bank_row_id, b.category_id, r.category_before
            FROM refunds r
            JOIN transactions b ON b.user_id = r.user_id AND b.id = r.refund_id
            WHERE r.user_id = %(owner)s AND r.category_before IS NOT NULL) refund
          ON refund.bank_row_id = p.id AND refund.category_before = s.category_id
        WHERE NOT s.pending OR s.plaid_transaction_id NOT IN (
            SELECT posted.pending_transaction_id FROM plaid_transactions posted
            WHERE posted.user_id = %(owner)s AND posted.pending_transaction_id IS NOT NULL
              AND posted.removed_at IS NULL)
        ON CONFLICT (user_id, bank_row_id) DO UPDATE SET
            account_id = excluded.account_id, day = excluded.day,
            happened_on = excluded.happened_on, amount = excluded.amount,
            currency = excluded.currency, description = excluded.description,
            merchant = CASE WHEN t.merchant_by = 'bank' THEN excluded.merchant ELSE t.merchant END,
            pending = excluded.pending,
            category_id = CASE WHEN t.category_by = 'bank' THEN excluded.category_id
                               ELSE t.category_id END,
            removed_by_bank = NULL, updated_at = excluded.updated_at,
            never_booked_at = CASE WHEN excluded.pending THEN t.never_booked_at END
            WHERE (t.account_id, t.day, t.happened_on, t.amount, t.currency, t.description,
                   t.pending, t.removed_by_bank)
                IS DISTINCT FROM
                  (excluded.account_id, excluded.day, excluded.happened_on, excluded.amount,
                   excluded.currency, excluded.description, excluded.pending, NULL)
               OR (t.merchant_by = 'bank' AND t.merchant IS DISTINCT FROM excluded.merchant)
               OR (t.category_by = 'bank' AND t.category_id IS DISTINCT FROM excluded.category_id)
        """,
        {"owner": owner, "review_since": review_since, "now": now},
    )


async def bury(db: Db, owner: UUID, plaid_ids: Sequence[str], now: datetime) -> date | None:
    """Turn rows that the bank removed into tombstones; return the first day among them."""
    first: date | None = await core_db.value(
        db,
        """
        WITH gone AS (
            UPDATE plaid_transactions SET removed_at = %(now)s, changed_at = %(now)s
            WHERE user_id = %(owner)s AND plaid_transaction_id = ANY(%(ids)s)
              AND removed_at IS NULL
            RETURNING date
        )
        SELECT min(date) FROM gone
        """,
        {"owner": owner, "ids": list(plaid_ids), "now": now},
    )
    return first


async def days_of(db: Db, owner: UUID, plaid_ids: Sequence[str]) -> list[date]:
    """Return the days of the bank's rows of these ids, tombstones too."""
    cursor = await db.execute(
        """
        SELECT DISTINCT date FROM plaid_transactions
        WHERE user_id = %(owner)s AND plaid_transaction_id = ANY(%(ids)s)
        """,
        {"owner": owner, "ids": list(plaid_ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def drop_from_book(db: Db, owner: UUID, plaid_ids: Sequence[str], now: datetime) -> int:
    """Take removed rows out of the book; those a person had edited stay, marked as removed.

    The bank's rows are looked up first, by their ids: joined, a planner that knows nothing of
    rows this new compares all of a person's rows with all.
    """
    params = {"owner": owner, "ids": list(plaid_ids), "now": now}
    dropped = await core_db.execute(
        db,
        """
        DELETE FROM transactions
        WHERE user_id = %(owner)s AND edited_at IS NULL AND bank_row_id = ANY(ARRAY(
              SELECT id FROM plaid_transactions
              WHERE user_id = %(owner)s AND plaid_transaction_id = ANY(%(ids)s)
                AND removed_at IS NOT NULL))
        """,
        params,
    )
    kept = await core_db.execute(
        db,
        """
        UPDATE transactions SET removed_by_bank = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND removed_by_bank IS NULL AND bank_row_id = ANY(ARRAY(
              SELECT id FROM plaid_transactions
              WHERE user_id = %(owner)s AND plaid_transaction_id = ANY(%(ids)s)
                AND removed_at IS NOT NULL))
        """,
        params,
    )
    return dropped + kept
