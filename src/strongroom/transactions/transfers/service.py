"""The verbs of transfers: match rows that came, confirm, reject, link two rows, take it back.

Who calls ``match`` has the book's turn and sums the months anew; the others do both themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from strongroom import accounts, audit, identity
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id, show
from strongroom.core.money import Currency, Money
from strongroom.transactions import journal, marking, rejections, totals
from strongroom.transactions.nearby import days_around
from strongroom.transactions.transfers import queries, rules
from strongroom.transactions.transfers.queries import LegRow, TransferRow
from strongroom.transactions.transfers.types import (
    Candidate,
    Decision,
    Reason,
    State,
    Transfer,
    TransferKind,
    TransferLeg,
)

_MOST_PAIRS = 200_000
_LONGEST_PAGE = 200


class TransferNotFound(NotFound):
    """No transfer of yours has that id."""


class LegNotFound(NotFound):
    """No transaction of yours has that id."""


class NotTwoLegs(Refused):
    """Two rows cannot be the legs of one transfer."""


class LegIsTaken(Conflict):
    """A row is leg of another transfer that was confirmed."""


async def match(db: Db, *, owner: UserId, days: Collection[date], now: datetime) -> None:
    """Match the rows of these days, and of those around them, with each other.

    Finds the same again where nothing changed. Transfers that no longer fit end; what a person
    confirmed or rejected stays as they said.
    """
    if not days:
        return
    around = days_around(days, rules.AFTER + 1)
    await journal.because(db, cause="match", now=now)
    held = {one.id: one for one in await queries.own_accounts(db, owner)}
    candidates = await _candidates(db, owner, around) if len(held) > 1 else []
    decisions: list[Decision] = []
    if candidates:
        person = await identity.get_person(db, owner=owner)
        names = (person.first_name, person.last_name)
        decisions = await asyncio.to_thread(rules.decide, candidates, held, names)
    await queries.end_where_changed(db, owner, around, decisions)
    if decisions:
        await queries.store(db, owner, decisions, now)


async def _candidates(db: Db, owner: UserId, days: Sequence[date]) -> list[Candidate]:
    reach = (rules.BEFORE, rules.AFTER, _MOST_PAIRS)
    several = await queries.has_currencies(db, owner)
    async with in_bulk(db):
        rows = await queries.of_one_currency(db, owner, days, *reach)
        if several:
            rows += await queries.exchanged(db, owner, days, *reach)
    ids = {one for row in rows for one in (row.out_id, row.into_id)}
    legs = {one.id: one for one in await queries.compared(db, owner, list(ids))} if ids else {}
    return [
        Candidate(legs[row.out_id], legs[row.into_id], row.off_rate, row.standing) for row in rows
    ]


async def get(db: Db, *, owner: UserId, transfer_id: UUID) -> Transfer:
    """Return one transfer. Raises ``TransferNotFound``."""
    return (await _shown(db, owner, [await _found(db, owner, transfer_id)]))[0]


async def find_of(db: Db, *, owner: UserId, transaction_id: TransactionId) -> Transfer | None:
    """Return the transfer that a row is a leg of, or may be, or None."""
    row = await queries.find(db, owner, leg_id=transaction_id)
    return None if row is None else (await _shown(db, owner, [row]))[0]


async def others_near(
    db: Db, *, owner: UserId, transaction_id: TransactionId, limit: int = 12
) -> list[TransferLeg]:
    """Return rows that may be meant as the other leg of one, the likeliest first."""
    rows = await queries.others_near(db, owner, transaction_id, 30, limit)
    return [_leg(row) for row in rows]


async def legs_of(
    db: Db, *, owner: UserId, ids: Sequence[TransactionId | UUID]
) -> list[TransferLeg]:
    """Return rows of the book as legs are shown, in no order; what is not there is left out."""
    return [_leg(row) for row in await queries.legs(db, owner, list(ids))]


async def list_newest(
    db: Db,
    *,
    owner: UserId,
    state: State,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[Transfer]:
    """Return transfers by the day that the money left, newest first, beginning after ``after``."""
    limit = max(1, min(limit, _LONGEST_PAGE))
    return await _shown(db, owner, await queries.newest(db, owner, state.value, after, limit))


async def count_proposed(db: Db, *, owner: UserId) -> int:
    """Return how many likely transfers wait for the person's word."""
    return await queries.count(db, owner, State.PROPOSED.value)


