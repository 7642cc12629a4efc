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
    db: psycopg.Connection, item_id: UUID, truth: dict[str, Any], edits: dict[UUID, Edit]
) -> list[str]:
    """Everything in which the book of one item differs from the truth, in words. Empty: nothing."""
    return [
        *_rows(db, item_id, truth),
        *_balances(db, item_id, truth),
        *_edits(db, item_id, truth, edits),
    ]


def _rows(db: psycopg.Connection, item_id: UUID, truth: dict[str, Any]) -> list[str]:
    wanted = Counter(_true_row(row) for row in truth["transactions"])
    held = Counter(
        db.execute(
            """
            SELECT p.plaid_transaction_id, a.plaid_account_id, t.day, t.amount, t.currency,
                   t.pending, t.description
            FROM transactions t
            JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
            JOIN accounts a ON (a.user_id, a.id) = (t.user_id, t.account_id)
            WHERE a.item_id = %s AND t.removed_by_bank IS NULL
            """,
            (item_id,),
        ).fetchall()
    )
    found = [f"lost, or not as it is: {row}" for row in (wanted - held)]
    found += [f"too many, or not as it is: {row}" for row in (held - wanted)]
    live = db.execute(
        """
        SELECT count(*) FROM plaid_transactions p
        JOIN accounts a ON (a.user_id, a.id) = (p.user_id, p.account_id)
        WHERE a.item_id = %s AND p.removed_at IS NULL
        """,
        (item_id,),
    ).fetchone()
    if live is None or live[0] != len(truth["transactions"]):
        found.append(f"the bank's record holds {live} rows, not {len(truth['transactions'])}")
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
            WHERE a.item_id = %s
            """,
            (item_id,),
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
            SELECT t.category_id, t.category_by, t.note, t.removed_by_bank, p.plaid_transaction_id
            FROM transactions t
            JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
            WHERE t.id = %s
            """,
            (book_id,),
        ).fetchone()
        if row is None:
            found.append(f"an edited row is gone: {edit}")
            continue
        category, by, note, removed, plaid_id = row
        if edit.category_id is not None and (category, by) != (edit.category_id, "person"):
            found.append(f"a chosen category was lost: {edit}")
        if note != edit.note:
            found.append(f"a note was lost: {edit}, now {note!r}")
        if edit.plaid_id in posted_as and plaid_id != posted_as[edit.plaid_id]:
            found.append(f"an edit did not follow its row from pending to posted: {edit}")
        if (removed is None) != (plaid_id in live):
            found.append(f"an edited row says {removed=} but is live: {plaid_id in live}")
    return found
