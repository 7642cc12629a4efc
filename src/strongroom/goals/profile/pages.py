"""The page of the financial profile: each figure, who says so and from what, and changing it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from strongroom import identity, ui
from strongroom.core.errors import NotFound, Refused, StrongroomError
from strongroom.core.money import Currency, Money, minor_units
from strongroom.goals.profile import service
from strongroom.goals.profile.labels import class_name, figure_name, made_of, told_by, why_text
from strongroom.goals.profile.service import BadFigure
from strongroom.goals.profile.types import (
    ASSET_CLASSES,
    LEAST_MONTHS,
    VOLATILITIES,
    Figure,
    FigureName,
    Profile,
)
from strongroom.identity.access import may
from strongroom.transactions import category_label
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]

_SMALL: Final = Decimal("0.01")
_GROUPS: Final = (
    ("have", (FigureName.LIQUID_ASSETS, FigureName.INVESTMENT_ALLOCATION)),
    ("month", (
        FigureName.MONTHLY_INCOME, FigureName.MONTHLY_SPENDING, FigureName.MONTHLY_BILLS,
        FigureName.INCOME_VOLATILITY, FigureName.SPENDING_VOLATILITY,
    )),
    ("owe", (
        FigureName.CREDIT_DEBT, FigureName.LOAN_DEBT, FigureName.MONTHLY_LOAN_PAYMENTS,
    )),
)  # fmt: skip


@router.get("/goals/profile")
async def show_profile(request: Request, caller: Reader, change: str = "") -> HTMLResponse:
    """Show the profile; the figure named by ``change`` with a form."""
    return await _page(request, caller, change, {})


@router.post("/goals/profile/{figure}")
async def change_figure(request: Request, caller: Writer, figure: str) -> Response:
    """Say a figure oneself or go back to what was found; the form again if it cannot be."""
    if figure not in set(FigureName):
        raise NotFound("There is no such figure.")
    name, told = FigureName(figure), await request.form()
    forget = told.get("action") == "forget"
    one: dict[str, Any] = {"owner": caller.owner, "figure": name}
    one |= {"now": caller.now, "actor": caller.actor}
    try:
        with ui.using(request.state.preferences):
            said = {} if forget else _read(name, told)
        async with caller.unit_of_work() as db:
            if forget:
                await service.forget_override(db, **one)
            else:
                await service.override(db, **one, **said)
    except Refused as problem:
        typed = {key: str(value) for key, value in told.items()}
        return await _page(request, caller, figure, typed, problem)
    with ui.using(request.state.preferences):
        toast = ui.gettext("Back to what was found.") if forget else ui.gettext("Saved.")
        return redirect(f"/goals/profile#{figure}", toast=toast)


async def _page(
    request: Request,
    caller: identity.Caller,
    change: str,
    typed: Mapping[str, str],
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    async with caller.unit_of_work() as db:
        found = await service.get(db, owner=caller.owner, now=caller.now)
    return render(
        request,
        "goals/profile.html",
        status=200 if problem is None else problem.status,
        nav="goals",
        one=found,
        groups=_GROUPS,
        change=change,
        problem=problem,
        typed={**_typed(change, found), **typed},
        figure_of=found.figure,
        money=lambda amount: Money(amount, found.currency),
        is_share=lambda name: name in VOLATILITIES,
        share_text=_share_text,
        names=figure_name,
        made_of=made_of,
        why=why_text,
        told_by=told_by,
        class_name=class_name,
        classes=ASSET_CLASSES,
        label=category_label,
        least=LEAST_MONTHS,
        empty=_knows_nothing(found),
    )


def _knows_nothing(found: Profile) -> bool:
    figures = [found.figure(name) for name in FigureName if name != "investment_allocation"]
    return all(one.amount is None for one in figures) and not found.left_out


def _typed(change: str, found: Profile) -> dict[str, str]:
    """Return what the fields of a figure's form begin with: what holds now."""
    texts = {"currency": str(found.currency)}
    if change == FigureName.INVESTMENT_ALLOCATION:
        shares = found.investment_allocation or {}
        return {**texts, **{kind: _percent(shares.get(kind)) for kind in ASSET_CLASSES}}
    if change not in set(FigureName):
        return texts
    name = FigureName(change)
    figure: Figure = found.figure(name)
    if name in VOLATILITIES:
        return {**texts, "amount": _percent(figure.amount)}
    return {**texts, "amount": _amount(figure.amount, found.currency)}


def _amount(amount: Decimal | None, code: Currency) -> str:
    text = "" if amount is None else f"{amount:.{minor_units(code)}f}"
    return text.replace(".", ",") if ui.current().locale == "nb" else text


def _percent(share: Decimal | None) -> str:
    """Return a share as percent to type: ``12.5``."""
    if share is None:
        return ""
    text = f"{(share * 100).normalize():f}"
    return text.replace(".", ",") if ui.current().locale == "nb" else text


def _read(name: FigureName, told: FormData) -> dict[str, Any]:
    """Return what the form says as the verb takes it.

    Raises ``AmountNotReadable``, ``BadAmount`` and ``BadFigure``.
    """
    if name is FigureName.INVESTMENT_ALLOCATION:
        return {"shares": {kind: _share(str(told.get(kind, ""))) for kind in ASSET_CLASSES}}
    text = str(told.get("amount", ""))
    if name in VOLATILITIES:
        return {"amount": _volatility(text)}
    code = Currency(str(told.get("currency", "")))
    if not code:
        raise BadFigure(ui.gettext("A code such as NOK, EUR or USD."), field="currency")
    return {"amount": Money(ui.parse_amount(text, ui.current().locale), code)}


def _share_text(share: Decimal) -> str:
    """Return a share of hundred; of one below 1 percent two decimals, so that it is no 0."""
    return ui.percent(share, digits=2 if share < _SMALL else 1)


def _volatility(text: str) -> Decimal:
    """Return the share that a person writes as percent. Raises ``BadFigure`` and what is read."""
    share = ui.parse_amount(text.replace("%", ""), ui.current().locale) / 100
    if not 0 <= share <= 1:
        raise BadFigure(
            ui.gettext("Give a percentage from 0 to 100."),
            field="amount",
            hint=ui.gettext("Write 5 for 5 percent."),
        )
    return share


def _share(text: str) -> Decimal:
    if not text.strip():
        return Decimal(0)
    return ui.parse_amount(text.replace("%", ""), ui.current().locale) / 100
