"""Net worth at the end of each month, quarter or year: the report that others lead into."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.core.plain import amount_text
from strongroom.net_worth.in_base import days
from strongroom.transactions import Period


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """Net worth at the end of a period, or today in the one that is under way.

    ``changed`` is since the end of the period before, None where nothing was known then.
    ``unknown`` are currencies that had no rate that day: what is held in them does not count.
    """

    period: Period
    day: date
    net_worth: Money
    since: date | None
    changed: Money | None
    estimated: bool
    unknown: Sequence[Currency]
    known: bool = True
    """False where nothing could be counted that day, for want of rates."""


async def period_ends(
    db: Db, *, owner: UserId, base: Currency, periods: Sequence[Period], today: date
) -> list[PeriodEnd]:
    """Return net worth at the end of each period that anything is known of, oldest first."""
    first = date.fromordinal(periods[0].first.toordinal() - 1)
    last = min(periods[-1].last, today)
    known = await days(db, owner=owner, base=base, since=first, until=last) if first < last else []
    by_day = {one.day: one for one in known}
    found: list[PeriodEnd] = []
    before = by_day.get(first)
    for period in periods:
        end = by_day.get(min(period.last, today)) if period.first <= today else None
        if end is not None:
            found.append(
                PeriodEnd(
                    period,
                    end.day,
                    end.net_worth,
                    None if before is None else before.day,
                    end.net_worth - before.net_worth
                    if before is not None and before.known and end.known
                    else None,
                    end.estimated,
                    end.unknown,
                    end.known,
                )
            )
        before = end
    return found


def sheet(ends: Sequence[PeriodEnd]) -> str:
    """Return the report as CSV, a line a period, with exact amounts."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("period", "day", "net_worth", "changed", "currency", "estimated", "not_counted")
    )
    for one in ends:
        code = one.net_worth.currency
        changed = "" if one.changed is None else amount_text(one.changed.amount, code)
        amount = amount_text(one.net_worth.amount, code) if one.known else ""
        told = "yes" if one.estimated else "no"
        day = one.day.isoformat()
        writer.writerow((one.period.key, day, amount, changed, code, told, " ".join(one.unknown)))
    return out.getvalue()
