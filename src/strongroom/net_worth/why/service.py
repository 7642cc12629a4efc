"""Why net worth changed between two days: causes that add up to the difference, and their rows.

Reads how each account changed (``net_worth.between``) and what its rows were; invents nothing and
leaves nothing over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from strongroom import fx, transactions
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, UserId
from strongroom.core.money import Currency, Money, minor_units
from strongroom.fx import Rate
from strongroom.net_worth.changing import between
from strongroom.net_worth.types import AccountChange, Between
from strongroom.net_worth.why import queries, rules
from strongroom.net_worth.why.types import Left, Moved, Why
from strongroom.transactions import Cell, PartPage, PartPosition, Scope, Span

_A_DAY = timedelta(days=1)

_Rates = Mapping[tuple[Currency, date], Rate]


async def explain(db: Db, *, owner: UserId, base: Currency, since: date, until: date) -> Why:
    """Return what changed net worth from the end of ``since`` to the end of ``until``.

    Raises ``SpanIsBackToFront``.
    """
    found = await between(db, owner=owner, base=base, since=since, until=until)
    rates = await _rates(db, found)
    moved = await _moved(db, owner, found, rates)
    causes = [
        cause
        for change in found.accounts
        for cause in rules.causes_of(
            change,
            moved.get(change.account, ()),
            base,
            opening=_rate(rates, base, change.currency, change.opened_on),
            ending=_ending(change, found, rates),
        )
    ]
    known = {one.id: one for one in await transactions.categories(db, owner=owner)}
    return Why(
        base=base,
        since=since,
        until=until,
        before=found.before,
        after=found.after,
        causes=rules.by_kind(causes, base, known),
        left=[
            Left(one.account, one.name, one.after)
            for one in found.accounts
            if one.value_after is None and one.value_before is None
        ],
        before_known=found.before_known,
        after_known=found.after_known,
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """Which rows stand behind a cause: its flow, and a category or an account of it."""

    flow: str = ""
    category_id: CategoryId | None = None
    itself: bool = False
    account_id: AccountId | None = None


async def rows_behind(
    db: Db,
    *,
    owner: UserId,
    base: Currency,
    since: date,
    until: date,
    behind: Behind,
    after: PartPosition | None = None,
    limit: int = 50,
) -> PartPage:
    """Return the rows behind a cause, newest first; their sum is the cause's amount.

    Raises ``SpanIsBackToFront``.
    """
    found = await between(db, owner=owner, base=base, since=since, until=until)
    cell = Cell(
        since + _A_DAY,
        until,
        flow=behind.flow,
        category_id=behind.category_id,
        itself=behind.itself,
        account_id=behind.account_id,
        scope=Scope.BALANCES,
        spans=tuple(_spans(found, await _rates(db, found))),
    )
    return await transactions.part_rows(
        db, owner=owner, currency=base, cell=cell, after=after, limit=limit
    )


async def _moved(
    db: Db, owner: UserId, found: Between, rates: _Rates
) -> Mapping[AccountId, Sequence[Moved]]:
    base = found.base
    code = {change.account: change.currency for change in found.accounts}
    spans = _spans(found, rates)
    own = [span for span in spans if code[span.account_id] == base]
    other = [span for span in spans if code[span.account_id] != base]
    rows = await queries.moved_in_base(db, owner, base, own) if own else []
    if other:
        rows += await queries.moved(db, owner, base, minor_units(base), other)
    moved: dict[AccountId, list[Moved]] = defaultdict(list)
    for row in rows:
        account = AccountId(row.account_id)
        moved[account].append(
            Moved(
                account,
                row.flow,
                CategoryId(row.category_id),
                Money(row.amount, code[account]),
                Money(row.converted, base),
                Money(row.unrated, code[account]),
            )
        )
    return moved


def _spans(found: Between, rates: _Rates) -> list[Span]:
    """Return the days over which each account's rows are causes.

    They begin after the day it came with a balance, and end with the last day it counted.
    """
    return [
        Span(change.account, change.opened_on or found.since, _last_day(change, found))
        for change in found.accounts
        if rules.counting_rate(change, _ending(change, found, rates)) is not None
    ]


def _ending(change: AccountChange, found: Between, rates: _Rates) -> Decimal | None:
    return _rate(rates, found.base, change.currency, _last_day(change, found))


def _last_day(change: AccountChange, found: Between) -> date:
    return found.until if change.closed_on is None else change.closed_on - _A_DAY


async def _rates(db: Db, found: Between) -> _Rates:
    foreign = [change for change in found.accounts if change.currency != found.base]
    days = {change.opened_on for change in foreign if change.opened_on is not None}
    return await fx.rates_on(
        db,
        codes={change.currency for change in foreign},
        quote=found.base,
        days=days | {_last_day(change, found) for change in foreign},
    )


def _rate(rates: _Rates, base: Currency, code: Currency, day: date | None) -> Decimal | None:
    if code == base:
        return Decimal(1)
    found = None if day is None else rates.get((code, day))
    return None if found is None else found.rate
