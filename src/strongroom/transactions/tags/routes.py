"""Tags as JSON: list them, set those of a row, change those of many, rename, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity
from strongroom.core.ids import TransactionId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import tags
from strongroom.transactions.service import get
from strongroom.transactions.tags import Tag, TagId

router = APIRouter(tags=["tags"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TagRef = Annotated[TagId, WireId("tag")]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_MOST_ROWS = 1_000


class TagOut(BaseModel):
    """A tag of yours, and how many transactions have it."""

    id: TagRef
    name: str
    transactions: int


class TagList(BaseModel):
    """Tags by name."""

    items: list[TagOut]


class TagOnRow(BaseModel):
    """A tag on a transaction, and by whose hand: person, rule or file."""

    id: TagRef
    name: str
    tagged_by: str


class TagsOfRow(BaseModel):
    """The tags of one transaction, by name."""

    items: list[TagOnRow]

    @classmethod
    def of(cls, found: list[Tag]) -> TagsOfRow:
        """Return the tags as they stand in JSON."""
        return cls(
            items=[TagOnRow(id=one.id, name=one.name, tagged_by=one.tagged_by) for one in found]
        )


class TagNames(BaseModel):
    """Names of tags; those that are new are made."""

    model_config = ConfigDict(extra="forbid")

    tags: list[str] = Field(max_length=100)


class TagChange(BaseModel):
    """Which tags to put on transactions, and which to take off."""

    model_config = ConfigDict(extra="forbid")

    transactions: list[TransactionRef] = Field(min_length=1, max_length=_MOST_ROWS)
    add: list[str] = Field(default=[], max_length=100)
    remove: list[str] = Field(default=[], max_length=100)


class TagsChanged(BaseModel):
    """How many transactions have other tags now."""

    changed: int


class TagName(BaseModel):
    """What a tag is called."""

    model_config = ConfigDict(extra="forbid")

    name: str


@router.get("/tags", summary="List your tags")
async def list_tags(caller: Reader) -> TagList:
    """List tags by name, with how many transactions have each."""
    async with caller.unit_of_work() as db:
        found = await tags.list_tags(db, owner=caller.owner)
    return TagList(items=[TagOut(id=one.id, name=one.name, transactions=one.rows) for one in found])


@router.patch("/tags/{tag_id}", summary="Rename a tag")
async def rename_tag(caller: Writer, tag_id: TagRef, change: TagName) -> TagOut:
    """Call a tag something else on every transaction."""
    async with caller.unit_of_work() as db:
        found = await tags.rename_tag(
            db,
            owner=caller.owner,
            tag_id=tag_id,
            name=change.name,
            now=caller.now,
            actor=caller.actor,
        )
    return TagOut(id=found.id, name=found.name, transactions=found.rows)


@router.delete("/tags/{tag_id}", summary="Remove a tag")
async def remove_tag(caller: Writer, tag_id: TagRef) -> TagsChanged:
    """Delete a tag, and take it off every transaction."""
    async with caller.unit_of_work() as db:
        changed = await tags.remove_tag(
            db, owner=caller.owner, tag_id=tag_id, now=caller.now, actor=caller.actor
        )
    return TagsChanged(changed=changed)


@router.post("/transactions/tags", summary="Tag many transactions")
async def change_tags(caller: Writer, change: TagChange) -> TagsChanged:
    """Put tags on transactions and take others off: all of it or nothing. Safe to repeat."""
    async with caller.unit_of_work() as db:
        changed = await tags.change_tags(
            db,
            owner=caller.owner,
            transaction_ids=change.transactions,
            add=change.add,
            remove=change.remove,
            now=caller.now,
            actor=caller.actor,
        )
    return TagsChanged(changed=changed)


@router.get("/transactions/{transaction_id}/tags", summary="See a transaction's tags")
async def get_tags(caller: Reader, transaction_id: TransactionRef) -> TagsOfRow:
    """Return the tags of one transaction."""
    async with caller.unit_of_work() as db:
        await get(db, owner=caller.owner, transaction_id=transaction_id)
        found = await tags.tags_of(db, owner=caller.owner, transaction_ids=[transaction_id])
    return TagsOfRow.of(list(found.get(transaction_id, [])))


@router.put("/transactions/{transaction_id}/tags", summary="Set a transaction's tags")
async def set_tags(caller: Writer, transaction_id: TransactionRef, wanted: TagNames) -> TagsOfRow:
    """Let a transaction have exactly these tags."""
    async with caller.unit_of_work() as db:
        found = await tags.set_tags(
            db,
            owner=caller.owner,
            transaction_id=transaction_id,
            names=wanted.tags,
            now=caller.now,
            actor=caller.actor,
        )
    return TagsOfRow.of(list(found))
