"""The commands ``doubles``: rows that two sources may have told, and answering whether they did."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom.core import ids, terminal
from strongroom.core.ids import TransactionId
from strongroom.core.plain import amount_text
from strongroom.transactions import doubles
from strongroom.transactions.doubles import Double

app = typer.Typer(no_args_is_help=True, help="Rows that may be told twice: list, confirm, reject.")
Which = Annotated[str, typer.Argument(help="Its id (dbl_…).")]


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List pairs of rows that may be one event, the newest first. None is merged by itself."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> list[Double]:
        async with session.work() as (db, owner):
            return await doubles.list_asked(db, owner=owner, limit=limit)

    found = session.run(work())
    if session.as_json:
        session.print_json([_json(one) for one in found])
        return
    session.print_table(
        ["Account", ">Amount", "", "Stays", "Would go", ">Of 100", "Id"],
        [
            (
                one.account_name,
                amount_text(one.amount.amount, one.amount.currency),
                one.amount.currency,
                f"{one.kept.day} {one.kept.title} ({one.kept.origin})",
                f"{one.row.day} {one.row.title} ({one.row.origin})",
                one.score,
                ids.show("dbl", one.id),
            )
            for one in found
        ],
        empty="Nothing to answer.",
    )


@app.command()
def confirm(
    ctx: typer.Context,
    double: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that the two are one: one row stays, with what you made of either."""
    session = terminal.session(ctx, json=json, person=person)
    double_id: UUID = ids.parse("dbl", double)

    async def work() -> tuple[TransactionId, UUID]:
        async with session.work() as (db, owner):
            return await doubles.merge(
                db, owner=owner, double_id=double_id, now=session.now(), actor="cli"
            )

    left, edit_id = session.run(work())
    edit = ids.show("edt", edit_id)
    if session.as_json:
        session.print_json({"transaction": ids.show("trn", left), "edit": edit})
    session.say(f"They are one now. Undo with: strongroom transactions undo {edit}")


@app.command()
def reject(
    ctx: typer.Context,
    double: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that they are two: both stay, and it is not asked again."""
    session = terminal.session(ctx, json=json, person=person)
    double_id: UUID = ids.parse("dbl", double)

    async def work() -> Double:
        async with session.work() as (db, owner):
            return await doubles.reject(
                db, owner=owner, double_id=double_id, now=session.now(), actor="cli"
            )

    was = session.run(work())
    if session.as_json:
        session.print_json(_json(was))
    session.say("They stay two. It is not asked again.")


def _json(one: Double) -> dict[str, Any]:
    return {
        "id": ids.show("dbl", one.id),
        "account_id": ids.show("acc", one.account_id),
        "amount": one.amount,
        "kept": ids.show("trn", one.kept.id),
        "row": ids.show("trn", one.row.id),
        "score": one.score,
        "days": one.days,
    }
