"""What hangs on one row, on its page: tags, parts with a page to change them, attachments.

Each step is a form of its own; amounts of parts are typed as on a receipt, without a sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from strongroom import identity, ui
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.ids import CategoryId, TransactionId, new_id
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import attachments, manual, splits, tags
from strongroom.transactions.attachments import AttachmentId
from strongroom.transactions.attachments.routes import sent, vault_of
from strongroom.transactions.attachments.upload import received
from strongroom.transactions.labels import category_label, grouped
from strongroom.transactions.manual.pages import undo_address
from strongroom.transactions.service import categories, get
from strongroom.transactions.splits import Part
from strongroom.transactions.types import Transaction
from strongroom.ui.amounts import AmountNotReadable
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
AttachmentRef = Annotated[AttachmentId, WireId("att")]
Texts = Annotated[list[str], Form()]
_LINES, _MOST_LINES = 4, 50


@dataclass(frozen=True, slots=True)
class Line:
    """One part as it is typed: a category's id, an amount and a note, each as text."""

    category: str = ""
    amount: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.category or self.amount or self.note)


async def marks_of(db: Db, caller: identity.Caller, row: Transaction) -> dict[str, Any]:
    """Return what ``_marks.html`` shows of a row: its tags, all tags, parts and attachments."""
    found = await tags.tags_of(db, owner=caller.owner, transaction_ids=[row.id])
    return {
        "tags": found.get(row.id, ()),
        "all_tags": await tags.list_tags(db, owner=caller.owner),
        "split": await splits.split_of(db, owner=caller.owner, transaction_id=row.id),
        "attachments": await attachments.attachments_of(
            db, owner=caller.owner, transaction_ids=[row.id]
        ),
    }


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to put on the chosen rows, or to take off them."""

    names: Sequence[str]
    off: bool


def tag_change(typed: str, *, off: bool) -> TagChange | None:
    """Return what a bulk form says of tags, parted by commas; None where it says nothing."""
    names = tags.read_names(typed)
    return TagChange(names, off) if names else None


async def tag_rows(
    db: Db, caller: identity.Caller, rows: Sequence[TransactionId], change: TagChange
) -> manual.Edit:
    """Change the tags of the chosen rows as one act."""
    edit_id = new_id()
    changed = await tags.change_tags(
        db,
        owner=caller.owner,
        transaction_ids=rows,
        add=() if change.off else change.names,
        remove=change.names if change.off else (),
        now=caller.now,
        actor=caller.actor,
        edit_id=edit_id,
    )
    return manual.Edit(edit_id, changed)


@router.post("/transactions/{transaction_id}/tags")
async def change_tags(
    request: Request,
    caller: Writer,
    transaction_id: TransactionRef,
    tags_: Annotated[str, Form(alias="tags", max_length=2_000)] = "",
) -> Response:
    """Let a row have the tags that are typed, parted by commas."""
    edit_id = new_id()
    try:
        async with caller.unit_of_work() as db:
            await tags.set_tags(
                db,
                owner=caller.owner,
                transaction_id=transaction_id,
                names=tags.read_names(tags_),
                now=caller.now,
                actor=caller.actor,
                edit_id=edit_id,
            )
    except Refused as error:
        return await _refused(request, caller, transaction_id, error, typed=tags_)
    return _done(request, ui.N_("Saved."), transaction_id, "tags", edit_id)


@router.get("/transactions/{transaction_id}/split")
async def show_split(
    request: Request, caller: Reader, transaction_id: TransactionRef, lines: int = 0
) -> HTMLResponse:
    """Show the parts of a row as a form, with some empty lines."""
    async with caller.unit_of_work() as db:
        row = await get(db, owner=caller.owner, transaction_id=transaction_id)
        found = await splits.split_of(db, owner=caller.owner, transaction_id=transaction_id)
    typed = [
        Line(ids.show("cat", one.category_id), _typed(one.amount, row.amount), one.note or "")
        for one in found.parts
    ] or [Line(ids.show("cat", row.category_id))]
    return await _split_page(request, caller, row, typed, lines=lines)


@router.post("/transactions/{transaction_id}/split")
async def split(
    request: Request,
    caller: Writer,
    transaction_id: TransactionRef,
    category: Texts = [],  # noqa: B006 - FastAPI copies defaults
    amount: Texts = [],  # noqa: B006
    note: Texts = [],  # noqa: B006
    action: Annotated[str, Form()] = "save",
) -> Response:
    """Store the parts, make the row whole again, or show more lines with what was typed."""
    async with caller.unit_of_work() as db:
        row = await get(db, owner=caller.owner, transaction_id=transaction_id)
    typed = [Line(*(text.strip() for text in line)) for line in zip(category, amount, note)]  # noqa: B905
    typed = [line for line in typed if line][:_MOST_LINES]
    edit_id = new_id()
    if action == "more":
        return await _split_page(request, caller, row, typed, lines=len(typed) + _LINES)
    try:
        with ui.using(request.state.preferences):
            parts = [] if action == "whole" else _parts(typed, row.amount, request)
        async with caller.unit_of_work() as db:
            await splits.split(
                db,
                owner=caller.owner,
                transaction_id=transaction_id,
                parts=parts,
                now=caller.now,
                actor=caller.actor,
                edit_id=edit_id,
            )
    except StrongroomError as error:
        return await _split_page(request, caller, row, typed, error)
    done = ui.N_("It is whole again.") if action == "whole" else ui.N_("Split.")
    return _done(request, done, transaction_id, "parts", edit_id)


@router.post("/attachments")
async def attach(request: Request, caller: Writer) -> Response:
    """Attach the file of the form to the row that it names."""
    upload = await received(request, caller)
    transaction_id = TransactionId(ids.parse("trn", upload.fields.get("transaction", "")))
    try:
        async with caller.unit_of_work() as db:
            await attachments.attach(
                db,
                vault_of(request),
                owner=caller.owner,
                transaction_id=transaction_id,
                name=upload.name,
                content=upload.content,
                now=caller.now,
                actor=caller.actor,
            )
    except (Refused, attachments.AttachmentIsThere) as error:
        return await _refused(request, caller, transaction_id, error)
    return _done(request, ui.N_("Attached. It is stored encrypted."), transaction_id, "attachments")


@router.get("/attachments/{attachment_id}")
async def download(request: Request, caller: Reader, attachment_id: AttachmentRef) -> Response:
    """Send a file as it was brought, to be saved."""
    async with caller.unit_of_work() as db:
        found = await attachments.open_attachment(
            db, vault_of(request), owner=caller.owner, attachment_id=attachment_id
        )
    return sent(found)


@router.post("/attachments/{attachment_id}/remove")
async def detach(request: Request, caller: Writer, attachment_id: AttachmentRef) -> Response:
    """Delete an attachment for good."""
    async with caller.unit_of_work() as db:
        row = await attachments.detach(
            db,
            owner=caller.owner,
            attachment_id=attachment_id,
            now=caller.now,
            actor=caller.actor,
        )
    return _done(request, ui.N_("The attachment is gone."), row, "attachments")


def _parts(typed: Sequence[Line], whole: Money, request: Request) -> list[Part]:
    """Read the lines; one without an amount takes what the others leave."""
    side = -1 if whole.amount < 0 else 1
    found: list[tuple[Line, Decimal | None]] = []
    for number, line in enumerate(typed, 1):
        if not line.category:
            raise Refused(
                ui.gettext("Choose a category for part %(number)s.", number=number),
                field=f"parts.{number}.category",
            )
        found.append((line, _amount(line.amount, number, side, request)))
    left = whole.amount - sum((told for _line, told in found if told is not None), Decimal(0))
    if sum(told is None for _line, told in found) > 1:
        raise Refused(
            ui.gettext("Only one part may be left without an amount: it gets what is left."),
            field="parts",
        )
    return [
        Part(
            CategoryId(ids.parse("cat", line.category)),
            left if told is None else told,
            line.note or None,
        )
        for line, told in found
    ]


def _amount(text: str, number: int, side: int, request: Request) -> Decimal | None:
    if not text:
        return None
    try:
        return side * ui.parse_amount(text, request.state.preferences.locale)
    except AmountNotReadable as error:
        raise AmountNotReadable(
            ui.gettext("Part %(number)s: %(problem)s", number=number, problem=error.message),
            field=f"parts.{number}.amount",
        ) from None


def _typed(part: Money, whole: Money) -> str:
    """Return a part's amount as a person types it: without a sign where it goes with the row."""
    side = -1 if whole.amount < 0 else 1
    text = amount_text(side * part.amount, part.currency)
    return text.replace(".", ",") if ui.current().locale == "nb" else text


