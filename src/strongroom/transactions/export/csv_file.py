"""A whole book as one CSV file: accounts, categories, balances and transactions, a line each.

The first column says what a line is; a line leaves the cells empty that it has nothing for. Every
text is kept from running as a formula in a way that reading it back undoes.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping
from io import StringIO
from typing import Final

from strongroom.transactions.export import facts
from strongroom.transactions.export.cells import harmless
from strongroom.transactions.export.chart import label
from strongroom.transactions.export.types import Book, Written

COLUMNS: Final = (
    "record", "id", "day", "account_name", "amount", "currency", "description", "merchant",
    "category_name", "note", "pending", "reviewed_at", "account", "category", "happened_on",
    "category_by", "origin", "needs_review", "removed_by_bank", "never_booked_at", "balance",
    "source", "available", "credit_limit", "reported_at", "name", "official_name", "type",
    "subtype", "kind", "mask", "iban", "institution", "manual", "hidden_at", "closed_at",
    "parent", "key", "merchant_by", "tags", "parts",
)  # fmt: skip
"""The cells of a line. ``account`` and ``category`` are ids; their names stand beside them."""

# Texts that people and banks choose. The others are ours, or numbers: an amount begins with "-".
_THEIRS: Final = frozenset(
    {"account_name", "description", "merchant", "category_name", "note", "name", "official_name",
     "type", "subtype", "mask", "iban", "institution", "currency", "tags"}
)  # fmt: skip


async def write(book: Book, written: Written) -> AsyncIterator[str]:
    """Write the book line by line: what transactions refer to comes before them."""
    sheet = _Sheet()
    yield sheet.heading()
    names = {account.id: account.name for account in book.accounts}
    labels = {category.id: label(category) for category in book.categories}
    for account in book.accounts:
        written.accounts += 1
        yield sheet.line("account", facts.of_account(account))
    for category in book.categories:
        yield sheet.line("category", facts.of_category(category))
    async for balance in book.balances:
        written.balances += 1
        of_account = {"account_name": names[balance.account_id]}
        yield sheet.line("balance", {**facts.of_balance(balance), **of_account})
    async for row in book.rows:
        written.transactions += 1
        called = {
            "account_name": names[row.account_id],
            "category_name": labels[row.category_id],
        }
        yield sheet.line(
            "transaction", {**facts.of_row(row), **called, **facts.marks_as_texts(row)}
        )


class _Sheet:
    """Makes lines of a spreadsheet, one at a time."""

    def __init__(self) -> None:
        self._out = StringIO()
        self._writer = csv.writer(self._out, lineterminator="\r\n")

    def heading(self) -> str:
        """Return the line that names the columns."""
        return self._taken(COLUMNS)

    def line(self, record: str, cells: Mapping[str, str | bool | None]) -> str:
        """Return one line; a cell that is not given is empty."""
        found: list[str] = [record]
        for name in COLUMNS[1:]:
            value = cells.get(name)
            if value is None:
                found.append("")
            elif isinstance(value, bool):
                found.append("yes" if value else "no")
            else:
                found.append(harmless(value) if name in _THEIRS else value)
        return self._taken(found)

    def _taken(self, cells: list[str] | tuple[str, ...]) -> str:
        self._writer.writerow(cells)
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return text
