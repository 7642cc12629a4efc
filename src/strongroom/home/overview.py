"""What Overview shows, gathered in one unit of work and made ready to draw.

Reads every domain through its door and decides nothing about money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from strongroom import accounts, connections, identity, net_worth, transactions
from strongroom.accounts import Account
from strongroom.connections import Item, Refresh, Status
from strongroom.core.db import Db
from strongroom.core.ids import show
from strongroom.core.money import Currency, Money, total, zero
from strongroom.core.time import zone
from strongroom.fx import Rate
from strongroom.home.groups import holdings, part_of
from strongroom.net_worth import Range, Unexplained, Worth, WorthDay, WorthPart, WorthSnapshot
from strongroom.transactions import Kind, MonthFlow, OtherFlow, SpendingLine, category_label
from strongroom.ui.charts import (
    CashFlow,
    FlowMonth,
    Mark,
    NetWorthBreakdown,
    NetWorthLine,
    Point,
    SpendingBar,
)

REVIEWED_ENOUGH = 10
PARTS = ("property", "investments", "cash", "other", "debt")
_SPENDING_ROWS = 9
_MONTHS = 6
# A chart draws 366 points at most: the first, and those that are chosen evenly.
_DAYS_DRAWN = 365
_STALE_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """One category group that more was spent on this month than came back.

    Both amounts are zero or more; ``last_month`` is nothing where refunds outweighed spending.
    """

    key: str | None
    href: str
    amount: Money
    last_month: Money
    own_name: str | None = None

    @property
    def name(self) -> str:
        """The group's name in the language that the page is rendered in."""
        return category_label(self.key, self.own_name)

    def bar(self, largest: Money) -> SpendingBar:
        """Return the row's bar on the scale of the longest one."""
        return SpendingBar(self.amount, self.last_month, largest)


@dataclass(frozen=True, slots=True)
class Progress:
    """A first reading of banks that is under way. ``rows`` came so far."""

    banks: Sequence[Item]
    rows: int
    busy: bool


@dataclass(frozen=True, slots=True)
class InCurrency:
    """What is held in one currency: by itself, and in the base currency if its rate is known."""

    currency: Currency
    held: Money
    value: Money | None
    rate: Rate | None
    accounts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page, in the base currency.

    ``days`` leave out what has no rate today, as the headline does, and name what had none on
    their own day. ``parts`` are the same days with what they are made of, where that was asked
    for. ``unexplained`` is what no transaction explains of the days shown. ``spent_elsewhere``
    and ``flow_elsewhere``: what was spent this month, and what moved in the months of ``flow``, in
    other currencies than these are in, and is not in them.
    """

    currency: Currency
    worth: Worth
    by_currency: Sequence[InCurrency]
    unexplained: Unexplained | None
    span: Range
    days: Sequence[WorthDay]
    parts: Sequence[WorthSnapshot]
    held: Sequence[Account]
    items: Sequence[Item]
    spending: Sequence[SpendingRow]
    spent: Money
    spent_elsewhere: Sequence[Money]
    flow: Sequence[MonthFlow]
    flow_elsewhere: Sequence[OtherFlow]
    to_review: int
    progress: Progress | None
    failures: Sequence[Refresh]
    is_demo: bool
    today: date

    @property
    def net_worth(self) -> Money:
        """The figure in the base currency: the sum of its accounts' values."""
        return self.worth.net_worth

    @property
    def known_days(self) -> Sequence[WorthDay]:
        """The days on which every rate is known that is known today."""
        return [day for day in self.days if not day.unknown]

    @property
    def largest(self) -> Money:
        """The longest bar of spending."""
        sizes = [max(abs(row.amount), abs(row.last_month)) for row in self.spending]
        return max(sizes, default=zero(self.spent.currency))

    @property
    def last_good(self) -> datetime | None:
        """When the bank that was read least lately was last read well."""
        return min((at for at in self._read_at if at is not None), default=None)

    @property
    def up_to_date(self) -> int:
        """How many banks were read well and have nothing against them."""
        return sum(
            item.status is Status.ACTIVE and item.failures == 0 and not item.kept_aside
            for item in self.items
        )

    @property
    def _read_at(self) -> list[datetime | None]:
        return [item.last_successful_update for item in self.items]

    @property
    def is_settling(self) -> bool:
        """Whether more is on its way, so that the page should look again by itself."""
        if self.is_demo and not self.items:
            return True  # its flat comes first, its bank a moment later
        countable = bool(self.worth.parts) and self.worth.known
        waiting = countable and not self.days if self.held else bool(self.items)
        return waiting or (self.progress is not None and self.progress.busy)

    @property
    def change(self) -> tuple[Money, Decimal | None, date] | None:
        """How net worth moved since the first day shown: amount, share of it, and that day."""
        known = self.known_days
        if len(known) < 2 or not self.worth.known:
            return None
        first = known[0]
        moved = self.net_worth - first.net_worth
        base = first.net_worth.amount
        return moved, (moved.amount / base if base > 0 else None), first.day

    @property
    def covers_span(self) -> bool:
        """Whether the days shown reach back to where the span begins."""
        begins = net_worth.since(self.span, self.today)
        known = self.known_days
        return begins is not None and bool(known) and known[0].day <= begins

    def is_stale(self, account: Account) -> bool:
        """Whether an account's balance is older than a reader would expect."""
        return (
            not account.is_manual
            and account.balance_day is not None
            and (
                account.revoked_at is not None
                or account.unreported_since is not None
                or self.today - account.balance_day >= _STALE_AFTER
            )
        )


