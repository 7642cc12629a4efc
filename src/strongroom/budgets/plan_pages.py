"""The pages of budgets: how they stand, one with its periods, and the form to write one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import accounts, budgets, identity, transactions, ui
from strongroom.budgets import BadBudget, Budget, BudgetId, Carry, Every, NewBudget, Progress
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, StrongroomError
from strongroom.core.ids import CategoryId
from strongroom.core.money import Money, currency, minor_units
from strongroom.core.time import month_start
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import Category, Kind, category_label
from strongroom.ui.charts import SpendingBar
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]
Writer = Annotated[identity.Caller, Depends(may("budgets:write"))]
BudgetRef = Annotated[BudgetId, WireId("bdg")]
_FIELDS = ("category", "amount", "currency", "every", "starts_on", "carry")
_MOST_PAST = 24


@router.get("/budgets")
async def show_budgets(request: Request, caller: Reader) -> HTMLResponse:
    """Show how each budget stands today."""
    async with caller.unit_of_work() as db:
        found = await budgets.budget_progress(db, owner=caller.owner, today=caller.today)
    return render(
        request,
        "budgets/budgets.html",
        nav="budgets",
        found=found,
        label=category_label,
        bar=bar,
        rows_url=rows_url,
    )


@router.get("/budgets/new")
async def show_new(request: Request, caller: Writer, category: str = "") -> HTMLResponse:
    """Show the form for a budget, by the month and from the first of this one."""
    texts = {
        "category": category,
        "every": Every.MONTH.value,
        "starts_on": month_start(caller.today).isoformat(),
        "carry": Carry.NOTHING.value,
    }
    return await _form(request, caller, texts)


@router.post("/budgets")
async def make(request: Request, caller: Writer) -> Response:
    """Make the budget of the form, or show what is wrong with it."""
    texts = _texts(await request.form())
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await budgets.add_budget(
                    db,
                    owner=caller.owner,
                    new=_read(texts),
                    today=caller.today,
                    now=caller.now,
                    actor=caller.actor,
                )
        except StrongroomError as problem:
            return await _form(request, caller, texts, problem=problem)
        return redirect("/budgets", toast=ui.gettext("The budget is set."))


@router.get("/budgets/{budget_id}")
async def show_budget(request: Request, caller: Reader, budget_id: BudgetRef) -> HTMLResponse:
    """Show one budget: how it stands, its periods, and the form to change it."""
    async with caller.unit_of_work() as db:
        one = await budgets.get_budget(db, owner=caller.owner, budget_id=budget_id)
    with ui.using(request.state.preferences):
        texts = _of_budget(one)
    return await _form(request, caller, texts, budget_id=budget_id)


@router.post("/budgets/{budget_id}")
async def change(request: Request, caller: Writer, budget_id: BudgetRef) -> Response:
    """Write the budget anew, or show what is wrong with the form."""
    texts = _texts(await request.form())
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await budgets.change_budget(
                    db,
                    owner=caller.owner,
                    budget_id=budget_id,
                    new=_read(texts),
                    today=caller.today,
                    now=caller.now,
                    actor=caller.actor,
                )
        except StrongroomError as problem:
            return await _form(request, caller, texts, budget_id=budget_id, problem=problem)
        return redirect("/budgets", toast=ui.gettext("Saved."))


@router.post("/budgets/{budget_id}/delete")
async def delete(request: Request, caller: Writer, budget_id: BudgetRef) -> RedirectResponse:
    """Take a budget away."""
    async with caller.unit_of_work() as db:
        await budgets.delete_budget(
            db, owner=caller.owner, budget_id=budget_id, now=caller.now, actor=caller.actor
        )
    with ui.using(request.state.preferences):
        return redirect("/budgets", toast=ui.gettext("The budget is gone. The book is as it was."))


def bar(one: Progress) -> SpendingBar:
    """Return a budget's bar: spent of what there is, with a line where an even pace would be."""
    assert one.now is not None  # noqa: S101 - a budget that waits has no bar
    zero = Money(one.even.amount * 0, one.even.currency)
    spent = max(one.now.spent, zero)
    return SpendingBar(spent, one.even, max(one.now.available, spent))


