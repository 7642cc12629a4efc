"""Bringing a database up to date: repeatable, one at a time, and never a newer one down."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from strongroom.core import schema
from strongroom.core.keys import KeyRing
from strongroom.core.schema import CannotSetUp, DatabaseIsNewer, migrate, role_dsn
from tests.conftest import TestDatabase


@pytest.fixture
def empty(server_dsn: str) -> Iterator[str]:
    """A database with nothing in it."""
    name = f"test_empty_{threading.get_ident()}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_dsn, autocommit=True) as db:
        db.execute(drop)
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(server_dsn, dbname=name)
        db.execute(drop)


def tables(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as db:
        found = db.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('strongroom')::oid"
        ).fetchall()
    return {row[0] for row in found}


def test_an_empty_database_is_set_up_and_again_nothing_happens(
    empty: str, key_ring: KeyRing
) -> None:
    assert tables(empty) == set()
    assert migrate(empty, key_ring) == schema.versions()[-1]
    first = contents(empty)
    assert {"users", "accounts", "transactions", "net_worth_snapshots"} <= tables(empty)
    assert migrate(empty, key_ring) == schema.versions()[-1]
    assert contents(empty) == first


def contents(dsn: str) -> list[object]:
    with psycopg.connect(dsn) as db:
        return [
            db.execute("SELECT version_num, xmin::text FROM strongroom.schema_version").fetchall(),
            db.execute("SELECT count(*) FROM strongroom.default_categories").fetchall(),
            sorted(tables(dsn)),
        ]


def test_many_starts_at_once_set_up_once(empty: str, key_ring: KeyRing) -> None:
    versions: list[str] = []

    def start() -> None:
        versions.append(migrate(empty, key_ring))

    starting = [threading.Thread(target=start) for _ in range(4)]
    for one in starting:
        one.start()
    for one in starting:
        one.join(60)
    assert versions == [schema.versions()[-1]] * 4


def test_a_newer_database_is_refused_and_left_alone(database: TestDatabase) -> None:
    with psycopg.connect(database.admin_dsn, autocommit=True) as db:
        db.execute("UPDATE strongroom.schema_version SET version_num = '9999'")
    before = contents(database.admin_dsn)
    with pytest.raises(DatabaseIsNewer, match="9999") as refused:
        migrate(database.admin_dsn, database.ring)
    assert schema.versions()[-1] in refused.value.message
    assert "newer program" in str(refused.value.hint)
    assert "backup" in str(refused.value.hint)
    assert contents(database.admin_dsn) == before


def test_versions_are_in_order_without_gaps() -> None:
    found = schema.versions()
    assert found == [f"{number:04d}" for number in range(1, len(found) + 1)]


def test_where_nobody_answers_it_says_so(key_ring: KeyRing) -> None:
    with pytest.raises(CannotSetUp, match="does not answer") as refused:
        migrate("host=127.0.0.1 port=1 user=x dbname=x password=s3cret", key_ring)
    assert "DATABASE_URL" in str(refused.value.hint)
    assert "s3cret" not in str(refused.value)


def test_a_role_that_may_not_is_told_what_it_lacks(
    server_dsn: str, empty: str, key_ring: KeyRing
) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as db:
        db.execute("DROP ROLE IF EXISTS test_weak")
        db.execute("CREATE ROLE test_weak LOGIN PASSWORD 'weak'")
        try:
            weak = make_conninfo(empty, user="test_weak", password="weak")
            with pytest.raises(CannotSetUp, match="may not set up") as refused:
                migrate(weak, key_ring)
            assert "CREATEROLE" in str(refused.value.hint)
            assert tables(empty) == set()
        finally:
            db.execute("DROP ROLE test_weak")


def test_the_two_roles_own_nothing_and_pass_no_row_security(database: TestDatabase) -> None:
    with psycopg.connect(database.admin_dsn) as db:
        roles = db.execute(
            "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'strongroom\\_%' ORDER BY 1"
        ).fetchall()
        owned = db.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE r.rolname IN ('strongroom_app', 'strongroom_system')"
        ).fetchone()
        unbound = db.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p')
              AND a.attname = 'user_id' AND NOT c.relispartition
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            """
        ).fetchall()
    assert roles == [
        ("strongroom_app", False, True), ("strongroom_owner", False, False),
        ("strongroom_system", False, True),
    ]  # fmt: skip
    assert owned == (0,)
    assert unbound == []


def test_the_application_cannot_change_the_schema(database: TestDatabase) -> None:
    with psycopg.connect(database.app_dsn, autocommit=True) as db:
        for statement in (
            "CREATE TABLE strongroom.mine ()", "DROP TABLE strongroom.users",
            "ALTER TABLE strongroom.users DISABLE ROW LEVEL SECURITY",
            "CREATE TABLE public.mine ()", "SET ROLE strongroom_owner",
            "SET ROLE strongroom_system",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement)
        assert db.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_passwords_come_from_the_ring(database: TestDatabase) -> None:
    other = KeyRing("k1", {"k1": bytes(range(32))}, bytes(range(1, 33)))
    with psycopg.connect(role_dsn(database.admin_dsn, "app", database.ring)) as db:
        assert db.execute("SELECT current_user").fetchone() == ("strongroom_app",)
    assert role_dsn(database.admin_dsn, "app", other) != database.app_dsn
    assert role_dsn(database.admin_dsn, "system", database.ring) != database.app_dsn
