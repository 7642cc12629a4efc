"""Brings a database to the schema this program was written for: roles, then migrations.

The only code that connects as the database's administrator. Migrations are plain SQL, run by
Alembic, each in one transaction with its version row. Schema and roles carry the fingerprint of
the key ring they were made with: another ring is refused before anything changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from strongroom.core import keys
from strongroom.core.errors import Refused, Unavailable
from strongroom.core.keys import BadKeyRing, KeyRing
from strongroom.core.settings import Settings

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


def ring_of(settings: Settings, admin_dsn: str) -> KeyRing:
    """Read the key ring; a new one is made only where no database was set up yet.

    Raises ``BadKeyRing`` and ``CannotSetUp``.
    """
    if settings.key_ring is not None or keys.path_of(settings).exists():
        return keys.load(settings)
    with _connected(admin_dsn) as db:
        return keys.load(settings, may_make=_schema(db) is None)


def migrate(admin_dsn: str, ring: KeyRing) -> str:
    """Make the roles and bring the schema up to date; return its version. Repeatable at will.

    Raises ``BadKeyRing`` if database or server belong to another key ring, ``DatabaseIsNewer``
    and ``CannotSetUp``.
    """
    with _connected(admin_dsn) as db:
        newer = [one for one in _versions(db) if one not in versions()]
        if newer:
            raise DatabaseIsNewer(
                f"The database is at version {newer[0]}; this program knows {versions()[-1]}.",
                hint="Start the newer program, or restore a backup from before the upgrade.",
            )
        db.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        _check_ring(db, ring)
        _make_roles(db, ring)
        _check_ring(db, ring)  # another one may have been first, from another database
        _make_schema(db, ring)
        _count_statements(db)
        _compare_words(db)
        for role in (_APP, _SYSTEM):
            _let_in(db, role, ring)
        if _versions(db) != [versions()[-1]]:
            _run_migrations(admin_dsn)
    return versions()[-1]


def role_dsn(admin_dsn: str, role: str, ring: KeyRing) -> str:
    """Return the address under which ``app`` or ``system`` logs in to the same database."""
    name = {"app": _APP, "system": _SYSTEM}[role]
    return psycopg.conninfo.make_conninfo(admin_dsn, user=name, password=_password(ring, name))


def _password(ring: KeyRing, role: str) -> str:
    return ring.derive(f"postgres role {role}").hex()


def _versions(db: psycopg.Connection) -> list[str]:
    found = db.execute("SELECT to_regclass('strongroom.schema_version')").fetchone()
    if found is None or found[0] is None:
        return []
    rows = db.execute("SELECT version_num FROM strongroom.schema_version").fetchall()
    return sorted(str(row[0]) for row in rows)


@contextmanager
def _connected(admin_dsn: str) -> Iterator[psycopg.Connection]:
    """Connect as the administrator; raise ``CannotSetUp`` for what the server refuses."""
    try:
        with psycopg.connect(admin_dsn, autocommit=True, connect_timeout=10) as db:
            yield db
    except psycopg.OperationalError as error:
        raise CannotSetUp(
            "The database does not answer.", hint="Check DATABASE_URL and that it is running."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotSetUp(
            f"The database role may not set up the schema: {error.diag.message_primary}.",
            hint="Use a role with CREATEROLE that may create schemas in this database.",
        ) from error


def _schema(db: psycopg.Connection) -> str | None:
    """Return the note on our schema ('' if it has none), or None if there is no such schema."""
    row = db.execute(
        "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace"
        " WHERE nspname = 'strongroom'"
    ).fetchone()
    return None if row is None else str(row[0])


def _role(db: psycopg.Connection, role: str) -> tuple[str, bool] | None:
    """Return the note on a role and whether it looks where our tables are, or None."""
    row = db.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_authid'), ''),"
        " coalesce('search_path=strongroom' = ANY (rolconfig), false)"
        " FROM pg_roles WHERE rolname = %s",
        (role,),
    ).fetchone()
    return None if row is None else (str(row[0]), bool(row[1]))


def _check_ring(db: psycopg.Connection, ring: KeyRing) -> None:
    """Raise ``BadKeyRing`` if this database, or the roles of its server, are another ring's.

    Roles belong to the whole server: a password of ours would lock out whoever made them.
    """
    if _is_of_another(_schema(db), ring):
        raise BadKeyRing(
            "The database was set up with another key ring, and opens with that one only.",
            hint="Bring its keys.json or STRONGROOM_KEYS, or name another database.",
        )
    for role in (_OWNER, _APP, _SYSTEM):
        found = _role(db, role)
        if found is not None and _is_of_another(found[0], ring):
            raise _taken()


def _taken() -> BadKeyRing:
    return BadKeyRing(
        "Another Strongroom, with another key ring, uses this PostgreSQL server.",
        hint="Give this one a server of its own, or the other one's key ring (keys.json or "
        "STRONGROOM_KEYS). Nothing of the other one was changed.",
    )


def _is_of_another(note: str | None, ring: KeyRing) -> bool:
    found = re.search(r"key ring ([0-9a-f]{32})", note or "")
    return found is not None and found[1] != ring.fingerprint()


def _note(ring: KeyRing) -> str:
    return f"Strongroom; made with key ring {ring.fingerprint()}"


def _make_roles(db: psycopg.Connection, ring: KeyRing) -> None:
    for role in (_OWNER, _APP, _SYSTEM):
        name = sql.Identifier(role)
        if _role(db, role) is None:
            create = "CREATE ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE"
            _change_role(db, sql.SQL(create).format(name))
        note, looks_there = _role(db, role) or ("", False)
        if not looks_there:
            _change_role(db, sql.SQL("ALTER ROLE {} SET search_path = strongroom").format(name))
        if not note:
            if role != _OWNER and _can_log_in(db, role) and not _opens(db, role, ring):
                raise _taken()
            # Roles that someone else made for us are theirs to write a note on.
            with suppress(psycopg.errors.InsufficientPrivilege):
                comment = sql.SQL("COMMENT ON ROLE {} IS {}")
                _change_role(db, comment.format(name, sql.Literal(_note(ring))))
    # The owner must be someone we can act as, and may hand narrow look-ups to the system role.
    db.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(_OWNER)))
    db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(_SYSTEM), sql.Identifier(_OWNER)))


def _let_in(db: psycopg.Connection, role: str, ring: KeyRing) -> None:
    """Give a role the ring's password, unless it has it: others may be logged in with it."""
    if _can_log_in(db, role) and _opens(db, role, ring):
        return
    secret = db.pgconn.encrypt_password(
        _password(ring, role).encode(), role.encode(), b"scram-sha-256"
    )
    login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
    _change_role(db, login.format(sql.Identifier(role), sql.Literal(secret.decode())))


