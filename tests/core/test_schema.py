"""Bringing a database up to date: repeatable, one at a time, and never a newer one down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from strongroom.core import keys, postgres, schema
from strongroom.core.keys import BadKeyRing, KeyRing
from strongroom.core.schema import CannotSetUp, DatabaseIsNewer, migrate, role_dsn
from strongroom.core.settings import Settings
from tests.conftest import TestDatabase
from tests.processes import throwaway_home

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize(
    "note",
    [
        "UPDATE strongroom.schema_version SET version_num = '9999'",
        "INSERT INTO strongroom.schema_version VALUES ('9999')",
    ],
)
def test_a_newer_database_is_refused_and_left_alone(database: TestDatabase, note: str) -> None:
    with psycopg.connect(database.admin_dsn, autocommit=True) as db:
        db.execute(note.encode())
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


def test_who_may_make_the_schema_may_make_what_compares_words(
    server_dsn: str, empty: str, key_ring: KeyRing
) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as db:
        db.execute("DROP ROLE IF EXISTS test_owner")
        db.execute("CREATE ROLE test_owner LOGIN CREATEROLE PASSWORD 'owner'")
        name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(empty)["dbname"]))
        db.execute(sql.SQL("ALTER DATABASE {} OWNER TO test_owner").format(name))
        for role in ("strongroom_owner", "strongroom_app", "strongroom_system"):
            if db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                grant = sql.SQL("GRANT {} TO test_owner WITH ADMIN OPTION")
                db.execute(grant.format(sql.Identifier(role)))
        try:
            migrate(make_conninfo(empty, user="test_owner", password="owner"), key_ring)
            with psycopg.connect(empty) as there:
                assert there.execute(
                    "SELECT extnamespace::regnamespace::text FROM pg_extension"
                    " WHERE extname = 'pg_trgm'"
                ).fetchall() == [("strongroom",)]
        finally:
            db.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            db.execute("DROP OWNED BY test_owner CASCADE")
            db.execute("DROP ROLE test_owner")


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


@pytest.fixture
def own_server() -> Iterator[str]:
    """The administrator's address of a server of its own, whose roles nobody else needs."""
    with throwaway_home() as home, postgres.ensure(home, durable=False) as server:
        yield server.admin_dsn


def another_database(dsn: str, name: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(dsn, dbname=name)


def logs_in(dsn: str, ring: KeyRing) -> bool:
    for role in ("app", "system"):
        with psycopg.connect(role_dsn(dsn, role, ring)) as db:
            assert db.execute("SELECT count(*) FROM default_categories").fetchone() is not None
    return True


def test_another_ring_locks_nobody_out(own_server: str, tmp_path: Path) -> None:
    ring, other = keys.new_ring(), keys.new_ring()
    migrate(own_server, ring)
    with pytest.raises(BadKeyRing, match="set up with another key ring") as refused:
        migrate(own_server, other)
    assert "keys.json" in str(refused.value.hint)
    second = another_database(own_server, "second")
    with pytest.raises(BadKeyRing, match="Another Strongroom") as refused:
        migrate(second, other)
    assert "server of its own" in str(refused.value.hint)
    assert tables(second) == set()
    assert logs_in(own_server, ring)
    # The same ring may have both, also once it has got a new key; nobody's password changes.
    before = passwords(own_server)
    assert migrate(second, ring.with_new_key()) == schema.versions()[-1]
    assert logs_in(second, ring) and logs_in(own_server, ring)
    assert passwords(own_server) == before
    # Without the ring at hand none is made up.
    for dsn in (own_server, second):
        with pytest.raises(BadKeyRing, match="no key ring"):
            schema.ring_of(Settings(home=tmp_path / "home"), dsn)
    assert not (tmp_path / "home").exists()
    third = another_database(own_server, "third")
    made = schema.ring_of(Settings(home=tmp_path / "home"), third)
    assert keys.load(Settings(home=tmp_path / "home"), may_make=False) == made


def passwords(dsn: str) -> list[object]:
    with psycopg.connect(dsn) as db:
        query = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'strongroom%'"
        return sorted(db.execute(query).fetchall(), key=str)


def test_a_password_that_was_changed_by_hand_is_put_right(own_server: str) -> None:
    ring = keys.new_ring()
    migrate(own_server, ring)
    with psycopg.connect(own_server, autocommit=True) as db:
        db.execute("ALTER ROLE strongroom_app PASSWORD 'something else'")
        db.execute("ALTER ROLE strongroom_system NOLOGIN")
    migrate(own_server, ring)
    assert logs_in(own_server, ring)


def test_roles_of_unknown_origin_that_somebody_may_use_are_left_alone(own_server: str) -> None:
    with psycopg.connect(own_server, autocommit=True) as db:
        db.execute("CREATE ROLE strongroom_app LOGIN PASSWORD 'in use'")
    with pytest.raises(BadKeyRing, match="Another Strongroom"):
        migrate(own_server, keys.new_ring())
    dsn = make_conninfo(own_server, user="strongroom_app", password="in use")
    psycopg.connect(dsn).close()


_MIGRATE = (
    "import sys; from pathlib import Path; from strongroom.core import keys, schema;"
    "from strongroom.core.settings import Settings; text = sys.stdin.read();"
    "ring = keys.load(Settings(home=Path('/nowhere'), key_ring=text));"
    "print(schema.migrate(sys.argv[1], ring), end='')"
)


def test_databases_of_one_server_may_be_set_up_at_once(own_server: str) -> None:
    ring = keys.new_ring()
    places = [another_database(own_server, f"place_{number}") for number in range(4)]
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, dsn],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for dsn in places
    ]  # fmt: skip
    for one in starting:  # all are on their way; the ring lets them go
        assert one.stdin is not None
        one.stdin.write(ring.to_json())
        one.stdin.close()
        one.stdin = None
    assert [one.communicate(timeout=60)[0] for one in starting] == [schema.versions()[-1]] * 4
    assert all(logs_in(dsn, ring) for dsn in places)


def test_an_installed_program_brings_its_migrations(
    empty: str, key_ring: KeyRing, tmp_path: Path
) -> None:
    # Lay the files out as the wheel does, and run from there.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    left_out = shutil.ignore_patterns("__pycache__")
    for package in wheel["packages"]:
        shutil.copytree(ROOT / package, tmp_path / Path(package).name, ignore=left_out)
    for source, target in wheel["force-include"].items():
        shutil.copytree(ROOT / source, tmp_path / target, ignore=left_out)
    where = "from strongroom.core import schema; import sys;"
    where += "print(schema.migrations_directory(), file=sys.stderr);"
    done = subprocess.run(
        [sys.executable, "-c", where + _MIGRATE, empty],
        input=key_ring.to_json(), env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == str(tmp_path / "strongroom" / "migrations")
    assert done.stdout == schema.versions()[-1]
