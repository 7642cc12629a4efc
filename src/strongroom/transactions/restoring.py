"""Bringing back an exported book: a person's categories, and all they chose for their rows.

Follows ``from_files``, which takes the rows in; categories go before it, the rest after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id, parse
from strongroom.transactions import (
    bank_rows,
    exported_rows,
    file_rows,
    journal,
    marking,
    totals,
)
from strongroom.transactions.own_categories.arranging import Told, arrange
from strongroom.transactions.service import categories
from strongroom.transactions.sorting import row_queries
from strongroom.transactions.types import Kind

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class BookCategory:
    """A category as a book tells it.

    ``path`` is what its rows call it, ``parent`` its group's, ``goes_to`` that of the one that took
    its place, if it was done away with.
    """

    path: str
    parent: str | None
    key: str | None
    name: str | None
    kind: str
    goes_to: str | None = None


@dataclass(frozen=True, slots=True)
class BookCategories:
    """Which category each path of a book is, and those that were made for it."""

    paths: dict[str, CategoryId]
    made: Sequence[CategoryId]


async def restore_categories(
    db: Db, *, owner: UserId, told: Sequence[BookCategory], now: datetime
) -> BookCategories:
    """Return the owner's category for each of a book's, making those of their own that lack.

    The same is one with the same key, or of the same name in the same group. What was done away
    with here leads to what took its place. Where there is no row so far, the whole tree becomes as
    the book tells it: names of defaults, groups, order, and what was done away with.
    """
    await totals.take_turn(db, owner)
    known = await categories(db, owner=owner)
    defaults = dict(await bank_rows.category_ids(db, owner))
    own = {(one.parent_id, one.name): one.id for one in known if one.key is None}
    kinds = {kind.value for kind in Kind}
    paths: dict[str, CategoryId] = {}
    made: list[CategoryId] = []
    for one in told:
        if one.goes_to is not None and one.key is None:
            continue  # nothing can be in it
        found = CategoryId(defaults[one.key]) if one.key in defaults else None
        name = (one.name or one.key or "")[:_LONGEST_NAME]
        parent = paths.get(one.parent or "")
        if found is None:
            found = own.get((parent, name))
        if found is None and name and one.kind in kinds:
            found = CategoryId(new_id())
            await file_rows.add_category(db, owner, found, parent, name, one.kind)
            own[parent, name] = found
            made.append(found)
        if found is not None:
            paths[one.path] = found
    await arrange(db, owner, [_told(one, paths) for one in told if one.path in paths], now)
    return BookCategories(paths, made)


def _told(one: BookCategory, paths: Mapping[str, CategoryId]) -> Told:
    return Told(
        id=paths[one.path],
        parent_id=paths.get(one.parent or ""),
        key=one.key,
        name=(one.name or "")[:_LONGEST_NAME] or None,
        kind=one.kind,
        goes_to=paths.get(one.goes_to or ""),
    )


async def restore_rows(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    paths: Mapping[str, CategoryId] | None = None,
    now: datetime,
) -> int:
    """Write what a person chose for the rows that an import of a book brought; return how many.

    Taken from what the reader kept as each row's own text: a JSON object of such facts. ``paths``
    are the categories of its parts.
    """
    await totals.take_turn(db, owner)
    await journal.because(db, cause="file", now=now, cause_id=import_id)
    async with in_bulk(db):
        changed = await core_db.execute(
            db,
            """
            UPDATE transactions t SET
                description = coalesce(f.raw::json ->> 'description', t.description),
                happened_on = (f.raw::json ->> 'happened_on')::date,
                category_by = coalesce(f.raw::json ->> 'category_by', t.category_by),
                merchant_by = coalesce(f.raw::json ->> 'merchant_by', t.merchant_by),
                needs_review = coalesce((f.raw::json ->> 'needs_review')::boolean, t.needs_review),
                reviewed_at = (f.raw::json ->> 'reviewed_at')::timestamptz,
                removed_by_bank = (f.raw::json ->> 'removed_by_bank')::timestamptz,
                never_booked_at = (f.raw::json ->> 'never_booked_at')::timestamptz
            FROM file_transactions f
            WHERE f.user_id = %(owner)s AND f.import_id = %(import_id)s
              AND t.user_id = %(owner)s AND t.id = f.id AND t.origin = 'file'
              AND f.raw IS JSON OBJECT
            """,
            {"owner": owner, "import_id": import_id},
        )
        if changed:
            await marking.restore(db, owner, import_id, paths or {}, now)
            await exported_rows.be_by_hand(db, owner, import_id)
        months = await file_rows.months_of_import(db, owner, import_id)
    if changed:
        await totals.roll_up(db, owner, months)
    return changed


async def rows_of_book(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    keys: Sequence[str],
    accounts: Sequence[AccountId],
) -> dict[str, TransactionId]:
    """Return which rows on these accounts those of a book are, by the ids that it calls them.

    Rows of this import, else of an earlier one that brought them, else the very same.
    """
    ids = []
    for key in keys:
        with suppress(NotFound):
            ids.append(parse("trn", key))
    found = await exported_rows.by_key(db, owner, import_id, keys, ids, accounts)
    return {key: TransactionId(row_id) for key, row_id in found}


async def restore_hands(db: Db, *, owner: UserId, import_id: UUID) -> None:
    """Write which rules were at which rows of a book, once its rules are there."""
    await totals.take_turn(db, owner)
    async with in_bulk(db):
        await row_queries.restore_marks(db, owner, import_id)
