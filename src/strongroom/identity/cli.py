"""``strongroom users`` and ``strongroom tokens``: accounts and API tokens from the terminal.

A password is asked for or read from standard input, never taken from the command's arguments.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from strongroom.core import ids, terminal
from strongroom.identity import entrance, service, tokens
from strongroom.identity.types import SCOPES, ApiToken, Client, NewApiToken, Person, TokenId

users = typer.Typer(no_args_is_help=True, help="The people who have an account here.")
api_tokens = typer.Typer(no_args_is_help=True, help="API tokens, for programs.")


@users.command("list")
def list_users(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """List everyone who has an account, oldest first."""
    session = terminal.session(ctx, json=json)

    async def work() -> list[Person]:
        async with session.services() as services, services.database.unit_of_work_for_all() as db:
            return await service.list_people_for_all(db)

    people = session.run(work())
    if session.as_json:
        session.print_json([{**_shown(person)} for person in people])
        return
    rows = [
        (
            person.email,
            person.name,
            "made-up" if person.is_demo else person.role,
            f"{person.created_at:%Y-%m-%d}",
            f"{person.last_login_at:%Y-%m-%d %H:%M} UTC" if person.last_login_at else "never",
        )
        for person in people
    ]
    columns = ["Email", "Name", "Role", "Since", "Last sign-in"]
    session.print_table(columns, rows, empty="Nobody has an account yet.")


@users.command("add")
def add_user(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    name: Annotated[str, typer.Option(help="What to call them.")] = "",
) -> None:
    """Create an account, also where sign-up is closed. Asks for the password."""
    session = terminal.session(ctx)
    password = _ask_password()

    async def work() -> None:
        async with session.services() as services:
            await entrance.add_person_for_all(
                services.database,
                entrance.SignUp(email, password, name),
                now=session.now(),
            )

    session.run(work())
    session.say(f"{email} can sign in now.")


@users.command("reset-password")
def reset_password(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="Whose password to change.")],
) -> None:
    """Give someone a new password and end their sessions. Asks for the password."""
    session = terminal.session(ctx)
    password = _ask_password()

    async def work() -> int:
        async with session.services() as services:
            return await entrance.reset_password_for_all(
                services.database, email=email, new=password, now=session.now()
            )

    session.say(f"The password is changed; {session.run(work())} sessions ended.")


@api_tokens.command("create")
def create_token(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[str], typer.Option(help=f"Repeatable. One of: {', '.join(SCOPES)}.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days it works.")] = None,
    email: terminal.AsPerson = None,
    json: terminal.AsJson = False,
) -> None:
    """Make an API token and print it, this one time."""
    session = terminal.session(ctx, json=json, person=email)
    now = session.now()

    async def work() -> NewApiToken:
        async with session.work() as (db, owner):
            return await tokens.create_token(
                db,
                owner=owner,
                name=name,
                scopes=scope,
                expires_at=None if days is None else now + timedelta(days=days),
                actor="cli",
                client=Client(),
                now=now,
            )

    made = session.run(work())
    if session.as_json:
        session.print_json({**_shown_token(made.token), "secret": made.secret})
        return
    session.say(made.secret)
    sys.stderr.write("This token is shown once. Keep it where you keep passwords.\n")


@api_tokens.command("list")
def list_tokens(
    ctx: typer.Context, email: terminal.AsPerson = None, json: terminal.AsJson = False
) -> None:
    """List the API tokens that still work."""
    session = terminal.session(ctx, json=json, person=email)

    async def work() -> list[ApiToken]:
        async with session.work() as (db, owner):
            return await tokens.list_tokens(db, owner=owner, now=session.now())

    found = session.run(work())
    if session.as_json:
        session.print_json([_shown_token(token) for token in found])
        return
    rows = [
        (
            ids.show("tok", token.id),
            token.name,
            ", ".join(token.scopes),
            f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never",
        )
        for token in found
    ]
    session.print_table(["Id", "Name", "May", "Ends"], rows, empty="No API tokens.")


@api_tokens.command("revoke")
def revoke_token(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(help="The id that `tokens list` shows.")],
    email: terminal.AsPerson = None,
) -> None:
    """End an API token at once."""
    session = terminal.session(ctx, person=email)

    async def work() -> None:
        async with session.work() as (db, owner):
            await tokens.revoke_token(
                db,
                owner=owner,
                token_id=TokenId(ids.parse("tok", token)),
                actor="cli",
                client=Client(),
                now=session.now(),
            )

    session.run(work())
    session.say("The token works no more.")


def _ask_password() -> str:
    """Ask twice at a terminal; take the first line of standard input from a script."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    text: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    return text


def _shown(person: Person) -> dict[str, object]:
    return {
        "id": ids.show("usr", person.id),
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "is_demo": person.is_demo,
        "created_at": person.created_at,
        "last_login_at": person.last_login_at,
    }


def _shown_token(token: ApiToken) -> dict[str, object]:
    return {
        "id": ids.show("tok", token.id),
        "name": token.name,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
    }
