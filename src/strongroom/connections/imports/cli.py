"""The commands ``import`` and ``imports``: bring a file, see what it would do, undo it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from strongroom.connections.files import Guess, Limits, Source
from strongroom.connections.imports import deciding, left_out, service, taking
from strongroom.connections.imports.types import (
    BadMapping,
    FileImport,
    ImportId,
    LinesAreUnreadable,
    RowsWereEdited,
)
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import UserId
from strongroom.core.money import Currency
from strongroom.core.plain import amount_text, plain
from strongroom.core.sections import Sections
from strongroom.transactions import PreviewRow

_MOST_SHOWN = 20
_WITHOUT = "--without-unreadable"
_LONGEST_PLACE = 9  # digits

app = typer.Typer(no_args_is_help=True, help="Files that were imported: list, undo.")


class FileIsNotThere(Refused):
    """No file has that name, or it may not be read."""


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to import.")],
    account: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the rows go: acc_… or new, or KEY=acc_… where the file has several."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and store nothing.")
    ] = False,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=ROLE", help="What a column holds, such as Date=date."
        ),
    ] = None,
    sign: Annotated[str | None, typer.Option(help="as_written, inverted, debit_credit, …")] = None,
    date_order: Annotated[str | None, typer.Option(help="ymd, dmy or mdy.")] = None,
    decimal_mark: Annotated[str | None, typer.Option(help="A point or a comma.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as utf-8 or cp1252.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of rows that name none.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Take rows too that look like one there is.")
    ] = False,
    without_unreadable: Annotated[
        bool,
        typer.Option("--without-unreadable", help="Take the rest where lines cannot be read."),
    ] = False,
    balance: Annotated[
        bool | None,
        typer.Option(
            "--balance/--no-balance",
            help="Whether to believe the file's balance; else only where it fits what is known.",
        ),
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Import a file of a bank or another program. The same file twice changes nothing."""
    session = terminal.session(ctx, json=json, person=person)
    changes: dict[str, Any] = {
        name: value
        for name, value in {
            "sign": sign,
            "date_order": date_order,
            "decimal_mark": decimal_mark,
            "encoding": encoding,
            "currency": currency,
        }.items()
        if value is not None
    }
    if map_:
        changes["columns"] = dict(_mapping(text) for text in map_)
    work = _import(
        session,
        file,
        account or [],
        changes,
        dry_run=dry_run,
        everything=all_,
        without_unreadable=without_unreadable,
        keep_balance=balance,
    )
    session.run(work)


def _mapping(text: str) -> tuple[str, str | int]:
    """Read ``COLUMN=ROLE``; a column is a heading, or its place counted from 1."""
    column, equals, role = text.rpartition("=")
    if not equals or not column or not role:
        raise BadMapping("Write --map COLUMN=ROLE.", field="--map", hint="Such as Date=date.")
    if column.isdecimal() and len(column) <= _LONGEST_PLACE and int(column):
        return role, int(column) - 1
    return role, column


async def _import(
    session: terminal.Session,
    path: Path,
    wanted: list[str],
    changes: dict[str, Any],
    *,
    dry_run: bool,
    everything: bool,
    without_unreadable: bool,
    keep_balance: bool | None,
) -> None:
    source = _source(path)
    alike: list[PreviewRow] = []
    again = f"strongroom import {shlex.quote(str(path))}" + f" {_WITHOUT}" * without_unreadable
    async with session.services() as services:
        owner = await session.owner(services)
        bringing = _Bringing(session, services, owner, source, wanted, changes, keep_balance)
        if dry_run:
            done, known = await bringing.look()
            unreadable = done.unreadable
        else:
            done, known, alike, unreadable = await bringing.take(
                everything=everything, without_unreadable=without_unreadable
            )
            await session.work_off(services)
    _report(session, done, known, alike, unreadable, dry_run=dry_run)
    if dry_run and unreadable and done.rows and not without_unreadable:
        session.say(f"Nothing is imported while that is so. Add {_WITHOUT} to import the rest.")
    if not dry_run and not session.as_json:
        left_out.tell(session, alike, again)