async def gather(
    db: Db,
    caller: identity.Caller,
    span: Range,
    chosen: Currency | None,
    *,
    with_parts: bool = False,
    environment: str | None = None,
) -> Overview:
    """Read what Overview shows; ask for banks that were not read for a while.

    ``with_parts``: what each day is made of too, which the total's chart does without.
    ``environment``: the one of Plaid's that this server works in; banks of others are not asked.
    """
    owner, today = caller.owner, caller.today
    items = await connections.items(db, owner=owner)
    await connections.ask_if_stale(
        db, owner=owner, items=items, now=caller.now, environment=environment
    )
    refreshes = await connections.refreshes(db, owner=owner, limit=40)
    held = await accounts.list_all(db, owner=owner)
    code = net_worth.base_of(held, chosen or caller.settings.currency)
    worth = await net_worth.worth_of(db, held, base=code, day=today)
    drawn: dict[str, Any] = {
        "owner": owner,
        "base": code,
        "since": net_worth.since(span, today),
        "until": today,
        "without": worth.without,
        "most": _DAYS_DRAWN,
    }
    days = await net_worth.days(db, **drawn)
    # Rows are summed in their own currency: the base currency if anything is held in it.
    moving = next(iter(accounts.currencies_of(held, code)), code)
    summed: dict[str, Any] = {"owner": owner, "currency": moving, "today": today}
    lines = await transactions.spending(db, **summed)
    others = await transactions.other_currencies(db, **summed, months=_MONTHS)
    found = Overview(
        currency=code,
        worth=worth,
        by_currency=in_each_currency(worth),
        unexplained=await _unexplained(db, caller, code, days),
        span=span,
        days=days,
        parts=await net_worth.days_with_parts(db, **drawn) if with_parts else [],
        held=held,
        items=[item for item in items if item.status is not Status.DISCONNECTED],
        spending=_spending(lines, today, moving, alone=bool(others)),
        spent=transactions.spent(lines, moving),
        spent_elsewhere=await transactions.spent_elsewhere(
            db, owner=owner, others=others, today=today
        ),
        flow=await transactions.cash_flow(db, **summed, months=_MONTHS),
        flow_elsewhere=await transactions.flow_elsewhere(
            db, owner=owner, others=others, today=today, months=_MONTHS
        ),
        to_review=await transactions.count_to_review(db, owner=owner),
        progress=_progress(items, refreshes, caller),
        failures=[one for one in refreshes if one.status == "failed"],
        is_demo=caller.is_demo,
        today=today,
    )
    return replace(found, days=_ending_now(days, worth.net_worth, today) if worth.parts else days)


async def _unexplained(
    db: Db, caller: identity.Caller, base: Currency, days: Sequence[WorthDay]
) -> Unexplained | None:
    if not days or days[0].day >= caller.today:
        return None
    found = await net_worth.between(
        db, owner=caller.owner, base=base, since=days[0].day, until=caller.today
    )
    return net_worth.unexplained(found)


