"""Pages of one account beside its own: editing it, its values by date, a loan's schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from strongroom import accounts, identity, ui
from strongroom.accounts import MANUAL_SUBTYPES, Account, Details, LoanTerms, Method, Schedule
from strongroom.accounts.labels import manual_label, method_label
from strongroom.core import ids
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.ids import AccountId
from strongroom.core.money import Money
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.ui.charts import NetWorthLine, Point
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
Writer = Annotated[identity.Caller, Depends(may("settings:write"))]
AccountRef = Annotated[AccountId, WireId("acc")]
Text = Annotated[str, Form()]
REMINDERS = (1, 3, 6, 12, 24, 36)
EVERY = (1, 2, 3, 4, 6, 12)


class BadEntry(Refused):
    """A text in a form is no day or no number."""


@router.get("/accounts/{account_id}/edit")
async def edit(request: Request, caller: Reader, account_id: AccountRef) -> HTMLResponse:
    """Show what may be changed of an account."""
    return await _edit_form(request, caller, account_id)


@router.post("/accounts/{account_id}/edit")
async def save(
    request: Request,
    caller: Writer,
    account_id: AccountRef,
    name: Text = "",
    subtype: Text = "",
    note: Text = "",
    rate: Text = "",
    remind: Text = "",
    primary: Text = "",
) -> Response:
    """Change all of it, or show the form again with what is wrong."""
    typed = {"name": name, "subtype": subtype, "note": note, "rate": rate, "remind": remind}
    one: dict[str, Any] = {"owner": caller.owner, "account_id": account_id}
    one |= {"now": caller.now, "actor": caller.actor}
    try:
        said = Details(note, _percent(request, rate) if rate else None, _whole(remind, "remind"))
        async with caller.unit_of_work() as db:
            account = await accounts.rename(db, name=name, **one)
            if account.is_manual and subtype and subtype != account.subtype:
                account = await accounts.change_kind(db, subtype=subtype, **one)
            await accounts.describe(db, said=said, **one)
            if bool(primary) is not account.is_primary:
                await accounts.make_primary(db, primary=bool(primary), **one)
    except Refused as problem:
        return await _edit_form(request, caller, account_id, typed, problem)
    with ui.using(request.state.preferences):
        return redirect(_address(account), toast=ui.gettext("Saved."))


@router.post("/accounts/{account_id}/delete")
async def delete(request: Request, caller: Writer, account_id: AccountRef) -> Response:
    """Delete what was added by mistake, or say why that cannot be."""
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=caller.owner, account_id=account_id)
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await accounts.delete(
                    db,
                    owner=caller.owner,
                    account_id=account_id,
                    now=caller.now,
                    actor=caller.actor,
                )
        except accounts.AccountIsInUse:
            toast = ui.gettext("Transactions stand on it. Close it instead: its history is kept.")
            return redirect(_address(account), toast=toast)
        return redirect("/accounts", toast=ui.gettext("%(name)s is deleted.", name=account.name))


@router.get("/accounts/{account_id}/values")
async def values(
    request: Request, caller: Reader, account_id: AccountRef, day: str = ""
) -> HTMLResponse:
    """Show the values that were told; the one of ``day`` in a form."""
    return await _values(request, caller, account_id, {"was": day} if day else {})


@router.post("/accounts/{account_id}/values")
async def change_values(
    request: Request,
    caller: Writer,
    account_id: AccountRef,
    action: Text = "",
    was: Text = "",
    value: Text = "",
    day: Text = "",
) -> Response:
    """Add, correct or delete a value, or show the form again with what is wrong."""
    one: dict[str, Any] = {"owner": caller.owner, "account_id": account_id}
    one |= {"now": caller.now, "actor": caller.actor}
    try:
        async with caller.unit_of_work() as db:
            account = await accounts.get(db, owner=caller.owner, account_id=account_id)
            if action == "forget":
                await accounts.forget_value(db, day=_day(was, "day"), **one)
            else:
                worth = Money(_amount(request, value, "value"), account.currency)
                told = _day(day, "day")
                if action == "correct":
                    await accounts.correct_value(
                        db, day=_day(was, "day"), value=worth, new_day=told, **one
                    )
                else:
                    await accounts.revalue(db, value=worth, day=told, **one)
    except (Refused, accounts.ValueIsThere, accounts.ValueNotFound) as problem:
        typed = {"value": value, "day": day, "was": was if action == "correct" else ""}
        return await _values(request, caller, account_id, typed, problem)
    with ui.using(request.state.preferences):
        toast = ui.gettext("Deleted.") if action == "forget" else ui.gettext("Saved.")
        return redirect(f"{_address(account)}/values", toast=toast)


@router.get("/accounts/{account_id}/loan")
async def loan(
    request: Request, caller: Reader, account_id: AccountRef, extra: str = ""
) -> HTMLResponse:
    """Show what is still to be paid of a loan, and on what terms."""
    return await _loan(request, caller, account_id, {"extra": extra})


@router.post("/accounts/{account_id}/loan")
async def save_loan(
    request: Request,
    caller: Writer,
    account_id: AccountRef,
    action: Text = "",
    principal: Text = "",
    rate: Text = "",
    first: Text = "",
    payments: Text = "",
    payment: Text = "",
    method: Text = "annuity",
    every: Text = "1",
    follows: Text = "",
) -> Response:
    """Write a loan's terms or forget them, or show the form again with what is wrong."""
    typed = {"principal": principal, "rate": rate, "first": first, "payments": payments}
    typed |= {"payment": payment, "method": method, "every": every, "follows": follows}
    one: dict[str, Any] = {"owner": caller.owner, "account_id": account_id}
    one |= {"now": caller.now, "actor": caller.actor}
    try:
        async with caller.unit_of_work() as db:
            account = await accounts.get(db, owner=caller.owner, account_id=account_id)
            if action == "forget":
                await accounts.forget_loan_terms(db, **one)
            else:
                terms = _terms(request, account, typed)
                await accounts.set_loan_terms(db, terms=terms, **one)
    except Refused as problem:
        return await _loan(request, caller, account_id, typed, problem)
    with ui.using(request.state.preferences):
        return redirect(f"{_address(account)}/loan", toast=ui.gettext("Saved."))


