"""Net worth in the one currency that a person chose: now, by day, and by what it is made of.

Nothing in that currency is stored: snapshots hold each currency apart, and the rate of each day is
put to them as they are read. So no change of a rate, or of the choice, can leave a figure behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from strongroom import accounts, fx
from strongroom.accounts import Account, Category
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money, total
from strongroom.fx import Rate
from strongroom.net_worth import day_queries
from strongroom.net_worth.changing import kind_of, kind_of_projected
from strongroom.net_worth.converting import Part, convert
from strongroom.net_worth.day_queries import PartsRow, RemainderRow, Span
from strongroom.net_worth.types import Remainder, Worth, WorthDay, WorthPart, WorthSnapshot

_IF_NOTHING_SAYS = Currency("EUR")


def base_of(held: Iterable[Account], chosen: Currency | None) -> Currency:
    """Return the base currency: the chosen one, or the one that most open accounts are in."""
    if chosen is not None:
        return chosen
    return next(iter(accounts.currencies_of(held, None)), _IF_NOTHING_SAYS)


async def base_currency(db: Db, *, owner: UserId, chosen: Currency | None) -> Currency:
    """Return what ``base_of`` does, of the owner's accounts."""
    return chosen or base_of(await accounts.list_all(db, owner=owner), chosen)


async def worth(db: Db, *, owner: UserId, base: Currency, day: date) -> Worth:
    """Return net worth now in ``base``, at the rates of ``day``, the person's today."""
    return await worth_of(db, await accounts.list_all(db, owner=owner), base=base, day=day)


async def worth_of(db: Db, held: Iterable[Account], *, base: Currency, day: date) -> Worth:
    """Return what ``worth`` does, from accounts that were listed already."""
    open_ones = [account for account in held if account.closed_at is None]
    others = {account.currency for account in open_ones} - {base}
    rates = await fx.rates_on(db, codes=others, quote=base, days=[day]) if others else {}
    rates_today = {code: rate for (code, _), rate in rates.items()}
    rates_today[base] = Rate(Decimal(1), day, "same currency", None)
    parts = [Part(one.balance, one.category) for one in open_ones if one.balance is not None]
    values = iter(convert(parts, {c: r.rate for c, r in rates_today.items()}, base))
    shown = [
        WorthPart(
            account,
            None if account.balance is None else next(values),
            rates_today.get(account.currency),
        )
        for account in open_ones
    ]
    found = _worth(shown, base, day)
    if not found.without:
        return found
    newest = await fx.newest_days(db, codes=found.without, quote=base, day=day)
    return replace(found, newest=newest)


def _worth(parts: Sequence[WorthPart], base: Currency, day: date) -> Worth:
    counted = [
        (Part(part.account.balance, part.account.category).key, part.value)
        for part in parts
        if part.account.balance is not None and part.value is not None
    ]
    owned, owed = _sides(counted)
    assets, liabilities = total(owned.values(), base), total(owed.values(), base)
    return Worth(base, day, assets - liabilities, assets, liabilities, owned, owed, parts)


def _sides(
    counted: Iterable[tuple[Category, Money]],
) -> tuple[dict[str, Money], dict[str, Money]]:
    """Return sums by key: what is owned, and what is owed without its sign."""
    owned: dict[str, Money] = {}
    owed: dict[str, Money] = {}
    for key, value in counted:
        if not value:
            continue
        side, amount = (owed, -value) if key.is_debt else (owned, value)
        side[key.value] = side[key.value] + amount if key.value in side else amount
    return dict(sorted(owned.items())), dict(sorted(owed.items()))


async def days(
    db: Db,
    *,
    owner: UserId,
    base: Currency,
    since: date | None,
    until: date,
    without: Collection[Currency] = (),
    most: int | None = None,
) -> list[WorthDay]:
    """Return net worth by day in ``base``, oldest first, both ends included.

    ``without``: currencies that are left out on every day, for a line that compares like with
    like where one of them has no rate today. ``most``: about how many days to return at most,
    evenly, the first and the last among them; what a chart can show.
    """
    span = await _span(db, owner, base, since, until, without, most)
    return [
        WorthDay(day, Money(amount, base), estimated, [Currency(code) for code in unknown], known)
        for day, amount, estimated, unknown, known in await day_queries.days(db, span)
    ]


