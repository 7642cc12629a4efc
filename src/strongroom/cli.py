"""The command line: ``strongroom COMMAND``. Each command's code is loaded when it is asked for.

Registers every domain's commands; turns refusals into one plain line and an exit code.
"""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperGroup

from strongroom import __version__
from strongroom.core import keys, log, rotation, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused, StrongroomError, Unavailable
from strongroom.core.ids import SYSTEM, UserId
from strongroom.core.settings import Settings


class Command(NamedTuple):
    """Where a command lives (a function or a ``typer.Typer``), and its line in the help."""

    module: str
    name: str
    says: str


COMMANDS = {
    "run": Command("strongroom.cli", "run", "Run everything until Ctrl-C: database, web, worker."),
    "db": Command("strongroom.cli", "db", "Look into the database, or set it up."),
    "sandbox": Command("strongroom.cli", "sandbox", "Serve a stand-in by itself: Plaid, Ollama."),
    "link": Command("strongroom.connections.cli", "link", "Link a bank."),
    "sync": Command("strongroom.connections.cli", "sync", "Read what is new at your banks."),
    "connections": Command("strongroom.connections.cli", "app", "Your bank links: list, unlink."),
    "import": Command("strongroom.connections.imports.cli", "import_", "Import a file of a bank."),
    "imports": Command("strongroom.connections.imports.cli", "app", "Imported files: list, undo."),
    "accounts": Command("strongroom.accounts.cli", "list_", "List your accounts and balances."),
    "assets": Command("strongroom.accounts.asset_cli", "app", "What you hold without a bank."),
    "transactions": Command(
        "strongroom.transactions.cli", "app", "Transactions: list, add, change, tag, undo."
    ),
    "categories": Command(
        "strongroom.transactions.own_categories.cli", "app", "Your categories: list, add, change."
    ),
    "transfers": Command(
        "strongroom.transactions.transfers.cli", "app", "Transfers between your accounts."
    ),
    "refunds": Command(
        "strongroom.transactions.refunds.cli", "app", "What came back, and what it was for."
    ),
    "doubles": Command(
        "strongroom.transactions.doubles.cli", "app", "Rows that may be told twice."
    ),
    "rules": Command("strongroom.transactions.sorting.cli", "app", "Rules that sort your rows."),
    "export": Command("strongroom.transactions.export.cli", "export", "Export everything."),
    "budgets": Command("strongroom.budgets.plan_cli", "app", "Budgets: how they stand."),
    "recurring": Command(
        "strongroom.budgets.recurring_cli", "app", "What comes again and again: list, judge."
    ),
    "forecast": Command(
        "strongroom.budgets.forecast_cli", "show", "What you may hold on the coming 90 days."
    ),
    "reports": Command(
        "strongroom.transactions.reports.cli", "reports", "Income, spending and what on."
    ),
    "why": Command("strongroom.net_worth.why.cli", "why", "Why net worth or spending changed."),
    "networth": Command("strongroom.net_worth.cli", "show", "Show your net worth."),
    "fx": Command("strongroom.fx.cli", "app", "Exchange rates: load a table, look one up."),
    "goals": Command("strongroom.goals.cli", "app", "Goals: how likely each is."),
    "users": Command("strongroom.identity.cli", "users", "The people who have an account here."),
    "tokens": Command("strongroom.identity.cli", "api_tokens", "API tokens, for programs."),
    "upkeep": Command("strongroom.upkeep.cli", "app", "What runs by itself: list, run now."),
    "audit": Command("strongroom.audit.cli", "app", "Check the record of who did what."),
    "keys": Command("strongroom.cli", "key_ring", "The keys that seal bank tokens: change them."),
    "docs": Command("strongroom.reference", "docs", "Write docs/reference from the program."),
}


class WhoseAccount(Refused):
    """Several people have an account, and the command was not told whose it is about."""


class NoSuchPerson(NotFound):
    """Nobody with an account has that e-mail, or nobody has an account at all."""


class NoPsql(Unavailable):
    """PostgreSQL's client is not on this machine."""


class Lazy(TyperGroup):
    """A group that loads a command's module when the command is run, and not for the help."""

    table: ClassVar[dict[str, Command]] = COMMANDS

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Names only: what a misspelt command is held against.
        self.commands = dict.fromkeys(self.table)  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in the order in which the help shows them."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command."""
        found = self.table.get(cmd_name)
        return None if found is None else load(cmd_name, found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.says) for name, command in self.table.items()])


class LazySandbox(Lazy):
    """The group ``sandbox``: each stand-in is a product of its own, loaded when it is run."""

    table: ClassVar[dict[str, Command]] = {
        "plaid": Command(
            "strongroom.sandbox.plaid.cli", "command", "Serve a local Plaid, for any Plaid client."
        ),
        "ollama": Command(
            "strongroom.sandbox.ollama.cli", "command", "Serve a local Ollama, with set replies."
        ),
    }


