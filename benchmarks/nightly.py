"""The night's snapshots: everyone at once, beside a loop over people that does the same sums.

``--rows`` is how many people there are, with five accounts each. The loop does what a program does
that has a person at a time in mind: read the newest balances, add them up, write the day. It is
timed over a sample of people, all with the same amount of work, and reckoned up to all of them.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from benchmarks.figures import rate, show, timed
from strongroom import net_worth
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from tests.prove.ground import Base, Ground

_SAMPLE = 2_000
_SMALL_SHARE = 100
_FIRST = datetime(2026, 11, 1, 3, tzinfo=UTC)
_ACCOUNTS = ("cash", "cash", "investments", "credit_cards", "mortgages")


def run(ground: Ground, rows: int) -> None:
    """Measure and print."""
    with ground.database("bench_nightly") as base:
        asyncio.run(_measure(base, rows))


async def _measure(base: Base, count: int) -> None:
    with base.admin() as admin:
        with timed() as filled:
            _people(admin, count)
            _balances(admin, _FIRST)
        show("made up", f"{count:,} people", f"{count * 5:,} accounts, {filled.seconds:.0f} s")
        async with Database(base.app_dsn, base.system_dsn) as database:
            await _night(database, _FIRST, "the first night of all")
            night = _FIRST + timedelta(days=1)
            _balances(admin, night)
            once = await _night(database, night, "a night on which every balance is new")
            await _night(database, night, "the same again: nothing is new")
            night += timedelta(days=1)
            await _night(database, night, "a night without news: the last day again")
            night += timedelta(days=1)
            _balances(admin, night, one_in=_SMALL_SHARE)
            await _night(database, night, f"a night with news for one in {_SMALL_SHARE}")
            again = night + timedelta(hours=1)
            _balances(admin, again, one_in=_SMALL_SHARE * 10, more=1)
            await _night(database, again, f"an hour later: news for one in {_SMALL_SHARE * 10}")
            sample = [UserId(row[0]) for row in admin.execute(
                "SELECT id FROM users ORDER BY md5(id::text) LIMIT %s", (_SAMPLE,)
            )]  # fmt: skip
            night += timedelta(days=1)
            _balances(admin, night)
            for says, each in (("a loop over people", _one), ("a loop of our own verb", _ours)):
                with timed() as took:
                    for owner in sample:
                        await each(database, owner, night)
                whole = took.seconds / len(sample) * count
                show(
                    says,
                    f"{whole:.0f} s for all",
                    f"{took.seconds / len(sample) * 1000:.2f} ms a person over {len(sample):,}:"
                    f" {whole / once:.0f} times the one statement",
                )


async def _night(database: Database, now: datetime, says: str) -> float:
    with timed() as took:
        async with database.unit_of_work_for_all() as db:
            changed = await net_worth.take_snapshots_for_all(db, now=now)
    show(says, f"{took.seconds:.2f} s", f"{changed:,} snapshots, {rate(changed, took.seconds)}")
    return took.seconds


async def _one(database: Database, owner: UserId, now: datetime) -> None:
    """What a loop over people does: three statements and some adding up."""
    async with database.unit_of_work(owner) as db:
        held = await (
            await db.execute(
                "SELECT category, currency, balance FROM current_account_balances"
                " WHERE user_id = %s",
                (owner,),
            )
        ).fetchall()
        owned: dict[str, Decimal] = {}
        owed: dict[str, Decimal] = {}
        for category, _, balance in held:
            side = owned if balance >= 0 else owed
            side[category] = side.get(category, Decimal(0)) + abs(balance)
        await db.execute(
            "INSERT INTO net_worth_snapshots (user_id, day, currency, total_assets,"
            " total_liabilities, asset_breakdown, liability_breakdown, estimated, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, false, %s)"
            " ON CONFLICT (user_id, day, currency) DO NOTHING",
            (owner, now.date(), held[0][1], sum(owned.values(), Decimal(0)),
             sum(owed.values(), Decimal(0)), *(_json(side) for side in (owned, owed)), now),
        )  # fmt: skip


def _json(side: dict[str, Decimal]) -> str:
    return json.dumps({key: str(amount) for key, amount in side.items()})


async def _ours(database: Database, owner: UserId, now: datetime) -> None:
    async with database.unit_of_work(owner) as db:
        await net_worth.refresh(db, owner=owner, now=now)


def _people(admin: psycopg.Connection[Any], count: int) -> None:
    admin.execute(
        "INSERT INTO users (id, email, password_hash, created_at, updated_at)"
        " SELECT gen_random_uuid(), n || '@example.org', 'none', now(), now()"
        " FROM generate_series(1, %s) n",
        (count,),
    )
    admin.execute(
        "INSERT INTO settings (user_id, time_zone, updated_at)"
        " SELECT id, (%s::text[])[1 + abs(hashtext(email)) %% 3], now() FROM users",
        (["UTC", "Europe/Oslo", "Europe/Belgrade"],),
    )
    admin.execute(
        "INSERT INTO accounts (user_id, id, name, type, category, currency, is_manual, created_at,"
        " updated_at) SELECT u.id, gen_random_uuid(), k.category, 'manual_asset', k.category,"
        " 'NOK', true, now(), now() FROM users u, unnest(%s::text[]) k (category)",
        (list(_ACCOUNTS),),
    )
    admin.execute("ANALYZE users, settings, accounts")


def _balances(
    admin: psycopg.Connection[Any], now: datetime, *, one_in: int = 1, more: int = 0
) -> None:
    """Give every account, or those of one person in so many, a balance of the day."""
    admin.execute(
        """
        INSERT INTO account_balances AS b (user_id, account_id, day, balance, currency, source)
        SELECT a.user_id, a.id, %(day)s::date,
               CASE WHEN a.category IN ('credit_cards', 'mortgages') THEN -1 ELSE 1 END
                   * (hashtext(a.id::text || %(day)s::date::text) %% 100000 + 100000 + %(more)s),
               'NOK', 'manual'
        FROM accounts a WHERE abs(hashtext(a.user_id::text)) %% %(one_in)s = 0
        ON CONFLICT (user_id, account_id, day) DO UPDATE SET balance = excluded.balance
        """,
        {"day": now.date(), "one_in": one_in, "more": more},
    )
    admin.execute("ANALYZE account_balances, net_worth_snapshots, net_worth_stale")
