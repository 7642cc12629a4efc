"""The verbs of imports: bring a file, see what it says, choose, confirm, forget it.

Each works in the caller's one unit of work, so nothing is ever half applied. How files are read
is ``files``' matter; taking in and out again is ``taking``'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom import accounts, transactions
from strongroom.connections import files
from strongroom.connections.files import Guess, Limits, Source
from strongroom.connections.imports import bank_ids, doubts, file_accounts, mapping, queries
from strongroom.connections.imports.currencies import hinted
from strongroom.connections.imports.held import get, mine, today_of
from strongroom.connections.imports.kept import keep_parts, sha256, unpacked
from strongroom.connections.imports.mapping import signature
from strongroom.connections.imports.reading import Progress, read_into
from strongroom.connections.imports.refusals import left_open
from strongroom.connections.imports.taking import LIMITS, NOTHING_BESIDE, take_in
from strongroom.connections.imports.text import kept_json, shown_name
from strongroom.connections.imports.types import (
    Choice,
    FileAccountChoice,
    FileImport,
    ImportHasNothing,
    ImportId,
    ImportState,
    LinesAreUnreadable,
    check_state,
)
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.paging import Page, decode_cursor, encode_cursor
from strongroom.core.queue import enqueue
from strongroom.core.sections import Sections
from strongroom.ui import N_

_ORDER = "imports newest"
_MOST = 200
LARGE_BYTES = 1024 * 1024
MANY_ROWS = 5_000
"""A file from this size on, some thousand rows, is read and taken in by a job."""
_MUCH_BESIDE = 16 * 1024 * 1024

_OPEN = (ImportState.PREVIEW, ImportState.FAILED)


async def begin(
    db: Db,
    *,
    owner: UserId,
    source: Source,
    now: datetime,
    account_id: AccountId | None = None,
    changes: Mapping[str, Any] | None = None,
    by_job: bool = False,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> FileImport:
    """Take a file, say what it seems to be, and read its rows to be looked at.

    A source that was read before is read as it was then; ``changes`` go before that, as in
    ``change_guess``. With ``account_id`` the rows go there. With ``by_job`` a job reads it.
    Where only the guess is at fault the import has failed and can be read otherwise. Raises
    ``FileIsRefused``, ``BadMapping``, ``AccountNotFound`` and ``ImportHasNothing``.
    """
    if account_id is not None:
        await accounts.get(db, owner=owner, account_id=account_id)
    guess = await asyncio.to_thread(files.look, source, limits=limits)
    saved = await queries.saved_guess(db, owner, signature(guess))
    if saved is not None:
        before = Guess.from_json(saved[1])
        guess = await asyncio.to_thread(files.as_before, source, guess, before, limits=limits)
    if changes:
        guess = mapping.changed(guess, changes)
    import_id = ImportId(new_id())
    chosen = [] if account_id is None else [file_accounts.for_whatever(account_id).as_json()]
    await queries.add(
        db,
        {
            "owner": owner,
            "id": import_id,
            "file_name": shown_name(source.name),
            "size": source.size,
            "sha256": await asyncio.to_thread(sha256, source),
            "format": guess.format,
            "guess": Jsonb(kept_json(guess.as_json())),
            "accounts": Jsonb(chosen),
            "now": now,
        },
    )
    await keep_parts(db, owner=owner, import_id=import_id, source=source)
    if by_job:
        await _ask(db, owner, import_id, "read_import")
    else:
        async with left_open(db, owner, import_id, now):
            await _read(db, owner, import_id, source, guess, account_id, now, limits, progress)
    return await get(db, owner=owner, import_id=import_id)


async def list_imports(
    db: Db, *, owner: UserId, before: str | None = None, limit: int = 50
) -> Page[FileImport]:
    """Return the owner's imports, newest first; ``before`` is a page's ``next``.

    Raises ``BadCursor``.
    """
    limit = max(1, min(limit, _MOST))
    place = (None, None) if before is None else decode_cursor(_ORDER, before, datetime, UUID)
    found = await queries.imports(db, owner, limit=limit + 1, before=place)
    page = found[:limit]
    more = len(found) > limit
    return Page(page, encode_cursor(_ORDER, page[-1].created_at, page[-1].id) if more else None)


async def rows(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    mark: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[transactions.PreviewRow]:
    """Return rows of an import in the file's order; ``mark`` new, known or alike narrows."""
    return await transactions.preview_file(
        db, owner=owner, import_id=import_id, mark=mark, after=after, limit=limit
    )


