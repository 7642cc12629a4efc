"""What can befall an item at its bank: new ids, broken rows, accounts that come and go.

Changes the bank's book only; sends no webhooks.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import ledger
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.ids import stable_id
from strongroom.sandbox.plaid.persona import Row
from strongroom.sandbox.plaid.wire import Raw, dumps, loads

# How a row can be broken: members of the transaction object, as they are told.
_BROKEN_MEMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "huge": {"amount": Raw("1e30")},
    "nan": {"amount": Raw("NaN")},
    "nan_text": {"amount": "NaN"},
    "null_amount": {"amount": None},
    "text_amount": {"amount": "twelve"},
    "null_date": {"date": None},
    "bad_date": {"date": "2026-02-30"},
    "null_currency": {"iso_currency_code": None, "unofficial_currency_code": None},
    "null_name": {"name": None},
    "no_account": {"account_id": stable_id("an account that nobody has")},
    "null_id": {"transaction_id": None},
}
TWICE: Final = "twice"
ROW_KINDS: Final = (*_BROKEN_MEMBERS, TWICE)
ACCOUNT_KINDS: Final = ("account_currency", "account_type", "account_null_balance",
                        "account_huge_balance", "holding_huge")  # fmt: skip
BAD_KINDS: Final = (*ROW_KINDS, *ACCOUNT_KINDS)
_NEW_ROW_NUMBERS: Final = 10_000_000
_HUGE: Final = "1" + "0" * 30


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of an item's ids: accounts old to new, and how many rows were told again."""

    accounts: Mapping[str, str]
    transactions: int


def shared_account(db: sqlite3.Connection, item_id: str, account_id: str = "") -> sqlite3.Row:
    """Give a shared account of an item, the first unless named. Raises INVALID_ACCOUNT_ID."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM accounts WHERE item_id = ? AND shared AND ? IN ('', account_id)"
        " ORDER BY position LIMIT 1",
        (item_id, account_id),
    ).fetchone()
    if row is None:
        raise PlaidError("INVALID_ACCOUNT_ID")
    return row


def migrate_accounts(db: sqlite3.Connection, item_id: str, *, removed: bool) -> Migrated:
    """Give every account a new account_id; their rows come again under new transaction_ids.

    ``removed``: the old rows are also told as removed; else they are never spoken of again.
    """
    # The new id follows from the old one, so that the same seed migrates to the same ids.
    db.create_function("moved_id", 1, lambda old: stable_id(old, "moved"), deterministic=True)
    accounts: dict[str, str] = {}
    told = 0
    for row in db.execute(
        "SELECT account_id FROM accounts WHERE item_id = ? ORDER BY position", (item_id,)
    ).fetchall():
        old = row["account_id"]
        accounts[old] = new = stable_id(old, "moved")
        db.execute("UPDATE accounts SET account_id = ? WHERE account_id = ?", (new, old))
        told += _move_rows(db, item_id, old, new, removed=removed)
    return Migrated(accounts, told)


def _move_rows(db: sqlite3.Connection, item_id: str, old: str, new: str, *, removed: bool) -> int:
    """Copy an account's live rows to new ids and retire the old ones. Returns how many."""
    was, now = f'"account_id":"{old}"', f'"account_id":"{new}"'
    db.execute(
        "UPDATE transactions SET account_id = ?, head = replace(head, ?, ?),"
        " good_head = replace(good_head, ?, ?)"
        " WHERE item_id = ? AND account_id = ? AND state = 'staged'",
        (new, was, now, was, now, item_id, old),
    )
    moved = (
        "replace(replace({0}, ?, ?), '\"transaction_id\":\"' || transaction_id || '\"',"
        " '\"transaction_id\":\"' || moved_id(transaction_id) || '\"')"
    )
    copied = db.execute(
        "INSERT INTO transactions (transaction_id, item_id, account_id, state, date, position,"  # noqa: S608
        " amount, pending, posts_on, head, category_v1, category_v2, original, bad, good_head)"
        " SELECT moved_id(transaction_id), item_id, ?, 'live', date, position, amount, pending,"
        f" posts_on, {moved.format('head')}, category_v1, category_v2, original, bad,"
        f" {moved.format('good_head')} FROM transactions"
        " WHERE item_id = ? AND account_id = ? AND state = 'live'",
        (new, was, now, was, now, item_id, old),
    ).rowcount
    if removed:
        _tell(db, item_id, "removed", old)
    else:
        db.execute(
            "UPDATE changes SET kind = 'withdrawn'"
            " WHERE item_id = ? AND account_id = ? AND kind <> 'removed'",
            (item_id, old),
        )
    db.execute(
        "UPDATE transactions SET state = 'gone'"
        " WHERE item_id = ? AND account_id = ? AND state = 'live'",
        (item_id, old),
    )
    _tell(db, item_id, "added", new)
    return copied


def _tell(db: sqlite3.Connection, item_id: str, kind: str, account_id: str) -> None:
    """Log one change for every live row of an account, newest first."""
    head = ledger.log_head(db, item_id)
    counted = db.execute(
        "INSERT INTO changes (item_id, seq, kind, transaction_id, account_id)"
        " SELECT ?, ? + row_number() OVER (ORDER BY date DESC, position DESC), ?, transaction_id,"
        " account_id FROM transactions WHERE item_id = ? AND account_id = ? AND state = 'live'",
        (item_id, head, kind, item_id, account_id),
    ).rowcount
    db.execute("UPDATE items SET log_head = ? WHERE item_id = ?", (head + counted, item_id))


