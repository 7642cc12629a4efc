"""Ten years of one person's rows among a thousand people, beside bare engines with only theirs.

The same four questions are asked of our doors, and of SQLite and DuckDB files that hold nothing but
this person's rows; then over HTTP from the real web process, and of a book of a hundredth the size.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sqlite3
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from benchmarks import people
from benchmarks.figures import milliseconds, percentile, show, timed
from strongroom import audit, identity, net_worth, transactions
from strongroom.core.db import Database, Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency
from strongroom.core.time import clock, month_start
from strongroom.transactions import Filter, reports, totals
from tests.prove import house
from tests.prove.ground import Base, Ground, ring

_TIMES = 60
_OTHERS, _ROWS_OF_OTHERS = 999, 300
_SMALLER = 100
_DAYS = 3650
_USD = Currency("USD")
_PATHS = (
    "/", "/transactions", "/transactions?q=coffee", "/transactions?q=zither", "/accounts",
    "/api/v1/transactions", "/api/v1/transactions?q=coffee", "/api/v1/transactions?q=zither",
    "/api/v1/transactions/summary?q=coffee", "/api/v1/spending", "/api/v1/cash-flow",
    "/api/v1/net-worth", "/api/v1/net-worth/series?range=all",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One question: how our door is asked, and the SQL of it for an engine that holds bare rows."""

    says: str
    ours: Callable[[Db, UserId, date], Awaitable[Any]]
    theirs: str


def _first_page(db: Db, owner: UserId, _today: date) -> Awaitable[Any]:
    return transactions.search(db, owner=owner, filter=Filter())


def _search(db: Db, owner: UserId, _today: date) -> Awaitable[Any]:
    return transactions.search(db, owner=owner, filter=Filter(text="coffee"))


async def _spending(db: Db, owner: UserId, today: date) -> Any:
    return await reports.category_report(
        db,
        owner=owner,
        currency=_USD,
        periods=reports.periods(reports.Step.MONTH, today, 12),
        kind=transactions.Kind.SPENDING,
    )


def _series(db: Db, owner: UserId, today: date) -> Awaitable[Any]:
    since = today - timedelta(days=_DAYS)
    return net_worth.totals(db, owner=owner, currency=_USD, since=since, until=today)


QUESTIONS = (
    Question(
        "the newest 50 rows", _first_page,
        "SELECT * FROM tx ORDER BY day DESC, id DESC LIMIT 50",
    ),
    Question(
        "a search with one hit in thirteen", _search,
        "SELECT * FROM tx WHERE description LIKE '%coffee%' ORDER BY day DESC, id DESC LIMIT 50",
    ),
    Question(
        "12 months' spending by category", _spending,
        "SELECT substr(CAST(day AS TEXT), 1, 7), category, sum(amount) FROM tx"
        " WHERE day >= '{year_ago}' AND amount < 0 GROUP BY 1, 2",
    ),
    Question(
        "ten years' net worth by day", _series,
        "SELECT day, sum(sum(amount)) OVER (ORDER BY day) FROM tx GROUP BY day ORDER BY day",
    ),
)  # fmt: skip


