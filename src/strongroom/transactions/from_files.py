"""The verbs for files: keep what a file says, mark what the book has already, take in, take out.

Whose file it is, how it is read and which account its rows go to is ``connections``' matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta
from uuid import UUID

from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, UserId
from strongroom.transactions import (
    doubles,
    exported_rows,
    file_categories,
    file_rows,
    journal,
    likeness,
    matching,
    refunds,
    totals,
)
from strongroom.transactions.applying import ask_for_statistics
from strongroom.transactions.file_types import (
    FileKey,
    FileMarks,
    FileTarget,
    Pair,
    PreviewRow,
    TakenIn,
)
from strongroom.transactions.own_categories import queries as category_queries
from strongroom.transactions.service import categories

_ASK_TO_REVIEW = timedelta(days=30)
_PAIRS_AT_ONCE = 5_000
_MOST_AT_ONCE = 50_000
_MOST_PAIRS = 5_000_000


async def take_turn(db: Db, *, owner: UserId) -> None:
    """Wait until nobody else changes the owner's book; for who goes on to lock other things."""
    await totals.take_turn(db, owner)


async def begin_file(db: Db) -> None:
    """Make ready to keep a file's rows; once in a unit of work."""
    await file_rows.make_stage(db)


async def stage_file(db: Db, *, rows: Iterable[tuple[object, ...]]) -> None:
    """Lay a batch of a file's rows aside, in the file's order.

    A row is (id, line, account key, day, amount, currency, description, payee, note, category,
    source's id, counter account, pending, reviewed, balance after it, its raw text, False).
    """
    await file_rows.stage(db, rows)


async def keep_file(db: Db, *, owner: UserId, import_id: UUID) -> list[FileKey]:
    """Keep the rows laid aside as what an import says; return what they come to by account.

    A row that the source told twice under one id is kept once.
    """
    async with in_bulk(db):
        await file_rows.settle_repeated_ids(db)
        await file_rows.keep(db, owner, import_id)
    return await file_rows.key_facts(db, owner, import_id)


async def forget_file(db: Db, *, owner: UserId, import_id: UUID) -> None:
    """Drop what an import said and did not bring into the book."""
    await file_rows.forget(db, owner, import_id)


async def leave_out_of_file(db: Db, *, owner: UserId, import_id: UUID, keys: Sequence[str]) -> None:
    """Drop what an import said of these of its accounts, before the rest is taken in."""
    if keys:
        await file_rows.forget_keys(db, owner, import_id, keys)


async def compare_file(
    db: Db, *, owner: UserId, import_id: UUID, accounts: Mapping[str, FileTarget]
) -> FileMarks:
    """Mark an import's rows that the book has from an earlier file, and those that look like one.

    ``accounts`` are those that exist by their keys in the file; rows of others are new.
    """
    await file_rows.forget_marks(db, owner, import_id)
    held = {key: target.account_id for key, target in accounts.items()}
    if not held or not await file_rows.has_rows(db, owner, list(held.values())):
        return FileMarks()
    async with in_bulk(db):
        known = await file_rows.mark_known(db, owner, import_id, held)
        if any(key.startswith("acc_") for key in held):  # a book that was exported here
            known += await exported_rows.mark_own(db, owner, import_id, held)
        alike = 0
        async for pairs in _by_amount(db, owner, import_id, held):
            found = await asyncio.to_thread(likeness.match, pairs)
            alike += len(found)
            await file_rows.mark_alike(
                db, owner, import_id, [(one.id, one.rival_id, one.score, one.days) for one in found]
            )
    return FileMarks(known, alike)


async def _by_amount(
    db: Db, owner: UserId, import_id: UUID, held: Mapping[str, UUID]
) -> AsyncIterator[list[Pair]]:
    """Yield the pairs in batches; those of one account and amount are parted only if very many.

    Then those of one file's row still stand together. After a bound it is enough: who brings a
    file made of likely doubles learns of the first ones.
    """
    batch: list[Pair] = []
    left = _MOST_PAIRS
    pairs = file_rows.candidates(db, owner, import_id, held, likeness.MOST_DAYS)
    async with aclosing(pairs):
        async for pair in pairs:
            full = len(batch) >= _PAIRS_AT_ONCE and _group(pair) != _group(batch[-1])
            if full or (len(batch) >= _MOST_AT_ONCE and pair.id != batch[-1].id):
                yield batch
                left -= len(batch)
                batch = []
                if left <= 0:
                    return
            batch.append(pair)
    if batch:
        yield batch