def revoke_account(db: sqlite3.Connection, item_id: str, account_id: str, *, told: bool) -> str:
    """Take an account away for good, as a person can at some banks. Returns its account_id."""
    account: str = shared_account(db, item_id, account_id)["account_id"]
    db.execute("UPDATE accounts SET shared = 0, revoked = 1 WHERE account_id = ?", (account,))
    ledger.withdraw_account(db, item_id, account, told=told)
    return account


def stage_rows_of_new_account(
    db: sqlite3.Connection, item_id: str, account: sqlite3.Row, count: int, today: date
) -> None:
    """Give a new account ``count`` rows, which are told once the person shares the account."""
    rng = random.Random(f"{account['account_id']}|rows")
    rows = [
        Row(0, (day := today - timedelta(days=rng.randrange(60))), day,
            Decimal(rng.randrange(-90_000, 90_000) or 1).scaleb(-2), f"New account row {index + 1}",
            currency=account["currency"])
        for index in range(count)
    ]  # fmt: skip
    ledger.stage(
        db, item_id, [account["account_id"]], rows,
        first=_NEW_ROW_NUMBERS + 10_000 * account["position"],
    )  # fmt: skip


def break_something(
    db: sqlite3.Connection, item_id: str, kind: str, account: sqlite3.Row, today: date
) -> dict[str, str]:
    """Make a broken row, or break the account itself; says which id it has."""
    if kind in ACCOUNT_KINDS:
        _break_account(db, kind, account)
        return {"kind": kind, "account_id": account["account_id"]}
    row = Row(
        0, today, today, Decimal("12.34"), f"Practice row: {kind}",
        "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", currency=account["currency"],
    )  # fmt: skip
    twice = kind == TWICE
    made = ledger.add(db, item_id, account["account_id"], row, moves_balance=twice)
    if twice:
        ledger.log(db, item_id, "added", made, account["account_id"])
    else:
        _break_row(db, made, kind)
    return {"kind": kind, "transaction_id": made}


def _break_row(db: sqlite3.Connection, transaction_id: str, kind: str) -> None:
    head = ledger.live_row(db, transaction_id)["head"]
    broken = dumps(loads(head + "}") | _BROKEN_MEMBERS[kind])[:-1]
    db.execute(
        "UPDATE transactions SET bad = ?, good_head = head, head = ? WHERE transaction_id = ?",
        (kind, broken, transaction_id),
    )


def _break_account(db: sqlite3.Connection, kind: str, account: sqlite3.Row) -> None:
    card = account["type"] == "credit"
    changes: dict[str, dict[str, Any]] = {
        "account_currency": {"currency": "USD" if account["currency"] == "EUR" else "EUR"},
        "account_type": {"type": "depository", "subtype": "checking"}
        if card
        else {"type": "credit", "subtype": "credit card"},
        "account_null_balance": {"current": None, "available": None},
        "account_huge_balance": {"current": _HUGE, "available": None},
    }
    changed = changes.get(kind) or {"facts": _with_huge_holding(account["facts"])}
    was = loads(account["was"]) if account["was"] else {}
    was = {name: account[name] for name in changed} | was
    columns = ", ".join(f"{name} = ?" for name in changed)
    db.execute(
        f"UPDATE accounts SET was = ?, {columns} WHERE account_id = ?",  # noqa: S608  (own names)
        (dumps(was), *changed.values(), account["account_id"]),
    )


def _with_huge_holding(text: str) -> str:
    facts = loads(text)
    if not facts["holdings"]:
        raise PlaidError("NO_INVESTMENT_ACCOUNTS", "this account holds no security")
    facts["holdings"][0] |= {"quantity": Raw(_HUGE), "institution_value": Raw(_HUGE)}
    return dumps(facts)


def heal(db: sqlite3.Connection, item_id: str) -> int:
    """Make everything broken good again; rows are told as modified. Returns how many."""
    rows = db.execute(
        "SELECT * FROM transactions WHERE item_id = ? AND bad IS NOT NULL AND state = 'live'"
        " ORDER BY position",
        (item_id,),
    ).fetchall()
    for row in rows:
        db.execute(
            "UPDATE transactions SET bad = NULL, head = good_head, good_head = NULL"
            " WHERE transaction_id = ?",
            (row["transaction_id"],),
        )
        ledger.log(db, item_id, "modified", row["transaction_id"], row["account_id"])
        ledger.move(db, row["account_id"], Decimal(row["amount"]), pending=bool(row["pending"]))
    accounts = db.execute(
        "SELECT account_id, was FROM accounts WHERE item_id = ? AND was IS NOT NULL", (item_id,)
    ).fetchall()
    for row in accounts:
        was = loads(row["was"])
        columns = ", ".join(f"{name} = ?" for name in was)
        db.execute(
            f"UPDATE accounts SET was = NULL, {columns} WHERE account_id = ?",  # noqa: S608
            (*was.values(), row["account_id"]),
        )
    return len(rows) + len(accounts)