def load(name: str, command: Command) -> Any:
    """Return the command as typer runs it."""
    found = getattr(importlib.import_module(command.module), command.name)
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None
        group = typer.main.get_group(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(found)
    return typer.main.get_command(single)


_MOST_NAMED = 10
_BUG = 70

app = typer.Typer(
    cls=Lazy, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"strongroom {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    as_json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Strongroom: your banks, your net worth, on your own computer."""
    ctx.obj = terminal.Session(_build, _find_owner, _work_off, as_json, person, debug)


def _build(settings: Settings) -> terminal.Services:
    from strongroom import wiring

    return wiring.build(settings, role="cli")


async def _find_owner(services: terminal.Services, email: str | None) -> UserId:
    """Return whose account is meant: the one named, or the only one (a real person's first)."""
    from strongroom import identity

    async with services.database.unit_of_work_for_all() as db:
        everyone = await identity.list_people_for_all(db)
    wanted = [p for p in everyone if email is None or p.email.casefold() == email.casefold()]
    found = [p for p in wanted if not p.is_demo] or wanted
    if len(found) == 1:
        return found[0].id
    if found:
        names = ", ".join(person.email for person in found[:_MOST_NAMED])
        raise WhoseAccount(
            f"There are several accounts: {names}{', ...' if len(found) > _MOST_NAMED else ''}.",
            field="--as",
            hint="Choose one: --as EMAIL",
        )
    unknown = f"Nobody with the e-mail {email} has an account."
    raise NoSuchPerson(
        unknown if email else "Nobody has an account yet.",
        field="--as" if email else None,
        hint="Create one in the browser, or with: strongroom users add",
    )


async def _work_off(services: terminal.Services) -> None:
    # By name, as every command is: the entry points do not know one another.
    worker = importlib.import_module("strongroom.worker")
    await worker.work_off(services)


def run(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port, in place of STRONGROOM_PORT.")
    ] = None,
    pick_port: Annotated[
        bool, typer.Option("--pick-port", help="Take another port if that one is in use.")
    ] = False,
) -> None:
    """Run everything until Ctrl-C: database, web, worker."""
    from strongroom import run as running

    settings = Settings.from_environment()
    if port is not None:
        settings = replace(settings, port=port)
    raise typer.Exit(running.run(settings, pick_port=pick_port))


db = typer.Typer(no_args_is_help=True, help="Look into the database, or set it up.")


@db.command("path")
def db_path() -> None:
    """Print where the database lies."""
    settings = Settings.from_environment()
    if settings.database_url is not None:
        raise Refused(
            "DATABASE_URL is set: the database lies where that server keeps it.",
            hint="Ask that server: strongroom db psql -- -c 'SHOW data_directory'",
        )
    from strongroom.core import postgres

    typer.echo(postgres.find_place(settings.home).data)


@db.command("psql", context_settings={"ignore_unknown_options": True})
def db_psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to psql.")] = None,
) -> None:
    """Open psql on the database as its administrator."""
    from strongroom.core import postgres

    settings = Settings.from_environment()
    if settings.database_url is not None:
        # In the environment, where no list of processes shows the password.
        extra = _psql_environment(settings.database_url)
        raise typer.Exit(_call(["psql", *(arguments or [])], extra))
    with postgres.ensure(settings.home, bin_dir=settings.pg_bin) as server:
        command, extra = postgres.psql_command(server, "postgres")
        extra = {**extra, "PGOPTIONS": "-c search_path=strongroom"}
        raise typer.Exit(_call([*command, *(arguments or [])], extra))


def _call(command: list[str], environment: dict[str, str]) -> int:
    """Run psql to its end; return its exit code. Raises ``NoPsql``."""
    import os
    import subprocess

    try:
        return subprocess.call(command, env=os.environ | environment)
    except OSError as error:
        raise NoPsql(
            f"psql, PostgreSQL's own client, could not be started: {error.strerror}.",
            hint="Install it (on Debian and Ubuntu: apt install postgresql-client), try again.",
        ) from error


def _psql_environment(dsn: str) -> dict[str, str]:
    """Return a connection string as libpq's environment variables."""
    from psycopg import pq
    from psycopg.conninfo import conninfo_to_dict

    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    given = conninfo_to_dict(dsn)
    return {
        **{names[name]: str(found) for name, found in given.items() if name in names},
        "PGOPTIONS": "-c search_path=strongroom",
    }


@db.command("migrate")
def db_migrate() -> None:
    """Bring the database to this program's schema."""
    from strongroom import wiring
    from strongroom.core import schema

    settings = Settings.from_environment()
    with wiring.admin_dsn(settings) as dsn:
        version = schema.migrate(dsn, schema.ring_of(settings, dsn))
    typer.echo(f"The database is at version {version}.")


key_ring = typer.Typer(no_args_is_help=True, help="The keys that seal bank tokens: change them.")


@key_ring.callback()
def _key_ring() -> None:
    """Change the keys that seal bank tokens."""


_INTO = typer.Option(
    "--to", metavar="FILE", help="Write the changed ring there, and change nothing else."
)


