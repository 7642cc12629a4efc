"""Pages of imports: choose a file, look at what was understood, choose accounts, import, undo.

Each step is a form and a page of its own address; nothing needs a script or a drag.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import accounts, identity, ui
from strongroom.connections.imports import advice, labels, mapping, service, taking
from strongroom.connections.imports.file_accounts import KINDS
from strongroom.connections.imports.held import get
from strongroom.connections.imports.refusals import in_words
from strongroom.connections.imports.types import (
    Choice,
    FileAccountChoice,
    FileImport,
    ImportId,
    ImportState,
    RowsWereEdited,
)
from strongroom.connections.imports.upload import count, limits_of, received, sections_of
from strongroom.core import ids
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId
from strongroom.core.money import NO_CURRENCY, Currency, Money
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import PreviewRow
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
ImportRef = Annotated[ImportId, WireId("imp")]
_ROWS = 50
_FILES = 30
_LONGEST_PLACE = 9  # digits
_MARKS = ("new", "known", "alike")


@router.get("/imports")
async def overview(
    request: Request,
    caller: Reader,
    before: Annotated[str | None, Query(max_length=512)] = None,
) -> HTMLResponse:
    """Step 1: choose a file; and the files that were imported before."""
    return await _overview(request, caller, before=before)


@router.post("/imports")
async def upload(request: Request, caller: Writer) -> Response:
    """Take the file and go on to what was understood, or say why it cannot be read."""
    try:
        await count(caller)
        async with received(request) as got, caller.unit_of_work() as db:
            found = await service.begin(
                db,
                owner=caller.owner,
                source=got.source,
                now=caller.now,
                by_job=got.source.size >= service.LARGE_BYTES,
                limits=limits_of(request),
            )
    except Refused as problem:
        return await _overview(request, caller, problem)
    return redirect(_address(found.id))


@router.get("/imports/{import_id}")
async def look(
    request: Request,
    caller: Reader,
    import_id: ImportRef,
    rows: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Show an import as far as it is: being read, to be looked at, done, or undone."""
    return await _show(request, caller, import_id, mark=rows, after=after)


@router.post("/imports/{import_id}/guess")
async def change_guess(request: Request, caller: Writer, import_id: ImportRef) -> Response:
    """Read the file anew as the person says."""
    form = await request.form()
    try:
        async with caller.unit_of_work() as db:
            found = await get(db, owner=caller.owner, import_id=import_id)
            await service.change_guess(
                db,
                owner=caller.owner,
                import_id=import_id,
                changes=_changes(form, found),
                now=caller.now,
                by_job=found.size >= service.LARGE_BYTES,
                limits=limits_of(request),
            )
    except Refused as problem:
        return await _show(request, caller, import_id, problem=problem)
    return redirect(_address(import_id) + "#understood")


@router.post("/imports/{import_id}/accounts")
async def choose(request: Request, caller: Writer, import_id: ImportRef) -> Response:
    """Keep the accounts chosen and show the rows beside what those accounts have."""
    form = await request.form()
    try:
        await _choose(request, caller, import_id, form)
    except Refused as problem:
        return await _show(request, caller, import_id, problem=problem)
    return redirect(_address(import_id) + "#rows")


@router.post("/imports/{import_id}/confirm")
async def confirm(request: Request, caller: Writer, import_id: ImportRef) -> Response:
    """Take the rows in, into the accounts of the same form."""
    form = await request.form()
    ticked = {str(text) for text in form.getlist("include")}
    if form.get("all") == "1":
        ticked.add("all")
    try:
        found = await _choose(request, caller, import_id, form)
        chosen = [UUID(hex=str(text)) for text in form.getlist("include") if _is_hex(str(text))]
        async with caller.unit_of_work() as db:
            await service.confirm(
                db,
                owner=caller.owner,
                import_id=import_id,
                include=None if form.get("all") == "1" else chosen,
                now=caller.now,
                without_unreadable=form.get("without_unreadable") == "1",
                actor=caller.actor,
                by_job=service.is_for_a_job(found),
                sections=sections_of(request).writable(caller.scopes),
                limits=limits_of(request),
            )
    except Refused as problem:
        return await _show(request, caller, import_id, problem=problem, ticked=ticked)
    return redirect(_address(import_id))


@router.get("/imports/{import_id}/undo")
async def ask_undo(request: Request, caller: Reader, import_id: ImportRef) -> HTMLResponse:
    """Ask before undoing, saying what goes and how much of it was changed."""
    async with caller.unit_of_work() as db:
        found = await get(db, owner=caller.owner, import_id=import_id)
        edited = await taking.edited_since(db, owner=caller.owner, import_id=import_id)
        beside = await taking.changed_beside(
            db, owner=caller.owner, import_id=import_id, sections=sections_of(request)
        )
    return render(
        request,
        "connections/import_undo.html",
        nav="connections",
        one=found,
        edited=edited,
        beside=beside,
        labels=labels,
    )


