"""Ten years of one person's rows among a thousand people, beside bare engines with only theirs.

The same four questions are asked of our doors, and of SQLite and DuckDB files that hold nothing but
this person's rows, and of hledger and beancount where these are installed; then over HTTP from the
real web process, and of a book of a hundredth the size.
Whoever is compared takes turns, so that what else the machine does meanwhile slows all alike.
"""

from __future__ import annotations

import asyncio
import csv
import importlib
import importlib.util
import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks import book_rows, people, plain_text
from benchmarks.figures import milliseconds, percentile, show, timed
from strongroom import net_worth, transactions
from strongroom.core.db import Database, Db
from strongroom.core.ids import UserId
from strongroom.core.money import Currency
from strongroom.core.time import clock, month_start
from strongroom.transactions import Filter, reports
from tests.prove import house
from tests.prove.ground import Base, Ground

_TIMES, _TIMES_HTTP = 30, 100
_SMALLER = 100
_USD = Currency("USD")
_OURS = "ours"
_PATHS = (
    "/", "/transactions", "/transactions?q=coffee", "/transactions?q=zither", "/accounts",
    "/api/v1/transactions", "/api/v1/transactions?q=coffee", "/api/v1/transactions?q=zither",
    "/api/v1/transactions?q=cofee", "/api/v1/transactions/summary?q=coffee",
    "/api/v1/spending", "/api/v1/cash-flow", "/api/v1/reports/spending", "/api/v1/net-worth",
    "/api/v1/net-worth/series?range=all",
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


def _rare(db: Db, owner: UserId, _today: date) -> Awaitable[Any]:
    return transactions.search(db, owner=owner, filter=Filter(text="zither"))


async def _spending(db: Db, owner: UserId, today: date) -> Any:
    return await reports.category_report(
        db,
        owner=owner,
        currency=_USD,
        periods=reports.periods(reports.Step.MONTH, today, 12),
        kind=transactions.Kind.SPENDING,
    )


def _series(db: Db, owner: UserId, today: date) -> Awaitable[Any]:
    since = today - timedelta(days=book_rows.DAYS)
    return net_worth.totals(db, owner=owner, currency=_USD, since=since, until=today)


async def _nothing(db: Db, owner: UserId, _today: date) -> Any:
    return None


_LIKE = "SELECT * FROM tx WHERE description LIKE '%{word}%' ORDER BY day DESC, id DESC LIMIT 50"
QUESTIONS = (
    Question(
        "the newest 50 rows", _first_page,
        "SELECT * FROM tx ORDER BY day DESC, id DESC LIMIT 50",
    ),
    Question("a search with one hit in thirteen", _search, _LIKE.format(word="coffee")),
    Question("a search with one hit in all", _rare, _LIKE.format(word="zither")),
    Question(
        "12 months' spending by category", _spending,
        "SELECT substr(CAST(day AS TEXT), 1, 7), category, sum(amount) FROM tx"
        " WHERE day >= '{year_ago}' AND amount < 0 GROUP BY 1, 2",
    ),
    Question(
        "ten years' net worth by day", _series,
        "SELECT day, sum(sum(amount)) OVER (ORDER BY day) FROM tx GROUP BY day ORDER BY day",
    ),
    Question("nothing: a unit of work alone", _nothing, "SELECT 1"),
)  # fmt: skip


def run(ground: Ground, rows: int) -> None:
    """Measure and print; the one person has ten times ``rows``: a million."""
    rows *= 10
    few = rows // _SMALLER
    with ground.database("bench_book") as base:
        with timed() as filled:
            wanted = {"ola@example.org": few, "kari@example.org": rows}
            _, owner = asyncio.run(book_rows.fill(base, wanted))
        made = f"{filled.seconds:.0f} s, among {book_rows.PEOPLE} people"
        show("laid into the book", f"{rows:,} rows", made)
        place = ground.directory / "book"
        place.mkdir()
        _export(base, owner, place)
        _beside_engines(base, owner, place)
        plain_text.measure(place / "rows.csv", rows, clock().date())
        with house.opened(ground, base, "bench-book") as home:
            home.until_quiet()
            _over_http(home.url, f"{few:,} rows")


def _beside_engines(base: Base, owner: UserId, place: Path) -> None:
    """Ask our doors and bare engines in turns; the least of each is compared."""
    with ExitStack() as engines:
        theirs = {"SQLite": engines.enter_context(_sqlite(place))}
        if importlib.util.find_spec("duckdb") is None:
            show("DuckDB", "left out: not here")
        else:
            theirs["DuckDB"] = engines.enter_context(_duckdb(place))
        took = asyncio.run(_ask(base, owner, theirs))
    for question in QUESTIONS:
        mine, *others = took[question.says].items()
        least = {name: min(found) for name, found in others}
        best = min(least.values())
        beside = ", ".join(f"{name} {milliseconds(one)}" for name, one in least.items())
        share = f"{min(mine[1]) / best:.2f} of the best (target: at most 2)"
        slow = f"{milliseconds(percentile(mine[1], 95))} p95"
        show(question.says, milliseconds(min(mine[1])), f"{slow}; {beside}: {share}")


async def _ask(
    base: Base, owner: UserId, theirs: Mapping[str, Callable[[str], Any]]
) -> dict[str, dict[str, list[float]]]:
    """How long each took each time; ours in a unit of work of its own, as an edge opens it."""
    year_ago = month_start(clock().date(), 11)
    found: dict[str, dict[str, list[float]]] = {}
    async with Database(base.app_dsn, base.system_dsn) as database:
        for question in QUESTIONS:
            took = found[question.says] = defaultdict(list)
            query = question.theirs.format(year_ago=year_ago)
            for _ in range(_TIMES):
                with timed() as one:
                    async with database.unit_of_work(owner) as db:
                        await question.ours(db, owner, clock().date())
                took[_OURS].append(one.seconds)
                for name, ask in theirs.items():
                    with timed() as one:
                        ask(query)
                    took[name].append(one.seconds)
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


@contextmanager
def _sqlite(place: Path) -> Iterator[Callable[[str], Any]]:
    with (
        closing(sqlite3.connect(place / "rows.sqlite")) as db,
        (place / "rows.csv").open() as rows,
    ):
        db.execute("CREATE TABLE tx (id TEXT, day TEXT, amount REAL, description TEXT,"
                   " account TEXT, category TEXT)")  # fmt: skip
        lines = csv.reader(rows)
        next(lines)
        db.executemany("INSERT INTO tx VALUES (?,?,?,?,?,?)", lines)
        db.execute("CREATE INDEX tx_day ON tx (day DESC, id DESC)")
        db.execute("ANALYZE")
        db.commit()
        yield lambda query: db.execute(query).fetchall()


@contextmanager
def _duckdb(place: Path) -> Iterator[Callable[[str], Any]]:
    duckdb = importlib.import_module("duckdb")
    with duckdb.connect(str(place / "rows.duckdb")) as db:
        db.execute(f"CREATE TABLE tx AS SELECT id, day, amount, lower(description) AS description,"
                   f" category FROM read_csv('{place / 'rows.csv'}')")  # fmt: skip
        yield lambda query: db.execute(query).fetchall()


def _over_http(url: str, of_fewer: str) -> None:
    """Ask for pages and JSON of the large and the small book in turns."""
    with _signed_in(url, "kari@example.org") as large, _signed_in(url, "ola@example.org") as small:
        for path in _PATHS:
            took = _in_turns((large, small), path)
            grown = f"{min(took[0]) / min(took[1]):.2f} times that of {of_fewer}"
            median, slow = statistics.median(took[0]), percentile(took[0], 95)
            note = f"{milliseconds(min(took[0]))} least, {milliseconds(median)} p50, {grown}"
            show(path, f"{milliseconds(slow)} p95", note)


def _in_turns(clients: Sequence[httpx.Client], path: str) -> list[list[float]]:
    took: list[list[float]] = [[] for _ in clients]
    for _ in range(_TIMES_HTTP):
        for http, mine in zip(clients, took, strict=True):
            with timed() as one:
                answer = http.get(path)
            answer.raise_for_status()
            mine.append(one.seconds)
    return took


@contextmanager
def _signed_in(url: str, email: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as http:
        given = {"email": email, "password": people.PASSWORD}
        http.post("/api/v1/session", json=given).raise_for_status()
        yield http
