"""The verbs of reports: income against spending, sums by category and merchant, and their rows.

Every figure is the sum of the rows that ``rows`` returns for it, exactly. A row in another
currency counts at the rate of its own day; without one it is told as unknown and counts nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId
from strongroom.core.money import Currency, Money, minor_units, total, zero
from strongroom.transactions.reports import part_queries, queries
from strongroom.transactions.reports.types import (
    Cell,
    Flow,
    FlowReport,
    Line,
    LineReport,
    PartPage,
    PartPosition,
    PartRow,
    Period,
    Unknown,
)
from strongroom.transactions.service import categories
from strongroom.transactions.types import Category, Kind

MERCHANTS = 30
"""How many merchants are shown singly if nobody says how many."""
_LONGEST_PAGE = 500


async def cash_flow_report(
    db: Db, *, owner: UserId, currency: Currency, periods: Sequence[Period]
) -> FlowReport:
    """Return income and spending of each period, and what was left over."""
    known = {one.id: one for one in await categories(db, owner=owner)}
    found = await _read(db, owner, currency, periods, known.values())
    sums = {kind: [zero(currency)] * len(periods) for kind in Kind}
    for (category_id, place), moved in found.amounts.items():
        sums[known[category_id].kind][place] += moved
    return FlowReport(
        currency=currency,
        periods=periods,
        flows=[
            Flow(period, sums[Kind.INCOME][n], -sums[Kind.SPENDING][n])
            for n, period in enumerate(periods)
        ],
        unknown=found.unknown(known.values()),
    )


async def category_report(
    db: Db, *, owner: UserId, currency: Currency, periods: Sequence[Period], kind: Kind
) -> LineReport:
    """Return income or spending by group and category, the largest group first."""
    known = [one for one in await categories(db, owner=owner) if one.kind is kind]
    found = await _read(db, owner, currency, periods, known)
    lines = {
        one.id: _line(found, one, currency, len(periods), kind)
        for one in known
        if any((one.id, n) in found.amounts for n in range(len(periods)))
    }
    tops: dict[CategoryId, list[Line]] = defaultdict(list)
    ids = {one.id for one in known}
    for one in known:
        if one.id in lines:
            top = one.id if one.parent_id is None or one.parent_id not in ids else one.parent_id
            tops[top].append(lines[one.id])
    groups = [_group(one, tops[one.id]) for one in known if one.id in tops]
    return LineReport(
        kind=kind,
        currency=currency,
        periods=periods,
        lines=sorted(groups, key=_by_size),
        unknown=found.unknown(known),
    )


async def merchant_report(
    db: Db,
    *,
    owner: UserId,
    currency: Currency,
    periods: Sequence[Period],
    kind: Kind,
    limit: int = MERCHANTS,
) -> LineReport:
    """Return income or spending by merchant: the ``limit`` largest singly, the rest together."""
    sign = -1 if kind is Kind.SPENDING else 1
    params = _span(owner, currency, periods) | {"kind": kind.value, "sign": sign, "limit": limit}
    amounts: dict[str | None, list[Money]] = defaultdict(lambda: [zero(currency)] * len(periods))
    others = 0
    for row in await queries.merchants(db, params):
        if row.month is None:
            others = row.merchants
            continue
        moved = Money(row.amount, currency)
        amounts[row.merchant][_place(periods, row.month)] += moved if sign > 0 else -moved
    lines = {merchant: Line(amounts=sums, merchant=merchant) for merchant, sums in amounts.items()}
    rest = lines.pop(None, None)
    known = [one for one in await categories(db, owner=owner) if one.kind is kind]
    foreign = await _read(db, owner, currency, periods, known, foreign_only=True)
    return LineReport(
        kind=kind,
        currency=currency,
        periods=periods,
        lines=sorted(lines.values(), key=_by_size),
        unknown=foreign.unknown(known),
        rest=rest,
        rest_count=others if rest is not None else 0,
    )


async def part_rows(
    db: Db,
    *,
    owner: UserId,
    currency: Currency,
    cell: Cell,
    after: PartPosition | None = None,
    limit: int = 50,
) -> PartPage:
    """Return the rows behind a figure, newest first, and what all of them add up to."""
    limit = max(1, min(limit, _LONGEST_PAGE))
    params: dict[str, Any] = {
        "owner": owner,
        "currency": currency,
        "digits": minor_units(currency),
        "since": cell.since,
        "until": cell.until,
        "flow": cell.flow,
        "category_id": cell.category_id,
        "itself": cell.itself,
        "merchant": cell.merchant,
        "account_id": cell.account_id,
        "alone": cell.alone,
        **_in_spans(cell),
        "limit": limit + 1,
        "after_day": None if after is None else after.day,
        "after_id": None if after is None else after.id,
        "after_position": 0 if after is None else after.position,
    }
    rows = [_part(row, currency) for row in await part_queries.parts(db, cell.scope, params)]
    sums = await part_queries.sums_of_parts(db, cell.scope, params)
    last = rows[limit - 1] if len(rows) > limit else None
    return PartPage(
        items=rows[:limit],
        next=None if last is None else PartPosition(last.day, last.transaction_id, last.position),
        count=sum(one.count for one in sums),
        sum=total(
            (Money(one.converted, currency) for one in sums if one.converted is not None), currency
        ),
        unknown=[
            Unknown(Money(one.amount, Currency(one.currency)), one.count, one.first, one.last)
            for one in sums
            if not one.is_known
        ],
    )


def _in_spans(cell: Cell) -> dict[str, Any]:
    spans = cell.spans
    return {
        "accounts": None if spans is None else [one.account_id for one in spans],
        "span_after": None if spans is None else [one.after for one in spans],
        "span_until": None if spans is None else [one.until for one in spans],
    }


class _Found:
    """Sums by category and period, money in above zero, and what no rate was known for."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency
        self.amounts: dict[tuple[CategoryId, int], Money] = {}
        self._unknown: list[queries.ForeignRow] = []

    def add(self, category_id: CategoryId, place: int, amount: Decimal) -> None:
        moved, before = Money(amount, self._currency), self.amounts.get((category_id, place))
        self.amounts[category_id, place] = moved if before is None else before + moved

    def lacks(self, row: queries.ForeignRow) -> None:
        self._unknown.append(row)

    def unknown(self, among: Iterable[Category]) -> list[Unknown]:
        ids = {one.id for one in among}
        by_currency: dict[Currency, list[queries.ForeignRow]] = defaultdict(list)
        for row in self._unknown:
            if row.category_id in ids:
                by_currency[Currency(row.currency)].append(row)
        return [
            Unknown(
                total((Money(one.unknown, code) for one in rows), code),
                sum(one.unknown_count for one in rows),
                min(one.first_unknown for one in rows if one.first_unknown),
                max(one.last_unknown for one in rows if one.last_unknown),
            )
            for code, rows in sorted(by_currency.items())
        ]


