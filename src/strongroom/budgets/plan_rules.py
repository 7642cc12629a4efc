"""Periods of a budget, what counts in each, and what goes on to the next. Pure."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from strongroom.budgets.plan_types import Budget, Carry, Every, Period, Progress, Span, Spent
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency, Money, minor_units, zero

Rates = Mapping[tuple[Currency, Currency, date], Decimal]
"""What one unit of a currency was worth in another on a day. A pair that lacks is unknown."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MOST_PERIODS = 2_000


def start_of(starts_on: date, every: Every, number: int) -> date:
    """Return the first day of a period, 0 being the first one."""
    if every is Every.WEEK:
        return starts_on + timedelta(weeks=number)
    months = number * (12 if every is Every.YEAR else 1)
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(starts_on.day, last))


def spans(starts_on: date, every: Every, today: date) -> list[Span]:
    """Return the periods up to the one that today is in, oldest first; none before the first."""
    found: list[Span] = []
    first = starts_on
    while first <= today and len(found) < _MOST_PERIODS:
        following = start_of(starts_on, every, len(found) + 1)
        found.append(Span(first, following - timedelta(days=1)))
        first = following
    return found


def by_months(budget: Budget) -> bool:
    """Return whether a budget's periods are whole calendar months, whose sums are kept."""
    return budget.every is not Every.WEEK and budget.starts_on.day == 1


def planned(budget: Budget, first: date) -> Money:
    """Return what the period that begins on ``first`` has."""
    found = budget.amounts[0][1]
    for since, amount in budget.amounts:
        if since <= first:
            found = amount
    return Money(found, budget.currency)


def carried_on(period: Period, carry: Carry) -> Money:
    """Return what a period leaves to the next one."""
    left = period.left
    keeps = (carry in (Carry.SURPLUS, Carry.BOTH) and left.amount > 0) or (
        carry in (Carry.DEFICIT, Carry.BOTH) and left.amount < 0
    )
    return left if keeps else zero(left.currency)


def progress(
    budget: Budget,
    spent: Iterable[Spent],
    *,
    inside: Collection[CategoryId],
    rates: Rates,
    today: date,
) -> Progress:
    """Return how a budget stands, from what moved in the categories it is about.

    Of ``spent``, its own currency counts by month where its periods are whole months, and by day
    otherwise; other currencies by day, each row at that day's rate and in whole minor units.
    """
    found = spans(budget.starts_on, budget.every, today)
    sums = _sums(budget, found, spent, inside, rates)
    periods: list[Period] = []
    carried = zero(budget.currency)
    for number, span in enumerate(found):
        known, unknown = sums[number]
        period = Period(
            span,
            planned(budget, span.first),
            carried,
            -Money(known, budget.currency),
            [-Money(amount, code) for code, amount in sorted(unknown.items()) if amount],
        )
        periods.append(period)
        carried = carried_on(period, budget.carry)
    if not periods:
        return Progress(budget, None, zero(budget.currency), 0)
    now = periods[-1]
    return Progress(budget, now, even_by(now, today), (now.span.last - today).days, periods[-2::-1])


def even_by(period: Period, today: date) -> Money:
    """Return what would be spent by the end of today if each day had its share."""
    passed = Decimal((today - period.span.first).days + 1)
    share = _EXACT.divide(passed, Decimal(period.span.days))
    available = max(period.available.amount, Decimal(0))
    amount = _EXACT.multiply(available, share).quantize(Decimal("1e-10"), context=_EXACT)
    return Money(amount, period.planned.currency).rounded()


def _sums(
    budget: Budget,
    found: Sequence[Span],
    spent: Iterable[Spent],
    inside: Collection[CategoryId],
    rates: Rates,
) -> list[tuple[Decimal, dict[Currency, Decimal]]]:
    """Return what moved in each period: in the budget's currency, and what has no rate."""
    known = [Decimal(0) for _ in found]
    unknown: list[defaultdict[Currency, Decimal]] = [defaultdict(Decimal) for _ in found]
    firsts = [span.first for span in found]
    for one in spent:
        own = one.currency == budget.currency
        if one.category_id not in inside or one.is_month != (own and by_months(budget)):
            continue
        number = _place(firsts, one.day)
        if number is None or one.day > found[number].last:
            continue
        rate = Decimal(1) if own else rates.get((one.currency, budget.currency, one.day))
        if rate is None:
            unknown[number][one.currency] += one.amount
        else:
            moved = one.amount if own else _turned(one, rate, budget.currency)
            known[number] = _EXACT.add(known[number], moved)
    return [(known[n], dict(unknown[n])) for n in range(len(found))]


def _turned(one: Spent, rate: Decimal, code: Currency) -> Decimal:
    """Return what rows come to in another currency: each by itself, as every report has it."""
    rows = Decimal(one.equal)
    each = _EXACT.multiply(_EXACT.divide(one.amount, rows), rate)
    unit = Decimal(1).scaleb(-minor_units(code))
    return _EXACT.multiply(each.quantize(unit, ROUND_HALF_UP, _EXACT), rows)


def _place(firsts: Sequence[date], day: date) -> int | None:
    found = bisect_right(firsts, day) - 1
    return found if found >= 0 else None


def rates_needed(
    budgets: Iterable[Budget], spent: Iterable[Spent]
) -> list[tuple[Currency, Currency, date]]:
    """Return the rates that these budgets ask for, each once."""
    targets = {one.currency for one in budgets}
    days = {(one.currency, one.day) for one in spent if not one.is_month}
    return sorted((code, target, day) for code, day in days for target in targets if code != target)
