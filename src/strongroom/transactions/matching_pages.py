"""Pages of what belongs together: transfers, refunds and doubles, to confirm, reject and undo."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import identity, ui
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import TransactionId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import doubles, refunds, transfers
from strongroom.transactions.matching_labels import reason_text
from strongroom.transactions.transfers import State
from strongroom.transactions.types import Transaction
from strongroom.ui import gettext as _
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransferRef = Annotated[UUID, WireId("trf")]
RefundRef = Annotated[UUID, WireId("rfd")]
DoubleRef = Annotated[UUID, WireId("dbl")]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_HERE = "/transactions/together"
_ASKED, _SHOWN = 100, 50


async def together_of(db: Db, caller: identity.Caller, row: Transaction) -> dict[str, Any]:
    """Return what the page of one transaction shows of what it belongs to."""
    found: dict[str, Any] = {
        "transfer": await transfers.find_of(db, owner=caller.owner, transaction_id=row.id),
        "refunds": await refunds.of_row(db, owner=caller.owner, transaction_id=row.id),
        "double": await doubles.find_of(db, owner=caller.owner, transaction_id=row.id),
        "others": [],
        "purchases": [],
        "why": reason_text,
    }
    if found["transfer"] is None and row.removed_by_bank is None and not row.never_booked_at:
        near = await transfers.others_near(db, owner=caller.owner, transaction_id=row.id)
        found["others"] = near
        if row.amount.amount > 0 and not found["refunds"]:
            found["purchases"] = await refunds.purchases_near(
                db, owner=caller.owner, transaction_id=row.id
            )
    return found


async def count_asked(db: Db, caller: identity.Caller) -> int:
    """Return how many pairs wait for the person's word."""
    owner = caller.owner
    return (
        await transfers.count_proposed(db, owner=owner)
        + await refunds.count_proposed(db, owner=owner)
        + await doubles.count_asked(db, owner=owner)
    )


