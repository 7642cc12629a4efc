"""Compares the book with what the sandbox says is true, and what people chose with what is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

_OWED = ("credit", "loan")


@dataclass
class Edit:
    """What a person chose for one row of the book; ``plaid_id`` is whose row it was then."""

    plaid_id: str
    category_id: UUID | None = None
    note: str | None = None


def differences(
    db: psycopg.Connection,
    item_id: UUID,
    truth: dict[str, Any],
    edits: dict[UUID, Edit],
) -> list[str]:
    """Everything in which the book of one item differs from the truth, in words. Empty: nothing."""
    return [
        *_rows(db, item_id, truth),
        *_doubles(db, item_id),
        *_kept_aside(db, item_id, truth),
        *_balances(db, item_id, truth),
        *_gone(db, item_id, truth),
        *_edits(db, item_id, truth, edits),
    ]


def _told_accounts(truth: dict[str, Any]) -> list[str]:
    """The accounts that the bank lets us read; what it took back is history, and not compared."""
    return [account["account_id"] for account in truth["accounts"]]


def _rows(db: psycopg.Connection, item_id: UUID, truth: dict[str, Any]) -> list[str]:
    """Every row that the bank tells now is in the book once, as it is, and no other of its ids."""
    wanted = Counter(_true_row(row) for row in truth["transactions"])
    bad = [row["transaction_id"] for row in truth["bad_transactions"]]
    held = Counter(
        db.execute(
            """
            SELECT p.plaid_transaction_id, a.plaid_account_id, t.day, t.amount, t.currency,
                   t.pending, t.description
            FROM transactions t
            JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
            JOIN accounts a ON (a.user_id, a.id) = (t.user_id, t.account_id)
            WHERE a.item_id = %s AND t.removed_by_bank IS NULL AND p.left_behind_at IS NULL
              AND p.plaid_transaction_id <> ALL(%s) AND a.plaid_account_id = ANY(%s)
            """,
            (item_id, bad, _told_accounts(truth)),
        ).fetchall()
    )
    found = [f"lost, or not as it is: {row}" for row in (wanted - held)]
    found += [f"too many, or not as it is: {row}" for row in (held - wanted)]
    live = db.execute(
        """
        SELECT count(*) FROM plaid_transactions p
        JOIN accounts a ON (a.user_id, a.id) = (p.user_id, p.account_id)
        WHERE a.item_id = %s AND p.removed_at IS NULL AND p.left_behind_at IS NULL
          AND p.plaid_transaction_id <> ALL(%s) AND a.plaid_account_id = ANY(%s)
        """,
        (item_id, bad, _told_accounts(truth)),
    ).fetchone()
    if live is None or live[0] != len(truth["transactions"]):
        found.append(f"the bank's record holds {live} rows, not {len(truth['transactions'])}")
    return found


def _doubles(db: psycopg.Connection, item_id: UUID) -> list[str]:
    """No row that the bank told anew under another id stands twice.

    Rows under ids that the bank gave up are history until they are found again. One that is still
    history beside a row of the same account, day and amount that followed no other is a double;
    but a posted row is no pending one told anew: no bank takes a booking back.
    """
    doubled = db.execute(
        """
        WITH live AS (
            SELECT p.*, EXISTS (SELECT 1 FROM plaid_transactions was WHERE was.replaced_by = p.id)
                   AS follows
            FROM plaid_transactions p
            JOIN accounts a ON (a.user_id, a.id) = (p.user_id, p.account_id)
            WHERE a.item_id = %s AND p.removed_at IS NULL
        )
        SELECT left_over.account_id, left_over.date, left_over.amount, left_over.name
        FROM live left_over
        WHERE left_over.left_behind_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM live told
            WHERE told.left_behind_at IS NULL AND NOT told.follows
              AND (left_over.pending OR NOT told.pending)
              AND told.first_seen_at >= left_over.left_behind_at
              AND (told.account_id, told.date, told.amount)
                  = (left_over.account_id, left_over.date, left_over.amount))
        """,
        (item_id,),
    ).fetchall()
    return [f"told anew, and stands twice: {row}" for row in doubled]


def _kept_aside(db: psycopg.Connection, item_id: UUID, truth: dict[str, Any]) -> list[str]:
    """What cannot be read is kept aside for its person, and nothing that can be is."""
    bad = {row["transaction_id"]: row["kind"] for row in truth["bad_transactions"]}
    told = _told_accounts(truth)
    aside = {
        plaid_id
        for plaid_id, raw in db.execute(
            "SELECT plaid_id, raw FROM set_aside_rows"
            " WHERE item_id = %s AND kind = 'transaction' AND resolved_at IS NULL",
            (item_id,),
        ).fetchall()
        # Of an account that was taken back nothing more is told: what was kept aside stays so.
        if plaid_id in bad or any(account in raw for account in told)
    }
    query = """
        SELECT p.plaid_transaction_id FROM transactions t
        JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
        WHERE p.plaid_transaction_id = ANY(%s) AND t.removed_by_bank IS NULL
    """
    booked = {row[0] for row in db.execute(query, (list(bad),)).fetchall()}
    found = [f"a bad row is nowhere: {bad[one]}" for one in bad.keys() - aside - booked]
    found += [f"a bad row was booked: {bad[one]}" for one in booked]
    found += [f"kept aside though it is well or gone: {one}" for one in aside - bad.keys()]
    return found


def _true_row(row: dict[str, Any]) -> tuple[object, ...]:
    currency = row["iso_currency_code"] or row["unofficial_currency_code"]
    # Plaid's sign: above zero leaves the account. Ours is the opposite.
    return (
        row["transaction_id"],
        row["account_id"],
        date.fromisoformat(row["date"]),
        -Decimal(row["amount"]),
        currency,
        row["pending"],
        row["name"],
    )


def _balances(db: psycopg.Connection, item_id: UUID, truth: dict[str, Any]) -> list[str]:
    held: dict[str, Decimal | None] = dict(
        db.execute(
            """
            SELECT a.plaid_account_id, b.balance FROM accounts a
            LEFT JOIN LATERAL (
                SELECT b.balance FROM account_balances b
                WHERE b.user_id = a.user_id AND b.account_id = a.id ORDER BY b.day DESC LIMIT 1
            ) b ON true
            WHERE a.item_id = %s AND a.plaid_account_id = ANY(%s)
            """,
            (item_id, _told_accounts(truth)),
        ).fetchall()
    )
    found = []
    for account in truth["accounts"]:
        current = account["balances"]["current"]
        wanted = -current if account["type"] in _OWED else current
        if held.get(account["account_id"]) != wanted:
            name = account["name"]
            found.append(f"balance of {name}: {held.get(account['account_id'])}, not {wanted}")
    if len(held) != len(truth["accounts"]):
        found.append(f"{len(held)} accounts, not {len(truth['accounts'])}")
    return found


def _gone(db: psycopg.Connection, item_id: UUID, truth: dict[str, Any]) -> list[str]:
    """An account that the bank tells no more was taken back by its person, and says so."""
    rows = db.execute(
        """
        SELECT name, revoked_at IS NOT NULL OR unreported_since IS NOT NULL FROM accounts
        WHERE item_id = %s AND plaid_account_id <> ALL(%s)
        """,
        (item_id, _told_accounts(truth)),
    ).fetchall()
    most = len(truth["revoked_accounts"])
    found = [f"{len(rows)} accounts too many"] if len(rows) > most else []
    return found + [
        f"{name} does not say that it is told no more" for name, said in rows if not said
    ]


def _edits(
    db: psycopg.Connection, item_id: UUID, truth: dict[str, Any], edits: dict[UUID, Edit]
) -> list[str]:
    live = {row["transaction_id"] for row in truth["transactions"]}
    posted_as = {
        row["pending_transaction_id"]: row["transaction_id"]
        for row in truth["transactions"]
        if row["pending_transaction_id"]
    }
    found = []
    for book_id, edit in edits.items():
        row = db.execute(
            """
            SELECT t.category_id, t.category_by, t.note, t.removed_by_bank, p.plaid_transaction_id,
                   p.left_behind_at IS NOT NULL OR a.plaid_account_id <> ALL(%s)
                   OR a.item_id <> %s
            FROM transactions t
            JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
            JOIN accounts a ON (a.user_id, a.id) = (t.user_id, t.account_id)
            WHERE t.id = %s OR t.note = %s ORDER BY t.id = %s DESC LIMIT 1
            """,
            (
                _told_accounts(truth),
                item_id,
                book_id,
                edit.note,
                book_id,
            ),  # two rows that are one event become one, edits kept
        ).fetchone()
        if row is None:
            found.append(f"an edited row is gone: {edit}")
            continue
        category, by, note, removed, plaid_id, is_history = row
        if edit.category_id is not None and (category, by) != (edit.category_id, "person"):
            found.append(f"a chosen category was lost: {edit}")
        if note != edit.note:
            found.append(f"a note was lost: {edit}, now {note!r}")
        if edit.plaid_id in posted_as and plaid_id != posted_as[edit.plaid_id]:
            found.append(f"an edit did not follow its row from pending to posted: {edit}")
        if not is_history and (removed is None) != (plaid_id in live):
            found.append(f"an edited row says {removed=} but is live: {plaid_id in live}")
    return found
