"""Where a file's rows go, in a terminal: what the command says, what is asked, what is told.

Stores nothing itself; see ``service.choose``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import typer

from strongroom import accounts
from strongroom.connections.imports import advice, service
from strongroom.connections.imports.types import (
    AccountIsNotChosen,
    BadMapping,
    Choice,
    FileAccountChoice,
    FileImport,
)
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId
from strongroom.core.plain import plain

NEW = "new"
Names = Mapping[AccountId | None, str]
"""What the person's accounts are called."""


def only(wanted: Sequence[str]) -> AccountId | None:
    """Return the one account that is named without a key."""
    named = [text for text in wanted if "=" not in text]
    if len(named) > 1:
        raise BadMapping(
            "Name the file's account with each: --account KEY=acc_…", field="--account"
        )
    return AccountId(ids.parse("acc", named[0])) if named and named[0] != NEW else None


async def choose(
    session: terminal.Session,
    db: Db,
    owner: UserId,
    found: FileImport,
    wanted: Sequence[str],
    *,
    keep_balance: bool | None,
) -> FileImport:
    """Choose accounts and balances as the command says."""
    choices = {} if NEW not in wanted else {one.told.key: _new(one) for one in found.accounts}
    for text in wanted:
        key, equals, named = text.rpartition("=")
        if equals:
            mine = next((one for one in found.accounts if one.told.key == key), None)
            fresh = mine is not None and named == NEW
            choices[key] = (
                _new(mine)
                if mine is not None and fresh
                else Choice(account_id=AccountId(ids.parse("acc", named)))
            )
    if keep_balance is not None:
        for one in found.accounts:
            choice = choices.get(one.told.key, one.choice)
            choices[one.told.key] = replace(choice, keep_balance=keep_balance)
    if not choices:
        return found
    return await service.choose(
        db, owner=owner, import_id=found.id, choices=choices, now=session.now()
    )


def ask(session: terminal.Session, found: FileImport) -> dict[str, Choice]:
    """Ask where nothing says which account rows go to; outside any unit of work.

    Raises ``AccountIsNotChosen`` where nobody is there to answer.
    """
    return {
        one.told.key: _ask(session, one, len(found.accounts))
        for one in found.accounts
        if one.choice.kept_aside
    }


def _new(one: FileAccountChoice) -> Choice:
    return replace(one.choice, account_id=None, kept_aside=False)


def _ask(session: terminal.Session, one: FileAccountChoice, count: int) -> Choice:
    """Ask the person at the terminal which account it is."""
    says = advice.problem(one)
    if session.as_json or not sys.stdin.isatty():
        key = f"{one.told.key}=" if count > 1 else ""
        raise AccountIsNotChosen(
            f"{says} Nothing says which account the rows go to.",
            field="--account",
            hint=f"Say --account {key}acc_… or --account {key}new.",
        )
    session.say(says)
    answer: str = typer.prompt(f"Which account do the rows go to? acc_… or {NEW}")
    if answer.strip() == NEW:
        return _new(one)
    return replace(
        one.choice, account_id=AccountId(ids.parse("acc", answer.strip())), kept_aside=False
    )


async def names(db: Db, owner: UserId) -> Names:
    """Return what the person's accounts are called."""
    held = await accounts.list_all(db, owner=owner)
    return {one.id: f"{one.name} •• {one.mask}" if one.mask else one.name for one in held}


def tell(session: terminal.Session, found: FileImport, known: Names) -> None:
    """Say which account the rows go to, whether it is new, why, and what does not fit."""
    for one in found.accounts:
        choice = one.choice
        rows = f"{one.told.rows:,} rows" + (f" of {one.told.name}" if one.told.key else "")
        if choice.kept_aside:
            session.say(f"{rows} are kept aside.")
        elif _is_new(one, found):
            ref = "" if choice.account_id is None else f" ({ids.show('acc', choice.account_id)})"
            session.say(f"{rows} go to a new account: {choice.name}{ref}.")
        else:
            ref = ids.show("acc", choice.account_id) if choice.account_id else ""
            name = known.get(choice.account_id, choice.name)
            session.say(f"{rows} go to {name} ({ref}). {advice.why(one)}")
        session.say(advice.problem(one))
        if says := advice.balance_problem(one):
            kept = "It is kept: --balance." if one.keeps_balance else "It is left out."
            session.say(f"{says} {kept}")


def as_json(found: FileImport, known: Names) -> list[dict[str, Any]]:
    """Return a file's accounts as they stand in JSON."""
    return [
        {
            **plain(one.told),
            "account": None
            if one.choice.account_id is None
            else ids.show("acc", one.choice.account_id),
            "account_name": known.get(one.choice.account_id, one.choice.name),
            "is_new": _is_new(one, found),
            "new": one.choice.name
            if one.choice.account_id is None and not one.choice.kept_aside
            else None,
            "kept_aside": one.choice.kept_aside,
            "why": one.advice.why,
            "problem": advice.problem(one) or None,
            "balance_problem": advice.balance_problem(one) or None,
            "balance_kept": one.keeps_balance,
        }
        for one in found.accounts
    ]


def _is_new(one: FileAccountChoice, found: FileImport) -> bool:
    if one.choice.kept_aside:
        return False
    return one.choice.account_id is None or one.choice.account_id in found.made_accounts
