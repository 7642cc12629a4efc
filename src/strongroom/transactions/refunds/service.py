"""The verbs of refunds: link those that came to their purchase, confirm, reject, link by hand.

A link moves no money between months: a refund counts against spending on the day it came. Who
calls ``match`` has the book's turn and sums the months anew; the others do both themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from strongroom import audit
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import TransactionId, UserId, new_id, show
from strongroom.core.money import Money
from strongroom.transactions import journal, marking, rejections, totals
from strongroom.transactions.nearby import days_around
from strongroom.transactions.refunds import queries, rules
from strongroom.transactions.refunds.queries import LinkRow
from strongroom.transactions.refunds.types import MaybeRefund, Refund, RefundRow
from strongroom.transactions.transfers import legs_of
from strongroom.transactions.transfers.types import Reason, State

_MOST_PAIRS = 200_000
_LATE = 10
"""Purchases may come some days after the refund of them: banks tell cards later than accounts."""
_LONGEST_PAGE = 200


class RefundNotFound(NotFound):
    """No refund of yours has that id."""


class RefundRowNotFound(NotFound):
    """No transaction of yours has that id."""


class NotARefund(Refused):
    """A row cannot be the refund of another."""


async def match(db: Db, *, owner: UserId, days: Collection[date], now: datetime) -> None:
    """Link money that came back around these days to what it was paid for.

    Finds the same again where nothing changed; what a person confirmed or rejected stays as they
    said.
    """
    around = days_around(days, _LATE)
    if not around:
        return
    await journal.because(db, cause="match", now=now)
    found = await asyncio.to_thread(rules.match, await _candidates(db, owner, around))
    await queries.end_where_changed(db, owner, around, found)
    if found:
        await queries.store(db, owner, found, now)
        await queries.take_categories(db, owner, around, now)


async def let_go(db: Db, *, owner: UserId, plaid_ids: Sequence[str]) -> list[date]:
    """End links to purchases that the bank took back, before these leave the book.

    Their refunds go back to where they stood; returns their days. The caller has the book's turn.
    """
    gone = await queries.of_removed(db, owner, plaid_ids)
    if gone:
        await queries.unlink(db, owner, [one[0] for one in gone])
    return [one[1] for one in gone]


async def let_go_of_import(db: Db, *, owner: UserId, import_id: UUID) -> list[date]:
    """End links to purchases that an import brought, before these are taken out of the book.

    Their refunds go back to where they stood; returns their days. The caller has the book's turn.
    """
    async with in_bulk(db):
        gone = await queries.of_import(db, owner, import_id)
    if gone:
        await queries.unlink(db, owner, [one[0] for one in gone])
    return [one[1] for one in gone]


async def let_go_of_rows(
    db: Db, *, owner: UserId, transaction_ids: Sequence[TransactionId], now: datetime
) -> list[date]:
    """End links to purchases that a person takes out of the book, before these leave it.

    Refunds that stay go back to where they stood, by nobody's hand; returns their days. The caller
    has the book's turn, and says to the journal anew whose hand its own changes are.
    """
    gone = await queries.of_rows(db, owner, transaction_ids)
    if gone:
        await journal.because(db, cause="match", now=now)
        await queries.unlink(db, owner, [one[0] for one in gone])
    return [one[1] for one in gone]


async def stand_again(
    db: Db, *, owner: UserId, transaction_ids: Sequence[TransactionId], now: datetime
) -> list[date]:
    """Let refunds of purchases that are back in the book, with their links, stand where these do.

    Returns the refunds' days. The caller has the book's turn, and speaks to the journal anew.
    """
    days = [one[1] for one in await queries.of_rows(db, owner, transaction_ids)]
    if days:
        await journal.because(db, cause="match", now=now)
        await queries.take_categories(db, owner, days, now)
    return days


async def _candidates(db: Db, owner: UserId, days: Sequence[date]) -> list[MaybeRefund]:
    async with in_bulk(db):
        return await queries.candidates(db, owner, days, rules.MOST_DAYS, _MOST_PAIRS)


async def get(db: Db, *, owner: UserId, refund_id: UUID) -> Refund:
    """Return one link. Raises ``RefundNotFound``."""
    return (await _shown(db, owner, [await _found(db, owner, refund_id)]))[0]


async def of_row(db: Db, *, owner: UserId, transaction_id: TransactionId) -> list[Refund]:
    """Return what a row is the refund of, or the refunds of it, newest first."""
    return await _shown(db, owner, await queries.links(db, owner, of=transaction_id))


async def purchases_near(
    db: Db, *, owner: UserId, transaction_id: TransactionId, limit: int = 12
) -> list[RefundRow]:
    """Return purchases that money may have come back for, the likeliest first; of half a year."""
    found = await queries.purchases_near(db, owner, transaction_id, 183, limit)
    rows = {one.id: one for one in await legs_of(db, owner=owner, ids=found)}
    return [
        RefundRow(row.id, row.day, row.amount, row.title, row.account_name)
        for row in (rows[TransactionId(one)] for one in found)
    ]


async def list_newest(db: Db, *, owner: UserId, state: State, limit: int = 50) -> list[Refund]:
    """Return links of a state, the newest refund first."""
    limit = max(1, min(limit, _LONGEST_PAGE))
    return await _shown(db, owner, await queries.links(db, owner, state=state.value, limit=limit))


async def count_proposed(db: Db, *, owner: UserId) -> int:
    """Return how many likely refunds wait for the person's word."""
    return await queries.count(db, owner, State.PROPOSED.value)


