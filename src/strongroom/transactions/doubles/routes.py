"""Likely doubles as JSON under ``/api/v1``: list, merge two into one, keep both, ask again."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core.ids import AccountId, TransactionId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import doubles
from strongroom.transactions.doubles import Double, DoubleRow

router = APIRouter(tags=["doubles"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
DoubleRef = Annotated[UUID, WireId("dbl")]
TransactionRef = Annotated[TransactionId, WireId("trn")]


class DoubleRowOut(BaseModel):
    """One of the two. ``origin`` is who told it: bank, file or manual."""

    id: TransactionRef
    day: date
    title: str
    origin: str

    @classmethod
    def of(cls, row: DoubleRow) -> DoubleRowOut:
        """Return the row as it stands in JSON."""
        return cls(id=row.id, day=row.day, title=row.title, origin=row.origin)


class DoubleOut(BaseModel):
    """Two rows that may be one event. ``kept`` is the one that stays if you merge them."""

    id: DoubleRef
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    amount: WireMoney
    row: DoubleRowOut
    kept: DoubleRowOut
    score: int
    days: int

    @classmethod
    def of(cls, one: Double) -> DoubleOut:
        """Return the question as it stands in JSON."""
        return cls(
            id=one.id,
            account=one.account_id,
            account_name=one.account_name,
            amount=one.amount,
            row=DoubleRowOut.of(one.row),
            kept=DoubleRowOut.of(one.kept),
            score=one.score,
            days=one.days,
        )


class DoubleList(BaseModel):
    """What you are asked, the newest day first."""

    items: list[DoubleOut]


class MergedOut(BaseModel):
    """The transaction that is left, and the change to take back (``edt_…``)."""

    transaction: TransactionRef
    edit: Annotated[UUID, WireId("edt")]


class KeptApart(BaseModel):
    """Two transactions of which you said that they are two."""

    model_config = ConfigDict(extra="forbid")

    row: TransactionRef
    kept: TransactionRef


@router.get("/doubles", summary="List rows that may be told twice")
async def list_doubles(
    caller: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> DoubleList:
    """List pairs of rows of two sources that may be one event. Nothing is merged by itself."""
    async with caller.unit_of_work() as db:
        found = await doubles.list_asked(db, owner=caller.owner, limit=limit)
    return DoubleList(items=[DoubleOut.of(one) for one in found])


@router.post("/doubles/ask-again", status_code=204, summary="Take back that two are two")
async def ask_again(caller: Writer, pair: KeptApart) -> None:
    """Forget that two rows are two: they are asked about again."""
    async with caller.unit_of_work() as db:
        await doubles.ask_again(db, owner=caller.owner, pair=(pair.row, pair.kept), now=caller.now)


@router.post("/doubles/{double_id}/merge", summary="Make one row of two")
async def merge_double(caller: Writer, double_id: DoubleRef) -> MergedOut:
    """Merge two rows: one stays, with what you made of either."""
    async with caller.unit_of_work() as db:
        left, edit = await doubles.merge(
            db, owner=caller.owner, double_id=double_id, now=caller.now, actor=caller.actor
        )
    return MergedOut(transaction=left, edit=edit)


@router.delete("/doubles/{double_id}", status_code=204, summary="Say that two are two")
async def keep_both(caller: Writer, double_id: DoubleRef) -> None:
    """Keep both rows; they are not asked about again."""
    async with caller.unit_of_work() as db:
        await doubles.reject(
            db, owner=caller.owner, double_id=double_id, now=caller.now, actor=caller.actor
        )
