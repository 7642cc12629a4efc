"""Commands that link and repair banks: ``link``, ``connections reconnect`` and ``renew-token``."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from strongroom import connections
from strongroom.connections.links import Links
from strongroom.connections.types import Choice, LinkSession, LinkState
from strongroom.connections.watching import item_json, refresh_json, says, watch
from strongroom.core import ids, terminal
from strongroom.core.errors import Conflict, Refused
from strongroom.core.ids import ItemId, UserId

_POLL_SECONDS = 1.0
_UNDER_WAY = (LinkState.OPEN, LinkState.EXCHANGING)


class PasswordIsMissing(Refused):
    """A household was named without the file or password that goes with it."""


class TwoPasswords(Refused):
    """Both a household and a password were given for one sign-in."""


class BadHousehold(Refused):
    """A file does not hold a household as JSON."""


class LinkedAlready(Conflict):
    """The accounts are linked already, and nobody is there to say what to do."""


def link(
    ctx: typer.Context,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Link a practice bank at once, without a page.")
    ] = False,
    institution: Annotated[
        str | None, typer.Option(help="The bank's id at Plaid, such as ins_109508.")
    ] = None,
    user: Annotated[
        str, typer.Option(help="The practice bank's user: user_good, user_household, user_custom.")
    ] = "user_household",
    password: Annotated[
        str | None,
        typer.Option(
            help="What that user signs in with at the practice bank, such as error_ITEM_LOCKED;"
            " pass_good without it."
        ),
    ] = None,
    household: Annotated[
        Path | None,
        typer.Option(help="A household as JSON, for user_custom.", exists=True, dir_okay=False),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Link accounts again that are linked already.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Link a bank: in the browser, or with --sandbox a practice bank right here."""
    session = terminal.session(ctx, json=json, person=person)
    custom = None if household is None else _read(household)
    login = ("user_custom" if custom else user, _password(user, custom, password))
    session.run(_link(session, sandbox, institution, login, anyway))


