"""The database as edges and domains see it: pools, units of work, leases, and typed rows.

An edge opens a unit of work for one owner; row-level security then shows that owner's rows and
nobody else's. Domains run statements on it and never end it. Knows no table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection, OperationalError, sql
from psycopg.errors import DiskFull
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from strongroom.core.errors import Unavailable
from strongroom.core.ids import UserId

Db = AsyncConnection[Any]
"""An open unit of work: a connection inside a transaction, bound to its owner."""

Query = LiteralString | sql.Composed
"""SQL written in the source, or composed of such parts: never of anyone's input."""

Params = Mapping[str, Any] | Sequence[Any]
Row = TypeVar("Row")

_MOST_LEASES = 8
_NEVER = 1 << 31
# The server shuts down, has crashed, starts up, closed an idle session, or has no room for more.
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})


class DatabaseDown(Unavailable):
    """PostgreSQL does not answer, or no connection came free in time."""


class Database:
    """The pools of one process. ``system_dsn`` is given to the worker and the command line only.

    ``app_dsn`` logs in as a role that owns nothing and is bound by row-level security;
    ``system_dsn`` as the role for work across users (functions named ``..._for_all``).
    """

    def __init__(self, app_dsn: str, system_dsn: str | None = None, *, size: int = 8) -> None:
        self._app = _pool(app_dsn, size)
        self._system = None if system_dsn is None else _pool(system_dsn, size)
        # Apart from the others: who holds a lease goes on to open units of work, and would wait
        # for connections that other holders keep.
        self._leases = _pool(app_dsn, _MOST_LEASES, least=0)

    async def open(self) -> None:
        """Open the pools. Raises ``DatabaseDown``."""
        try:
            await self._app.open(wait=True, timeout=10)
            if self._system is not None:
                await self._system.open(wait=True, timeout=10)
            await self._leases.open()
        except PoolTimeout as error:
            raise _down() from error

    async def close(self) -> None:
        """Give every connection back and close it."""
        await self._leases.close()
        await self._app.close()
        if self._system is not None:
            await self._system.close()

    async def __aenter__(self) -> Database:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def unit_of_work(self, owner: UserId, *, snapshot: bool = False) -> AsyncIterator[Db]:
        """Open a unit of work for ``owner``: all of it is stored at the end, or none on an error.

        Only edges call this, and no network call is made inside it. With ``snapshot`` it writes
        nothing, and every statement sees the rows of one and the same instant.
        """
        how = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if snapshot else ""
        # One round trip; a UUID's hex digits cannot carry SQL.
        begin = sql.SQL("BEGIN{}; SELECT set_config('strongroom.user_id', {}, true)").format(
            sql.SQL(how), sql.Literal(str(owner))
        )
        async with _work(self._app, begin) as db:
            yield db

    @asynccontextmanager
    async def unit_of_work_for_nobody(self) -> AsyncIterator[Db]:
        """Open a unit of work without an owner: only the narrow look-up functions see rows."""
        async with _work(self._app, sql.SQL("BEGIN")) as db:
            yield db

    @asynccontextmanager
    async def unit_of_work_for_all(self) -> AsyncIterator[Db]:
        """Open a unit of work as the system role, which sees every user's rows."""
        if self._system is None:
            raise RuntimeError("this process was not given the system role")
        async with _work(self._system, sql.SQL("BEGIN")) as db:
            yield db

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[bool]:
        """Hold the lease called ``name`` if nobody else does; yields whether it is ours.

        A session-level advisory lock: it ends with the block, or with the process if that is
        killed. No transaction stays open under it, and no connection is kept where the lease is
        another's. Raises ``DatabaseDown``, also at the end where the lease was lost meanwhile.
        """
        with _told_plainly():
            db = await self._leases.getconn()
        ours = False
        try:
            with _told_plainly():
                ours = bool(
                    await value(db, "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,))
                )
            if ours:
                yield True
        finally:
            try:
                with _told_plainly():
                    if ours:
                        await db.execute(
                            "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,)
                        )
            finally:
                await self._leases.putconn(db)
        if not ours:
            yield False


async def many(
    db: Db, kind: type[Row], query: Query, params: Params = (), *, same_plan: bool = False
) -> list[Row]:
    """Run a query and return its rows, each read by column name into ``kind``.

    ``same_plan``: one plan fits everybody, and is kept; see ``_pool``.
    """
    async with db.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query, params, prepare=same_plan or None)
        return await cursor.fetchall()


