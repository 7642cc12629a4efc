"""The verbs of imports: bring a file, see what it says, choose, take it in, take it out again.

Each works in the caller's one unit of work, so nothing is ever half applied. How files are read
is ``files``' matter, what the book does with rows that of ``transactions``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom import accounts, audit, identity, transactions
from strongroom.connections import files
from strongroom.connections.files import Guess, Limits, Source
from strongroom.connections.imports import books, doubts, file_accounts, mapping, queries
from strongroom.connections.imports.currencies import hinted
from strongroom.connections.imports.mapping import signature
from strongroom.connections.imports.reading import (
    Progress,
    keep_parts,
    read_into,
    sha256,
    unpacked,
)
from strongroom.connections.imports.refusals import left_open
from strongroom.connections.imports.text import kept_json, shown_name
from strongroom.connections.imports.types import (
    Choice,
    FileAccountChoice,
    FileImport,
    ImportHasNothing,
    ImportId,
    ImportNotFound,
    ImportState,
    RowsWereEdited,
    check_state,
)
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.queue import enqueue
from strongroom.core.time import today

LARGE_BYTES = 1024 * 1024
MANY_ROWS = 5_000
"""A file from this size on, some thousand rows, is read and taken in by a job."""

_LIMITS = Limits()
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
    limits: Limits = _LIMITS,
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


async def get(db: Db, *, owner: UserId, import_id: ImportId) -> FileImport:
    """Return one import. Raises ``ImportNotFound``."""
    found = await queries.imports(db, owner, import_id)
    if not found:
        raise ImportNotFound("There is no such import.")
    return found[0]


async def list_imports(db: Db, *, owner: UserId, limit: int = 50) -> list[FileImport]:
    """Return the owner's newest imports."""
    return await queries.imports(db, owner, limit=limit)


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
    limits: Limits = _LIMITS,
) -> FileImport:
    """Read the file anew as the person says it is to be read.

    ``changes`` are fields of ``Guess``: columns, sign, date_order, decimal_mark, encoding,
    delimiter, currency, header_line. Raises ``BadMapping``, ``FileIsRefused``, ``ImportIsOver``,
    ``ImportNotFound`` and ``ImportHasNothing``; then all is as before.
    """
    found = await _mine(db, owner, import_id, *_OPEN)
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
    limits: Limits = _LIMITS,
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
        today=await _today(db, owner, now),
        limits=limits,
        progress=progress,
    )
    if not read_in.rows and not read_in.problem_count:
        raise ImportHasNothing(
            "The file has no transactions.", field="file", hint="Export it again with some days."
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
        error=None,
    )
    await _compare(db, owner, import_id, proposed, now)


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
    found = await _mine(db, owner, import_id, *_OPEN)
    chosen = await file_accounts.checked(db, owner=owner, before=found.accounts, choices=choices)
    if chosen != list(found.accounts):
        await _compare(db, owner, import_id, chosen, now)
    return await get(db, owner=owner, import_id=import_id)


async def confirm(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    include: Sequence[UUID] | None,
    now: datetime,
    actor: str = "person",
    by_job: bool = False,
) -> FileImport:
    """Take the rows into the book, but those it has, and likely doubles that are not included.

    ``include`` None takes every likely double too. One that is done stays as it is: a second
    confirmation changes nothing. Raises ``AccountIsNotChosen``, ``ImportIsOver`` and
    ``ImportHasNothing``.
    """
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.state in (ImportState.DONE, ImportState.IMPORTING):
        return found
    check_state(found, *_OPEN)
    if not found.rows:
        why = found.error or "No row of the file could be read."
        raise ImportHasNothing(why, field="file")
    file_accounts.check_all_are_chosen(found.accounts)
    wanted: Any = "all" if include is None else [str(one) for one in include]
    await queries.change(
        db,
        owner,
        import_id,
        now,
        state=ImportState.IMPORTING.value,
        choices={"include": wanted, "actor": actor},
    )
    if by_job:
        await _ask(db, owner, import_id, "take_in_import")
        return await get(db, owner=owner, import_id=import_id)
    return await take_in(db, owner=owner, import_id=import_id, now=now)