async def change_guess(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    changes: Mapping[str, Any],
    now: datetime,
    by_job: bool = False,
    limits: Limits = LIMITS,
) -> FileImport:
    """Read the file anew as the person says it is to be read.

    ``changes`` are fields of ``Guess``: columns, sign, date_order, decimal_mark, encoding,
    delimiter, currency, header_line. Raises ``BadMapping``, ``FileIsRefused``, ``ImportIsOver``,
    ``ImportNotFound`` and ``ImportHasNothing``; then all is as before.
    """
    found = await mine(db, owner, import_id, *_OPEN)
    guess = mapping.changed(found.guess, changes)
    await transactions.forget_file(db, owner=owner, import_id=import_id)
    await queries.change(
        db,
        owner,
        import_id,
        now,
        state=ImportState.READING.value,
        guess=guess.as_json(),
        rows_read=0,
        error=None,
    )
    if by_job:
        await _ask(db, owner, import_id, "read_import")
        return await get(db, owner=owner, import_id=import_id)
    return await read(db, owner=owner, import_id=import_id, now=now, limits=limits)


async def read(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    now: datetime,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> FileImport:
    """Read the file that an import keeps; one that was read already stays so."""
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.state is not ImportState.READING:
        return found
    given = next((one.choice.account_id for one in found.accounts if one.told.key == "*"), None)
    async with unpacked(db, owner=owner, import_id=import_id, name=found.file_name) as source:
        await _read(db, owner, import_id, source, found.guess, given, now, limits, progress)
    return await get(db, owner=owner, import_id=import_id)


async def _read(
    db: Db,
    owner: UserId,
    import_id: ImportId,
    source: Source,
    guess: Guess,
    account_id: AccountId | None,
    now: datetime,
    limits: Limits,
    progress: Progress | None,
) -> None:
    read_in = await read_into(
        db,
        owner=owner,
        import_id=import_id,
        source=source,
        guess=guess,
        today=await today_of(db, owner, now),
        limits=limits,
        progress=progress,
    )
    if not read_in.rows and not read_in.problem_count and not read_in.tells_more:
        raise ImportHasNothing(
            N_("The file has no transactions."),
            field="file",
            hint=N_("Export it again with some days."),
        )
    before = await get(db, owner=owner, import_id=import_id)
    proposed = await file_accounts.propose(
        db,
        owner=owner,
        import_id=import_id,
        told=read_in.told,
        file_name=before.file_name,
        currency=await hinted(db, owner=owner, guess=guess),
        remembered=await queries.source_accounts(db, owner, signature(guess)),
        given=account_id,
        before=before.accounts,
    )
    await queries.change(
        db,
        owner,
        import_id,
        now,
        state=ImportState.PREVIEW.value,
        problems=[one._asdict() for one in read_in.problems],
        problem_count=read_in.problem_count,
        rows_read=read_in.rows,
        rows=read_in.rows,
        told=dict(read_in.sections),
        error=None,
    )
    await _compare(db, owner, import_id, guess, proposed, now)


async def choose(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    choices: Mapping[str, Choice],
    now: datetime,
) -> FileImport:
    """Say which account each of the file's accounts goes to, and mark its rows by that.

    Raises ``AccountNotFound``, ``CurrencyDiffers``, ``ImportIsOver`` and ``ImportNotFound``.
    """
    found = await mine(db, owner, import_id, *_OPEN)
    chosen = await file_accounts.checked(db, owner=owner, before=found.accounts, choices=choices)
    if chosen != list(found.accounts):
        await _compare(db, owner, import_id, found.guess, chosen, now)
    return await get(db, owner=owner, import_id=import_id)


def is_for_a_job(found: FileImport) -> bool:
    """Return whether taking a file in may take longer than somebody waits for an answer."""
    beside = sum(found.told.values())
    much_beside = bool(beside) and found.size >= _MUCH_BESIDE
    return found.rows >= MANY_ROWS or beside >= MANY_ROWS or much_beside


def check_readable(found: FileImport, *, without_unreadable: bool) -> None:
    """Raise ``ImportHasNothing``, or ``LinesAreUnreadable`` unless the rest may come without."""
    if not found.rows and not found.accounts and not found.told:
        why = found.error or N_("No row of the file could be read.")
        raise ImportHasNothing(why, field="file")
    if found.unreadable and not without_unreadable:
        raise LinesAreUnreadable(found.unreadable)


async def confirm(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    include: Sequence[UUID] | None,
    now: datetime,
    without_unreadable: bool = False,
    actor: str = "person",
    by_job: bool = False,
    sections: Sections = NOTHING_BESIDE,
    limits: Limits = LIMITS,
) -> FileImport:
    """Take the rows into the book, but those it has, and likely doubles that are not included.

    ``include`` None takes every likely double too. ``sections`` are what a book of ours may bring
    back beside its rows. One that is done stays as it is: a second confirmation changes nothing.
    Raises ``AccountIsNotChosen``, ``ImportIsOver``, ``ImportHasNothing``, and unless it may come
    ``without_unreadable`` lines ``LinesAreUnreadable`` where it has some.
    """
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.state in (ImportState.DONE, ImportState.IMPORTING):
        return found
    check_state(found, *_OPEN)
    check_readable(found, without_unreadable=without_unreadable)
    file_accounts.check_all_are_chosen(found.accounts)
    wanted: Any = "all" if include is None else [str(one) for one in include]
    await queries.change(
        db,
        owner,
        import_id,
        now,
        state=ImportState.IMPORTING.value,
        choices={
            "include": wanted,
            "actor": actor,
            "sections": [one.name for one in sections.parts],
        },
    )
    if by_job:
        await _ask(db, owner, import_id, "take_in_import")
        return await get(db, owner=owner, import_id=import_id)
    return await take_in(
        db, owner=owner, import_id=import_id, now=now, sections=sections, limits=limits
    )


async def discard(db: Db, *, owner: UserId, import_id: ImportId) -> None:
    """Forget a file that was not taken in. Raises ``ImportIsOver`` and ``ImportNotFound``."""
    await mine(db, owner, import_id, ImportState.READING, *_OPEN)
    await transactions.forget_file(db, owner=owner, import_id=import_id)
    await queries.delete(db, owner, import_id)


async def fail(db: Db, *, owner: UserId, import_id: ImportId, why: str, now: datetime) -> None:
    """Note that a job could not do its part; nothing of it was stored."""
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.is_busy:
        back = ImportState.FAILED if found.state is ImportState.READING else ImportState.PREVIEW
        await queries.change(db, owner, import_id, now, state=back.value, error=why)


async def _compare(
    db: Db,
    owner: UserId,
    import_id: ImportId,
    guess: Guess,
    chosen: Sequence[FileAccountChoice],
    now: datetime,
) -> None:
    targets = await file_accounts.targets(db, owner=owner, chosen=chosen)
    shared: Mapping[str, Any] = {"owner": owner, "import_id": import_id, "accounts": targets}
    told_by_bank = guess.format in bank_ids.FORMATS
    if told_by_bank:
        await bank_ids.settle(db, **shared)
    marks = await transactions.compare_file(db, **shared)
    corrected = await bank_ids.mark_corrected(db, **shared) if told_by_bank else 0
    told = await doubts.judged(db, owner=owner, import_id=import_id, chosen=chosen)
    facts = {
        "known": marks.known,
        "alike": marks.alike + corrected,
        "accounts": [one.as_json() for one in told],
    }
    await queries.change(db, owner, import_id, now, **facts)


async def _ask(db: Db, owner: UserId, import_id: ImportId, job: str) -> None:
    await enqueue(
        db,
        f"connections.{job}",
        lock=f"import {import_id}",
        owner=str(owner),
        file=str(import_id),
    )
