"""The command ``export``: a whole book, or a part of it, into a file or to standard output."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from strongroom.core import ids, terminal
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId
from strongroom.core.sections import Sections
from strongroom.transactions.export import Format, Part, Written, ask, write


class CannotWriteThere(Refused):
    """The file cannot be made at that place."""


def export(
    ctx: typer.Context,
    format: Annotated[Format, typer.Option(help="What to write it as.")] = Format.JSON,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is the terminal.")
    ] = "-",
    account: Annotated[str | None, typer.Option(help="Only this account (acc_…).")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to this day.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Export everything: accounts, categories, balances and transactions, as of one instant.

    JSON has rules, budgets, goals, links and settings along; zip is JSON with what is attached.
    """
    session = terminal.session(ctx, json=json, person=person)
    part = Part(
        None if account is None else AccountId(ids.parse("acc", account)),
        since and since.date(),
        until and until.date(),
    )
    with _opened(output) as out:
        written = session.run(_export(session, format, part, out))
    if output == "-":
        return
    if session.as_json:
        session.print_json({"file": output, "written": written})
        return
    session.say(
        f"{written.transactions} transactions of {written.accounts} accounts, "
        f"and {written.balances} balances, are in {output}."
    )


async def _export(session: terminal.Session, format: Format, part: Part, out: BinaryIO) -> Written:
    async with session.services() as services:
        owner, now = await session.owner(services), session.now()
        async with services.database.unit_of_work(owner) as db:
            await ask(db, owner=owner, format=format, now=now, actor="cli")
        return await write(
            services.database,
            owner=owner,
            format=format,
            part=part,
            out=out,
            sections=services.get(Sections),
        )


@contextmanager
def _opened(output: str) -> Iterator[BinaryIO]:
    """Open what to write to. A file takes its place only when all of it is there, and is private.

    Raises ``CannotWriteThere``.
    """
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = Path(output)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    except OSError as error:
        raise CannotWriteThere(
            f"{output} cannot be written: {error.strerror}.", field="--output"
        ) from error
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        made.replace(place)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
