"""Attachments as JSON, and their content as it was brought: list, attach, fetch, remove."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from strongroom import identity
from strongroom.core import ids
from strongroom.core.ids import TransactionId
from strongroom.core.vault import Vault
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import attachments
from strongroom.transactions.attachments import Attachment, AttachmentId, Opened
from strongroom.transactions.attachments.upload import received
from strongroom.transactions.service import get

router = APIRouter(tags=["transactions"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
AttachmentRef = Annotated[AttachmentId, WireId("att")]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class AttachmentOut(BaseModel):
    """A file on a transaction. ``size`` is in bytes, ``media_type`` what was found in it."""

    id: AttachmentRef
    transaction: TransactionRef
    name: str
    media_type: str
    size: int
    created_at: datetime

    @classmethod
    def of(cls, one: Attachment) -> AttachmentOut:
        """Return the attachment as it stands in JSON."""
        return cls(
            id=one.id,
            transaction=one.transaction_id,
            name=one.name,
            media_type=one.media_type,
            size=one.size,
            created_at=one.created_at,
        )


class AttachmentList(BaseModel):
    """What is attached to a transaction, oldest first."""

    items: list[AttachmentOut]


@router.get("/transactions/{transaction_id}/attachments", summary="List what is attached")
async def list_attachments(caller: Reader, transaction_id: TransactionRef) -> AttachmentList:
    """List what is attached to a transaction."""
    async with caller.unit_of_work() as db:
        await get(db, owner=caller.owner, transaction_id=transaction_id)
        found = await attachments.attachments_of(
            db, owner=caller.owner, transaction_ids=[transaction_id]
        )
    return AttachmentList(items=[AttachmentOut.of(one) for one in found])


@router.post("/attachments", status_code=201, summary="Attach a file", openapi_extra=_BODY)
async def attach(
    request: Request,
    caller: Writer,
    transaction: Annotated[str, Query(description="trn_…")],
    name: Annotated[str, Query(description="What it is called, if it is the body")] = "",
) -> AttachmentOut:
    """Attach a picture, a PDF or plain text, of at most 10 MiB, to a transaction.

    As a form with the field ``file``, or as the body. It is stored encrypted.
    """
    upload = await received(request, caller)
    async with caller.unit_of_work() as db:
        found = await attachments.attach(
            db,
            vault_of(request),
            owner=caller.owner,
            transaction_id=TransactionId(ids.parse("trn", transaction)),
            name=upload.name or name,
            content=upload.content,
            now=caller.now,
            actor=caller.actor,
        )
    return AttachmentOut.of(found)


@router.get(
    "/attachments/{attachment_id}",
    summary="Fetch what is attached",
    response_class=Response,
    responses={200: {"description": "The file, as it was brought.", "content": {"*/*": {}}}},
)
async def fetch(request: Request, caller: Reader, attachment_id: AttachmentRef) -> Response:
    """Return the file itself."""
    async with caller.unit_of_work() as db:
        found = await attachments.open_attachment(
            db, vault_of(request), owner=caller.owner, attachment_id=attachment_id
        )
    return sent(found)


@router.delete("/attachments/{attachment_id}", status_code=204, summary="Remove what is attached")
async def detach(caller: Writer, attachment_id: AttachmentRef) -> None:
    """Delete an attachment for good."""
    async with caller.unit_of_work() as db:
        await attachments.detach(
            db,
            owner=caller.owner,
            attachment_id=attachment_id,
            now=caller.now,
            actor=caller.actor,
        )


def sent(found: Opened) -> Response:
    """Return a file to be saved: no browser opens it as a page of ours, whatever is in it."""
    one = found.attachment
    return Response(
        found.content,
        media_type=one.media_type + ("; charset=utf-8" if one.media_type == "text/plain" else ""),
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def vault_of(request: Request) -> Vault:
    """Return the vault of the process that serves a request."""
    found: Vault = request.app.state.services.vault
    return found
