"""Net worth by day as CSV: exact amounts, one column for each place that something counts in."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO

from strongroom.accounts import Category
from strongroom.core.plain import amount_text
from strongroom.net_worth.types import WorthSnapshot

_COLUMNS = ("date", "net_worth", "assets", "liabilities", "currency", "estimated", "unknown")


def as_csv(days: Iterable[WorthSnapshot]) -> str:
    """Return days as CSV, oldest first. What is owed is below zero in the columns of its kind.

    ``unknown`` names currencies that are not in the figures, for no rate of that day is known.
    Where nothing else is held, the amounts are empty.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*_COLUMNS, *Category))
    for day in days:
        amounts = [
            amount_text(one.amount, day.base) if day.known else ""
            for one in (day.net_worth, day.assets, day.liabilities)
        ]
        told = "yes" if day.estimated else "no"
        writer.writerow(
            (day.day.isoformat(), *amounts, day.base, told, " ".join(day.unknown), *_parts(day))
        )
    return out.getvalue()


def _parts(day: WorthSnapshot) -> list[str]:
    if not day.known:
        return [""] * len(Category)
    found = []
    for key in Category:
        owned = day.asset_breakdown.get(key)
        owed = day.liability_breakdown.get(key)
        amount = owned.amount if owned else -owed.amount if owed else Decimal(0)
        found.append(amount_text(amount, day.base))
    return found
