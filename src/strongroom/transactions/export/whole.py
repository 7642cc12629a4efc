"""Writing a whole book, or a part of it, into a file: read at one instant, a few rows at a time.

Opens its own unit of work, because what it reads must not change while it is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import IO, Any, Final
from uuid import UUID

from strongroom import accounts, audit, identity
from strongroom.core.db import Database, Db
from strongroom.core.errors import Conflict
from strongroom.core.ids import AccountId, UserId
from strongroom.core.plain import plain
from strongroom.core.sections import Sections
from strongroom.transactions import queries as book_queries
from strongroom.transactions.export import (
    archive,
    beancount,
    csv_file,
    json_file,
    ledger,
    queries,
)
from strongroom.transactions.export.types import Book, Format, Part, Written
from strongroom.ui import N_

Writer = Callable[[Book, Written], AsyncIterator[str]]
WRITERS: Final[dict[Format, Writer]] = {
    Format.CSV: csv_file.write,
    Format.JSON: json_file.write,
    Format.BEANCOUNT: beancount.write,
    Format.LEDGER: ledger.write,
}
"""How each format is written that is one text."""
_WITH_SECTIONS: Final = (Format.JSON, Format.ZIP)
_NONE: Final = Sections()
_AT_ONCE: Final = 256 * 1024
_MOST: Final = 20
_IN: Final = timedelta(hours=1)


class ExportIsBeingWritten(Conflict):
    """One export a person is read at a time."""


async def ask(
    db: Db, *, owner: UserId, format: Format, now: datetime, actor: str = "person"
) -> None:
    """Count an export and put it on record, before it is read. At most 20 an hour.

    Raises ``TooManyAttempts``. Needs a unit of work of its own, stored whatever comes after.
    """
    await identity.take(db, f"export {owner}", _MOST, _IN, now=now)
    await book_queries.seed_categories(db, owner)
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action="transactions.export",
        resource_type="export",
        details={"format": format.value},
        now=now,
    )


async def write(
    database: Database,
    *,
    owner: UserId,
    format: Format,
    part: Part,
    out: IO[bytes],
    sections: Sections = _NONE,
) -> Written:
    """Write the owner's book, or the part of it, to ``out`` as UTF-8; return how much it was.

    ``sections`` is what goes along with a whole book as JSON, and their files with an archive.
    The same book gives the same bytes, whenever it is written. Raises ``AccountNotFound`` for an
    account that is not there, ``BackToFront`` for a span that ends before it begins, and
    ``ExportIsBeingWritten``; then nothing was written.
    """
    if part.since is not None and part.until is not None and part.since > part.until:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    written = Written()
    async with database.unit_of_work(owner, snapshot=True) as db:
        if not await queries.take_turn(db, owner):
            raise ExportIsBeingWritten(
                N_("Another export of yours is being written."), hint=N_("Try again in a moment.")
            )
        if part.account_id is not None:
            await accounts.get(db, owner=owner, account_id=part.account_id)
        along = sections if part == Part() and format in _WITH_SECTIONS else _NONE
        book = replace(await _book(db, owner, part), sections=await along.tell(db, owner=owner))
        if format is not Format.ZIP:
            await _write(WRITERS[format](book, written), out)
            return written
        with archive.opened(out) as packed:
            with archive.document(packed) as place:
                await _write(json_file.write(book, written), place)
            async for name, content in along.files(db, owner=owner, told=book.sections):
                archive.add(packed, name, content)
    return written


async def _write(texts: AsyncIterator[str], out: IO[bytes]) -> None:
    waiting: list[str] = []
    size = 0
    async for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _AT_ONCE:
            out.write("".join(waiting).encode())
            waiting, size = [], 0
    out.write("".join(waiting).encode())


async def _book(db: Db, owner: UserId, part: Part) -> Book:
    params: dict[str, Any] = {
        "owner": owner,
        "account_id": part.account_id,
        "since": part.since or date.min,
        "until": part.until or date.max,
    }
    used: dict[UUID, list[str]] = defaultdict(list)
    for account_id, code in await queries.currencies(db, params):
        used[account_id].append(code)
    held = await queries.accounts(db, params)
    known = await queries.categories(db, owner)
    return Book(
        part=part,
        accounts=held,
        categories=[one for one in known if one.goes_to is None],
        openings=await queries.openings(db, params),
        currencies=used,
        balances=queries.balances(db, params),
        rows=queries.rows(db, params),
        removed=[one for one in known if one.goes_to is not None],
        products={one.id: await _products(db, owner, AccountId(one.id)) for one in held},
    )


async def _products(db: Db, owner: UserId, account_id: AccountId) -> dict[str, object]:
    """Return what a bank, and its owner, tell of an account besides balances, if they do."""
    holdings = await accounts.holdings(db, owner=owner, account_id=account_id)
    terms = await accounts.liability(db, owner=owner, account_id=account_id)
    found: dict[str, object] = {}
    if holdings:
        found["holdings"] = plain(holdings)
    if terms is not None:
        found["terms"] = plain(terms)
    if (await accounts.get(db, owner=owner, account_id=account_id)).is_primary:
        found["primary"] = True
    said = await accounts.details(db, owner=owner, account_id=account_id)
    if said != accounts.Details():
        found["details"] = plain(said)
    loan = await accounts.loan_terms(db, owner=owner, account_id=account_id)
    if loan is not None:
        found["loan"] = plain(loan)
    return found
