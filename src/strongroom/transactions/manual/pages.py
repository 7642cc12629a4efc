"""Pages of a person's own hand: write a transaction down, delete it, undo, answer what is the same.

Changing one row is the transaction's own page (``transactions.pages``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import accounts, identity, transactions, ui
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import TransactionId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import manual
from strongroom.transactions.labels import category_label, grouped
from strongroom.transactions.manual import forms
from strongroom.transactions.manual.telling import act_facts, act_title
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
EditRef = Annotated[UUID, WireId("edt")]
ProposalRef = Annotated[UUID, WireId("mrg")]


@router.get("/transactions/new")
async def new(request: Request, caller: Reader, account: str = "") -> HTMLResponse:
    """Show the form for a transaction that a person writes down."""
    typed = {"account": account, "day": caller.today.isoformat(), "direction": "out"}
    return await _form(request, caller, typed)


@router.post("/transactions/new")
async def add(
    request: Request,
    caller: Writer,
    text: Annotated[str, Form()] = "",
    direction: Annotated[str, Form()] = "out",
    amount: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    account: Annotated[str, Form()] = "",
    category: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Store it, or show the form again with what is wrong and everything that was typed."""
    typed = {
        "text": text, "direction": direction, "amount": amount, "day": day, "account": account,
        "category": category, "note": note,
    }  # fmt: skip
    owner, now = caller.owner, caller.now
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                entry = forms.read_new(typed, await accounts.list_all(db, owner=owner))
                made, edit = await manual.add(
                    db, owner=owner, new=entry, now=now, actor=caller.actor
                )
                await manual.look_at(
                    db, owner=owner, transaction_id=made, account_id=entry.account_id, now=now
                )
                asked = await manual.proposals(db, owner=owner, transaction_id=made)
        except StrongroomError as problem:
            return await _form(request, caller, typed, problem)
        toast = ui.gettext(
            "%(title)s is written down: %(amount)s.",
            title=" ".join(text.split()),
            amount=ui.money(entry.amount, sign=True),
        )
    # What the bank may have told already is asked about at once.
    to = f"/transactions/{ids.show('trn', made)}" if asked else "/transactions"
    return redirect(to, toast=toast, undo=undo_address(edit, "/transactions"))


@router.post("/transactions/{transaction_id}/delete")
async def delete(
    request: Request, caller: Writer, transaction_id: TransactionRef
) -> RedirectResponse:
    """Delete an entry; the toast brings it back."""
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                row = await transactions.get(db, owner=caller.owner, transaction_id=transaction_id)
                edit = await manual.delete(
                    db,
                    owner=caller.owner,
                    transaction_ids=[transaction_id],
                    now=caller.now,
                    actor=caller.actor,
                )
        except manual.NotAnEntry as problem:
            back = f"/transactions/{ids.show('trn', transaction_id)}"
            return redirect(back, toast=problem.message)
        toast = ui.gettext("%(title)s is deleted.", title=row.title)
    return redirect("/transactions", toast=toast, undo=undo_address(edit, "/transactions"))


@router.get("/transactions/changes")
async def show_changes(request: Request, caller: Reader) -> HTMLResponse:
    """Show what the person did lately, each with a button that takes it back."""
    async with caller.unit_of_work() as db:
        acts = await manual.acts(db, owner=caller.owner, now=caller.now)
        held = await accounts.list_all(db, owner=caller.owner)
        known = await transactions.categories(db, owner=caller.owner)
    with ui.using(request.state.preferences):
        lines = [
            (act, act_title(act), ids.show("edt", act.id), act_facts(act, held, known))
            for act in acts
        ]
    return render(request, "transactions/changes.html", nav="activity", lines=lines, now=caller.now)


@router.post("/transactions/changes/{edit_id}/undo")
async def undo(
    request: Request, caller: Writer, edit_id: EditRef, next: str = "/transactions/changes"
) -> RedirectResponse:
    """Take an act back, or say why it cannot be."""
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                done = await manual.undo(
                    db, owner=caller.owner, edit_id=edit_id, now=caller.now, actor=caller.actor
                )
        except StrongroomError as problem:
            says = " ".join(part for part in (problem.message, problem.hint) if part)
            return redirect(next, toast=says)
        toast = ui.ngettext("%(num)s row undone.", "%(num)s rows undone.", done.changed)
    return redirect(next, toast=toast, undo=undo_address(done, next))


@router.get("/transactions/same")
async def show_questions(request: Request, caller: Reader) -> HTMLResponse:
    """Show which entries may be a bank's rows, each beside the other, with why."""
    async with caller.unit_of_work() as db:
        pairs = await questions(caller, db)
    return render(
        request, "transactions/same.html", nav="activity", pairs=pairs, label=category_label
    )


@router.post("/transactions/same/{proposal_id}")
async def answer(
    request: Request,
    caller: Writer,
    proposal_id: ProposalRef,
    action: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/transactions/same",
) -> RedirectResponse:
    """Merge the two, or remember that they are not one."""
    verb = _merge if action == "same" else _keep_apart
    with ui.using(request.state.preferences):
        try:
            return await verb(caller, proposal_id, next)
        except manual.ProposalNotFound as problem:
            return redirect(next, toast=problem.message)


async def _merge(caller: identity.Caller, proposal_id: UUID, next: str) -> RedirectResponse:
    async with caller.unit_of_work() as db:
        kept, edit = await manual.confirm(
            db, owner=caller.owner, proposal_id=proposal_id, now=caller.now, actor=caller.actor
        )
    # The bank's row is gone as a page of its own: the entry's is the one that stays.
    to = next if next == "/transactions/same" else f"/transactions/{ids.show('trn', kept)}"
    toast = ui.gettext("They are one now, with what the bank says and what you chose.")
    return redirect(to, toast=toast, undo=undo_address(edit, to))


async def _keep_apart(caller: identity.Caller, proposal_id: UUID, next: str) -> RedirectResponse:
    async with caller.unit_of_work() as db:
        await manual.reject(
            db, owner=caller.owner, proposal_id=proposal_id, now=caller.now, actor=caller.actor
        )
    return redirect(next, toast=ui.gettext("They stay two. It is not asked again."))


async def questions(
    caller: identity.Caller, db: Db, transaction_id: TransactionId | None = None
) -> list[tuple[manual.Proposal, str, transactions.Transaction, transactions.Transaction]]:
    """Return what is asked with both rows: of all entries, or of one row on either side."""
    pairs = []
    for one in await manual.proposals(db, owner=caller.owner, transaction_id=transaction_id):
        rows = [
            await transactions.get(db, owner=caller.owner, transaction_id=each)
            for each in (one.entry_id, one.bank_id)
        ]
        pairs.append((one, ids.show("mrg", one.id), rows[0], rows[1]))
    return pairs


def undo_address(edit: manual.Edit, next: str) -> str:
    """Return the address of the form that takes an act back and then goes to ``next``."""
    return f"/transactions/changes/{ids.show('edt', edit.id)}/undo?next={quote(next, safe='')}"


async def _form(
    request: Request,
    caller: identity.Caller,
    typed: Mapping[str, str],
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
        known = await transactions.categories(db, owner=caller.owner)
    return render(
        request,
        "transactions/new.html",
        status=200 if problem is None else problem.status,
        nav="activity",
        typed={"text": "", "amount": "", "category": "", "note": "", **typed},
        accounts=[one for one in held if one.closed_at is None and not one.is_valued],
        groups=grouped(known),
        label=category_label,
        problem=problem,
        today=caller.today,
    )
