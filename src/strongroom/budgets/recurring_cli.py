"""The commands ``recurring``: what comes again and again, looked for anew, and judging it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from strongroom import budgets
from strongroom.budgets import RecurringId, RecurringItem, Standing, Verdict
from strongroom.core import ids, terminal
from strongroom.core.plain import amount_text, plain

app = typer.Typer(
    cls=terminal.ListFirst,
    help="What comes again and again: list (also without a command), confirm, dismiss, reopen.",
)
Which = Annotated[str, typer.Argument(help="Its id (rec_…).")]


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what ended, and what you dismissed.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List what comes again and again, the next first. Money in is positive."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session, everything))


async def _list(session: terminal.Session, everything: bool) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        await budgets.look_through(services.database, owner=owner, now=session.now())
        async with services.database.unit_of_work(owner) as db:
            found = await budgets.recurring_items(db, owner=owner)
    shown = [one for one in found if everything or one.counts]
    if session.as_json:
        session.print_json([_json(one) for one in shown])
        return
    session.print_table(
        ["Next", "What", "How often", "Account", ">Amount", "", "Id", ""],
        [
            (
                "" if one.standing is Standing.ENDED else one.next_on,
                one.title,
                one.cadence.replace("_", " "),
                one.account_name,
                ("about " if one.varies else "")
                + amount_text(one.amount.amount, one.amount.currency),
                one.amount.currency,
                ids.show("rec", one.id),
                _note(one),
            )
            for one in shown
        ],
        empty="Nothing comes again and again so far.",
    )


@app.command()
def confirm(
    ctx: typer.Context,
    item: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it comes again and again, whatever is found."""
    _judge(terminal.session(ctx, json=json, person=person), item, Verdict.CONFIRMED)


@app.command()
def dismiss(
    ctx: typer.Context,
    item: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it does not: it is neither expected nor forecast any more."""
    _judge(terminal.session(ctx, json=json, person=person), item, Verdict.DISMISSED)


@app.command()
def reopen(
    ctx: typer.Context,
    item: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Take back what you said of it."""
    _judge(terminal.session(ctx, json=json, person=person), item, None)


def _judge(session: terminal.Session, item: str, verdict: Verdict | None) -> None:
    item_id = RecurringId(ids.parse("rec", item))

    async def work() -> RecurringItem:
        async with session.work() as (db, owner):
            return await budgets.judge_recurring(
                db, owner=owner, item_id=item_id, verdict=verdict, now=session.now(), actor="cli"
            )

    done = session.run(work())
    if session.as_json:
        session.print_json(_json(done))
    session.say(f"{done.title}: {verdict or 'as it was found'}.")


def _note(one: RecurringItem) -> str:
    notes = []
    if one.verdict is Verdict.DISMISSED:
        notes.append("dismissed")
    if one.standing is Standing.ENDED:
        notes.append(f"ended, last on {one.last_on}")
    if one.standing is Standing.MISSED:
        notes.append(f"expected {one.due_on}, not seen")
    if one.rise is not None and one.was is not None and one.amount.amount < 0:
        was = amount_text(abs(one.was).amount, one.was.currency)
        notes.append(f"was {was} until {one.changed_on}")
    return "; ".join(notes)


def _json(one: RecurringItem) -> dict[str, Any]:
    return {
        **plain(one),
        "id": ids.show("rec", one.id),
        "account_id": ids.show("acc", one.account_id),
        "category_id": None if one.category_id is None else ids.show("cat", one.category_id),
    }
