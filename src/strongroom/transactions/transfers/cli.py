"""The commands ``transfers``: what was matched and why, what is asked, and answering it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom.core import ids, terminal
from strongroom.core.ids import TransactionId
from strongroom.core.plain import amount_text
from strongroom.transactions import transfers
from strongroom.transactions.matching_labels import reason_text
from strongroom.transactions.transfers import State, Transfer

app = typer.Typer(
    no_args_is_help=True, help="Transfers between your accounts: list, confirm, reject, link."
)
Which = Annotated[str, typer.Argument(help="Its id (trf_…).")]


@app.command("list")
def list_(
    ctx: typer.Context,
    asked: Annotated[
        bool, typer.Option("--asked", help="Those that wait for your word instead.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List transfers, the newest first, with why they were matched."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session, State.PROPOSED if asked else State.MATCHED, limit))


async def _list(session: terminal.Session, state: State, limit: int) -> None:
    async with session.work() as (db, owner):
        found = await transfers.list_newest(db, owner=owner, state=state, limit=limit)
    if session.as_json:
        session.print_json([_json(one) for one in found])
        return
    session.print_table(
        ["Day", "From", "To", ">Amount", "", "Why", "Id"],
        [
            (
                one.out.day,
                one.out.account_name,
                one.into.account_name,
                amount_text(one.into.amount.amount, one.into.amount.currency),
                one.into.amount.currency,
                ", ".join(reason_text(reason) for reason in one.reasons if reason.points > 0),
                ids.show("trf", one.id),
            )
            for one in found
        ],
        empty="No transfers.",
    )


@app.command()
def confirm(
    ctx: typer.Context,
    transfer: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it is a transfer, whatever comes."""
    _answer(terminal.session(ctx, json=json, person=person), transfers.confirm, transfer)


@app.command()
def reject(
    ctx: typer.Context,
    transfer: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it is none: remembered, and both rows count again."""
    _answer(terminal.session(ctx, json=json, person=person), transfers.reject, transfer)


@app.command()
def link(
    ctx: typer.Context,
    one: Annotated[str, typer.Argument(help="A transaction (trn_…).")],
    other: Annotated[str, typer.Argument(help="The one on the other account (trn_…).")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Make two transactions of two accounts one transfer."""
    session = terminal.session(ctx, json=json, person=person)
    legs = (TransactionId(ids.parse("trn", one)), TransactionId(ids.parse("trn", other)))

    async def work() -> Transfer:
        async with session.work() as (db, owner):
            return await transfers.link(
                db, owner=owner, transaction_ids=legs, now=session.now(), actor="cli"
            )

    _told(session, session.run(work()))


def _answer(
    session: terminal.Session, verb: Callable[..., Awaitable[Transfer]], transfer: str
) -> None:
    transfer_id: UUID = ids.parse("trf", transfer)

    async def work() -> Transfer:
        async with session.work() as (db, owner):
            return await verb(
                db, owner=owner, transfer_id=transfer_id, now=session.now(), actor="cli"
            )

    _told(session, session.run(work()))


def _told(session: terminal.Session, done: Transfer) -> None:
    if session.as_json:
        session.print_json(_json(done))
    else:
        session.say(f"{done.out.account_name} to {done.into.account_name}, {done.out.day}: noted.")


def _json(one: Transfer) -> dict[str, Any]:
    return {
        "id": ids.show("trf", one.id),
        "kind": one.kind,
        "state": one.state,
        "out": ids.show("trn", one.out.id),
        "into": ids.show("trn", one.into.id),
        "day": one.out.day.isoformat(),
        "amount": str(one.into.amount.amount),
        "currency": one.into.amount.currency,
        "score": one.score,
        "reasons": {reason.fact: reason.points for reason in one.reasons},
        "made_by": one.made_by,
        "confirmed": one.confirmed_at is not None,
    }
