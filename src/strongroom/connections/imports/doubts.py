"""Whether the balance that a file tells agrees with its rows and with what was known before.

A balance from earlier and the rows since make the balance that is expected. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from strongroom import accounts
from strongroom.accounts import Account
from strongroom.connections.imports.types import FileAccountChoice, FileTold
from strongroom.core import db as core_db
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.ids import UserId


@dataclass(frozen=True, slots=True)
class _Known:
    """A balance told before if there is one, the rows since, and this file's rows before it."""

    before: Decimal | None
    since: Decimal
    late: Decimal


async def judged(
    db: Db, *, owner: UserId, import_id: UUID, chosen: Sequence[FileAccountChoice]
) -> list[FileAccountChoice]:
    """Return the choices, each with the balance that is expected where the file's is another.

    Counts the rows that the file brings, whether the book has them yet or not. Rows of days
    before the balance known may or may not be in that: the file's balance may agree either way.
    """
    held = {one.id: one for one in await accounts.list_all(db, owner=owner)}
    found = []
    async with in_bulk(db):
        for one in chosen:
            account = held.get(one.choice.account_id) if one.choice.account_id is not None else None
            expected = None
            if account is not None and account.is_manual and one.told.balance is not None:
                expected = await _expected(db, owner, import_id, one.told, account)
            found.append(replace(one, advice=replace(one.advice, expected=expected)))
    return found


async def _expected(
    db: Db, owner: UserId, import_id: UUID, told: FileTold, account: Account
) -> Decimal | None:
    """Return the balance that the rows come to where the file tells another, else None."""
    (found,) = await core_db.many(
        db,
        _Known,
        """
        WITH known AS (
            SELECT day, balance FROM (
                SELECT day, balance, import_id FROM file_balances
                WHERE user_id = %(owner)s AND account_id = %(account)s
                  AND import_id <> %(import_id)s AND day <= %(day)s
                UNION ALL
                SELECT day, balance, NULL FROM account_balances
                WHERE user_id = %(owner)s AND account_id = %(account)s
                  AND source IN ('manual', 'plaid') AND day <= %(day)s) b
            ORDER BY day DESC, import_id DESC LIMIT 1
        ), booked AS (
            SELECT coalesce(sum(t.amount), 0) AS amount FROM transactions t, known
            WHERE t.user_id = %(owner)s AND t.account_id = %(account)s
              AND t.day > known.day AND t.day <= %(day)s AND t.currency = %(currency)s
              AND NOT t.pending AND t.removed_by_bank IS NULL
        ), told AS (
            SELECT f.amount, f.day <= known.day AS late,
                   EXISTS (SELECT 1 FROM transactions t
                           WHERE t.user_id = %(owner)s AND t.id = f.id) AS taken
            FROM file_transactions f, known
            WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
              AND f.account_key = %(key)s AND f.day <= %(day)s AND NOT f.pending
              AND coalesce(f.currency, %(currency)s) = %(currency)s
              AND NOT EXISTS (SELECT 1 FROM file_marks k WHERE k.user_id = %(owner)s
                              AND k.import_id = %(import_id)s AND k.id = f.id)
        )
        SELECT (SELECT balance FROM known) AS before,
               (SELECT amount FROM booked)
                 + coalesce(sum(amount) FILTER (WHERE NOT late AND NOT taken), 0) AS since,
               coalesce(sum(amount) FILTER (WHERE late), 0) AS late
        FROM told
        """,
        {
            "owner": owner,
            "account": account.id,
            "import_id": import_id,
            "day": told.balance_day,
            "key": told.key,
            "currency": account.currency,
        },
    )
    if found.before is None:
        return None
    expected = found.before + found.since
    return None if told.balance in (expected, expected + found.late) else expected + found.late
