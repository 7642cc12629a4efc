"""Taking a bank's changes into its record and the book: one run of pages, all of it or nothing.

Sync owns the bank's columns and a person owns theirs; neither overwrites the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id_bytes
from strongroom.core.queue import enqueue
from strongroom.core.time import month_start
from strongroom.transactions import (
    bank_pairs,
    bank_rows,
    journal,
    manual,
    matching,
    queries,
    refunds,
    rules,
    sorting,
    totals,
)
from strongroom.transactions.types import (
    Applied,
    BankPage,
    BankTransaction,
    Changes,
    OtherHistory,
    Told,
)

_MANY_ROWS = 200
_VERY_MANY_ROWS = 1_000
_BATCH = 4_000
"""So many rows of a kilobyte and a half stay within the server's temp_buffers, 8 MB."""
_REFRESH_STATISTICS = "transactions.refresh_statistics"
_ASK_TO_REVIEW = timedelta(days=30)
_PENDING_FOR = timedelta(days=14)
_POSTED_WITHIN = timedelta(days=14)
_TAKEN_BACK_WITHIN = timedelta(days=45)

_Pair = tuple[UUID, UUID]
"""A bank row that is no more, and the one that it became."""


async def apply(
    db: Db,
    *,
    owner: UserId,
    accounts: Mapping[str, AccountId],
    pages: Iterable[BankPage],
    now: datetime,
    moved: Collection[AccountId] = (),
    whole: bool = False,
    unread: Collection[str] = (),
) -> Applied:
    """Take the pages of one sync into the bank's record and the book.

    ``accounts`` maps Plaid's account ids to ours; rows of others are handed back as homeless.
    ``moved``: accounts whose earlier rows the bank may tell again under new ids, and each is then
    found again with what a person made of it. ``whole``: the pages are all that the bank has, so
    that what they lack is gone, but for the ``unread``, which are told and cannot be read.
    Repeating the same pages changes nothing. Pending rows that the bank let lie for more than 14
    days are marked as never booked, and count no more.
    """
    changes = rules.fold(pages)
    homeless = tuple(row for row in changes.upserts if row.plaid_account_id not in accounts)
    if homeless:
        known = [row for row in changes.upserts if row.plaid_account_id in accounts]
        changes = replace(changes, upserts=known)
    ours = sorted(set(accounts.values()))
    await totals.take_turn(db, owner)
    await journal.because(db, cause="sync", now=now)
    await queries.seed_categories(db, owner)
    if moved:
        await bank_pairs.leave_behind(db, owner, sorted(moved), now)
    if whole or len(changes.upserts) >= _MANY_ROWS:
        changes = await _news(db, owner, changes, accounts, set(unread) if whole else None)
    done, months = Applied(homeless=homeless), set[date]()
    if changes.upserts or changes.removed:
        if len(changes.upserts) > _VERY_MANY_ROWS:
            async with in_bulk(db):
                done, months = await _write(db, owner, changes, accounts, now)
        else:
            done, months = await _write(db, owner, changes, accounts, now)
        done = replace(done, homeless=homeless)
        if moved or await bank_pairs.has_left_behind(db, owner, ours):
            told = await bank_pairs.other_histories(db, owner, ours)
            done = replace(done, strange=[one.account_id for one in told])
        if done.since is not None:
            months |= set(
                await manual.meet(db, owner=owner, account_ids=ours, since=done.since, now=now)
            )
    # What a row that is gone, or was never booked, belonged to may go with another one now.
    days = set(await bank_pairs.age(db, owner, ours, now.date() - _PENDING_FOR, now))
    months |= {month_start(day) for day in days}
    if done.added or done.modified or done.removed or days:
        days |= {row.day for row in changes.upserts}
        days |= set(await bank_rows.days_of(db, owner, changes.removed) if done.removed else ())
        rows = len(changes.upserts) + done.removed
        await matching.match(db, owner=owner, days=days, now=now, rows=rows)
    if months or days:  # a refund that lost its purchase may stand in a month of its own
        await totals.roll_up(db, owner, sorted(months))
    return done


async def other_histories(
    db: Db, *, owner: UserId, accounts: Collection[AccountId]
) -> list[OtherHistory]:
    """Return which of these accounts were told mostly otherwise since they were linked again.

    That is, of at least 20 earlier rows of the days that are told now, fewer than half were found.
    """
    ours = sorted(accounts)
    if not await bank_pairs.has_left_behind(db, owner, ours):
        return []
    return await bank_pairs.other_histories(db, owner, ours)