@dataclass(frozen=True, slots=True)
class _Bringing:
    """One file on its way into the book. What is asked is asked between units of work."""

    session: terminal.Session
    services: terminal.Services
    owner: UserId
    source: Source
    wanted: Sequence[str]
    changes: dict[str, Any]
    keep_balance: bool | None

    async def look(self) -> tuple[FileImport, deciding.Names]:
        """Say what would happen, and store nothing."""
        async with self._work() as db, db.transaction(force_rollback=True):
            found = await self._begin(db)
            await _show_rows(self.session, db, self.owner, found)
            return found, await deciding.names(db, self.owner)

    async def take(
        self, *, everything: bool, without_unreadable: bool
    ) -> tuple[FileImport, deciding.Names, list[PreviewRow], int]:
        """Take the file in; return also the rows that were left out for looking like others.

        And how many lines could not be read: these are told before anything is asked or taken.
        Where it is not taken in after all, nothing of it is kept.
        """
        async with self._work() as db:
            found = await self._begin(db)
        try:
            self._check_readable(found, without_unreadable=without_unreadable)
            unreadable = found.unreadable
            answers = deciding.ask(self.session, found)
            alike: list[PreviewRow] = []
            async with self._work() as db:
                if answers:
                    found = await service.choose(
                        db, owner=self.owner, import_id=found.id, choices=answers,
                        now=self.session.now(),
                    )  # fmt: skip
                if not everything:
                    alike = await left_out.look(db, self.owner, found)
            chosen = None if everything else left_out.ask(self.session, alike)
            async with self._work() as db:
                done = await service.confirm(
                    db,
                    owner=self.owner,
                    import_id=found.id,
                    include=chosen,
                    now=self.session.now(),
                    without_unreadable=without_unreadable,
                    actor="cli",
                    sections=self.services.get(Sections),
                    limits=self._limits,
                )
                known = await deciding.names(db, self.owner)
        except BaseException:
            async with self._work() as db:
                await service.discard(db, owner=self.owner, import_id=found.id)
            raise
        return done, known, [row for row in alike if row.id not in (chosen or ())], unreadable

    def _check_readable(self, found: FileImport, *, without_unreadable: bool) -> None:
        try:
            service.check_readable(found, without_unreadable=without_unreadable)
        except LinesAreUnreadable as refused:
            _tell_problems(self.session, found)
            refused.message = f"{_lines(refused.count)} could not be read. Nothing was imported."
            refused.field, refused.hint = _WITHOUT, f"Import the rest with {_WITHOUT}."
            raise

    async def _begin(self, db: Db) -> FileImport:
        with self.session.progress("Reading") as show:

            async def progress(rows: int) -> None:
                show(rows)

            found = await service.begin(
                db,
                owner=self.owner,
                source=self.source,
                now=self.session.now(),
                account_id=deciding.only(self.wanted),
                changes=self.changes,
                progress=progress,
                limits=self._limits,
            )
        return await deciding.choose(
            self.session, db, self.owner, found, self.wanted, keep_balance=self.keep_balance
        )

    @property
    def _limits(self) -> Limits:
        return Limits.of_mebibytes(self.services.settings.import_mebibytes)

    def _work(self) -> AbstractAsyncContextManager[Db]:
        return self.services.database.unit_of_work(self.owner)


def _source(path: Path) -> Source:
    """Return the file. Raises ``FileIsNotThere`` for what is no file or may not be read."""
    try:
        if path.is_dir():
            raise FileIsNotThere(f"{path} is a directory.", field="FILE", hint="Name a file.")
        source = Source.at(path)
        with source.opened():
            return source
    except OSError as error:
        raise FileIsNotThere(f"{path}: {error.strerror}.", field="FILE") from error


async def _show_rows(session: terminal.Session, db: Db, owner: UserId, found: FileImport) -> None:
    rows = await service.rows(db, owner=owner, import_id=found.id, limit=_MOST_SHOWN)
    if session.as_json:
        return
    says = {"known": "there already", "alike": "looks like one there is"}
    session.print_table(
        ["Line", "Day", "What", "Category", ">Amount", ""],
        [
            (
                row.line,
                row.day,
                row.payee or row.description,
                row.category,
                amount_text(row.amount, Currency(row.currency or "XXX")),
                says.get(row.mark or "", "new"),
            )
            for row in rows
        ],
        empty="No rows.",
    )
    if found.rows > len(rows):
        session.say(f"… and {found.rows - len(rows):,} more.")


