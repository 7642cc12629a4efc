"""What Activity shows as CSV (RFC 4180): exact decimals, nothing that a spreadsheet would run.

Writes lines; where rows come from and where lines go is the caller's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from strongroom.core import ids
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
    """Return rows as lines of CSV, in the current person's language where a name is translated."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(HEADER)
    for row in rows:
        writer.writerow(
            (
                row.day.isoformat(),
                harmless(row.description),
                harmless(row.merchant or ""),
                harmless(category_label(row.category_key, row.category_name)),
                harmless(row.account_name),
                amount_text(row.amount.amount, row.amount.currency),
                row.amount.currency,
                "yes" if row.pending else "no",
                "" if row.reviewed_at is None else row.reviewed_at.date().isoformat(),
                harmless(row.note or ""),
                harmless(", ".join(row.tags)),
                ids.show("trn", row.id),
            )
        )
    return out.getvalue()
