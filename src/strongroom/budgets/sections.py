"""Budgets, and what a person said of recurring items, as sections of exports.

What was found in the book is found again there; a person's verdict on it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from strongroom.budgets import plan_queries, plans, verdict_queries
from strongroom.budgets.plan_types import BudgetId, Carry, Every, NewBudget
from strongroom.budgets.recurring_queries import take_turn
from strongroom.budgets.recurring_types import Verdict
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, UserId
from strongroom.core.money import Money, check_amount, currency
from strongroom.core.plain import amount_text
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one, own_id, text

_LONGEST_BACK: Final = timedelta(days=36_600)
_MOST_AMOUNTS: Final = 1_000
_SAID: Final = " "
"""Between an item that was there before and the verdict on it, in the key of what was made."""


class Budgets(Section):
    """The list ``budgets`` of an export: each with what its periods have from a day on."""

    name, reads, writes = "budgets", "budgets:read", "budgets:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the budgets, all spending first, then by category."""
        return [_record(row) for row in await plan_queries.budgets(db, owner)]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make the budgets of categories that have none of that period so far."""
        there = {row.id for row in await plan_queries.budgets(db, owner)}

        async def bring(record: Record) -> str | None:
            budget_id = BudgetId(own_id("bdg", record))
            if budget_id in there:
                return None
            await _bring(db, owner, budget_id, record, known, now)
            there.add(budget_id)
            return str(budget_id)

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Delete the budgets."""
        for one in made:
            await plan_queries.delete(db, owner, UUID(one))

    async def changed(self, db: Db, *, owner: UserId, made: Sequence[str], since: datetime) -> int:
        """Return how many of the budgets were changed since."""
        return await plan_queries.count_changed(db, owner, [UUID(one) for one in made], since)


def _record(row: plan_queries.BudgetRow) -> dict[str, Any]:
    code = currency(row.currency)
    return {
        "id": ids.show("bdg", row.id),
        "category": None if row.category_id is None else ids.show("cat", row.category_id),
        "currency": row.currency,
        "every": row.every,
        "starts_on": row.starts_on.isoformat(),
        "carry": row.carry,
        "amounts": [
            {"since": day.isoformat(), "amount": amount_text(amount, code)}
            for day, amount in zip(row.days, row.amounts, strict=True)
        ],
    }


async def _bring(
    db: Db, owner: UserId, budget_id: BudgetId, record: Record, known: Known, now: datetime
) -> None:
    """Store a budget as a record tells it. Raises what it cannot be."""
    code = currency(text(record, "currency"))
    amounts = [
        (date.fromisoformat(one["since"]), Money(Decimal(str(one["amount"])), code))
        for one in record["amounts"][:_MOST_AMOUNTS]
    ]
    category = known.find(record.get("category"))
    first = date.fromisoformat(record["starts_on"])
    if not now.date() - _LONGEST_BACK <= first:
        raise plans.BadBudget("The first day is too long ago.", field="starts_on")
    if not amounts:
        raise plans.BadBudget("It has no amount.", field="amounts")
    every, carry = Every(record["every"]), Carry(record["carry"])
    category_id = None if category is None else CategoryId(category)
    told = [NewBudget(category_id, amount, every, first, carry) for _since, amount in amounts]
    for new in told:
        await plans.check(db, owner, new, min(now.date(), first))
    await plans.store(db, owner, budget_id, told[-1], now)
    for since, amount in sorted(amounts, key=lambda one: one[0]):
        await plan_queries.write_amount(db, owner, budget_id, since, amount.amount)


class Verdicts(Section):
    """The list ``recurring`` of an export: items that a person confirmed or said are none.

    An item is told by the rows it was seen in: where they are, it is found again.
    """

    name, reads, writes = "recurring", "budgets:read", "budgets:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the items with a verdict, with all that was found of them."""
        return [_item(row) for row in await verdict_queries.judged(db, owner)]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Say the same of the same items; what has a verdict here keeps it."""
        await take_turn(db, owner)

        async def bring(record: Record) -> str | None:
            verdict = Verdict(record["verdict"])
            rows = [known.rows[one] for one in record["rows"] if one in known.rows]
            found = await verdict_queries.item_of_most(db, owner, rows)
            if found is not None:
                said = await verdict_queries.say_first(db, owner, found, verdict.value)
                return f"{found}{_SAID}{verdict.value}" if said else None
            item = verdict_queries.JudgedRow(
                id=own_id("rec", record),
                account_id=known.need(record["account"]),
                verdict=verdict.value,
                rows=rows,
                **_facts(record),
            )
            await verdict_queries.add(db, owner, item, now)
            return str(item.id)

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Take the items away; one that was there before has the verdict no more.

        One that the person said something else of since keeps that.
        """
        for key in made:
            item, _, verdict = key.partition(_SAID)
            if verdict:
                await verdict_queries.unsay(db, owner, UUID(item), verdict)
            else:
                await verdict_queries.remove(db, owner, UUID(item))


_DAYS: Final = ("first_on", "last_on", "next_on", "due_on", "changed_on")
_YEARS: Final = range(1900, 2200)
_AMOUNTS: Final = ("amount", "low", "high", "last", "was")
_TEXTS: Final = ("payee", "title", "cadence", "standing", "currency")
_WHETHER: Final = ("varies", "inner_move")


def _item(row: verdict_queries.JudgedRow) -> dict[str, Any]:
    code = currency(row.currency)
    amounts = {name: getattr(row, name) for name in _AMOUNTS}
    days: dict[str, date | None] = {name: getattr(row, name) for name in _DAYS}
    return {
        "id": ids.show("rec", row.id),
        "verdict": row.verdict,
        "account": ids.show("acc", row.account_id),
        **{name: getattr(row, name) for name in (*_TEXTS, *_WHETHER, "count")},
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
        **{name: None if one is None else amount_text(one, code) for name, one in amounts.items()},
        "rows": [ids.show("trn", one) for one in row.rows],
    }


def _facts(record: Record) -> dict[str, Any]:
    """Return what was found of an item, each fact of its kind. Raises what it cannot be."""
    code = currency(text(record, "currency"))
    return {
        "count": int(record["count"]),
        **{name: text(record, name) for name in _TEXTS},
        **{name: record[name] is True for name in _WHETHER},
        **{name: None if record[name] is None else _day(record[name]) for name in _DAYS},
        **{
            name: None
            if record[name] is None
            else Money(check_amount(Decimal(str(record[name]))), code).amount
            for name in _AMOUNTS
        },
    }


def _day(text_of_day: str) -> date:
    found = date.fromisoformat(text_of_day)
    if found.year not in _YEARS:  # pages reckon on from it
        raise ValueError(text_of_day)
    return found
