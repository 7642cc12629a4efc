"""The bank of user_transactions_dynamic, which is never still.

One stir: what is pending posts, a posted amount grows by 1.00, new purchases appear as pending.
A refresh stirs at once, and each day of the sandbox's clock stirs once more.
"""

from __future__ import annotations

import random
import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from strongroom.sandbox.plaid import ledger
from strongroom.sandbox.plaid.standard_users import dynamic_row

_NEW_ROWS: Final = 3


def stir(db: sqlite3.Connection, item_id: str, rng: random.Random, today: date) -> None:
    """Move the dynamic user's bank on to ``today``."""
    accounts = db.execute(
        "SELECT account_id, currency FROM accounts WHERE item_id = ? AND shared ORDER BY position",
        (item_id,),
    ).fetchall()
    if not accounts:
        return
    _post_pending(db, item_id, today)
    _raise_one(db, item_id, rng)
    for _ in range(_NEW_ROWS):
        day = today - timedelta(days=rng.randrange(2))
        row = dynamic_row(rng, day, accounts[0]["currency"], pending=True)
        ledger.add(db, item_id, accounts[row.account % len(accounts)]["account_id"], row)


def _post_pending(db: sqlite3.Connection, item_id: str, today: date) -> None:
    pending = db.execute(
        "SELECT t.transaction_id FROM transactions t JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'live' AND t.bad IS NULL AND t.pending = 1"
        " AND a.shared",
        (item_id,),
    ).fetchall()
    for row in pending:
        ledger.post(db, row["transaction_id"], day=today)


def _raise_one(db: sqlite3.Connection, item_id: str, rng: random.Random) -> None:
    posted = db.execute(
        "SELECT t.transaction_id, t.amount FROM transactions t JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'live' AND t.bad IS NULL AND NOT t.pending"
        " AND a.shared ORDER BY t.date DESC, t.position DESC LIMIT 20",
        (item_id,),
    ).fetchall()
    if not posted:
        return
    chosen = rng.choice(posted)
    ledger.modify(db, chosen["transaction_id"], amount=Decimal(chosen["amount"]) + Decimal("1.00"))
