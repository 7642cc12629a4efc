"""Files as JSON under ``/api/v1/imports``: bring one, say how to read it, take it in, undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity
from strongroom.connections.imports import advice, service, taking
from strongroom.connections.imports.held import get
from strongroom.connections.imports.types import Choice, FileAccountChoice, FileImport, ImportId
from strongroom.connections.imports.upload import count, limits_of, received, sections_of
from strongroom.core import ids
from strongroom.core.ids import AccountId
from strongroom.core.money import BadAmount, Currency, check_amount
from strongroom.core.paging import Page
from strongroom.core.plain import amount_text, plain_number
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import PreviewRow

router = APIRouter(tags=["imports"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
ImportRef = Annotated[ImportId, WireId("imp")]
AccountRef = Annotated[AccountId, WireId("acc")]
RowRef = Annotated[UUID, WireId("row")]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "account": {"type": "string"},
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class NewAccount(BaseModel):
    """An account to be made for a file's rows. ``type`` is Plaid's word; ``balance`` is today's."""

    name: str
    type: str = "depository"
    currency: str | None = None
    balance: str | None = None


class FileAccountOut(BaseModel):
    """One of a file's accounts: what the file says, and where its rows go.

    ``account`` is where they go, null where ``new`` is to be made or they are ``kept_aside`` until
    it is said. ``why`` is what the account was found by (given, number, file_name, same_file,
    iban, digits, name; or not: new, headings, differs), ``problem`` what speaks against it and
    ``balance_problem`` against the balance; ``sum`` is that of its rows.
    """

    key: str
    name: str
    mask: str | None
    iban: str | None
    currency: str | None
    balance: str | None
    balance_day: date | None
    rows: int
    first: date | None
    last: date | None
    sum: str
    account: AccountRef | None
    new: NewAccount | None
    kept_aside: bool
    why: str
    problem: str | None
    balance_problem: str | None
    balance_kept: bool

    @classmethod
    def of(cls, one: FileAccountChoice) -> FileAccountOut:
        """Return the account as it stands in JSON."""
        told, choice = one.told, one.choice
        code = Currency(told.currency or choice.currency or "XXX")
        new = None
        if choice.account_id is None and not choice.kept_aside:
            new = NewAccount(
                name=choice.name,
                type=choice.type,
                currency=choice.currency,
                balance=None if choice.balance is None else str(choice.balance),
            )
        return cls(
            key=told.key,
            name=told.name,
            mask=told.mask,
            iban=told.iban,
            currency=told.currency,
            balance=None if told.balance is None else amount_text(told.balance, code),
            balance_day=told.balance_day,
            rows=told.rows,
            first=told.first,
            last=told.last,
            sum=amount_text(told.amount, code),
            account=choice.account_id,
            new=new,
            kept_aside=choice.kept_aside,
            why=one.advice.why,
            problem=advice.problem(one) or None,
            balance_problem=advice.balance_problem(one) or None,
            balance_kept=one.keeps_balance,
        )


class ProblemOut(BaseModel):
    """Something in the file that was not taken: where and why."""

    line: int
    field: str
    message: str
    raw: str


class ImportOut(BaseModel):
    """A file on its way into the book. ``rows_read`` grows while it is read.

    ``known`` rows came with an earlier file, ``alike`` ones look like a row of the book. ``told``:
    what an exported book brings beside its rows, and how much: rules, budgets, goals and so on.
    """

    id: ImportRef
    file_name: str
    size: int
    sha256: str
    state: str
    format: str
    guess: dict[str, Any]
    accounts: list[FileAccountOut]
    problems: list[ProblemOut]
    problem_count: int
    rows_read: int
    rows: int
    new: int
    known: int
    alike: int
    kept_aside: int
    imported: int
    skipped: int
    told: dict[str, int]
    same_as: datetime | None
    error: str | None
    created_at: datetime
    done_at: datetime | None
    undone_at: datetime | None

    @classmethod
    def of(cls, one: FileImport) -> ImportOut:
        """Return the import as it stands in JSON."""
        return cls(
            id=one.id,
            file_name=one.file_name,
            size=one.size,
            sha256=one.sha256,
            state=one.state,
            format=one.format,
            guess=one.guess.as_json(with_samples=False),
            accounts=[FileAccountOut.of(account) for account in one.accounts],
            problems=[ProblemOut(**problem._asdict()) for problem in one.problems],
            problem_count=one.problem_count,
            rows_read=one.rows_read,
            rows=one.rows,
            new=one.new,
            known=one.known,
            alike=one.alike,
            kept_aside=one.kept_aside,
            imported=one.imported,
            skipped=one.skipped,
            told=dict(one.told),
            same_as=one.same_as,
            error=one.error,
            created_at=one.created_at,
            done_at=one.done_at,
            undone_at=one.undone_at,
        )


