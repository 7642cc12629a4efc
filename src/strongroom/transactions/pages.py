"""Activity: the list with its filters, one transaction, changing many at once, CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from strongroom import accounts, identity, transactions, ui
from strongroom.core import ids
from strongroom.core.http import WireId
from strongroom.core.ids import CategoryId, TransactionId
from strongroom.transactions import Category, Filter, NoteTooLong, activity
from strongroom.transactions.cursors import read_position, write_position
from strongroom.transactions.export import pages as export_pages
from strongroom.transactions.export.activity import lines
from strongroom.transactions.labels import category_label

router = APIRouter(include_in_schema=False)
router.include_router(export_pages.router)

Reader = Annotated[identity.Caller, Depends(identity.may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(identity.may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_ROWS = 50
_ROWS_OF_CSV = 500


@router.get("/transactions")
async def show_activity(request: Request, caller: Reader, after: str = "") -> HTMLResponse:
    """Show the newest transactions that the filters in the address let through."""
    wanted = activity.read(request.query_params)
    owner = caller.owner
    async with caller.unit_of_work() as db:
        known = await transactions.categories(db, owner=owner)
        wanted = wanted.among(known)
        page = await transactions.search(
            db, owner=owner, filter=wanted.filter, after=read_position(after), limit=_ROWS
        )
        summary = await transactions.summary(db, owner=owner, filter=wanted.filter)
        to_review = await transactions.summary(db, owner=owner, filter=Filter(to_review=True))
        held = await accounts.list_all(db, owner=owner)
    older = write_position(page.next)
    return ui.render(
        request,
        "transactions/activity.html",
        nav="activity",
        wanted=wanted,
        page=page,
        summary=summary,
        to_review=to_review.count,
        accounts=held,
        account=next((one for one in held if one.id == wanted.filter.account_id), None),
        groups=grouped(known),
        label=category_label,
        older=wanted.url(after=older) if older else "",
        first=wanted.url() if after else "",
    )


@router.get("/transactions.csv")
async def download(request: Request, caller: Reader) -> StreamingResponse:
    """Stream exactly what the same filters show, all pages of it, as CSV."""
    asked = activity.read(request.query_params)
    async with caller.unit_of_work() as db:
        wanted = asked.among(await transactions.categories(db, owner=caller.owner)).filter

    async def parts() -> AsyncIterator[str]:
        after, header = None, True
        while header or after is not None:
            # One unit of work a page: a slow reader must not hold a connection.
            async with caller.unit_of_work() as db:
                page = await transactions.search(
                    db, owner=caller.owner, filter=wanted, after=after, limit=_ROWS_OF_CSV
                )
            with ui.using(request.state.preferences):
                yield lines(page.items, header=header)
            after, header = page.next, False

    return StreamingResponse(
        parts(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="transactions.csv"'},
    )


@router.post("/transactions/bulk")
async def change_many(
    request: Request,
    caller: Writer,
    chosen: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    one: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "review",
    category: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/transactions",
) -> RedirectResponse:
    """Mark the chosen rows as reviewed (``one`` is a row's own button), or set their category."""
    rows = [TransactionId(ids.parse("trn", text)) for text in ([one] if one else chosen)]
    with ui.using(request.state.preferences):
        if not rows:
            return ui.redirect(next, toast=ui.gettext("Choose some rows first."))
        if action == "category" and not one:
            if not category:
                return ui.redirect(next, toast=ui.gettext("Choose a category first."))
            async with caller.unit_of_work() as db:
                await transactions.set_category(
                    db,
                    owner=caller.owner,
                    transaction_ids=rows,
                    category_id=CategoryId(ids.parse("cat", category)),
                    now=caller.now,
                    actor=caller.actor,
                )
            toast = ui.ngettext(
                "%(num)s category changed.", "%(num)s categories changed.", len(rows)
            )
        else:
            async with caller.unit_of_work() as db:
                await transactions.mark_reviewed(
                    db,
                    owner=caller.owner,
                    transaction_ids=rows,
                    reviewed=action != "unreview",
                    now=caller.now,
                    actor=caller.actor,
                )
            toast = ui.ngettext("%(num)s row reviewed.", "%(num)s rows reviewed.", len(rows))
    return ui.redirect(next, toast=toast)


@router.get("/transactions/{transaction_id}")
async def look(request: Request, caller: Reader, transaction_id: TransactionRef) -> HTMLResponse:
    """Show everything about one transaction, and the form to change it."""
    return await _show(request, caller, transaction_id)


@router.post("/transactions/{transaction_id}")
async def change(
    request: Request,
    caller: Writer,
    transaction_id: TransactionRef,
    category: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    reviewed: Annotated[str, Form()] = "",
) -> Response:
    """Store category, note and review mark together, or show the form again with what is wrong."""
    owner, now = caller.owner, caller.now
    try:
        async with caller.unit_of_work() as db:
            row = await transactions.get(db, owner=owner, transaction_id=transaction_id)
            if category and ids.parse("cat", category) != row.category_id:
                await transactions.set_category(
                    db,
                    owner=owner,
                    transaction_ids=[transaction_id],
                    category_id=CategoryId(ids.parse("cat", category)),
                    now=now,
                    actor=caller.actor,
                )
            # A browser sends line ends as CRLF.
            await transactions.set_note(
                db,
                owner=owner,
                transaction_id=transaction_id,
                note=note.replace("\r\n", "\n"),
                now=now,
                actor=caller.actor,
            )
            if (reviewed == "1") != (row.reviewed_at is not None):
                await transactions.mark_reviewed(
                    db,
                    owner=owner,
                    transaction_ids=[transaction_id],
                    reviewed=reviewed == "1",
                    now=now,
                    actor=caller.actor,
                )
    except NoteTooLong as problem:
        return await _show(request, caller, transaction_id, note=note, problem=problem)
    with ui.using(request.state.preferences):
        toast = ui.gettext("Saved.")
    return ui.redirect(f"/transactions/{ids.show('trn', transaction_id)}", toast=toast)


async def _show(
    request: Request,
    caller: identity.Caller,
    transaction_id: TransactionId,
    note: str | None = None,
    problem: NoteTooLong | None = None,
) -> HTMLResponse:
    owner = caller.owner
    async with caller.unit_of_work() as db:
        row = await transactions.get(db, owner=owner, transaction_id=transaction_id)
        record = await transactions.bank_record(db, owner=owner, transaction_id=transaction_id)
        known = await transactions.categories(db, owner=owner)
    return ui.render(
        request,
        "transactions/transaction.html",
        status=200 if problem is None else problem.status,
        nav="activity",
        row=row,
        note=row.note or "" if note is None else note,
        problem=problem,
        record=_flat(record),
        groups=grouped(known),
        label=category_label,
    )


def grouped(known: Sequence[Category]) -> list[tuple[Category, list[Category]]]:
    """Return each group with the categories in it, in their order."""
    groups = [one for one in known if one.parent_id is None]
    return [(group, [one for one in known if one.parent_id == group.id]) for group in groups]


def _flat(record: object, name: str = "") -> list[tuple[str, str]]:
    """Return a record as rows of name and text, nested names joined by a point; nothing left out.

    Parts that the bank left empty say so with a dash.
    """
    if isinstance(record, dict):
        rows: list[tuple[str, str]] = []
        for key, part in record.items():
            rows += _flat(part, f"{name}.{key}" if name else str(key))
        return rows
    if isinstance(record, list):
        rows = []
        for number, part in enumerate(record, 1):
            rows += _flat(part, f"{name}.{number}")
        return rows or [(name, "–")]
    if record is None or record == "":
        return [(name, "–")]
    return [(name, str(record).lower() if isinstance(record, bool) else str(record))]
