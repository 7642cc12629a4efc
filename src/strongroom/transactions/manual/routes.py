"""A person's own hand as JSON: write down, change, delete, undo, history, and what is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from strongroom import transactions
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import AccountId, new_id
from strongroom.core.wire import WireId, WireMoney
from strongroom.transactions import manual
from strongroom.transactions.manual import Act, EntryChange, NewEntry, Proposal, RowChange
from strongroom.transactions.wire import (
    Reader,
    TransactionOut,
    TransactionRef,
    Writer,
    filter_of,
    find_category,
)

router = APIRouter()

EditRef = Annotated[UUID, WireId("edt")]
ProposalRef = Annotated[UUID, WireId("mrg")]
AccountRef = Annotated[AccountId, WireId("acc")]


_CHANGES = ("category", "merchant", "note", "reviewed")


class NothingMeant(Refused):
    """Neither rows nor a filter were given, or both; or both a change and to delete."""


class NewTransaction(BaseModel):
    """A transaction to write down. ``amount`` above zero is money in, in the account's currency.

    ``category`` is an id or a default one's key; without one it waits to be sorted.
    """

    model_config = ConfigDict(extra="forbid")

    account: AccountRef
    day: date
    amount: WireMoney
    text: str
    category: str | None = None
    note: str = ""


class TransactionChange(BaseModel):
    """What to change; what is left out stays. ``category`` is an id or a default one's key.

    An empty ``merchant`` or ``note`` clears it; without a merchant of yours, the bank's stands.
    ``account``, ``day``, ``amount`` and ``text`` can be changed of what you wrote yourself.
    """

    model_config = ConfigDict(extra="forbid")

    category: str | None = None
    merchant: str | None = None
    note: str | None = None
    reviewed: bool | None = None
    account: AccountRef | None = None
    day: date | None = None
    amount: WireMoney | None = None
    text: str | None = None


class FilterIn(BaseModel):
    """Which rows: each part narrows."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=200)] = ""
    category: str = ""
    account: str = ""
    since: date | None = None
    until: date | None = None
    to_review: bool = False
    pending: bool | None = None
    tag: str = ""


class ManyChange(BaseModel):
    """What to change of many rows as one act: of ``ids``, or of all that ``filter`` finds.

    ``filter`` has the names that a search has in its address, such as ``{"q": "kiosk"}``.
    """

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[TransactionRef], Field(max_length=manual.MOST_AT_ONCE)] = []
    filter: FilterIn | None = None
    category: str | None = None
    merchant: str | None = None
    note: str | None = None
    reviewed: bool | None = None
    delete: bool = False


class EditOut(BaseModel):
    """One act: how many rows it changed, and its id, to undo it by."""

    edit: EditRef
    changed: int


class Written(BaseModel):
    """What was written down, and the act to undo."""

    transaction: TransactionOut
    edit: EditRef


class HistoryOut(BaseModel):
    """One change of a row. ``cause``: sync, file, person, rule, match or upkeep.

    ``before`` and ``after`` hold the facts that changed; none where the row was made or went.
    """

    at: datetime
    cause: str
    edit: EditRef | None
    undone: bool
    can_be_undone: bool
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


class HistoryList(BaseModel):
    """A row's changes, the last first."""

    items: list[HistoryOut]


class ActOut(BaseModel):
    """One act of yours. ``verb``: added, deleted or changed; ``fields``: what it changed."""

    edit: EditRef
    at: datetime
    rows: int
    verb: str
    fields: Sequence[str]
    title: str | None
    undone: bool

    @classmethod
    def of(cls, act: Act) -> ActOut:
        """Return the act as it stands in JSON."""
        return cls(
            edit=act.id,
            at=act.at,
            rows=act.rows,
            verb=act.verb,
            fields=act.fields,
            title=act.title,
            undone=act.undone,
        )


class ActList(BaseModel):
    """Your newest acts, the last first."""

    items: list[ActOut]


