"""A person's own audit log as JSON under ``/api/v1``: what was done, by whom, from where.

Mounted by ``routes``; the log knows nobody, so it has no routes of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from strongroom import audit
from strongroom.core.paging import Page
from strongroom.identity.access import may
from strongroom.identity.callers import Caller

router = APIRouter(tags=["audit"])
Reader = Annotated[Caller, Depends(may("audit:read"))]


@dataclass(frozen=True, slots=True)
class EntryOut:
    """Something that was done. ``seq`` counts from 1 without a gap.

    ``actor`` is person, token:<id>, system, cli or file (an import that brought it back);
    ``action`` is <domain>.<verb>. ``hash`` (in hex) covers the row and the one before it:
    ``strongroom audit verify`` checks them.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    resource_type: str | None
    resource_id: str | None
    details: audit.Details
    ip_address: str | None
    user_agent: str | None
    hash: str

    @classmethod
    def of(cls, one: audit.Entry) -> EntryOut:
        """Return a row as it stands in answers."""
        return cls(
            seq=one.seq,
            at=one.at,
            actor=one.actor,
            action=one.action,
            resource_type=one.resource_type,
            resource_id=one.resource_id,
            details=one.details,
            ip_address=one.ip_address,
            user_agent=one.user_agent,
            hash=one.hash.hex(),
        )


@router.get("/audit", summary="What was done in your name")
async def list_entries(
    caller: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[EntryOut]:
    """Return your own audit log, newest first. Nothing in it can be changed."""
    async with caller.unit_of_work() as db:
        page = await audit.list_page(db, owner=caller.owner, before=cursor, limit=limit)
    return Page([EntryOut.of(one) for one in page.items], page.next)
