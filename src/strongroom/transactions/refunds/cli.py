"""The commands ``refunds``: what came back for what, what is asked, and answering it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom.core import ids, terminal
from strongroom.core.ids import TransactionId
from strongroom.core.plain import amount_text
from strongroom.transactions import refunds
from strongroom.transactions.matching_labels import reason_text
from strongroom.transactions.refunds import Refund
from strongroom.transactions.transfers import State

app = typer.Typer(
    no_args_is_help=True, help="Refunds and their purchases: list, confirm, reject, link."
)
Which = Annotated[str, typer.Argument(help="Its id (rfd_…).")]


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
    """List refunds with their purchases, the newest first, and why they were linked."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> list[Refund]:
        state = State.PROPOSED if asked else State.MATCHED
        async with session.work() as (db, owner):
            return await refunds.list_newest(db, owner=owner, state=state, limit=limit)

    found = session.run(work())
    if session.as_json:
        session.print_json([_json(one) for one in found])
        return
    session.print_table(
        ["Day", "From", ">Came back", "", "For what was bought", "Why", "Id"],
        [
            (
                one.refund.day,
                one.refund.title,
                amount_text(one.refund.amount.amount, one.refund.amount.currency),
                one.refund.amount.currency,
                f"{one.purchase.title} on {one.purchase.day}",
                ", ".join(reason_text(reason) for reason in one.reasons if reason.points > 0),
                ids.show("rfd", one.id),
            )
            for one in found
        ],
        empty="No refunds.",
    )


@app.command()
def confirm(
    ctx: typer.Context,
    refund: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it is one, whatever comes."""
    _answer(terminal.session(ctx, json=json, person=person), refunds.confirm, refund)


@app.command()
def reject(
    ctx: typer.Context,
    refund: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say that it is none: remembered."""
    _answer(terminal.session(ctx, json=json, person=person), refunds.reject, refund)


@app.command()
def link(
    ctx: typer.Context,
    refund: Annotated[str, typer.Argument(help="What came back (trn_…).")],
    purchase: Annotated[str, typer.Argument(help="What it came back for (trn_…).")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Make a transaction the refund of another."""
    session = terminal.session(ctx, json=json, person=person)
    came, paid = (TransactionId(ids.parse("trn", one)) for one in (refund, purchase))

    async def work() -> Refund:
        async with session.work() as (db, owner):
            return await refunds.link(
                db, owner=owner, refund=came, purchase=paid, now=session.now(), actor="cli"
            )

    _told(session, session.run(work()))


def _answer(session: terminal.Session, verb: Callable[..., Awaitable[Refund]], refund: str) -> None:
    refund_id: UUID = ids.parse("rfd", refund)

    async def work() -> Refund:
        async with session.work() as (db, owner):
            return await verb(db, owner=owner, refund_id=refund_id, now=session.now(), actor="cli")

    _told(session, session.run(work()))


def _told(session: terminal.Session, done: Refund) -> None:
    if session.as_json:
        session.print_json(_json(done))
    session.say(f"{done.refund.title}, {done.refund.day}, for {done.purchase.title}: noted.")


def _json(one: Refund) -> dict[str, Any]:
    return {
        "id": ids.show("rfd", one.id),
        "state": one.state,
        "refund": ids.show("trn", one.refund.id),
        "purchase": ids.show("trn", one.purchase.id),
        "day": one.refund.day,
        "amount": one.refund.amount,
        "score": one.score,
        "reasons": {reason.fact: reason.points for reason in one.reasons},
        "made_by": one.made_by,
        "confirmed": one.confirmed_at is not None,
    }
