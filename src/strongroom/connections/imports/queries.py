"""SQL of imports: the files, their sources, what they told of balances. Decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from strongroom.connections.files import Guess, Problem
from strongroom.connections.imports.memory import Remembered
from strongroom.connections.imports.text import kept_json
from strongroom.connections.imports.types import (
    FileAccountChoice,
    FileImport,
    ImportId,
    ImportState,
)
from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    source_id: UUID | None
    file_name: str
    size: int
    sha256: bytes
    state: str
    guess: dict[str, Any]
    accounts: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    problem_count: int
    rows_read: int
    rows: int
    known: int
    alike: int
    imported: int
    skipped: int
    choices: dict[str, Any]
    made_accounts: list[UUID]
    made_categories: list[UUID]
    told: dict[str, int]
    made: dict[str, list[str]]
    error: str | None
    created_at: datetime
    done_at: datetime | None
    undone_at: datetime | None
    same_as: datetime | None


async def imports(
    db: Db,
    owner: UUID,
    import_id: UUID | None = None,
    limit: int = 50,
    before: tuple[datetime, UUID] | tuple[None, None] = (None, None),
) -> list[FileImport]:
    """Return the newest imports that began before a place, or the one asked for."""
    rows = await core_db.many(
        db,
        _Row,
        """
        SELECT i.id, i.source_id, i.file_name, i.size, i.sha256, i.state, i.guess, i.accounts,
               i.problems, i.problem_count, i.rows_read, i.rows, i.known, i.alike, i.imported,
               i.skipped, i.choices, i.made_accounts, i.made_categories, i.told, i.made, i.error,
               i.created_at, i.done_at, i.undone_at,
               (SELECT max(o.done_at) FROM file_imports o
                WHERE o.user_id = i.user_id AND o.sha256 = i.sha256 AND o.state = 'done'
                  AND o.id <> i.id) AS same_as
        FROM file_imports i
        WHERE i.user_id = %(owner)s AND (%(import_id)s::uuid IS NULL OR i.id = %(import_id)s)
          AND (%(at)s::timestamptz IS NULL
               OR (i.created_at, i.id) < (%(at)s::timestamptz, %(before_id)s::uuid))
        ORDER BY i.created_at DESC, i.id DESC
        LIMIT %(limit)s
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "limit": limit,
            "at": before[0],
            "before_id": before[1],
        },
    )
    return [_import(row) for row in rows]


def _import(row: _Row) -> FileImport:
    include = row.choices.get("include", [])
    return FileImport(
        id=ImportId(row.id),
        file_name=row.file_name,
        size=row.size,
        sha256=row.sha256.hex(),
        state=ImportState(row.state),
        guess=Guess.from_json(row.guess),
        accounts=[FileAccountChoice.from_json(one) for one in row.accounts],
        problems=[Problem(**one) for one in row.problems],
        problem_count=row.problem_count,
        rows_read=row.rows_read,
        rows=row.rows,
        known=row.known,
        alike=row.alike,
        imported=row.imported,
        skipped=row.skipped,
        actor=row.choices.get("actor", "person"),
        include=None if include == "all" else [UUID(one) for one in include],
        error=row.error,
        created_at=row.created_at,
        done_at=row.done_at,
        undone_at=row.undone_at,
        same_as=row.same_as,
        source_id=row.source_id,
        made_accounts=row.made_accounts,
        made_categories=row.made_categories,
        told=row.told,
        made=row.made,
        may_bring=row.choices.get("sections", []),
    )


async def take_turn(db: Db, import_id: UUID) -> None:
    """Wait until nobody else works on this import; it is ours until the unit of work ends.

    Not a lock of its row: how far it has come is written to that from beside.
    """
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"import {import_id}",)
    )