async def _read(
    db: Db,
    owner: UserId,
    currency: Currency,
    periods: Sequence[Period],
    among: Iterable[Category],
    *,
    foreign_only: bool = False,
) -> _Found:
    """Sum each category in each period; months are the finest that any report shows."""
    ids = {one.id for one in among}
    params = _span(owner, currency, periods)
    found = _Found(currency)
    own = [] if foreign_only else await queries.sums(db, params)
    place = {month: _place(periods, month) for month in {row.month for row in own}}
    for row in own:
        if row.amount and (key := CategoryId(row.category_id)) in ids:
            found.add(key, place[row.month], row.amount)
    if not foreign_only and not any(row.has_foreign for row in own):
        return found
    for other in await queries.foreign_sums(db, params):
        if (key := CategoryId(other.category_id)) in ids:
            if other.count:
                found.add(key, _place(periods, other.month), other.converted)
            if other.unknown_count:
                found.lacks(other)
    return found


def _span(owner: UserId, currency: Currency, periods: Sequence[Period]) -> dict[str, Any]:
    return {
        "owner": owner,
        "currency": currency,
        "digits": minor_units(currency),
        "since": periods[0].first,
        "until": periods[-1].last,
        "last": periods[-1].last,
    }


def _place(periods: Sequence[Period], day: date) -> int:
    return next(n for n, one in enumerate(periods) if one.first <= day <= one.last)


def _line(found: _Found, of: Category, currency: Currency, columns: int, kind: Kind) -> Line:
    nothing = zero(currency)
    moved = [found.amounts.get((of.id, n), nothing) for n in range(columns)]
    return Line(
        amounts=[-one for one in moved] if kind is Kind.SPENDING else moved,
        category_id=of.id,
        key=of.key,
        name=of.name,
    )


def _group(of: Category, inside: Sequence[Line]) -> Line:
    """Return a group's line over its categories'; a category that is no group stands alone."""
    if [one.category_id for one in inside] == [of.id]:
        return inside[0]
    code = inside[0].amounts[0].currency
    return Line(
        amounts=[
            total((one.amounts[n] for one in inside), code) for n in range(len(inside[0].amounts))
        ],
        category_id=of.id,
        key=of.key,
        name=of.name,
        inside=sorted(inside, key=_by_size),
    )


def _by_size(line: Line) -> tuple[Decimal, str]:
    return (-line.total.amount, line.merchant or line.name or line.key or "")


def _part(row: part_queries.Part, currency: Currency) -> PartRow:
    return PartRow(
        transaction_id=TransactionId(row.transaction_id),
        position=row.position,
        account_id=AccountId(row.account_id),
        account_name=row.account_name,
        day=row.day,
        title=row.title,
        category_id=CategoryId(row.category_id),
        category_key=row.category_key,
        category_name=row.category_name,
        amount=Money(row.amount, Currency(row.currency)),
        converted=None if row.converted is None else Money(row.converted, currency),
        pending=row.pending,
    )
