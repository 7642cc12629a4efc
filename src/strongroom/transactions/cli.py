"""The commands ``transactions``: the book as the pages filter it, and a person's own hand in it.

Without a command's name the rest is what to look for: ``strongroom transactions kiosk``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from strongroom import transactions
from strongroom.core import ids, terminal
from strongroom.core.ids import AccountId
from strongroom.core.plain import amount_text, plain
from strongroom.transactions import Filter, Position, Transaction, marks_cli
from strongroom.transactions.manual import cli as manual_cli

_PAGE = 500


app = typer.Typer(
    cls=terminal.ListFirst,
    help="Transactions: list (also without a command), add, change, tag, split, attach, undo.",
)


@app.command("list")
def list_(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Text or an amount to look for.")] = "",
    account: Annotated[str | None, typer.Option(help="Only this account (acc_…).")] = None,
    category: Annotated[
        str, typer.Option(help="Only this category, such as groceries or cat_….")
    ] = "",
    tag: Annotated[str, typer.Option(help="Only what has this tag.")] = "",
    since: terminal.Since = None,
    until: terminal.Until = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of them, not just some.")] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List transactions, newest first. Money in is positive."""
    session = terminal.session(ctx, json=json, person=person)
    wanted = Filter(
        text=text,
        category=category,
        tag=tag,
        account_id=None if account is None else AccountId(ids.parse("acc", account)),
        since=since and since.date(),
        until=until and until.date(),
    )
    session.run(_list(session, wanted, None if everything else limit))


async def _list(session: terminal.Session, wanted: Filter, limit: int | None) -> None:
    found: list[Transaction] = []
    after: Position | None = None
    asked = wanted.text
    async with session.work() as (db, owner):
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = await transactions.search_near(
                db, owner=owner, filter=wanted, after=after, limit=size
            )
            wanted = replace(wanted, text=page.instead or wanted.text)
            found += page.items
            after = page.next
            if after is None:
                break
    if wanted.text != asked:
        typer.echo(f"Nothing has {asked!r}. Shown: {wanted.text!r}.", err=True)
    if session.as_json:
        session.print_json([_json(one) for one in found])
        return
    session.print_table(
        ["Day", "What", "Category", "Account", ">Amount", "", ""],
        [
            (
                one.day,
                one.title,
                one.category_name or one.category_key,
                one.account_name + (f" ••{one.account_mask}" if one.account_mask else ""),
                amount_text(one.amount.amount, one.amount.currency),
                one.amount.currency,
                "pending" if one.pending else "",
            )
            for one in found
        ],
        empty="No transactions.",
    )


def _json(one: Transaction) -> dict[str, Any]:
    return {
        **plain(one),
        "id": ids.show("trn", one.id),
        "account_id": ids.show("acc", one.account_id),
        "category_id": ids.show("cat", one.category_id),
    }


app.command()(manual_cli.add)
app.command()(manual_cli.change)
app.command()(manual_cli.delete)
app.command()(manual_cli.undo)
app.command()(manual_cli.changes)
app.command()(manual_cli.history)
app.command()(manual_cli.same)
app.command()(marks_cli.tag)
app.command()(marks_cli.split)
app.command()(marks_cli.attach)
app.command()(marks_cli.attached)
app.command()(marks_cli.fetch)
app.command()(marks_cli.detach)
