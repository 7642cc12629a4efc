"""``strongroom audit``: read one's own log, check everybody's chains, publish their heads."""

from __future__ import annotations

from typing import Annotated

import typer

from strongroom.audit import service
from strongroom.audit.heads import HEADS_FILE
from strongroom.audit.types import Entry, Verified
from strongroom.core import terminal
from strongroom.core.ids import SYSTEM
from strongroom.core.paging import Page

_BROKEN = 1

app = typer.Typer(no_args_is_help=True, help="Read and check the record of who did what.")


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many to show.")] = 50,
    before: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Go on from where an earlier list ended.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what was done in your name, newest first: when, by whom, from where."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Page[Entry]:
        async with session.work() as (db, owner):
            return await service.list_page(db, owner=owner, before=before, limit=limit)

    page = session.run(work())
    if session.as_json:
        session.print_json({"items": [_entry(one) for one in page.items], "next": page.next})
        return
    session.print_table(
        [">Row", "When", "Who", "What", "Of", "From"],
        [
            (one.seq, f"{one.at:%Y-%m-%d %H:%M:%S}Z", one.actor, one.action,
             " ".join(part for part in (one.resource_type, one.resource_id) if part),
             one.ip_address)
            for one in page.items
        ],
        empty="Nothing was done yet.",
    )  # fmt: skip
    if page.next:
        session.say(f" \nGo on with: strongroom audit list --limit {limit} --before {page.next}")


@app.command("verify")
def verify(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """Check every chain, row by row, and against the published heads. Exit code 1 if one breaks."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[Verified]:
        async with session.services() as services, services.database.unit_of_work_for_all() as db:
            return await service.verify_for_all(db, services.settings.home / HEADS_FILE)

    chains = session.run(work())
    broken = [chain for chain in chains if not chain.holds]
    if session.as_json:
        session.print_json([_shown(chain) for chain in chains])
    else:
        rows = [
            (
                "system" if chain.user_id == SYSTEM else chain.user_id,
                chain.count,
                "holds" if chain.holds else f"{chain.fault} at row {chain.broken_at}",
            )
            for chain in chains
        ]
        session.print_table(["Chain", ">Rows that hold", "Finding"], rows, empty="No rows yet.")
        if broken:
            session.say(f"{len(broken)} of {len(chains)} chains do not hold.")
    if broken:
        raise typer.Exit(_BROKEN)


@app.command("publish")
def publish(ctx: typer.Context) -> None:
    """Write the newest heads to the file under the home now; the worker does so regularly."""
    session = terminal.session(ctx)

    async def work() -> int:
        async with session.services() as services:
            async with services.database.unit_of_work_for_all() as db:
                newest = await service.newest_heads_for_all(db)
            path = services.settings.home / HEADS_FILE
            return await service.publish_heads(newest, path, now=session.now())

    session.say(f"{session.run(work())} heads were new.")


def _entry(one: Entry) -> dict[str, object]:
    return {
        "seq": one.seq,
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "resource_type": one.resource_type,
        "resource_id": one.resource_id,
        "details": one.details,
        "ip_address": one.ip_address,
        "user_agent": one.user_agent,
        "hash": one.hash.hex(),
    }


def _shown(chain: Verified) -> dict[str, object]:
    return {
        "user_id": str(chain.user_id),
        "rows": chain.count,
        "head": chain.head.hex(),
        "holds": chain.holds,
        "broken_at": chain.broken_at,
        "fault": chain.fault,
    }
