"""Settings, Rules: the list, one rule with what it would do, running; the offer after an edit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from strongroom import accounts, identity, transactions, ui
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import TransactionId, UserId
from strongroom.core.wire import WireId
from strongroom.identity.access import may
from strongroom.transactions import manual, sorting
from strongroom.transactions.labels import category_label, grouped
from strongroom.transactions.manual.pages import undo_address
from strongroom.transactions.sorting import Draft, DryRun, Rule, RuleId, forms
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
RuleRef = Annotated[RuleId, WireId("rul")]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_LIST = "/settings/rules"


@router.get("/settings/rules")
async def show_rules(request: Request, caller: Reader) -> HTMLResponse:
    """Show the rules in the order in which they are run."""
    async with caller.unit_of_work() as db:
        rules = await sorting.list_rules(db, owner=caller.owner)
        known = await transactions.categories(db, owner=caller.owner)
        held = await accounts.list_all(db, owner=caller.owner)
    return render(
        request,
        "transactions/rules.html",
        nav="settings",
        rules=rules,
        label=category_label,
        categories={one.id: one for one in known},
        accounts={one.id: one.name for one in held},
    )


@router.get("/settings/rules/new")
async def show_new(request: Request, caller: Reader) -> HTMLResponse:
    """Show an empty form, or one with what the address says and what that would do."""
    form = forms.of_request(request.query_params)
    return await _form(request, caller, form, tried=request.query_params.get("preview") == "1")


@router.post("/settings/rules")
async def make(request: Request, caller: Writer) -> Response:
    """Make the rule of the form, also run it if asked; or show what it would do, or is wrong."""
    told = await request.form()
    form, action = forms.of_request(told), str(told.get("action", ""))
    if action == "preview":
        return await _form(request, caller, form, tried=True)
    try:
        with ui.using(request.state.preferences):
            async with caller.unit_of_work() as db:
                rule = await sorting.add_rule(
                    db,
                    owner=caller.owner,
                    draft=forms.read(form),
                    now=caller.now,
                    actor=caller.actor,
                )
                changed = await _run(db, caller, rule.id) if action == "apply" else None
            return redirect(_LIST, toast=_made(changed))
    except StrongroomError as problem:
        return await _form(request, caller, form, problem=problem)


@router.post("/settings/rules/apply")
async def apply_all(request: Request, caller: Writer) -> RedirectResponse:
    """Run all rules over the whole book."""
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            changed = await _run(db, caller, None)
        return redirect(_LIST, toast=_changed(changed))


@router.get("/settings/rules/{rule_id}")
async def show_rule(request: Request, caller: Reader, rule_id: RuleRef) -> HTMLResponse:
    """Show one rule as a form, and what it would do to the rows there are."""
    async with caller.unit_of_work() as db:
        rule = await sorting.get_rule(db, owner=caller.owner, rule_id=rule_id)
    with ui.using(request.state.preferences):
        form = forms.of_rule(rule)
    return await _form(request, caller, form, rule=rule, tried=True)


@router.post("/settings/rules/{rule_id}")
async def change(request: Request, caller: Writer, rule_id: RuleRef) -> Response:
    """Write the rule anew, also run it if asked; or show what it would do, or what is wrong."""
    told = await request.form()
    form, action = forms.of_request(told), str(told.get("action", ""))
    async with caller.unit_of_work() as db:
        rule = await sorting.get_rule(db, owner=caller.owner, rule_id=rule_id)
    if action == "preview":
        return await _form(request, caller, form, rule=rule, tried=True)
    try:
        with ui.using(request.state.preferences):
            async with caller.unit_of_work() as db:
                await sorting.change_rule(
                    db,
                    owner=caller.owner,
                    rule_id=rule_id,
                    draft=forms.read(form, is_on=rule.is_on),
                    now=caller.now,
                    actor=caller.actor,
                )
                changed = await _run(db, caller, rule_id) if action == "apply" else None
            toast = ui.gettext("Saved.") if changed is None else _changed(changed)
            return redirect(_LIST, toast=toast)
    except StrongroomError as problem:
        return await _form(request, caller, form, rule=rule, problem=problem)


@router.post("/settings/rules/{rule_id}/apply")
async def apply_one(request: Request, caller: Writer, rule_id: RuleRef) -> RedirectResponse:
    """Run one rule over the whole book."""
    with ui.using(request.state.preferences):
        async with caller.unit_of_work() as db:
            changed = await _run(db, caller, rule_id)
        return redirect(_LIST, toast=_changed(changed))


@router.post("/settings/rules/{rule_id}/move")
async def move(
    caller: Writer, rule_id: RuleRef, place: Annotated[int, Form(ge=1, le=10_000)]
) -> RedirectResponse:
    """Put a rule at another place."""
    async with caller.unit_of_work() as db:
        await sorting.move_rule(
            db, owner=caller.owner, rule_id=rule_id, to=place, now=caller.now, actor=caller.actor
        )
    return redirect(f"{_LIST}#{ids.show('rul', rule_id)}")


@router.post("/settings/rules/{rule_id}/switch")
async def switch(
    request: Request, caller: Writer, rule_id: RuleRef, on: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Switch a rule on or off."""
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                await sorting.set_rule_on(
                    db,
                    owner=caller.owner,
                    rule_id=rule_id,
                    is_on=on == "1",
                    now=caller.now,
                    actor=caller.actor,
                )
        except sorting.RulesContradict as problem:
            return redirect(_LIST, toast=problem.message)
        toast = ui.gettext("The rule is on.") if on == "1" else ui.gettext("The rule is off.")
        return redirect(_LIST, toast=toast)


