"""Splits as JSON: the parts of a transaction, put there as a whole."""

from __future__ import annotations

from decimal import InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity
from strongroom.core import ids
from strongroom.core.ids import CategoryId, TransactionId
from strongroom.core.money import BadAmount
from strongroom.core.plain import plain_number
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import splits
from strongroom.transactions.service import CategoryNotFound, categories
from strongroom.transactions.splits import Part, Split

router = APIRouter(tags=["transactions"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]


class PartOut(BaseModel):
    """One part of a transaction; ``amount`` above zero is money in."""

    position: int
    category: Annotated[CategoryId, WireId("cat")]
    category_key: str | None
    category_name: str | None
    kind: str
    amount: WireMoney
    note: str | None


class SplitOut(BaseModel):
    """A transaction's parts, none if it is whole.

    ``rest`` is what they leave of it, which stays in its own category: nothing, unless the bank
    changed the amount later.
    """

    parts: list[PartOut]
    rest: WireMoney

    @classmethod
    def of(cls, found: Split) -> SplitOut:
        """Return the parts as they stand in JSON."""
        return cls(
            parts=[
                PartOut(
                    position=one.position,
                    category=one.category_id,
                    category_key=one.category_key,
                    category_name=one.category_name,
                    kind=one.kind.value,
                    amount=one.amount,
                    note=one.note,
                )
                for one in found.parts
            ],
            rest=found.rest,
        )


class NewPart(BaseModel):
    """One part to make: its category by id or key, and its amount as text, such as "-12.50"."""

    model_config = ConfigDict(extra="forbid")

    category: str
    amount: str = Field(max_length=60)
    note: str | None = None


class NewSplit(BaseModel):
    """All parts of a transaction, which add up to it; none make it whole again."""

    model_config = ConfigDict(extra="forbid")

    parts: list[NewPart] = Field(max_length=1_000)


@router.get("/transactions/{transaction_id}/splits", summary="See a transaction's parts")
async def get_splits(caller: Reader, transaction_id: TransactionRef) -> SplitOut:
    """Return the parts of one transaction."""
    async with caller.unit_of_work() as db:
        found = await splits.split_of(db, owner=caller.owner, transaction_id=transaction_id)
    return SplitOut.of(found)


@router.put("/transactions/{transaction_id}/splits", summary="Split a transaction")
async def put_splits(caller: Writer, transaction_id: TransactionRef, wanted: NewSplit) -> SplitOut:
    """Put a transaction into parts, in place of those it had. They must add up to it."""
    async with caller.unit_of_work() as db:
        known = {
            text: one.id
            for one in await categories(db, owner=caller.owner)
            for text in (one.key, ids.show("cat", one.id))
        }
        found = await splits.split(
            db,
            owner=caller.owner,
            transaction_id=transaction_id,
            parts=[_part(number, one, known) for number, one in enumerate(wanted.parts, 1)],
            now=caller.now,
            actor=caller.actor,
        )
    return SplitOut.of(found)


@router.delete("/transactions/{transaction_id}/splits", summary="Make a transaction whole again")
async def delete_splits(caller: Writer, transaction_id: TransactionRef) -> SplitOut:
    """Take the parts away: all of it is in the transaction's own category. Safe to repeat."""
    async with caller.unit_of_work() as db:
        found = await splits.split(
            db,
            owner=caller.owner,
            transaction_id=transaction_id,
            parts=[],
            now=caller.now,
            actor=caller.actor,
        )
    return SplitOut.of(found)


def _part(number: int, told: NewPart, known: dict[str | None, CategoryId]) -> Part:
    if told.category not in known:
        raise CategoryNotFound("There is no such category.", field=f"parts.{number}.category")
    try:
        return Part(known[told.category], plain_number(told.amount), told.note)
    except InvalidOperation:
        raise BadAmount(
            "The amount must be a number as text.",
            field=f"parts.{number}.amount",
            hint='Write it as "-12.50".',
        ) from None
