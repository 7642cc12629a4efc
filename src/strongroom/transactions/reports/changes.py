"""Why income or spending of a period is another: than another period's, or than it was known.

The causes add up to the difference exactly: between periods because each category's part of it is
taken whole, within one because the journal is walked back change by change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from uuid import UUID

from strongroom import fx
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, TransactionId, UserId
from strongroom.core.money import Currency, Money, minor_units, total, zero
from strongroom.transactions.reports import change_queries, change_rules, queries
from strongroom.transactions.reports.change_types import (
    Difference,
    Hand,
    HandCause,
    KnownWhy,
    PeriodWhy,
    RowChange,
    State,
    Step,
    Touched,
)
from strongroom.transactions.reports.service import category_report
from strongroom.transactions.reports.types import Line, Period
from strongroom.transactions.service import categories
from strongroom.transactions.types import Category, Kind

_EXACT = Context(prec=120)


async def explain_periods(
    db: Db, *, owner: UserId, currency: Currency, kind: Kind, against: Period, period: Period
) -> PeriodWhy:
    """Return what made income or spending of ``period`` another than that of ``against``."""
    known = [one for one in await categories(db, owner=owner) if one.kind is kind]
    two = [
        await category_report(db, owner=owner, currency=currency, periods=[one], kind=kind)
        for one in (against, period)
    ]
    rates = await _rate_effects(db, owner, currency, kind, (against, period), known)
    lines = [{line.category_id: line for line in report.lines} for report in two]
    groups = {**lines[0], **lines[1]}
    causes = [
        _difference(key, lines[0].get(key), lines[1].get(key), rates, currency)
        for key in groups
        if key is not None
    ]
    of_rates = total(rates.values(), currency)
    if of_rates:
        causes.append(Difference(of_rates, zero(currency), of_rates))
    return PeriodWhy(
        kind=kind,
        currency=currency,
        against=against,
        period=period,
        before=two[0].total,
        after=two[1].total,
        causes=_largest_first(causes),
        unknown=[*two[0].unknown, *two[1].unknown],
    )


def _difference(
    key: CategoryId,
    was: Line | None,
    is_now: Line | None,
    rates: Mapping[CategoryId, Money],
    currency: Currency,
) -> Difference:
    """Return a line's difference without what rates did to it, and that of each line inside."""
    known = is_now or was
    assert known is not None  # noqa: S101 - a key comes from one of the two
    before = zero(currency) if was is None else was.total
    after = zero(currency) if is_now is None else is_now.total
    insides = [
        {one.category_id: one for one in (() if line is None else line.inside or (line,))}
        for line in (was, is_now)
    ]
    keys = [one for one in {**insides[0], **insides[1]} if one is not None]
    if keys == [key]:
        rate = rates.get(key, zero(currency))
        return Difference(after - before - rate, before, after, key, known.key, known.name)
    inside = [
        _alone(one, insides[0].get(one), insides[1].get(one), rates, currency) for one in keys
    ]
    return Difference(
        total((one.amount for one in inside), currency),
        before,
        after,
        key,
        known.key,
        known.name,
        _largest_first(inside),
    )


def _alone(
    key: CategoryId,
    was: Line | None,
    is_now: Line | None,
    rates: Mapping[CategoryId, Money],
    currency: Currency,
) -> Difference:
    named = is_now or was
    assert named is not None  # noqa: S101 - a key comes from one of the two
    before = zero(currency) if was is None else was.total
    after = zero(currency) if is_now is None else is_now.total
    rate = rates.get(key, zero(currency))
    return Difference(after - before - rate, before, after, key, named.key, named.name)


