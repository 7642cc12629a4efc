"""The one SQLite file that holds all state, and its tables.

Opens and shapes the file; the statements live beside the rules that need them. Amounts are
stored as exact text, instants as Unix seconds, dates as ISO text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SCHEMA_VERSION: Final = 3

_USERS: Final = """
CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    client_user_id TEXT NOT NULL,
    upgraded INTEGER NOT NULL,         -- 1: known by its user_id alone
    user_token TEXT,                   -- of those that are not
    identity TEXT,                     -- JSON: as the client gave it
    created_at REAL NOT NULL,
    UNIQUE (client_id, client_user_id, upgraded)
) WITHOUT ROWID;
"""

# What a file of an older version lacks: version -> statements that lead to the next one.
_UPGRADES: Final = {
    1: """
ALTER TABLE items ADD COLUMN consent_expires_at REAL;
ALTER TABLE items ADD COLUMN consent_warned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN disconnect_at REAL;
ALTER TABLE items ADD COLUMN error_reason TEXT;
ALTER TABLE accounts ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN was TEXT;
ALTER TABLE transactions ADD COLUMN bad TEXT;
ALTER TABLE transactions ADD COLUMN good_head TEXT;
DROP INDEX transactions_item;
CREATE INDEX transactions_item ON transactions (item_id, date, position);
CREATE INDEX transactions_pending ON transactions (item_id, date, position)
    WHERE pending = 1 AND state = 'live';
""",
    2: _USERS,
}

_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (
    item_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    access_token TEXT,
    client_id TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    origin TEXT NOT NULL,              -- 'api' or 'link'
    webhook TEXT,
    username TEXT NOT NULL,
    products TEXT NOT NULL,            -- JSON array
    consented TEXT NOT NULL,           -- JSON array: products the user agreed to
    days_requested INTEGER,            -- null: the client did not say
    error_code TEXT,
    error_at REAL,
    login_expires_at REAL,
    created_at REAL NOT NULL,
    removed_at REAL,
    txn_status TEXT NOT NULL,          -- OFF, NOT_READY, INITIAL..., HISTORICAL...
    initial_at REAL,
    historical_at REAL,
    updated_at REAL,                   -- last check with the bank
    synced INTEGER NOT NULL DEFAULT 0, -- has /transactions/sync been called
    log_head INTEGER NOT NULL DEFAULT 0,
    grown_to TEXT,                     -- last day for which a growing persona has rows
    draws INTEGER NOT NULL DEFAULT 0,  -- how many seeded choices this item has used
    last_webhook_code TEXT,
    last_webhook_at REAL,
    consent_expires_at REAL,           -- null: consent at this bank has no end
    consent_warned INTEGER NOT NULL DEFAULT 0, -- PENDING_EXPIRATION has been sent
    disconnect_at REAL,                -- when the bank will cut the item off; null: never
    error_reason TEXT                  -- why, at banks with a sign-in page of their own
) WITHOUT ROWID;
CREATE UNIQUE INDEX items_access_token ON items (access_token) WHERE access_token IS NOT NULL;
CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES items,
    position INTEGER NOT NULL,
    shared INTEGER NOT NULL,           -- 1: the user chose it in Link
    type TEXT NOT NULL,
    subtype TEXT,
    current TEXT,
    available TEXT,
    available_rule TEXT NOT NULL,      -- follow, fixed, unknown or remaining
    credit_limit TEXT,
    currency TEXT NOT NULL,
    facts TEXT NOT NULL,               -- JSON: name, mask, numbers, owners, liability, ...
    revoked INTEGER NOT NULL DEFAULT 0, -- 1: taken back at the bank, never offered again
    was TEXT                           -- JSON: columns as they were before a bad row changed them
) WITHOUT ROWID;
CREATE INDEX accounts_item ON accounts (item_id, position);
CREATE TABLE transactions (
    transaction_id TEXT PRIMARY KEY,
    item_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,               -- staged (not yet reported), live or gone
    date TEXT NOT NULL,
    position INTEGER NOT NULL,         -- order among rows of one date
    amount TEXT NOT NULL,
    pending INTEGER NOT NULL,
    posts_on TEXT,
    head TEXT NOT NULL,                -- JSON text without its last brace
    category_v1 TEXT NOT NULL,         -- JSON text
    category_v2 TEXT NOT NULL,
    original TEXT NOT NULL,            -- JSON text: the bank's own words
    bad TEXT,                          -- how the row as told is broken; null: it is good
    good_head TEXT                     -- of a broken row: what its head should be
);
CREATE INDEX transactions_item ON transactions (item_id, date, position);
CREATE INDEX transactions_pending ON transactions (item_id, date, position)
    WHERE pending = 1 AND state = 'live';
CREATE TABLE changes (
    item_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,                -- added, modified or removed
    transaction_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (item_id, seq)
) WITHOUT ROWID;
CREATE TABLE public_tokens (
    public_token TEXT PRIMARY KEY,
    item_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    expires_at REAL NOT NULL,
    used_at REAL
) WITHOUT ROWID;
CREATE TABLE link_tokens (
    link_token TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    hosted_id TEXT UNIQUE,
    request TEXT NOT NULL,             -- JSON: the checked request
    item_id TEXT,                      -- update mode: the item to repair
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    hosted_expires_at REAL
) WITHOUT ROWID;
CREATE TABLE link_sessions (
    session_id TEXT PRIMARY KEY,
    link_token TEXT NOT NULL REFERENCES link_tokens,
    state TEXT NOT NULL,               -- JSON: step, institution, login, results, events
    started_at REAL NOT NULL,
    finished_at REAL
) WITHOUT ROWID;
CREATE INDEX link_sessions_token ON link_sessions (link_token);
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY,
    item_id TEXT,
    url TEXT NOT NULL,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    forged INTEGER NOT NULL DEFAULT 0, -- 1: signed by a stranger, 2: signed long ago
    attempts INTEGER NOT NULL DEFAULT 0,
    queued_at REAL NOT NULL,
    due_at REAL,                       -- null: done with
    outcome TEXT                       -- HTTP status or what went wrong, of the last attempt
);
CREATE INDEX webhooks_due ON webhooks (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE webhook_keys (
    kid TEXT PRIMARY KEY,
    pem TEXT NOT NULL,
    created_at REAL NOT NULL,
    expired_at REAL
) WITHOUT ROWID;
"""  # and _USERS