async def add(db: Db, columns: Mapping[str, object]) -> None:
    """Add an import that is about to be read."""
    await db.execute(
        """
        INSERT INTO file_imports (
            user_id, id, file_name, size, sha256, state, format, guess, accounts, created_at,
            updated_at)
        VALUES (%(owner)s, %(id)s, %(file_name)s, %(size)s, %(sha256)s, 'reading', %(format)s,
                %(guess)s, %(accounts)s, %(now)s, %(now)s)
        """,
        columns,
    )


_COLUMNS = {
    name: sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
    for name in (
        "state", "format", "guess", "accounts", "problems", "problem_count", "rows_read", "rows",
        "known", "alike", "imported", "skipped", "choices", "made_accounts", "made_categories",
        "told", "made", "error", "done_at", "undone_at", "source_id",
    )
}  # fmt: skip


async def change(db: Db, owner: UUID, import_id: UUID, now: datetime, **columns: object) -> None:
    """Write these columns of an import; lists and dicts go in as JSON."""
    parts = [_COLUMNS[name] for name in columns]
    query = (
        sql.SQL("UPDATE file_imports SET ")
        + sql.SQL(", ").join([*parts, sql.SQL("updated_at = %(now)s")])
        + sql.SQL(" WHERE user_id = %(owner)s AND id = %(id)s")
    )
    values = {
        name: Jsonb(value)
        if isinstance(value, dict | list) and not name.startswith("made_")
        else value
        for name, value in ((name, kept_json(value)) for name, value in columns.items())
    }
    await db.execute(query, {**values, "owner": owner, "id": import_id, "now": now})


async def progress(db: Db, owner: UUID, import_id: UUID, rows_read: int) -> None:
    """Write how many rows were read so far."""
    await db.execute(
        "UPDATE file_imports SET rows_read = %(rows)s WHERE user_id = %(owner)s AND id = %(id)s",
        {"rows": rows_read, "owner": owner, "id": import_id},
    )


async def delete(db: Db, owner: UUID, import_id: UUID) -> None:
    """Delete an import and its file."""
    await db.execute(
        "DELETE FROM file_imports WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": import_id},
    )


async def add_part(db: Db, owner: UUID, import_id: UUID, part: int, content: bytes) -> None:
    """Keep a part of the file."""
    await db.execute(
        """
        INSERT INTO import_parts (user_id, import_id, part, bytes)
        VALUES (%(owner)s, %(import_id)s, %(part)s, %(bytes)b)
        """,
        {"owner": owner, "import_id": import_id, "part": part, "bytes": content},
    )


async def parts(db: Db, owner: UUID, import_id: UUID) -> AsyncIterator[bytes]:
    """Yield the file's parts in order, one in memory at a time."""
    part = 0
    while True:
        content = await core_db.value(
            db,
            """
            SELECT bytes FROM import_parts
            WHERE user_id = %(owner)s AND import_id = %(import_id)s AND part = %(part)s
            """,
            {"owner": owner, "import_id": import_id, "part": part},
        )
        if content is None:
            return
        yield bytes(content)
        part += 1


async def drop_parts(db: Db, owner: UUID, import_id: UUID) -> None:
    """Forget the file itself."""
    await db.execute(
        "DELETE FROM import_parts WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        {"owner": owner, "import_id": import_id},
    )


