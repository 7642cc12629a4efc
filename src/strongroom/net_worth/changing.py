"""How net worth changed between two days: each account's balances, rows and what they leave open.

Names the parts and proves nothing away: what rows do not explain is a remainder with a name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from strongroom import fx
from strongroom.accounts import Category
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money, total, zero
from strongroom.fx import Rate
from strongroom.net_worth import change_queries, day_queries
from strongroom.net_worth.change_queries import ChangeRow
from strongroom.net_worth.converting import Part, convert
from strongroom.net_worth.types import AccountChange, Between, RemainderKind, Unexplained

_BY_ROWS = frozenset({Category.CASH, Category.CREDIT_CARDS, Category.LOANS, Category.MORTGAGES})
_BY_MARKET = frozenset({Category.INVESTMENTS, Category.DIGITAL_ASSETS, Category.PRECIOUS_METALS})


class SpanIsBackToFront(Refused):
    """The first day is not before the last."""


async def between(db: Db, *, owner: UserId, base: Currency, since: date, until: date) -> Between:
    """Return how net worth changed from the end of ``since`` to the end of ``until``.

    Raises ``SpanIsBackToFront``.
    """
    if since >= until:
        raise SpanIsBackToFront("The first day must come before the last.", field="since")
    rows = await change_queries.changes(db, owner, since, until)
    codes = {Currency(row.currency) for row in rows}
    rates = await fx.rates_on(db, codes=codes, quote=base, days=(since, until))
    before = _values(rows, [row.before for row in rows], rates, since, base)
    after = _values(rows, [_at_the_end(row) for row in rows], rates, until, base)
    projected: dict[UUID, Decimal] = defaultdict(Decimal)
    if any(row.is_manual for row in rows):  # only of what no bank reports is anything projected
        steps = await day_queries.remainders(db, owner, None, since, until, projected_only=True)
        for step in steps:
            projected[step.account_id] += step.remainder
    changes = [
        _change(row, rates.get((Currency(row.currency), since)),
                rates.get((Currency(row.currency), until)), was, is_now,
                projected[row.account_id])
        for row, was, is_now in zip(rows, before, after, strict=True)
    ]  # fmt: skip
    return Between(
        base=base,
        since=since,
        until=until,
        before=total((one for one in before if one is not None), base),
        after=total((one for one in after if one is not None), base),
        accounts=changes,
        unknown_before=[
            one.account for one in changes if one.before is not None and one.value_before is None
        ],
        unknown_after=[one.account for one in changes if one.value_after is None],
    )


def unexplained(found: Between) -> Unexplained:
    """Return what no transaction explains of a span: each account's part, and all in one sum.

    Values are at the rates of the span's last day. Only what is called unexplained counts: not
    what a market, a person's own valuation, a rate or a schedule did.
    """
    left = [one for one in found.accounts if one.kind is RemainderKind.UNEXPLAINED and one.untold]
    rates = {one.currency: one.rate_after.rate for one in left if one.rate_after is not None}
    values = convert([Part(one.untold, one.category) for one in left], rates, found.base)
    return Unexplained(
        total=total((value for value in values if value is not None), found.base),
        accounts=left,
        unknown=[one.account for one, value in zip(left, values, strict=True) if value is None],
    )


def kind_of(category: Category, *, is_manual: bool, has_rows: bool) -> RemainderKind:
    """Return what the change is called that an account's rows do not explain."""
    if category in _BY_ROWS and (has_rows or not is_manual):
        return RemainderKind.UNEXPLAINED
    if is_manual:
        return RemainderKind.REVALUED
    return RemainderKind.MARKET if category in _BY_MARKET else RemainderKind.UNEXPLAINED


def kind_of_projected(category: Category) -> RemainderKind:
    """Return what the change is called that a rate or a loan's schedule reckoned."""
    return RemainderKind.PAID_DOWN if category.is_debt else RemainderKind.GROWN


def _at_the_end(row: ChangeRow) -> Decimal | None:
    return row.after if row.closed_on is None else Decimal(0)


def _values(
    rows: Sequence[ChangeRow],
    balances: Sequence[Decimal | None],
    rates: Mapping[tuple[Currency, date], Rate],
    day: date,
    base: Currency,
) -> list[Money | None]:
    """Return each balance in the base currency at the rate of a day."""
    known = {code: rate.rate for (code, on_day), rate in rates.items() if on_day == day}
    parts = [
        Part(Money(balance, Currency(row.currency)), Category(row.category))
        for row, balance in zip(rows, balances, strict=True)
        if balance is not None
    ]
    values = iter(convert(parts, known, base))
    return [None if balance is None else next(values) for balance in balances]


def _change(
    row: ChangeRow,
    rate_before: Rate | None,
    rate_after: Rate | None,
    value_before: Money | None,
    value_after: Money | None,
    projected: Decimal,
) -> AccountChange:
    code, category = Currency(row.currency), Category(row.category)

    def money(amount: Decimal | None) -> Money:
        return zero(code) if amount is None else Money(amount, code)

    began = money(row.before if row.before is not None else row.first)
    reported = money(row.after)
    moved, waiting = money(row.moved), money(row.waited) - money(row.waits)
    return AccountChange(
        account=AccountId(row.account_id),
        name=row.name,
        category=category,
        subtype=row.subtype,
        currency=code,
        is_manual=row.is_manual,
        before=None if row.before is None else began,
        after=reported if row.closed_on is None else zero(code),
        opened=money(row.first),
        opened_on=row.first_day,
        moved=moved,
        waiting=waiting,
        remainder=reported - began - moved - waiting,
        kind=kind_of(category, is_manual=row.is_manual, has_rows=row.has_rows),
        projected=money(projected),
        closed=zero(code) if row.closed_on is None else reported,
        closed_on=row.closed_on,
        rate_before=rate_before,
        rate_after=rate_after,
        value_before=value_before,
        value_after=value_after,
    )
