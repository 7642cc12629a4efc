"""The whole book of Actual, as its export holds it: an archive with an SQLite database.

The database comes from outside: it is opened to be read only, its tables must be plain tables, and
it may not work longer than its rows need. Only accounts and rows are taken, not budgets.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.types import FileIsRefused, FileRow, Findings, Guess
from strongroom.ui import gettext as _

_MAGIC: Final = b"SQLite format 3\0"
_TABLES: Final = ("transactions", "accounts", "categories", "category_groups", "payees",
                  "category_mapping", "payee_mapping")  # fmt: skip
_MOST_STEPS: Final = 200_000
"""Of a thousand instructions of SQLite's machine each; a book of a million rows needs a part."""

_SCHEMA: Final = "SELECT type, sql FROM sqlite_schema WHERE name = ?"
_ACCOUNTS: Final = "SELECT id, name, offbudget FROM accounts WHERE tombstone = 0 LIMIT 10000"
_ROWS: Final = """
    SELECT t.rowid, t.id, t.acct, t.date, t.amount, t.notes, t.financial_id, p.name,
           a.name, g.name, c.name, {reviewed}, t.imported_description
    FROM transactions t
    LEFT JOIN payee_mapping pm ON pm.id = t.description
    LEFT JOIN payees p ON p.id = coalesce(pm.targetId, t.description)
    LEFT JOIN accounts a ON a.id = p.transfer_acct
    LEFT JOIN category_mapping cm ON cm.id = t.category
    LEFT JOIN categories c ON c.id = coalesce(cm.transferId, t.category)
    LEFT JOIN category_groups g ON g.id = c.cat_group
    LEFT JOIN transactions whole ON whole.id = t.parent_id
    WHERE t.tombstone = 0 AND t.isParent = 0 AND coalesce(whole.tombstone, 0) = 0
    ORDER BY t.rowid
"""


def guess(head: Head) -> Guess | None:
    """Tell an SQLite database; whether it is Actual's is seen when it is opened."""
    if not head.data.startswith(_MAGIC):
        return None
    return Guess("actual-book", confidence=98,
                 reasons=(_("The file is the database of a book of Actual."),))  # fmt: skip


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the book's rows by account. Raises ``FileIsRefused`` for another database."""
    with tempfile.TemporaryDirectory(prefix="strongroom-import-") as folder:
        path = Path(folder) / "book.sqlite"
        with path.open("wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
        try:
            with closing(_opened(path)) as book:
                yield from _rows(book, findings)
        except sqlite3.Error:
            raise FileIsRefused(
                _("The database is damaged, or not a book of Actual."),
                hint=_("Export the book from Actual's settings again."),
            ) from None


def _opened(path: Path) -> sqlite3.Connection:
    book = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    book.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1024 * 1024)
    book.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    book.text_factory = lambda data: data.decode("utf-8", "replace")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return int(steps > _MOST_STEPS)

    book.set_progress_handler(count, 1000)
    book.execute("PRAGMA trusted_schema = OFF")
    book.execute("PRAGMA cell_size_check = ON")
    for table in _TABLES:
        found = book.execute(_SCHEMA, (table,)).fetchone()
        if found is None or found[0] != "table" or "virtual" in str(found[1])[:20].lower():
            raise sqlite3.DatabaseError(table)
    return book


def _rows(book: sqlite3.Connection, findings: Findings) -> Iterator[FileRow]:
    names: dict[str, str] = {}
    for key, name, off_budget in book.execute(_ACCOUNTS):
        # Two accounts may have one name; the id then keeps them apart.
        text = str(name) if str(name) not in names.values() else f"{name} ({str(key)[:8]})"
        names[str(key)] = text
        findings.account(text, type=None if off_budget else "depository",
                         subtype=None if off_budget else "checking")  # fmt: skip
    columns = {str(one[1]) for one in book.execute("PRAGMA table_info(transactions)")}
    statement = _ROWS.format(reviewed="t.reconciled" if "reconciled" in columns else "0")
    for row in book.execute(statement):
        made = _row(row, names, findings)
        if made is not None:
            yield made


def _row(row: Any, names: dict[str, str], findings: Findings) -> FileRow | None:
    line, key, account, day_number, cents, notes, fitid, payee, other, group, category, *rest = row
    raw = f"{key} {day_number} {cents}"
    if not isinstance(cents, int) or not -(10**20) < cents < 10**20:
        findings.problem(line, "amount", _("“%(text)s” is not an amount.", text=cents), raw)
        return None
    try:
        day = date(day_number // 10000, day_number // 100 % 100, day_number % 100)
        if not 1900 <= day.year <= 2199:
            raise ValueError
    except (ValueError, TypeError):
        findings.problem(line, "date", _("“%(text)s” is not a date.", text=day_number), raw)
        return None
    if str(account) not in names:
        findings.problem(line, "account", _("The account of this row was deleted."), raw)
        return None
    payee = other or payee
    path = ":".join(str(one) for one in (group, category) if one)
    said = rest[1] if len(rest) > 1 else None
    return FileRow(
        line, day, Decimal(cents).scaleb(-2), None, str(said or payee or notes or ""),
        payee and str(payee), notes and str(notes), path or None, (), names[str(account)],
        str(fitid or key), other and str(other), False, bool(rest[0]), None, raw,
    )  # fmt: skip
