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
from typing import Annotated, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperGroup

from strongroom import __version__
from strongroom.core import log, terminal
from strongroom.core.errors import Conflict, NotFound, Refused, StrongroomError
from strongroom.core.ids import UserId
from strongroom.core.settings import Settings


class Command(NamedTuple):
    """Where a command lives (a function or a ``typer.Typer``), and its line in the help."""

    module: str
    name: str
    says: str


COMMANDS = {
    "run": Command("strongroom.cli", "run", "Run everything until Ctrl-C: database, web, worker."),
    "db": Command("strongroom.cli", "db", "Look into the database, or set it up."),
    "sandbox": Command("strongroom.cli", "sandbox", "Serve a stand-in for Plaid by itself."),
    "link": Command("strongroom.connections.cli", "link", "Link a bank."),
    "sync": Command("strongroom.connections.cli", "sync", "Read what is new at your banks."),
    "connections": Command("strongroom.connections.cli", "app", "Your bank links: list, unlink."),
    "accounts": Command("strongroom.accounts.cli", "list_", "List your accounts and balances."),
    "transactions": Command("strongroom.transactions.cli", "list_", "List transactions."),
    "export": Command("strongroom.transactions.export.cli", "export", "Export everything."),
    "networth": Command("strongroom.net_worth.cli", "show", "Show your net worth."),
    "goals": Command("strongroom.goals.cli", "app", "Goals: what is understood of one."),
    "users": Command("strongroom.identity.cli", "users", "The people who have an account here."),
    "tokens": Command("strongroom.identity.cli", "api_tokens", "API tokens, for programs."),
    "audit": Command("strongroom.audit.cli", "app", "Check the record of who did what."),
    "keys": Command("strongroom.cli", "key_ring", "The keys that seal bank tokens: change them."),
    "docs": Command("strongroom.reference", "docs", "Write docs/reference from the program."),
}


class WhoseAccount(Refused):
    """Several people have an account, and the command was not told whose it is about."""


class NoSuchPerson(NotFound):
    """Nobody with an account has that e-mail, or nobody has an account at all."""


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
        )
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
    import os
    import subprocess

    from strongroom.core import postgres

    settings = Settings.from_environment()
    if settings.database_url is not None:
        # In the environment, where no list of processes shows the password.
        command, extra = ["psql"], _psql_environment(settings.database_url)
        raise typer.Exit(subprocess.call([*command, *(arguments or [])], env=os.environ | extra))
    with postgres.ensure(settings.home, bin_dir=settings.pg_bin) as server:
        command, extra = postgres.psql_command(server, "postgres")
        extra = {**extra, "PGOPTIONS": "-c search_path=strongroom"}
        raise typer.Exit(subprocess.call([*command, *(arguments or [])], env=os.environ | extra))


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


@key_ring.command("rotate")
def keys_rotate(
    ctx: typer.Context,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Make no new key: go on where a rotation was cut short."),
    ] = False,
) -> None:
    """Make a new key in keys.json, and wrap everybody's data key by it. The old ones stay.

    May be cut short at any point: everything opens all the while.
    """
    session = terminal.session(ctx)
    settings = Settings.from_environment()
    if settings.key_ring is not None:
        raise Refused(
            "The key ring is in STRONGROOM_KEYS, where no command can change it.",
            field="STRONGROOM_KEYS",
            hint=f"Save it as {settings.home / 'keys.json'} (mode 0600), unset STRONGROOM_KEYS, "
            "run this again, and give every process the new file's content.",
        )

    async def work() -> tuple[str, int]:
        async with session.services() as services:
            return await _rotate(services, finish=finish, now=session.now())

    current, count = session.run(work())
    said = "is the current key" if finish else "is the new key"
    session.say(f"{current} {said}; it wraps {count} more data keys. Back keys.json up again.")
    if not finish:
        session.say("Restart Strongroom if it runs, then: strongroom keys rotate --finish")


async def _rotate(services: terminal.Services, *, finish: bool, now: datetime) -> tuple[str, int]:
    """Return the name of the current key and how many data keys were wrapped anew by it."""
    from strongroom import audit
    from strongroom.core import keys
    from strongroom.core.ids import SYSTEM
    from strongroom.core.vault import Vault

    count = 0
    async with services.database.lease("key ring") as ours:
        if not ours:
            raise Conflict("The keys are being changed in this moment.", hint="Wait for its end.")
        ring = keys.load(services.settings, may_make=False)
        if not finish:
            ring = ring.with_new_key()
            keys.save(keys.path_of(services.settings), ring)  # before anything needs it
        vault = Vault(ring)
        wrapped = -1
        while wrapped:  # a batch a unit of work: nobody waits long, and what is done stays done
            async with services.database.unit_of_work_for_all() as db:
                wrapped = await vault.rewrap_for_all(db)
            count += wrapped
        async with services.database.unit_of_work_for_all() as db:
            details: audit.Details = {"key": ring.current, "wrapped": count, "new": not finish}
            await audit.record(
                db, owner=SYSTEM, actor="cli", action="keys.rotate", details=details, now=now
            )
    return ring.current, count


sandbox = typer.Typer(
    cls=LazySandbox, no_args_is_help=True, help="Serve a stand-in for Plaid by itself."
)


@sandbox.callback()
def _sandbox() -> None:
    """Serve a stand-in for Plaid by itself."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    debug = "--debug" in sys.argv[1:]
    try:
        log.configure(level=logging.INFO if debug else logging.ERROR)
        app(prog_name="strongroom")
    except StrongroomError as error:
        if debug:
            traceback.print_exc()
        sys.exit(_complain(error.message, error.hint, error.exit_code))
    except Exception:
        if debug:
            raise
        sys.exit(_complain("Something went wrong inside Strongroom.", "See it with --debug.", 70))


def _complain(message: str, hint: str | None, exit_code: int) -> int:
    text = f"strongroom: {message} {hint or ''}".rstrip()
    sys.stderr.write(terminal.printable(text) + "\n")
    return exit_code


if __name__ == "__main__":
    main()
