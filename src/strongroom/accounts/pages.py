"""Adding an account by hand, and changing one: name, value, hidden, closed.

The page that shows an account also shows its transactions, so it stands in ``home``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from strongroom import accounts, identity, ui
from strongroom.accounts import MANUAL_SUBTYPES, Account, OpenManual, asset_pages
from strongroom.accounts.labels import manual_label
from strongroom.core import ids
from strongroom.core.errors import Refused, StrongroomError
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, Money, currency, is_official
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(asset_pages.router)

Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
Writer = Annotated[identity.Caller, Depends(may("settings:write"))]
AccountRef = Annotated[AccountId, WireId("acc")]
_USUAL = Currency("EUR")


class BadDay(Refused):
    """A text is not a day."""


class BadCode(Refused):
    """A text is not one of the currencies of ISO 4217."""


@router.get("/accounts/new")
async def new(request: Request, caller: Reader, kind: str = "real_estate") -> HTMLResponse:
    """Show the form for something that no bank reports."""
    typed = {"subtype": kind if kind in MANUAL_SUBTYPES else "real_estate"}
    return await _form(request, caller, typed)


@router.post("/accounts/new")
async def add(
    request: Request,
    caller: Writer,
    name: Annotated[str, Form()] = "",
    subtype: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
    code: Annotated[str, Form(alias="currency")] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Store it, or show the form again with what is wrong and everything that was typed."""
    typed = {"name": name, "subtype": subtype, "value": value, "currency": code, "day": day}
    try:
        opened = OpenManual(
            name=name,
            subtype=subtype,
            value=Money(_amount(request, value), _official(code)),
            day=_day(day, caller),
        )
        async with caller.unit_of_work() as db:
            account = await accounts.open_manual(
                db, owner=caller.owner, new=opened, now=caller.now, actor=caller.actor
            )
    except Refused as problem:
        return await _form(request, caller, typed, problem)
    with ui.using(request.state.preferences):
        toast = ui.gettext("%(name)s is added.", name=account.name)
    return redirect(_address(account), toast=toast)


@router.post("/accounts/{account_id}")
async def change(
    request: Request,
    caller: Writer,
    account_id: AccountRef,
    action: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Do one of the account page's actions, then show the account again with how it went."""
    async with caller.unit_of_work() as db:
        before = await accounts.get(db, owner=caller.owner, account_id=account_id)
    with ui.using(request.state.preferences):
        try:
            toast = await _act(request, caller, before, action, name, value, day)
        except (Refused, accounts.AccountHasPendingPayments) as problem:
            toast = _why(problem)
    return redirect(_address(before), toast=toast)


async def _act(
    request: Request,
    caller: identity.Caller,
    account: Account,
    action: str,
    name: str,
    value: str,
    day: str,
) -> str:
    owner, now, which = caller.owner, caller.now, account.id
    async with caller.unit_of_work() as db:
        if action == "rename":
            await accounts.rename(
                db, owner=owner, account_id=which, name=name, now=now, actor=caller.actor
            )
            return ui.gettext("Renamed.")
        if action == "value":
            worth = Money(_amount(request, value), account.currency)
            told = _day(day, caller)
            await accounts.revalue(
                db,
                owner=owner,
                account_id=which,
                value=worth,
                day=told,
                now=now,
                actor=caller.actor,
            )
            return ui.gettext("Valued at %(amount)s.", amount=ui.money(worth))
        if action in ("hide", "show"):
            hidden = action == "hide"
            await accounts.hide(
                db, owner=owner, account_id=which, hidden=hidden, now=now, actor=caller.actor
            )
            return ui.gettext("Hidden from lists.") if hidden else ui.gettext("Shown in lists.")
        if action == "close":
            await accounts.close(db, owner=owner, account_id=which, now=now, actor=caller.actor)
            return ui.gettext("Closed. Its history is kept.")
        if action == "reopen":
            await accounts.reopen(db, owner=owner, account_id=which, now=now, actor=caller.actor)
            return ui.gettext("Open again.")
    return ui.gettext("Nothing was changed.")


async def _form(
    request: Request,
    caller: identity.Caller,
    typed: Mapping[str, str],
    problem: Refused | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
    codes = accounts.currencies_of(held, caller.settings.currency) or [_USUAL]
    return render(
        request,
        "accounts/new.html",
        status=200 if problem is None else problem.status,
        nav="overview",
        typed={
            "name": "",
            "value": "",
            "currency": codes[0],
            "day": caller.today.isoformat(),
            **typed,
        },
        kinds=list(MANUAL_SUBTYPES),
        manual_label=manual_label,
        codes=codes,
        today=caller.today,
        problem=problem,
        wrong=None if problem is None else problem.field,
    )


def _why(problem: StrongroomError) -> str:
    """Return what is wrong with what was typed or asked, in the person's language."""
    if isinstance(problem, accounts.AccountHasPendingPayments):
        return f"{problem.message} {problem.hint}"
    if isinstance(problem, accounts.AccountIsClosed):
        return ui.gettext("It is closed: reopen it first.")
    if problem.field == "name":
        return ui.gettext("A name has 1 to 100 characters.")
    if problem.field == "day":
        return ui.gettext("Give a day between 1970 and today.")
    if isinstance(problem, ui.AmountNotReadable):
        return problem.message
    return ui.gettext(
        "Give a value from zero to 1,000,000,000,000,000, with no more decimals than its currency "
        "has; a debt too is written without a sign. Cash, bank accounts and cards may be below "
        "zero."
    )


def _address(account: Account) -> str:
    return f"/accounts/{ids.show('acc', account.id)}"


def _amount(request: Request, text: str) -> Decimal:
    return ui.parse_amount(text, request.state.preferences.locale)


def _official(text: str) -> Currency:
    code = currency(text or "?")
    if not is_official(code):
        raise BadCode(
            "Write a currency by its three letters, such as NOK.",
            field="currency",
            hint="What is in no currency, such as a coin, is valued in your own currency.",
        )
    return code


def _day(text: str, caller: identity.Caller) -> date:
    try:
        return date.fromisoformat(text) if text else caller.today
    except ValueError:
        raise BadDay("Write a day like 2026-11-20.", field="day") from None