async def held_digests(db: Db, *, owner: UserId, accounts: Collection[AccountId]) -> frozenset[str]:
    """Return the MD5, in hex, of each living bank row of these accounts, as it was sent.

    A feed that is read from the beginning tells such a row by its id alone: it is as it is held.
    """
    return await bank_rows.held_digests(db, owner, sorted(accounts))


async def ask_for_statistics(db: Db, added: int) -> None:
    """Have the planner told of the book's new rows, where they are many."""
    if added >= _MANY_ROWS:
        await enqueue(db, _REFRESH_STATISTICS, once=_REFRESH_STATISTICS)


async def _news(
    db: Db,
    owner: UserId,
    changes: Changes,
    accounts: Mapping[str, AccountId],
    unread: Collection[str] | None,
) -> Changes:
    """Leave out the rows that are held just as they are told.

    With ``unread``, what is neither told nor among that is added to what is gone.
    """
    ours = sorted(set(accounts.values()))
    told = {row.plaid_transaction_id for row in changes.upserts}
    held: dict[str, bank_rows.Held] = {}
    if told:
        of_them = sorted(told) if len(told) <= _VERY_MANY_ROWS else None
        rows = await bank_rows.held(db, owner, ours, of_them)
        held = {one.plaid_transaction_id: one for one in rows}
    gone = list(changes.removed)
    if unread is not None:
        known = await bank_rows.held_ids(db, owner, ours)
        gone += sorted(known - told - set(changes.same) - set(unread))
    return Changes(
        upserts=[
            row
            for row in changes.upserts
            if (one := held.get(row.plaid_transaction_id)) is None
            or one.account_id != accounts[row.plaid_account_id]
            or one.digest != hashlib.md5(row.raw.encode(), usedforsecurity=False).hexdigest()
        ],
        removed=list(dict.fromkeys(gone)),
    )


async def _write(
    db: Db,
    owner: UserId,
    changes: Changes,
    accounts: Mapping[str, AccountId],
    now: datetime,
) -> tuple[Applied, set[date]]:
    """Write what changed; return what it did, and the months whose sums it moved."""
    kinds = await bank_rows.category_ids(db, owner)
    is_new = not await bank_rows.any_is_known(db, owner, _plaid_ids(changes))
    await bank_rows.make_stage(db)
    written = await _write_bank_rows(db, owner, _told(changes, accounts, kinds), is_new, now)
    months = {month_start(day) for day in {row.day for row in changes.upserts}}
    if not is_new or changes.removed or rules.successors(changes):
        months |= set(await totals.months_of_staged(db, owner, changes.removed))
    pairs, again, more = await _carry_over(db, owner, changes, sorted(set(accounts.values())), now)
    if changes.upserts:
        write = bank_rows.add_to_book if is_new and not pairs else bank_rows.write_book
        await write(db, owner, now.date() - _ASK_TO_REVIEW, now)
        await sorting.sort_staged(db, owner=owner, now=now)
    removed, first, back = await _take_away(db, owner, changes.removed, now)
    months |= back
    days = [day for day in (written.since, first) if day is not None]
    # A row told again under another id is no new one.
    done = Applied(
        written.added - again, written.modified + again, removed, min(days, default=None)
    )
    moved = done.added or done.modified or removed or pairs
    return done, months | more if moved else set()


async def _write_bank_rows(
    db: Db, owner: UserId, rows: Iterable[tuple[object, ...]], is_new: bool, now: datetime
) -> bank_rows.Written:
    """Write the bank's facts and stage what the book is made of; return what came of it."""
    write = bank_rows.add_bank_rows if is_new else bank_rows.write_bank_rows
    done, waiting = [], iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        await bank_rows.lay(db, batch)
        done.append(await write(db, owner, now))
    await bank_rows.know_staged(db)
    added = sum(one.added for one in done)
    await ask_for_statistics(db, added)
    return bank_rows.Written(
        added,
        sum(one.modified for one in done),
        min((one.since for one in done if one.since is not None), default=None),
    )


async def _take_away(
    db: Db, owner: UserId, gone: Sequence[str], now: datetime
) -> tuple[int, date | None, set[date]]:
    """Take what the bank removed out of the book; return how many rows, and the first day.

    And the months of refunds that went back to where they stood.
    """
    if not gone:
        return 0, None, set()
    first = await bank_rows.bury(db, owner, gone, now)
    back = await refunds.let_go(db, owner=owner, plaid_ids=gone)
    removed = await bank_rows.drop_from_book(db, owner, gone, now)
    return removed, first, {month_start(day) for day in back}