@router.post("/imports/{import_id}/undo")
async def undo(
    request: Request,
    caller: Writer,
    import_id: ImportRef,
    even_edited: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Take the import out again; where rows were changed since, ask first."""
    try:
        async with caller.unit_of_work() as db:
            done = await taking.undo(
                db,
                owner=caller.owner,
                import_id=import_id,
                now=caller.now,
                even_edited=even_edited == "1",
                actor=caller.actor,
                sections=sections_of(request).writable(caller.scopes),
            )
    except RowsWereEdited:
        return redirect(f"{_address(import_id)}/undo")
    with ui.using(request.state.preferences):
        toast = ui.ngettext(
            "%(count)s row is taken out again.", "%(count)s rows are taken out again.",
            done.imported, count=done.imported,
        )  # fmt: skip
    return redirect(_address(import_id), toast=toast)


@router.post("/imports/{import_id}/discard")
async def discard(request: Request, caller: Writer, import_id: ImportRef) -> RedirectResponse:
    """Forget a file that was not taken in."""
    async with caller.unit_of_work() as db:
        await service.discard(db, owner=caller.owner, import_id=import_id)
    with ui.using(request.state.preferences):
        toast = ui.gettext("The file is forgotten. Nothing of it was kept.")
    return redirect("/imports", toast=toast)


async def _overview(
    request: Request,
    caller: identity.Caller,
    problem: Refused | None = None,
    before: str | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        page = await service.list_imports(db, owner=caller.owner, before=before, limit=_FILES)
    limit = request.app.state.services.settings.import_mebibytes
    return render(
        request,
        "connections/import_list.html",
        status=200 if problem is None else problem.status,
        nav="connections",
        imports=page.items,
        older=f"/imports?before={page.next}#before" if page.next else "",
        newer="/imports#before" if before else "",
        problem=problem,
        said="" if problem is None else in_words(problem),
        limit=limit,
        states=labels.STATES,
    )


async def _show(
    request: Request,
    caller: identity.Caller,
    import_id: ImportId,
    mark: str = "",
    after: str = "",
    problem: Refused | None = None,
    ticked: Collection[str] = (),
) -> HTMLResponse:
    mark = mark if mark in _MARKS else ""
    async with caller.unit_of_work() as db:
        found = await get(db, owner=caller.owner, import_id=import_id)
        rows = await service.rows(
            db,
            owner=caller.owner,
            import_id=import_id,
            mark=mark or ("alike" if found.alike and not after else None),
            after=UUID(hex=after) if _is_hex(after) else None,
            limit=_ROWS + 1,
        )
        held = await accounts.list_all(db, owner=caller.owner)
    return render(
        request,
        "connections/import.html",
        status=200 if problem is None else problem.status,
        nav="connections",
        one=found,
        guess=found.guess,
        rows=rows[:_ROWS],
        more=rows[_ROWS - 1].id.hex if len(rows) > _ROWS else "",
        mark=mark or ("alike" if found.alike else "all"),
        after=after,
        ticked=ticked,
        held=[account for account in held if account.closed_at is None],
        by_id={account.id: account for account in held},
        problem=problem,
        said="" if problem is None else in_words(problem),
        mapping=mapping,
        labels=labels,
        advice=advice,
        aside={one.told.key for one in found.accounts if one.choice.kept_aside},
        kinds=KINDS,
        codes=accounts.currencies_of(held, caller.settings.currency),
        open=found.state in (ImportState.PREVIEW, ImportState.FAILED),
        column=labels.column_name,
        money_of=lambda row: _money(row, found),
    )


def _money(row: PreviewRow, found: FileImport) -> Money:
    """Return a row's amount, in the currency of its account where the row names none."""
    codes = {one.told.key: one.choice.currency for one in found.accounts}
    return Money(row.amount, Currency(row.currency or codes.get(row.account_key) or NO_CURRENCY))


async def _choose(
    request: Request, caller: identity.Caller, import_id: ImportId, form: FormData
) -> FileImport:
    async with caller.unit_of_work() as db:
        found = await get(db, owner=caller.owner, import_id=import_id)
        if found.state not in (ImportState.PREVIEW, ImportState.FAILED):
            return found
        choices = {
            one.told.key: _choice(request, form, number, one)
            for number, one in enumerate(found.accounts)
        }
        return await service.choose(
            db, owner=caller.owner, import_id=import_id, choices=choices, now=caller.now
        )


def _choice(request: Request, form: FormData, number: int, one: FileAccountChoice) -> Choice:
    def text(name: str, usual: str) -> str:
        return str(form.get(f"{name}-{number}", usual)).strip()

    before = one.choice
    keep = before.keep_balance
    if form.get(f"asked-balance-{number}"):
        ticked = form.get(f"keep-balance-{number}") == "1"
        keep = keep if ticked == one.keeps_balance else ticked
    account = text("account", "")
    if account == "aside" or (before.kept_aside and not account):
        return replace(before, kept_aside=True, keep_balance=keep)
    if account.startswith("acc_"):
        return replace(
            before,
            account_id=AccountId(ids.parse("acc", account)),
            balance=None,
            kept_aside=False,
            keep_balance=keep,
        )
    balance: Decimal | None = None
    if typed := text("balance", ""):
        with ui.using(request.state.preferences):
            balance = ui.parse_amount(typed, request.state.preferences.locale)
    return Choice(
        name=text("name", before.name),
        type=text("type", before.type),
        subtype=None,
        currency=text("currency", before.currency or ""),
        balance=balance,
        keep_balance=keep,
    )


def _changes(form: FormData, found: FileImport) -> Mapping[str, Any]:
    """Return what the form says otherwise than the guess."""
    changes: dict[str, Any] = {}
    for name in ("sign", "date_order", "decimal_mark", "encoding", "currency"):
        typed = form.get(name)
        if typed is not None and str(typed) != (getattr(found.guess, name) or ""):
            changes[name] = str(typed)
    columns: dict[str, int | str | None] = {}
    for role in mapping.ROLES:
        typed = form.get(f"column-{role}")
        if typed is not None:
            columns[role] = _place(str(typed))
    if columns:
        changes["columns"] = columns
    return changes


def _place(typed: str) -> int | str | None:
    """Return a column's place; a number that no file has so many columns for stays as typed."""
    if not typed.isdecimal():
        return None
    return int(typed) if len(typed) <= _LONGEST_PLACE else typed


def _is_hex(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def _address(import_id: ImportId) -> str:
    return f"/imports/{ids.show('imp', import_id)}"
