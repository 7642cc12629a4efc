"""The verbs of the book: search, categorise, sum up. Taking a bank's changes in is ``applying``.

Sync owns the bank's columns and a person owns theirs; neither overwrites the other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from strongroom import audit
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.core.time import month_start, months_before
from strongroom.transactions import bank_rows, finding, journal, queries, totals
from strongroom.transactions.types import (
    Category,
    Filter,
    Kind,
    MatchingPart,
    MonthFlow,
    Origin,
    Page,
    Position,
    SpendingLine,
    Summary,
    Transaction,
)

_LONGEST_PAGE = 500
_MOST_COUNTED = 10_000
_LAST_MONTH = date.max.replace(day=1)


class TransactionNotFound(NotFound):
    """No transaction of yours has that id."""


class CategoryNotFound(NotFound):
    """No category of yours has that id."""


class NoteTooLong(Refused):
    """A note has more characters than it may."""


async def refresh_statistics_for_all(db: Db) -> None:
    """Let the planner know of many new rows; asked for by a job after a large sync."""
    await bank_rows.refresh_statistics_for_all(db)


async def categories(db: Db, *, owner: UserId) -> list[Category]:
    """Return the owner's categories in the order to show, making the defaults if need be."""
    rows = await queries.categories(db, owner)
    if not rows:
        await queries.seed_categories(db, owner)
        rows = await queries.categories(db, owner)
    return [
        Category(
            id=CategoryId(row.id),
            parent_id=None if row.parent_id is None else CategoryId(row.parent_id),
            key=row.key,
            name=row.name,
            kind=Kind(row.kind),
        )
        for row in rows
    ]


async def search(
    db: Db, *, owner: UserId, filter: Filter, after: Position | None = None, limit: int = 50
) -> Page:
    """Return transactions newest first, at most ``limit`` of them, beginning after ``after``.

    Of split rows that a category was asked for, ``matching`` is what of them stands there.
    """
    limit = max(1, min(limit, _LONGEST_PAGE))
    meant = await _meant(db, owner, filter)
    within = filter if meant is None else await _where_category_is(db, owner, filter, meant)
    if within is None:
        return Page([], None)
    params = await _params(db, owner, within, meant) | {"limit": limit + 1}
    if after is not None:
        params |= {"after_day": after.day, "after_id": after.id}
    found = await (_newest_then_index if filter.text.strip() else queries.search)(db, params)
    items = await _with_parts(db, owner, meant, [_transaction(row) for row in found])
    if len(items) <= limit:
        return Page(items, None)
    last = items[limit - 1]
    return Page(items[:limit], Position(last.day, last.id))


async def search_near(
    db: Db, *, owner: UserId, filter: Filter, after: Position | None = None, limit: int = 50
) -> Page:
    """Return what ``search`` does; where nothing has its words, what has the nearest ones.

    For who looks on: ``instead`` of the page says what was looked for then, and where the next
    begins does too: nothing is compared again. What changes rows by a filter goes by ``search``.
    """
    if after is not None and after.instead and filter.text.strip():
        return await _search_instead(db, owner, filter, after.instead, after, limit)
    page = await search(db, owner=owner, filter=filter, after=after, limit=limit)
    if page.items or not filter.text.strip():
        return page
    text = await finding.nearest(db, owner, filter.text)
    if text is None:
        return page
    found = await _search_instead(db, owner, filter, text, after, limit)
    return found if found.items else page


async def _search_instead(
    db: Db, owner: UserId, filter: Filter, text: str, after: Position | None, limit: int
) -> Page:
    near = replace(filter, text=text)
    found = await search(db, owner=owner, filter=near, after=after, limit=limit)
    goes_on = None if found.next is None else replace(found.next, instead=text)
    return replace(found, next=goes_on, instead=text)


async def _meant(db: Db, owner: UserId, filter: Filter) -> list[UUID] | None:
    """Return the categories that a filter asks for, None if it asks for none."""
    if not filter.category:
        return None
    category_id = None
    if filter.category.startswith("cat_"):
        with suppress(NotFound):
            category_id = ids.parse("cat", filter.category)
    return await queries.category_ids(db, owner, filter.category, category_id)