async def confirm(
    db: Db, *, owner: UserId, refund_id: UUID, now: datetime, actor: str = "person"
) -> Refund:
    """Say that it is one: the link stands whatever comes. Raises ``RefundNotFound``."""
    await totals.take_turn(db, owner)
    row = await _found(db, owner, refund_id)
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.set_confirmed(db, owner, row.id, now)
    await _settle(db, owner, row, "confirm_refund", actor, now)
    return await get(db, owner=owner, refund_id=row.id)


async def reject(
    db: Db, *, owner: UserId, refund_id: UUID, now: datetime, actor: str = "person"
) -> Refund:
    """Say that it is none: remembered. Returns what it was. Raises ``RefundNotFound``."""
    await totals.take_turn(db, owner)
    row = await _found(db, owner, refund_id)
    was = (await _shown(db, owner, [row]))[0]
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.unlink(db, owner, [row.id])
    await rejections.remember(db, owner, "refund", (row.refund_id, row.purchase_id), now)
    await match(db, owner=owner, days=[was.refund.day], now=now)
    await _settle(db, owner, row, "reject_refund", actor, now)
    return was


async def reopen(
    db: Db, *, owner: UserId, refund_id: UUID, now: datetime, actor: str = "person"
) -> None:
    """Take a confirmation back, or two rows that were linked by hand apart: match them anew.

    Raises ``RefundNotFound``.
    """
    await totals.take_turn(db, owner)
    row = await _found(db, owner, refund_id)
    was = (await _shown(db, owner, [row]))[0]
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.unlink(db, owner, [row.id])
    await match(db, owner=owner, days=[was.refund.day], now=now)
    await _settle(db, owner, row, "reopen_refund", actor, now)


async def ask_again(
    db: Db,
    *,
    owner: UserId,
    pair: tuple[TransactionId, TransactionId],
    now: datetime,
    actor: str = "person",
) -> Refund:
    """Take a rejection back: the two are linked as they were. ``pair`` is refund and purchase.

    Raises ``RefundNotFound`` where it was not rejected, and what ``link`` raises.
    """
    await totals.take_turn(db, owner)
    if not await rejections.forget(db, owner, "refund", pair):
        raise RefundNotFound("There is no such answer to take back.")
    rows = await legs_of(db, owner=owner, ids=pair)
    await match(db, owner=owner, days=[row.day for row in rows if row.id == pair[0]], now=now)
    for found in await of_row(db, owner=owner, transaction_id=pair[0]):
        if (found.refund.id, found.purchase.id) == pair:
            await totals.roll_up(db, owner, await totals.months_of(db, owner, pair))
            return found
    return await link(db, owner=owner, refund=pair[0], purchase=pair[1], now=now, actor=actor)