async def confirm(
    db: Db, *, owner: UserId, transfer_id: UUID, now: datetime, actor: str = "person"
) -> Transfer:
    """Say that it is one: it counts as such whatever comes. Raises ``TransferNotFound``."""
    await totals.take_turn(db, owner)
    row = await _found(db, owner, transfer_id)
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.set_confirmed(db, owner, row.id, now)
    await marking.touch(db, owner, [row.out_id, row.into_id], now)
    await totals.roll_up(db, owner, [])
    await _record(db, owner, "confirm_transfer", actor, row.id, now)
    return await get(db, owner=owner, transfer_id=row.id)


async def reject(
    db: Db, *, owner: UserId, transfer_id: UUID, now: datetime, actor: str = "person"
) -> Transfer:
    """Say that it is none: remembered, and both rows count again or go with others.

    Returns what it was. Raises ``TransferNotFound``.
    """
    await totals.take_turn(db, owner)
    row = await _found(db, owner, transfer_id)
    was = (await _shown(db, owner, [row]))[0]
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.delete(db, owner, [row.id])
    await rejections.remember(db, owner, "transfer", (row.out_id, row.into_id), now)
    await marking.touch(db, owner, [row.out_id, row.into_id], now)
    await match(db, owner=owner, days=[was.out.day, was.into.day], now=now)
    await totals.roll_up(db, owner, [])
    await _record(db, owner, "reject_transfer", actor, row.id, now)
    return was


async def reopen(
    db: Db, *, owner: UserId, transfer_id: UUID, now: datetime, actor: str = "person"
) -> Transfer | None:
    """Take a confirmation back, or two rows that were linked by hand apart: match them anew.

    Returns what stands between the two then. Raises ``TransferNotFound``.
    """
    await totals.take_turn(db, owner)
    row = await _found(db, owner, transfer_id)
    was = (await _shown(db, owner, [row]))[0]
    await journal.because(db, cause="person", now=now, cause_id=row.id)
    await queries.delete(db, owner, [row.id])
    await match(db, owner=owner, days=[was.out.day, was.into.day], now=now)
    await totals.roll_up(db, owner, [])
    await _record(db, owner, "reopen_transfer", actor, row.id, now)
    return await find_of(db, owner=owner, transaction_id=was.out.id)


async def ask_again(
    db: Db,
    *,
    owner: UserId,
    pair: tuple[TransactionId, TransactionId],
    now: datetime,
    actor: str = "person",
) -> Transfer:
    """Take a rejection back: the two are matched as they were, or else linked.

    ``pair`` is what left and what arrived. Raises ``TransferNotFound`` where it was not rejected,
    and what ``link`` raises.
    """
    await totals.take_turn(db, owner)
    if not await rejections.forget(db, owner, "transfer", pair):
        raise TransferNotFound("There is no such answer to take back.")
    rows = await queries.legs(db, owner, pair)
    await match(db, owner=owner, days=[row.day for row in rows], now=now)
    await totals.roll_up(db, owner, [])
    found = await find_of(db, owner=owner, transaction_id=pair[0])
    if found is not None and (found.out.id, found.into.id) == pair:
        await _record(db, owner, "reopen_transfer", actor, found.id, now)
        return found
    return await link(db, owner=owner, transaction_ids=pair, now=now, actor=actor)