@key_ring.command("rotate")
def keys_rotate(
    ctx: typer.Context,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Make no new key: only wrap what another key still wraps."),
    ] = False,
    into: Annotated[Path | None, _INTO] = None,
) -> None:
    """Make a new key in keys.json, and wrap everybody's data key by it. The old ones stay.

    May be cut short at any point and run again: everything opens all the while.
    """
    session = terminal.session(ctx)
    settings = Settings.from_environment()
    if into is not None:
        _write_ring(into, keys.load(settings, may_make=False).with_new_key())
        session.say(
            f"{into} holds the ring with a new key. Give it to every process (its content as "
            "STRONGROOM_KEYS), start them again, then: strongroom keys rotate --finish"
        )
        return
    if not finish:
        _refuse_in_environment(settings, "rotate", "then: strongroom keys rotate --finish")

    async def work() -> rotation.Rotated:
        async with session.services() as services:
            with session.progress("wrapping data keys anew") as progress:
                done = await rotation.rotate(
                    services.database, settings, finish=finish, on_wrapped=progress
                )
            details = {"key": done.current, "wrapped": done.wrapped, "new": done.made_new}
            async with services.database.unit_of_work_for_all() as db:
                await _record(db, "keys.rotate", details, session.now())
            return done

    done = session.run(work())
    said = "is the new key" if done.made_new else "is the current key"
    session.say(f"{done.current} {said}; it wraps {done.wrapped} more data keys.")
    if done.made_new:
        session.say("Back keys.json up again. To take old keys out: strongroom keys retire")
    elif not finish:
        session.say("That ends a rotation that was cut short, so no new key was made.")


@key_ring.command("status")
def keys_status(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """Show each key, and how many people's data keys it wraps."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[rotation.KeyState]:
        async with session.services() as services, services.database.unit_of_work_for_all() as db:
            return await rotation.states_for_all(db, services.ring)

    held = session.run(work())
    if session.as_json:
        session.print_json(held)
        return
    rows = [(key.name, _standing(key), key.wraps) for key in held]
    session.print_table(["Key", "Standing", ">Data keys"], rows)
    if any(key.wraps and not key.is_current for key in held):
        session.say("Some are still wrapped by another key: strongroom keys rotate --finish")
    elif len(held) > 1:
        session.say("Nothing needs the old keys any more: strongroom keys retire")


def _standing(key: rotation.KeyState) -> str:
    if key.is_current:
        return "current"
    return "still opens" if key.in_ring else "NOT IN THE RING"


@key_ring.command("retire")
def keys_retire(ctx: typer.Context, into: Annotated[Path | None, _INTO] = None) -> None:
    """Take the old keys out of keys.json, once nothing is wrapped by them.

    Backups of the database from before the rotation need them: keep a copy as long as those.
    """
    session = terminal.session(ctx)
    settings = Settings.from_environment()
    if into is None:
        _refuse_in_environment(settings, "retire", "and give its content to every process.")

    async def work() -> list[str]:
        async with session.services() as services, services.database.unit_of_work_for_all() as db:
            if into is not None and into.exists():
                raise _in_the_way(into)
            old = await rotation.retire_for_all(db, settings, into=into)
            await _record(db, "keys.retire", {"keys": ", ".join(old)}, session.now())
            return old

    session.say(f"Taken out of the ring: {', '.join(session.run(work()))}.")


async def _record(db: Db, action: str, details: dict[str, Any], now: datetime) -> None:
    from strongroom import audit

    await audit.record(db, owner=SYSTEM, actor="cli", action=action, details=details, now=now)


def _refuse_in_environment(settings: Settings, command: str, afterwards: str) -> None:
    if settings.key_ring is not None:
        raise Refused(
            "The key ring is in STRONGROOM_KEYS, where no command can change it.",
            field="STRONGROOM_KEYS",
            hint=f"Have the changed ring written: strongroom keys {command} --to FILE, "
            f"{afterwards}",
        )


def _write_ring(path: Path, ring: keys.KeyRing) -> None:
    if path.exists():
        raise _in_the_way(path)
    keys.save(path, ring)


def _in_the_way(path: Path) -> Conflict:
    return Conflict(f"{path} is there already.", field="--to", hint="Name a file that is not.")


sandbox = typer.Typer(
    cls=LazySandbox, no_args_is_help=True, help="Serve a stand-in by itself: Plaid, Ollama."
)


@sandbox.callback()
def _sandbox() -> None:
    """Serve a stand-in by itself: Plaid, Ollama."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    debug = "--debug" in sys.argv[1:]
    try:
        log.configure(level=logging.INFO if debug else logging.ERROR)
        app(prog_name="strongroom")
    except StrongroomError as error:
        if debug:
            traceback.print_exc()
        sys.exit(_complain(terminal.complaint(error), error.exit_code))
    except Exception:
        if debug:
            raise
        text = "Something went wrong inside Strongroom. See it with --debug."
        sys.exit(_complain(text, _BUG))


def _complain(text: str, exit_code: int) -> int:
    sys.stderr.write(terminal.printable(f"strongroom: {text}") + "\n")
    return exit_code


if __name__ == "__main__":
    main()