async def days_as_json(
    db: Db, *, owner: UserId, base: Currency, since: date | None, until: date
) -> str:
    """Return what ``days`` does as a JSON array, as the interface shows it.

    Written by the database: ten years are thousands of days, of which nothing else is wanted.
    """
    span = await _span(db, owner, base, since, until, (), None)
    return f"[{await day_queries.days_as_json(db, span)}]"


async def days_with_parts(
    db: Db,
    *,
    owner: UserId,
    base: Currency,
    since: date | None,
    until: date,
    without: Collection[Currency] = (),
    most: int | None = None,
) -> list[WorthSnapshot]:
    """Return what ``days`` does with what each day is made of."""
    span = await _span(db, owner, base, since, until, without, most)
    rows = await day_queries.days_with_parts(db, span)
    return [
        _snapshot(day, list(of_day), base) for day, of_day in groupby(rows, lambda row: row.day)
    ]


async def _span(
    db: Db,
    owner: UserId,
    base: Currency,
    since: date | None,
    until: date,
    without: Collection[Currency],
    most: int | None,
) -> Span:
    codes = await day_queries.currencies(db, owner)
    others = [code for code in codes if code != base and code not in without]
    begins, last = await day_queries.ends(db, owner, until)
    first = begins if since is None else max(since, begins)
    every = 1 if most is None else max(1, -(-((last - first).days + 1) // most))
    return Span(owner, base, others, first, last, every)


def _snapshot(day: date, rows: Sequence[PartsRow], base: Currency) -> WorthSnapshot:
    parts: list[Part] = []
    for row in rows:
        code = Currency(row.currency)
        parts += [_part(text, key, code, 1) for key, text in row.asset_breakdown.items()]
        parts += [_part(text, key, code, -1) for key, text in row.liability_breakdown.items()]
    rates = {Currency(row.currency): row.rate for row in rows if row.rate is not None}
    values = convert(parts, rates, base)
    owned, owed = _sides(
        (part.category, value)
        for part, value in zip(parts, values, strict=True)
        if value is not None
    )
    assets, liabilities = total(owned.values(), base), total(owed.values(), base)
    unknown = sorted(
        {part.amount.currency for part, value in zip(parts, values, strict=True) if value is None}
    )
    return WorthSnapshot(
        day=day,
        base=base,
        net_worth=assets - liabilities,
        assets=assets,
        liabilities=liabilities,
        asset_breakdown=owned,
        liability_breakdown=owed,
        estimated=any(row.estimated for row in rows),
        unknown=unknown,
        known=not unknown or bool(rates),
    )


def _part(text: str, key: str, code: Currency, sign: int) -> Part:
    return Part(Money(sign * Decimal(text), code), Category(key))


async def remainders(
    db: Db, *, owner: UserId, since: date, until: date, account_id: AccountId | None = None
) -> list[Remainder]:
    """Return what no transaction explains, by account and day, newest first.

    From the end of ``since`` to the end of ``until``. Those of one account add up to its
    ``remainder`` in ``between``, to the last decimal; the same rows count. What a rate or a loan's
    schedule did comes once a month, on the newest of its days.
    """
    found: list[Remainder] = []
    months: dict[tuple[AccountId, int, int], int] = {}
    for row in await day_queries.remainders(db, owner, account_id, since, until):
        one = _remainder(row)
        month = (one.account, one.day.year, one.day.month)
        if row.projected and month in months:
            newest = found[months[month]]
            found[months[month]] = replace(
                newest,
                after=one.after,
                change=newest.change + one.change,
                moved=newest.moved + one.moved,
                remainder=newest.remainder + one.remainder,
            )
            continue
        if row.projected:
            months[month] = len(found)
        found.append(one)
    return [one for one in found if one.remainder]


def _remainder(row: RemainderRow) -> Remainder:
    category, code = Category(row.category), Currency(row.currency)
    told = kind_of(category, is_manual=row.is_manual, has_rows=row.has_rows)
    return Remainder(
        account=AccountId(row.account_id),
        name=row.name,
        category=category,
        kind=kind_of_projected(category) if row.projected else told,
        day=row.day,
        after=row.after,
        change=Money(row.change, code),
        moved=Money(row.moved, code),
        remainder=Money(row.remainder, code),
    )
