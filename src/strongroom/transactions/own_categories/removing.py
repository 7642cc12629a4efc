"""Putting what is in categories elsewhere: rows, parts of rows, rules that lead there, budgets.

The caller took its turn and told the journal whose act it is. Sums the months up anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, TransactionId, UserId
from strongroom.transactions import totals
from strongroom.transactions.own_categories import queries
from strongroom.transactions.splits import parts_of, put_back


async def put_elsewhere(
    db: Db, owner: UserId, gone: Sequence[UUID], into: CategoryId, now: datetime
) -> int:
    """Put all that is in some categories into another; return how many rows it was."""
    months = await queries.months_in(db, owner, gone)
    moved = await queries.move_rows(db, owner, gone, into, now)
    split = [TransactionId(row) for row in await queries.split_rows_in(db, owner, gone)]
    held = await parts_of(db, owner=owner, transaction_ids=split)
    parts = {
        row: [replace(one, category_id=into) if one.category_id in gone else one for one in of_row]
        for row, of_row in held.items()
    }
    await put_back(db, owner=owner, parts=parts, now=now)
    await queries.lead_rules(db, owner, gone, into)
    await queries.lead_budgets(db, owner, gone, into)
    if months:
        await totals.roll_up(db, owner, months)
    return moved + len(split)