def in_each_currency(worth: Worth) -> list[InCurrency]:
    """Return what is held in each currency, the base currency first, where there are several."""
    parts: dict[Currency, list[WorthPart]] = {}
    for part in worth.parts:
        if part.account.balance is not None:
            parts.setdefault(part.account.currency, []).append(part)
    if not parts.keys() - {worth.base}:
        return []
    return [
        _in_currency(code, parts[code], worth.base)
        for code in sorted(parts, key=lambda code: (code != worth.base, code))
    ]


def _in_currency(code: Currency, parts: Sequence[WorthPart], base: Currency) -> InCurrency:
    values = [part.value for part in parts if part.value is not None]
    return InCurrency(
        code,
        total((one.account.balance for one in parts if one.account.balance is not None), code),
        total(values, base) if len(values) == len(parts) else None,
        parts[0].rate,
        [part.account.name for part in parts],
    )


def worth_line(found: Overview, title: str, failed: str, time_zone: str) -> NetWorthLine:
    """Return the chart of the total; days that nobody reported are estimated."""
    points = tuple(
        Point(day.day, None if day.unknown else day.net_worth.amount, day.estimated)
        for day in found.days
    )
    shown = {point.day for point in points}
    missed = sorted({one.started_at.astimezone(zone(time_zone)).date() for one in found.failures})
    marks = tuple(Mark(day, failed) for day in missed if day in shown)
    return NetWorthLine(title, points, found.currency, marks)


def breakdown(found: Overview, title: str) -> NetWorthBreakdown:
    """Return the chart of what net worth is made of."""
    return NetWorthBreakdown(title, tuple(map(holdings, found.parts)), found.currency)


def parts_now(found: Overview) -> list[tuple[str, Money]]:
    """Return what the headline is made of, by group, from the accounts themselves."""
    sums = dict.fromkeys(PARTS, Decimal(0))
    for part in found.worth.parts:
        if part.value is not None:
            sums[part_of(part.account, part.value)] += part.value.amount
    return [(key, Money(amount, found.currency)) for key, amount in sums.items() if amount]


def cash_flow(found: Overview, title: str) -> CashFlow:
    """Return the chart of money in and out by month."""
    months = tuple(
        FlowMonth(one.month, one.money_in.amount, -one.money_out.amount) for one in found.flow
    )
    return CashFlow(title, months, found.spent.currency)


def _ending_now(days: Sequence[WorthDay], now: Money, today: date) -> list[WorthDay]:
    """Return the days with today's as it is this moment, so that the chart ends in the headline."""
    if not days or days[-1].day != today:
        return list(days)
    return [*days[:-1], replace(days[-1], net_worth=now)]


def _spending(
    lines: Sequence[SpendingLine], today: date, code: Currency, *, alone: bool
) -> list[SpendingRow]:
    """Return the rows of the card; each leads to the rows that were summed, and to no others."""
    said = {"since": today.replace(day=1), "until": today, "flow": Kind.SPENDING, "cur": code}
    if alone:
        said["alone"] = "1"
    rows = [
        SpendingRow(
            line.key,
            "/reports/rows?" + urlencode({**said, "category": show("cat", line.category_id)}),
            line.this_month,
            max(line.last_month, zero(line.last_month.currency)),
            line.name,
        )
        for line in lines
        if line.this_month.amount > 0
    ]
    return rows[:_SPENDING_ROWS]


def _progress(
    items: Sequence[Item], refreshes: Sequence[Refresh], caller: identity.Caller
) -> Progress | None:
    coming = [item for item in items if item.status is Status.ACTIVE and not item.history_complete]
    if not coming:
        return None
    wanted = {item.id for item in coming}
    theirs = [one for one in refreshes if one.item_id in wanted]
    running = [one for one in theirs if not one.is_over and one.started_at <= caller.now]
    rows = sum(one.added for one in theirs) + sum(one.rows_fetched for one in running)
    never = any(item.last_successful_update is None for item in coming)
    return Progress(coming, rows, busy=bool(running) or never)