async def _where_category_is(
    db: Db, owner: UserId, filter: Filter, meant: Sequence[UUID]
) -> Filter | None:
    """Narrow a filter to the months in which its category has rows; None if it has none.

    The kept sums tell: else a million rows are looked through for what stands nowhere.
    """
    months = await totals.months_in(db, owner, meant)
    if months is None:
        return None
    first, last = months
    since = first if filter.since is None else max(first, filter.since)
    until = filter.until
    if last < _LAST_MONTH:
        end = month_start(last, -1) - timedelta(days=1)
        until = end if until is None else min(end, until)
    return replace(filter, since=since, until=until)


async def _with_parts(
    db: Db, owner: UserId, meant: Sequence[UUID] | None, items: list[Transaction]
) -> list[Transaction]:
    split = [row.id for row in items if row.is_split]
    if meant is None or not split:
        return items
    parts: defaultdict[UUID, list[MatchingPart]] = defaultdict(list)
    code = {row.id: row.amount.currency for row in items}
    for one in await queries.matching_parts(db, owner, meant, split):
        amount = Money(one.amount, code[TransactionId(one.transaction_id)])
        part = MatchingPart(one.category_key, one.category_name, amount)
        parts[one.transaction_id].append(part)
    return [replace(row, matching=tuple(parts[row.id])) for row in items]


async def _newest_then_index(db: Db, params: dict[str, Any]) -> list[queries.BookRow]:
    """Look through the newest rows one by one, and for the rest through those of fitting texts.

    What stands in many rows is found at once among the newest; what is rare has few to sort.
    """
    newest = await queries.search_newest(db, params | {"among": finding.NEWEST})
    left = params["limit"] - len(newest)
    if not left:
        return newest
    edge = await finding.edge(db, params["owner"], params.get("after_day"), params.get("after_id"))
    if edge is None:
        return newest
    beyond = {"after_day": edge.day, "after_id": edge.id, "limit": left}
    return newest + await queries.search_by_index(db, params | beyond)


async def summary(db: Db, *, owner: UserId, filter: Filter) -> Summary:
    """Return how many transactions a filter finds and their sum in each currency.

    Of more than 10,000 only that they are more, unless their sums are kept.
    """
    rows: Sequence[queries.TotalRow | totals.TotalRow] = []
    meant = await _meant(db, owner, filter)
    if summed := replace(filter, category="", account_id=None) == Filter():
        kept = await totals.totals(db, owner, meant, filter.account_id)
        if meant is not None:
            # The kept counts are of whole rows: where parts went in or out, they are counted anew.
            summed = not any(row.split_parts for row in kept) and not await queries.any_split_in(
                db, owner, meant
            )
        rows = kept
    if not summed:
        wanted = await _params(db, owner, filter, meant)
        rows = await queries.totals(db, wanted | {"at_most": _MOST_COUNTED + 1})
        if sum(row.count for row in rows) > _MOST_COUNTED:
            return Summary(count=_MOST_COUNTED, totals=(), and_more=True)
    return Summary(
        count=sum(row.count for row in rows),
        totals=[Money(row.amount, Currency(row.currency)) for row in rows],
    )


async def reviewed_at_least(db: Db, *, owner: UserId, count: int) -> bool:
    """Return whether a person has reviewed at least ``count`` transactions."""
    return await queries.reviewed_at_least(db, owner, count)


async def get(db: Db, *, owner: UserId, transaction_id: TransactionId) -> Transaction:
    """Return one transaction. Raises ``TransactionNotFound``."""
    row = await queries.get(db, owner, transaction_id)
    if row is None:
        raise TransactionNotFound("There is no such transaction.")
    return _transaction(row)


async def bank_record(db: Db, *, owner: UserId, transaction_id: TransactionId) -> dict[str, Any]:
    """Return what the bank said of a transaction, in its own words and sign; empty if nothing.

    Numbers come as text, exactly as they were sent.
    """
    text = await queries.bank_record(db, owner, transaction_id)
    if text is None:
        return {}
    record: dict[str, Any] = json.loads(text, parse_float=str, parse_int=str)
    return record