def run(ground: Ground, rows: int) -> None:
    """Measure and print; the one person has ten times ``rows``: a million."""
    rows *= 10
    with (
        ground.database("bench_book") as base,
        house.opened(ground, base, "bench-book") as home,
    ):
        small = asyncio.run(_fill(base, "ola@example.org", rows // _SMALLER))
        with timed() as filled:
            owner = asyncio.run(_fill(base, "kari@example.org", rows))
            _others(base)
        show("made up", f"{rows:,} rows", f"{filled.seconds:.0f} s, among {_OTHERS + 1} people")
        ours = asyncio.run(_ask(base, owner))
        place = ground.directory / "book"
        place.mkdir()
        _export(base, owner, place)
        engines = {"SQLite": _sqlite(place), "DuckDB": _duckdb(place)}
        for question in QUESTIONS:
            took = {name: found[question.says] for name, found in engines.items() if found}
            best = min(took.values())
            beside = ", ".join(f"{name} {milliseconds(one)}" for name, one in took.items())
            share = f"{ours[question.says] / best:.1f} of the best (target: at most 2)"
            show(question.says, milliseconds(ours[question.says]), f"{beside}: {share}")
        fast = _over_http(home.url, "ola@example.org")
        for path, (median, slow) in _over_http(home.url, "kari@example.org").items():
            grown = f"{median / fast[path][0]:.1f} times that of {rows // _SMALLER:,} rows"
            show(path, f"{milliseconds(slow)} p95", f"{milliseconds(median)} p50, {grown}")
        assert small != owner


async def _fill(base: Base, email: str, rows: int) -> UserId:
    """Somebody with five accounts and so many rows in ten years, written in one statement."""
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    async with Database(base.app_dsn, base.system_dsn) as database:
        owner = await people.person(database, email)
        async with database.unit_of_work(owner) as db:
            await transactions.categories(db, owner=owner)
        with base.admin() as admin:
            _write(admin, [owner], rows)
        async with database.unit_of_work(owner) as db:
            cursor = await db.execute(
                "SELECT DISTINCT date_trunc('month', day)::date FROM transactions"
                " WHERE user_id = %s", (owner,)
            )  # fmt: skip
            months = [row[0] for row in await cursor.fetchall()]
            await totals.take_turn(db, owner)
            await totals.roll_up(db, owner, months)
            await net_worth.refresh(db, owner=owner, now=clock())
        return owner


def _others(base: Base) -> None:
    with base.admin() as admin:
        admin.execute(
            """
            INSERT INTO users (id, email, password_hash, created_at, updated_at)
            SELECT gen_random_uuid(), 'other' || n || '@example.org', 'none', now(), now()
            FROM generate_series(1, %s) n
            """,
            (_OTHERS,),
        )
        admin.execute(
            """
            INSERT INTO settings (user_id, updated_at)
            SELECT id, now() FROM users u
            WHERE NOT EXISTS (SELECT 1 FROM settings s WHERE s.user_id = u.id)
            """
        )
        admin.execute(
            """
            INSERT INTO categories (user_id, id, key, kind, position)
            SELECT u.id, gen_random_uuid(), d.key, d.kind, d.position
            FROM users u CROSS JOIN default_categories d WHERE u.email LIKE 'other%'
            """
        )
        found = admin.execute("SELECT id FROM users WHERE email LIKE 'other%'").fetchall()
        _write(admin, [row[0] for row in found], _ROWS_OF_OTHERS)
        admin.execute("VACUUM ANALYZE")


def _write(admin: psycopg.Connection, owners: list[UUID], rows: int) -> None:
    """Accounts and rows for people who have categories. Every thirteenth row is a coffee."""
    admin.execute(
        """
        INSERT INTO accounts (user_id, id, name, type, subtype, category, currency, is_manual,
                              created_at, updated_at)
        SELECT o, gen_random_uuid(), 'Account ' || n,
               CASE WHEN n = 4 THEN 'credit' ELSE 'depository' END, NULL,
               CASE WHEN n = 4 THEN 'credit_cards' ELSE 'cash' END, 'USD', true, now(), now()
        FROM unnest(%s::uuid[]) o, generate_series(1, 5) n
        """,
        (owners,),
    )
    admin.execute(
        """
        INSERT INTO transactions (user_id, id, account_id, origin, day, amount, currency,
            description, merchant, category_id, needs_review, created_at, updated_at)
        SELECT o, gen_random_uuid(), held.ids[1 + n %% 5], 'manual',
               CURRENT_DATE - (n::bigint * %(days)s / %(rows)s)::int,
               CASE WHEN n %% 20 = 0 THEN 1 ELSE -1 END * ((n * 7919) %% 25000 + 101) / 100.0,
               'USD',
               CASE WHEN n %% 13 = 0 THEN 'COFFEE CORNER ' WHEN n = 77 THEN 'ZITHER SHOP '
                    ELSE 'SHOP ' || chr(65 + n %% 26) || chr(65 + n / 26 %% 26) || ' ' END
                   || lpad(n::text, 7, '0'),
               NULL, sorts.ids[1 + n %% array_length(sorts.ids, 1)], false, now(), now()
        FROM unnest(%(owners)s::uuid[]) o
        CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM accounts WHERE user_id = o) held
        CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM categories
                            WHERE user_id = o AND kind = 'spending') sorts
        CROSS JOIN generate_series(0, %(rows)s - 1) n
        """,
        {"owners": owners, "rows": rows, "days": _DAYS},
    )
    admin.execute(
        """
        INSERT INTO account_balances (user_id, account_id, day, balance, currency, source)
        SELECT user_id, id, CURRENT_DATE, 1000, 'USD', 'manual'
        FROM accounts WHERE user_id = ANY(%s)
        """,
        (owners,),
    )


async def _ask(base: Base, owner: UserId) -> dict[str, float]:
    """Our doors' medians, each question in a unit of work of its own, as an edge opens it."""
    found = {}
    async with Database(base.app_dsn, base.system_dsn) as database:
        for question in QUESTIONS:
            took = []
            for _ in range(_TIMES):
                with timed() as one:
                    async with database.unit_of_work(owner) as db:
                        await question.ours(db, owner, clock().date())
                took.append(one.seconds)
            found[question.says] = statistics.median(took)
    return found


def _export(base: Base, owner: UserId, place: Path) -> None:
    with base.admin() as admin, (place / "rows.csv").open("wb") as out:
        statement = (
            "COPY (SELECT id, day, amount::float8, description, account_id, category_id AS category"
            f" FROM transactions WHERE user_id = '{owner}') TO STDOUT WITH (FORMAT csv, HEADER)"
        )  # an id of ours
        with admin.cursor().copy(statement.encode()) as copy:
            for part in copy:
                out.write(part)


def _asked(run_one: Callable[[str], Any]) -> dict[str, float]:
    year_ago = month_start(clock().date(), 11)
    found = {}
    for question in QUESTIONS:
        took = []
        for _ in range(9):
            with timed() as one:
                run_one(question.theirs.format(year_ago=year_ago))
            took.append(one.seconds)
        found[question.says] = statistics.median(took)
    return found


def _sqlite(place: Path) -> dict[str, float]:
    import csv

    with sqlite3.connect(place / "rows.sqlite") as db, (place / "rows.csv").open() as rows:
        db.execute("CREATE TABLE tx (id TEXT, day TEXT, amount REAL, description TEXT,"
                   " account TEXT, category TEXT)")  # fmt: skip
        db.executemany("INSERT INTO tx VALUES (?,?,?,?,?,?)", list(csv.reader(rows))[1:])
        db.execute("CREATE INDEX tx_day ON tx (day DESC, id DESC)")
        db.execute("ANALYZE")
        db.commit()
        return _asked(lambda query: db.execute(query).fetchall())


def _duckdb(place: Path) -> dict[str, float]:
    if importlib.util.find_spec("duckdb") is None:
        show("DuckDB", "left out: not here")
        return {}
    duckdb = importlib.import_module("duckdb")
    with duckdb.connect(str(place / "rows.duckdb")) as db:
        db.execute(f"CREATE TABLE tx AS SELECT id, day, amount, lower(description) AS description,"
                   f" category FROM read_csv('{place / 'rows.csv'}')")  # fmt: skip
        return _asked(lambda query: db.execute(query).fetchall())


def _over_http(url: str, email: str) -> dict[str, tuple[float, float]]:
    found = {}
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as http:
        given = {"email": email, "password": people.PASSWORD}
        http.post("/api/v1/session", json=given).raise_for_status()
        for path in _PATHS:
            took = []
            for _ in range(_TIMES):
                with timed() as one:
                    answer = http.get(path)
                answer.raise_for_status()
                took.append(one.seconds)
            found[path] = statistics.median(took), percentile(took, 95)
    return found