@router.post("/settings/rules/{rule_id}/delete")
async def delete(request: Request, caller: Writer, rule_id: RuleRef) -> RedirectResponse:
    """Take a rule away."""
    async with caller.unit_of_work() as db:
        await sorting.delete_rule(
            db, owner=caller.owner, rule_id=rule_id, now=caller.now, actor=caller.actor
        )
    with ui.using(request.state.preferences):
        return redirect(_LIST, toast=ui.gettext("Deleted. What it did to rows stays."))


@router.post("/transactions/{transaction_id}/use-for-all")
async def use_for_all(
    request: Request,
    caller: Writer,
    transaction_id: TransactionRef,
    action: Annotated[str, Form()] = "all",
) -> RedirectResponse:
    """Put the other rows of a row's merchant where the person put this one; or make that a rule.

    With ``action`` rule, the rule is made and those rows are sorted by its hand; with change, the
    rule that is in its way is changed to it.
    """
    back = f"/transactions/{ids.show('trn', transaction_id)}"
    with ui.using(request.state.preferences):
        try:
            async with caller.unit_of_work() as db:
                undo = ""
                if action in ("rule", "change"):
                    changed = await _rule_of_offer(db, caller, transaction_id, action)
                    toast = _made(changed) if action == "rule" else _anew(changed)
                else:
                    done = await sorting.take_offer(
                        db,
                        owner=caller.owner,
                        transaction_id=transaction_id,
                        now=caller.now,
                        actor=caller.actor,
                    )
                    toast = _changed(done.rows)
                    if done.edit_id is not None:
                        undo = undo_address(manual.Edit(done.edit_id, done.rows), back)
        except (sorting.NothingToOffer, sorting.RuleNotFound, sorting.RulesContradict) as problem:
            return redirect(back, toast=problem.message)
        return redirect(back, toast=toast, undo=undo)


async def beside(db: Db, owner: UserId, transaction_id: TransactionId) -> dict[str, object]:
    """Return what the page of a transaction shows of rules: ``hands`` on it, and the ``offer``.

    ``in_the_way`` is the rule to change for the offer, where one has its conditions already.
    """
    offer = await sorting.offer_for(db, owner=owner, transaction_id=transaction_id)
    return {
        "hands": await sorting.hands_on(db, owner=owner, transaction_id=transaction_id),
        "offer": offer,
        "in_the_way": offer and await sorting.in_the_way(db, owner=owner, offered=offer),
    }


async def _rule_of_offer(
    db: Db, caller: identity.Caller, transaction_id: TransactionId, action: str
) -> int:
    offered = await sorting.offer_for(db, owner=caller.owner, transaction_id=transaction_id)
    if offered is None:
        raise sorting.NothingToOffer(ui.gettext("There is nothing left to change."))
    by: dict[str, Any] = {"owner": caller.owner, "now": caller.now, "actor": caller.actor}
    if action == "change":
        rule = await sorting.change_to_offer(db, offered=offered, **by)
    else:
        rule = await sorting.add_rule(db, draft=sorting.rule_of_offer(offered), **by)
    return await _run(db, caller, rule.id)


async def _run(db: Db, caller: identity.Caller, rule_id: RuleId | None) -> int:
    done = await sorting.apply_rules(
        db, owner=caller.owner, rule_id=rule_id, now=caller.now, actor=caller.actor
    )
    return done.rows


def _made(changed: int | None) -> str:
    if changed is None:
        return ui.gettext("The rule is made. It sorts rows as they come.")
    return ui.ngettext(
        "The rule is made, and %(num)s row changed.",
        "The rule is made, and %(num)s rows changed.",
        changed,
    )


def _anew(changed: int) -> str:
    return ui.ngettext(
        "The rule is changed, and %(num)s row with it.",
        "The rule is changed, and %(num)s rows with it.",
        changed,
    )


def _changed(changed: int) -> str:
    return ui.ngettext("%(num)s row changed.", "%(num)s rows changed.", changed)


async def _form(
    request: Request,
    caller: identity.Caller,
    form: forms.Form,
    *,
    rule: Rule | None = None,
    problem: StrongroomError | None = None,
    tried: bool = False,
) -> HTMLResponse:
    told: DryRun | None = None
    async with caller.unit_of_work() as db:
        known = await transactions.categories(db, owner=caller.owner)
        held = await accounts.list_all(db, owner=caller.owner)
        if tried and problem is None:
            try:
                with ui.using(request.state.preferences):
                    is_on = rule is None or rule.is_on
                    told = await _tried(db, caller, forms.read(form, is_on=is_on), rule)
            except StrongroomError as found:
                problem = found
    return render(
        request,
        "transactions/rule.html",
        status=200 if problem is None else problem.status,
        nav="settings",
        rule=rule,
        form=form,
        problem=problem,
        told=told,
        accounts=held,
        groups=grouped(known),
        categories={one.id: one for one in known},
        label=category_label,
    )


async def _tried(db: Db, caller: identity.Caller, draft: Draft, rule: Rule | None) -> DryRun:
    return await sorting.dry_run(
        db,
        owner=caller.owner,
        draft=draft,
        rule_id=None if rule is None else rule.id,
        now=caller.now,
    )
