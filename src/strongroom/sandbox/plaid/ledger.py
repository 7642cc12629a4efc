"""The bank's book of one item: rows, balances, and the numbered log of what changed.

Every change to a reported row goes through here, so that log, balance and row always agree.
Sends no webhooks and answers no requests.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from strongroom.sandbox.plaid import rows as written
from strongroom.sandbox.plaid.ids import stable_id
from strongroom.sandbox.plaid.persona import Row, balance_change
from strongroom.sandbox.plaid.wire import number

INITIAL_DAYS: Final = 30
_AFTER_THE_FIRST: Final = 1_000_000_000
_INSERT: Final = (
    "INSERT INTO transactions (transaction_id, item_id, account_id, state, date, position, amount,"
    " pending, posts_on, head, category_v1, category_v2, original)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# The rows of which only one of two things is told after a number of the log.
_ONLY: Final = (
    "FROM changes WHERE item_id = ? AND seq > ? AND kind IN ('added', 'removed')"
    " GROUP BY transaction_id HAVING min(kind) = ? AND max(kind) = min(kind)"
)


def stage(
    db: sqlite3.Connection,
    item_id: str,
    account_ids: Sequence[str],
    rows: Iterable[Row],
    *,
    first: int = 0,
) -> int:
    """Put rows in the book without reporting them yet; balances already contain them.

    Returns how many. ``first`` numbers the rows, and so makes their ids.
    """
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].day, pair[0]))

    def values() -> Iterator[tuple[object, ...]]:
        for position, (index, row) in enumerate(ordered):
            transaction_id = stable_id(item_id, "row", first + index)
            one = written.write(row, account_ids[row.account], transaction_id)
            yield _values(item_id, one, "staged", first + position)

    # Written out one by one: the texts of two years need not be in memory together.
    db.executemany(_INSERT, values())
    return len(ordered)


def _values(item_id: str, one: written.Stored, state: str, position: int) -> tuple[object, ...]:
    return (
        one.transaction_id, item_id, one.account_id, state, one.date, position, one.amount,
        int(one.pending), one.posts_on, one.head, one.category_v1, one.category_v2, one.original,
    )  # fmt: skip


def report_staged(db: sqlite3.Connection, item_id: str, *, since: date | None) -> int:
    """Report staged rows of shared accounts (from ``since`` on) as added, newest first.

    Returns how many.
    """
    bound = since.isoformat() if since else ""
    head = log_head(db, item_id)
    counted = db.execute(
        "INSERT INTO changes (item_id, seq, kind, transaction_id, account_id)"
        " SELECT t.item_id, ? + row_number() OVER (ORDER BY t.date DESC, t.position DESC),"
        " 'added', t.transaction_id, t.account_id"
        " FROM transactions t JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'staged' AND a.shared AND t.date >= ?",
        (head, item_id, bound),
    ).rowcount
    db.execute(
        "UPDATE transactions SET state = 'live' WHERE item_id = ? AND state = 'staged'"
        " AND date >= ? AND account_id IN"
        " (SELECT account_id FROM accounts WHERE item_id = ? AND shared)",
        (item_id, bound, item_id),
    )
    db.execute("UPDATE items SET log_head = ? WHERE item_id = ?", (head + counted, item_id))
    return counted


def withdraw_account(
    db: sqlite3.Connection, item_id: str, account_id: str, *, told: bool = True
) -> None:
    """Take back every row of an account that the user no longer shares.

    The rows are staged again, so that sharing the account once more reports them anew. Without
    ``told`` they are only never spoken of again; a reader in the middle of its pages starts anew.
    """
    live = db.execute(
        "SELECT transaction_id FROM transactions"
        " WHERE item_id = ? AND account_id = ? AND state = 'live'",
        (item_id, account_id),
    ).fetchall()
    db.execute(
        "UPDATE changes SET kind = 'withdrawn'"
        " WHERE item_id = ? AND account_id = ? AND kind <> 'removed'",
        (item_id, account_id),
    )
    if told:
        for row in live:
            log(db, item_id, "removed", row["transaction_id"], account_id)
    else:
        db.execute("UPDATE items SET log_head = log_head + 1 WHERE item_id = ?", (item_id,))
    db.execute(
        "UPDATE transactions SET state = 'staged'"
        " WHERE item_id = ? AND account_id = ? AND state = 'live'",
        (item_id, account_id),
    )


def log_head(db: sqlite3.Connection, item_id: str) -> int:
    """Give the number of the item's latest change."""
    row = db.execute("SELECT log_head FROM items WHERE item_id = ?", (item_id,)).fetchone()
    return int(row["log_head"])