async def take_in(db: Db, *, owner: UserId, import_id: ImportId, now: datetime) -> FileImport:
    """Do what was confirmed, in the name of who confirmed it; one that is done stays so."""
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.state is not ImportState.IMPORTING:
        return found
    # The book before accounts and the audit log: every verb locks in this order.
    await transactions.take_turn(db, owner=owner)
    chosen = await file_accounts.made_since(
        db,
        owner=owner,
        chosen=found.accounts,
        file_name=found.file_name,
        remembered=await queries.source_accounts(db, owner, signature(found.guess)),
    )
    aside = [one.told.key for one in chosen if one.choice.kept_aside]
    await transactions.leave_out_of_file(db, owner=owner, import_id=import_id, keys=aside)
    opened = await file_accounts.open_new(
        db, owner=owner, chosen=chosen, now=now, actor=found.actor
    )
    book = await books.find(db, owner=owner, import_id=import_id)
    known = await books.restore_categories(db, owner=owner, book=book, now=now)
    taken = await transactions.take_in_file(
        db,
        owner=owner,
        import_id=import_id,
        accounts=opened.targets,
        include=found.include,
        now=now,
        categories_by_path=known.paths,
    )
    await books.restore(
        db,
        owner=owner,
        import_id=import_id,
        book=book,
        targets=opened.targets,
        made=opened.made,
        categories=known,
        today=await _today(db, owner, now),
        now=now,
    )
    await transactions.sort_imported(db, owner=owner, import_id=import_id, now=now)
    chosen = await file_accounts.settle(
        db,
        owner=owner,
        import_id=import_id,
        chosen=chosen,
        targets=opened.targets,
        today=await _today(db, owner, now),
        now=now,
    )
    source_id = await file_accounts.remember(db, owner, found, chosen, opened.targets, now)
    await _finish(
        db,
        owner,
        import_id,
        now,
        imported=taken.added,
        skipped=found.rows - taken.added,
        accounts=[one.as_json() for one in chosen],
        made_accounts=list(opened.made),
        made_categories=[*known.made, *taken.made_categories],
        source_id=source_id,
    )
    await _record(db, owner, "import_file", import_id, {"rows": taken.added}, now, found.actor)
    await accounts.net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, import_id=import_id)


async def _finish(db: Db, owner: UserId, import_id: ImportId, now: datetime, **facts: Any) -> None:
    """Say of an import that it is done, and what it came to; the file itself goes."""
    await queries.drop_parts(db, owner, import_id)
    await queries.change(
        db, owner, import_id, now, state=ImportState.DONE.value, done_at=now, **facts
    )


async def edited_since(db: Db, *, owner: UserId, import_id: ImportId) -> int:
    """Return how many rows that an import brought were changed since. Raises ``ImportNotFound``."""
    await get(db, owner=owner, import_id=import_id)
    return await transactions.count_edited_since(db, owner=owner, import_id=import_id)


async def undo(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    now: datetime,
    even_edited: bool = False,
    actor: str = "person",
) -> FileImport:
    """Take out exactly what an import brought: rows, balances, accounts and categories made.

    Can be done once; the file may be imported again afterwards. Raises ``ImportIsOver``,
    ``ImportNotFound``, and ``RowsWereEdited`` unless told that such rows may go too.
    """
    found = await _mine(db, owner, import_id, ImportState.DONE)
    await transactions.take_turn(db, owner=owner)
    edited = await transactions.count_edited_since(db, owner=owner, import_id=import_id)
    if edited and not even_edited:
        raise RowsWereEdited(edited)
    touched = await queries.touched_accounts(db, owner, import_id)
    removed = await transactions.undo_import(
        db, owner=owner, import_id=import_id, made_categories=found.made_categories, now=now
    )
    await queries.drop_balances(db, owner, import_id)
    await file_accounts.rewrite_balances(db, owner=owner, account_ids=touched, now=now)
    await queries.change(db, owner, import_id, now, state=ImportState.UNDONE.value, undone_at=now)
    await file_accounts.drop_left(db, owner=owner, import_id=import_id)
    await _record(db, owner, "undo_import", import_id, {"rows": removed}, now, actor)
    await accounts.net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, import_id=import_id)


async def discard(db: Db, *, owner: UserId, import_id: ImportId) -> None:
    """Forget a file that was not taken in. Raises ``ImportIsOver`` and ``ImportNotFound``."""
    await _mine(db, owner, import_id, ImportState.READING, *_OPEN)
    await transactions.forget_file(db, owner=owner, import_id=import_id)
    await queries.delete(db, owner, import_id)


async def fail(db: Db, *, owner: UserId, import_id: ImportId, why: str, now: datetime) -> None:
    """Note that a job could not do its part; nothing of it was stored."""
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    if found.is_busy:
        back = ImportState.FAILED if found.state is ImportState.READING else ImportState.PREVIEW
        await queries.change(db, owner, import_id, now, state=back.value, error=why)


async def _mine(db: Db, owner: UserId, import_id: ImportId, *states: ImportState) -> FileImport:
    """Take the import's turn and return it, if it is in one of these states."""
    await queries.take_turn(db, import_id)
    found = await get(db, owner=owner, import_id=import_id)
    check_state(found, *states)
    return found


async def _compare(
    db: Db,
    owner: UserId,
    import_id: ImportId,
    chosen: Sequence[FileAccountChoice],
    now: datetime,
) -> None:
    targets = await file_accounts.targets(db, owner=owner, chosen=chosen)
    marks = await transactions.compare_file(db, owner=owner, import_id=import_id, accounts=targets)
    told = await doubts.judged(db, owner=owner, import_id=import_id, chosen=chosen)
    facts = {
        "known": marks.known,
        "alike": marks.alike,
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


async def _record(
    db: Db,
    owner: UserId,
    verb: str,
    import_id: ImportId,
    details: audit.Details,
    now: datetime,
    actor: str,
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"connections.{verb}",
        resource_type="import",
        resource_id=str(import_id),
        details=details,
        now=now,
    )


async def _today(db: Db, owner: UserId, now: datetime) -> Any:
    settings = await identity.get_settings(db, owner=owner)
    return today(now, settings.time_zone)