async def set_category(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: Sequence[TransactionId],
    category_id: CategoryId,
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> None:
    """Put transactions into a category for good; no sync moves them again.

    ``edit_id`` names the act, for undoing it.

    Raises ``CategoryNotFound`` and ``TransactionNotFound``; then none was changed.
    """
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=edit_id or new_id())
    if category_id not in {one.id for one in await categories(db, owner=owner)}:
        raise CategoryNotFound("There is no such category.", field="category")
    edited = await queries.set_category(db, owner, transaction_ids, category_id, now)
    await _sum_edited(db, owner, edited, transaction_ids)
    await _record(db, owner, "set_category", actor, edited.changed, transaction_ids, now)


async def count_to_review(db: Db, *, owner: UserId) -> int:
    """Return how many booked transactions wait for the owner to look at them.

    What was older than 30 days when it first came does not.
    """
    return sum(row.to_review for row in await totals.totals(db, owner, None, None))


async def spending(db: Db, *, owner: UserId, currency: Currency, today: date) -> list[SpendingLine]:
    """Return this month's spending by category group beside last month's to the same day."""
    days = {
        "this_start": month_start(today),
        "last_start": month_start(today, 1),
        "last_end": months_before(today, 1),
        "today": today,
        "next_start": month_start(today, -1),
    }
    return [
        SpendingLine(
            CategoryId(row.id),
            row.key,
            row.name,
            Money(row.this_month, currency),
            Money(row.last_month, currency),
        )
        for row in await queries.spending(db, owner, currency, days)
    ]


async def cash_flow(
    db: Db, *, owner: UserId, currency: Currency, today: date, months: int = 6
) -> list[MonthFlow]:
    """Return money in and out of the newest ``months`` months, this one included."""
    first = month_start(today, months - 1)
    return [
        MonthFlow(row.month, Money(row.money_in, currency), Money(row.money_out, currency))
        for row in await totals.cash_flow(db, owner, currency, first, month_start(today))
    ]


async def _sum_edited(
    db: Db, owner: UserId, edited: queries.Edited, wanted: Sequence[TransactionId]
) -> None:
    """Sum the months of edited rows anew, once all of them were found."""
    if edited.found != len(set(wanted)):
        raise TransactionNotFound("There is no such transaction.")
    if edited.changed:
        await totals.roll_up(db, owner, await totals.months_of(db, owner, wanted))


async def _record(
    db: Db,
    owner: UserId,
    verb: str,
    actor: str,
    changed: int,
    wanted: Sequence[TransactionId],
    now: datetime,
) -> None:
    """Record an edit that changed something: the row's id, or of many only how many."""
    if not changed:
        return
    only = next(iter(wanted)) if len(set(wanted)) == 1 else None
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transaction",
        resource_id=None if only is None else str(only),
        details={"count": changed} if only is None else None,
        now=now,
    )


async def _params(
    db: Db, owner: UserId, filter: Filter, meant: Sequence[UUID] | None
) -> dict[str, Any]:
    found = await finding.params(db, owner, filter.text)
    return asdict(filter) | {"owner": owner, "text": "", "category_ids": meant} | found


def _transaction(row: queries.BookRow) -> Transaction:
    return Transaction(
        id=TransactionId(row.id),
        account_id=AccountId(row.account_id),
        account_name=row.account_name,
        account_mask=row.account_mask,
        origin=Origin(row.origin),
        day=row.day,
        happened_on=row.happened_on,
        amount=Money(row.amount, Currency(row.currency)),
        description=row.description,
        merchant=row.merchant,
        category_id=CategoryId(row.category_id),
        category_key=row.category_key,
        category_name=row.category_name,
        kind=Kind(row.kind),
        category_by=row.category_by,
        pending=row.pending,
        note=row.note,
        needs_review=row.needs_review,
        reviewed_at=row.reviewed_at,
        removed_by_bank=row.removed_by_bank,
        never_booked_at=row.never_booked_at,
        merchant_by=row.merchant_by,
        is_split=row.is_split,
        transfer_id=row.transfer_id,
        created_at=row.created_at,
        tags=tuple(row.tags),
    )
