"""What the schema promises of every table that holds people's rows, read from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import TestDatabase

# Tables without an owner, each for a reason its migration gives. Nothing else may lack one.
_NOBODYS = {
    "account_type_config", "default_categories", "pfc_categories", "rate_limits", "schema_version",
    "webhook_events", "procrastinate_jobs", "procrastinate_events", "procrastinate_workers",
    "procrastinate_periodic_defers", "exchange_rates",
    "upkeep_jobs", "upkeep_runs", "slow_statements",
}  # fmt: skip
_READ_ONLY = {
    "account_type_config", "default_categories", "pfc_categories", "schema_version",
    "exchange_rates", "upkeep_jobs", "upkeep_runs", "slow_statements",
}  # fmt: skip
_KEYED_BY_OWNER_ALONE = {"users", "settings", "recurring_looks", "financial_profiles"}


@pytest.fixture(scope="module")
def admin(module_database: TestDatabase) -> Iterator[psycopg.Connection]:
    options = "-c search_path=strongroom"
    with psycopg.connect(module_database.admin_dsn, autocommit=True, options=options) as db:
        yield db


def _owner_column(table: str) -> str:
    return "id" if table == "users" else "user_id"


def _owned(db: psycopg.Connection) -> set[str]:
    rows = db.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'strongroom'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    ).fetchall()
    return {row[0] for row in rows} - _NOBODYS


def test_every_table_has_an_owner_or_a_reason(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'strongroom'"
        " AND column_name = 'user_id'"
    ).fetchall()
    assert _owned(admin) - {row[0] for row in rows} == {"users"}


def test_row_security_is_enabled_and_forced_on_every_owned_table(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'strongroom'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    state = {name: (enabled, forced) for name, enabled, forced in rows}
    assert {name for name in _owned(admin) if state[name] != (True, True)} == set()


def test_partitions_cannot_be_reached_around_their_parent(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        """
        SELECT c.relname, c.relrowsecurity,
               has_table_privilege('strongroom_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE'),
               has_table_privilege('strongroom_system', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        FROM pg_class c WHERE c.relnamespace = 'strongroom'::regnamespace
          AND c.relispartition AND c.relkind = 'r'
        """
    ).fetchall()
    assert rows
    assert [row[0] for row in rows if row[1:] != (True, False, False)] == []


def test_each_policy_of_the_application_compares_the_owner(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "SELECT tablename, qual, with_check FROM pg_policies WHERE schemaname = 'strongroom'"
        " AND 'strongroom_app' = ANY(roles)"
    ).fetchall()
    found = {table: (using, check) for table, using, check in rows}
    assert found.keys() == _owned(admin)
    for table, (using, check) in found.items():
        assert using == check
        assert using.startswith(f"({_owner_column(table)} = "), (table, using)
        assert "tenant()" in using, (table, using)


def test_owned_tables_are_keyed_by_their_owner_first(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        """
        SELECT c.relname, array_agg(a.attname::text ORDER BY k.position)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE i.indisprimary AND c.relnamespace = 'strongroom'::regnamespace
        GROUP BY c.relname
        """
    ).fetchall()
    keys: dict[str, list[str]] = dict(rows)
    for table in _owned(admin):
        assert keys[table][0] == _owner_column(table), (table, keys[table])
        assert len(keys[table]) > 1 or table in _KEYED_BY_OWNER_ALONE, (table, keys[table])


def test_foreign_keys_between_owned_tables_carry_the_owner(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        """
        SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
               array(SELECT a.attname::text FROM unnest(c.conkey) k
                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k),
               array(SELECT a.attname::text FROM unnest(c.confkey) k
                     JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k)
        FROM pg_constraint c
        WHERE c.contype = 'f' AND c.connamespace = 'strongroom'::regnamespace
          AND c.conparentid = 0
        """
    ).fetchall()
    owned = _owned(admin)
    between = [row for row in rows if {row[0], row[1]} <= owned]
    assert between
    for table, target, columns, targets in between:
        assert "user_id" in columns, (table, target, columns)
        assert targets[columns.index("user_id")] == _owner_column(target), (table, target)


def test_roles_own_nothing_and_bypass_nothing(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " FROM pg_roles WHERE rolname IN ('strongroom_app', 'strongroom_system')"
    ).fetchall()
    assert {row[0] for row in rows} == {"strongroom_app", "strongroom_system"}
    assert all(row[1:] == (False,) * 5 for row in rows)
    tables = admin.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'strongroom'::regnamespace"
        " AND pg_get_userbyid(relowner) IN ('strongroom_app', 'strongroom_system')"
    ).fetchall()
    assert tables == []
    can = admin.execute(
        "SELECT has_schema_privilege('strongroom_app', 'strongroom', 'CREATE'),"
        " has_schema_privilege('strongroom_system', 'strongroom', 'CREATE'),"
        " pg_has_role('strongroom_app', 'strongroom_system', 'MEMBER'),"
        " pg_has_role('strongroom_app', 'strongroom_owner', 'MEMBER')"
    ).fetchone()
    assert can == (False, False, False, False)


def test_nobodys_tables_are_read_only_or_closed_to_the_application(
    admin: psycopg.Connection,
) -> None:
    for table in sorted(_NOBODYS - {"rate_limits"}):
        may = admin.execute(
            "SELECT has_table_privilege('strongroom_app', %s, 'INSERT, UPDATE, DELETE, TRUNCATE'),"
            " has_table_privilege('strongroom_app', %s, 'SELECT')",
            (f"strongroom.{table}",) * 2,
        ).fetchone()
        assert may == (False, table in _READ_ONLY), table


def test_views_see_with_the_eyes_of_who_asks(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "SELECT relname, coalesce(array_to_string(reloptions, ','), '') FROM pg_class"
        " WHERE relnamespace = 'strongroom'::regnamespace AND relkind IN ('v', 'm')"
    ).fetchall()
    assert rows
    assert [name for name, options in rows if "security_invoker=true" not in options] == []


def test_look_ups_that_see_through_row_security_are_the_named_few(
    admin: psycopg.Connection,
) -> None:
    rows = admin.execute(
        """
        SELECT p.proname, coalesce(array_to_string(p.proconfig, ','), '')
        FROM pg_proc p
        WHERE p.pronamespace = 'strongroom'::regnamespace AND p.prosecdef
          AND has_function_privilege('strongroom_app', p.oid, 'EXECUTE')
        """
    ).fetchall()
    assert {name for name, _ in rows} == {
        "enqueue", "find_api_token", "find_login", "find_session", "no_person_yet",
        "store_webhook", "webhooks_of",
    }  # fmt: skip
    assert all("search_path=strongroom, pg_temp" in options for _, options in rows)


def test_no_tenant_means_no_rows(module_database: TestDatabase) -> None:
    with psycopg.connect(module_database.admin_dsn, autocommit=True) as db:
        owned = _owned(db)
    with psycopg.connect(module_database.app_dsn, autocommit=True) as db:
        for table in sorted(owned):
            row = db.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row == (0,), table