@router.get(_HERE)
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show what is asked, and the newest transfers and refunds with why they were matched."""
    owner = caller.owner
    async with caller.unit_of_work() as db:
        asked = await transfers.list_newest(db, owner=owner, state=State.PROPOSED, limit=_ASKED)
        asked_refunds = await refunds.list_newest(
            db, owner=owner, state=State.PROPOSED, limit=_ASKED
        )
        asked_doubles = await doubles.list_asked(db, owner=owner, limit=_ASKED)
        matched = await transfers.list_newest(db, owner=owner, state=State.MATCHED, limit=_SHOWN)
        linked = await refunds.list_newest(db, owner=owner, state=State.MATCHED, limit=_SHOWN)
        count = await count_asked(db, caller)
    return render(
        request,
        "transactions/together.html",
        nav="activity",
        asked=asked,
        asked_refunds=asked_refunds,
        asked_doubles=asked_doubles,
        matched=matched,
        linked=linked,
        count=count,
        why=reason_text,
    )


@router.post(_HERE + "/transfers/{transfer_id}")
async def answer_transfer(
    request: Request,
    caller: Writer,
    transfer_id: TransferRef,
    action: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = _HERE,
) -> RedirectResponse:
    """Confirm or reject a transfer; the toast takes it back."""
    asked: dict[str, Any] = {"owner": caller.owner, "transfer_id": transfer_id, "now": caller.now}
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            if action == "reject":
                was = await transfers.reject(db, **asked, actor=caller.actor)
                undo = _again("transfers", was.out.id, was.into.id, next)
                toast = _("Not a transfer: both rows count again.")
            else:
                done = await transfers.confirm(db, **asked, actor=caller.actor)
                undo = _reopen("transfers", ids.show("trf", done.id), next)
                toast = _("Confirmed: it counts as neither income nor spending.")
    return redirect(next, toast=toast, undo=undo)


@router.post(_HERE + "/transfers")
async def link_transfer(
    request: Request,
    caller: Writer,
    one: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = _HERE,
) -> RedirectResponse:
    """Make two rows a transfer, or say why they are none."""
    with ui.using(request.state.preferences):
        if not other:
            return redirect(next, toast=_("Choose the other transaction first."))
        try:
            async with caller.unit_of_work() as db:
                done = await transfers.link(
                    db,
                    owner=caller.owner,
                    transaction_ids=(_row(one), _row(other)),
                    now=caller.now,
                    actor=caller.actor,
                )
        except StrongroomError as problem:
            return redirect(next, toast=_says(problem))
        toast = _("Linked: it counts as neither income nor spending.")
    return redirect(next, toast=toast, undo=_reopen("transfers", ids.show("trf", done.id), next))


@router.post(_HERE + "/refunds/{refund_id}")
async def answer_refund(
    request: Request,
    caller: Writer,
    refund_id: RefundRef,
    action: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = _HERE,
) -> RedirectResponse:
    """Confirm or reject a refund; the toast takes it back."""
    asked: dict[str, Any] = {"owner": caller.owner, "refund_id": refund_id, "now": caller.now}
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            if action == "reject":
                was = await refunds.reject(db, **asked, actor=caller.actor)
                undo = _again("refunds", was.refund.id, was.purchase.id, next)
                toast = _("Not a refund of that.")
            else:
                done = await refunds.confirm(db, **asked, actor=caller.actor)
                undo = _reopen("refunds", ids.show("rfd", done.id), next)
                toast = _("Confirmed as a refund.")
    return redirect(next, toast=toast, undo=undo)


@router.post(_HERE + "/refunds")
async def link_refund(
    request: Request,
    caller: Writer,
    one: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = _HERE,
) -> RedirectResponse:
    """Link a refund to its purchase, or say why it is none."""
    with ui.using(request.state.preferences):
        if not other:
            return redirect(next, toast=_("Choose the purchase first."))
        try:
            async with caller.unit_of_work() as db:
                done = await refunds.link(
                    db,
                    owner=caller.owner,
                    refund=_row(one),
                    purchase=_row(other),
                    now=caller.now,
                    actor=caller.actor,
                )
        except StrongroomError as problem:
            return redirect(next, toast=_says(problem))
        toast = _("Linked to its purchase.")
    return redirect(next, toast=toast, undo=_reopen("refunds", ids.show("rfd", done.id), next))


@router.post(_HERE + "/doubles/{double_id}")
async def answer_double(
    request: Request,
    caller: Writer,
    double_id: DoubleRef,
    action: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = _HERE,
) -> RedirectResponse:
    """Merge two rows or keep both; the toast takes it back."""
    asked: dict[str, Any] = {"owner": caller.owner, "double_id": double_id, "now": caller.now}
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            if action == "merge":
                left, edit = await doubles.merge(db, **asked, actor=caller.actor)
                back = f"/transactions/{ids.show('trn', left)}"
                undo = f"/transactions/changes/{ids.show('edt', edit)}/undo"
                undo += "?" + urlencode({"next": _HERE})
                toast = _("Merged: one row is left.")
                return redirect(back if next != _HERE else next, toast=toast, undo=undo)
            was = await doubles.reject(db, **asked, actor=caller.actor)
        toast = _("Both are kept.")
    return redirect(next, toast=toast, undo=_again("doubles", was.row.id, was.kept.id, next))


@router.post(_HERE + "/undo/{what}/{ref}")
async def reopen(
    request: Request, caller: Writer, what: str, ref: str, next: str = _HERE
) -> RedirectResponse:
    """Take a confirmation or a link back."""
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                if what == "transfers":
                    await transfers.reopen(
                        db, owner=caller.owner, transfer_id=ids.parse("trf", ref), now=caller.now,
                        actor=caller.actor,
                    )  # fmt: skip
                else:
                    await refunds.reopen(
                        db, owner=caller.owner, refund_id=ids.parse("rfd", ref), now=caller.now,
                        actor=caller.actor,
                    )  # fmt: skip
        except StrongroomError as problem:
            return redirect(next, toast=_says(problem))
        return redirect(next, toast=_("Undone."))


@router.post(_HERE + "/again/{what}")
async def ask_again(
    request: Request, caller: Writer, what: str, one: str, other: str, next: str = _HERE
) -> RedirectResponse:
    """Take a rejection back."""
    pair = (_row(one), _row(other))
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                if what == "transfers":
                    await transfers.ask_again(db, owner=caller.owner, pair=pair, now=caller.now)
                elif what == "refunds":
                    await refunds.ask_again(db, owner=caller.owner, pair=pair, now=caller.now)
                else:
                    await doubles.ask_again(db, owner=caller.owner, pair=pair, now=caller.now)
        except StrongroomError as problem:
            return redirect(next, toast=_says(problem))
        return redirect(next, toast=_("Undone."))


def _row(text: str) -> TransactionId:
    return TransactionId(ids.parse("trn", text))


def _says(problem: StrongroomError) -> str:
    return " ".join(part for part in (problem.message, problem.hint) if part)


def _again(what: str, one: UUID, other: UUID, next: str) -> str:
    pair = {"one": ids.show("trn", one), "other": ids.show("trn", other), "next": next}
    return f"{_HERE}/again/{what}?{urlencode(pair)}"


def _reopen(what: str, ref: str, next: str) -> str:
    return f"{_HERE}/undo/{what}/{ref}?{urlencode({'next': next})}"
