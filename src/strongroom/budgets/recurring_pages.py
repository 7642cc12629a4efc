"""The pages of what comes again and again: all of it, one item with its rows, what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import budgets, identity, transactions, ui
from strongroom.budgets import RecurringId, RecurringItem, Standing, Verdict
from strongroom.budgets.recurring_labels import cadence_label, standing_label
from strongroom.core import ids
from strongroom.core.money import Currency, Money, minor_units, total
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import RecurringStream, category_label
from strongroom.ui.charts import Sparkline
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("budgets:read"))]
Writer = Annotated[identity.Caller, Depends(may("budgets:write"))]
RecurringRef = Annotated[RecurringId, WireId("rec")]
_COMING_DAYS = 30
_SHOWN_ROWS = 12


@router.get("/budgets/recurring")
async def show_recurring(request: Request, caller: Reader) -> HTMLResponse:
    """Show everything that comes again and again, and what is expected in the next 30 days."""
    owner, today = caller.owner, caller.today
    async with caller.unit_of_work() as db:
        looked = await budgets.ask_if_stale(db, owner=owner, today=today)
        found = await budgets.recurring_items(db, owner=owner)
        coming = await budgets.coming_up(db, owner=owner, today=today, days=_COMING_DAYS)
        streams = await transactions.recurring_streams(db, owner=owner)
    return render(
        request,
        "budgets/recurring.html",
        nav="budgets",
        looked=looked,
        missed=[one for one in found if one.counts and one.standing is Standing.MISSED],
        rising=[one for one in found if one.counts and one.rise and one.amount.amount < 0],
        out=[one for one in found if one.counts and one.amount.amount < 0 and not one.moves],
        into=[one for one in found if one.counts and one.amount.amount > 0 and not one.moves],
        moves=[one for one in found if one.counts and one.moves],
        over=[one for one in found if not one.counts],
        a_month=_a_month(found),
        coming=coming,
        streams=_only_theirs(streams, found),
        cadence=cadence_label,
        standing=standing_label,
        label=category_label,
        today=today,
    )


@router.get("/budgets/recurring/{item}")
async def show_item(request: Request, caller: Reader, item: RecurringRef) -> HTMLResponse:
    """Show one item: how it stands, its amounts over time, and the rows it was seen in."""
    owner = caller.owner
    async with caller.unit_of_work() as db:
        found = await budgets.recurring_item(db, owner=owner, item_id=item)
        rows = await budgets.rows_of_recurring(db, owner=owner, item_id=item)
        newest = [
            await transactions.get(db, owner=owner, transaction_id=one)
            for one in rows[:_SHOWN_ROWS]
        ]
    values = tuple(abs(row.amount.amount) for row in reversed(newest))
    with ui.using(request.state.preferences):
        line = Sparkline(ui.gettext("Amounts over time"), values)
    return render(
        request,
        "budgets/recurring_item.html",
        nav="budgets",
        item=found,
        rows=newest,
        more=len(rows) - len(newest),
        line=line,
        cadence=cadence_label,
        standing=standing_label,
        label=category_label,
    )


@router.post("/budgets/recurring/{item}")
async def judge(
    request: Request,
    caller: Writer,
    item: RecurringRef,
    verdict: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Store what a person says of an item: that it is one, or none, or nothing."""
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    async with caller.unit_of_work() as db:
        await budgets.judge_recurring(
            db,
            owner=caller.owner,
            item_id=item,
            verdict=chosen,
            now=caller.now,
            actor=caller.actor,
        )
    with ui.using(request.state.preferences):
        toast = {
            Verdict.CONFIRMED: ui.gettext("Kept as recurring."),
            Verdict.DISMISSED: ui.gettext("No longer expected."),
            None: ui.gettext("Taken back."),
        }[chosen]
    return redirect(next or f"/budgets/recurring/{ids.show('rec', item)}", toast=toast)


def _a_month(items: Sequence[RecurringItem]) -> list[tuple[Money, Money]]:
    """Return what comes in and goes out in a usual month, by currency, most items first."""
    counted = [one for one in items if one.counts and not one.moves]
    codes = sorted(
        {one.amount.currency for one in counted},
        key=lambda code: -sum(one.amount.currency == code for one in counted),
    )
    return [(_sum(counted, code, above=True), _sum(counted, code, above=False)) for code in codes]


def _sum(items: Sequence[RecurringItem], code: Currency, *, above: bool) -> Money:
    unit = Decimal(1).scaleb(-minor_units(code))
    return total(
        (
            Money((one.amount.amount * one.a_year / 12).quantize(unit), code)
            for one in items
            if one.amount.currency == code and (one.amount.amount > 0) == above
        ),
        code,
    )


def _only_theirs(
    streams: Sequence[RecurringStream], found: Sequence[RecurringItem]
) -> list[RecurringStream]:
    """Return what banks see as recurring and we do not: not of an account, amount and day here."""
    ours = {(one.account_id, one.last_on, one.last) for one in found}
    return [
        one
        for one in streams
        if one.is_active and (one.account_id, one.last_on, one.last) not in ours
    ]
