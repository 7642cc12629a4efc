"""The command ``why``: what changed net worth between two days, or a month's spending."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

import typer

from strongroom import accounts, identity, net_worth
from strongroom.core import terminal
from strongroom.core.plain import amount_text
from strongroom.core.time import today
from strongroom.net_worth.why import spending_cli
from strongroom.net_worth.why.labels import cause_label, kind_label
from strongroom.net_worth.why.service import explain
from strongroom.net_worth.why.types import Cause, Why


def why(
    ctx: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="From the end of this day; last month's last."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="To the end of it; today.")
    ] = None,
    spending: Annotated[
        str,
        typer.Option(metavar="MONTH", help="A month's spending in place of net worth: 2026-11."),
    ] = "",
    against: Annotated[
        str, typer.Option(metavar="MONTH", help="With --spending: against it; the one before.")
    ] = "",
    code: Annotated[str, typer.Option("--currency", help="What to reckon in.")] = "",
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say why net worth changed between two days: causes that add up to the difference.

    With --spending, why a month's spending is another than that of the month before.
    """
    session = terminal.session(ctx, json=json, person=person)
    if spending or against:
        spending_cli.show(session, spending, against, code)
        return
    found = session.run(_read(session, since, until, code))
    if session.as_json:
        session.print_json(found)
        return
    session.say(
        f"{_text(found.before.amount, found) if found.before_known else 'unknown'} became "
        f"{_text(found.after.amount, found) if found.after_known else 'unknown'} "
        f"{found.base} from {found.since} to {found.until}."
    )
    rows = [row for cause in found.causes for row in _lines(cause, found)]
    rows.append(("Together", _text(found.difference.amount, found)))
    session.print_table(["Cause", ">Changed it by"], rows)
    for one in found.left:
        session.say(f"{one.account_name}: no rate of {one.balance.currency} is known, not counted")
    if not (found.before_known and found.after_known):
        session.say("Unknown, for no rate holds on that day. Load some: strongroom fx load FILE")


async def _read(
    session: terminal.Session,
    since: datetime | None,
    until: datetime | None,
    code: str,
) -> Why:
    async with session.work() as (db, owner):
        settings = await identity.get_settings(db, owner=owner)
        await net_worth.refresh(db, owner=owner, now=session.now())
        now = today(session.now(), settings.time_zone)
        last = min(until.date() if until else now, now)
        first = since.date() if since else last.replace(day=1) - timedelta(days=1)
        chosen = settings.currency
        if code:
            chosen = await accounts.currency_asked(db, owner=owner, code=code)
        base = await net_worth.base_currency(db, owner=owner, chosen=chosen)
        return await explain(db, owner=owner, base=base, since=first, until=last)


def _lines(cause: Cause, found: Why) -> list[tuple[str, str]]:
    inside = [(f"  {cause_label(one)}", _text(one.amount.amount, found)) for one in cause.inside]
    return [(kind_label(cause.kind), _text(cause.amount.amount, found)), *inside]


def _text(amount: Decimal, found: Why) -> str:
    return amount_text(amount, found.base)
