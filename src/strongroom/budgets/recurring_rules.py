"""Finding what comes again and again in the rows of a book. Pure: no database, no clock.

A payee's rows are tried as a whole, then by amounts that lie apart, then by amounts that are
equal: a shop where one buys and subscribes is told apart by that. No subset is ever searched for,
so that chance finds little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from strongroom.budgets.recurring_calendar import PACE_OF, PACES, Pace, expected, offsets
from strongroom.budgets.recurring_payees import payees
from strongroom.budgets.recurring_types import BookRow, Cadence, Found, Standing

_PAUSE: Final = 3  # periods; a longer pause counts as one of these
_FIXED_WITHIN: Final = Decimal("0.03")
_APART: Final = Decimal("1.4")
_EQUAL: Final = Decimal(1)
_YEARLY_APART: Final = Decimal("1.6")
_TWICE_APART: Final = Decimal("1.2")
_WIDEST: Final = 8
_PRICE_YEAR: Final = timedelta(days=366)
_RECENT: Final = 6
_MANY: Final = 400
_TOLD_AGAIN: Final = timedelta(days=5)
_NEAR: Final = 3  # days
_MONTHS_AMONG: Final = 7
_TWICE_WITHIN: Final = 6  # days, of what was seen but twice


@dataclass(frozen=True, slots=True)
class Strand:
    """Rows that keep one pace. ``unlike`` is how ill they do: 0 is to the day."""

    rows: Sequence[BookRow]
    pace: Pace
    unlike: int
    skipped: int


def find(rows: Iterable[BookRow], today: date) -> list[Found]:
    """Return everything that comes again and again up to ``today``, the next first.

    Rows after ``today`` are not looked at. Of a transfer between own accounts only the leg that
    leaves counts.
    """
    groups: dict[tuple[str, str, bool], list[tuple[str, BookRow]]] = defaultdict(list)
    seen = [row for row in rows if row.day <= today and row.amount]
    for payee, row in payees(seen):
        if not (row.inner and row.amount > 0):
            groups[payee, row.currency, row.amount > 0].append((payee, row))
    found = []
    for (payee, _, _), told in groups.items():
        ordered = once(sorted((row for _, row in told), key=lambda row: (row.day, row.id)))
        found += [_item(payee, strand, today) for strand in strands(ordered)]
    return sorted(found, key=lambda one: (one.next_on, one.title, one.last.id))


def strands(rows: Sequence[BookRow]) -> list[Strand]:
    """Return the strands of one payee's rows, in one direction and currency, oldest first."""
    if len(rows) < 2:
        return []
    whole = _fit(rows)
    parts = {limit: _fits(clusters(rows, limit), of=len(rows)) for limit in (_APART, _EQUAL)}
    if whole is not None and not _is_several(whole, parts[_EQUAL]):
        return [whole]
    covered = {limit: sum(len(one.rows) for one in fits) for limit, fits in parts.items()}
    best = parts[_EQUAL if covered[_EQUAL] * 10 >= covered[_APART] * 8 else _APART]
    if not best:
        equal = [group for group in clusters(rows, _EQUAL) if _MONTHS_AMONG <= len(group) <= _MANY]
        best = [one for group in equal if (one := _monthly_among(group)) is not None]
    if not best:
        by_account: dict[object, list[BookRow]] = defaultdict(list)
        for row in rows:
            by_account[row.account_id].append(row)
        best = _fits(by_account.values(), of=0) if len(by_account) > 1 else []
    return _joined(best)


def once(rows: Sequence[BookRow]) -> list[BookRow]:
    """Return the rows without those that a file or a person told of as well as the bank."""
    kept: list[BookRow] = []
    for row in rows:
        lately = (one for one in reversed(kept[-_RECENT:]) if row.day - one.day <= _TOLD_AGAIN)
        twin = next(
            (one for one in lately if one.amount == row.amount and one.origin != row.origin), None
        )
        if twin is None:
            kept.append(row)
        elif row.origin == "bank":
            kept[kept.index(twin)] = row
    return sorted(kept, key=lambda row: (row.day, row.id))


def clusters(rows: Sequence[BookRow], apart: Decimal) -> list[list[BookRow]]:
    """Return the rows in groups between whose sizes there is more than a factor of ``apart``."""
    by_size = sorted(rows, key=lambda row: abs(row.amount))
    groups = [[by_size[0]]]
    for before, row in pairwise(by_size):
        if abs(row.amount) > abs(before.amount) * apart:
            groups.append([])
        groups[-1].append(row)
    return [sorted(group, key=lambda row: (row.day, row.id)) for group in groups]


def _fits(groups: Iterable[Sequence[BookRow]], *, of: int) -> list[Strand]:
    """Return the groups that are strands; the more rows they were chosen from, the longer ones."""
    return [
        fit
        for group in groups
        if len(group) > 2
        and (fit := _fit(group)) is not None
        and len(group) >= fit.pace.fewest + (of > 2 * len(group)) + 2 * (of > 6 * len(group))
    ]


