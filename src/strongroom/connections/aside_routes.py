"""What is kept aside of a bank's answers, as JSON under ``/api/v1``: look at it, let it be.

Mounted by ``routes``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from strongroom import connections, identity
from strongroom.connections import SetAside
from strongroom.core.ids import ItemId
from strongroom.core.paging import Page
from strongroom.core.wire import WireId
from strongroom.identity.access import may

router = APIRouter(tags=["connections"])

Reader = Annotated[identity.Caller, Depends(may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(may("connections:write"))]
ItemRef = Annotated[ItemId, WireId("itm")]
AsideRef = Annotated[UUID, WireId("asd")]


class AsideOut(BaseModel):
    """Something a bank told that could not be taken in, and why.

    ``kind``: transaction, removal, account, balance, holding, liability or stream. The texts
    between ``reason`` and ``raw`` are as the bank wrote them, null where it does not say;
    ``amount`` has our sign, positive for money in. ``raw`` is all of it, word for word.
    """

    id: AsideRef
    connection: ItemRef
    kind: str
    reason: str
    description: str | None
    amount: str | None
    currency: str | None
    day: str | None
    raw: str
    first_seen_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, one: SetAside) -> AsideOut:
        """Return it as it stands in JSON."""
        told = connections.told_of(one)
        return cls(
            id=one.id,
            connection=one.item_id,
            kind=one.kind,
            reason=one.why,
            description=told.description,
            amount=told.amount,
            currency=told.currency,
            day=told.day,
            raw=one.raw,
            first_seen_at=one.first_seen_at,
            last_seen_at=one.last_seen_at,
        )


@router.get("/connections/{item_id}/aside", summary="What is kept aside of a bank's answers")
async def list_aside(
    caller: Reader,
    item_id: ItemRef,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[AsideOut]:
    """List what could not be taken in as it came, oldest first; the rest went in.

    It goes from this list by itself once the bank tells it well, or takes it back.
    """
    async with caller.unit_of_work() as db:
        await connections.get_item(db, owner=caller.owner, item_id=item_id)
        page = await connections.set_aside(
            db, owner=caller.owner, item_id=item_id, after=cursor, limit=limit
        )
    return Page([AsideOut.of(one) for one in page.items], page.next)


@router.post(
    "/connections/{item_id}/aside/{aside_id}/dismiss", status_code=204, summary="Let a row be"
)
async def dismiss(caller: Writer, item_id: ItemRef, aside_id: AsideRef) -> None:
    """List it no more, unless the bank tells it in another bad way. Safe to repeat."""
    async with caller.unit_of_work() as db:
        await connections.get_item(db, owner=caller.owner, item_id=item_id)
        await connections.dismiss(db, owner=caller.owner, row_id=aside_id, now=caller.now)
