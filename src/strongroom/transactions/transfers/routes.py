"""Transfers as JSON under ``/api/v1``: list, look, confirm, reject, link two rows, take it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.paging import Page, decode_cursor, encode_cursor
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import transfers
from strongroom.transactions.transfers import Reason, State, Transfer, TransferLeg

router = APIRouter(tags=["transfers"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransferRef = Annotated[UUID, WireId("trf")]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_ORDER = "transfers"


class LegOut(BaseModel):
    """One leg: a transaction of yours. ``amount`` above zero is money in."""

    id: TransactionRef
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    day: date
    amount: WireMoney
    title: str

    @classmethod
    def of(cls, leg: TransferLeg) -> LegOut:
        """Return the leg as it stands in JSON."""
        return cls(
            id=leg.id,
            account=leg.account_id,
            account_name=leg.account_name,
            day=leg.day,
            amount=leg.amount,
            title=leg.title,
        )


class ReasonOut(BaseModel):
    """What spoke for a pair, or with points below zero against it."""

    fact: str
    points: int

    @classmethod
    def of(cls, one: Reason) -> ReasonOut:
        """Return the reason as it stands in JSON."""
        return cls(fact=one.fact, points=one.points)


class TransferOut(BaseModel):
    """A movement between two of your accounts.

    ``matched``: it counts as neither income nor spending; ``proposed``: you are asked. ``rival`` is
    the best that was passed over for the leg ``rival_side`` names, with its score.
    """

    id: TransferRef
    kind: str
    state: str
    out: LegOut
    into: LegOut
    score: int
    reasons: list[ReasonOut]
    rival: LegOut | None
    rival_side: str | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None

    @classmethod
    def of(cls, one: Transfer) -> TransferOut:
        """Return the transfer as it stands in JSON."""
        return cls(
            id=one.id,
            kind=one.kind,
            state=one.state,
            out=LegOut.of(one.out),
            into=LegOut.of(one.into),
            score=one.score,
            reasons=[ReasonOut.of(reason) for reason in one.reasons],
            rival=None if one.rival is None else LegOut.of(one.rival),
            rival_side=one.rival_side,
            rival_score=one.rival_score,
            made_by=one.made_by,
            confirmed_at=one.confirmed_at,
        )


class TransferLegs(BaseModel):
    """The two transactions that are one transfer, in either order."""

    model_config = ConfigDict(extra="forbid")

    one: TransactionRef
    other: TransactionRef


class RejectedTransfer(BaseModel):
    """Two transactions of which you said that they are no transfer: what left and what arrived."""

    model_config = ConfigDict(extra="forbid")

    out: TransactionRef
    into: TransactionRef


@router.get("/transfers", summary="List transfers between your accounts")
async def list_transfers(
    caller: Reader,
    state: Annotated[State, Query()] = State.MATCHED,
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[TransferOut]:
    """List transfers, the newest first by the day the money left."""
    place = decode_cursor(_ORDER, after, date, UUID, field="after") if after else None
    async with caller.unit_of_work() as db:
        found = await transfers.list_newest(
            db, owner=caller.owner, state=state, after=place, limit=limit
        )
    last = found[-1] if len(found) == limit else None
    cursor = None if last is None else encode_cursor(_ORDER, last.out.day, last.id)
    return Page([TransferOut.of(one) for one in found], cursor)


@router.get("/transfers/{transfer_id}", summary="Look at one transfer")
async def get_transfer(caller: Reader, transfer_id: TransferRef) -> TransferOut:
    """Return one transfer, with why it was matched."""
    async with caller.unit_of_work() as db:
        return TransferOut.of(await transfers.get(db, owner=caller.owner, transfer_id=transfer_id))


@router.post("/transfers", status_code=201, summary="Make two transactions one transfer")
async def link_transfer(caller: Writer, asked: AskedOnce, legs: TransferLegs) -> TransferOut:
    """Link two transactions of different accounts: one leaves, the other arrives."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        made = await transfers.link(
            db,
            owner=caller.owner,
            transaction_ids=(legs.one, legs.other),
            now=caller.now,
            actor=caller.actor,
        )
        return turn.answer(TransferOut.of(made), status=201)  # type: ignore[return-value]


@router.post("/transfers/ask-again", summary="Take back that two are no transfer")
async def ask_again(caller: Writer, pair: RejectedTransfer) -> TransferOut:
    """Forget a rejection: the two are matched again."""
    async with caller.unit_of_work() as db:
        return TransferOut.of(
            await transfers.ask_again(
                db,
                owner=caller.owner,
                pair=(pair.out, pair.into),
                now=caller.now,
                actor=caller.actor,
            )
        )


@router.post("/transfers/{transfer_id}/confirm", summary="Say that it is a transfer")
async def confirm_transfer(caller: Writer, transfer_id: TransferRef) -> TransferOut:
    """Confirm a transfer: no match changes it any more."""
    async with caller.unit_of_work() as db:
        return TransferOut.of(
            await transfers.confirm(
                db, owner=caller.owner, transfer_id=transfer_id, now=caller.now,
                actor=caller.actor,
            )
        )  # fmt: skip


@router.post("/transfers/{transfer_id}/reopen", status_code=204,
             summary="Take your word on a transfer back")  # fmt: skip
async def reopen_transfer(caller: Writer, transfer_id: TransferRef) -> None:
    """Take a confirmation or a link of yours back: its rows are matched anew."""
    async with caller.unit_of_work() as db:
        await transfers.reopen(
            db, owner=caller.owner, transfer_id=transfer_id, now=caller.now, actor=caller.actor
        )


@router.delete("/transfers/{transfer_id}", status_code=204, summary="Say that it is none")
async def reject_transfer(caller: Writer, transfer_id: TransferRef) -> None:
    """Reject a transfer: remembered, and both rows count again."""
    async with caller.unit_of_work() as db:
        await transfers.reject(
            db, owner=caller.owner, transfer_id=transfer_id, now=caller.now, actor=caller.actor
        )