async def one(
    db: Db, kind: type[Row], query: Query, params: Params = (), *, same_plan: bool = False
) -> Row | None:
    """Run a query and return its first row read into ``kind``, or None."""
    async with db.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query, params, prepare=same_plan or None)
        return await cursor.fetchone()


async def value(db: Db, query: Query, params: Params = (), *, same_plan: bool = False) -> Any:
    """Run a query and return the first column of its first row, or None."""
    row = await (await db.execute(query, params, prepare=same_plan or None)).fetchone()
    return None if row is None else row[0]


async def execute(db: Db, query: Query, params: Params = (), *, same_plan: bool = False) -> int:
    """Run a statement and return how many rows it touched."""
    return (await db.execute(query, params, prepare=same_plan or None)).rowcount


def _pool(dsn: str, size: int, *, least: int = 1) -> AsyncConnectionPool[Db]:
    """Return a pool whose statements are planned each time for whom they are asked.

    A statement that a connection has prepared keeps one plan for everybody: that of a person with
    a thousand rows took minutes of one with a million. Nor would it hold to ``in_bulk``.
    """
    return AsyncConnectionPool(
        dsn,
        min_size=least,
        max_size=size,
        open=False,
        timeout=10,
        kwargs={"autocommit": True, "prepare_threshold": _NEVER},
    )


@asynccontextmanager
async def _work(pool: AsyncConnectionPool[Db], begin: sql.SQL | sql.Composed) -> AsyncIterator[Db]:
    with _told_plainly():
        async with _begun(pool, begin) as db:
            try:
                yield db
            except BaseException:
                if not db.closed:
                    await db.execute("ROLLBACK")
                raise
            await _commit(db)


@asynccontextmanager
async def _begun(pool: AsyncConnectionPool[Db], begin: sql.SQL | sql.Composed) -> AsyncIterator[Db]:
    """Take a connection on which a unit of work has begun.

    After a restart of the database the pool is full of connections that are gone, each of which
    would fail somebody. Nothing was done on one yet, so all are looked at and another one taken.
    """
    async with pool.connection() as db:
        fresh = await _begins(db, begin)
        if fresh:
            yield db
    if not fresh:
        await pool.check()
        async with pool.connection() as db:
            await db.execute(begin)
            yield db


async def _begins(db: Db, begin: sql.SQL | sql.Composed) -> bool:
    try:
        await db.execute(begin)
    except OperationalError as error:
        if not _is_gone(error):
            raise
        return False
    return True


async def _commit(db: Db) -> None:
    try:
        await db.execute("COMMIT")
    except OperationalError as error:
        if not _is_gone(error):
            raise
        raise DatabaseDown(
            "The database went away while it stored this.",
            hint="It may be stored or not: look before you do it again.",
            retry_after_seconds=5,
        ) from error


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn what the driver says of a server that is gone, or full, into ``DatabaseDown``.

    What went wrong with a statement (a deadlock, a time limit) is another thing and stays as it is.
    """
    try:
        yield
    except PoolTimeout as error:
        raise _down() from error
    except DiskFull as error:
        raise DatabaseDown(
            "The disk of the database is full.",
            hint="Nothing was stored, and nothing that was is lost. Free some space.",
        ) from error
    except OperationalError as error:
        if not _is_gone(error):
            raise
        raise _down() from error


def _is_gone(error: OperationalError) -> bool:
    """Whether the connection is lost or was never made, rather than a statement refused."""
    code = error.sqlstate
    return code is None or code.startswith("08") or code in _GONE


def _down() -> DatabaseDown:
    return DatabaseDown(
        "The database does not answer.",
        hint="Nothing was stored. Try again in a moment; see the log if it stays so.",
        retry_after_seconds=5,
    )
