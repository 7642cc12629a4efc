"""Gives a person something of every kind, each with a text that gives it away.

Through the JSON interface wherever a person could; in the tables where only a bank's history
would bring it about.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from strongroom import identity
from strongroom.core.db import Database
from strongroom.core.ids import UserId, new_id
from strongroom.core.time import clock
from strongroom.goals import runs
from tests.prove.addresses import DAY
from tests.prove.bodies import MONEY
from tests.prove.house import House, PersonAtHome

KEY = "the-same-key-for-everybody"
_WALLET = {"name": "wallet", "subtype": "cash", "value": MONEY}
_LOAN = {"name": "loan", "subtype": "loan", "value": MONEY}
_MONTHS = 9


def furnish(home: House, person: PersonAtHome, name: str) -> None:
    """Give a person something of every kind, with a text that gives it away."""
    newest = person.call("GET", "/transactions", params={"limit": 3}).json()["items"]
    for row in newest:
        person.call("PATCH", f"/transactions/{row['id']}", json={"note": f"{name} canary note"})
    _mark(person, name, newest[0])
    _import(person, name)
    accounts = _accounts(person, name)
    _plan(person, name, accounts[0])
    _save_up(home, person, name)
    _spoil(home, person)
    asyncio.run(_notify(home, person, name))
    person.http.get("/budgets/recurring").raise_for_status()  # asks for a look through the book
    home.until(lambda: _has(home, person, "recurring_items"), "something recurring is found")
    home.until_quiet()
    _pair(home, person, name, accounts)
    home.until_quiet()


def _accounts(person: PersonAtHome, name: str) -> tuple[str, str]:
    """A wallet and a loan with terms."""
    made = []
    for one in (_WALLET, _LOAN):
        told = {**one, "name": f"{name} canary {one['name']}"}
        key = {"Idempotency-Key": f"{KEY} {one['name']}"}
        account = person.call("POST", "/accounts", json=told, headers=key).json()
        assert account["name"] == told["name"], "another's answer to the same key"
        made.append(account["id"])
    said = {"note": f"{name} canary details", "remind_months": 12}
    person.call("PUT", f"/accounts/{made[1]}/details", json=said)
    told = {"value": MONEY, "day": DAY}
    person.call("POST", f"/accounts/{made[1]}/balances", json=told)
    terms = {
        "principal": MONEY, "yearly_percent": "3", "first_payment": "2026-12-01", "payments": 12,
    }  # fmt: skip
    person.call("PUT", f"/accounts/{made[1]}/loan", json=terms)
    return made[0], made[1]


def _mark(person: PersonAtHome, name: str, row: dict[str, Any]) -> None:
    """A token, a category, tags, parts and an attachment on a row."""
    person.call(
        "POST", "/tokens", json={"name": f"{name} canary token", "scopes": ["accounts:read"]}
    )
    own = person.call(
        "POST", "/categories", json={"name": f"{name} canary category", "kind": "spending"}
    ).json()["id"]
    person.call("PUT", f"/transactions/{row['id']}/tags", json={"tags": [f"{name} canary tag"]})
    whole = Decimal(row["amount"]["amount"])
    cent = Decimal("0.01").copy_sign(whole)
    parts = [
        {"category": own, "amount": str(amount), "note": f"{name} canary part"}
        for amount in (cent, whole - cent)
    ]
    person.call("PUT", f"/transactions/{row['id']}/splits", json={"parts": parts})
    person.call(
        "POST", "/attachments", params={"transaction": row["id"], "name": f"{name} canary.txt"},
        content=f"{name} canary receipt".encode(),
    )  # fmt: skip


def _import(person: PersonAtHome, name: str) -> None:
    """A file with a row of its own, and a rent that is paid every month."""
    day = clock().date().replace(day=1) - timedelta(days=1)
    rows = [f"{day},{name} canary file row,-1.00"]
    for _ in range(_MONTHS):
        rows.append(f"{day.replace(day=5)},{name} canary rent,-910.00")
        day = day.replace(day=1) - timedelta(days=1)
    made = person.call(
        "POST", "/imports", params={"name": f"{name} canary.csv"},
        content="\n".join(["Date,Description,Amount", *rows, ""]).encode(),
        headers={"Content-Type": "text/csv"},
    ).json()  # fmt: skip
    person.call("POST", f"/imports/{made['id']}/confirm", json={})


def _plan(person: PersonAtHome, name: str, account: str) -> None:
    """Rules, one of which has sorted a row, and a budget."""
    known = person.call("GET", "/categories").json()["items"]
    own = next(one["id"] for one in known if one["name"] == f"{name} canary category")
    parts = {
        "name": f"{name} canary parts",
        "conditions": {"accounts": [account]},
        "actions": {"parts": [{"category": own, "percent": "50"}]},
    }
    person.call("POST", "/rules", json=parts)
    sorts = {
        "name": f"{name} canary rule",
        "conditions": {"texts": [f"{name} canary file row"]},
        "actions": {"category": own, "tags": [f"{name} canary tag"]},
    }
    rule = person.call("POST", "/rules", json=sorts).json()["id"]
    done = person.call("POST", f"/rules/{rule}/apply").json()
    assert done["changed"] == 1, done
    budget = {"category": own, "amount": {**MONEY, "amount": "70"}, "starts_on": "2026-01-01"}
    person.call("POST", "/budgets", json=budget)
    person.call("PUT", "/profile/figures/monthly_income", json={"amount": MONEY})


def _save_up(home: House, person: PersonAtHome, name: str) -> None:
    """A goal with an account of its own, a simulation, and one that was put away."""
    spending = {"amount": {**MONEY, "amount": "900"}}
    person.call("PUT", "/profile/figures/monthly_spending", json=spending)
    held = person.call("GET", "/accounts").json()["items"]
    account = next(one["id"] for one in held if one["category"] == "cash")
    goal = {
        "name": f"{name} canary goal", "goal_text": f"{name} canary dream", "target": MONEY,
        "timeline_months": 36, "accounts": [account],
    }  # fmt: skip
    path = f"/goals/{person.call('POST', '/goals', json=goal).json()['id']}/simulations"
    old = person.call("POST", path, json={"paths": 1000}).json()["id"]
    home.until_quiet()
    with home.base.admin() as db:
        db.execute(
            "UPDATE simulation_runs SET asked_at = asked_at - interval '40 days'"
            " WHERE user_id = %s AND id = %s",
            (person.id, UUID(old.removeprefix("run_"))),
        )
    asyncio.run(_put_away(home))
    person.call("POST", path, json={"paths": 1000, "seed": 1})


async def _put_away(home: House) -> None:
    async with Database(home.base.app_dsn, home.base.system_dsn) as database:
        await runs.put_away(database, now=clock())


def _pair(home: House, person: PersonAtHome, name: str, accounts: tuple[str, str]) -> None:
    """A transfer, a refund, one that was rejected, and what is asked of rows that are alike."""

    def write(account: str, amount: str, text: str) -> str:
        row = {
            "account": account, "day": DAY, "text": f"{name} canary {text}",
            "amount": {"amount": amount, "currency": "USD"},
        }  # fmt: skip
        made: str = person.call("POST", "/transactions", json=row).json()["transaction"]["id"]
        return made

    out, into = (
        write(accounts[0], "-4321.98", "own account"),
        write(accounts[1], "4321.98", "own account"),
    )
    home.until_quiet()
    if not _has(home, person, "transfers"):  # they may have been matched by now
        person.call("POST", "/transfers", json={"one": out, "other": into})
    purchase, back = write(accounts[0], "-12.34", "shop"), write(accounts[0], "12.34", "shop")
    other, again = write(accounts[0], "-56.78", "shop"), write(accounts[0], "56.78", "shop")
    home.until_quiet()
    for refund, of in ((again, other), (back, purchase)):
        found = person.call("GET", "/refunds", params={"transaction": refund}).json()["items"]
        if not found:
            pair = {"refund": refund, "purchase": of}
            found = [person.call("POST", "/refunds", json=pair).json()]
        if refund == again:
            person.call("DELETE", f"/refunds/{found[0]['id']}")
    home.until_quiet()
    kiosk = [write(accounts[1], "-3.45", "kiosk") for _ in range(2)]
    # The newest row of all has something to offer: its merchant's other row, in its category. No
    # rule splits rows of this account.
    person.call("PATCH", f"/transactions/{kiosk[1]}", json={"category": "cash_withdrawal"})
    home.until_quiet()
    with home.base.admin() as db:
        _ask(db, person)


def _ask(db: psycopg.Connection, person: PersonAtHome) -> None:
    """Ask whether rows are one: only a bank's and a person's telling of the same would do so."""
    entries = _rows(db, person, "manual")
    told = _rows(db, person, "bank")
    now = clock()
    db.execute(
        "INSERT INTO entry_matches (user_id, id, entry_id, bank_id, score, reason, state,"
        " proposed_at) VALUES (%s, %s, %s, %s, 80, %s, 'proposed', %s)"
        " ON CONFLICT DO NOTHING",
        (person.id, new_id(), entries[0], told[0],
         Jsonb({"days": 1, "same_amount": True, "text": 60}), now),
    )  # fmt: skip
    db.execute(
        "INSERT INTO doubles (user_id, id, row_id, kept_id, score, days, made_at)"
        " VALUES (%s, %s, %s, %s, 80, 0, %s) ON CONFLICT DO NOTHING",
        (person.id, new_id(), entries[1], told[1], now),
    )


def _rows(db: psycopg.Connection, person: PersonAtHome, origin: str) -> list[Any]:
    """The newest rows that someone told."""
    rows = db.execute(
        "SELECT id FROM transactions WHERE user_id = %s AND origin = %s AND transfer_id IS NULL"
        " ORDER BY id DESC LIMIT 2",
        (person.id, origin),
    ).fetchall()
    return [row[0] for row in rows]


def _spoil(home: House, person: PersonAtHome) -> None:
    """Let the person's bank send a row that has to be kept aside."""
    with home.base.admin() as db:
        query = "SELECT plaid_item_id FROM plaid_items WHERE user_id = %s"
        (plaid_id,) = db.execute(query, (person.id,)).fetchall()[0]
    home.sandbox.control("POST", f"/items/{plaid_id}/bad_row", kind="huge")
    home.until(lambda: _has(home, person, "set_aside_rows"), "the row is kept aside")


def _has(home: House, person: PersonAtHome, table: str) -> bool:
    with home.base.admin() as db:
        query = f"SELECT 1 FROM {table} WHERE user_id = %s LIMIT 1"
        return db.execute(query, (person.id,)).fetchone() is not None


async def _notify(home: House, person: PersonAtHome, name: str) -> None:
    owner = UserId(person.id)
    async with Database(home.base.app_dsn) as database, database.unit_of_work(owner) as db:
        await identity.notify(
            db, owner=owner, type="proof", title=f"{name} canary", body="-", now=clock()
        )
