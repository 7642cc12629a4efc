"""The command ``budgets``: how they stand, make one, change its amount, delete one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import typer

from strongroom import accounts, budgets, identity, transactions
from strongroom.budgets import BudgetId, Carry, Every, NewBudget, Progress
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.ids import CategoryId, UserId
from strongroom.core.money import Currency, Money, currency
from strongroom.core.plain import amount_text, plain
from strongroom.core.time import month_start, today

app = typer.Typer(no_args_is_help=True, help="Budgets: how they stand; add, change, delete them.")

BudgetName = Annotated[str, typer.Argument(help="The budget (bdg_…), as `budgets list` shows it.")]


@app.command("list")
def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List your budgets and how each stands today."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> list[Progress]:
        async with session.work() as (db, owner):
            day = await _today(db, owner, session.now())
            return await budgets.budget_progress(db, owner=owner, today=day)

    found = session.run(work())
    if session.as_json:
        session.print_json([_json(one) for one in found])
        return
    session.print_table(
        ["Id", "For", "Every", ">Spent", ">Of", ">Left", "", "Until", ""],
        [_line(one) for one in found],
        empty="No budgets. Make one with: strongroom budgets add",
    )


@app.command()
def add(
    ctx: typer.Context,
    amount: Annotated[str, typer.Argument(help="What a period has, such as 4500.")],
    category: Annotated[str, typer.Option(help="Key or cat_…; without it all spending.")] = "",
    code: Annotated[str, typer.Option("--currency", help="Without it your own.")] = "",
    every: Annotated[Every, typer.Option(help="How long a period is.")] = Every.MONTH,
    starts_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day, such as your pay day."),
    ] = None,
    carry: Annotated[Carry, typer.Option(help="What goes on to the next.")] = Carry.NOTHING,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Make a budget, from the first of this month unless told otherwise."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Progress:
        async with session.work() as (db, owner):
            day = await _today(db, owner, session.now())
            money = Money(terminal.number(amount, field="amount"), await _currency(db, owner, code))
            starts = month_start(day) if starts_on is None else starts_on.date()
            new = NewBudget(await _category(db, owner, category), money, every, starts, carry)
            made = await budgets.add_budget(
                db, owner=owner, new=new, today=day, now=session.now(), actor="cli"
            )
            return await _one(db, owner, made.id, day)

    _print(session, session.run(work()))


@app.command("set")
def set_(
    ctx: typer.Context,
    budget: BudgetName,
    amount: Annotated[str, typer.Argument(help="What a period has from this one on.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Give a budget another amount, from this period on."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> Progress:
        async with session.work() as (db, owner):
            day = await _today(db, owner, session.now())
            was = await budgets.get_budget(db, owner=owner, budget_id=_id(budget))
            money = Money(terminal.number(amount, field="amount"), was.currency)
            new = NewBudget(was.category_id, money, was.every, was.starts_on, was.carry)
            await budgets.change_budget(
                db, owner=owner, budget_id=was.id, new=replace(new), today=day,
                now=session.now(), actor="cli",
            )  # fmt: skip
            return await _one(db, owner, was.id, day)

    _print(session, session.run(work()))


@app.command()
def delete(ctx: typer.Context, budget: BudgetName, person: terminal.AsPerson = None) -> None:
    """Delete a budget. The book stays as it is."""
    session = terminal.session(ctx, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await budgets.delete_budget(
                db, owner=owner, budget_id=_id(budget), now=session.now(), actor="cli"
            )

    session.run(work())
    session.say("Deleted.")


def _print(session: terminal.Session, one: Progress) -> None:
    if session.as_json:
        session.print_json(_json(one))
        return
    session.print_table(
        ["Id", "For", "Every", ">Spent", ">Of", ">Left", "", "Until", ""], [_line(one)]
    )


async def _today(db: Db, owner: UserId, now: datetime) -> date:
    settings = await identity.get_settings(db, owner=owner)
    return today(now, settings.time_zone)


async def _currency(db: Db, owner: UserId, code: str) -> Currency:
    if code:
        return currency(code)
    settings = await identity.get_settings(db, owner=owner)
    return settings.currency or await accounts.main_currency(db, owner=owner, chosen=None)


async def _category(db: Db, owner: UserId, text: str) -> CategoryId | None:
    if not text:
        return None
    for one in await transactions.categories(db, owner=owner):
        if text in (one.key, ids.show("cat", one.id)):
            return one.id
    raise transactions.CategoryNotFound("There is no such category.", field="--category")


async def _one(db: Db, owner: UserId, budget_id: BudgetId, day: date) -> Progress:
    (found,) = await budgets.budget_progress(db, owner=owner, today=day, budget_id=budget_id)
    return found


def _id(text: str) -> BudgetId:
    return BudgetId(ids.parse("bdg", text))


def _line(one: Progress) -> tuple[object, ...]:
    name = one.budget.category_name or one.budget.category_key or "all spending"
    shown = ids.show("bdg", one.budget.id), name, one.budget.every
    if one.now is None:
        return (*shown, "", _text(one.budget.amount), "", one.budget.currency, "",
                f"from {one.budget.starts_on}")  # fmt: skip
    unknown = ", ".join(f"{_text(part)} {part.currency}" for part in one.now.unknown)
    said = f"{one.state}; no rate for {unknown}" if unknown else one.state
    return (*shown, _text(one.now.spent), _text(one.now.available), _text(one.now.left),
            one.budget.currency, one.now.span.last, said)  # fmt: skip


def _text(money: Money) -> str:
    return amount_text(money.amount, money.currency)


def _json(one: Progress) -> dict[str, Any]:
    category_id = one.budget.category_id
    told = plain(one)
    told["budget"] = {
        **told["budget"],
        "id": ids.show("bdg", one.budget.id),
        "category_id": None if category_id is None else ids.show("cat", category_id),
    }
    left = None if one.now is None else plain(one.now.left)
    return {**told, "state": one.state, "left": left}
