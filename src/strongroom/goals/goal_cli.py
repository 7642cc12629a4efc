"""The commands of goals that are kept: list, add, show, change, delete."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

import typer

from strongroom import accounts, identity
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.core.money import currency as read_currency
from strongroom.core.plain import amount_text
from strongroom.core.settings import Settings
from strongroom.core.time import today
from strongroom.goals import runs, service
from strongroom.goals.labels import constraint_label
from strongroom.goals.ollama import interpreter
from strongroom.goals.parsing import assumptions_of, understand
from strongroom.goals.parsing.effects import is_reckoned
from strongroom.goals.parsing.types import Constraint, Interpreter, Understood
from strongroom.goals.pool import case_of
from strongroom.goals.rules import BadGoal
from strongroom.goals.runs import told
from strongroom.goals.runs.cli import GoalName, goal_id
from strongroom.goals.types import CaseOf, Goal, GoalChange, GoalId, GoalType, NewGoal
from strongroom.goals.wire import GoalMade, GoalOut, ShareOut

_OTHERWISE = Currency("USD")
_LONGEST_NAME = 120
_OUTDATED = (
    "Outdated chances are of earlier numbers. A worker reckons them anew, once one is up;"
    " `strongroom goals simulate GOAL` does it now."
)
_OPTIONS = {
    "name": "--name", "target": "--amount", "target_amount": "--amount", "currency": "--currency",
    "timeline_months": "--months", "monthly_contribution": "--monthly", "accounts": "--attach",
    "priority": "--priority", "assumptions": "--assume", "goal_type": "--type",
    "todays_money": "--todays-money", "born": "--born",
}  # fmt: skip
_ANSWERS: Final = {
    "target_amount": "Say it with --amount.",
    "currency": "Say it with --currency, such as MXN.",
    "timeline_months": "Say it with --months.",
    "born": "Say it with --born, such as 1990-06-15; or say --months.",
    "monthly_contribution": "Say it with --monthly; `left`: whatever is left over.",
}
"""How a question that a text leaves is answered, by the field that it is about."""
DAY: Final = ["%Y-%m-%d"]

Name = Annotated[str | None, typer.Option(help="What the goal is called.")]
Amount = Annotated[str | None, typer.Option(help="The target, such as 50000.")]
Code = Annotated[str | None, typer.Option("--currency", help="The target's; else your own.")]
Months = Annotated[int | None, typer.Option(help="In how many months, from today: 1 to 720.")]
Kind = Annotated[GoalType | None, typer.Option("--type", help="What it is for.")]
Priority = Annotated[int | None, typer.Option(help="1 comes first, 99 last; a new goal last.")]
Monthly = Annotated[
    str | None, typer.Option(help="Put aside each month; `left`: whatever is left over.")
]
Today = Annotated[
    bool | None, typer.Option("--todays-money/--nominal", help="Whether in today's prices.")
]
Attach = Annotated[
    list[str] | None, typer.Option(help="An account (acc_…) whose money is for it; repeatable.")
]
Born = Annotated[
    datetime | None, typer.Option(formats=DAY, help="Your day of birth, for ages in the text.")
]
NoModel = Annotated[
    bool, typer.Option("--no-model", help="Ask no local model, also where one is set up.")
]
Assume = Annotated[
    list[str] | None,
    typer.Option(help="Such as inflation=0.03 or spend_less.dining=0.2; repeatable; '' is none."),
]


def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List your goals with the newest chance of each."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> tuple[list[Goal], date, Container[GoalId]]:
        async with session.work() as (db, owner):
            day = await _today(session, db, owner)
            found = await service.list_all(db, owner=owner)
            return found, day, await runs.outdated(db, owner=owner, now=session.now())

    found, day, old = session.run(work())
    if session.as_json:
        session.print_json([GoalOut.of(one, day, old).model_dump(mode="json") for one in found])
        return
    session.print_table(
        ["Id", ">First", "Goal", ">Target", "", "Due", ">Monthly", "Chance", ""],
        [_line(one, one.id in old) for one in found],
        empty='No goals. Make one with: strongroom goals add "save $50k for a house in 3 years"',
    )
    if any(one.id in old for one in found):
        session.say(_OUTDATED)


def add(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help='Such as "save $50k for a house in 3 years".')],
    name: Name = None,
    amount: Amount = None,
    code: Code = None,
    months: Months = None,
    kind: Kind = None,
    priority: Priority = None,
    monthly: Monthly = None,
    todays_money: Today = None,
    attach: Attach = None,
    assume: Assume = None,
    born: Born = None,
    no_model: NoModel = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Keep a goal. Options go before what the text says; what neither says is asked for."""
    session = terminal.session(ctx, json=json, person=person)
    given = {
        "target_amount": amount, "currency": code, "timeline_months": months,
        "born": months, "monthly_contribution": monthly,
    }  # fmt: skip

    async def work() -> tuple[GoalMade, list[Goal], list[Constraint]]:
        async with session.services() as services:
            owner, database = await session.owner(services), services.database
            async with database.unit_of_work(owner) as db:
                day = await _today(session, db, owner)
                base = await _currency(db, owner, code)
            said = await understand(  # outside any unit of work: it may go over the network
                text,
                interpreter=reader(services.settings, no_model=no_model),
                today=day,
                currency=base,
                born=None if born is None else born.date(),
            )
            _refuse_what_is_open(said, given)
            target = _target(said, amount, code)
            new = NewGoal(
                name=_named(text) if name is None else name,
                goal_type=kind or said.goal_type,
                target=target,
                timeline_months=_months(said, months),
                goal_text=text,
                priority=priority,
                monthly_contribution=_contribution(said, monthly),
                todays_money=bool(todays_money),
                assumptions=assumptions_of(text, target.currency) | _assumed(assume),
                accounts=_accounts(attach),
            )
            async with database.unit_of_work(owner) as db:
                made = await service.add(db, owner=owner, new=new, now=session.now(), actor="cli")
                before = await service.before(db, owner=owner, goal=made, today=day)
            return GoalMade.made(made, before, day), before, _limits(said, target.currency)

    with _by_option():
        made, before, limits = session.run(work())
    if session.as_json:
        told = [{"words": one.words, "reckoned": one.reckoned} for one in limits]
        session.print_json({**made.model_dump(mode="json"), "limits": told})
        return
    _print(session, made)
    _say_limits(session, limits)
    if before:
        names = ", ".join(one.name for one in before)
        session.say(f"It comes after: {names}. They take their part first (--priority changes it).")


