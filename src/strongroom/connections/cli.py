"""Commands of bank links: ``sync`` and ``connections``. Linking is in ``link_cli``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from strongroom import connections
from strongroom.connections import (
    Item,
    LinkIsPaused,
    Links,
    Refresh,
    Status,
    SyncTooSoon,
    aside_cli,
    link_cli,
    log_cli,
)
from strongroom.connections.troubles import Way, trouble_of
from strongroom.connections.watching import item_json, refresh_json, says, watch
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Refused, Unavailable
from strongroom.core.ids import ItemId, UserId


class BankNeedsYou(Refused):
    """The bank cannot be read until somebody does something; trying again does not help."""


app = typer.Typer(no_args_is_help=True, help="Your bank links: list, sync, pause, log.")
app.command()(link_cli.banks)
app.command()(link_cli.reconnect)
app.command("renew-token")(link_cli.renew_token)
app.command()(aside_cli.aside)
app.command()(log_cli.log)
app.command()(log_cli.webhooks)
link = link_cli.link


@app.command()
def sync(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(help="One link (itm_…); all of them without it.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="From the very beginning, not only what is new.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Read what is new at your banks."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_sync(session, connection, full))


async def _sync(session: terminal.Session, connection: str | None, full: bool) -> None:
    async with session.services() as services:
        owner, since = await session.owner(services), session.now()
        async with services.database.unit_of_work(owner) as db:
            if connection is None:
                items = await _ask_all(session, db, owner, full)
            else:
                item_id = ItemId(ids.parse("itm", connection))
                items = [await connections.get_item(db, owner=owner, item_id=item_id)]
                await connections.ask_for_sync(
                    db, owner=owner, item_id=item_id, now=since, full=full
                )
        done = [await watch(session, services, owner, item.id, since=since) for item in items]
    if session.as_json:
        session.print_json([refresh_json(refresh) for refresh in done])
    for item, refresh in zip(items, done, strict=True):
        session.say(f"{item.institution_name}: {says(refresh)}")
    _complain([one for one in zip(items, done, strict=True) if one[1].status == "failed"])


def _complain(failed: list[tuple[Item, Refresh]]) -> None:
    """Raise what the first failed read means; before what will pass, what needs the person."""
    told = [(item, one, trouble_of(one.error_code or "")) for item, one in failed]
    for item, refresh, trouble in sorted(told, key=lambda one: one[2].will_pass):
        message = refresh.error_message or "The bank could not be read."
        title = trouble.title % {"bank": item.institution_name}
        if trouble.will_pass:
            raise Unavailable(message, hint=f"{title}. {trouble.advice}")
        raise BankNeedsYou(message, hint=f"{title}. {trouble.advice}{_command(item, trouble.way)}")


def _command(item: Item, way: Way) -> str:
    """Return which command helps, if one does."""
    command = {
        Way.RECONNECT: f"strongroom connections reconnect {ids.show('itm', item.id)}",
        Way.LINK_AGAIN: f"strongroom connections reconnect {ids.show('itm', item.id)}",
        Way.IMPORT: "strongroom import",
    }.get(way)
    return f" Use: {command}" if command else ""


async def _ask_all(session: terminal.Session, db: Db, owner: UserId, full: bool) -> list[Item]:
    """Ask for every linked bank but those asked for a moment ago; return the ones that were asked.

    Raises ``SyncTooSoon`` where none could be.
    """
    found = await connections.items(db, owner=owner)
    linked = [one for one in found if one.status is not Status.DISCONNECTED]
    if not linked:
        session.say("No bank is linked yet. Link one with: strongroom link")
    asked: list[Item] = []
    left_out: list[SyncTooSoon | LinkIsPaused] = []
    for item in linked:
        try:
            await connections.ask_for_sync(
                db, owner=owner, item_id=item.id, now=session.now(), full=full
            )
        except (SyncTooSoon, LinkIsPaused) as error:
            left_out.append(error)
        else:
            asked.append(item)
    too_soon = [one for one in left_out if isinstance(one, SyncTooSoon)]
    if too_soon and not asked:
        # A script that goes on as if something was read would show old figures as new.
        raise too_soon[0]
    for one in left_out:
        session.say(f"{one.message} {one.hint}")
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
        ["Bank", "State", "Last good", "Next try", "Id"],
        [
            (
                item.institution_name,
                _state(item),
                item.last_successful_update and f"{item.last_successful_update:%Y-%m-%d %H:%M}Z",
                item.next_try_at and f"{item.next_try_at:%H:%M}Z",
                ids.show("itm", item.id),
            )
            for item in items
        ],
        empty="No bank is linked yet. Link one with: strongroom link",
    )


def _state(item: Item) -> str:
    if item.paused_at is not None:
        return "paused"
    words = item.status.value.replace("_", " ") + (
        f" ({item.error_code})" if item.error_code else ""
    )
    words += ", something of it is kept aside" if item.kept_aside else ""
    return words + (", offers a new account" if item.new_accounts_at else "")


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
def pause(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The link (itm_…) to let rest.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Let a bank link rest: nothing is read until you resume."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_rest(session, connections.pause, connection, "is paused"))


@app.command()
def resume(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The link (itm_…) to wake.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Wake a bank link that rests; it is read at once."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_rest(session, connections.resume, connection, "is read again"))


async def _rest(
    session: terminal.Session, verb: Callable[..., Awaitable[Item]], connection: str, done: str
) -> None:
    item_id = ItemId(ids.parse("itm", connection))
    async with session.work() as (db, owner):
        item = await verb(db, owner=owner, item_id=item_id, actor="cli", now=session.now())
    if session.as_json:
        session.print_json(item_json(item))
    session.say(f"{item.institution_name} {done}.")
