"""The command ``accounts``: what is held and owed, with balances."""

from __future__ import annotations

from typing import Any

import typer

from strongroom import accounts
from strongroom.accounts import Account
from strongroom.core import ids, terminal
from strongroom.core.plain import amount_text, plain


def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List your accounts and their balances; what is owed is negative."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_list(session))


async def _list(session: terminal.Session) -> None:
    async with session.work() as (db, owner):
        found = await accounts.list_all(db, owner=owner)
    if session.as_json:
        session.print_json([_json(account) for account in found])
        return
    session.print_table(
        ["Account", "Bank", "Kind", ">Balance", "", "As of", "Id"],
        [
            (
                account.name + (f" ••{account.mask}" if account.mask else ""),
                account.institution_name,
                account.subtype or account.type,
                "unknown"
                if account.balance is None
                else amount_text(account.balance.amount, account.currency),
                account.currency,
                account.balance_day,
                ids.show("acc", account.id),
            )
            for account in found
        ],
        empty="No accounts yet. Link a bank with: strongroom link",
    )


def _json(account: Account) -> dict[str, Any]:
    item = None if account.item_id is None else ids.show("itm", account.item_id)
    return {**plain(account), "id": ids.show("acc", account.id), "item_id": item}