class NotOurFile(Exception):
    """The state file was not written by this program, or by a newer one, or is in use."""


def open_store(path: Path) -> sqlite3.Connection:
    """Open (or make) the state file; raises ``NotOurFile`` when it is not ours to use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file holds tokens and a signing key: for its owner's eyes only.
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.row_factory = sqlite3.Row
    try:
        # One sandbox a file: two would send every webhook twice.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.OperationalError as error:
        db.close()
        raise NotOurFile(f"{path} is in use by another sandbox ({error})") from error
    except sqlite3.DatabaseError as error:
        db.close()
        raise NotOurFile(f"{path} is not a state file of the Plaid sandbox: {error}") from error
    if version > SCHEMA_VERSION or (version == 0 and tables):
        db.close()
        raise NotOurFile(
            f"{path} was not written by this version of the Plaid sandbox;"
            " name another file with --state, or move this one away"
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -1500")
    for step in range(version, SCHEMA_VERSION) if version else ():
        db.executescript(f"BEGIN; {_UPGRADES[step]} PRAGMA user_version = {step + 1}; COMMIT;")
    if version == 0:
        db.executescript(
            f"BEGIN; {_SCHEMA} {_USERS} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    return db


@contextmanager
def saved(db: sqlite3.Connection) -> Iterator[None]:
    """Keep all of a block's changes, or none of them when it raises."""
    db.execute("BEGIN")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def get_meta(db: sqlite3.Connection, key: str) -> str | None:
    """Read one remembered value, or None."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["value"])


def set_meta(db: sqlite3.Connection, key: str, value: str | None) -> None:
    """Remember one value; None forgets it."""
    if value is None:
        db.execute("DELETE FROM meta WHERE key = ?", (key,))
    else:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def next_number(db: sqlite3.Connection, key: str) -> int:
    """Count up one remembered counter and give its new value, starting from 1."""
    number = int(get_meta(db, key) or "0") + 1
    set_meta(db, key, str(number))
    return number


def empty(db: sqlite3.Connection) -> None:
    """Forget everything but the keys that webhooks are signed with."""
    for table in ("changes", "transactions", "accounts", "items", "public_tokens",
                  "link_sessions", "link_tokens", "users", "webhooks", "meta"):  # fmt: skip
        db.execute(f"DELETE FROM {table}")  # noqa: S608  (own names)