async def _split_page(
    request: Request,
    caller: identity.Caller,
    row: Transaction,
    typed: Sequence[Line],
    error: StrongroomError | None = None,
    lines: int = 0,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        known = await categories(db, owner=caller.owner)
        found = await splits.split_of(db, owner=caller.owner, transaction_id=row.id)
    count = min(max(lines, len(typed) + 1, _LINES), _MOST_LINES)
    return render(
        request,
        "transactions/split.html",
        status=200 if error is None else error.status,
        nav="activity",
        row=row,
        lines=[*typed, *(Line() for _ in range(count - len(typed)))],
        is_split=bool(found.parts),
        rest=found.rest,
        groups=grouped(known),
        label=category_label,
        error=error,
        most=count >= _MOST_LINES,
    )


async def _refused(
    request: Request,
    caller: identity.Caller,
    transaction_id: TransactionId,
    error: StrongroomError,
    typed: str | None = None,
) -> HTMLResponse:
    """Show the form again with what is wrong: of tags with what was ``typed``, or of a file."""
    async with caller.unit_of_work() as db:
        row = await get(db, owner=caller.owner, transaction_id=transaction_id)
        known = await tags.list_tags(db, owner=caller.owner)
    return render(
        request,
        "transactions/mark.html",
        status=error.status,
        nav="activity",
        row=row,
        error=error,
        typed=typed,
        all_tags=known,
    )


def _done(
    request: Request,
    text: str,
    transaction_id: TransactionId,
    card: str,
    edit_id: UUID | None = None,
) -> Response:
    """Go back to the row's page, with a way to take the act back where there is one."""
    page = f"/transactions/{ids.show('trn', transaction_id)}"
    undo = "" if edit_id is None else undo_address(manual.Edit(edit_id, 1), page)
    with ui.using(request.state.preferences):
        return redirect(f"{page}#{card}", toast=ui.gettext(text), undo=undo)
