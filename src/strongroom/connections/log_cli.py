"""Commands for support: the log of one's own bank links, and the inbox of webhooks.

The inbox is everybody's: it is for whoever runs the server, and shows no words of a webhook.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from strongroom import connections
from strongroom.connections.aside_cli import aside_json
from strongroom.core import ids, terminal
from strongroom.core.errors import Refused
from strongroom.core.ids import ItemId
from strongroom.core.plain import plain

Before = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="Go on from where an earlier list ended.")
]
"""The option of lists that go on."""


class BadWebhookId(Refused):
    """What was given is not the id of a webhook."""


def log(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(help="One link (itm_…); all of them without it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many of each to show.")] = 50,
    before: Before = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show reads, sign-ins, webhooks and calls to Plaid, with the ids that its support asks for."""
    session = terminal.session(ctx, json=json, person=person)
    item_id = None if connection is None else ItemId(ids.parse("itm", connection))
    session.run(_log(session, item_id, limit, before))


async def _log(
    session: terminal.Session, item_id: ItemId | None, limit: int, before: str | None
) -> None:
    async with session.work() as (db, owner):
        found = await connections.log(db, owner=owner, item_id=item_id, before=before, limit=limit)
        aside = await connections.set_aside(db, owner=owner, item_id=item_id, limit=limit)
    if session.as_json:
        session.print_json({**plain(found), "kept_aside": [aside_json(one) for one in aside.items]})
        return
    _say_reads(session, found.refreshes)
    _say_events(session, found.link_events)
    _say_hooks(session, found.webhooks)
    session.print_table(
        ["Call", "When", "Request id", "Result", ">ms"],
        [
            (one.method, _at(one.created_at), one.request_id, one.error_code or "ok",
             one.duration_ms)
            for one in found.calls
        ],
        empty="" if before else "Nothing has been asked of Plaid yet.",
    )  # fmt: skip
    if aside.items and not before:
        session.say(" \nSomething is kept aside. See it with: strongroom connections aside")
    say_next(session, f"log{_of(item_id)}", limit, found.next)


def say_next(session: terminal.Session, command: str, limit: int, following: str | None) -> None:
    """Say how to go on in a list, where it goes on."""
    if following:
        session.say(
            f" \nGo on with: strongroom connections {command} --limit {limit} --before {following}"
        )


def _of(item_id: ItemId | None) -> str:
    return "" if item_id is None else f" {ids.show('itm', item_id)}"


def _say_reads(session: terminal.Session, reads: Sequence[connections.Refresh]) -> None:
    if reads:
        session.print_table(
            ["Read", "Why", "Result", ">New", ">Changed", ">Removed"],
            [
                (_at(one.started_at), one.refresh_type.value, one.error_code or one.status,
                 one.added, one.modified, one.removed)
                for one in reads
            ],
        )  # fmt: skip
        for one in reads:
            if one.error_message:
                session.say(f"{_at(one.started_at)} {one.error_code}: {one.error_message}")
        session.say(" ")


def _say_events(session: terminal.Session, events: Sequence[connections.LinkEvent]) -> None:
    if events:
        session.print_table(
            ["Sign-in", "Ended", "Error", "Session id", "Request id"],
            [
                (_at(one.created_at), one.type, one.error_code, one.link_session_id, one.request_id)
                for one in events
            ],
        )
        session.say(" ")


def _say_hooks(session: terminal.Session, hooks: Sequence[connections.WebhookEvent]) -> None:
    if hooks:
        session.print_table(
            ["Webhook", "Code", "State", ">Sent"],
            [
                (_at(one.received_at), f"{one.webhook_type} {one.webhook_code}", one.state,
                 one.times_seen)
                for one in hooks
            ],
        )  # fmt: skip
        session.say(" ")


def webhooks(
    ctx: typer.Context,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were set aside.")] = False,
    replay: Annotated[
        str | None, typer.Option(metavar="ID", help="Have this one handled again.")
    ] = None,
    replay_dead: Annotated[
        bool, typer.Option("--replay-dead", help="Have all that were set aside handled again.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many to show.")] = 50,
    json: terminal.AsJson = False,
) -> None:
    """Show Plaid's webhooks, everybody's, as who runs this server; have some handled again."""
    session = terminal.session(ctx, json=json)
    if replay is not None or replay_dead:
        session.run(_replay(session, None if replay is None else _webhook_id(replay)))
    else:
        session.run(_webhooks(session, dead, limit))


def _webhook_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadWebhookId(
            f"{text} is not the id of a webhook.", field="--replay",
            hint="List them with: strongroom connections webhooks --dead",
        ) from None  # fmt: skip


async def _replay(session: terminal.Session, webhook_id: UUID | None) -> None:
    async with session.services() as services, services.database.unit_of_work_for_all() as db:
        count = await connections.replay_for_all(db, webhook_id=webhook_id, now=session.now())
    if session.as_json:
        session.print_json({"replayed": count})
    session.say(f"{count} will be handled again while strongroom run is up.")


async def _webhooks(session: terminal.Session, dead: bool, limit: int) -> None:
    async with session.services() as services, services.database.unit_of_work_for_all() as db:
        found = await connections.list_for_all(db, dead=dead, limit=limit)
    if session.as_json:
        session.print_json(found)
        return
    session.print_table(
        ["Received", "What", "State", ">Tries", ">Sent", "Item", "Error", "Id"],
        [
            (_at(one.received_at), f"{one.webhook_type} {one.webhook_code}", one.state,
             one.attempts, one.times_seen,
             "ours" if one.known else "unknown" if one.plaid_item_id else "none",
             one.error, one.id)
            for one in found
        ],
        empty="Nothing was set aside." if dead else "No webhook has come yet.",
    )  # fmt: skip


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z"
