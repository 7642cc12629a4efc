"""Brings a database to the schema this program was written for: roles, then migrations.

The only code that connects as the database's administrator. Migrations are plain SQL, run by
Alembic, each in one transaction with its version row.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from strongroom.core.errors import Refused, Unavailable
from strongroom.core.keys import KeyRing

_APP, _SYSTEM, _OWNER = "strongroom_app", "strongroom_system", "strongroom_owner"
_LOCK = 0x5374726F6E67  # "Strong": one migration at a time, whoever started it


class DatabaseIsNewer(Refused):
    """A newer version of the program has already changed this database."""


class CannotSetUp(Unavailable):
    """The database does not answer, or its role lacks a privilege that set-up needs."""


def migrations_directory() -> Path:
    """Return where the migrations lie: in the package when installed, else in the checkout."""
    packaged = Path(__file__).parents[1] / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def versions() -> list[str]:
    """Return every version this program knows, oldest first."""
    return sorted(path.name[:4] for path in (migrations_directory() / "versions").glob("[0-9]*.py"))


def migrate(admin_dsn: str, ring: KeyRing) -> str:
    """Make the roles and bring the schema up to date; return its version. Repeatable at will.

    Raises ``DatabaseIsNewer`` and ``CannotSetUp``.
    """
    try:
        with psycopg.connect(admin_dsn, autocommit=True, connect_timeout=10) as db:
            current = _version(db)
            if current is not None and current not in versions():
                raise DatabaseIsNewer(
                    f"The database is at version {current}; this program knows {versions()[-1]}.",
                    hint="Start the newer program, or restore a backup from before the upgrade.",
                )
            db.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            _make_roles(db, ring)
            if _version(db) != versions()[-1]:
                _run_migrations(admin_dsn)
    except psycopg.OperationalError as error:
        raise CannotSetUp(
            "The database does not answer.", hint="Check DATABASE_URL and that it is running."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotSetUp(
            f"The database role may not set up the schema: {error.diag.message_primary}.",
            hint="Use a role with CREATEROLE that may create schemas in this database.",
        ) from error
    return versions()[-1]


def role_dsn(admin_dsn: str, role: str, ring: KeyRing) -> str:
    """Return the address under which ``app`` or ``system`` logs in to the same database."""
    name = {"app": _APP, "system": _SYSTEM}[role]
    return psycopg.conninfo.make_conninfo(admin_dsn, user=name, password=_password(ring, name))


def _password(ring: KeyRing, role: str) -> str:
    return ring.derive(f"postgres role {role}").hex()


def _version(db: psycopg.Connection) -> str | None:
    found = db.execute("SELECT to_regclass('strongroom.schema_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = db.execute("SELECT version_num FROM strongroom.schema_version").fetchone()
    return None if row is None else str(row[0])


def _make_roles(db: psycopg.Connection, ring: KeyRing) -> None:
    for role in (_OWNER, _APP, _SYSTEM):
        name = sql.Identifier(role)
        if db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            db.execute(sql.SQL("CREATE ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE").format(name))
        db.execute(sql.SQL("ALTER ROLE {} SET search_path = strongroom").format(name))
    for role in (_APP, _SYSTEM):
        login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
        secret = db.pgconn.encrypt_password(
            _password(ring, role).encode(), role.encode(), b"scram-sha-256"
        )
        db.execute(login.format(sql.Identifier(role), sql.Literal(secret.decode())))
    # The owner must be someone we can act as, and may hand narrow look-ups to the system role.
    db.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(_OWNER)))
    db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(_SYSTEM), sql.Identifier(_OWNER)))
    db.execute(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS strongroom AUTHORIZATION {}").format(
            sql.Identifier(_OWNER)
        )
    )


def _run_migrations(admin_dsn: str) -> None:
    # Imported here: SQLAlchemy is a migration's weight, not every start's.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, pool

    def connect() -> psycopg.Connection:
        db = psycopg.connect(admin_dsn)
        db.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(_OWNER)))
        db.execute("SET search_path = strongroom")
        # Narrow look-ups become the system role's, which asks that it may create in the schema.
        db.execute(
            sql.SQL("GRANT CREATE ON SCHEMA strongroom TO {}").format(sql.Identifier(_SYSTEM))
        )
        db.commit()
        return db

    config = Config()
    config.set_main_option("script_location", str(migrations_directory()))
    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=pool.NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        revoke = f"REVOKE CREATE ON SCHEMA strongroom FROM {_SYSTEM}"
        connection.exec_driver_sql(revoke)
