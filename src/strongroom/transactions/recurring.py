"""Payments that come again and again, as the bank's provider tells them: taken in and listed.

What is told replaces what was; telling the same again writes nothing. Finds none by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import recurring_queries
from strongroom.transactions.recurring_queries import StreamRow
from strongroom.transactions.types import BankStream, RecurringStream


async def recurring_streams(
    db: Db, *, owner: UserId, account_id: AccountId | None = None
) -> list[RecurringStream]:
    """Return the streams of one account or of all, active ones first, then by the next day."""
    rows = await recurring_queries.streams(db, owner, account_id)
    return [_stream(row) for row in rows]


async def take_in_streams(
    db: Db, *, owner: UserId, accounts: Mapping[str, AccountId], told: Sequence[BankStream]
) -> list[str]:
    """Store the streams of one item's accounts, in place of what was told before.

    Returns Plaid's ids of accounts that are not among ``accounts``.
    """
    known = [one for one in told if one.plaid_account_id in accounts]
    await recurring_queries.drop_others(
        db, owner, sorted(set(accounts.values())), [one.plaid_stream_id for one in known]
    )
    for one in known:
        await recurring_queries.write(db, _columns(owner, accounts[one.plaid_account_id], one))
    return sorted({one.plaid_account_id for one in told} - accounts.keys())


def _columns(owner: UserId, account_id: AccountId, one: BankStream) -> dict[str, Any]:
    return {
        "owner": owner,
        "id": new_id(),
        "account_id": account_id,
        "plaid_stream_id": one.plaid_stream_id,
        "description": one.description,
        "merchant": one.merchant,
        "pfc_detailed": one.pfc_detailed,
        "frequency": one.frequency,
        "status": one.status,
        "is_active": one.is_active,
        "first_on": one.first_on,
        "last_on": one.last_on,
        "next_on": one.next_on,
        # Plaid's sign is turned here.
        "average": None if one.average is None else -one.average,
        "last": None if one.last is None else -one.last,
        "currency": one.currency,
    }


def _stream(row: StreamRow) -> RecurringStream:
    code = Currency(row.currency)
    return RecurringStream(
        id=row.id,
        account_id=AccountId(row.account_id),
        account_name=row.account_name,
        description=row.description,
        merchant=row.merchant,
        category_key=row.category_key,
        frequency=row.frequency,
        status=row.status,
        is_active=row.is_active,
        first_on=row.first_on,
        last_on=row.last_on,
        next_on=row.next_on,
        average=None if row.average is None else Money(row.average, code),
        last=None if row.last is None else Money(row.last, code),
    )
