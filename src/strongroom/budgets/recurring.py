"""The verbs of what comes again and again: look through a book, list, say what a person thinks.

Finding is in ``recurring_rules``. What the bank's provider tells of recurring payments stands in
``transactions`` and is not touched here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from strongroom import audit, identity
from strongroom.budgets import recurring_queries as queries
from strongroom.budgets.recurring_calendar import PACE_OF
from strongroom.budgets.recurring_moves import book_rows
from strongroom.budgets.recurring_rules import find
from strongroom.budgets.recurring_types import (
    BookRow,
    Cadence,
    Coming,
    Found,
    RecurringId,
    RecurringItem,
    Standing,
    Verdict,
)
from strongroom.core.db import Database, Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.core.plain import amount_text
from strongroom.core.queue import enqueue
from strongroom.core.time import today
from strongroom.ui import N_

LOOK_BACK: Final = timedelta(days=800)
"""How far back a book is looked through: two years, and what a third yearly one may be late."""

JOB: Final = "budgets.look_through"
_THEN: Final = "goals.refresh_profile"
_RISE_IS_NEWS: Final = timedelta(days=45)
_OVERDUE: Final = timedelta(days=3)


class RecurringNotFound(NotFound):
    """No recurring item of yours has that id."""


async def look_through(database: Database, *, owner: UserId, now: datetime) -> int:
    """Look through a person's book for what comes again and again; return how many there are.

    A flow: it reads, searches outside of any unit of work, and stores what it found. What is new
    of price rises and missed ones is told in notifications, but for the first time. Profiles
    follow from what was found: they are asked for once it is stored.
    """
    async with database.unit_of_work(owner) as db:
        day = await today_of(db, owner=owner, now=now)
        rows = await read_book(db, owner=owner, today=day)
    found = await asyncio.to_thread(find, rows, day)
    async with database.unit_of_work(owner) as db:
        await _keep(db, owner, found, day, now)
        await enqueue(db, _THEN, lock=f"{_THEN} {owner}", once=f"{_THEN} {owner}", owner=str(owner))
    return len(found)


async def today_of(db: Db, *, owner: UserId, now: datetime) -> date:
    """Return the day it is where a person lives."""
    return today(now, (await identity.get_settings(db, owner=owner)).time_zone)


async def read_book(db: Db, *, owner: UserId, today: date) -> list[BookRow]:
    """Return the rows of the accounts a person lives from, as far back as is looked."""
    return book_rows(await queries.rows(db, owner, today - LOOK_BACK, today))


async def recurring_items(
    db: Db, *, owner: UserId, account_id: AccountId | None = None
) -> list[RecurringItem]:
    """Return what comes again and again: by the day that is next, what is over last."""
    rows = await queries.items(db, owner)
    return [_item(row) for row in rows if account_id is None or row.account_id == account_id]


async def recurring_item(db: Db, *, owner: UserId, item_id: RecurringId) -> RecurringItem:
    """Return one item. Raises ``RecurringNotFound``."""
    rows = await queries.items(db, owner, item_id)
    if not rows:
        raise RecurringNotFound("There is no such recurring item.")
    return _item(rows[0])


async def rows_of_recurring(db: Db, *, owner: UserId, item_id: RecurringId) -> list[TransactionId]:
    """Return the transactions that an item was seen in, newest first."""
    return [TransactionId(one) for one in await queries.rows_of(db, owner, item_id)]


async def recurring_of(
    db: Db, *, owner: UserId, transaction_id: TransactionId
) -> RecurringItem | None:
    """Return the item that a transaction is one of, if any."""
    found = await queries.item_of(db, owner, transaction_id)
    rows = [] if found is None else await queries.items(db, owner, found)
    return _item(rows[0]) if rows else None


async def judge_recurring(
    db: Db,
    *,
    owner: UserId,
    item_id: RecurringId,
    verdict: Verdict | None,
    now: datetime,
    actor: str = "person",
) -> RecurringItem:
    """Say that an item is one, or none, or take that back. Raises ``RecurringNotFound``.

    One that is none is neither expected nor forecast any more.
    """
    changed = await queries.set_verdict(db, owner, item_id, verdict)
    found = await recurring_item(db, owner=owner, item_id=item_id)
    if changed:
        await audit.record(
            db,
            owner=owner,
            actor=actor,
            action="budgets.judge_recurring",
            resource_type="recurring",
            resource_id=str(item_id),
            details={"verdict": verdict or "none"},
            now=now,
        )
    return found


async def coming_up(db: Db, *, owner: UserId, today: date, days: int = 30) -> list[Coming]:
    """Return what is expected from today within so many days, the next first."""
    return expand(await recurring_items(db, owner=owner), today, today + timedelta(days=days))


def expand(items: Sequence[RecurringItem], first: date, last: date) -> list[Coming]:
    """Return each payment that items are expected to bring from ``first`` to ``last``."""
    found = []
    for item in items:
        if not item.counts:
            continue
        pace, step, day = PACE_OF[item.cadence], 0, max(item.next_on, first)
        while day <= last:
            if day >= first:  # more than one may be late where nobody looked for long
                found.append(Coming(day, item, item.amount))
            step += 1
            day = pace.later(item.next_on, step)
    return sorted(found, key=lambda one: (one.day, one.item.title, one.item.id))


async def ask_to_look_through(db: Db, *, owner: UserId) -> None:
    """Let the worker look through a person's book soon."""
    await enqueue(db, JOB, lock=f"{JOB} {owner}", once=f"{JOB} {owner}", owner=str(owner))


