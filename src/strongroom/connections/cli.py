"""Commands of bank links: ``link``, ``sync`` and ``connections``. Shows progress of long work."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom import connections
from strongroom.connections import Item, Links, LinkSession, LinkState, Refresh, Status, SyncTooSoon
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Refused, Unavailable
from strongroom.core.ids import ItemId, UserId
from strongroom.core.plain import plain

_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 300.0

app = typer.Typer(no_args_is_help=True, help="Your bank links: list, sync, unlink, log.")


class PasswordIsMissing(Refused):
    """A household was named without the file or password that goes with it."""


class TakesTooLong(Unavailable):
    """The bank has not been read to its end in time; it goes on in the background."""


def link(
    ctx: typer.Context,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Link a practice bank at once, without a page.")
    ] = False,
    institution: Annotated[
        str | None, typer.Option(help="The bank's id at Plaid, such as ins_109508.")
    ] = None,
    user: Annotated[
        str, typer.Option(help="The practice bank's user: user_good, user_household, user_custom.")
    ] = "user_household",
    household: Annotated[
        Path | None,
        typer.Option(help="A household as JSON, for user_custom.", exists=True, dir_okay=False),
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Link a bank: in the browser, or with --sandbox a practice bank right here."""
    session = terminal.session(ctx, json=json, person=person)
    custom = None if household is None else household.read_text(encoding="utf-8")
    session.run(_link(session, sandbox, institution, user, custom))


async def _link(
    session: terminal.Session,
    sandbox: bool,
    institution: str | None,
    user: str,
    household: str | None,
) -> None:
    async with session.services() as services:
        owner, links = await session.owner(services), services.get(Links)
        if not sandbox:
            await _link_in_browser(session, services, links, owner, institution)
            return
        if household is not None:
            user, password = "user_custom", household
        elif user == "user_custom":
            raise PasswordIsMissing(
                "user_custom needs a household.", field="--household", hint="Name its JSON file."
            )
        else:
            password = "pass_good"  # noqa: S105 - the practice banks' published password
        made = await connections.link_without_page(
            links,
            owner=owner,
            actor="cli",
            institution_id=institution or "ins_109508",
            username=user,
            password=password,
        )
        await _report_link(session, services, owner, made)


async def _link_in_browser(
    session: terminal.Session,
    services: terminal.Services,
    links: Links,
    owner: UserId,
    institution: str | None,
) -> None:
    made = await connections.start(links, owner=owner, institution_id=institution, actor="cli")
    session.say(f"Open this address and sign in to your bank:\n\n  {made.hosted_link_url}\n")
    with session.progress("Waiting for you"):
        while made.state in (LinkState.OPEN, LinkState.EXCHANGING):
            await asyncio.sleep(_POLL_SECONDS * 5)
            made = await connections.finish(links, owner=owner, session_id=made.id, actor="cli")
    await _report_link(session, services, owner, made)


async def _report_link(
    session: terminal.Session, services: terminal.Services, owner: UserId, made: LinkSession
) -> None:
    if made.state is not LinkState.DONE or made.item_id is None:
        raise Refused(
            f"The bank was not linked: {made.error_code or made.state.value}.",
            hint="Start again with: strongroom link",
        )
    refresh = await _watch(session, services, owner, made.item_id, since=made.created_at)
    async with services.database.unit_of_work(owner) as db:
        item = await connections.get_item(db, owner=owner, item_id=made.item_id)
    if session.as_json:
        session.print_json({"connection": _item_json(item), "refresh": _refresh_json(refresh)})
    session.say(f"{item.institution_name} is linked. {_says(refresh)}")


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
        done = [await _watch(session, services, owner, item.id, since=since) for item in items]
    if session.as_json:
        session.print_json([_refresh_json(refresh) for refresh in done])
    for item, refresh in zip(items, done, strict=True):
        session.say(f"{item.institution_name}: {_says(refresh)}")
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


async def _watch(
    session: terminal.Session,
    services: terminal.Services,
    owner: UserId,
    item_id: ItemId,
    *,
    since: datetime,
) -> Refresh:
    """Wait until an item has been read to its end, doing the work here if no worker runs.

    Returns the refreshes since ``since`` as one: the newest, with the rows of all.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with session.progress("Getting transactions") as show:
        while time.monotonic() < deadline:
            await session.work_off(services)
            async with services.database.unit_of_work(owner) as db:
                item = await connections.get_item(db, owner=owner, item_id=item_id)
                refreshes = await connections.refreshes(db, owner=owner, item_id=item_id)
            # The rest of the history is asked for ahead of its time: what counts is what ended.
            ended = [one for one in refreshes if one.is_over and one.started_at >= since]
            show(max((one.rows_fetched for one in refreshes), default=0))
            if ended and (item.history_complete or ended[0].status == "failed"):
                return replace(
                    ended[0],
                    added=sum(one.added for one in ended),
                    modified=sum(one.modified for one in ended),
                    removed=sum(one.removed for one in ended),
                )
            await asyncio.sleep(_POLL_SECONDS)
    raise TakesTooLong(
        "The bank is still collecting the history.",
        hint="It goes on in the background while strongroom run is up.",
    )


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
        session.print_json([_item_json(item) for item in items])
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
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """End a bank link. Its accounts and history stay."""
    session = terminal.session(ctx, json=json, person=person)
    if not yes and not session.as_json:
        typer.confirm("End this link? No new data comes in; your history stays.", abort=True)
    session.run(_unlink(session, ItemId(ids.parse("itm", connection))))


async def _unlink(session: terminal.Session, item_id: ItemId) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        item = await connections.unlink(
            services.get(Links), owner=owner, item_id=item_id, actor="cli"
        )
    if session.as_json:
        session.print_json(_item_json(item))
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


def _item_json(item: Item) -> dict[str, Any]:
    return {**plain(item), "id": ids.show("itm", item.id)}


def _refresh_json(refresh: Refresh) -> dict[str, Any]:
    item: UUID | None = refresh.item_id
    return {
        **plain(refresh),
        "id": ids.show("rfr", refresh.id),
        "item_id": None if item is None else ids.show("itm", item),
    }


def _says(refresh: Refresh) -> str:
    if refresh.status == "failed":
        return f"Could not be read: {refresh.error_message} ({refresh.error_code})"
    return (
        f"{refresh.added:,} new, {refresh.modified:,} changed, {refresh.removed:,} removed "
        f"in {refresh.accounts_updated} accounts."
    )
