"""Walks every address as one person with another's ids: each must answer that there is nothing.

What a person's own lists and pages show is searched for anything of the other's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Set
from typing import Any

import httpx
import psycopg

from strongroom import identity
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.time import clock
from tests.prove import addresses
from tests.prove.addresses import TABLE_OF_PREFIX, Address
from tests.prove.house import API, House, PersonAtHome

KEY = "the-same-key-for-everybody"
_MONEY = {"amount": "1250000.00", "currency": "USD"}
_HOUSE = {"name": "house", "subtype": "real_estate", "value": _MONEY}

# Valid bodies, so that nothing but the id can be refused. Forms for pages.
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/v1/accounts/{account_id}": {"name": "taken over"},
    "POST /api/v1/accounts/{account_id}/balances": {"value": _MONEY},
    "PATCH /api/v1/transactions/{transaction_id}": {"note": "taken over"},
    "POST /transactions/{transaction_id}": {"note": "taken over"},
    "POST /accounts/{account_id}": {"name": "taken over", "action": "rename"},
    "POST /notifications/{notification}/read": {},
    "POST /api/v1/links/{link_id}/choose": {"choice": "leave"},
    "POST /accounts/link/{session_id}/choose": {"choice": "leave"},
    "POST /connections/{item}/unlink": {"close_accounts": "true"},
    "PATCH /api/v1/imports/{import_id}": {"guess": {"sign": "as_is"}},
    "POST /api/v1/imports/{import_id}/confirm": {},
    "POST /api/v1/imports/{import_id}/undo": {},
    "POST /imports/{import_id}/undo": {"even_edited": "yes"},
}
_FOUND_NOTHING = 404
_FILE = "Date,Description,Amount\n2026-11-02,{name} canary file row,-1.00\n"
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")


def furnish(home: House, person: PersonAtHome, name: str) -> None:
    """Give a person something of every kind, with a text that gives it away."""
    account = person.call(
        "POST", "/accounts", json={**_HOUSE, "name": f"{name} canary house"},
        headers={"Idempotency-Key": KEY},
    ).json()  # fmt: skip
    assert account["name"] == f"{name} canary house", "another's answer to the same key"
    person.call(
        "POST", "/tokens", json={"name": f"{name} canary token", "scopes": ["accounts:read"]}
    )
    newest = person.call("GET", "/transactions", params={"limit": 3}).json()["items"]
    for row in newest:
        person.call("PATCH", f"/transactions/{row['id']}", json={"note": f"{name} canary note"})
    made = person.call(
        "POST", "/imports", params={"name": f"{name} canary.csv"},
        content=_FILE.format(name=name).encode(), headers={"Content-Type": "text/csv"},
    ).json()  # fmt: skip
    person.call("POST", f"/imports/{made['id']}/confirm", json={})
    _spoil(home, person)
    asyncio.run(_notify(home, person, name))
    home.until_quiet()


def _spoil(home: House, person: PersonAtHome) -> None:
    """Let the person's bank send a row that has to be kept aside."""
    with home.base.admin() as db:
        query = "SELECT plaid_item_id FROM plaid_items WHERE user_id = %s"
        (plaid_id,) = db.execute(query, (person.id,)).fetchall()[0]
    home.sandbox.control("POST", f"/items/{plaid_id}/bad_row", kind="huge")

    def is_aside() -> bool:
        with home.base.admin() as db:
            query = "SELECT 1 FROM set_aside_rows WHERE user_id = %s"
            return db.execute(query, (person.id,)).fetchone() is not None

    home.until(is_aside, "the row is kept aside")


async def _notify(home: House, person: PersonAtHome, name: str) -> None:
    owner = UserId(person.id)
    async with Database(home.base.app_dsn) as database, database.unit_of_work(owner) as db:
        await identity.notify(
            db, owner=owner, type="proof", title=f"{name} canary", body="-", now=clock()
        )


def differences(home: House, mine: PersonAtHome, other: PersonAtHome) -> list[str]:
    """Everything that ``mine`` can learn or change of ``other``, in words. Empty: nothing."""
    with home.base.admin() as db:
        theirs = _ids(db, other)
        marks = _all_ids(db, other) - _all_ids(db, mine)
        before = _state(db, other)
    known = addresses.every()
    found = [f"the walk does not know what to send to {one}" for one in known if _unknown(one)]
    for one in known:
        if one.ids and not _unknown(one):
            found += _with_their_ids(mine, one, theirs, marks)
        elif one.method == "GET" and not one.ids:
            answer = mine.http.get(one.path)
            found += _shown(f"{one}", answer, marks)
    found += _by_reference(mine, theirs, marks)
    with home.base.admin() as db:
        after = _state(db, other)
    found += [f"changed {table}" for table, was in before.items() if after[table] != was]
    return found + _can_fail(other, known, theirs)


