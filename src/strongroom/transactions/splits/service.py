"""The verbs of splits: split a row, make it whole again, put parts back as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money, total
from strongroom.transactions import journal, marking, totals
from strongroom.transactions.marking import Marked
from strongroom.transactions.service import CategoryNotFound, TransactionNotFound, categories
from strongroom.transactions.splits import queries, rules
from strongroom.transactions.splits.types import Part, Split, SplitPart
from strongroom.transactions.types import Kind


async def split_of(db: Db, *, owner: UserId, transaction_id: TransactionId) -> Split:
    """Return a row's parts, none if it is whole. Raises ``TransactionNotFound``."""
    whole = await _whole(db, owner, transaction_id)
    code = Currency(whole.currency)
    parts = [
        SplitPart(
            position=row.position,
            category_id=CategoryId(row.category_id),
            category_key=row.category_key,
            category_name=row.category_name,
            kind=Kind(row.kind),
            amount=Money(row.amount, code),
            note=row.note,
        )
        for row in await queries.parts(db, owner, [transaction_id])
    ]
    if not parts:
        return Split((), Money(Decimal(0), code))
    return Split(parts, Money(whole.amount, code) - total((one.amount for one in parts), code))


async def split(
    db: Db,
    *,
    owner: UserId,
    transaction_id: TransactionId,
    parts: Sequence[Part],
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> Split:
    """Put a row into parts, in place of those it had; without any it is whole again.

    Raises ``TransactionNotFound``, ``CategoryNotFound``, ``BadPart`` and ``SplitDoesNotAddUp``;
    then nothing was changed.
    """
    await totals.take_turn(db, owner)
    await journal.because(db, cause="person", now=now, edit_id=edit_id or new_id())
    told = [replace(one, note=(one.note or "").strip() or None) for one in parts]
    whole = await _whole(db, owner, transaction_id)
    if told:
        rules.check(told, Money(whole.amount, Currency(whole.currency)))
        known = {one.id for one in await categories(db, owner=owner)}
        if any(one.category_id not in known for one in told):
            raise CategoryNotFound("There is no such category.", field="category")
    if await _write(db, owner, {transaction_id: told}, now):
        await marking.touch(db, owner, [transaction_id], now)
        await totals.roll_up(db, owner, await totals.months_of(db, owner, [transaction_id]))
        await audit.record(
            db, owner=owner, actor=actor, action="transactions.split",
            resource_type="transaction", resource_id=str(transaction_id),
            details={"parts": len(told)}, now=now,
        )  # fmt: skip
    return await split_of(db, owner=owner, transaction_id=transaction_id)


async def parts_of(
    db: Db, *, owner: UserId, transaction_ids: Sequence[TransactionId]
) -> dict[TransactionId, list[Part]]:
    """Return the parts of those of the rows that have any, in their order."""
    found: defaultdict[TransactionId, list[Part]] = defaultdict(list)
    for row in await queries.parts(db, owner, transaction_ids):
        part = Part(CategoryId(row.category_id), row.amount, row.note)
        found[TransactionId(row.transaction_id)].append(part)
    return dict(found)


async def put_back(
    db: Db, *, owner: UserId, parts: Mapping[TransactionId, Sequence[Part]], now: datetime
) -> None:
    """Let rows have these parts, also where they no longer add up to them: for undoing.

    The caller took its turn, told the journal of the act, and sums the months up afterwards.
    """
    await _write(db, owner, parts, now)


def as_told(parts: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Return parts as the journal tells them, under ``parts``."""
    return [
        Part(CategoryId(UUID(one["category_id"])), Decimal(one["amount"]), one.get("note"))
        for one in parts
    ]


async def _write(
    db: Db, owner: UserId, told: Mapping[TransactionId, Sequence[Part]], now: datetime
) -> bool:
    """Store the parts, mark the rows and write it down; return whether anything changed."""
    held = await parts_of(db, owner=owner, transaction_ids=list(told))
    changes = [
        Marked(row, {"parts": before}, {"parts": after})
        for row, parts in told.items()
        if (before := _told(held.get(row, []))) != (after := _told(parts))
    ]
    if not changes:
        return False
    rows = [TransactionId(one.transaction_id) for one in changes]
    await queries.forget(db, owner, rows)
    await queries.write(db, owner, {row: told[row] for row in rows})
    await queries.mark(db, owner, {row: bool(told[row]) for row in rows}, now)
    await marking.write_down(db, owner, changes)
    return True


def _told(parts: Sequence[Part]) -> list[dict[str, str | None]]:
    """Return parts as the journal tells them: exact amounts as text."""
    return [
        {
            "category_id": str(one.category_id),
            "amount": f"{one.amount.normalize():f}",
            "note": one.note,
        }
        for one in parts
    ]


async def _whole(db: Db, owner: UserId, transaction_id: TransactionId) -> queries.WholeRow:
    whole = await queries.whole(db, owner, transaction_id)
    if whole is None:
        raise TransactionNotFound("There is no such transaction.")
    return whole