def _change_role(db: psycopg.Connection, statement: sql.Composed) -> None:
    """Change a role; another database of the same server may do the very same in this moment."""
    with suppress(
        psycopg.errors.DuplicateObject,
        psycopg.errors.UniqueViolation,
        psycopg.errors.InternalError_,  # "tuple concurrently updated"
    ):
        db.execute(statement)


def _can_log_in(db: psycopg.Connection, role: str) -> bool:
    row = db.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    return row is not None and bool(row[0])


def _opens(db: psycopg.Connection, role: str, ring: KeyRing) -> bool:
    """Whether the ring's password logs a role in."""
    dsn = psycopg.conninfo.make_conninfo(
        db.info.dsn, user=role, password=_password(ring, role), connect_timeout=10
    )
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_schema(db: psycopg.Connection, ring: KeyRing) -> None:
    if _schema(db) is None:
        db.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS strongroom AUTHORIZATION {}").format(
                sql.Identifier(_OWNER)
            )
        )
    if _schema(db) != _note(ring):
        note = sql.Literal(_note(ring))
        db.execute(sql.SQL("COMMENT ON SCHEMA strongroom IS {}").format(note))


def _count_statements(db: psycopg.Connection) -> None:
    """Let the system role see what the server counts of statements, where it counts them.

    The report of slow statements says so where it does not. ``pg_read_all_stats`` shows what
    statements cost, and no row of anybody's.
    """
    with suppress(psycopg.errors.Error):
        if db.execute("SHOW shared_preload_libraries").fetchone() in (None, ("",)):
            return
        db.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public")
        db.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(sql.Identifier(_SYSTEM)))


def _compare_words(db: psycopg.Connection) -> None:
    """Let misspelt words be found, where the server has the means: PostgreSQL's own ``pg_trgm``.

    Who may make our schema may make it: it is a trusted extension. Not a migration's: the schema's
    owner may not, and a server that lacks it may get it later. Without it a misspelt word finds
    nothing.
    """
    with suppress(psycopg.errors.Error):
        db.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA strongroom")


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