def rows_url(one: Progress) -> str:
    """Return the address of the rows that a budget's figure is the sum of; none if it waits."""
    if one.now is None:
        return ""
    said = {"since": one.now.span.first, "until": one.now.span.last, "cur": one.budget.currency}
    if one.budget.category_id is None:
        said["flow"] = Kind.SPENDING
    else:
        said["category"] = ids.show("cat", one.budget.category_id)
    return "/reports/rows?" + urlencode(said)


async def _form(
    request: Request,
    caller: identity.Caller,
    texts: Mapping[str, str],
    *,
    budget_id: BudgetId | None = None,
    problem: StrongroomError | None = None,
) -> HTMLResponse:
    one: Progress | None = None
    async with caller.unit_of_work() as db:
        if budget_id is not None:
            (one,) = await budgets.budget_progress(
                db, owner=caller.owner, today=caller.today, budget_id=budget_id
            )
        known = await transactions.categories(db, owner=caller.owner)
        code = texts.get("currency") or await _usual_currency(db, caller)
    return render(
        request,
        "budgets/budget.html",
        status=200 if problem is None else problem.status,
        nav="budgets",
        one=one,
        past=[] if one is None else one.past[:_MOST_PAST],
        texts=dict.fromkeys(_FIELDS, "") | dict(texts) | {"currency": code},
        problem=problem,
        groups=_spending(known),
        label=category_label,
        bar=bar,
        rows_url=rows_url,
    )


async def _usual_currency(db: Db, caller: identity.Caller) -> str:
    try:
        own = caller.settings.currency
        return own or await accounts.main_currency(db, owner=caller.owner, chosen=None)
    except accounts.NothingSoFar:
        return ""


def _spending(known: list[Category]) -> list[tuple[Category, list[Category]]]:
    groups = [one for one in known if one.parent_id is None and one.kind is Kind.SPENDING]
    return [
        (group, [one for one in known if one.parent_id == group.id and one.kind is Kind.SPENDING])
        for group in groups
    ]


def _texts(told: FormData) -> dict[str, str]:
    return {name: str(told.get(name, "")).strip() for name in _FIELDS}


def _of_budget(one: Budget) -> dict[str, str]:
    amount = f"{one.amount.amount:.{minor_units(one.currency)}f}"
    comma = ui.current().locale == "nb"
    return {
        "category": "" if one.category_id is None else ids.show("cat", one.category_id),
        "amount": amount.replace(".", ",") if comma else amount,
        "currency": one.currency,
        "every": one.every.value,
        "starts_on": one.starts_on.isoformat(),
        "carry": one.carry.value,
    }


def _read(texts: Mapping[str, str]) -> NewBudget:
    """Return the budget of the form's fields.

    Raises ``BadBudget``, ``AmountNotReadable``, ``BadAmount`` and ``BadCurrency``.
    """
    amount = ui.parse_amount(texts["amount"], ui.current().locale)
    if not texts["currency"]:
        raise BadBudget(ui.gettext("A code such as NOK, EUR or USD."), field="currency")
    return NewBudget(
        category_id=_category(texts["category"]),
        amount=Money(amount, currency(texts["currency"])),
        every=next((one for one in Every if one.value == texts["every"]), Every.MONTH),
        starts_on=_day(texts["starts_on"]),
        carry=next((one for one in Carry if one.value == texts["carry"]), Carry.NOTHING),
    )


def _category(text: str) -> CategoryId | None:
    try:
        return CategoryId(ids.parse("cat", text)) if text else None
    except NotFound:
        raise BadBudget(ui.gettext("There is no such category."), field="category") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadBudget(
            ui.gettext("“%(text)s” is no day. Write it like 2026-11-20.", text=text[:40]),
            field="starts_on",
        ) from None
