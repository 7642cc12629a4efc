"""What Activity shows as CSV (RFC 4180): exact decimals, nothing that a spreadsheet would run.

Writes lines; where rows come from and where lines go is the caller's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from strongroom.core import ids
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.transactions.export.cells import harmless
from strongroom.transactions.labels import category_label
from strongroom.transactions.types import Transaction

HEADER = (
    "date",
    "description",
    "merchant",
    "category",
    "account",
    "amount",
    "currency",
    "pending",
    "reviewed",
    "note",
    "tags",
    "id",
)


def lines(rows: Iterable[Transaction], *, header: bool = False) -> str:
    """Return rows as lines of CSV, in the current person's language where a name is translated.

    Of a split row that was found by a category, each matching part is a line of its own: the
    lines come to what the search comes to.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(HEADER)
    for row, key, name, amount in _found(rows):
        writer.writerow(
            (
                row.day.isoformat(),
                harmless(row.description),
                harmless(row.merchant or ""),
                harmless(category_label(key, name)),
                harmless(row.account_name),
                amount_text(amount.amount, amount.currency),
                amount.currency,
                "yes" if row.pending else "no",
                "" if row.reviewed_at is None else row.reviewed_at.date().isoformat(),
                harmless(row.note or ""),
                harmless(", ".join(row.tags)),
                ids.show("trn", row.id),
            )
        )
    return out.getvalue()


def _found(
    rows: Iterable[Transaction],
) -> Iterator[tuple[Transaction, str | None, str | None, Money]]:
    """Yield each row with its category and amount, or once for each of its matching parts."""
    for row in rows:
        if not row.matching:
            yield row, row.category_key, row.category_name, row.amount
        for part in row.matching:
            yield row, part.category_key, part.category_name, part.amount