async def saved_guess(db: Db, owner: UUID, signature: str) -> tuple[UUID, dict[str, Any]] | None:
    """Return the source that files of this signature come from, and how they were read."""
    cursor = await db.execute(
        "SELECT id, guess FROM import_sources WHERE user_id = %s AND signature = %s",
        (owner, signature),
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def save_source(
    db: Db, owner: UUID, source_id: UUID, signature: str, guess: dict[str, Any], now: datetime
) -> UUID:
    """Remember how files of a source are read; return the source's id."""
    found: UUID = await core_db.value(
        db,
        """
        INSERT INTO import_sources (user_id, id, signature, guess, created_at, used_at)
        VALUES (%(owner)s, %(id)s, %(signature)s, %(guess)s, %(now)s, %(now)s)
        ON CONFLICT (user_id, signature) DO UPDATE SET
            guess = excluded.guess, used_at = excluded.used_at
        RETURNING id
        """,
        {
            "owner": owner,
            "id": source_id,
            "signature": signature,
            "guess": Jsonb(guess),
            "now": now,
        },
    )
    return found


async def source_accounts(db: Db, owner: UUID, signature: str) -> list[Remembered]:
    """Return which account each account of a source of this signature went to the last time."""
    return await core_db.many(
        db,
        Remembered,
        """
        SELECT a.key, a.currency, a.kind, a.file_name, a.account_id
        FROM import_source_accounts a
        JOIN import_sources s ON s.user_id = a.user_id AND s.id = a.source_id
        WHERE s.user_id = %(owner)s AND s.signature = %(signature)s
        ORDER BY a.key, a.currency, a.kind, a.file_name
        """,
        {"owner": owner, "signature": signature},
    )


async def save_source_accounts(
    db: Db, owner: UUID, source_id: UUID, accounts: Sequence[Remembered]
) -> None:
    """Remember which account each of a source's accounts went to."""
    await db.execute(
        """
        INSERT INTO import_source_accounts (
            user_id, source_id, key, currency, kind, file_name, account_id)
        SELECT %(owner)s, %(source_id)s, m.*
        FROM unnest(%(keys)s::text[], %(currencies)s::text[], %(kinds)s::text[],
                    %(names)s::text[], %(accounts)s::uuid[]) AS m
        ON CONFLICT (user_id, source_id, key, currency, kind, file_name)
        DO UPDATE SET account_id = excluded.account_id
        """,
        {
            "owner": owner,
            "source_id": source_id,
            "keys": [one.key for one in accounts],
            "currencies": [one.currency for one in accounts],
            "kinds": [one.kind for one in accounts],
            "names": [one.file_name for one in accounts],
            "accounts": [one.account_id for one in accounts],
        },
    )


async def same_file(db: Db, owner: UUID, import_id: UUID) -> list[FileAccountChoice]:
    """Return where the accounts of the very same file went when it was imported the last time."""
    found = await core_db.value(
        db,
        """
        SELECT o.accounts FROM file_imports i
        JOIN file_imports o ON o.user_id = i.user_id AND o.sha256 = i.sha256 AND o.id <> i.id
         AND o.state IN ('done', 'undone')
        WHERE i.user_id = %(owner)s AND i.id = %(import_id)s
        ORDER BY o.done_at DESC, o.id DESC LIMIT 1
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [FileAccountChoice.from_json(one) for one in found or ()]


async def tell_balance(
    db: Db,
    owner: UUID,
    import_id: UUID,
    account_id: UUID,
    day: date,
    balance: Decimal,
    currency: str,
) -> None:
    """Keep what a file, or the person with it, says an account has at the end of a day."""
    await db.execute(
        """
        INSERT INTO file_balances (user_id, import_id, account_id, day, balance, currency)
        VALUES (%(owner)s, %(import_id)s, %(account_id)s, %(day)s, %(balance)s, %(currency)s)
        ON CONFLICT (user_id, import_id, account_id, day) DO UPDATE SET balance = excluded.balance
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "account_id": account_id,
            "day": day,
            "balance": balance,
            "currency": currency,
        },
    )


async def drop_balances(db: Db, owner: UUID, import_id: UUID) -> None:
    """Forget what an import said of balances."""
    await db.execute(
        "DELETE FROM file_balances WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        {"owner": owner, "import_id": import_id},
    )


async def told_balances(
    db: Db, owner: UUID, accounts: Sequence[UUID]
) -> list[tuple[UUID, date, Decimal]]:
    """Return what the imports that stand say of these accounts; of one day the newest word."""
    cursor = await db.execute(
        """
        SELECT DISTINCT ON (account_id, day) account_id, day, balance FROM file_balances
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
        ORDER BY account_id, day, import_id DESC
        """,
        {"owner": owner, "accounts": list(accounts)},
    )
    return await cursor.fetchall()