def _report(
    session: terminal.Session,
    found: FileImport,
    known: deciding.Names,
    alike: Sequence[PreviewRow],
    unreadable: int,
    *,
    dry_run: bool,
) -> None:
    if session.as_json:
        more = {"dry_run": True} if dry_run else {"left_out": left_out.as_json(alike)}
        session.print_json(_json(found, known) | {"unreadable": unreadable} | more)
        return
    session.say(f"Read as {found.format}{_as_read(found.guess)}.")
    _tell_problems(session, found)
    deciding.tell(session, found, known)
    if found.told:
        told = ", ".join(f"{count:,} {name}" for name, count in found.told.items())
        session.say(f"Beside its rows the book tells: {told}.")
    if dry_run:
        session.say(
            f"Would import {found.new:,} rows; {found.known:,} are there already, "
            f"{found.alike:,} look like one there is. Nothing was stored."
        )
        _tell_unreadable(session, unreadable)
        return
    session.say(
        f"{found.imported:,} rows imported, {found.skipped:,} left out "
        f"({found.known:,} were there already, {found.alike:,} look like one there is)."
    )
    _tell_unreadable(session, unreadable)
    if found.imported or found.made_accounts or found.made_categories or any(found.made.values()):
        session.say(f"Undo it with: strongroom imports undo {ids.show('imp', found.id)}")


def _tell_problems(session: terminal.Session, found: FileImport) -> None:
    for problem in found.problems[:_MOST_SHOWN]:
        place = f"Line {problem.line}" if problem.line else problem.field
        session.say(f"{place}: {problem.message}")
    if found.problem_count > _MOST_SHOWN:
        session.say(f"… and {found.problem_count - _MOST_SHOWN:,} more lines not taken.")


def _tell_unreadable(session: terminal.Session, count: int) -> None:
    if count:
        session.say(f"{_lines(count)} could not be read.")


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"


def _as_read(guess: Guess) -> str:
    if not guess.columns:
        return ""
    named = ", ".join(f"{role}: {_column(guess, at)}" for role, at in guess.columns.items())
    return f" ({guess.encoding}, {guess.date_order}, decimals {guess.decimal_mark!r}; {named})"


def _column(guess: Guess, place: int | str) -> str:
    if isinstance(place, int):
        named = guess.header[place] if place < len(guess.header) else ""
        return named or f"column {place + 1}"
    return place


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    before: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Go on from where an earlier list ended.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List the files that were imported, newest first."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session, limit, before))


async def _list(session: terminal.Session, limit: int, before: str | None) -> None:
    async with session.work() as (db, owner):
        page = await service.list_imports(db, owner=owner, before=before, limit=limit)
        known = await deciding.names(db, owner)
    if session.as_json:
        session.print_json({"items": [_json(one, known) for one in page.items], "next": page.next})
        return
    session.print_table(
        ["When", "File", "State", ">Imported", ">Left out", "Id"],
        [
            (
                f"{one.created_at:%Y-%m-%d %H:%M}Z",
                one.file_name,
                one.state.value,
                f"{one.imported:,}",
                f"{one.skipped:,}",
                ids.show("imp", one.id),
            )
            for one in page.items
        ],
        empty="No file was imported yet. Import one with: strongroom import FILE",
    )
    if page.next:
        session.say(f" \nGo on with: strongroom imports list --limit {limit} --before {page.next}")


@app.command()
def undo(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="IMPORT", help="The import (imp_…) to take out.")],
    even_edited: Annotated[
        bool, typer.Option("--even-edited", help="Take out what you changed since, too.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Take out exactly what an import brought."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_undo(session, ImportId(ids.parse("imp", file)), even_edited))


async def _undo(session: terminal.Session, import_id: ImportId, even_edited: bool) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        async with services.database.unit_of_work(owner) as db:
            try:
                done = await taking.undo(
                    db,
                    owner=owner,
                    import_id=import_id,
                    now=session.now(),
                    even_edited=even_edited,
                    actor="cli",
                    sections=services.get(Sections),
                )
            except RowsWereEdited as edited:
                edited.hint = "Take them out all the same with: --even-edited"
                raise
            known = await deciding.names(db, owner)
        await session.work_off(services)
    if session.as_json:
        session.print_json(_json(done, known))
    session.say(f"{done.file_name} is undone: {done.imported:,} rows were taken out.")
    if done.made:
        made = ", ".join(f"{len(keys):,} {name}" for name, keys in done.made.items())
        session.say(f"What it had made beside its rows went too: {made}.")


def _json(found: FileImport, known: deciding.Names) -> dict[str, Any]:
    return {
        "id": ids.show("imp", found.id),
        "file_name": found.file_name,
        "state": found.state.value,
        "format": found.format,
        "guess": found.guess.as_json(with_samples=False),
        "accounts": deciding.as_json(found, known),
        "problems": [one._asdict() for one in found.problems],
        "problem_count": found.problem_count,
        "rows": found.rows,
        "new": found.new,
        "known": found.known,
        "alike": found.alike,
        "kept_aside": found.kept_aside,
        "imported": found.imported,
        "skipped": found.skipped,
        "told": dict(found.told),
        "created_at": plain(found.created_at),
    }
