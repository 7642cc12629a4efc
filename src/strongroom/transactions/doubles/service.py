"""The verbs of doubles: ask about rows that came, merge two into one, keep both.

Nothing is ever merged by likeness alone. Who calls ``propose`` has the book's turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from strongroom import accounts, audit
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id, show
from strongroom.core.money import Currency, Money
from strongroom.transactions import journal, rejections, totals, transfers
from strongroom.transactions.doubles import queries, rules
from strongroom.transactions.doubles.types import Double, DoubleRow
from strongroom.transactions.manual import queries as by_hand
from strongroom.transactions.nearby import days_around

_MOST_PAIRS = 100_000
_MOST_SHOWN = 200


class DoubleNotFound(NotFound):
    """There is no such question, or it was answered."""


async def propose(db: Db, *, owner: UserId, days: Collection[date], now: datetime) -> None:
    """Look for rows of these days that came for a file's row, and ask about them.

    Finds the same again where nothing changed; what was rejected is not asked again.
    """
    around = days_around(days, rules.MOST_DAYS)
    if not around:
        return
    async with in_bulk(db):
        pairs = await queries.candidates(db, owner, sorted(around), rules.MOST_DAYS, _MOST_PAIRS)
    found = await asyncio.to_thread(rules.match, pairs) if pairs else []
    await queries.replace(db, owner, around, found, now)


async def list_asked(db: Db, *, owner: UserId, limit: int = 50) -> list[Double]:
    """Return what is asked, the newest day first."""
    rows = await queries.shown(db, owner, limit=max(1, min(limit, _MOST_SHOWN)))
    return [_double(row) for row in rows]


async def find_of(db: Db, *, owner: UserId, transaction_id: TransactionId) -> Double | None:
    """Return what is asked of a row, on either side, or None."""
    rows = await queries.shown(db, owner, of=transaction_id)
    return _double(rows[0]) if rows else None


async def count_asked(db: Db, *, owner: UserId) -> int:
    """Return how many pairs wait for the person's word."""
    return await queries.count(db, owner)


async def merge(
    db: Db, *, owner: UserId, double_id: UUID, now: datetime, actor: str = "person"
) -> tuple[TransactionId, UUID]:
    """Make one row of two: a bank's stays, with what the person made of either.

    Returns the row that is left, and the act to name to ``manual.undo`` to take it back. Raises
    ``DoubleNotFound``.
    """
    await totals.take_turn(db, owner)
    found = await _asked(db, owner, double_id)
    edit_id = new_id()
    await journal.because(db, cause="person", now=now, cause_id=double_id, edit_id=edit_id)
    months = await totals.months_of(db, owner, [found.row.id, found.kept.id])
    await by_hand.keep(db, owner, [found.row.id], edit_id, now)
    await queries.take_over(db, owner, found.row.id, found.kept.id, now)
    await queries.drop(db, owner, found.row.id)
    await totals.roll_up(db, owner, months)
    await accounts.net_worth_changed(db, owner=owner)
    await _record(db, owner, "merge_double", actor, found, now)
    return found.kept.id, edit_id


async def reject(
    db: Db, *, owner: UserId, double_id: UUID, now: datetime, actor: str = "person"
) -> Double:
    """Say that they are two events; not asked again. Raises ``DoubleNotFound``."""
    await totals.take_turn(db, owner)
    found = await _asked(db, owner, double_id)
    await queries.delete(db, owner, double_id)
    await rejections.remember(db, owner, "double", (found.row.id, found.kept.id), now)
    # It is a row like others again, and may be leg of a transfer.
    await transfers.match(db, owner=owner, days=[found.row.day], now=now)
    await totals.roll_up(db, owner, [])
    await _record(db, owner, "keep_both", actor, found, now)
    return found


async def ask_again(
    db: Db, *, owner: UserId, pair: tuple[TransactionId, TransactionId], now: datetime
) -> None:
    """Take a rejection back, and ask about these two again. Raises ``DoubleNotFound``."""
    await totals.take_turn(db, owner)
    if not await rejections.forget(db, owner, "double", pair):
        raise DoubleNotFound("There is no such answer to take back.")
    days = await by_hand.rows(db, owner, list(pair))
    await propose(db, owner=owner, days=[row.day for row in days], now=now)


async def _asked(db: Db, owner: UserId, double_id: UUID) -> Double:
    rows = await queries.shown(db, owner, double_id=double_id)
    if not rows:
        raise DoubleNotFound("There is no such question any more.")
    return _double(rows[0])


def _double(row: queries.ShownRow) -> Double:
    return Double(
        id=row.id,
        account_id=AccountId(row.account_id),
        account_name=row.account_name,
        amount=Money(row.amount, Currency(row.currency)),
        row=DoubleRow(TransactionId(row.row_id), row.row_day, row.row_title, row.row_origin),
        kept=DoubleRow(TransactionId(row.kept_id), row.kept_day, row.kept_title, row.kept_origin),
        score=row.score,
        days=row.days,
        made_at=row.made_at,
    )


async def _record(
    db: Db, owner: UserId, verb: str, actor: str, found: Double, now: datetime
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transaction",
        resource_id=show("trn", found.kept.id),
        details=None,
        now=now,
    )
