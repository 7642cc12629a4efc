"""Made-up households end: when nobody is signed in to them any more, or at 14 days of age."""

from __future__ import annotations

from datetime import timedelta

import httpx
import psycopg
from psycopg import sql

from strongroom import identity
from strongroom.core.ids import UserId, new_id
from strongroom.core.time import clock
from tests.house import API, House
from tests.identity.conftest import NOW, World, opened_world

EVERYWHERE = {
    "account_balances", "accounts", "categories", "data_keys", "data_refresh_logs",
    "idempotency_keys", "link_events", "link_sessions", "monthly_totals", "net_worth_snapshots",
    "plaid_api_events", "plaid_items", "plaid_transactions", "sessions", "settings",
    "sync_cursors", "transactions",
}  # fmt: skip


def held(house: House, owner: str) -> dict[str, int]:
    """How many rows a person has in each table with a ``user_id``, and in ``users``."""
    with house.admin() as db:
        tables = db.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'user_id' AND NOT c.relispartition AND c.relkind IN ('r', 'p')"
            " AND c.relnamespace = 'strongroom'::regnamespace"
        ).fetchall()
        found = {}
        for name, column in [*((row[0], "user_id") for row in tables), ("users", "id")]:
            query = sql.SQL("SELECT count(*) FROM strongroom.{} WHERE {} = %s")
            row = db.execute(
                query.format(sql.Identifier(name), sql.Identifier(column)), (owner,)
            ).fetchone()
            assert row is not None
            if row[0]:
                found[name] = int(row[0])
        return found


def a_household(house: House) -> tuple[httpx.Client, str]:
    """A made-up household with its banks linked, and whose it is."""
    with house.admin() as db:
        db.execute("DELETE FROM strongroom.rate_limits")
    browser = httpx.Client(base_url=house.url, headers={"Origin": house.url}, timeout=60)
    assert browser.post("/demo").status_code == 303
    house.until_quiet()
    keyed = {"Idempotency-Key": new_id().hex}
    body = {
        "name": "Hytte",
        "subtype": "real_estate",
        "value": {"amount": "100.00", "currency": "USD"},
    }
    made = browser.post(f"{API}/accounts", json=body, headers=keyed)
    assert made.status_code == 201, made.text
    house.until_quiet()
    with house.admin() as db:
        row = db.execute(
            "SELECT id FROM strongroom.users WHERE is_demo ORDER BY created_at DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return browser, str(row[0])


def test_nothing_of_a_household_remains_once_its_session_has_ended(house: House) -> None:
    kari = house.person()
    house.link(kari)
    house.until_quiet()
    with house.admin() as db:
        row = db.execute(
            "SELECT id::text FROM strongroom.users WHERE email = %s", (kari.email,)
        ).fetchone()
    assert row is not None
    before = held(house, row[0])
    staying, kept = a_household(house)
    leaving, gone = a_household(house)
    lived = held(house, gone)
    assert set(lived) >= EVERYWHERE
    assert leaving.post("/logout").status_code == 303
    assert remove(house) >= 1
    assert set(held(house, gone)) == {"audit_log"}
    assert set(held(house, kept)) >= EVERYWHERE
    after = held(house, row[0])
    # Their bank is read again at times of its own, and that is logged.
    logs = {"plaid_api_events", "data_refresh_logs"}
    assert {name for name in after if after[name] < before.get(name, 0)} == set()
    assert {name for name in after if after[name] != before.get(name)} <= logs
    staying.close()
    leaving.close()


def remove(house: House) -> int:
    """What the daily job does, now."""
    removed = 0
    for world in opened_world(house.database):
        removed = world.within_all(lambda db: identity.forget_made_up_for_all(db, now=clock()))
    return removed


def test_a_household_ends_at_14_days_and_others_do_not(own_world: World) -> None:
    demo = own_world.run(
        identity.make_demo(own_world.database, client=own_world.client(), language="en", now=NOW)
    )
    person = own_world.person()

    def forget(days: int) -> int:
        now = NOW + timedelta(days=days)
        # It was used all the time: only its age counts.
        own_world.within_all(
            lambda db: db.execute("UPDATE sessions SET idle_until = %s", (now + timedelta(days=9),))
        )
        return own_world.within_all(lambda db: identity.forget_made_up_for_all(db, now=now))

    def people() -> set[UserId]:
        found = own_world.within_all(identity.list_people_for_all)
        return {one.id for one in found}

    assert (forget(0), forget(14)) == (0, 0)
    assert people() == {demo.owner, person.owner}
    assert (forget(15), forget(16)) == (1, 0)
    assert people() == {person.owner}
    rows = own_world.within_all(_waiting)
    assert rows == 0


async def _waiting(db: psycopg.AsyncConnection[object]) -> object:
    found = await (await db.execute("SELECT count(*) FROM procrastinate_jobs")).fetchone()
    assert isinstance(found, tuple)
    return found[0]
