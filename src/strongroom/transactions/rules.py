"""Pure decisions of the book: folding a feed's pages, reading a search, choosing a category."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from strongroom.transactions.types import BankPage, BankTransaction, Changes

UNCATEGORISED = "uncategorised"
OTHER_INCOME = "other_income"

_AMOUNT = re.compile(r"[+\-−]?\d[\d\s., \u202f]*\Z")
_SHORTEST_PREFIX = 2


def fold(pages: Iterable[BankPage]) -> Changes:
    """Return what a run of pages comes down to.

    Plaid's order: page by page, and in a page added, modified, removed. A row that is added and
    removed within one run ends removed; one removed and added again ends present.
    """
    state: dict[str, BankTransaction | None] = {}
    for page in pages:
        for row in (*page.added, *page.modified):
            state[row.plaid_transaction_id] = row
        for gone in page.removed:
            state[gone] = None
    return Changes(
        upserts=[row for row in state.values() if row is not None],
        removed=[plaid_id for plaid_id, row in state.items() if row is None],
    )


def successors(changes: Changes) -> list[tuple[str, str]]:
    """Return which pending row each posted one follows, as Plaid's ids."""
    return [
        (row.pending_transaction_id, row.plaid_transaction_id)
        for row in changes.upserts
        if row.pending_transaction_id is not None
    ]


def amount_in(text: str) -> Decimal | None:
    """Return the amount a search text means, without its sign, or None if it is not one.

    Both ``1,234.50`` and ``1.234,50`` are read: the last mark with one or two digits after it
    is the decimal point.
    """
    if not _AMOUNT.match(text):
        return None
    digits = re.sub(r"[^\d.,]", "", text)
    whole, mark, cents = digits.rpartition("," if digits.rfind(",") > digits.rfind(".") else ".")
    if mark and len(cents) <= _SHORTEST_PREFIX:
        plain = re.sub(r"\D", "", whole) + "." + (cents or "0")
    else:
        plain = re.sub(r"\D", "", digits)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def like_pattern(text: str) -> str:
    """Return an ILIKE pattern that finds ``text`` anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def month_start(day: date, back: int = 0) -> date:
    """Return the first day of the month ``back`` months before the one that ``day`` is in."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def same_day_last_month(day: date) -> date:
    """Return the day a month before, or the last of that month where it is shorter."""
    this, last = month_start(day), month_start(day, 1)
    return min(last + timedelta(days=day.day - 1), this - timedelta(days=1))