async def _carry_over(
    db: Db, owner: UserId, changes: Changes, accounts: Sequence[UUID], now: datetime
) -> tuple[list[_Pair], int, set[date]]:
    """Let the book's row of each bank row that became another one go over to that.

    First by Plaid's own link from pending to posted; then rows told again under new ids; last,
    pending rows that are gone and a posted one that is like them. One to one over all three.
    Returns the pairs, how many rows told again were stored only now, and the months of those that
    Plaid did not tell.
    """
    linked = rules.successors(changes)
    pairs = await bank_pairs.ids_of(db, owner, linked) if linked else []
    again, new, months = await _told_again(db, owner, changes, accounts, pairs)
    like, more = await _posted_unsaid(db, owner, changes, accounts, now, [*pairs, *again])
    if again or like:
        await bank_pairs.replace(db, owner, [*again, *like], now)
    if pairs := [*pairs, *again, *like]:
        await bank_pairs.move_book_rows(db, owner, pairs, now)
    return pairs, new, months | more


async def _told_again(
    db: Db, owner: UserId, changes: Changes, accounts: Sequence[UUID], taken: Sequence[_Pair]
) -> tuple[list[_Pair], int, set[date]]:
    if not changes.upserts:
        return [], 0, set()
    days = [row.day for row in changes.upserts]
    ours = await bank_pairs.left_behind(db, owner, accounts, min(days), max(days))
    if not (ours := _free(ours, taken)):
        return [], 0, set()
    told = _free(await bank_pairs.told_since(db, owner, accounts), taken)
    free = {one.id for one in (*ours, *told)}
    named = [pair for pair in await bank_pairs.of_same_pending(db, owner) if free >= set(pair)]
    pairs = [*named, *rules.same_rows(_free(ours, named), _free(told, named))]
    became = {later for _, later in pairs}
    new = sum(one.told_now and one.id in became for one in told)
    return pairs, new, _months([*ours, *told], pairs)


async def _posted_unsaid(
    db: Db,
    owner: UserId,
    changes: Changes,
    accounts: Sequence[UUID],
    now: datetime,
    taken: Sequence[_Pair],
) -> tuple[list[_Pair], set[date]]:
    since = now.date() - _TAKEN_BACK_WITHIN
    gone = await bank_pairs.loose_pending(db, owner, accounts, changes.removed, since)
    if not (gone := _free(gone, taken)):
        return [], set()
    first, last = min(one.day for one in gone), max(one.day for one in gone) + _POSTED_WITHIN
    posted = await bank_pairs.loose_posted(
        db, owner, sorted({one.account_id for one in gone}), first - timedelta(days=1), last
    )
    pairs = rules.pending_match(gone, _free(posted, taken))
    return pairs, _months([*gone, *posted], pairs)


def _free(rows: Iterable[Told], taken: Iterable[_Pair]) -> list[Told]:
    """Leave out rows that became another one already, or that another one became."""
    theirs = {one for pair in taken for one in pair}
    return [row for row in rows if row.id not in theirs]


def _months(rows: Iterable[Told], pairs: Iterable[_Pair]) -> set[date]:
    moved = {one for pair in pairs for one in pair}
    return {month_start(row.day) for row in rows if row.id in moved}


def _plaid_ids(changes: Changes) -> list[str]:
    return [row.plaid_transaction_id for row in changes.upserts]


def _told(
    changes: Changes, accounts: Mapping[str, AccountId], kinds: Mapping[str, UUID]
) -> Iterator[tuple[object, ...]]:
    of_account = {plaid_id: account_id.bytes for plaid_id, account_id in accounts.items()}
    of_kind = {key: category_id.bytes for key, category_id in kinds.items()}
    return (_told_row(row, of_account[row.plaid_account_id], of_kind) for row in changes.upserts)


def _told_row(
    row: BankTransaction, account_id: bytes, kinds: Mapping[str, bytes]
) -> tuple[object, ...]:
    # Plaid's sign: below zero comes in. Only rows whose category we do not know need the guess.
    fallback = rules.OTHER_INCOME if row.amount < 0 else rules.UNCATEGORISED
    return (
        new_id_bytes(),
        account_id,
        kinds.get(row.pfc_detailed or "") or kinds[fallback],
        row.plaid_transaction_id,
        row.pending_transaction_id,
        row.pending,
        row.amount,
        row.currency,
        row.day,
        row.authorized_date,
        row.name,
        row.merchant_name,
        row.pfc_detailed,
        row.payment_channel,
        row.raw,
    )
