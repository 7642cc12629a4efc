"""Activity: the list with its filters, one transaction, changing many at once, CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from strongroom import accounts, identity, transactions, ui
from strongroom.accounts.asked import currency_in_address
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, StrongroomError
from strongroom.core.ids import CategoryId, TransactionId, new_id
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import (
    Filter,
    activity,
    manual,
    marks_pages,
    matching_pages,
    tags,
    totals,
)
from strongroom.transactions.cursors import read_position, write_position
from strongroom.transactions.export import pages as export_pages
from strongroom.transactions.export.activity import lines
from strongroom.transactions.labels import category_label, grouped
from strongroom.transactions.manual import pages as manual_pages
from strongroom.transactions.manual import row_form, telling
from strongroom.transactions.manual.pages import questions, undo_address
from strongroom.transactions.own_categories import pages as own_categories_pages
from strongroom.transactions.reports import pages as report_pages
from strongroom.transactions.reports import why_pages
from strongroom.transactions.sorting import pages as sorting_pages
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(export_pages.router)
_IN_CURRENCY = [Depends(currency_in_address)]
router.include_router(report_pages.router, dependencies=_IN_CURRENCY)
router.include_router(why_pages.router, dependencies=_IN_CURRENCY)
router.include_router(sorting_pages.router)
router.include_router(manual_pages.router)
router.include_router(own_categories_pages.router)
router.include_router(marks_pages.router)
router.include_router(matching_pages.router)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
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
        page = await transactions.search_near(
            db, owner=owner, filter=wanted.filter, after=read_position(after), limit=_ROWS
        )
        asked_for = wanted
        wanted = wanted.instead(page.instead) if page.instead else wanted
        summary = await transactions.summary(db, owner=owner, filter=wanted.filter)
        to_review = await transactions.summary(db, owner=owner, filter=Filter(to_review=True))
        held = await accounts.list_all(db, owner=owner)
        asked = await manual.proposals(db, owner=owner)
        together_asked = await matching_pages.count_asked(db, caller)
        all_tags = await tags.names(db, owner=owner)
    older = write_position(page.next)
    return render(
        request,
        "transactions/activity.html",
        nav="activity",
        wanted=wanted,
        typed=asked_for.texts["q"],
        page=page,
        summary=summary,
        to_review=to_review.count,
        accounts=held,
        account=next((one for one in held if one.id == wanted.filter.account_id), None),
        groups=grouped(known),
        label=category_label,
        category=next((one for one in known if one.ref == wanted.filter.category), None),
        older=asked_for.url(after=older) if older else "",
        first=asked_for.url() if after else "",
        asked=len(asked),
        together_asked=together_asked,
        all_tags=all_tags,
        most=manual.MOST_AT_ONCE,
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
    one_back: Annotated[str, Form()] = "",
    everything: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "review",
    category: Annotated[str, Form()] = "",
    merchant: Annotated[str, Form()] = "",
    tag: Annotated[str, Form(max_length=2_000)] = "",
    next: Annotated[str, Form()] = "/transactions",
) -> RedirectResponse:
    """Change the chosen rows as one act, which the toast takes back.

    ``one`` is a row's own button, and ``one_back`` that of one to review again;
    ``everything`` means all rows that the filters of ``next`` find.
    """
    with ui.using(request.state.preferences):
        own = one or one_back
        if own:
            action = "review" if one else "unreview"
        rows = [TransactionId(ids.parse("trn", text)) for text in ([own] if own else chosen)]
        if not rows and not everything:
            return redirect(next, toast=ui.gettext("Choose some rows first."))
        change = _bulk_change(action, category, merchant, tag)
        if isinstance(change, str):
            return redirect(next, toast=change)
        try:
            async with caller.unit_of_work() as db:
                if everything and not own:
                    rows = await _all_of(caller, db, next)
                edit = await _change_rows(caller, db, rows, change)
        except NotFound:
            raise
        except StrongroomError as problem:
            says = " ".join(part for part in (problem.message, problem.hint) if part)
            return redirect(next, toast=says)
        told = everything or (isinstance(change, manual.RowChange) and change.category_id)
        toast = _bulk_toast(change, edit.changed if told else len(rows))
    return redirect(next, toast=toast, undo=undo_address(edit, next) if edit.changed else "")


Change = manual.RowChange | marks_pages.TagChange
"""What is done to the chosen rows."""


def _bulk_change(action: str, category: str, merchant: str, tag: str) -> Change | str | None:
    """Return what to change of the chosen rows, None to delete them, or what is missing."""
    if action == "delete":
        return None
    if action == "typed":  # Enter in a text: what is written says which
        if merchant.strip() and tag.strip():
            return ui.gettext("You wrote a merchant and a tag: press the button of one of them.")
        action = "tag" if tag.strip() else "merchant"
    if action == "category":
        if not category:
            return ui.gettext("Choose a category first.")
        return manual.RowChange(category_id=CategoryId(ids.parse("cat", category)))
    if action == "merchant":
        if not merchant.strip():
            return ui.gettext("Write a merchant first.")
        return manual.RowChange(merchant=merchant)
    if action in ("tag", "untag"):
        return marks_pages.tag_change(tag, off=action == "untag") or ui.gettext(
            "Write a tag first."
        )
    return manual.RowChange(reviewed=action != "unreview")


def _bulk_toast(change: Change | None, count: int) -> str:
    if isinstance(change, marks_pages.TagChange):
        return ui.ngettext("%(num)s row tagged anew.", "%(num)s rows tagged anew.", count)
    if change is None:
        return ui.ngettext("%(num)s row deleted.", "%(num)s rows deleted.", count)
    if change.category_id is not None:
        return ui.ngettext("%(num)s category changed.", "%(num)s categories changed.", count)
    if change.merchant is not None:
        return ui.ngettext("%(num)s merchant changed.", "%(num)s merchants changed.", count)
    if change.reviewed:
        return ui.ngettext("%(num)s row reviewed.", "%(num)s rows reviewed.", count)
    return ui.ngettext("%(num)s row to review.", "%(num)s rows to review.", count)


async def _all_of(caller: identity.Caller, db: Db, address: str) -> list[TransactionId]:
    """Return all rows that the filters in an address of Activity find."""
    query: Mapping[str, str] = dict(parse_qsl(urlsplit(address).query))
    wanted = activity.read(query).among(await transactions.categories(db, owner=caller.owner))
    return await manual.ids_of(db, owner=caller.owner, filter=wanted.filter)


async def _change_rows(
    caller: identity.Caller,
    db: Db,
    rows: list[TransactionId],
    change: Change | None,
) -> manual.Edit:
    owner, now, actor = caller.owner, caller.now, caller.actor
    if isinstance(change, marks_pages.TagChange):
        return await marks_pages.tag_rows(db, caller, rows, change)
    if change is None:
        return await manual.delete(db, owner=owner, transaction_ids=rows, now=now, actor=actor)
    return await manual.change(
        db, owner=owner, transaction_ids=rows, change=change, now=now, actor=actor
    )


@router.get("/transactions/{transaction_id}")
async def look(request: Request, caller: Reader, transaction_id: TransactionRef) -> HTMLResponse:
    """Show everything about one transaction, and the form to change it."""
    return await _show(request, caller, transaction_id)


@router.post("/transactions/{transaction_id}")
async def change(
    request: Request,
    caller: Writer,
    transaction_id: TransactionRef,
) -> Response:
    """Store what was changed on the page as one act, or show it again with what is wrong.

    Each field comes with what stood there when the page was made: what was left alone is not
    chosen, whatever the row says by now.
    """
    owner, now, actor = caller.owner, caller.now, caller.actor
    form = await request.form()
    typed: Mapping[str, str] = {}
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await totals.take_turn(db, owner)
                row = await transactions.get(db, owner=owner, transaction_id=transaction_id)
                shown, edit_id = row_form.as_shown(row), new_id()
                sent = row_form.read(form, shown)
                typed = sent.mine
                held = await accounts.list_all(db, owner=owner)
                row_form.refuse_changed_elsewhere(sent, shown, held)
                typed = sent.to_show
                changed = 0
                facts = row_form.facts(sent, shown, held)
                if facts != manual.EntryChange():
                    done = await manual.change_entry(
                        db, owner=owner, transaction_id=transaction_id, change=facts, now=now,
                        actor=actor, edit_id=edit_id,
                    )  # fmt: skip
                    changed += done.changed
                edit = await manual.change(
                    db, owner=owner, transaction_ids=[transaction_id],
                    change=row_form.marks(sent, shown), now=now, actor=actor, edit_id=edit_id,
                )  # fmt: skip
                changed += edit.changed
        except StrongroomError as problem:
            if problem.status == 404 and problem.field is None:
                raise
            return await _show(request, caller, transaction_id, typed=typed, problem=problem)
        toast = ui.gettext("Saved.")
    back = f"/transactions/{ids.show('trn', transaction_id)}"
    return redirect(back, toast=toast, undo=undo_address(edit, back) if changed else "")


async def _show(
    request: Request,
    caller: identity.Caller,
    transaction_id: TransactionId,
    typed: Mapping[str, str] | None = None,
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    owner = caller.owner
    async with caller.unit_of_work() as db:
        row = await transactions.get(db, owner=owner, transaction_id=transaction_id)
        record = await transactions.bank_record(db, owner=owner, transaction_id=transaction_id)
        known = await transactions.categories(db, owner=owner)
        held = await accounts.list_all(db, owner=owner)
        history = await manual.history(db, owner=owner, transaction_id=transaction_id)
        asked = await questions(caller, db, transaction_id)
        marks = await marks_pages.marks_of(db, caller, row)
        by_rules = await sorting_pages.beside(db, owner, transaction_id)
        together = await matching_pages.together_of(db, caller, row)
    with ui.using(request.state.preferences):
        was = row_form.as_shown(row)
        was |= {name + row_form.WAS: text for name, text in was.items()}
        lines = telling.history_lines(row, history, held, known)
    return render(
        request,
        "transactions/transaction.html",
        status=200 if problem is None else problem.status,
        nav="activity",
        row=row,
        typed={**was, **(typed or {})},
        problem=problem,
        record=_flat(record),
        accounts=[
            one
            for one in held
            if one.id == row.account_id or (one.closed_at is None and not one.is_valued)
        ],
        groups=grouped(known),
        label=category_label,
        history=lines,
        marks=marks,
        pairs=asked,
        today=caller.today,
        together=together,
        **by_rules,
    )


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