def _limits(said: Understood, code: Currency) -> list[Constraint]:
    """Return the limits of a text, and which of them a goal in a currency is reckoned with."""
    return [replace(one, reckoned=is_reckoned(one, code)) for one in said.constraints]


def _say_limits(session: terminal.Session, limits: Sequence[Constraint]) -> None:
    for one in limits:
        known = "Reckoned with" if one.reckoned else "Not reckoned with, keep to it yourself"
        session.say(f"{known}: {constraint_label(one)}: {one.words!r}.")


def reader(settings: Settings, *, no_model: bool) -> Interpreter:
    """Return what texts are read with: the rules, and a local model where one is set up."""
    if no_model:
        return Interpreter()
    return interpreter(settings.ollama_url, settings.ollama_model)


def show(
    ctx: typer.Context,
    goal: GoalName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show a goal, and what it has of your money and of a month."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> tuple[GoalOut, CaseOf | Refused]:
        async with session.work() as (db, owner):
            found = await service.get(db, owner=owner, goal_id=goal_id(goal))
            old = await runs.outdated(db, owner=owner, now=session.now())
            shown = GoalOut.of(found, await _today(session, db, owner), old)
            try:
                return shown, await case_of(db, owner=owner, goal_id=found.id, now=session.now())
            except Refused as lacking:
                return shown, lacking

    shown, found = session.run(work())
    if session.as_json:
        share = None if isinstance(found, Refused) else ShareOut.of(found).model_dump(mode="json")
        session.print_json({**shown.model_dump(mode="json"), "share": share})
        return
    _print(session, shown)
    if isinstance(found, Refused):
        session.say(f"{found.message} {found.hint or ''}".strip())
        return
    one = ShareOut.of(found)
    rows = [
        ("On its accounts", one.from_accounts), ("Of other liquid money", one.from_pool),
        ("In cash, for emergencies", one.in_cash), ("Each month", one.monthly),
        ("Other goals, each month", one.elsewhere),
        *((f"Less on {it.name or it.key} ({it.share:.0%})", it.monthly) for it in one.cuts),
    ]  # fmt: skip
    session.print_table(
        ["", ">Amount", ""],
        [(said, amount_text(it.amount, it.currency), it.currency) for said, it in rows],
    )
    session.say(told.stood_in(found.stood_in))


def change(
    ctx: typer.Context,
    goal: GoalName,
    name: Name = None,
    amount: Amount = None,
    code: Code = None,
    months: Months = None,
    kind: Kind = None,
    priority: Priority = None,
    monthly: Monthly = None,
    todays_money: Today = None,
    attach: Attach = None,
    assume: Assume = None,
    text: Annotated[str | None, typer.Option(help="The goal in your own words.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Change what is given of a goal. Accounts and assumptions take the place of all before."""
    session = terminal.session(ctx, json=json, person=person)
    given = [name, amount, code, months, kind, priority, monthly, todays_money, attach, assume]
    if all(one is None for one in [*given, text]):
        raise BadGoal(
            "Nothing is given to change.", hint="Say what, such as --amount 60000 or --months 48."
        )

    async def work() -> GoalOut:
        async with session.work() as (db, owner):
            was = await service.get(db, owner=owner, goal_id=goal_id(goal))
            target = was.target
            if amount is not None or code is not None:
                number = (
                    target.amount if amount is None else terminal.number(amount, field="--amount")
                )
                target = Money(number, target.currency if code is None else read_currency(code))
            left = monthly == "left"
            wanted = GoalChange(
                name=name,
                goal_type=kind,
                target=target,
                timeline_months=months,
                goal_text=text,
                priority=priority,
                monthly_contribution=None if left else _optional(monthly, "--monthly"),
                all_that_is_left=left,
                todays_money=todays_money,
                assumptions=None if assume is None else _assumed(assume),
                accounts=None if attach is None else _accounts(attach),
            )
            changed = await service.change(
                db, owner=owner, goal_id=was.id, change=wanted, now=session.now(), actor="cli"
            )
            old = await runs.outdated(db, owner=owner, now=session.now())
            return GoalOut.of(changed, await _today(session, db, owner), old)

    with _by_option():
        changed = session.run(work())
    _print(session, changed)


def delete(
    ctx: typer.Context,
    goal: GoalName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Delete a goal with all its simulations. Accounts stay as they are."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await service.delete(
                db, owner=owner, goal_id=goal_id(goal), now=session.now(), actor="cli"
            )

    session.run(work())
    if session.as_json:
        session.print_json({"deleted": goal})
    session.say("Deleted.")


def _print(session: terminal.Session, one: GoalOut) -> None:
    if session.as_json:
        session.print_json(one.model_dump(mode="json"))
        return
    chance = "" if one.latest is None else told.in_hundred(one.latest.chance)
    amount = amount_text(one.target.amount, one.target.currency)
    session.say(f"{ids.show('goal', one.id)}  {one.name}")
    session.say(f"{amount} {one.target.currency} by {one.due_on}. {chance}".strip())
    if one.latest is not None and one.latest.outdated:
        session.say(_OUTDATED)


def _line(one: Goal, outdated: bool) -> tuple[object, ...]:
    code, monthly = one.target.currency, one.monthly_contribution
    return (
        ids.show("goal", one.id), one.priority, one.name, amount_text(one.target.amount, code),
        code, one.due_on, "left over" if monthly is None else amount_text(monthly, code),
        "" if one.latest is None else told.in_hundred(one.latest.chance),
        "outdated" if outdated else "",
    )  # fmt: skip


async def _today(session: terminal.Session, db: Db, owner: UserId) -> date:
    settings = await identity.get_settings(db, owner=owner)
    return today(session.now(), settings.time_zone)


async def _currency(db: Db, owner: UserId, code: str | None) -> Currency:
    if code is not None:
        return read_currency(code)
    settings = await identity.get_settings(db, owner=owner)
    try:
        return await accounts.main_currency(db, owner=owner, chosen=settings.currency)
    except accounts.NothingSoFar:
        return _OTHERWISE


def _named(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_NAME]


def _refuse_what_is_open(said: Understood, given: Mapping[str, object]) -> None:
    """Raise the first question that a text leaves and no option answers."""
    for one in said.questions:
        if given[one.field] is None:
            raise BadGoal(one.text, field=one.field, hint=_ANSWERS[one.field])


def _target(said: Understood, amount: str | None, code: str | None) -> Money:
    number = said.target_amount if amount is None else terminal.number(amount, field="--amount")
    if number is None:
        raise BadGoal(
            "The text does not say.", field="target_amount", hint=_ANSWERS["target_amount"]
        )
    return Money(number, said.currency if code is None else read_currency(code))


def _months(said: Understood, months: int | None) -> int:
    found = said.timeline_months if months is None else months
    if found is None:
        raise BadGoal(
            "The text does not say.", field="timeline_months", hint=_ANSWERS["timeline_months"]
        )
    return found


def _contribution(said: Understood, monthly: str | None) -> Decimal | None:
    if monthly is None:
        return said.monthly_contribution
    return None if monthly == "left" else terminal.number(monthly, field="--monthly")


def _assumed(assume: list[str] | None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in filter(None, assume or ()):
        name, _, value = (part.strip() for part in one.partition("="))
        if not name or not value:
            raise BadGoal(
                f"{one[:60]!r} gives an assumption no value.",
                field="--assume",
                hint="Write it as NAME=VALUE, such as annual_return=0.05.",
            )
        found[name] = terminal.number(value, field=f"--assume {name[:60]}")
    return found


@contextmanager
def _by_option() -> Iterator[None]:
    """Let a refusal call what is at fault by the option that it is given with."""
    try:
        yield
    except Refused as wrong:
        field, dot, name = (wrong.field or "").partition(".")
        wrong.field = _OPTIONS.get(field, field) + (f" {name}" if dot else "") or None
        raise


def _accounts(attach: list[str] | None) -> list[AccountId]:
    return [AccountId(ids.parse("acc", one)) for one in attach or () if one]


def _optional(text: str | None, field: str) -> Decimal | None:
    return None if text is None else terminal.number(text, field=field)