def _unknown(one: Address) -> bool:
    if not one.ids:
        return False
    return "" in one.ids.values() or (one.has_body and str(one) not in BODIES)


def _with_their_ids(
    mine: PersonAtHome, one: Address, theirs: dict[str, str], marks: set[str]
) -> list[str]:
    body = BODIES.get(str(one))
    sent: dict[str, Any] = {} if body is None else {"data" if one.page else "json": body}
    answer = mine.http.request(one.method, one.filled(theirs), **sent)
    found = _shown(f"{one} with another's id", answer, marks, echoed=set(theirs.values()))
    if answer.status_code != _FOUND_NOTHING:
        found.append(f"{one} with another's id: {answer.status_code} {answer.text[:120]!r}")
    return found


def _by_reference(mine: PersonAtHome, theirs: dict[str, str], marks: set[str]) -> list[str]:
    """Another's ids in bodies, forms and queries."""
    own = mine.call("GET", "/transactions", params={"limit": 1}).json()["items"][0]["id"]
    tries: list[tuple[str, str, dict[str, Any], bool]] = [
        ("GET", f"{API}/transactions", {"params": {"account": theirs["acc"]}}, False),
        ("GET", f"{API}/transactions/summary", {"params": {"account": theirs["acc"]}}, False),
        ("GET", f"{API}/transactions", {"params": {"category": theirs["cat"]}}, False),
        ("GET", "/transactions", {"params": {"account": theirs["acc"]}}, False),
        ("GET", "/transactions.csv", {"params": {"account": theirs["acc"]}}, False),
        ("PATCH", f"{API}/transactions/{own}", {"json": {"category": theirs["cat"]}}, True),
        ("POST", f"{API}/links", {"json": {"repair": theirs["itm"]}}, True),
        ("POST", "/transactions/bulk", {"data": {"chosen": theirs["trn"]}}, True),
        ("POST", "/transactions/bulk",
         {"data": {"chosen": own, "action": "category", "category": theirs["cat"]}}, True),
    ]  # fmt: skip
    found = []
    for method, path, sent, refused in tries:
        answer = mine.http.request(method, path, **sent)
        found += _shown(f"{method} {path} {sent}", answer, marks, echoed=set(theirs.values()))
        if refused and answer.status_code != _FOUND_NOTHING:
            found.append(f"{method} {path} {sent}: {answer.status_code} {answer.text[:120]!r}")
    return found


def _shown(
    what: str, answer: httpx.Response, marks: set[str], echoed: Set[str] = frozenset()
) -> list[str]:
    """What of the other's an answer shows; the id that was asked for may be said back."""
    if answer.status_code >= 500:
        return [f"{what}: {answer.status_code} {answer.text[:200]!r}"]
    said = {one.rpartition("_")[2] for one in echoed}
    seen = {one.replace("-", "") for one in _ID.findall(answer.text)} & marks - said
    found = [f"{what} shows {len(seen)} ids of another's"] if seen else []
    if "bob canary" in answer.text or "bob-canary" in answer.text:
        found.append(f"{what} shows another's text")
    return found


def _can_fail(other: PersonAtHome, known: list[Address], theirs: dict[str, str]) -> list[str]:
    """The same ids must open for their owner, or the walk would have shown nothing."""
    found = []
    for one in known:
        if one.method == "GET" and one.ids and not _unknown(one):
            answer = other.http.get(one.filled(theirs))
            if not answer.is_success:
                found.append(f"{one} is closed to its owner too: {answer.status_code}")
    return found


def _ids(db: psycopg.Connection, person: PersonAtHome) -> dict[str, str]:
    """One id of each kind that a person has."""
    found = {}
    for prefix, table in TABLE_OF_PREFIX.items():
        row = db.execute(
            f"SELECT id FROM {table} WHERE user_id = %s ORDER BY id DESC LIMIT 1", (person.id,)
        ).fetchone()
        assert row is not None, f"the person has no {table}"
        found[prefix] = f"{prefix}_{row[0].hex}"
    return found


def _all_ids(db: psycopg.Connection, person: PersonAtHome) -> set[str]:
    ids = {person.id.hex}
    for table in TABLE_OF_PREFIX.values():
        rows = db.execute(f"SELECT id FROM {table} WHERE user_id = %s", (person.id,)).fetchall()
        ids |= {row[0].hex for row in rows}
    return ids


def _state(db: psycopg.Connection, person: PersonAtHome) -> dict[str, Any]:
    found = {}
    for table in (*TABLE_OF_PREFIX.values(), "account_balances", "settings"):
        row = db.execute(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            " WHERE user_id = %s",
            (person.id,),
        ).fetchone()
        found[table] = row
    return found