def _terms(request: Request, account: Account, typed: Mapping[str, str]) -> LoanTerms:
    def money(name: str) -> Money:
        return Money(_amount(request, typed[name], name), account.currency)

    known = typed["method"] in {one.value for one in Method}
    return LoanTerms(
        principal=money("principal"),
        yearly_percent=_percent(request, typed["rate"]),
        first_payment=_day(typed["first"], "first"),
        payments=_whole(typed["payments"], "payments"),
        payment=money("payment") if typed["payment"].strip() else None,
        method=Method(typed["method"]) if known else Method.ANNUITY,
        every_months=_whole(typed["every"], "every") or 1,
        follows=bool(typed["follows"]),
    )


async def _edit_form(
    request: Request,
    caller: identity.Caller,
    account_id: AccountId,
    typed: Mapping[str, str] | None = None,
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=caller.owner, account_id=account_id)
        said = await accounts.details(db, owner=caller.owner, account_id=account_id)
    rate = "" if said.yearly_percent is None else _typed(request, said.yearly_percent)
    shown = {
        "name": account.name,
        "subtype": account.subtype or "",
        "note": said.note or "",
        "rate": rate,
        "remind": str(said.remind_months or ""),
    }
    kinds = [kind for kind, one in MANUAL_SUBTYPES.items() if one.is_debt is account.is_debt]
    return _page(
        request,
        "accounts/edit.html",
        problem,
        account=account,
        typed={**shown, **(typed or {})},
        kinds=kinds if account.subtype in kinds else [account.subtype or "", *kinds],
        manual_label=manual_label,
        reminders=sorted({*REMINDERS, *([said.remind_months] if said.remind_months else [])}),
    )


async def _values(
    request: Request,
    caller: identity.Caller,
    account_id: AccountId,
    typed: Mapping[str, str],
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=caller.owner, account_id=account_id)
        told = await accounts.told_values(db, owner=caller.owner, account_id=account_id)
    meant = next((one for one in told if one.day.isoformat() == typed.get("was")), None)
    shown = {"was": "", "value": "", "day": caller.today.isoformat()}
    if meant is not None:
        told_as = -meant.balance.amount if account.is_debt else meant.balance.amount
        shown |= {"value": _typed(request, told_as), "day": typed["was"]}
    return _page(
        request,
        "accounts/values.html",
        problem,
        account=account,
        told=told,
        typed={**shown, **typed, "was": "" if meant is None else typed["was"]},
        today=caller.today,
    )


