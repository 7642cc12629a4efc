"""Proof: nobody reaches another person's rows, through no endpoint, no page and no SQL.

SQL is judged by a twin: the same database from which the other person was taken out. Whatever
the application's role asks, as one person or as nobody, both must answer alike, and the other
person's rows must stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from tests.prove import furnish, house, random_sql, walk
from tests.prove.ground import Base, Ground
from tests.prove.house import PersonAtHome

_FRESH_EVERY = 150
_NOBODY_EVERY = 4
_PASSWORD = "a long way round 7"


def run(ground: Ground, count: int, seed: int) -> dict[int, list[str]]:
    """Walk every endpoint once, then try ``count`` random statements; return what failed."""
    with ground.database("tenants") as base:
        with house.opened(ground, base, "tenants") as home:
            ada, bob = _people(home)
            found = walk.differences(home, ada, bob)
        failures = {seed - 1: found} if found else {}
        return failures | _statements(ground, base, (ada.id, bob.id), count, seed)


def _people(home: house.House) -> tuple[PersonAtHome, PersonAtHome]:
    """Two people, each with something in every table."""
    people = []
    for name in ("ada", "bob"):
        person = home.person(f"{name}-canary@example.org", _PASSWORD, name=f"{name} canary")
        home.link(person)
        furnish.furnish(home, person, name)
        people.append(person)
    return people[0], people[1]


def _statements(
    ground: Ground, base: Base, people: tuple[UUID, UUID], count: int, seed: int
) -> dict[int, list[str]]:
    ada, bob = people
    failures: dict[int, list[str]] = {}
    with base.admin() as db:
        known = random_sql.tables(db)
        maker = random_sql.Maker(known, _values(db, known))
    done = 0
    while done < count:
        with _twins(ground, base, bob) as twins:
            for number in range(seed + done, seed + min(done + _FRESH_EVERY, count)):
                tenant = None if number % _NOBODY_EVERY == 0 else ada
                wrong = twins.judge(maker.statement(number), tenant)
                if wrong:
                    failures[number] = wrong
                if twins.spoilt:
                    break
            done = number - seed + 1
    return failures


def _values(db: psycopg.Connection, known: list[random_sql.Table]) -> dict[str, list[str]]:
    """Literals worth asking for: ids, days, amounts and texts of both people."""
    found: dict[str, set[str]] = {}
    for table in known:
        if table.kind == "v":
            continue
        for column, kind in table.columns.items():
            if kind in ("json", "jsonb", "bytea") or kind.endswith("[]"):
                continue
            rows = db.execute(
                f"SELECT {column}::text FROM {table.name} WHERE {column} IS NOT NULL LIMIT 40"
            ).fetchall()
            found.setdefault(kind, set()).update(row[0] for row in rows)
    return {kind: sorted(values) for kind, values in found.items()}


@dataclass
class _Twins:
    """Two databases that differ in one person only, and a connection of the role to each."""

    full: Base
    without: Base
    other: UUID
    app: tuple[psycopg.Connection, psycopg.Connection]
    admin: psycopg.Connection
    before: list[Any]
    spoilt: bool = False

    def judge(self, statement: random_sql.Statement, tenant: UUID | None) -> list[str]:
        """Run a statement in both; return in what they differ."""
        answers = [_answer(db, statement.text, tenant) for db in self.app]
        wrong = []
        if answers[0] != answers[1]:
            wrong = [f"as {tenant or 'nobody'}: {statement.text}",
                     f"with the other person: {_short(answers[0])}",
                     f"without:               {_short(answers[1])}"]  # fmt: skip
        if statement.writes:
            after = _rows_of(self.admin, self.other)
            if after != self.before:
                changed = [a[0] for a, b in zip(self.before, after, strict=True) if a != b]
                wrong.append(f"changed another's rows in {changed}: {statement.text}")
        self.spoilt = bool(wrong)
        return wrong


@contextmanager
def _twins(ground: Ground, base: Base, other: UUID) -> Iterator[_Twins]:
    with (
        _copied(ground, base, "tenants_full") as full,
        _copied(ground, base, "tenants_without") as without,
    ):
        with without.admin() as db:
            _take_out(db, other)
        with (
            full.admin() as admin,
            psycopg.connect(full.app_dsn, autocommit=True) as one,
            psycopg.connect(without.app_dsn, autocommit=True) as two,
        ):
            for db in (one, two):
                db.execute("SET statement_timeout = '10s'")
            yield _Twins(full, without, other, (one, two), admin, _rows_of(admin, other))


@contextmanager
def _copied(ground: Ground, base: Base, name: str) -> Iterator[Base]:
    source = psycopg.conninfo.conninfo_to_dict(base.admin_dsn)["dbname"]
    with psycopg.connect(ground.admin_dsn, autocommit=True) as db:
        db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        db.execute(f'CREATE DATABASE {name} TEMPLATE "{source}" STRATEGY file_copy')
        try:
            yield Base(make_conninfo(ground.admin_dsn, dbname=name))
        finally:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _take_out(db: psycopg.Connection, person: UUID) -> None:
    with db.transaction():
        db.execute("SET LOCAL session_replication_role = replica")  # no order among the tables
        for table, column in walk.owned(db):
            db.execute(f"DELETE FROM {table} WHERE {column} = %s", (person,))


def _rows_of(db: psycopg.Connection, person: UUID) -> list[Any]:
    parts = [
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f" FROM {table} t WHERE {column} = '{person}'"
        for table, column in walk.owned(db)
    ]
    return db.execute(" UNION ALL ".join(parts)).fetchall()


def _answer(db: psycopg.Connection, text: str, tenant: UUID | None) -> tuple[str, Any]:
    try:
        with db.transaction():
            chosen = "" if tenant is None else str(tenant)
            db.execute("SELECT set_config('strongroom.user_id', %s, true)", (chosen,))
            done = db.execute(text)  # type: ignore[arg-type]
            rows = sorted(map(str, done.fetchall())) if done.description else []
            return "done", (done.rowcount, rows)
    except psycopg.Error as error:
        return "refused", error.sqlstate


def _short(answer: tuple[str, Any]) -> str:
    return str(answer)[:400]
