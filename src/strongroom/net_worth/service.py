"""The verbs of net worth: the live figure, the series of days, and keeping both true.

The live figure is the sum of the accounts' balances and nothing else. Each currency stays by
itself here; ``in_base`` puts them into one, at dated rates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from strongroom import accounts, identity
from strongroom.accounts import Account
from strongroom.core.db import Db
from strongroom.core.everybody import at_once_or_each
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, total
from strongroom.core.time import months_before
from strongroom.net_worth import queries, snapshot_queries
from strongroom.net_worth.types import DayTotal, Live, Snapshot

# One month more than the two years that are kept at hand, and than partitions are made for.
ACTIVE_MONTHS = 25


async def refresh(db: Db, *, owner: UserId, now: datetime) -> None:
    """Bring balance history and snapshots in line with what accounts and the book say.

    To be called in the unit of work that changed them; writes only the days that differ.
    """
    await snapshot_queries.take_turn(db, owner)
    await queries.carry_back(db, owner, now)
    await snapshot_queries.take_snapshots(db, owner, now)


async def take_snapshots_for_all(db: Db, *, now: datetime) -> int:
    """Write everyone's missing or changed snapshots up to their today; return how many.

    One statement does it for all. If somebody's data makes it fail, it is done person by person,
    and whoever's fails is logged and left as they were: nobody's data stops the others.
    """
    await snapshot_queries.take_turn(db, None)
    return await at_once_or_each(
        db,
        lambda owner: snapshot_queries.take_snapshots(db, owner, now),
        lambda: identity.owners_for_all(db),
        name="snapshots",
    )


async def archive_balances_for_all(db: Db, *, today: date) -> int:
    """Put balances away that are older than two years; return how many.

    They are summed, drawn and corrected as before, and no longer among those of every day.
    """
    return await queries.archive_for_all(db, months_before(today, ACTIVE_MONTHS))


async def live(db: Db, *, owner: UserId) -> list[Live]:
    """Return net worth now, one figure a currency, the currency of most accounts first."""
    return live_of(await accounts.list_all(db, owner=owner))


def live_of(held: Iterable[Account]) -> list[Live]:
    """Return what ``live`` does, from accounts that were listed already."""
    by_currency: dict[Currency, list[Account]] = defaultdict(list)
    for account in held:
        if account.closed_at is None:
            by_currency[account.currency].append(account)
    figures = [_live(code, theirs) for code, theirs in by_currency.items()]
    return sorted(figures, key=lambda one: (-len(one.accounts), one.currency))


async def series(
    db: Db, *, owner: UserId, currency: Currency, since: date | None, until: date
) -> list[Snapshot]:
    """Return net worth by day between two days, both included, oldest first."""

    def money(amounts: dict[str, str]) -> dict[str, Money]:
        return {key: Money(Decimal(text), currency) for key, text in sorted(amounts.items())}

    return [
        Snapshot(
            day=row.day,
            currency=currency,
            net_worth=Money(row.net_worth, currency),
            assets=Money(row.total_assets, currency),
            liabilities=Money(row.total_liabilities, currency),
            asset_breakdown=money(row.asset_breakdown),
            liability_breakdown=money(row.liability_breakdown),
            estimated=row.estimated,
        )
        for row in await queries.snapshots(db, owner, currency, since, until)
    ]


async def totals(
    db: Db, *, owner: UserId, currency: Currency, since: date | None, until: date
) -> list[DayTotal]:
    """Return what ``series`` does without the parts, for a fraction of the work."""
    return [
        DayTotal(day, Money(amount, currency), estimated)
        for day, amount, estimated in await queries.totals(db, owner, currency, since, until)
    ]


def _live(code: Currency, held: list[Account]) -> Live:
    known = [account.balance for account in held if account.balance is not None]
    return Live(
        currency=code,
        net_worth=total(known, code),
        accounts=[account for account in held if account.balance is not None],
        unknown=[account for account in held if account.balance is None],
    )
