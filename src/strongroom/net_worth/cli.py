"""The command ``networth``: what is owned less what is owed, now and by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from strongroom import net_worth
from strongroom.core import ids, terminal
from strongroom.core.plain import amount_text, money_json, plain
from strongroom.net_worth import Live


def show(
    ctx: typer.Context,
    series: Annotated[bool, typer.Option("--series", help="Each day's figure as well.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day of the series.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show your net worth, one figure a currency: they are never added together."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_show(session, series, since))


async def _show(session: terminal.Session, series: bool, since: datetime | None) -> None:
    async with session.work() as (db, owner):
        await net_worth.refresh(db, owner=owner, now=session.now())
        figures = await net_worth.live(db, owner=owner)
        days = {
            one.currency: await net_worth.series(
                db,
                owner=owner,
                currency=one.currency,
                since=since and since.date(),
                # Tomorrow here may be today where the person lives.
                until=session.now().date() + timedelta(days=1),
            )
            for one in figures
            if series
        }
    if session.as_json:
        session.print_json(
            [_json(one) | {"series": plain(days.get(one.currency, []))} for one in figures]
        )
        return
    for one in figures:
        session.say(f"{amount_text(one.net_worth.amount, one.currency)} {one.currency}")
        session.print_table(
            ["Account", ">Balance"],
            [
                (account.name, amount_text(account.balance.amount, one.currency))
                for account in one.accounts
                if account.balance is not None
            ],
        )
        for account in one.unknown:
            session.say(f"{account.name}: balance unknown, not counted")
        if series:
            session.print_table(
                ["Day", ">Net worth", ""],
                [
                    (
                        day.day,
                        amount_text(day.net_worth.amount, one.currency),
                        "estimated" if day.estimated else "",
                    )
                    for day in days[one.currency]
                ],
            )
    if not figures:
        session.say("No accounts yet. Link a bank with: strongroom link")


def _json(one: Live) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "net_worth": money_json(one.net_worth),
        "accounts": [
            {
                "id": ids.show("acc", account.id),
                "name": account.name,
                "balance": plain(account.balance),
            }
            for account in one.accounts
        ],
        "unknown": [ids.show("acc", account.id) for account in one.unknown],
    }
