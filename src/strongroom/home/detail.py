"""What the page about net worth shows: each part with its rate, and what nothing explains.

Of one account's page, what its rows leave over. Reads domains through their doors and decides
nothing about money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from strongroom import accounts, identity, net_worth
from strongroom.accounts import Account, Category
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.home.overview import InCurrency, in_each_currency
from strongroom.net_worth import Between, Range, Remainder, RemainderKind, Unexplained, Worth
from strongroom.ui import N_

_MOST = 200
_MOST_OF_ONE = 8

KINDS: Final = {
    RemainderKind.UNEXPLAINED: N_("not explained"),
    RemainderKind.MARKET: N_("market value"),
    RemainderKind.REVALUED: N_("valued by you"),
    RemainderKind.GROWN: N_("estimated by its rate"),
    RemainderKind.PAID_DOWN: N_("paid down on schedule"),
}
COUNTED_AS: Final = {
    Category.CASH: N_("Cash"),
    Category.INVESTMENTS: N_("Investments"),
    Category.PROPERTY: N_("Property"),
    Category.VEHICLES: N_("Vehicles"),
    Category.PRECIOUS_METALS: N_("Precious metals"),
    Category.DIGITAL_ASSETS: N_("Digital assets"),
    Category.OTHER_ASSETS: N_("Other assets"),
    Category.CREDIT_CARDS: N_("Credit cards"),
    Category.MORTGAGES: N_("Mortgages"),
    Category.LOANS: N_("Loans"),
    Category.OTHER_LIABILITIES: N_("Other debt"),
}


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything on the page. ``remainders`` are the newest; ``more`` of them are not shown."""

    worth: Worth
    by_currency: Sequence[InCurrency]
    since: date | None
    until: date
    changes: Between | None
    unexplained: Unexplained | None
    remainders: Sequence[Remainder]
    more: int

    @property
    def sums(self) -> list[tuple[Category, Money]]:
        """What is owned and owed by kind, in the order of the kinds; debt is below zero."""
        worth = self.worth
        found = []
        for key in Category:
            if key in worth.asset_breakdown:
                found.append((key, worth.asset_breakdown[key]))
            elif key in worth.liability_breakdown:
                found.append((key, -worth.liability_breakdown[key]))
        return found


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What one account's rows do not explain of its changes since a day, in its own currency.

    ``sums`` are of all of it, by what it is called; ``newest`` are some of it.
    """

    since: date
    sums: Sequence[tuple[RemainderKind, Money]]
    newest: Sequence[Remainder]


async def left_over(
    db: Db, *, owner: UserId, account: Account, since: date, today: date
) -> LeftOver:
    """Return what an account's rows leave over from the end of ``since`` to the end of today."""
    found = await net_worth.remainders(
        db, owner=owner, since=since, until=today, account_id=account.id
    )
    sums: dict[RemainderKind, Money] = {}
    for one in found:
        sums[one.kind] = sums[one.kind] + one.remainder if one.kind in sums else one.remainder
    return LeftOver(since, sorted(sums.items()), found[:_MOST_OF_ONE])


async def gather(db: Db, caller: identity.Caller, span: Range, wanted: Currency | None) -> Detail:
    """Read what the page shows."""
    owner, today = caller.owner, caller.today
    held = await accounts.list_all(db, owner=owner)
    code = net_worth.base_of(held, wanted or caller.settings.currency)
    worth = await net_worth.worth_of(db, held, base=code, day=today)
    since = net_worth.since(span, today)
    if since is None:
        days = await net_worth.days(db, owner=owner, base=code, since=None, until=today, most=2)
        since = days[0].day if days else today
    changes, remainders = None, []
    if since < today:
        changes = await net_worth.between(db, owner=owner, base=code, since=since, until=today)
        remainders = await net_worth.remainders(db, owner=owner, since=since, until=today)
    return Detail(
        worth=worth,
        by_currency=in_each_currency(worth),
        since=since,
        until=today,
        changes=changes,
        unexplained=None if changes is None else net_worth.unexplained(changes),
        remainders=remainders[:_MOST],
        more=max(0, len(remainders) - _MOST),
    )
