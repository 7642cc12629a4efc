"""Which rows only move money between the accounts that a person lives from. Pure.

Legs that are matched already say so themselves. Two others are taken for legs here if both are in
a category of transfers, of one amount, and few days apart: good enough to leave them out of a sum
that they do not change, and written down nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from strongroom.budgets.recurring_queries import SourceRow
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.money import Currency

_WITHIN: Final = timedelta(days=5)


def book_rows(rows: Sequence[SourceRow]) -> list[BookRow]:
    """Return rows, oldest first, as finding and forecasting take them."""
    others = {row.id: row.other_account for row in rows if row.other_account is not None}
    others |= _unmatched(rows)
    return [
        BookRow(
            id=TransactionId(row.id),
            account_id=AccountId(row.account_id),
            day=row.day,
            amount=row.amount,
            currency=Currency(row.currency),
            title=row.merchant or row.description,
            description=row.description,
            merchant=row.merchant,
            origin=row.origin,
            inner=row.id in others,
            other_account=None if row.id not in others else AccountId(others[row.id]),
        )
        for row in rows
    ]


def _unmatched(rows: Sequence[SourceRow]) -> dict[UUID, UUID]:
    """Return the other account of each row that looks like one leg of two."""
    waiting: dict[tuple[str, Decimal], list[SourceRow]] = defaultdict(list)
    found: dict[UUID, UUID] = {}
    for row in rows:
        if not row.moves or row.other_account is not None:
            continue
        against = waiting[row.currency, -row.amount]
        against[:] = [one for one in against if row.day - one.day <= _WITHIN]
        match = next((one for one in against if one.account_id != row.account_id), None)
        if match is None:
            waiting[row.currency, row.amount].append(row)
        else:
            against.remove(match)
            found[row.id], found[match.id] = match.account_id, row.account_id
    return found
