"""Finds recurring streams: rows of one account with one description at a steady pace.

A plain look at gaps between dates; it only serves /transactions/recurring/get.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any, Final

from strongroom.sandbox.plaid.ids import stable_id
from strongroom.sandbox.plaid.wire import loads

_MATURE: Final = 3
_FEWEST: Final = 2
# frequency, days between, tolerance
_PACES: Final = (
    ("WEEKLY", 7, 1),
    ("BIWEEKLY", 14, 1),
    ("SEMI_MONTHLY", 15, 1),
    ("MONTHLY", 30, 3),
    ("ANNUALLY", 365, 8),
)


def find(
    db: sqlite3.Connection, account_ids: Sequence[str], version: str, today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give (inflow streams, outflow streams) of the accounts, oldest streams first."""
    groups: dict[tuple[str, str, bool], list[sqlite3.Row]] = defaultdict(list)
    marks = ",".join("?" * len(account_ids))
    for row in db.execute(
        f"SELECT * FROM transactions WHERE account_id IN ({marks}) AND state = 'live'"  # noqa: S608
        " AND NOT pending ORDER BY date, position",
        tuple(account_ids),
    ):
        name = re.sub(r"[\d#*]+", "", loads(row["original"])).strip().casefold()
        groups[row["account_id"], name, row["amount"].startswith("-")].append(row)
    inflow: list[dict[str, Any]] = []
    outflow: list[dict[str, Any]] = []
    for (_, _, incoming), rows in groups.items():
        stream = _stream(rows, version, today)
        if stream is not None:
            (inflow if incoming else outflow).append(stream)
    return inflow, outflow


def _stream(rows: Sequence[sqlite3.Row], version: str, today: date) -> dict[str, Any] | None:
    dates = [date.fromisoformat(row["date"]) for row in rows]
    gaps = [(after - before).days for before, after in pairwise(dates)]
    if len(rows) < _FEWEST or not gaps:
        return None
    usual = median(gaps)
    pace = next((pace for pace in _PACES if abs(usual - pace[1]) <= pace[2]), None)
    if pace is None:
        return None
    frequency, days, tolerance = pace
    steady = sum(abs(gap - usual) <= tolerance + 2 for gap in gaps)
    if steady * 4 < len(gaps) * 3:
        return None
    last = loads(rows[-1]["head"] + "}")
    amounts = [Decimal(row["amount"]) for row in rows]
    codes = {
        "iso_currency_code": last["iso_currency_code"],
        "unofficial_currency_code": last["unofficial_currency_code"],
    }
    active = (today - dates[-1]).days <= days + 2 * tolerance + 5
    average = (sum(amounts, Decimal(0)) / len(amounts)).quantize(Decimal("0.01"))
    return {
        "account_id": rows[0]["account_id"],
        "average_amount": {"amount": average, **codes},
        "category": [],
        "category_id": "",
        "description": last["name"],
        "first_date": dates[0].isoformat(),
        "frequency": frequency,
        "is_active": active,
        "is_user_modified": False,
        "last_amount": {"amount": amounts[-1], **codes},
        "last_date": dates[-1].isoformat(),
        "merchant_name": last["merchant_name"],
        "personal_finance_category": loads(rows[-1][f"category_{version}"]),
        "predicted_next_date": (dates[-1] + timedelta(days=days)).isoformat() if active else None,
        "status": _status(len(rows), active=active),
        "stream_id": stable_id("stream", rows[0]["transaction_id"]),
        "transaction_ids": [row["transaction_id"] for row in rows],
    }


def _status(count: int, *, active: bool) -> str:
    if not active:
        return "TOMBSTONED"
    return "MATURE" if count >= _MATURE else "EARLY_DETECTION"