def _group(pair: Pair) -> tuple[object, ...]:
    return pair.account_id, pair.amount


async def preview_file(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    mark: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[PreviewRow]:
    """Return an import's rows in the file's order; of ``mark`` new, known or alike only those."""
    return await file_rows.preview(db, owner, import_id, mark, after, limit)


async def take_in_file(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    accounts: Mapping[str, FileTarget],
    include: Sequence[UUID] | None,
    now: datetime,
    categories_by_path: Mapping[str, UUID] | None = None,
    links_are_told: bool = False,
) -> TakenIn:
    """Take an import's rows into the book, but for those it has and likely doubles not chosen.

    ``accounts`` maps every key of the file; ``include`` are the likely doubles to take all the
    same, None all of them; ``categories_by_path`` those that are settled. A first book of which
    the ``links_are_told`` is not searched for any. Marks are made anew in the book's turn, so that
    two imports at once do not bring the same rows. Nothing that a person edited is touched.
    """
    await totals.take_turn(db, owner)
    await journal.because(db, cause="file", now=now, cause_id=import_id)
    known = await categories(db, owner=owner)
    searches = not links_are_told or await category_queries.has_any(db, owner)
    await compare_file(db, owner=owner, import_id=import_id, accounts=accounts)
    given = categories_by_path or {}
    paths = await file_rows.category_paths(db, owner, import_id)
    plan = file_categories.plan(known, [one for one in paths if one.path not in given])
    for new in plan.new:
        await file_rows.add_category(db, owner, new.id, new.parent_id, new.name, new.kind.value)
    keys = {one.key: one.id for one in known if one.key is not None}
    async with in_bulk(db):
        added = await file_rows.write_book(
            db,
            owner,
            import_id,
            {key: (target.account_id, target.currency) for key, target in accounts.items()},
            {**plan.paths, **given},
            file_categories.fallback(keys),
            include=include,
            review_since=now.date() - _ASK_TO_REVIEW,
            now=now,
        )
        await file_rows.forget_untaken(db, owner, import_id)
        months = await file_rows.months_of_import(db, owner, import_id)
        days = await doubles.days_of_import(db, owner, import_id) if searches else []
    if added:
        if searches:
            await matching.match(db, owner=owner, days=days, now=now, rows=added)
        await totals.roll_up(db, owner, months)
    await ask_for_statistics(db, added)
    made = [CategoryId(new.id) for new in plan.new]
    return TakenIn(added, made, _first(months) if added else None)


async def count_edited_since(db: Db, *, owner: UserId, import_id: UUID) -> int:
    """Return how many rows that an import brought were changed by the person since."""
    async with in_bulk(db):
        return await file_rows.count_edited(db, owner, import_id)


async def undo_import(db: Db, *, owner: UserId, import_id: UUID, now: datetime) -> int:
    """Take out of the book exactly the rows that an import brought; return how many.

    It is the person's act, named by the import. What the rows belonged to is matched anew at once.
    """
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, cause_id=import_id)
    days = await doubles.days_of_import(db, owner, import_id)
    months = await file_rows.months_of_import(db, owner, import_id)
    async with in_bulk(db):
        days += await refunds.let_go_of_import(db, owner=owner, import_id=import_id)
        removed = await file_rows.take_out(db, owner, import_id)
    if removed:
        await matching.match(db, owner=owner, days=days, now=now, rows=removed)
        await totals.roll_up(db, owner, months)
    await file_rows.forget(db, owner, import_id)
    return removed


async def drop_unused_categories(db: Db, *, owner: UserId, category_ids: Sequence[UUID]) -> None:
    """Take out categories that an import made, unless something uses them.

    To be asked once all else of the import is out.
    """
    await file_rows.drop_unused_categories(db, owner, category_ids)


def _first(months: Sequence[date]) -> date | None:
    return min(months, default=None)