async def link(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: tuple[TransactionId, TransactionId],
    now: datetime,
    actor: str = "person",
) -> Transfer:
    """Make two rows the legs of one transfer, whatever was said of them before.

    One leaves an account and the other arrives on another; of one currency they may differ by a
    fee. Raises ``LegNotFound``, ``NotTwoLegs`` and ``LegIsTaken``.
    """
    await totals.take_turn(db, owner)
    out, into = await _two_legs(db, owner, transaction_ids)
    standing = [await queries.find(db, owner, leg_id=leg.id) for leg in (out, into)]
    others = [one for one in standing if one and (one.out_id, one.into_id) != (out.id, into.id)]
    if any(one.confirmed_at for one in others):
        raise LegIsTaken(
            "One of the two is part of another transfer already.",
            field="transactions",
            hint="Take that one apart first.",
        )
    await journal.because(db, cause="person", now=now)
    await queries.delete(db, owner, [one.id for one in standing if one])
    await rejections.forget(db, owner, "transfer", (out.id, into.id))
    transfer_id = new_id()
    kind = await _kind(db, owner, out, into)
    await queries.insert_by_person(db, owner, transfer_id, (out.id, into.id), kind, now)
    await marking.touch(db, owner, [out.id, into.id], now)
    await totals.roll_up(db, owner, [])
    await _record(db, owner, "link_transfer", actor, transfer_id, now)
    return await get(db, owner=owner, transfer_id=transfer_id)


async def _two_legs(
    db: Db, owner: UserId, ids: tuple[TransactionId, TransactionId]
) -> tuple[LegRow, LegRow]:
    found = {row.id: row for row in await queries.legs(db, owner, ids)}
    if len(found) != len(set(ids)):
        raise LegNotFound("There is no such transaction.", field="transactions")
    legs = sorted(found.values(), key=lambda row: row.amount)
    problem = None
    if len(legs) < 2 or legs[0].account_id == legs[1].account_id:
        problem = "The two parts of a transfer are on two accounts."
    elif not legs[0].amount < 0 < legs[1].amount:
        problem = "One part of a transfer leaves an account and the other arrives on one."
    elif not (legs[0].counts and legs[1].counts):
        problem = "The bank took one of the two back: it is not part of a transfer."
    elif legs[0].currency == legs[1].currency and not _near(legs[0], legs[1]):
        problem = "The two amounts are too far apart to be one transfer."
    if problem is not None:
        raise NotTwoLegs(problem, field="transactions")
    return legs[0], legs[1]


def _near(out: LegRow, into: LegRow) -> bool:
    """A fee or a rounding between the two is let pass, half of the amount is not."""
    return abs(into.amount + out.amount) * 10 <= abs(out.amount)


async def _kind(db: Db, owner: UserId, out: LegRow, into: LegRow) -> TransferKind:
    held = {one.id: one for one in await queries.own_accounts(db, owner)}
    return rules.kind_of(out.currency, into.currency, held[into.account_id])


async def _found(db: Db, owner: UserId, transfer_id: UUID) -> TransferRow:
    row = await queries.find(db, owner, transfer_id=transfer_id)
    if row is None:
        raise TransferNotFound("There is no such transfer.")
    return row


async def _shown(db: Db, owner: UserId, rows: Sequence[TransferRow]) -> list[Transfer]:
    ids = {one for row in rows for one in (row.out_id, row.into_id, row.rival_id) if one}
    legs = {row.id: _leg(row) for row in await queries.legs(db, owner, list(ids))}
    return [
        Transfer(
            id=row.id,
            kind=TransferKind(row.kind),
            state=State(row.state),
            out=legs[row.out_id],
            into=legs[row.into_id],
            score=row.score,
            reasons=[Reason(one["fact"], one["points"]) for one in row.reasons],
            rival=None if row.rival_id is None else legs.get(row.rival_id),
            rival_side=row.rival_side,
            rival_score=row.rival_score,
            made_by=row.made_by,
            confirmed_at=row.confirmed_at,
            made_at=row.made_at,
        )
        for row in rows
    ]


def _leg(row: LegRow) -> TransferLeg:
    return TransferLeg(
        TransactionId(row.id), AccountId(row.account_id), row.account_name, row.account_mask,
        row.day, Money(row.amount, Currency(row.currency)), row.title,
    )  # fmt: skip


async def _record(
    db: Db, owner: UserId, verb: str, actor: str, transfer_id: UUID, now: datetime
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"transactions.{verb}",
        resource_type="transfer",
        resource_id=show("trf", transfer_id),
        details=None,
        now=now,
    )
    # What came into a fund or went out of it moves the days before its first report.
    await accounts.net_worth_changed(db, owner=owner)
