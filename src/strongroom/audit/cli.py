"""``strongroom audit``: check the log's chains, and publish their heads."""

from __future__ import annotations

import typer

from strongroom.audit import service
from strongroom.audit.heads import HEADS_FILE
from strongroom.audit.types import Verified
from strongroom.core import terminal
from strongroom.core.ids import SYSTEM

_BROKEN = 1

app = typer.Typer(no_args_is_help=True, help="Check the record of who did what.")


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


def _shown(chain: Verified) -> dict[str, object]:
    return {
        "user_id": str(chain.user_id),
        "rows": chain.count,
        "head": chain.head.hex(),
        "holds": chain.holds,
        "broken_at": chain.broken_at,
        "fault": chain.fault,
    }