class RowOut(BaseModel):
    """A file's row. ``mark``: new, known (in the book from an earlier file) or alike."""

    id: RowRef
    line: int
    account: str
    day: date
    amount: str
    currency: str | None
    description: str
    payee: str | None
    note: str | None
    category: str | None
    pending: bool
    mark: str
    score: int | None
    rival: Annotated[UUID, WireId("trn")] | None
    rival_day: date | None
    rival_text: str | None

    @classmethod
    def of(cls, row: PreviewRow) -> RowOut:
        """Return the row as it stands in JSON."""
        return cls(
            id=row.id,
            line=row.line,
            account=row.account_key,
            day=row.day,
            amount=amount_text(row.amount, Currency(row.currency or "XXX")),
            currency=row.currency,
            description=row.description,
            payee=row.payee,
            note=row.note,
            category=row.category,
            pending=row.pending,
            mark=row.mark or "new",
            score=row.score,
            rival=row.rival_id,
            rival_day=row.rival_day,
            rival_text=row.rival_text,
        )


class RowList(BaseModel):
    """Rows in the file's order; ``next`` is the ``after`` of the following ones."""

    items: list[RowOut]
    next: RowRef | None


class AccountIn(BaseModel):
    """Where one of a file's accounts goes: ``account``, a ``new`` one, or ``kept_aside``.

    ``keep_balance`` is whether the balance that the file tells is believed; alone it changes only
    that.
    """

    model_config = ConfigDict(extra="forbid")

    account: AccountRef | None = None
    new: NewAccount | None = None
    kept_aside: bool = False
    keep_balance: bool | None = None

    def choice(self, before: Choice) -> Choice:
        """Return it as the domain has it, where it was ``before``."""
        if self.account is not None or self.kept_aside:
            return replace(
                before,
                account_id=self.account,
                kept_aside=self.account is None,
                keep_balance=self.keep_balance,
            )
        if self.new is None:
            return replace(before, keep_balance=self.keep_balance)
        balance = None if self.new.balance is None else _amount(self.new.balance)
        return Choice(
            name=self.new.name,
            type=self.new.type,
            subtype=None,
            currency=self.new.currency,
            balance=balance,
            keep_balance=self.keep_balance,
        )


def _amount(text: str) -> Decimal:
    try:
        return check_amount(plain_number(text))
    except InvalidOperation:
        raise BadAmount("The balance is not a number.", field="balance") from None


