"""The commands ``upkeep``: what runs by itself, its runs, and running one now."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from strongroom import upkeep
from strongroom.core import terminal
from strongroom.core.errors import Unavailable
from strongroom.upkeep import Job, Outcome, Run
from strongroom.upkeep.labels import result_text, took_text

app = typer.Typer(no_args_is_help=True, help="What runs by itself: list, show, run now.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As strongroom upkeep list shows it.")]
_POLL_SECONDS = 0.2
_POLLS_A_LOOK = 25
_SHOWN = 120  # characters of a statement, the whole of which --json prints


class StillRunning(Unavailable):
    """A job was asked for and did not end in the time that was given."""


class RunFailed(Unavailable):
    """A job was run and failed."""


@app.command("list")
def list_(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """List the periodic jobs, when each last ran and how that went."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[Job]:
        async with session.services() as services:
            return await _jobs(session, services)

    jobs = session.run(work())
    if session.as_json:
        session.print_json(jobs)
        return
    session.print_table(
        ["Job", "Standing", "Last run", ">Took", "Result", "Next (UTC)"],
        [
            (
                job.name,
                job.standing.value,
                None if job.last is None else _instant(job.last),
                None if job.last is None else took_text(job.last.took),
                None if job.last is None else job.last.error or result_text(job.last.result),
                f"{job.next_due:%Y-%m-%d %H:%M}",
            )
            for job in jobs
        ],
    )


@app.command()
def show(ctx: typer.Context, name: Name, json: terminal.AsJson = False) -> None:
    """List the newest runs of a job."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[Run]:
        async with session.services() as services:
            await _jobs(session, services)
            async with services.database.unit_of_work_for_all() as db:
                return await upkeep.list_runs(db, name=name, now=session.now())

    _print(session, session.run(work()))


@app.command()
def run(
    ctx: typer.Context,
    name: Name,
    wait: Annotated[int, typer.Option(help="Wait at most so many seconds for its end.")] = 600,
    json: terminal.AsJson = False,
) -> None:
    """Run a job now: the worker does, or this process if no worker is up."""
    session = terminal.session(ctx, json=json)
    ended = session.run(_run(session, name, wait))
    _print(session, [ended])
    if ended.outcome is not Outcome.DONE:
        raise RunFailed(f"{name} did not end well: {ended.error or ended.outcome.value}.")


@app.command("slow")
def slow(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """List the statements that took long, as the newest report tells them."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[upkeep.SlowStatement]:
        async with (
            session.services() as services,
            services.database.unit_of_work_for_all() as db,
        ):
            return await upkeep.slow_statements(db)

    found = session.run(work())
    if session.as_json:
        session.print_json(found)
        return
    session.print_table(
        [">Calls", ">Mean ms", ">Longest ms", ">Total ms", ">Rows", "Statement"],
        [
            (one.calls, one.mean_ms, one.longest_ms, one.total_ms, one.rows, one.statement[:_SHOWN])
            for one in found
        ],
        empty="None took long. A new report: strongroom upkeep run upkeep.analyse",
    )


async def _jobs(session: terminal.Session, services: terminal.Services) -> list[Job]:
    """Return the jobs; where no worker was ever up, this process says which there are."""
    for _ in range(2):
        async with services.database.unit_of_work_for_all() as db:
            found = await upkeep.list_jobs(db, now=session.now())
        if found:
            return found
        await session.work_off(services)
    return []


async def _run(session: terminal.Session, name: str, wait: int) -> Run:
    async with session.services() as services:
        await _jobs(session, services)
        asked = session.now()
        async with services.database.unit_of_work_for_all() as db:
            await upkeep.ask(db, name=name, now=asked)
        for poll in range(max(1, int(wait / _POLL_SECONDS))):
            if poll % _POLLS_A_LOOK == 0:  # again: it may wait for a run before it to be tried anew
                await session.work_off(services)
            async with services.database.unit_of_work_for_all() as db:
                runs = await upkeep.list_runs(db, name=name, now=session.now())
            ended = [one for one in runs if one.started_at >= asked and one.ended_at is not None]
            if ended:
                return ended[-1]
            await asyncio.sleep(_POLL_SECONDS)
    raise StillRunning(
        f"{name} has not ended after {wait} seconds.", hint=f"Look: strongroom upkeep show {name}"
    )


def _print(session: terminal.Session, runs: list[Run]) -> None:
    if session.as_json:
        session.print_json(runs)
        return
    session.print_table(
        ["Began (UTC)", ">Took", "Outcome", "Result"],
        [
            (_instant(one), took_text(one.took), one.outcome.value, one.error or
             result_text(one.result))
            for one in runs
        ],
        empty="It has not run yet.",
    )  # fmt: skip


def _instant(one: Run) -> str:
    return f"{one.started_at:%Y-%m-%d %H:%M:%S}"