async def _loan(
    request: Request,
    caller: identity.Caller,
    account_id: AccountId,
    typed: Mapping[str, str],
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    plan: Schedule | None = None
    more: Schedule | None = None
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=caller.owner, account_id=account_id)
        if not account.is_debt:
            raise accounts.NotALoan(f"{account.name} is not a loan.")
        mine = await accounts.loan_terms(db, owner=caller.owner, account_id=account_id)
        try:
            plan = await accounts.schedule(db, owner=caller.owner, account_id=account_id)
            if typed.get("extra", "").strip():
                extra = Money(_amount(request, typed["extra"], "extra"), account.currency)
                more = await accounts.schedule(
                    db, owner=caller.owner, account_id=account_id, extra=extra
                )
        except accounts.NoLoanTerms:
            pass
        except Refused as refused:
            problem = problem or refused
    return _page(
        request,
        "accounts/loan.html",
        problem,
        account=account,
        plan=plan,
        more=more,
        mine=mine,
        typed={**_shown(request, mine, plan), **typed},
        methods=[(one.value, method_label(one.value)) for one in Method],
        every=EVERY,
        spec=None if plan is None else _curve(request, caller, plan),
    )


def _shown(request: Request, mine: LoanTerms | None, plan: Schedule | None) -> dict[str, str]:
    """Return what the form of terms shows: the person's, else the bank's, else what is usual."""
    terms = mine or (plan.terms if plan is not None else None)
    usual = {"principal": "", "rate": "", "first": "", "payments": "", "payment": "", "extra": ""}
    if terms is None:
        return {**usual, "method": Method.ANNUITY.value, "every": "1", "follows": "1"}
    return {
        **usual,
        "principal": _typed(request, terms.principal.amount),
        "rate": _typed(request, terms.yearly_percent),
        "first": terms.first_payment.isoformat(),
        "payments": str(terms.payments or ""),
        "payment": "" if terms.payment is None else _typed(request, terms.payment.amount),
        "method": terms.method.value,
        "every": str(terms.every_months),
        "follows": "1" if terms.follows or mine is None else "",
    }


def _typed(request: Request, amount: Decimal) -> str:
    """Return an amount as the person would type it, so that it is read again as it is."""
    text = f"{amount.normalize():f}"
    return text.replace(".", ",") if request.state.preferences.locale == "nb" else text


def _curve(request: Request, caller: identity.Caller, plan: Schedule) -> NetWorthLine:
    """Return what is owed from now to the last payment, as a chart: all of it is an estimate."""
    points = [Point(one.day, one.left.amount, estimated=True) for one in plan.payments]
    begins = Point(caller.today, plan.owed.amount, estimated=True)
    with ui.using(request.state.preferences):
        title = ui.gettext("What is left to pay")
    later = [one for one in points if one.day > caller.today]
    return NetWorthLine(title, (begins, *later), plan.owed.currency)


def _page(
    request: Request, name: str, problem: StrongroomError | None, **shown: Any
) -> HTMLResponse:
    return render(
        request,
        name,
        status=200 if problem is None else problem.status,
        nav="overview",
        problem=problem,
        wrong=None if problem is None else problem.field,
        **shown,
    )


def _address(account: Account) -> str:
    return f"/accounts/{ids.show('acc', account.id)}"


def _amount(request: Request, text: str, field: str) -> Decimal:
    try:
        return ui.parse_amount(text, request.state.preferences.locale)
    except ui.AmountNotReadable as problem:
        raise BadEntry(problem.message, field=field) from None


def _percent(request: Request, text: str) -> Decimal:
    return _amount(request, text.strip().removesuffix("%"), "yearly_percent")


def _whole(text: str, field: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadEntry("Write a whole number.", field=field)
    return int(text)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadEntry("Write a day like 2026-11-20.", field=field) from None
