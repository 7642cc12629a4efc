"""The command ``networth``: what is owned less what is owed, now and by day."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import typer

from strongroom import accounts, identity, net_worth
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.core.plain import amount_text, plain
from strongroom.core.time import today
from strongroom.net_worth import Range, Remainder, Worth, WorthDay, WorthSnapshot

_DAY = ["%Y-%m-%d"]
_NOTHING = "unknown: no rate is known of anything you hold (load one: strongroom fx load FILE)"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    series: bool
    parts: bool
    remainders: bool
    as_csv: bool
    span: Range
    since: date | None
    until: date | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to show."""

    worth: Worth
    days: list[WorthDay] | list[WorthSnapshot]
    remainders: list[Remainder]


def show(
    ctx: typer.Context,
    series: Annotated[bool, typer.Option("--series", help="Each day's figure as well.")] = False,
    parts: Annotated[
        bool, typer.Option("--parts", help="What each of those days is made of.")
    ] = False,
    remainders: Annotated[
        bool, typer.Option("--remainders", help="What no transaction explains, by account and day.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The days as CSV, and no more.")] = False,
    span: Annotated[Range, typer.Option("--range", help="Which days.")] = Range.YEAR,
    since: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The first day, in place of a range.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="The last day.")] = None,
    code: Annotated[
        str, typer.Option("--currency", help="The currency to show it in; yours without.")
    ] = "",
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show your net worth in one currency, at the rates of each day.

    Where no rate is known, an account is named and not counted.
    """
    session = terminal.session(ctx, json=json, person=person)
    wish = _Wish(
        series or parts or as_csv,
        parts or as_csv,
        remainders,
        as_csv,
        span,
        since and since.date(),
        until and until.date(),
        code,
    )
    session.run(_show(session, wish))


async def _show(session: terminal.Session, wish: _Wish) -> None:
    async with session.work() as (db, owner):
        await net_worth.refresh(db, owner=owner, now=session.now())
        found = await _find(db, owner, wish, session.now())
    if wish.as_csv:
        sys.stdout.write(net_worth.as_csv(_with_parts(found)))
    elif session.as_json:
        session.print_json(_json(found, wish))
    else:
        _say(session, found)


async def _find(db: Db, owner: UserId, wish: _Wish, now: datetime) -> _Found:
    settings = await identity.get_settings(db, owner=owner)
    day = today(now, settings.time_zone)
    chosen = settings.currency
    if wish.currency:
        chosen = await accounts.currency_asked(db, owner=owner, code=wish.currency)
    base = await net_worth.base_currency(db, owner=owner, chosen=chosen)
    last = min(wish.until or day, day)
    first = wish.since or net_worth.since(wish.span, last)
    if first is not None and first > last:
        raise net_worth.SpanIsBackToFront("The first day must come before the last.", field="since")
    read = net_worth.days_with_parts if wish.parts else net_worth.days
    return _Found(
        worth=await net_worth.worth(db, owner=owner, base=base, day=day),
        days=await read(db, owner=owner, base=base, since=first, until=last) if wish.series else [],
        remainders=await net_worth.remainders(db, owner=owner, since=first or date.min, until=last)
        if wish.remainders
        else [],
    )


def _with_parts(found: _Found) -> list[WorthSnapshot]:
    return [day for day in found.days if isinstance(day, WorthSnapshot)]


def _text(money: Money | None) -> str:
    return "" if money is None else amount_text(money.amount, money.currency)


def _say(session: terminal.Session, found: _Found) -> None:
    worth = found.worth
    if not worth.parts:
        session.say("No accounts yet. Link a bank with: strongroom link")
        return
    session.say(f"{_text(worth.net_worth)} {worth.base}" if worth.known else _NOTHING)
    session.print_table(
        ["Account", ">Balance", "", f">{worth.base}"],
        [
            (one.account.name, _text(one.account.balance), one.account.currency, _text(one.value))
            for one in worth.parts
        ],
    )
    for account in worth.unknown:
        why = "balance unknown" if account.balance is None else _no_rate(worth, account.currency)
        session.say(f"{account.name}: {why}, not counted")
    if found.days:
        session.print_table(
            ["Day", ">Net worth", "", ""],
            [
                (
                    one.day,
                    _text(one.net_worth) if one.known else "unknown",
                    "estimated" if one.estimated else "",
                    f"without {', '.join(one.unknown)}" if one.unknown else "",
                )
                for one in found.days
            ],
        )
    if found.remainders:
        session.print_table(
            ["Day", "Account", ">Change", ">Rows", ">Remainder", "", ""],
            [
                (one.day, one.name, _text(one.change), _text(one.moved), _text(one.remainder),
                 one.remainder.currency, one.kind.value)
                for one in found.remainders
            ],
        )  # fmt: skip


def _no_rate(worth: Worth, code: Currency) -> str:
    load = "(load one: strongroom fx load FILE)"
    if code in worth.newest:
        return f"the newest rate of {code} is of {worth.newest[code]} and too old {load}"
    return f"no rate of {code} is known {load}"


def _json(found: _Found, wish: _Wish) -> dict[str, Any]:
    worth = found.worth
    shown: dict[str, Any] = {
        "currency": worth.base,
        "day": plain(worth.day),
        "known": worth.known,
        "net_worth": plain(worth.net_worth) if worth.known else None,
        "assets": plain(worth.assets) if worth.known else None,
        "liabilities": plain(worth.liabilities) if worth.known else None,
        "accounts": [
            {
                "id": ids.show("acc", one.account.id),
                "name": one.account.name,
                "balance": plain(one.account.balance),
                "value": plain(one.value),
                "rate": plain(one.rate),
            }
            for one in worth.parts
        ],
        "unknown": [ids.show("acc", account.id) for account in worth.unknown],
    }
    if wish.series:
        shown["series"] = [
            plain(one) if one.known else {**plain(one), "net_worth": None} for one in found.days
        ]
    if wish.remainders:
        shown["remainders"] = [
            plain(one) | {"account": ids.show("acc", one.account)} for one in found.remainders
        ]
    return shown