class ImportChange(BaseModel):
    """How the file is to be read, and where its accounts go. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    guess: dict[str, Any] = Field(default_factory=dict)
    accounts: dict[str, AccountIn] = Field(default_factory=dict)


class Confirmation(BaseModel):
    """Which likely doubles to take in all the same.

    ``without_unreadable``: the rest may come in where lines of the file could not be read.
    """

    model_config = ConfigDict(extra="forbid")

    include: Literal["all"] | list[RowRef] = Field(default_factory=list)
    without_unreadable: bool = False


class Undoing(BaseModel):
    """Whether rows that you changed since may go too."""

    model_config = ConfigDict(extra="forbid")

    even_edited: bool = False


@router.post("/imports", status_code=201, summary="Bring a file", openapi_extra=_BODY)
async def begin_import(request: Request, caller: Writer, response: Response) -> ImportOut:
    """Take a file (a form's ``file``, or the body with ``?name=``) and say what is in it.

    Nothing is in the book until it is confirmed. A large file is read in the background: 202. At
    most 60 files an hour: 429 past them.
    """
    await count(caller)
    async with received(request) as upload:
        account = upload.fields.get("account")
        account_id = AccountId(ids.parse("acc", account)) if account else None
        async with caller.unit_of_work() as db:
            found = await service.begin(
                db,
                owner=caller.owner,
                source=upload.source,
                now=caller.now,
                account_id=account_id,
                by_job=upload.source.size >= service.LARGE_BYTES,
                limits=limits_of(request),
            )
    response.status_code = 202 if found.is_busy else 201
    return ImportOut.of(found)


@router.get("/imports", summary="List imports")
async def list_imports(
    caller: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ImportOut]:
    """List imports, newest first."""
    async with caller.unit_of_work() as db:
        page = await service.list_imports(db, owner=caller.owner, before=cursor, limit=limit)
    return Page([ImportOut.of(one) for one in page.items], page.next)


@router.get("/imports/{import_id}", summary="Look at an import")
async def get_import(caller: Reader, import_id: ImportRef) -> ImportOut:
    """Return one import."""
    async with caller.unit_of_work() as db:
        return ImportOut.of(await get(db, owner=caller.owner, import_id=import_id))


@router.get("/imports/{import_id}/rows", summary="Look at the rows of an import")
async def list_rows(
    caller: Reader,
    import_id: ImportRef,
    mark: Literal["new", "known", "alike"] | None = None,
    after: RowRef | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RowList:
    """List rows of a file that waits, or was taken in, in the file's order."""
    async with caller.unit_of_work() as db:
        await get(db, owner=caller.owner, import_id=import_id)
        found = await service.rows(
            db, owner=caller.owner, import_id=import_id, mark=mark, after=after, limit=limit + 1
        )
    more = len(found) > limit
    items = [RowOut.of(row) for row in found[:limit]]
    return RowList(items=items, next=items[-1].id if more else None)


@router.patch("/imports/{import_id}", summary="Say how a file is to be read, and where it goes")
async def change_import(
    request: Request,
    caller: Writer,
    import_id: ImportRef,
    wanted: ImportChange,
    response: Response,
) -> ImportOut:
    """Change the guess (then the file is read anew), and the accounts."""
    owner, now = caller.owner, caller.now
    async with caller.unit_of_work() as db:
        found = await get(db, owner=owner, import_id=import_id)
        if wanted.accounts:
            before = {one.told.key: one.choice for one in found.accounts}
            choices = {
                key: one.choice(before.get(key, Choice())) for key, one in wanted.accounts.items()
            }
            found = await service.choose(
                db, owner=owner, import_id=import_id, choices=choices, now=now
            )
        if wanted.guess:
            found = await service.change_guess(
                db,
                owner=owner,
                import_id=import_id,
                changes=wanted.guess,
                now=now,
                by_job=found.size >= service.LARGE_BYTES,
                limits=limits_of(request),
            )
    response.status_code = 202 if found.is_busy else 200
    return ImportOut.of(found)


@router.post("/imports/{import_id}/confirm", summary="Take a file's rows into the book")
async def confirm_import(
    request: Request,
    caller: Writer,
    import_id: ImportRef,
    response: Response,
    wanted: Confirmation | None = None,
) -> ImportOut:
    """Take the rows in, but those there are, and likely doubles that are not included.

    Where lines of the file could not be read it is refused, unless it may come in without them.
    Repeating it changes nothing. Very many rows are taken in in the background: 202.
    """
    include = [] if wanted is None else wanted.include
    async with caller.unit_of_work() as db:
        found = await get(db, owner=caller.owner, import_id=import_id)
        found = await service.confirm(
            db,
            owner=caller.owner,
            import_id=import_id,
            include=None if include == "all" else [UUID(str(one)) for one in include],
            now=caller.now,
            without_unreadable=wanted is not None and wanted.without_unreadable,
            actor=caller.actor,
            by_job=service.is_for_a_job(found),
            sections=sections_of(request).writable(caller.scopes),
            limits=limits_of(request),
        )
    response.status_code = 202 if found.is_busy else 200
    return ImportOut.of(found)


@router.post("/imports/{import_id}/undo", summary="Take an import out again")
async def undo_import(
    request: Request, caller: Writer, import_id: ImportRef, wanted: Undoing | None = None
) -> ImportOut:
    """Take out exactly what the import brought."""
    async with caller.unit_of_work() as db:
        return ImportOut.of(
            await taking.undo(
                db,
                owner=caller.owner,
                import_id=import_id,
                now=caller.now,
                even_edited=wanted is not None and wanted.even_edited,
                actor=caller.actor,
                sections=sections_of(request).writable(caller.scopes),
            )
        )


@router.delete("/imports/{import_id}", status_code=204, summary="Forget a file not taken in")
async def discard_import(caller: Writer, import_id: ImportRef) -> None:
    """Forget a file that was not taken in."""
    async with caller.unit_of_work() as db:
        await service.discard(db, owner=caller.owner, import_id=import_id)
