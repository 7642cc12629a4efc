"""The verbs of what banks tell beside balances: holdings, and terms of what is owed.

What is told replaces what was; telling the same again writes nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

from strongroom.accounts import product_queries
from strongroom.accounts.product_types import Apr, BankHolding, BankLiability, Holding, Liability
from strongroom.accounts.service import get
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money


async def holdings(db: Db, *, owner: UserId, account_id: AccountId) -> list[Holding]:
    """Return what an account holds, the most valuable first. Raises ``AccountNotFound``."""
    await get(db, owner=owner, account_id=account_id)
    rows = await product_queries.holdings(db, owner, [account_id])
    worth = sorted(rows, key=lambda row: -(row.value or Decimal(0)))
    return [_holding(row) for row in worth]


async def liability(db: Db, *, owner: UserId, account_id: AccountId) -> Liability | None:
    """Return on what terms an account is owed, None where no bank has told.

    Raises ``AccountNotFound``.
    """
    await get(db, owner=owner, account_id=account_id)
    row = await product_queries.liability(db, owner, account_id)
    return None if row is None else _liability(row)


async def take_in_holdings(
    db: Db, *, owner: UserId, accounts: Mapping[str, AccountId], told: Sequence[BankHolding]
) -> list[str]:
    """Store what the accounts of one item hold, in place of what they held.

    ``accounts`` maps Plaid's ids to ours. Returns the ids of accounts that are not among them.
    """
    ours = sorted(set(accounts.values()))
    news = [
        {"account_id": accounts[one.plaid_account_id], "place": place, **asdict(one)}
        for place, one in enumerate(told)
        if one.plaid_account_id in accounts
    ]
    for one in news:
        del one["plaid_account_id"]
    held = [asdict(row) for row in await product_queries.holdings(db, owner, ours)]
    if held != sorted(news, key=lambda one: (one["account_id"], one["place"])):
        await product_queries.drop_holdings(db, owner, ours)
        for one in news:
            await product_queries.insert_holding(db, {"owner": owner, **one})
    return sorted({one.plaid_account_id for one in told} - accounts.keys())


async def take_in_liabilities(
    db: Db,
    *,
    owner: UserId,
    accounts: Mapping[str, AccountId],
    told: Sequence[BankLiability],
    unread: Collection[AccountId] = (),
) -> list[str]:
    """Store on what terms the accounts of one item are owed, in place of what was told before.

    Of the accounts ``unread`` terms were told that cannot be read: they keep the last ones.
    Returns Plaid's ids of accounts that are not among ``accounts``.
    """
    by_account: defaultdict[AccountId, list[BankLiability]] = defaultdict(list)
    for one in told:
        if one.plaid_account_id in accounts:
            by_account[accounts[one.plaid_account_id]].append(one)
    for account_id, (one, *_) in by_account.items():
        aprs = [{"type": each.type, "percentage": str(each.percentage)} for each in one.aprs]
        columns = {**asdict(one), "aprs": json.dumps(aprs)}
        await product_queries.write_liability(
            db, {"owner": owner, "account_id": account_id, **columns}
        )
    untold = set(accounts.values()) - by_account.keys() - set(unread)
    await product_queries.drop_liabilities(db, owner, sorted(untold))
    return sorted({one.plaid_account_id for one in told} - accounts.keys())


def _holding(row: product_queries.HoldingRow) -> Holding:
    return Holding(
        name=row.name,
        ticker=row.ticker,
        isin=row.isin,
        type=row.type,
        is_cash=row.is_cash,
        quantity=row.quantity,
        price=_money(row.price, row.currency),
        price_day=row.price_day,
        value=_money(row.value, row.currency),
        cost_basis=_money(row.cost_basis, row.currency),
    )


def _liability(row: product_queries.LiabilityRow) -> Liability:
    return Liability(
        kind=row.kind,
        apr=row.apr,
        aprs=[Apr(one["type"], Decimal(one["percentage"])) for one in row.aprs],
        minimum_payment=_money(row.minimum_payment, row.currency),
        due_on=row.due_on,
        is_overdue=row.is_overdue,
        past_due=_money(row.past_due, row.currency),
        last_payment=_money(row.last_payment, row.currency),
        last_paid_on=row.last_paid_on,
        statement_balance=_money(row.statement_balance, row.currency),
        statement_on=row.statement_on,
        original_principal=_money(row.original_principal, row.currency),
        originated_on=row.originated_on,
        ends_on=row.ends_on,
    )


def _money(amount: Decimal | None, code: str) -> Money | None:
    return None if amount is None else Money(amount, Currency(code))
