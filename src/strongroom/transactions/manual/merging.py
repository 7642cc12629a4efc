"""An entry by hand and the bank's row that arrives for it: found, asked about, merged, parted.

Merged without asking only where nothing speaks against it and nothing else could be meant; what a
person rejected is never asked again. Twins stay two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from strongroom import accounts
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id
from strongroom.transactions import journal, totals
from strongroom.transactions.manual import merge_queries, queries, rules
from strongroom.transactions.manual.editing import record
from strongroom.transactions.manual.merge_queries import MergeRow, Pair, ProposalRow, SideRow
from strongroom.transactions.manual.types import Edit, Match, Proposal, Reason, Side
from strongroom.ui import gettext as _

_NEAR = timedelta(days=rules.MOST_LATER)


class ProposalNotFound(NotFound):
    """There is no such question, or it was answered."""


async def meet(
    db: Db,
    *,
    owner: UserId,
    account_ids: Sequence[AccountId],
    since: date,
    now: datetime,
) -> list[date]:
    """Look for the entries whose bank rows have come, from ``since`` on; return months that moved.

    In the unit of work of the sync that brought them, in the book's turn. Sure ones are merged.
    """
    waiting = await merge_queries.entries(db, owner, account_ids, since - _NEAR)
    if not waiting:
        return []
    found = await _look(db, owner, waiting, now)
    sure = [
        Pair(match_id, match.entry_id, match.bank_id, new_id())
        for match_id, match in found
        if match.sure
    ]
    if not sure:
        return []
    months = await _merge(db, owner, sure, now, by_itself=True)
    await journal.because(db, cause="sync", now=now)
    return sorted(months)


async def look_at(
    db: Db, *, owner: UserId, transaction_id: TransactionId, account_id: AccountId, now: datetime
) -> None:
    """Ask about an entry that was just written or changed: the bank may have told it already."""
    rows = await merge_queries.entries(db, owner, [account_id], None)
    waiting = [row for row in rows if row.id == transaction_id]
    if waiting:
        await _look(db, owner, waiting, now)


async def proposals(
    db: Db, *, owner: UserId, transaction_id: TransactionId | None = None
) -> list[Proposal]:
    """Return what is asked, the likeliest first: of all rows, or of one on either side."""
    found = await merge_queries.proposals(db, owner, of=transaction_id)
    return [_proposal(row) for row in found]


async def confirm(
    db: Db, *, owner: UserId, proposal_id: UUID, now: datetime, actor: str = "person"
) -> tuple[TransactionId, Edit]:
    """Merge an entry with its bank row: one row is left, the entry's, with what the bank says.

    What the person chose stays. It can be undone for 90 days. Raises ``ProposalNotFound``.
    """
    await totals.take_turn(db, owner)
    found = await _asked(db, owner, proposal_id)
    edit_id = new_id()
    pair = Pair(found.id, found.entry_id, found.bank_id, edit_id)
    months = await _merge(db, owner, [pair], now)
    await totals.roll_up(db, owner, sorted(months))
    merged = TransactionId(found.entry_id)
    await record(db, owner, "merge", actor, [merged], now)
    await accounts.net_worth_changed(db, owner=owner)
    return merged, Edit(edit_id, 1)


async def reject(
    db: Db, *, owner: UserId, proposal_id: UUID, now: datetime, actor: str = "person"
) -> Proposal:
    """Remember that the two are not one; it is not asked again. Raises ``ProposalNotFound``."""
    await totals.take_turn(db, owner)
    found = await _asked(db, owner, proposal_id)
    await merge_queries.reject(db, owner, found.id, edit_id=None, now=now)
    await record(db, owner, "keep_apart", actor, [TransactionId(found.entry_id)], now)
    return _proposal(found)


async def take_back(db: Db, owner: UserId, edit_id: UUID, back: UUID, now: datetime) -> int | None:
    """Take a merge back, or a parting, if the act was one; return how many rows it changed.

    Two rows again are not asked about any more. ``back`` is the act that does it, whose changes
    the journal is told of already.
    """
    merge = await merge_queries.merge_of(db, owner, edit_id)
    if merge is None:
        return None
    ids = [merge.entry_id, merge.bank_id]
    months = set(await totals.months_of(db, owner, ids))
    if merge.state == "merged":
        await _part(db, owner, merge, back, now)
    elif len(await queries.rows(db, owner, ids)) == len(ids):
        await _merge(db, owner, [Pair(merge.id, merge.entry_id, merge.bank_id, back)], now)
    else:
        return 0
    months |= set(await totals.months_of(db, owner, ids))
    await totals.roll_up(db, owner, sorted(months))
    return len(ids)


async def _part(db: Db, owner: UserId, merge: MergeRow, back: UUID, now: datetime) -> None:
    await merge_queries.let_go(db, owner, merge, now)
    await queries.put_back(db, owner, merge.edit_id)
    await queries.tell_made(db, owner, [merge.bank_id], back, now)
    await merge_queries.reject(db, owner, merge.id, edit_id=back, now=now)


async def _look(
    db: Db, owner: UserId, waiting: Sequence[SideRow], now: datetime
) -> list[tuple[UUID, Match]]:
    """Ask anew about these entries; return what is asked."""
    ids = [row.id for row in waiting]
    banks = await merge_queries.bank_rows(db, owner, waiting, rules.MOST_EARLIER, rules.MOST_LATER)
    apart = await merge_queries.answered(db, owner, ids)
    await merge_queries.forget_proposals(db, owner, ids)
    found = await asyncio.to_thread(
        rules.match, [_side(row) for row in waiting], [_side(row) for row in banks], apart
    )
    asked = [(new_id(), match) for match in found]
    if asked:
        await merge_queries.propose(db, owner, asked, now)
    return asked


async def _merge(
    db: Db, owner: UserId, pairs: Sequence[Pair], now: datetime, *, by_itself: bool = False
) -> set[date]:
    """Merge, keeping both as they were; return the months that they stood in and stand in."""
    cause: journal.Cause = "match" if by_itself else "person"
    await journal.because(db, cause=cause, now=now)
    rows = [row for one in pairs for row in (one.entry_id, one.bank_id)]
    months = set(await totals.months_of(db, owner, rows))
    await merge_queries.merge(db, owner, pairs, by_itself=by_itself, now=now)
    return months


async def _asked(db: Db, owner: UserId, proposal_id: UUID) -> ProposalRow:
    found = await merge_queries.proposals(db, owner, match_id=proposal_id)
    if not found:
        raise ProposalNotFound(_("There is no such question any more."))
    return found[0]


def _side(row: SideRow) -> Side:
    days = [row.day] if row.happened_on is None else [row.day, row.happened_on]
    return Side(row.id, row.account_id, row.currency, row.amount, days, row.text, row.came_at)


def _proposal(row: ProposalRow) -> Proposal:
    told: dict[str, Any] = row.reason
    return Proposal(
        id=row.id,
        entry_id=TransactionId(row.entry_id),
        bank_id=TransactionId(row.bank_id),
        score=row.score,
        reason=Reason(int(told["days"]), bool(told["same_amount"]), int(told["text"])),
        rival_id=None if row.rival_id is None else TransactionId(row.rival_id),
        rival_score=row.rival_score,
    )
