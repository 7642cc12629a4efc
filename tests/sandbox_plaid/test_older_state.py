"""A state file of an older version is taken over, with everything in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from tests.sandbox_plaid.conftest import Sandbox

SINCE_TWO = {
    "items": ("consent_expires_at", "consent_warned", "disconnect_at", "error_reason"),
    "accounts": ("revoked", "was"),
    "transactions": ("bad", "good_head"),
}


def make_old(path: str) -> None:
    """Take from a state file all that versions 2 and 3 brought."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TABLE users")
    db.execute("DROP INDEX transactions_pending")
    db.execute("DROP INDEX transactions_item")
    for table, columns in SINCE_TWO.items():
        found = db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()
        kept = ", ".join(name for (name,) in found if name not in columns)
        db.execute(f"CREATE TABLE older AS SELECT {kept} FROM {table}")
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE older RENAME TO {table}")
    db.execute("CREATE INDEX transactions_item ON transactions (item_id, date)")
    db.execute("PRAGMA user_version = 1")
    db.close()


def test_a_file_of_version_one(make_sandbox: Callable[..., Sandbox]) -> None:
    own = make_sandbox()
    token, item_id = own.link("user_household")
    own.ready(token)
    book = own.sync(token)
    own.kill()
    make_old(str(own.state))
    own.start()
    own.control("POST", f"/items/{item_id}/mutate", count=20, seed=4)
    own.control("POST", f"/items/{item_id}/bad_row", kind="twice")
    own.control("POST", f"/items/{item_id}/pending_expiration")
    book.read(own, token, book.cursor, 50)
    assert set(book.rows) == {one["transaction_id"] for one in own.truth(item_id)["transactions"]}
    assert own.post("/user/create", client_user_id="u1")["user_id"]
