"""Payments that come again and again, as JSON under ``/api/v1``."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import accounts, identity, transactions
from strongroom.core.ids import AccountId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import RecurringStream

router = APIRouter(tags=["transactions"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]


class RecurringOut(BaseModel):
    """One stream; amounts above zero are money in. ``next_on`` is the provider's guess."""

    id: UUID
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    description: str
    merchant: str | None
    category: str | None
    frequency: str
    status: str
    active: bool
    first_on: date | None
    last_on: date | None
    next_on: date | None
    average: WireMoney | None
    last: WireMoney | None

    @classmethod
    def of(cls, one: RecurringStream) -> RecurringOut:
        """Return the stream as it stands in JSON."""
        return cls(
            id=one.id,
            account=one.account_id,
            account_name=one.account_name,
            description=one.description,
            merchant=one.merchant,
            category=one.category_key,
            frequency=one.frequency,
            status=one.status,
            active=one.is_active,
            first_on=one.first_on,
            last_on=one.last_on,
            next_on=one.next_on,
            average=one.average,
            last=one.last,
        )


class RecurringList(BaseModel):
    """Streams, active ones first, then by the day that is next."""

    items: list[RecurringOut]


@router.get("/transactions/recurring", summary="What comes again and again")
async def list_recurring(
    caller: Reader,
    account: Annotated[Annotated[AccountId, WireId("acc")] | None, Query()] = None,
) -> RecurringList:
    """List recurring payments as your banks' provider sees them, of one account or of all."""
    async with caller.unit_of_work() as db:
        if account is not None:
            await accounts.get(db, owner=caller.owner, account_id=account)
        found = await transactions.recurring_streams(db, owner=caller.owner, account_id=account)
    return RecurringList(items=[RecurringOut.of(one) for one in found])