class ProposalOut(BaseModel):
    """Something you wrote and a bank's row that may be one, of 100, and why.

    ``rival`` is the next best of the bank's rows for it.
    """

    id: ProposalRef
    written: TransactionRef
    told: TransactionRef
    score: int
    days_apart: int
    same_amount: bool
    text_likeness: int
    rival: TransactionRef | None
    rival_score: int | None

    @classmethod
    def of(cls, one: Proposal) -> ProposalOut:
        """Return the question as it stands in JSON."""
        return cls(
            id=one.id,
            written=one.entry_id,
            told=one.bank_id,
            score=one.score,
            days_apart=one.reason.days,
            same_amount=one.reason.same_amount,
            text_likeness=one.reason.text,
            rival=one.rival_id,
            rival_score=one.rival_score,
        )


class ProposalList(BaseModel):
    """What is asked, the likeliest first."""

    items: list[ProposalOut]


@router.post("/transactions", status_code=201, summary="Write a transaction down")
async def add_transaction(caller: Writer, new: NewTransaction, asked: AskedOnce) -> Written:
    """Write down what no bank or file told. Takes an Idempotency-Key."""
    owner, now = caller.owner, caller.now
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=owner, now=now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        category = None if new.category is None else await find_category(db, caller, new.category)
        made, edit = await manual.add(
            db,
            owner=owner,
            new=NewEntry(new.account, new.day, new.amount, new.text, category, new.note),
            now=now,
            actor=caller.actor,
        )
        await manual.look_at(db, owner=owner, transaction_id=made, account_id=new.account, now=now)
        told = await transactions.get(db, owner=owner, transaction_id=made)
        written = Written(transaction=TransactionOut.of(told), edit=edit.id)
        return turn.answer(written, status=201)  # type: ignore[return-value]


@router.patch("/transactions/{transaction_id}", summary="Categorise, name, note, review or correct")
async def change_transaction(
    caller: Writer, transaction_id: TransactionRef, change: TransactionChange
) -> TransactionOut:
    """Change what is given: all of it or nothing, as one act. Syncs never overwrite it."""
    owner, now, actor, edit_id = caller.owner, caller.now, caller.actor, new_id()
    facts = EntryChange(change.account, change.day, change.amount, change.text)
    async with caller.unit_of_work() as db:
        await transactions.get(db, owner=owner, transaction_id=transaction_id)
        if facts != EntryChange():
            await manual.change_entry(
                db,
                owner=owner,
                transaction_id=transaction_id,
                change=facts,
                now=now,
                actor=actor,
                edit_id=edit_id,
            )
        await manual.change(
            db,
            owner=owner,
            transaction_ids=[transaction_id],
            change=await _row_change(db, caller, change),
            now=now,
            actor=actor,
            edit_id=edit_id,
        )
        return TransactionOut.of(
            await transactions.get(db, owner=owner, transaction_id=transaction_id)
        )


@router.delete("/transactions/{transaction_id}", summary="Delete what you wrote")
async def delete_transaction(caller: Writer, transaction_id: TransactionRef) -> EditOut:
    """Delete a transaction that you wrote down; for 90 days it can be undone."""
    async with caller.unit_of_work() as db:
        edit = await manual.delete(
            db,
            owner=caller.owner,
            transaction_ids=[transaction_id],
            now=caller.now,
            actor=caller.actor,
        )
    return EditOut(edit=edit.id, changed=edit.changed)


@router.post("/transactions/bulk", summary="Change many transactions at once")
async def change_many(caller: Writer, change: ManyChange) -> EditOut:
    """Change at most 10,000 rows as one act, which is undone as one. All of it or nothing.

    Rows that are split keep the category they had: their parts say what they were for.
    """
    owner, now, actor = caller.owner, caller.now, caller.actor
    if bool(change.ids) == (change.filter is not None):
        raise NothingMeant("Give either ids or a filter.", field="ids")
    set_too = [name for name in _CHANGES if getattr(change, name) is not None]
    if change.delete and set_too:
        raise NothingMeant(
            f"Rows that are deleted have no {set_too[0]} to change: give one or the other.",
            field="delete",
        )
    async with caller.unit_of_work() as db:
        rows = change.ids
        if change.filter is not None:
            wanted = filter_of(**change.filter.model_dump())
            rows = await manual.ids_of(db, owner=owner, filter=wanted)
        if change.delete:
            edit = await manual.delete(db, owner=owner, transaction_ids=rows, now=now, actor=actor)
        else:
            edit = await manual.change(
                db,
                owner=owner,
                transaction_ids=rows,
                change=await _row_change(db, caller, change),
                now=now,
                actor=actor,
            )
    return EditOut(edit=edit.id, changed=edit.changed)


