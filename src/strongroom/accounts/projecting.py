"""Balances after the last value that was told: by a yearly rate, or by a loan's schedule.

Estimates, marked as such (``projected``), of accounts that no bank reports. What somebody told of
a day always stands; asks nobody for net worth to follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from strongroom.accounts import asset_queries
from strongroom.accounts.asset_queries import LoanRow
from strongroom.accounts.asset_types import LoanTerms, Method
from strongroom.accounts.queries import DayBalanceRow
from strongroom.accounts.schedules import NeverPaidOff, grown, payments_after
from strongroom.accounts.types import Account
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, zero


async def project(db: Db, *, owner: UserId, account: Account, today: date) -> int:
    """Bring an account's projected balances in line with what is told; return how many changed.

    Each value that was told holds, moved on, until the next one, or until ``today`` (until the
    day it closed, of a closed account). Of an account with transactions, only the last one.
    """
    days: dict[date, Decimal] = {}
    if account.is_manual:
        said = await asset_queries.details(db, owner, account.id)
        lent = await asset_queries.loan(db, owner, account.id)
        percent = None if said is None or account.is_debt else said.yearly_percent
        terms = None if lent is None or not account.is_debt else terms_of(lent)
        told = await asset_queries.told(db, owner, account.id)
        if await asset_queries.has_rows(db, owner, account.id):
            told = told[-1:]  # its rows say better than a rate what was between two values
        until = today if account.closed_at is None else min(today, account.closed_at.date())
        ends = [*(one.day - timedelta(days=1) for one in told[1:]), until]
        for value, end in zip(told, ends, strict=bool(told)):
            days.update(_moved_on(value, min(end, until), percent, terms))
    changed = await asset_queries.drop_projected(db, owner, account.id, list(days))
    if days:
        changed += await asset_queries.write_projected(
            db, owner, account.id, list(days.items()), account.currency
        )
    return changed


def terms_of(row: LoanRow) -> LoanTerms:
    """Return the terms that a row holds."""
    code = Currency(row.currency)
    return LoanTerms(
        principal=Money(row.principal, code),
        yearly_percent=row.yearly_percent,
        first_payment=row.first_payment,
        payments=row.payments,
        payment=None if row.payment is None else Money(row.payment, code),
        method=Method(row.method),
        every_months=row.every_months,
        follows=row.follows,
    )


def _moved_on(
    value: DayBalanceRow, until: date, percent: Decimal | None, terms: LoanTerms | None
) -> Iterator[tuple[date, Decimal]]:
    worth = Money(value.balance, Currency(value.currency))
    if terms is not None and terms.follows and worth < zero(worth.currency):
        try:
            for one in payments_after(terms, -worth, value.day):
                if one.day > until:
                    break
                yield one.day, -one.left.amount
        except NeverPaidOff:
            return  # more is owed than the terms were made for: as told, until more is told
    elif percent:
        for day, moved in grown(worth, value.day, percent, until):
            yield day, moved.amount