async def row_sums(
    db: Db, owner: UUID, accounts: Sequence[UUID]
) -> dict[UUID, tuple[date, Decimal]]:
    """Return the last booked day and the sum of each account's rows in its own currency."""
    cursor = await db.execute(
        """
        SELECT t.account_id, max(t.day), sum(t.amount) FROM transactions t
        JOIN accounts a ON a.user_id = %(owner)s AND a.id = t.account_id
         AND a.currency = t.currency
        WHERE t.user_id = %(owner)s AND t.account_id = ANY(%(accounts)s) AND NOT t.pending
        GROUP BY t.account_id
        """,
        {"owner": owner, "accounts": list(accounts)},
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def taken_in(
    db: Db, owner: UUID, ids: Sequence[tuple[str, str]]
) -> list[tuple[str, str, date, Decimal]]:
    """Return those of these rows, told by account and source's id, that the book has, with days."""
    if not ids:
        return []
    cursor = await db.execute(
        """
        SELECT DISTINCT ON (f.account_key, f.fitid) f.account_key, f.fitid, t.day, t.amount
        FROM unnest(%(keys)s::text[], %(fitids)s::text[]) AS wanted (key, fitid)
        JOIN file_transactions f
          ON f.user_id = %(owner)s AND f.account_key = wanted.key AND f.fitid = wanted.fitid
        JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id
        ORDER BY f.account_key, f.fitid, t.id
        """,
        {
            "owner": owner,
            "keys": [key for key, _fitid in ids],
            "fitids": [fitid for _key, fitid in ids],
        },
    )
    return await cursor.fetchall()


async def touched_accounts(db: Db, owner: UUID, import_id: UUID) -> list[UUID]:
    """Return the accounts that an import's rows stand in, or that it told a balance of."""
    cursor = await db.execute(
        """
        SELECT account_id FROM file_balances
        WHERE user_id = %(owner)s AND import_id = %(import_id)s
        UNION
        SELECT t.account_id FROM file_transactions f
        JOIN transactions t ON t.user_id = %(owner)s AND t.id = f.id
        WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def made_and_left(db: Db, owner: UUID, import_id: UUID) -> list[UUID]:
    """Return the accounts of an undone import that undone imports made and none goes to any more.

    Those that another import made and this one was the last to go to are among them.
    """
    cursor = await db.execute(
        """
        WITH goes AS (SELECT i.id, i.state, (one -> 'choice' ->> 'account_id')::uuid AS account_id
                      FROM file_imports i, jsonb_array_elements(i.accounts) AS one
                      WHERE i.user_id = %(owner)s AND i.state IN ('done', 'importing', 'undone'))
        SELECT DISTINCT m.id FROM file_imports i, unnest(i.made_accounts) AS m (id)
        WHERE i.user_id = %(owner)s AND i.state = 'undone'
          AND (i.id = %(import_id)s
               OR m.id IN (SELECT account_id FROM goes WHERE id = %(import_id)s))
          AND NOT EXISTS (SELECT 1 FROM goes
                          WHERE account_id = m.id AND state IN ('done', 'importing'))
        """,
        {"owner": owner, "import_id": import_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def forget_unfinished_for_all(db: Db, before: datetime) -> int:
    """Delete everybody's imports that were not finished since ``before``; return how many."""
    await db.execute(
        """
        WITH old AS (SELECT user_id, id FROM file_imports
                     WHERE state IN ('reading', 'preview', 'failed') AND updated_at < %(before)s),
             marks AS (DELETE FROM file_marks m USING old
                       WHERE m.user_id = old.user_id AND m.import_id = old.id)
        DELETE FROM file_transactions f USING old
        WHERE f.user_id = old.user_id AND f.import_id = old.id
        """,
        {"before": before},
    )
    return await core_db.execute(
        db,
        """
        DELETE FROM file_imports
        WHERE state IN ('reading', 'preview', 'failed') AND updated_at < %(before)s
        """,
        {"before": before},
    )


KEEP_UNFINISHED = timedelta(days=7)