def _read(household: Path) -> str:
    """Return the text of a household's file. Raises ``BadHousehold``."""
    try:
        text = household.read_text(encoding="utf-8-sig")
        told = json.loads(text)
    except OSError as error:
        raise _bad(household, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _bad(household, "is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _bad(household, f"is not JSON: line {error.lineno}, {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise _bad(household, "is not JSON that can be read") from error
    if not isinstance(told, dict):
        raise _bad(household, "holds no JSON object")
    return text


def _bad(household: Path, why: str) -> BadHousehold:
    return BadHousehold(
        f"{household} {why}.", field="--household", hint="Name a household written as JSON."
    )


async def _link(
    session: terminal.Session,
    sandbox: bool,
    institution: str | None,
    login: tuple[str, str],
    anyway: bool,
) -> None:
    async with session.services() as services:
        owner, links = await session.owner(services), services.get(Links)
        if not sandbox:
            made = await connections.start(
                links, owner=owner, institution_id=institution, actor="cli"
            )
            made = await _follow(session, links, owner, made)
        else:
            made = await connections.link_without_page(
                links,
                owner=owner,
                actor="cli",
                institution_id=institution or "ins_109508",
                username=login[0],
                password=login[1],
                anyway=anyway,
            )
        if made.state is LinkState.DUPLICATE:
            made = await _choose(session, services, links, owner, made, anyway)
        await _report(session, services, owner, made)


def _password(user: str, household: str | None, password: str | None) -> str:
    """Return what to sign in with. Raises ``PasswordIsMissing`` and ``TwoPasswords``."""
    if household is not None and password is not None:
        raise TwoPasswords(
            "A household is its user's password: there is no other.", field="--password",
            hint="Give --household or --password.",
        )  # fmt: skip
    if household is None and password is None and user == "user_custom":
        raise PasswordIsMissing(
            "user_custom needs a household.", field="--household", hint="Name its JSON file."
        )
    return household or password or "pass_good"


async def _follow(
    session: terminal.Session, links: Links, owner: UserId, made: LinkSession
) -> LinkSession:
    """Send the person to Plaid's page and wait until they are through."""
    if made.state is not LinkState.OPEN:
        return made
    session.say(f"Open this address and sign in to your bank:\n\n  {made.hosted_link_url}\n")
    with session.progress("Waiting for you"):
        while made.state in _UNDER_WAY:
            await asyncio.sleep(_POLL_SECONDS)
            made = await connections.finish(links, owner=owner, session_id=made.id, actor="cli")
    return made


async def _choose(
    session: terminal.Session,
    services: terminal.Services,
    links: Links,
    owner: UserId,
    made: LinkSession,
    anyway: bool,
) -> LinkSession:
    """Tell which accounts are linked already, and ask what to do about them."""
    async with services.database.unit_of_work(owner) as db:
        held = await connections.held_already(db, owner=owner, session=made)
    names = ", ".join(ours.name for _, ours in held) or "These accounts"
    twin = ids.show("itm", made.duplicate_of) if made.duplicate_of else ""
    choice = Choice.ANYWAY if anyway else _ask(session, names)
    if choice is None:
        await connections.decide(
            links, owner=owner, session_id=made.id, choice=Choice.LEAVE, actor="cli"
        )
        raise LinkedAlready(
            f"Linked already: {names}. Nothing was changed.",
            hint=f"Sign in again with: strongroom connections reconnect {twin}; or link them a"
            " second time with --anyway.",
        )
    made = await connections.decide(
        links, owner=owner, session_id=made.id, choice=choice, actor="cli"
    )
    return await _follow(session, links, owner, made)


def _ask(session: terminal.Session, names: str) -> Choice | None:
    """Ask the person at the terminal; None where nobody sits there."""
    if session.as_json or not sys.stdin.isatty():
        return None
    session.say(f"Linked already: {names}.")
    answer: str = typer.prompt(
        "Reconnect that link, link them a second time, or leave it? [reconnect/anyway/leave]",
        default=Choice.LEAVE.value,
    )
    return Choice(answer) if answer in {one.value for one in Choice} else Choice.LEAVE


async def _report(
    session: terminal.Session, services: terminal.Services, owner: UserId, made: LinkSession
) -> None:
    if made.state is not LinkState.DONE or made.item_id is None:
        raise Refused(
            f"The bank was not linked: {made.error_code or made.state.value}.",
            hint="Start again with: strongroom link",
        )
    refresh = await watch(session, services, owner, made.item_id, since=made.created_at)
    async with services.database.unit_of_work(owner) as db:
        item = await connections.get_item(db, owner=owner, item_id=made.item_id)
    if session.as_json:
        session.print_json({"connection": item_json(item), "refresh": refresh_json(refresh)})
    again = " again" if made.mode == "update" else ""
    session.say(f"{item.institution_name} is linked{again}. {says(refresh)}")


def banks(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Words of the bank's name; all without them.")] = "",
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Search banks that can be linked, for strongroom link --institution ID."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_banks(session, text))


async def _banks(session: terminal.Session, text: str) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        found = await connections.institutions(services.get(Links), owner=owner, query=text)
    if session.as_json:
        session.print_json(found)
        return
    session.print_table(
        ["Bank", "Countries", "Signs in", "Id"],
        [
            (one.name, ", ".join(one.countries), "at the bank" if one.oauth else "at Plaid", one.id)
            for one in found
        ],
        empty="No bank matches. Which countries are searched is for PLAID_COUNTRY_CODES to say.",
    )


def reconnect(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The link (itm_…) to repair.")],
    accounts: Annotated[
        bool, typer.Option("--accounts", help="Choose anew which accounts the bank shares.")
    ] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Sign in at a bank again: the same accounts, with their history, go on."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_reconnect(session, ItemId(ids.parse("itm", connection)), accounts))


async def _reconnect(session: terminal.Session, item_id: ItemId, accounts: bool) -> None:
    async with session.services() as services:
        owner, links = await session.owner(services), services.get(Links)
        made = await connections.start(
            links, owner=owner, repair=item_id, select_accounts=accounts, actor="cli"
        )
        made = await _follow(session, links, owner, made)
        await _report(session, services, owner, made)


def renew_token(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The link (itm_…) whose key to replace.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Have Plaid replace a link's access token; the old one is dead at once."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_renew_token(session, ItemId(ids.parse("itm", connection))))


async def _renew_token(session: terminal.Session, item_id: ItemId) -> None:
    async with session.services() as services:
        owner = await session.owner(services)
        item = await connections.renew_token(
            services.get(Links), owner=owner, item_id=item_id, actor="cli"
        )
    if session.as_json:
        session.print_json(item_json(item))
    session.say(f"{item.institution_name} has a new access token.")
