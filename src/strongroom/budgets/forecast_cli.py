"""The command ``forecast``: what the accounts you live from may hold on the coming 90 days."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from strongroom import budgets
from strongroom.budgets import Band, Forecast
from strongroom.budgets.forecast_labels import what_is_lacking
from strongroom.core import terminal
from strongroom.core.money import Money
from strongroom.core.plain import amount_text, plain

_WEEK = 7


def show(
    ctx: typer.Context,
    every_day: Annotated[bool, typer.Option("--daily", help="Each day, not each week.")] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Forecast what the accounts you live from may hold, one currency at a time."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_show(session, every_day, session.now()))


async def _show(session: terminal.Session, every_day: bool, now: datetime) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        await budgets.look_through(services.database, owner=owner, now=now)
        made = await budgets.make_forecasts(services.database, owner=owner, now=now)
    if session.as_json:
        session.print_json([plain(one) for one in made])
        return
    for one in made:
        _print(session, one, every_day)
    if not made:
        session.say("There is no account to live from yet. Link a bank with: strongroom link")


def _print(session: terminal.Session, one: Forecast, every_day: bool) -> None:
    session.say(f"{one.currency}: {_text(one.begins)} on {one.day}")
    if one.lacking is not None:
        session.say(f"No forecast. {what_is_lacking(one.lacking)}")
        return
    shown = [
        band for n, band in enumerate(one.bands, 1) if every_day or n % _WEEK == 0
    ] or one.bands
    session.print_table(
        ["Day", ">95 in 100, from", ">8 in 10, from", ">5 in 10, from", ">Most likely",
         ">5 in 10, to", ">8 in 10, to", ">95 in 100, to"],
        [_line(band) for band in shown],
    )  # fmt: skip
    shares = {level: one.check.share(level) for level in (50, 80, 95)}
    told = ", ".join(
        f"{_percent(share)} in the band of {level}"
        for level, share in shares.items()
        if share is not None
    )
    session.say(
        f"Checked on {one.check.origins} days of your past, {one.check.checks} days ahead: {told}."
        if told
        else "Your history is too short to check this on your own past."
    )


def _line(band: Band) -> tuple[object, ...]:
    amounts = (
        band.low_95, band.low_80, band.low_50, band.middle, band.high_50, band.high_80,
        band.high_95,
    )  # fmt: skip
    return (band.day, *map(_text, amounts))


def _text(amount: Money) -> str:
    return amount_text(amount.amount, amount.currency)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %"
