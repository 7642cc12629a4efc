"""What was spent, and what moved, in other currencies than the one shown: said beside the figures.

Nothing is converted and nothing added: who wants one figure of all asks for a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, total, zero
from strongroom.core.time import month_start
from strongroom.transactions import totals
from strongroom.transactions.service import cash_flow, spending
from strongroom.transactions.types import OtherFlow, SpendingLine


def spent(lines: Sequence[SpendingLine], code: Currency) -> Money:
    """Return what categories come to this month; one that refunds outweigh takes nothing off."""
    return total((max(line.this_month, zero(code)) for line in lines), code)


async def other_currencies(
    db: Db, *, owner: UserId, currency: Currency, today: date, months: int = 1
) -> list[Currency]:
    """Return the currencies other than one that rows of the newest months are in."""
    first, last = month_start(today, months - 1), month_start(today)
    return [code for code in await totals.currencies(db, owner, first, last) if code != currency]


async def spent_elsewhere(
    db: Db, *, owner: UserId, others: Sequence[Currency], today: date
) -> list[Money]:
    """Return what was spent this month in each of these currencies, where anything was."""
    found = []
    for code in others:
        lines = await spending(db, owner=owner, currency=code, today=today)
        found.append(spent(lines, code))
    return [one for one in found if one]


async def flow_elsewhere(
    db: Db, *, owner: UserId, others: Sequence[Currency], today: date, months: int = 6
) -> list[OtherFlow]:
    """Return what came in and went out in each of these currencies, where anything did."""
    found = []
    for code in others:
        flows = await cash_flow(db, owner=owner, currency=code, today=today, months=months)
        found.append(
            OtherFlow(
                total((one.money_in for one in flows), code),
                total((one.money_out for one in flows), code),
            )
        )
    return [one for one in found if one.money_in or one.money_out]