async def link(
    db: Db,
    *,
    owner: UserId,
    refund: TransactionId,
    purchase: TransactionId,
    now: datetime,
    actor: str = "person",
) -> Refund:
    """Make a row of money in the refund of a purchase, whatever was said of it before.

    Raises ``RefundRowNotFound`` and ``NotARefund``.
    """
    await totals.take_turn(db, owner)
    rows = {one.id: one for one in await legs_of(db, owner=owner, ids=[refund, purchase])}
    if len(rows) != len({refund, purchase}):
        raise RefundRowNotFound("There is no such transaction.", field="purchase")
    await _refuse(db, owner, rows[refund].amount, rows[purchase].amount, purchase)
    await journal.because(db, cause="person", now=now)
    standing = [one for one in await queries.links(db, owner, of=refund) if one.refund_id == refund]
    await queries.unlink(db, owner, [one.id for one in standing])
    await rejections.forget(db, owner, "refund", (refund, purchase))
    link_id = new_id()
    await queries.insert_by_person(db, owner, link_id, refund, purchase, now)
    await _settle(db, owner, await _found(db, owner, link_id), "link_refund", actor, now)
    return await get(db, owner=owner, refund_id=link_id)


async def _refuse(db: Db, owner: UserId, came: Money, paid: Money, purchase: TransactionId) -> None:
    problem = None
    if came.amount <= 0:
        problem = "A refund is money that came in."
    elif paid.amount >= 0:
        problem = "What is refunded is a purchase: money that went out."
    elif came.currency != paid.currency:
        problem = "The two are in different currencies."
    elif came.amount > await queries.left_of(db, owner, purchase):
        problem = "That is more than is left of the purchase."
    if problem is not None:
        raise NotARefund(problem, field="purchase")


async def _settle(
    db: Db, owner: UserId, row: LinkRow, verb: str, actor: str, now: datetime
) -> None:
    """Note that the person's hand was on both rows, sum their months, and record it."""
    ids = [row.refund_id, row.purchase_id]
    came = [one.day for one in await legs_of(db, owner=owner, ids=ids) if one.id == row.refund_id]
    await queries.take_categories(db, owner, came, now)
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await marking.touch(db, owner, ids, now)
    await totals.roll_up(db, owner, await totals.months_of(db, owner, ids))
    await audit.record(
        db, owner=owner, actor=actor, action=f"transactions.{verb}", resource_type="refund",
        resource_id=show("rfd", row.id), details=None, now=now,
    )  # fmt: skip


async def _found(db: Db, owner: UserId, refund_id: UUID) -> LinkRow:
    rows = await queries.links(db, owner, link_id=refund_id)
    if not rows:
        raise RefundNotFound("There is no such refund.")
    return rows[0]


async def _shown(db: Db, owner: UserId, rows: Sequence[LinkRow]) -> list[Refund]:
    ids = {one for row in rows for one in (row.refund_id, row.purchase_id, row.rival_id) if one}
    shown = {
        one.id: RefundRow(one.id, one.day, one.amount, one.title, one.account_name)
        for one in await legs_of(db, owner=owner, ids=[TransactionId(id) for id in ids])
    }
    return [
        Refund(
            id=row.id,
            state=State(row.state),
            refund=shown[TransactionId(row.refund_id)],
            purchase=shown[TransactionId(row.purchase_id)],
            score=row.score,
            reasons=[Reason(one["fact"], one["points"]) for one in row.reasons],
            rival=None if row.rival_id is None else shown.get(TransactionId(row.rival_id)),
            rival_score=row.rival_score,
            made_by=row.made_by,
            confirmed_at=row.confirmed_at,
            made_at=row.made_at,
        )
        for row in rows
    ]
