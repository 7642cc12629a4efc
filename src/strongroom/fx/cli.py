"""The commands ``fx load`` and ``fx rate``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from strongroom import fx
from strongroom.core import terminal
from strongroom.core.errors import Refused
from strongroom.core.money import currency
from strongroom.core.plain import plain

app = typer.Typer(no_args_is_help=True, help="Exchange rates: load a table, look one up.")

_LARGEST_BYTES = 50_000_000


class FileIsNoText(Refused):
    """A file of rates is not a text, or larger than any table of rates."""


@app.command()
def load(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="The European Central Bank's eurofxref-hist.csv, Norges Bank's CSV, or columns"
            " day, base, quote, rate.",
            exists=True,
            dir_okay=False,
        ),
    ],
    source: Annotated[
        str | None, typer.Option(help="Where the rates are from; the file's name without it.")
    ] = None,
    accept_odd: Annotated[
        bool, typer.Option("--accept-odd", help="Store rates that others speak against, too.")
    ] = False,
    json: terminal.AsJson = False,
) -> None:
    """Load exchange rates by date. The same table again changes nothing.

    A rate holds on its day and the ten days after it, then it is too old and nothing is reckoned
    with it: load a newer table at least each week.
    """
    session = terminal.session(ctx, json=json)
    session.run(_load(session, file, source, accept_odd))


async def _load(session: terminal.Session, file: Path, source: str | None, accept: bool) -> None:
    text, now = _text_of(file), session.now()
    async with session.services() as services, services.database.unit_of_work_for_all() as db:
        loaded = await fx.load_for_all(
            db,
            text=text,
            source=(source or file.name)[:100],
            accept_odd=accept,
            today=now.date(),
            now=now,
        )
    if session.as_json:
        session.print_json(loaded)
    session.say(
        f"{loaded.added:,} new, {loaded.changed:,} changed, {loaded.unchanged:,} known already,"
        f" from {loaded.first} to {loaded.last}, {len(loaded.currencies)} currencies."
    )


def _text_of(file: Path) -> str:
    if file.stat().st_size > _LARGEST_BYTES:
        raise FileIsNoText(f"{file} is too large for a table of rates.", field="file")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileIsNoText(
            f"{file} is not a text.", field="file", hint="Unpack it first, if it is a ZIP file."
        ) from error


@app.command()
def rate(
    ctx: typer.Context,
    base: Annotated[str, typer.Argument(help="One unit of this currency ...")],
    quote: Annotated[str, typer.Argument(help="... in this one.")],
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today without.")
    ] = None,
    json: terminal.AsJson = False,
) -> None:
    """Show what one unit of a currency was worth in another on a day."""
    session = terminal.session(ctx, json=json)
    session.run(_rate(session, base, quote, on))


async def _rate(session: terminal.Session, base: str, quote: str, on: datetime | None) -> None:
    one, other = currency(base), currency(quote)
    async with session.services() as services, services.database.unit_of_work_for_all() as db:
        found = await fx.get_rate(db, base=one, quote=other, day=(on or session.now()).date())
    if session.as_json:
        session.print_json({"base": one, "quote": other, **plain(found)})
    over = f", over {found.over}" if found.over else ""
    session.say(f"1 {one} = {found.rate:.6f} {other} ({found.day}, {found.source}{over})")