async def ask_if_stale(db: Db, *, owner: UserId, today: date) -> bool:
    """Ask for a look if there was none today; return whether there was any so far."""
    found = await queries.look(db, owner)
    if found is None or found.day < today:
        await ask_to_look_through(db, owner=owner)
    return found is not None


async def looked_at(db: Db, *, owner: UserId) -> datetime | None:
    """Return when a person's book was last looked through."""
    found = await queries.look(db, owner)
    return None if found is None else found.looked_at


async def overdue_for_all(db: Db, *, now: datetime) -> list[UserId]:
    """Return people whose books should be looked through because something has not come."""
    return [UserId(one) for one in await queries.overdue_for_all(db, now.date() - _OVERDUE)]


@dataclass(frozen=True, slots=True)
class _News:
    """What is told of an item when it is new."""

    title: str
    body: str
    arguments: dict[str, str]


async def _keep(db: Db, owner: UserId, found: Sequence[Found], day: date, now: datetime) -> None:
    """Store what was found under the ids that its rows had before, and tell what is news."""
    await queries.take_turn(db, owner)
    before = {row.id: row for row in await queries.items(db, owner)}
    seen = await queries.look(db, owner) is not None
    ids = _ids(found, dict(await queries.owners_of_rows(db, owner)))
    await queries.forget_others(db, owner, ids)
    for one, item_id in zip(found, ids, strict=True):
        await queries.write(db, _columns(owner, item_id, one, now))
    await queries.write_rows(
        db,
        owner,
        [row.id for one in found for row in one.rows],
        [item_id for one, item_id in zip(found, ids, strict=True) for _ in one.rows],
    )
    await queries.write_look(db, owner, day, now)
    for one, item_id in zip(found, ids, strict=True):
        news = _news(one, before.get(item_id), day) if seen else None
        if news is not None:
            await identity.notify(
                db,
                owner=owner,
                type="recurring",
                title=news.title,
                body=news.body,
                link=f"/budgets/recurring/rec_{item_id.hex}",
                arguments=news.arguments,
                now=now,
            )


def _ids(found: Sequence[Found], before: dict[UUID, UUID]) -> list[RecurringId]:
    """Return the id of each: that of the item that most of its rows were part of, or a new one."""
    ids: list[RecurringId] = []
    for one in found:
        shared = Counter(before[row.id] for row in one.rows if row.id in before)
        known = next((item_id for item_id, _ in shared.most_common() if item_id not in ids), None)
        ids.append(RecurringId(known or new_id()))
    return ids


def _news(one: Found, before: queries.ItemRow | None, day: date) -> _News | None:
    """Return what to tell a person of an item that they know, if anything."""
    if before is None or before.verdict == Verdict.DISMISSED or one.inner:
        return None
    last = one.last
    amounts = {
        "title": one.title,
        "now": amount_text(abs(last.amount), last.currency),
        "currency": last.currency,
    }
    if one.standing is Standing.MISSED and before.due_on != one.due_on:
        return _News(
            N_("%(title)s has not come"),
            N_("It was expected around %(day)s and is not in your accounts yet."),
            amounts | {"day": str(one.due_on)},
        )
    risen = one.was is not None and last.amount < one.was < 0
    changed = one.changed_on
    if risen and changed and changed != before.changed_on and day - changed <= _RISE_IS_NEWS:
        was = amount_text(abs(one.was or last.amount), last.currency)
        return _News(
            N_("%(title)s costs more"),
            N_("It went from %(was)s to %(now)s %(currency)s."),
            amounts | {"was": was},
        )
    return None


def _columns(owner: UserId, item_id: RecurringId, one: Found, now: datetime) -> dict[str, Any]:
    return {
        "owner": owner,
        "id": item_id,
        "account_id": one.last.account_id,
        "payee": one.payee,
        "title": one.title,
        "cadence": one.cadence,
        "standing": one.standing,
        "count": len(one.rows),
        "first_on": one.rows[0].day,
        "last_on": one.last.day,
        "next_on": one.next_on,
        "due_on": one.due_on,
        "amount": one.amount,
        "low": one.low,
        "high": one.high,
        "last": one.last.amount,
        "currency": one.last.currency,
        "varies": one.varies,
        "was": one.was,
        "changed_on": one.changed_on,
        "inner": one.inner,
        "now": now,
    }


def _item(row: queries.ItemRow) -> RecurringItem:
    code = Currency(row.currency)
    return RecurringItem(
        id=RecurringId(row.id),
        account_id=AccountId(row.account_id),
        account_name=row.account_name,
        title=row.title,
        category_id=None if row.category_id is None else CategoryId(row.category_id),
        category_key=row.category_key,
        category_name=row.category_name,
        cadence=Cadence(row.cadence),
        standing=Standing(row.standing),
        verdict=None if row.verdict is None else Verdict(row.verdict),
        count=row.count,
        first_on=row.first_on,
        last_on=row.last_on,
        next_on=row.next_on,
        due_on=row.due_on,
        amount=Money(row.amount, code),
        low=Money(row.low, code),
        high=Money(row.high, code),
        last=Money(row.last, code),
        varies=row.varies,
        was=None if row.was is None else Money(row.was, code),
        changed_on=row.changed_on,
        inner=row.inner_move,
        moves=row.moves,
    )