def came(db: sqlite3.Connection, item_id: str, since: int) -> int:
    """Count the rows that are new after number ``since``; one that also went is not."""
    counted = db.execute(
        f"SELECT count(*) FROM (SELECT 1 {_ONLY})",  # noqa: S608  (a fixed text)
        (item_id, since, "added"),
    ).fetchone()
    return int(counted[0])


def went(db: sqlite3.Connection, item_id: str, since: int, most: int) -> Iterator[list[str]]:
    """Give the ids of rows that are gone after number ``since``, at most ``most`` at a time.

    One that came after it too was never there for anyone, and is not among them.
    """
    found = db.execute(
        f"SELECT transaction_id {_ONLY} ORDER BY min(seq)",
        (item_id, since, "removed"),
    )
    while some := found.fetchmany(most):
        yield [row["transaction_id"] for row in some]


def log(
    db: sqlite3.Connection, item_id: str, kind: str, transaction_id: str, account_id: str
) -> None:
    """Write one change down: its ``kind`` is added, modified or removed."""
    head = log_head(db, item_id) + 1
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?)",
        (item_id, head, kind, transaction_id, account_id),
    )
    db.execute("UPDATE items SET log_head = ? WHERE item_id = ?", (head, item_id))


def add(
    db: sqlite3.Connection, item_id: str, account_id: str, row: Row, *, moves_balance: bool = True
) -> str:
    """Add and report one new row; returns its transaction_id."""
    # Later than every row of the first update, and than every row added before.
    position = _AFTER_THE_FIRST + log_head(db, item_id)
    transaction_id = stable_id(item_id, "new", position)
    one = written.write(row, account_id, transaction_id)
    db.execute(_INSERT, _values(item_id, one, "live", position))
    log(db, item_id, "added", transaction_id, account_id)
    if moves_balance:
        move(db, account_id, row.amount, pending=row.pending)
    return transaction_id


def remove(db: sqlite3.Connection, transaction_id: str, *, moves_balance: bool = True) -> None:
    """Take a reported row back."""
    row = live_row(db, transaction_id)
    db.execute("UPDATE transactions SET state = 'gone' WHERE transaction_id = ?", (transaction_id,))
    log(db, row["item_id"], "removed", transaction_id, row["account_id"])
    if moves_balance:
        move(db, row["account_id"], -Decimal(row["amount"]), pending=bool(row["pending"]))


def modify(
    db: sqlite3.Connection,
    transaction_id: str,
    *,
    amount: Decimal | None = None,
    name: str | None = None,
) -> None:
    """Correct a reported row's amount or name."""
    row = live_row(db, transaction_id)
    head, text = written.changed(row["head"], amount=amount, name=name)
    db.execute(
        "UPDATE transactions SET head = ?, amount = ? WHERE transaction_id = ?",
        (head, text, transaction_id),
    )
    log(db, row["item_id"], "modified", transaction_id, row["account_id"])
    difference = Decimal(text) - Decimal(row["amount"])
    move(db, row["account_id"], difference, pending=bool(row["pending"]))


def post(
    db: sqlite3.Connection,
    transaction_id: str,
    *,
    day: date,
    amount: Decimal | None = None,
    linked: bool = True,
) -> str:
    """Let a pending row post: a new row is added, the pending one removed. Returns the new id."""
    row = live_row(db, transaction_id)
    new_id = stable_id(transaction_id, "posted")
    head, text = written.posted(
        row["head"], transaction_id=new_id, day=day, amount=amount, linked=linked
    )
    one = written.Stored(
        new_id, row["account_id"], day.isoformat(), text, False, None, head, row["category_v1"],
        row["category_v2"], row["original"],
    )  # fmt: skip
    db.execute(_INSERT, _values(row["item_id"], one, "live", row["position"]))
    log(db, row["item_id"], "added", new_id, row["account_id"])
    remove(db, transaction_id)
    move(db, row["account_id"], Decimal(text), pending=False)
    return new_id


