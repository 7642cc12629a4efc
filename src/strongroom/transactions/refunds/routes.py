"""Refunds as JSON under ``/api/v1``: list, confirm, reject, link to a purchase, take it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import TransactionId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import refunds
from strongroom.transactions.refunds import Refund, RefundRow
from strongroom.transactions.transfers import State
from strongroom.transactions.transfers.routes import ReasonOut

router = APIRouter(tags=["refunds"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
RefundRef = Annotated[UUID, WireId("rfd")]
TransactionRef = Annotated[TransactionId, WireId("trn")]


class RefundRowOut(BaseModel):
    """A transaction of yours. ``amount`` above zero is money in."""

    id: TransactionRef
    day: date
    amount: WireMoney
    title: str
    account_name: str

    @classmethod
    def of(cls, row: RefundRow) -> RefundRowOut:
        """Return the row as it stands in JSON."""
        return cls(
            id=row.id,
            day=row.day,
            amount=row.amount,
            title=row.title,
            account_name=row.account_name,
        )


class RefundOut(BaseModel):
    """Money that came back and its purchase. ``proposed``: you are asked.

    ``rival`` is another purchase that it might be for, with its score.
    """

    id: RefundRef
    state: str
    refund: RefundRowOut
    purchase: RefundRowOut
    score: int
    reasons: list[ReasonOut]
    rival: RefundRowOut | None
    rival_score: int | None
    made_by: str
    confirmed_at: datetime | None

    @classmethod
    def of(cls, one: Refund) -> RefundOut:
        """Return the refund as it stands in JSON."""
        return cls(
            id=one.id,
            state=one.state,
            refund=RefundRowOut.of(one.refund),
            purchase=RefundRowOut.of(one.purchase),
            score=one.score,
            reasons=[ReasonOut.of(reason) for reason in one.reasons],
            rival=None if one.rival is None else RefundRowOut.of(one.rival),
            rival_score=one.rival_score,
            made_by=one.made_by,
            confirmed_at=one.confirmed_at,
        )


class RefundList(BaseModel):
    """Refunds, the newest first."""

    items: list[RefundOut]


class RefundPair(BaseModel):
    """Money that came in, and the purchase it came back for."""

    model_config = ConfigDict(extra="forbid")

    refund: TransactionRef
    purchase: TransactionRef


@router.get("/refunds", summary="List refunds and their purchases")
async def list_refunds(
    caller: Reader,
    state: Annotated[State, Query()] = State.MATCHED,
    transaction: Annotated[TransactionRef | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RefundList:
    """List refunds of a state, or those of one transaction on either side."""
    async with caller.unit_of_work() as db:
        if transaction is not None:
            found = await refunds.of_row(db, owner=caller.owner, transaction_id=transaction)
        else:
            found = await refunds.list_newest(db, owner=caller.owner, state=state, limit=limit)
    return RefundList(items=[RefundOut.of(one) for one in found])


@router.post("/refunds", status_code=201, summary="Link a refund to its purchase")
async def link_refund(caller: Writer, asked: AskedOnce, pair: RefundPair) -> RefundOut:
    """Say what money came back for."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        made = await refunds.link(
            db,
            owner=caller.owner,
            refund=pair.refund,
            purchase=pair.purchase,
            now=caller.now,
            actor=caller.actor,
        )
        return turn.answer(RefundOut.of(made), status=201)  # type: ignore[return-value]


@router.post("/refunds/ask-again", summary="Take back that it is no refund of a purchase")
async def ask_again(caller: Writer, pair: RefundPair) -> RefundOut:
    """Forget a rejection: the two are linked again."""
    async with caller.unit_of_work() as db:
        return RefundOut.of(
            await refunds.ask_again(
                db,
                owner=caller.owner,
                pair=(pair.refund, pair.purchase),
                now=caller.now,
                actor=caller.actor,
            )
        )


@router.post("/refunds/{refund_id}/confirm", summary="Say that it is its refund")
async def confirm_refund(caller: Writer, refund_id: RefundRef) -> RefundOut:
    """Confirm a refund: no match changes it any more."""
    async with caller.unit_of_work() as db:
        return RefundOut.of(
            await refunds.confirm(
                db, owner=caller.owner, refund_id=refund_id, now=caller.now, actor=caller.actor
            )
        )


@router.post("/refunds/{refund_id}/reopen", status_code=204,
             summary="Take your word on a refund back")  # fmt: skip
async def reopen_refund(caller: Writer, refund_id: RefundRef) -> None:
    """Take a confirmation or a link of yours back: the refund is matched anew."""
    async with caller.unit_of_work() as db:
        await refunds.reopen(
            db, owner=caller.owner, refund_id=refund_id, now=caller.now, actor=caller.actor
        )


@router.delete("/refunds/{refund_id}", status_code=204, summary="Say that it is not its refund")
async def reject_refund(caller: Writer, refund_id: RefundRef) -> None:
    """Reject a refund: remembered."""
    async with caller.unit_of_work() as db:
        await refunds.reject(
            db, owner=caller.owner, refund_id=refund_id, now=caller.now, actor=caller.actor
        )