async def _rate_effects(
    db: Db,
    owner: UserId,
    currency: Currency,
    kind: Kind,
    two: Sequence[Period],
    known: Iterable[Category],
) -> dict[CategoryId, Money]:
    """Return by category how much of the difference is the rates' doing."""
    ids = {one.id for one in known}
    digits = minor_units(currency)
    sums: list[dict[tuple[CategoryId, str], tuple[Decimal, Decimal]]] = []
    for period in two:
        found: dict[tuple[CategoryId, str], tuple[Decimal, Decimal]] = {}
        params = {"owner": owner, "currency": currency, "digits": digits,
                  "since": period.first, "until": period.last}  # fmt: skip
        for row in await queries.foreign_sums(db, params):
            if (key := CategoryId(row.category_id)) in ids:
                amount, worth = found.get((key, row.currency), (Decimal(0), Decimal(0)))
                found[key, row.currency] = (
                    _EXACT.add(amount, row.amount),
                    _EXACT.add(worth, row.converted),
                )
        sums.append(found)
    effects: dict[CategoryId, Money] = {}
    for place in sums[0].keys() & sums[1].keys():
        did = change_rules.by_rate(sums[0][place], sums[1][place], lambda one: _whole(one, digits))
        moved = Money(-did if kind is Kind.SPENDING else did, currency)
        effects[place[0]] = effects.get(place[0], zero(currency)) + moved
    return effects


def _largest_first(causes: Iterable[Difference]) -> list[Difference]:
    return sorted(
        (one for one in causes if one.amount or one.before or one.after),
        key=lambda one: (-abs(one.amount).amount, one.key or one.name or ""),
    )


async def explain_known(
    db: Db,
    *,
    owner: UserId,
    currency: Currency,
    kind: Kind,
    period: Period,
    known_at: datetime,
    category_id: CategoryId | None = None,
) -> KnownWhy:
    """Return what changed of a period's income or spending since an instant: by whose hand.

    ``category_id``: of one category or group only. Rows of accounts that were erased with
    everything in them are not told of.
    """
    known = {one.id: one for one in await categories(db, owner=owner)}
    rows = await _touched(db, owner, period, known_at)
    scales = await _Scales.read(db, owner, currency, kind, period, category_id, known, rows)
    sign = -1 if kind is Kind.SPENDING else 1
    causes: dict[Hand, list[RowChange]] = defaultdict(list)
    unrated = []
    for row in rows:
        effects, lacking = change_rules.effects(row, scales.of(row))
        if lacking:
            unrated.append(row.id)
        for hand, amount in effects.items():
            causes[hand].append(_row_change(row, Money(sign * amount, currency)))
    found = [
        HandCause(
            hand,
            total((one.amount for one in theirs), currency),
            sorted(theirs, key=lambda one: (-abs(one.amount).amount, one.day, one.transaction_id)),
        )
        for hand, theirs in causes.items()
    ]
    report = await category_report(db, owner=owner, currency=currency, periods=[period], kind=kind)
    after = (
        report.total if category_id is None else _line_total(report.lines, category_id, currency)
    )
    return KnownWhy(
        kind=kind,
        currency=currency,
        period=period,
        known_at=known_at,
        before=after - total((one.amount for one in found), currency),
        after=after,
        causes=sorted(found, key=lambda one: (-abs(one.amount).amount, one.hand)),
        unrated=unrated,
    )


def _line_total(lines: Iterable[Line], category_id: CategoryId, currency: Currency) -> Money:
    for line in lines:
        if line.category_id == category_id:
            return line.total
        for one in line.inside:
            if one.category_id == category_id:
                return one.total
    return zero(currency)


def _row_change(row: Touched, amount: Money) -> RowChange:
    facts = row.now or next(one.facts for one in reversed(row.steps) if one.facts)
    return RowChange(
        transaction_id=row.id,
        day=date.fromisoformat(str(facts["day"])),
        title=row.title,
        amount=amount,
        last_at=max([row.created_at, *(one.at for one in row.steps)]),
        is_gone=row.now is None,
    )


async def _touched(db: Db, owner: UserId, period: Period, known_at: datetime) -> list[Touched]:
    found = await change_queries.touched(db, owner, period.first, period.last, known_at)
    ids = [one.transaction_id for one in found]
    steps: dict[UUID, list[Step]] = defaultdict(list)
    for row in await change_queries.changes(db, owner, ids, known_at):
        steps[row.transaction_id].append(Step(row.id, row.at, row.cause, row.before))
    for part in await change_queries.part_changes(db, owner, ids, known_at):
        was = (
            None
            if part.category_before is None or part.amount_before is None
            else (part.category_before, part.amount_before)
        )
        step = Step(part.id, part.at, part.cause, None, (part.position, was))
        steps[part.transaction_id].append(step)
    return [
        _as_touched(one, sorted(steps[one.transaction_id], key=lambda step: step.id), known_at)
        for one in found
    ]