def live_row(db: sqlite3.Connection, transaction_id: str) -> sqlite3.Row:
    """Give a reported row that has not been taken back."""
    row: sqlite3.Row = db.execute(
        "SELECT * FROM transactions WHERE transaction_id = ? AND state = 'live'", (transaction_id,)
    ).fetchone()
    return row


def move(db: sqlite3.Connection, account_id: str, amount: Decimal, *, pending: bool) -> None:
    """Let one row's amount act on its account: posted on both balances, pending on available."""
    account = db.execute("SELECT * FROM accounts WHERE account_id = ?", (account_id,)).fetchone()
    change = balance_change(account["type"], amount)
    current, available = account["current"], account["available"]
    if current is not None and not pending:
        current = number(Decimal(current) + change)
    if available is not None and account["available_rule"] == "follow":
        available = number(Decimal(available) + change)
    elif available is not None and account["available_rule"] == "remaining":
        available = number(Decimal(available) - change)
    db.execute(
        "UPDATE accounts SET current = ?, available = ? WHERE account_id = ?",
        (current, available, account_id),
    )


def post_due(db: sqlite3.Connection, item_id: str, today: date) -> None:
    """Post every pending row whose day has come."""
    due = db.execute(
        "SELECT transaction_id, posts_on FROM transactions WHERE item_id = ? AND state = 'live'"
        " AND bad IS NULL AND pending = 1 AND posts_on <= ? ORDER BY posts_on, position",
        (item_id, today.isoformat()),
    ).fetchall()
    for row in due:
        post(db, row["transaction_id"], day=date.fromisoformat(row["posts_on"]))


def shake(db: sqlite3.Connection, item_id: str, rng: random.Random, count: int, today: date) -> int:
    """Make ``count`` seeded changes to reported rows: add, modify, remove or post.

    Returns how many were made (fewer when the item has no account).
    """
    accounts = db.execute(
        "SELECT account_id, currency FROM accounts WHERE item_id = ? AND shared ORDER BY position",
        (item_id,),
    ).fetchall()
    if not accounts:
        return 0
    for _ in range(count):
        _shake_once(db, item_id, rng, today, accounts)
    return count


def _shake_once(
    db: sqlite3.Connection,
    item_id: str,
    rng: random.Random,
    today: date,
    accounts: Sequence[sqlite3.Row],
) -> None:
    kind = rng.choice(("add", "add", "pend", "modify", "remove", "post"))
    pending_only = "AND pending = 1" if kind == "post" else ""
    target = db.execute(
        "SELECT t.transaction_id, t.amount FROM transactions t"  # noqa: S608  (two fixed texts)
        " CROSS JOIN accounts a USING (account_id)"  # rows first, in the order of their index
        f" WHERE t.item_id = ? AND t.state = 'live' AND t.bad IS NULL AND a.shared {pending_only}"
        " ORDER BY t.date DESC, t.position DESC LIMIT 1 OFFSET ?",
        (item_id, rng.randrange(40)),
    ).fetchone()
    if kind in ("add", "pend") or target is None:
        account = rng.choice(accounts)
        day = today - timedelta(days=rng.randrange(5))
        amount = Decimal(rng.randrange(-50_000, 50_000)).scaleb(-2) or Decimal("0.01")
        add(
            db,
            item_id,
            account["account_id"],
            Row(0, day, day, amount, f"Practice purchase {rng.randrange(10_000)}",
                category="GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE",
                currency=account["currency"], pending=kind == "pend"),
        )  # fmt: skip
    elif kind == "modify":
        modify(db, target["transaction_id"], amount=Decimal(target["amount"]) + Decimal("1.00"))
    elif kind == "remove":
        remove(db, target["transaction_id"])
    else:
        tip = Decimal(rng.choice(("0", "0", "2.50")))
        amount = Decimal(target["amount"]) + tip
        post(db, target["transaction_id"], day=today, amount=amount, linked=rng.random() < 0.9)
