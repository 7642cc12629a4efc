"""Commands of bank links: ``sync`` and ``connections``. Linking is in ``link_cli``."""

from __future__ import annotations

from typing import Annotated

import typer

from strongroom import connections
from strongroom.connections import Item, Links, Status, SyncTooSoon, link_cli
from strongroom.connections.watching import item_json, refresh_json, says, watch
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Unavailable
from strongroom.core.ids import ItemId, UserId
from strongroom.core.plain import plain

app = typer.Typer(no_args_is_help=True, help="Your bank links: list, sync, unlink, log.")
app.command()(link_cli.reconnect)
app.command("renew-token")(link_cli.renew_token)
link = link_cli.link


def sync(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(help="One link (itm_…); all of them without it.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Read what is new at your banks."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_sync(session, connection))


async def _sync(session: terminal.Session, connection: str | None) -> None:
    async with session.services() as services:
        owner, since = await session.owner(services), session.now()
        async with services.database.unit_of_work(owner) as db:
            if connection is None:
                items = await _ask_all(session, db, owner)
            else:
                item_id = ItemId(ids.parse("itm", connection))
                items = [await connections.get_item(db, owner=owner, item_id=item_id)]
                await connections.ask_for_sync(db, owner=owner, item_id=item_id, now=since)
        done = [await watch(session, services, owner, item.id, since=since) for item in items]
    if session.as_json:
        session.print_json([refresh_json(refresh) for refresh in done])
    for item, refresh in zip(items, done, strict=True):
        session.say(f"{item.institution_name}: {says(refresh)}")
    failed = next((refresh for refresh in done if refresh.status == "failed"), None)
    if failed is not None:
        raise Unavailable(
            failed.error_message or "The bank could not be read.",
            hint="Your history is kept. See: strongroom connections log",
        )


async def _ask_all(session: terminal.Session, db: Db, owner: UserId) -> list[Item]:
    """Ask for every linked bank but those read a moment ago; return the ones that were asked."""
    found = await connections.items(db, owner=owner)
    linked = [one for one in found if one.status is not Status.DISCONNECTED]
    if not linked:
        session.say("No bank is linked yet. Link one with: strongroom link")
    asked = []
    for item in linked:
        try:
            await connections.ask_for_sync(db, owner=owner, item_id=item.id, now=session.now())
        except SyncTooSoon as fresh:
            session.say(fresh.message)
        else:
            asked.append(item)
    return asked


@app.command("list")
def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List your bank links and how they are."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session))


async def _list(session: terminal.Session) -> None:
    async with session.work() as (db, owner):
        items = await connections.items(db, owner=owner)
    if session.as_json:
        session.print_json([item_json(item) for item in items])
        return
    session.print_table(
        ["Bank", "State", "Last good", "Id"],
        [
            (
                item.institution_name,
                item.status.value + (f" ({item.error_code})" if item.error_code else ""),
                item.last_successful_update and f"{item.last_successful_update:%Y-%m-%d %H:%M}Z",
                ids.show("itm", item.id),
            )
            for item in items
        ],
        empty="No bank is linked yet. Link one with: strongroom link",
    )


@app.command()
def unlink(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The link (itm_…) to end.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    close_accounts: Annotated[
        bool, typer.Option("--close-accounts", help="Let its accounts count as zero from today.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """End a bank link. Its accounts and history stay."""
    session = terminal.session(ctx, json=json, person=person)
    if not yes and not session.as_json:
        typer.confirm("End this link? No new data comes in; your history stays.", abort=True)
    session.run(_unlink(session, ItemId(ids.parse("itm", connection)), close_accounts))


async def _unlink(session: terminal.Session, item_id: ItemId, close_accounts: bool) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        item = await connections.unlink(
            services.get(Links),
            owner=owner,
            item_id=item_id,
            close_accounts=close_accounts,
            actor="cli",
        )
    if session.as_json:
        session.print_json(item_json(item))
    session.say(f"{item.institution_name} is unlinked. Your history is kept.")


@app.command()
def log(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many calls to show.")] = 50,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show the newest calls to Plaid, with the request ids that its support asks for."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_log(session, limit))


async def _log(session: terminal.Session, limit: int) -> None:
    async with session.work() as (db, owner):
        calls = await connections.api_events(db, owner=owner, limit=limit)
        events = await connections.link_events(db, owner=owner, limit=limit)
    if session.as_json:
        session.print_json({"calls": plain(calls), "link_events": plain(events)})
        return
    session.print_table(
        ["When", "Call", "Request id", "Result", ">ms"],
        [
            (
                f"{call.created_at:%Y-%m-%d %H:%M:%S}Z",
                call.method,
                call.request_id,
                call.error_code or "ok",
                call.duration_ms,
            )
            for call in calls
        ],
        empty="Nothing has been asked of Plaid yet.",
    )