def _as_touched(
    row: change_queries.TouchedRow, steps: Sequence[Step], known_at: datetime
) -> Touched:
    last = next((one.facts for one in reversed(steps) if one.facts), None) or {}
    created = row.created_at or datetime.fromisoformat(str(last["created_at"]))
    parts = {
        int(position): (UUID(category), Decimal(amount))
        for position, (category, amount) in (row.parts or {}).items()
    }
    return Touched(
        id=TransactionId(row.transaction_id),
        title=row.title or str(last.get("merchant") or last.get("description") or ""),
        origin=row.origin or "bank",
        created_at=created,
        was_known=created <= known_at,
        now=row.facts,
        parts=parts,
        steps=steps,
    )


class _Scales:
    """Weighs what a row adds to the figure: in its period, of its kind, in its currency."""

    def __init__(
        self,
        currency: Currency,
        kind: Kind,
        period: Period,
        category_id: CategoryId | None,
        known: Mapping[CategoryId, Category],
        lived: set[UUID],
        rates: Mapping[tuple[Currency, date], fx.Rate],
    ) -> None:
        self._currency, self._kind, self._period = currency, kind, period
        self._category_id, self._known = category_id, known
        self._lived, self._rates = lived, rates

    @classmethod
    async def read(
        cls,
        db: Db,
        owner: UserId,
        currency: Currency,
        kind: Kind,
        period: Period,
        category_id: CategoryId | None,
        known: Mapping[CategoryId, Category],
        rows: Sequence[Touched],
    ) -> _Scales:
        """Return scales that know every rate that the rows may need."""
        told = [
            facts
            for row in rows
            for facts in (row.now, *(step.facts for step in row.steps))
            if facts is not None
        ]
        codes = {Currency(str(one["currency"])) for one in told if "currency" in one}
        days = {date.fromisoformat(str(one["day"])) for one in told if "day" in one}
        rates = await fx.rates_on(
            db,
            codes=codes - {currency},
            quote=currency,
            days={day for day in days if period.first <= day <= period.last},
        )
        lived = await change_queries.lived_from(db, owner)
        return cls(currency, kind, period, category_id, known, lived, rates)

    def of(self, row: Touched) -> change_rules.Weigh:
        """Return how to weigh the states of one row.

        A category that is gone since is taken for the one in which the row stands now.
        """
        now = row.now and self._known.get(CategoryId(UUID(str(row.now["category_id"]))))

        def weigh(state: State) -> Decimal | None:
            if not (
                state.counts
                and state.account_id in self._lived
                and self._period.first <= state.day <= self._period.last
            ):
                return Decimal(0)
            added = Decimal(0)
            for category_id, amount in _parts(state):
                category = self._known.get(CategoryId(category_id)) or now or None
                if amount and category is not None and self._is_meant(category):
                    converted = self._converted(amount, state)
                    if converted is None:
                        return None
                    added = _EXACT.add(added, converted)
            return added

        return weigh

    def _is_meant(self, category: Category) -> bool:
        return category.kind is self._kind and (
            self._category_id is None or self._category_id in (category.id, category.parent_id)
        )

    def _converted(self, amount: Decimal, state: State) -> Decimal | None:
        if state.currency == self._currency:
            return amount
        rate = self._rates.get((state.currency, state.day))
        if rate is None:
            return None
        return _whole(_EXACT.multiply(amount, rate.rate), minor_units(self._currency))


def _parts(state: State) -> Iterable[tuple[UUID, Decimal]]:
    rest = state.amount
    for category_id, amount in state.parts.values():
        rest = _EXACT.subtract(rest, amount)
        yield category_id, amount
    yield state.category_id, rest


def _whole(amount: Decimal, digits: int) -> Decimal:
    """Round as the database does: halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)