def _monthly_among(rows: Sequence[BookRow]) -> Strand | None:
    """Return the rows of one amount that keep a day of the month, among others on any day.

    They must fill nearly every month for half a year: so many do not by chance.
    """
    pace = PACE_OF[Cadence.MONTHLY]
    places = [pace.place(row.day) for row in rows]
    best: dict[int, BookRow] = {}
    for phase in {place % pace.period for place in places}:
        near: dict[int, tuple[int, BookRow]] = {}
        for place, row in zip(places, rows, strict=True):
            month = pace.steps(phase, place)
            apart = abs(place - phase - month * pace.period)
            if apart <= _NEAR and (month not in near or apart < near[month][0]):
                near[month] = apart, row
        if len(near) > len(best):
            best = {month: row for month, (_, row) in near.items()}
    months = max(best, default=0) - min(best, default=0) + 1
    if len(best) < _needed(len(rows), rows[-1].day - rows[0].day) or len(best) * 100 < months * 85:
        return None
    return Strand([best[month] for month in sorted(best)], pace, 100, months - len(best))


def _needed(count: int, span: timedelta) -> int:
    """Return how many months rows by chance would have to fill in a row to be one in a hundred.

    The more rows there are in a month, the easier chance fills a week of it.
    """
    months = max(1, span.days // 30)
    if count * 2 <= months * 3:
        return _MONTHS_AMONG
    if count <= months * 2:
        return _MONTHS_AMONG + 2
    return _MONTHS_AMONG + 6 if count <= months * 3 else count + 1


def _is_several(whole: Strand, equal: Sequence[Strand]) -> bool:
    """Whether what looks like one quick strand is several slower ones of fixed amounts at once."""
    slower = [one for one in equal if one.pace.period > whole.pace.period]
    covered = sum(len(one.rows) for one in slower)
    if len(slower) < 2 or covered * 10 < len(whole.rows) * 9:
        return False
    ends = [(one.rows[0].day, one.rows[-1].day) for one in slower]
    return max(first for first, _ in ends) < min(last for _, last in ends)


def _fit(rows: Sequence[BookRow]) -> Strand | None:
    """Return the rows as a strand of the pace that they keep best, if they keep any."""
    if len(rows) > _MANY or not _alike(rows):
        return None
    fixed = is_fixed(rows)
    tried = [fit for pace in PACES if (fit := _try(rows, pace, fixed=fixed)) is not None]
    return min(tried, key=lambda fit: fit.unlike + 40 * fit.skipped // len(rows), default=None)


def _alike(rows: Sequence[BookRow]) -> bool:
    """Whether the amounts may be of one thing at all: few that differ greatly are not."""
    sizes = sorted(abs(row.amount) for row in rows)
    inner = sizes[len(sizes) // 10 : len(sizes) - len(sizes) // 10]
    return inner[-1] <= inner[0] * _WIDEST


def is_fixed(rows: Sequence[BookRow]) -> bool:
    """Whether most amounts are as the one before, give or take a few hundredths."""
    same = sum(
        abs(after.amount - before.amount) <= abs(before.amount) * _FIXED_WITHIN
        for before, after in pairwise(rows)
    )
    return same * 10 >= (len(rows) - 1) * 6


def _try(rows: Sequence[BookRow], pace: Pace, *, fixed: bool) -> Strand | None:
    """Return the rows as a strand of this pace, or None if they do not keep it."""
    days = [row.day for row in rows]
    span = (days[-1] - days[0]).days
    is_yearly = pace.cadence is Cadence.YEARLY
    fewest = pace.fewest if fixed or is_yearly else pace.fewest + 1
    if len(rows) < fewest or (len(rows) - 1) * pace.period * 10 > (span + pace.tolerance) * 13:
        return None
    if is_yearly and not _same_size(rows):
        return None
    places = [pace.place(day) for day in days]
    steps = [pace.steps(before, after) for before, after in pairwise(places)]
    misses = [
        after - before - count * pace.period
        for (before, after), count in zip(pairwise(places), steps, strict=True)
    ]
    good = sum(
        count > 0 and abs(miss) <= pace.tolerance for count, miss in zip(steps, misses, strict=True)
    )
    share = 75 if fixed and pace.period > 7 else 84
    if len(rows) == 2 and abs(misses[0]) > _TWICE_WITHIN:
        return None
    if good * 100 < len(steps) * share and not (
        _keeps_its_place(places, pace, steps) or _each_week(pace, misses)
    ):
        return None
    doubles = sum(count == 0 for count in steps)
    skipped = sum(min(count, _PAUSE) - 1 for count in steps if count > 1)
    if doubles * 8 > len(rows) or skipped * 100 > (len(rows) + skipped) * (34 if fixed else 20):
        return None
    if len(rows) <= 3 and skipped:
        return None
    drift = _spread(places, pace)
    return Strand(rows, pace, drift * 100 // (pace.tolerance * len(rows)), skipped)


def _keeps_its_place(places: Sequence[int], pace: Pace, steps: Sequence[int]) -> bool:
    """Whether each falls near one place of its period, though steps from one to the next do not."""
    if len(places) < 6 or any(count == 0 for count in steps):
        return False
    middle = _middle(places, pace.period)
    near = sum(_around(place - middle, pace.period) <= pace.tolerance for place in places)
    return near * 100 >= len(places) * 84 and sum(steps) * 80 <= len(steps) * 100


def _each_week(pace: Pace, misses: Sequence[int]) -> bool:
    """Whether a long row comes week by week, though on another day around weekends and feasts."""
    if pace.cadence is not Cadence.WEEKLY or len(misses) < 9:
        return False
    near = sum(abs(miss) <= pace.tolerance + 1 for miss in misses)
    return near * 10 >= len(misses) * 9 and sum(map(abs, misses)) * 10 <= len(misses) * 12


def _spread(places: Sequence[int], pace: Pace) -> int:
    """Return the sum of distances from the one place in the period that most are near to."""
    middle = _middle(places, pace.period)
    return sum(_around(place - middle, pace.period) for place in places)


def _middle(places: Sequence[int], period: int) -> int:
    found = {place % period for place in places}
    return min(found, key=lambda one: (sum(_around(place - one, period) for place in places), one))


def _around(distance: int, period: int) -> int:
    """Return how far apart two places of a period are, the shorter way around."""
    apart = distance % period
    return min(apart, period - apart)


def _same_size(rows: Sequence[BookRow]) -> bool:
    sizes = [abs(row.amount) for row in rows]
    return max(sizes) <= min(sizes) * (_YEARLY_APART if len(sizes) > 2 else _TWICE_APART)


def _joined(fits: Iterable[Strand]) -> list[Strand]:
    """Join strands of one pace of which one begins where the other should have gone on."""
    found: list[Strand] = []
    for fit in sorted(fits, key=lambda one: one.rows[0].day):
        before = next((one for one in found if _goes_on(one, fit)), None)
        if before is None:
            found.append(fit)
        else:
            found[found.index(before)] = replace(
                fit,
                rows=[*before.rows, *fit.rows],
                unlike=max(before.unlike, fit.unlike),
                skipped=before.skipped + fit.skipped,
            )
    return found


def _goes_on(before: Strand, after: Strand) -> bool:
    if before.pace is not after.pace:
        return False
    pace = before.pace
    due = expected(pace, [row.day for row in before.rows])
    return abs((after.rows[0].day - due).days) <= pace.tolerance + pace.period // 4


def _item(payee: str, strand: Strand, today: date) -> Found:
    rows, pace = strand.rows, strand.pace
    days = [row.day for row in rows]
    fixed = is_fixed(rows)
    standing, next_on, due_on = _stands(pace, days, today)
    was, changed_on = _price(rows, today) if fixed else _level(rows)
    recent = sorted(row.amount for row in rows[-_RECENT:])
    sizes = sorted([*recent, *(row.amount for row in rows if row.day > days[-1] - _PRICE_YEAR)])
    return Found(
        payee=payee,
        title=rows[-1].title,
        rows=rows,
        cadence=pace.cadence,
        standing=standing,
        next_on=next_on,
        due_on=due_on,
        amount=rows[-1].amount if fixed else recent[len(recent) // 2],
        low=sizes[0],
        high=sizes[-1],
        varies=not fixed,
        was=was,
        changed_on=changed_on,
        skipped=strand.skipped,
        offsets=offsets(pace, days),
    )


def _stands(pace: Pace, days: Sequence[date], today: date) -> tuple[Standing, date, date | None]:
    """Return how an item stands, the next day that is not past, and the day that was missed."""
    grace = timedelta(days=pace.tolerance + 2)
    due = expected(pace, days)
    if due + grace >= today:
        return Standing.ACTIVE, max(due, today), None
    steps = 2
    while (ahead := expected(pace, days, steps)) + grace < today:
        steps += 1
    over = steps > 2 or pace.period >= 180
    return Standing.ENDED if over else Standing.MISSED, max(ahead, today), due


def _price(rows: Sequence[BookRow], today: date) -> tuple[Decimal | None, date | None]:
    """Return the price before the newest change of a fixed one and when the new one began."""
    last = rows[-1].amount
    for n in range(len(rows) - 2, -1, -1):
        if abs(rows[n].amount - last) * 200 > abs(last):
            held = sum(abs(row.amount - rows[n].amount) * 200 <= abs(last) for row in rows[:n])
            changed = rows[n + 1].day
            if held and today - changed <= _PRICE_YEAR:
                return rows[n].amount, changed
            return None, None
    return None, None


def _level(rows: Sequence[BookRow]) -> tuple[Decimal | None, date | None]:
    """Return the usual amount of before where the last three are all beyond what it ever was."""
    before, lately = [row.amount for row in rows[-15:-3]], [row.amount for row in rows[-3:]]
    if len(before) < _RECENT:
        return None, None
    usual = sorted(before)[len(before) // 2]
    beyond = min(map(abs, lately)) > max(map(abs, before))
    if beyond and min(map(abs, lately)) * 5 > abs(usual) * 6:
        return usual, rows[-3].day
    return None, None