@router.get("/transactions/changes", summary="What you changed lately")
async def list_changes(caller: Reader) -> ActList:
    """List your newest acts of the last 90 days."""
    async with caller.unit_of_work() as db:
        found = await manual.acts(db, owner=caller.owner, now=caller.now)
    return ActList(items=[ActOut.of(act) for act in found])


@router.post("/transactions/changes/{edit_id}/undo", summary="Undo a change")
async def undo_change(caller: Writer, edit_id: EditRef) -> EditOut:
    """Take an act back; rows that were changed again since are left as they are."""
    async with caller.unit_of_work() as db:
        edit = await manual.undo(
            db, owner=caller.owner, edit_id=edit_id, now=caller.now, actor=caller.actor
        )
    return EditOut(edit=edit.id, changed=edit.changed)


@router.get("/transactions/same", summary="What you wrote that a bank may have told")
async def list_same(caller: Reader) -> ProposalList:
    """List what you wrote down and the bank's row that it may be."""
    async with caller.unit_of_work() as db:
        found = await manual.proposals(db, owner=caller.owner)
    return ProposalList(items=[ProposalOut.of(one) for one in found])


@router.post("/transactions/same/{proposal_id}/confirm", summary="Say that the two are one")
async def confirm_same(caller: Writer, proposal_id: ProposalRef) -> EditOut:
    """Make one transaction of the two: what the bank says, and what you chose."""
    async with caller.unit_of_work() as db:
        _, edit = await manual.confirm(
            db, owner=caller.owner, proposal_id=proposal_id, now=caller.now, actor=caller.actor
        )
    return EditOut(edit=edit.id, changed=edit.changed)


@router.post("/transactions/same/{proposal_id}/reject", summary="Say that the two are two")
async def reject_same(caller: Writer, proposal_id: ProposalRef) -> ProposalOut:
    """Keep the two apart; it is not asked again."""
    async with caller.unit_of_work() as db:
        told = await manual.reject(
            db, owner=caller.owner, proposal_id=proposal_id, now=caller.now, actor=caller.actor
        )
    return ProposalOut.of(told)


@router.get("/transactions/{transaction_id}/history", summary="What happened to a transaction")
async def get_history(caller: Reader, transaction_id: TransactionRef) -> HistoryList:
    """List what changed of it since it came, by whose hand."""
    async with caller.unit_of_work() as db:
        await transactions.get(db, owner=caller.owner, transaction_id=transaction_id)
        found = await manual.history(db, owner=caller.owner, transaction_id=transaction_id)
    return HistoryList(
        items=[
            HistoryOut(
                at=line.at,
                cause=line.cause,
                edit=line.edit_id,
                undone=line.undone,
                can_be_undone=manual.can_be_undone(line),
                before=_shown(line.before),
                after=_shown(line.after),
            )
            for line in found
        ]
    )


async def _row_change(db: Db, caller: Writer, change: TransactionChange | ManyChange) -> RowChange:
    category = change.category
    return RowChange(
        category_id=None if category is None else await find_category(db, caller, category),
        merchant=change.merchant,
        note=change.note,
        reviewed=change.reviewed,
    )


def _shown(facts: Mapping[str, object] | None) -> dict[str, object] | None:
    """Return a journal's facts with ids as they are shown outside."""
    if facts is None:
        return None
    prefixes = {"account_id": "acc", "category_id": "cat", "transfer_id": "trf"}
    return {
        name: ids.show(prefixes[name], UUID(str(value))) if name in prefixes and value else value
        for name, value in facts.items()
    }
