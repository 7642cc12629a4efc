"""What a person does to rows of the book in a schedule: categories chosen, notes written."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from strongroom import transactions
from strongroom.core.db import DatabaseDown
from strongroom.core.time import clock
from strongroom.transactions import manual, totals
from strongroom.transactions.manual import RowChange
from tests.prove.sync_scene import Scene
from tests.prove.sync_truth import Edit

_BANK_ROW = """
    SELECT t.note, p.plaid_transaction_id FROM transactions t
    JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
    WHERE t.id = %s
"""


class Editor:
    """Somebody who edits rows, and remembers what must be kept."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.edits: dict[UUID, Edit] = {}

    async def edit(self, count: int, within_seconds: float = 0.0) -> None:
        """Choose categories and write notes on rows of the book: newest ones, pending ones first.

        Spread over ``within_seconds``.
        """
        scene, rng = self._scene, self._scene.rng
        for _ in range(count):
            await asyncio.sleep(rng.random() * within_seconds / count)
            page = await scene.do(transactions.search, filter=transactions.Filter(), limit=60)
            rows = [row for row in page.items if row.removed_by_bank is None]
            pending = [row for row in rows if row.pending]
            if not rows:
                return
            row = rng.choice(pending if pending and rng.random() < 0.5 else rows)
            kinds = await scene.do(transactions.categories)
            category = rng.choice(kinds).id if rng.random() < 0.6 else None
            note = f"note {rng.randrange(10**6)}"
            with contextlib.suppress(transactions.TransactionNotFound):  # the bank was quicker
                await self._edit_one(row.id, category, note)

    async def _edit_one(self, book_id: Any, category: Any, note: str) -> None:
        try:
            plaid_id = await self._write(book_id, category, note)
        except DatabaseDown:  # it may be stored or not, as the person was told: so look
            kept = await asyncio.to_thread(self._kept, book_id)
            if kept is None or kept[0] != note:
                return
            plaid_id = kept[1]
        earlier = self.edits.get(book_id)
        category = category or (earlier.category_id if earlier else None)
        self.edits[book_id] = Edit(plaid_id, category, note)

    async def _write(self, book_id: Any, category: Any, note: str) -> str:
        scene = self._scene
        async with scene.links.database.unit_of_work(scene.owner) as db:
            # Before any row is looked at, as every verb that writes the book does.
            await totals.take_turn(db, scene.owner)
            row = await (await db.execute(_BANK_ROW, (book_id,))).fetchone()
            if row is None:
                raise transactions.TransactionNotFound("gone")
            if category is not None:
                await transactions.set_category(
                    db, owner=scene.owner, transaction_ids=[book_id], category_id=category,
                    now=clock(),
                )  # fmt: skip
            await manual.change(
                db, owner=scene.owner, transaction_ids=[book_id], change=RowChange(note=note),
                now=clock(),
            )  # fmt: skip
        return str(row[1])

    def _kept(self, book_id: Any) -> tuple[str | None, str] | None:
        with self._scene.base.patient_admin() as db:
            row = db.execute(_BANK_ROW, (book_id,)).fetchone()
            return None if row is None else (row[0], row[1])
