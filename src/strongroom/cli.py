"""The command line: ``strongroom COMMAND``. Each command's code is loaded when it is asked for.

Registers every domain's commands; turns refusals into one plain line and an exit code.
"""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer
from typer.core import TyperGroup

from strongroom import __version__
from strongroom.core import log, terminal
from strongroom.core.db import many, value
from strongroom.core.errors import NotFound, Refused, StrongroomError
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
    "docs": Command("strongroom.reference", "docs", "Write docs/reference from the program."),
}


class WhoseAccount(Refused):
    """Several people have an account, and the command was not told whose it is about."""


class NoSuchPerson(NotFound):
    """Nobody with an account has that e-mail, or nobody has an account at all."""


class Lazy(TyperGroup):
    """A group that loads a command's module when the command is run, and not for the help."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in the order in which the help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command."""
        found = COMMANDS.get(cmd_name)
        return None if found is None else load(cmd_name, found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.says) for name, command in COMMANDS.items()])


def load(name: str, command: Command) -> Any:
    """Return the command as typer runs it."""
    found = getattr(importlib.import_module(command.module), command.name)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        found = single
    found.rich_markup_mode = None
    made = typer.main.get_command(found)
    made.name = name
    return made


app = typer.Typer(
    cls=Lazy, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def _root(
    ctx: typer.Context,
    as_json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Strongroom: your banks, your net worth, on your own computer."""
    if version:
        typer.echo(f"strongroom {__version__}")
        raise typer.Exit
    ctx.obj = terminal.Session(_build, _find_owner, as_json, person, debug)


def _build(settings: Settings) -> terminal.Services:
    from strongroom import wiring

    return wiring.build(settings, role="cli")


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    email: str


async def _find_owner(services: terminal.Services, email: str | None) -> UserId:
    """Return whose account is meant: the one named, or the only one (a real person's first)."""
    async with services.database.unit_of_work_for_all() as db:
        people = await many(
            db,
            _Person,
            "SELECT id, email FROM users WHERE %(email)s::text IS NULL"
            " OR lower(email) = lower(%(email)s) ORDER BY is_demo, created_at LIMIT 20",
            {"email": email},
        )
        real = await value(db, "SELECT count(*) FROM users WHERE NOT is_demo")
    if not people:
        raise NoSuchPerson(
            f"Nobody with the e-mail {email} has an account."
            if email
            else "No account exists yet.",
            field="--as" if email else None,
            hint="Create one in the browser, or with: strongroom users add",
        )
    if len(people) > 1 and real != 1:
        names = ", ".join(person.email for person in people)
        raise WhoseAccount(
            f"There are several accounts: {names}.", field="--as", hint="Choose one: --as EMAIL"
        )
    return UserId(people[0].id)


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
    from strongroom.core import keys, schema

    settings = Settings.from_environment()
    with wiring.admin_dsn(settings) as dsn:
        version = schema.migrate(dsn, keys.load(settings))
    typer.echo(f"The database is at version {version}.")


def main() -> None:
    """Run the command line and end the process with its exit code."""
    debug = "--debug" in sys.argv[1:]
    try:
        log.configure(level=logging.INFO if debug else logging.ERROR)
        app()
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
