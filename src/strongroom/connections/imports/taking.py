"""Taking a file into the book as it was confirmed, and out again: each whole or not at all.

What a book that was exported here tells beside rows goes back to the domains that told it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom import accounts, transactions
from strongroom.connections.files import Limits
from strongroom.connections.imports import bank_ids, books, file_accounts, queries
from strongroom.connections.imports.file_accounts import Opened
from strongroom.connections.imports.held import get, mine, record, today_of
from strongroom.connections.imports.mapping import signature
from strongroom.connections.imports.types import (
    FileAccountChoice,
    FileImport,
    ImportId,
    ImportState,
    MayNotUndo,
    RowsWereEdited,
)
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.sections import Outcome, Sections

LIMITS = Limits()
NOTHING_BESIDE = Sections()


async def take_in(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    now: datetime,
    sections: Sections = NOTHING_BESIDE,
    limits: Limits = LIMITS,
) -> FileImport:
    """Do what was confirmed, in the name of who confirmed it; one that is done stays so.

    Of ``sections`` those are brought back that who confirmed it may.
    """
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
    may = sections.named(found.may_bring)
    taken = await _take_book(db, owner, found, chosen, opened, may, limits, now)
    outcome = taken.outcome
    problems = [*found.problems, *books.left_out(outcome)]
    source_id = await file_accounts.remember(db, owner, found, taken.chosen, opened.targets, now)
    await _finish(
        db,
        owner,
        import_id,
        now,
        imported=taken.rows,
        skipped=found.rows - taken.rows,
        accounts=[one.as_json() for one in taken.chosen],
        made_accounts=list(opened.made),
        made_categories=taken.made_categories,
        made={name: list(keys) for name, keys in outcome.made.items()},
        problems=[one._asdict() for one in problems],
        problem_count=found.problem_count + sum(outcome.left_out.values()),
        source_id=source_id,
    )
    await record(db, owner, "import_file", import_id, {"rows": taken.rows}, now, found.actor)
    await accounts.net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, import_id=import_id)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What taking in came to; ``chosen`` are the file's accounts with what they became."""

    rows: int
    made_categories: Sequence[UUID]
    chosen: Sequence[FileAccountChoice]
    outcome: Outcome


async def _take_book(
    db: Db,
    owner: UserId,
    found: FileImport,
    chosen: Sequence[FileAccountChoice],
    opened: Opened,
    sections: Sections,
    limits: Limits,
    now: datetime,
) -> _Taken:
    """Take in categories, rows, balances and sections, in the order in which they build on others.

    The person's own rules see new rows before those that the book brings are there.
    """
    day = await today_of(db, owner, now)
    shared: Mapping[str, Any] = {"owner": owner, "import_id": found.id, "now": now}
    book = await books.find(db, owner=owner, import_id=found.id)
    known = await books.restore_categories(db, owner=owner, book=book, now=now)
    going: Mapping[str, Any] = {"accounts": opened.targets, "include": found.include}
    if found.guess.format in bank_ids.FORMATS:
        await bank_ids.settle_and_choose(db, owner=owner, import_id=found.id, **going)
    taken = await transactions.take_in_file(
        db,
        **shared,
        **going,
        categories_by_path=known.paths,
        links_are_told="transfers" in book.sections,
    )
    await books.restore(
        db,
        **shared,
        book=book,
        targets=opened.targets,
        made=opened.made,
        categories=known,
        today=day,
    )
    await transactions.sort_imported(db, **shared)
    settled = await file_accounts.settle(
        db, **shared, chosen=chosen, targets=opened.targets, today=day
    )
    outcome = await books.bring_back(
        db,
        **shared,
        file_name=found.file_name,
        book=book,
        targets=opened.targets,
        categories=known,
        sections=sections,
        limits=limits,
    )
    return _Taken(taken.added, [*known.made, *taken.made_categories], settled, outcome)


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


async def changed_beside(
    db: Db, *, owner: UserId, import_id: ImportId, sections: Sections
) -> Mapping[str, int]:
    """Return how much of what an import made beside rows was changed since, by section.

    Raises ``ImportNotFound``.
    """
    found = await get(db, owner=owner, import_id=import_id)
    return await _changed_beside(db, owner, found, sections)


async def _changed_beside(
    db: Db, owner: UserId, found: FileImport, sections: Sections
) -> Mapping[str, int]:
    since = found.done_at or found.created_at
    return await sections.changed(db, owner=owner, made=found.made, since=since)


async def undo(
    db: Db,
    *,
    owner: UserId,
    import_id: ImportId,
    now: datetime,
    even_edited: bool = False,
    actor: str = "person",
    sections: Sections = NOTHING_BESIDE,
) -> FileImport:
    """Take out exactly what an import brought: rows, balances, accounts and categories made.

    And what it brought back of ``sections``, which are those that the caller may write.

    Can be done once; the file may be imported again afterwards. Raises ``ImportIsOver``,
    ``ImportNotFound``, ``MayNotUndo`` where it made something of another section, and
    ``RowsWereEdited`` unless told that what was changed since may go too.
    """
    found = await mine(db, owner, import_id, ImportState.DONE)
    _check_may(found, sections)
    await transactions.take_turn(db, owner=owner)
    if not even_edited:
        edited = await transactions.count_edited_since(db, owner=owner, import_id=import_id)
        beside = await _changed_beside(db, owner, found, sections)
        if edited or beside:
            raise RowsWereEdited(edited, beside)
    touched = await queries.touched_accounts(db, owner, import_id)
    removed = await transactions.undo_import(db, owner=owner, import_id=import_id, now=now)
    await sections.take_out(db, owner=owner, made=found.made)
    await transactions.drop_unused_categories(db, owner=owner, category_ids=found.made_categories)
    await queries.drop_balances(db, owner, import_id)
    if found.done_at is not None:
        await accounts.forget_restored_values(
            db, owner=owner, account_ids=found.made_accounts, until=found.done_at
        )
    await file_accounts.rewrite_balances(db, owner=owner, account_ids=touched, now=now)
    await queries.change(db, owner, import_id, now, state=ImportState.UNDONE.value, undone_at=now)
    await file_accounts.drop_left(db, owner=owner, import_id=import_id)
    await record(db, owner, "undo_import", import_id, {"rows": removed}, now, actor)
    await accounts.net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, import_id=import_id)


def _check_may(found: FileImport, sections: Sections) -> None:
    may = {one.name for one in sections.parts}
    beyond = [name for name, keys in found.made.items() if keys and name not in may]
    if beyond:
        raise MayNotUndo(
            f"This import made {', '.join(beyond)}, which you may not change.",
            hint="Undo it with a token that has their scopes, or on the page of the import.",
        )
