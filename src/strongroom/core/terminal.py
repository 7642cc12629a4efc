"""The command line as domains' commands speak it: who asks, services, tables, JSON, progress.

A command takes its ``Session`` from typer's context. Builds nothing and finds nobody itself: how
to do both is handed in by ``cli``. Standard output carries the result and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Protocol, TypeVar

import typer
from typer.core import TyperGroup

from strongroom.core.db import Database, Db
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.ids import UserId
from strongroom.core.keys import KeyRing
from strongroom.core.plain import plain, plain_number
from strongroom.core.settings import Settings
from strongroom.core.time import clock
from strongroom.core.vault import Vault

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
"""The option of every command that reads: ``json: terminal.AsJson = False``."""

AsPerson = Annotated[
    str | None,
    typer.Option("--as", metavar="EMAIL", help="Whose account, where there are several."),
]
"""The option of every command that is about someone's data."""

DAY = "YYYY-MM-DD"
"""How an option that is read by ``written_day`` shows what it takes."""

_WIDE = 10_000


class ListFirst(TyperGroup):
    """A group that lists where no command of its is named: ``recurring`` is ``recurring list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` before what is no command and no call for help."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class NotANumber(Refused):
    """An argument or option that is to be a number is something else."""


class NotADay(Refused):
    """An argument or option that is to be a day is something else."""


class Services(Protocol):
    """What a command may work with. ``wiring.Services`` is one."""

    @property
    def settings(self) -> Settings:
        """What the environment decided."""

    @property
    def ring(self) -> KeyRing:
        """The key ring."""

    @property
    def database(self) -> Database:
        """The database, open, also for work across users."""

    @property
    def vault(self) -> Vault:
        """The vault."""

    def get(self, kind: type[T]) -> T:
        """Return the one service of this type, such as ``connections.Links``."""

    async def open(self) -> None:
        """Open what needs opening."""

    async def close(self) -> None:
        """Close it again."""


FindOwner = Callable[[Services, str | None], Awaitable[UserId]]
WorkOff = Callable[[Services], Awaitable[None]]
Build = Callable[[Settings], Services]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command. ``person`` is the e-mail given with ``--as``, if one was."""

    build: Build
    find_owner: FindOwner
    work_off: WorkOff
    """Runs the jobs that wait, in this process, if no worker is up to do it."""
    as_json: bool = False
    person: str | None = None
    debug: bool = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the asynchronous part of a command to its end."""
        return asyncio.run(work)

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """Open the services, starting the embedded database if nothing runs."""
        services = await asyncio.to_thread(self.build, Settings.from_environment())
        try:
            await services.open()
            yield services
        finally:
            await services.close()

    async def owner(self, services: Services) -> UserId:
        """Return whose data this is about: ``--as``, or the only one who has an account."""
        return await self.find_owner(services, self.person)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[tuple[Db, UserId]]:
        """Open services and a unit of work for the owner, for a command that needs no more."""
        async with self.services() as services:
            owner = await self.owner(services)
            async with services.database.unit_of_work(owner) as db:
                yield db, owner

    def now(self) -> datetime:
        """Return the instant at which the command runs."""
        return clock()

    def print_json(self, value: object) -> None:
        """Write a value as JSON to standard output: dataclasses, money, days and all."""
        sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")

    def print_table(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str = ""
    ) -> None:
        """Write rows under their columns; a column named ``>Amount`` is aligned to the right.

        ``empty`` is said in place of a table without rows.
        """
        if not rows:
            self.say(empty)
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
        for name in columns:
            right = name.startswith(">")
            table.add_column(Text(name.removeprefix(">")), justify="right" if right else "left")
        for row in rows:
            table.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
        # A file or a pipe has no width: nothing is cut there.
        width = None if sys.stdout.isatty() else _WIDE
        Console(file=sys.stdout, width=width, soft_wrap=width is not None).print(table)

    def say(self, text: str) -> None:
        """Tell the person something; with ``--json`` nothing, for only JSON goes out."""
        if text and not self.as_json:
            sys.stdout.write(printable(text, keep="\n") + "\n")

    @contextmanager
    def progress(self, label: str, *, total: int | None = None) -> Iterator[Progress]:
        """Show a bar on standard error while something long runs, if a person watches."""
        if self.as_json or not sys.stderr.isatty():
            yield Progress()
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=total)
            yield Progress(
                lambda done, whole, says: bar.update(
                    task, completed=done, total=whole, description=printable(says or label)
                )
            )


class Progress:
    """How far something long has come."""

    def __init__(self, show: Callable[[int, int | None, str | None], object] | None = None) -> None:
        self._show = show

    def __call__(self, done: int, total: int | None = None, label: str | None = None) -> None:
        """Say that ``done`` of ``total`` (None: not known yet) is done."""
        if self._show is not None:
            self._show(done, total, label)


def session(ctx: typer.Context, *, json: bool = False, person: str | None = None) -> Session:
    """Return the session of a command, with the options it was given itself."""
    found: Session = ctx.find_root().obj
    return replace(found, as_json=found.as_json or json, person=person or found.person)


def complaint(error: StrongroomError) -> str:
    """Return a refusal in one line: what is at fault, where the words do not name it, and why.

    That is an input by its name, and of a file the line.
    """
    said = f"{error.message} {error.hint or ''}".rstrip()
    line = error.extensions.get("line")
    if line is not None and not re.search(rf"(?<!\d){line}(?!\d)", error.message):
        said = f"Line {line}: {said}"
    if not error.field or re.search(rf"(?<!\w){re.escape(error.field)}(?!\w)", said, re.IGNORECASE):
        return said
    return f"{error.field}: {said}"


def number(text: str, *, field: str, hint: str | None = None) -> Decimal:
    """Return the number that is written in an argument or option, such as ``-12.34``.

    Raises ``NotANumber``, also for what ``Decimal`` would read: ``1e9``, ``NaN``, other digits.
    """
    try:
        return plain_number(text.strip())
    except InvalidOperation:
        raise NotANumber(
            f"{printable(text[:60])!r} is not a number.", field=field, hint=hint
        ) from None


def day(text: str, *, field: str) -> date:
    """Return the day that is written in an argument or option. Raises ``NotADay``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotADay(
            f"{printable(text[:20])!r} is not a day.", field=field, hint="Write it as 2026-11-20."
        ) from None


def written_day(text: str) -> datetime:
    """Return the day that an option says, at its midnight: for ``typer.Option(parser=...)``."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007 - only its day is read
    except ValueError:
        raise typer.BadParameter("Write a day as 2026-11-20.") from None


Since = Annotated[
    datetime | None, typer.Option(parser=written_day, metavar=DAY, help="From this day on.")
]
Until = Annotated[
    datetime | None, typer.Option(parser=written_day, metavar=DAY, help="Up to this day.")
]


def printable(text: str, *, keep: str = "") -> str:
    """Return ``text`` without control characters: a bank's text must not steer the terminal."""
    return "".join(c if c.isprintable() or c in keep else " " for c in text)
