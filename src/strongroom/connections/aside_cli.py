"""The command ``connections aside``: what banks told that could not be taken in, and why."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom import connections
from strongroom.connections import SetAside
from strongroom.core import ids, terminal
from strongroom.core.ids import ItemId
from strongroom.core.plain import plain


def aside(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(help="One link (itm_…); all of them without it.")
    ] = None,
    dismiss: Annotated[
        str | None, typer.Option(metavar="ID", help="Let this one (asd_…) be: list it no more.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many to show.")] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Go on from where an earlier list ended.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what banks told that could not be taken in, and why; the rest went in."""
    session = terminal.session(ctx, json=json, person=person)
    if dismiss is not None:
        session.run(_dismiss(session, ids.parse("asd", dismiss)))
        return
    item_id = None if connection is None else ItemId(ids.parse("itm", connection))
    session.run(_aside(session, item_id, limit, after))


async def _aside(
    session: terminal.Session, item_id: ItemId | None, limit: int, after: str | None
) -> None:
    async with session.work() as (db, owner):
        if item_id is not None:
            await connections.get_item(db, owner=owner, item_id=item_id)
        page = await connections.set_aside(
            db, owner=owner, item_id=item_id, after=after, limit=limit
        )
        banks = {one.id: one.institution_name for one in await connections.items(db, owner=owner)}
    if session.as_json:
        session.print_json({"items": [aside_json(one) for one in page.items], "next": page.next})
        return
    session.print_table(
        ["Bank", "Kind", "Day", "What", ">Amount", "Why", "Id"],
        [
            (banks.get(one.item_id), one.kind, told.day, told.description,
             f"{told.amount} {told.currency or ''}".rstrip() if told.amount else None,
             one.reason, ids.show("asd", one.id))
            for one, told in ((one, connections.told_of(one)) for one in page.items)
        ],
        empty="Nothing is kept aside.",
    )  # fmt: skip
    if page.next:
        of = "" if item_id is None else f" {ids.show('itm', item_id)}"
        session.say(
            f" \nGo on with: strongroom connections aside{of} --limit {limit} --after {page.next}"
        )


async def _dismiss(session: terminal.Session, row_id: UUID) -> None:
    async with session.work() as (db, owner):
        await connections.dismiss(db, owner=owner, row_id=row_id, now=session.now())
    if session.as_json:
        session.print_json({"dismissed": ids.show("asd", row_id)})
    session.say("It is listed no more, unless the bank tells it in another bad way.")


def aside_json(one: SetAside) -> dict[str, Any]:
    """Return something that was kept aside as commands print it."""
    told = plain(connections.told_of(one))
    return {
        "id": ids.show("asd", one.id),
        "connection": ids.show("itm", one.item_id),
        "kind": one.kind,
        "reason": one.reason,
        **{name: told[name] for name in ("description", "amount", "currency", "day")},
        "raw": one.raw,
        "first_seen_at": plain(one.first_seen_at),
        "last_seen_at": plain(one.last_seen_at),
    }
