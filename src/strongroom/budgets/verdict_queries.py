"""SQL of what a person said of recurring items, as it goes out with an export and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """An item with a verdict, and the rows it was seen in, oldest first."""

    id: UUID
    account_id: UUID
    payee: str
    title: str
    cadence: str
    standing: str
    verdict: str
    count: int
    first_on: date
    last_on: date
    next_on: date
    due_on: date | None
    amount: Decimal
    low: Decimal
    high: Decimal
    last: Decimal
    currency: str
    varies: bool
    was: Decimal | None
    changed_on: date | None
    inner_move: bool
    rows: Sequence[UUID]


async def judged(db: Db, owner: UUID) -> list[JudgedRow]:
    """Return a person's items with a verdict."""
    return await core_db.many(
        db,
        JudgedRow,
        """
        SELECT i.id, i.account_id, i.payee, i.title, i.cadence, i.standing, i.verdict, i.count,
               i.first_on, i.last_on, i.next_on, i.due_on, i.amount, i.low, i.high, i.last,
               i.currency, i.varies, i.was, i.changed_on, i.inner_move,
               ARRAY(SELECT t.id FROM recurring_rows r
                     JOIN transactions t ON t.user_id = r.user_id AND t.id = r.transaction_id
                     WHERE r.user_id = i.user_id AND r.item_id = i.id
                     ORDER BY t.day, t.id) AS rows
        FROM recurring_items i
        WHERE i.user_id = %(owner)s AND i.verdict IS NOT NULL
        ORDER BY i.first_on, i.title, i.id
        """,
        {"owner": owner},
    )


async def item_of_most(db: Db, owner: UUID, rows: Sequence[UUID]) -> UUID | None:
    """Return the item that most of these rows are part of, if any is."""
    found: UUID | None = await core_db.value(
        db,
        """
        SELECT item_id FROM recurring_rows
        WHERE user_id = %(owner)s AND transaction_id = ANY(%(rows)s::uuid[])
        GROUP BY item_id ORDER BY count(*) DESC, item_id LIMIT 1
        """,
        {"owner": owner, "rows": list(rows)},
    )
    return found


async def say_first(db: Db, owner: UUID, item_id: UUID, verdict: str) -> int:
    """Write what a person says of an item; return 0 if they have said something already."""
    return await core_db.execute(
        db,
        """
        UPDATE recurring_items SET verdict = %(verdict)s
        WHERE user_id = %(owner)s AND id = %(id)s AND verdict IS NULL
        """,
        {"owner": owner, "id": item_id, "verdict": verdict},
    )


async def unsay(db: Db, owner: UUID, item_id: UUID, verdict: str) -> None:
    """Forget what is said of an item, where it is this."""
    await db.execute(
        """
        UPDATE recurring_items SET verdict = NULL
        WHERE user_id = %(owner)s AND id = %(id)s AND verdict = %(verdict)s
        """,
        {"owner": owner, "id": item_id, "verdict": verdict},
    )


async def remove(db: Db, owner: UUID, item_id: UUID) -> None:
    """Delete an item; what it was seen in stays, and may be found again."""
    await db.execute(
        "DELETE FROM recurring_items WHERE user_id = %(owner)s AND id = %(id)s",
        {"owner": owner, "id": item_id},
    )


async def add(db: Db, owner: UUID, item: JudgedRow, now: datetime) -> None:
    """Store an item with its verdict, and the rows it was seen in."""
    params = {**asdict(item), "owner": owner, "rows": list(item.rows), "now": now}
    await db.execute(
        """
        INSERT INTO recurring_items (
            user_id, id, account_id, payee, title, cadence, standing, verdict, count, first_on,
            last_on, next_on, due_on, amount, low, high, last, currency, varies, was, changed_on,
            inner_move, found_at)
        VALUES (%(owner)s, %(id)s, %(account_id)s, %(payee)s, %(title)s, %(cadence)s,
                %(standing)s, %(verdict)s, %(count)s, %(first_on)s, %(last_on)s, %(next_on)s,
                %(due_on)s, %(amount)s, %(low)s, %(high)s, %(last)s, %(currency)s, %(varies)s,
                %(was)s, %(changed_on)s, %(inner_move)s, %(now)s)
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO recurring_rows (user_id, transaction_id, item_id)
        SELECT %(owner)s, t.id, %(id)s
        FROM transactions t
        WHERE t.user_id = %(owner)s AND t.id = ANY(%(rows)s::uuid[])
        """,
        params,
    )
