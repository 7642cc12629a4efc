"""The commands ``assets``: what you hold and owe without a bank, its values, rates and loans."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from strongroom import accounts, identity
from strongroom.accounts import (
    MANUAL_SUBTYPES,
    Account,
    AccountNotFound,
    BadTerms,
    BadValue,
    Details,
    LoanTerms,
    Method,
    OpenManual,
    Schedule,
)
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import BadCurrency, Currency, Money, currency, is_official
from strongroom.core.plain import amount_text, plain
from strongroom.core.terminal import DAY, written_day
from strongroom.core.time import today
from strongroom.ui import AmountNotReadable, parse_amount

app = typer.Typer(
    no_args_is_help=True, help="What you hold and owe without a bank: values, rates, loans."
)

Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name.")]
Amount = Annotated[
    str, typer.Argument(metavar="AMOUNT", help="Without a sign, a debt too; -50 for an overdraft.")
]
_SIGNED = {"ignore_unknown_options": True}
Day = Annotated[
    datetime,
    typer.Argument(parser=written_day, metavar="DAY", help="Such as 2026-11-20."),
]
OnDay = Annotated[
    datetime | None,
    typer.Option("--on", parser=written_day, metavar=DAY, help="The day; or today."),
]
Work = Callable[[Db, UserId, Account], Awaitable[Any]]


@app.command("list")
def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List what no bank reports, with its newest value."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> list[Account]:
        async with session.work() as (db, owner):
            return [one for one in await accounts.list_all(db, owner=owner) if one.is_manual]

    _print(session, session.run(work()))


@app.command()
def kinds(ctx: typer.Context, json: terminal.AsJson = False) -> None:
    """List the kinds that you may add by hand."""
    session = terminal.session(ctx, json=json)
    rows = [
        {"kind": kind, "counts_as": category.value, "owed": category.is_debt}
        for kind, category in MANUAL_SUBTYPES.items()
    ]
    if session.as_json:
        session.print_json(rows)
        return
    told = [(one["kind"], one["counts_as"], "owed" if one["owed"] else "owned") for one in rows]
    session.print_table(["Kind", "Counts as", ""], told)


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="As you call it.")],
    kind: Annotated[str, typer.Option(help="One of: strongroom assets kinds.")],
    value: Annotated[str, typer.Option(help="Without a sign, a debt too.")],
    code: Annotated[str, typer.Option("--currency", help="Three letters, such as NOK.")],
    on: OnDay = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Add something owned or owed that no bank reports."""
    session = terminal.session(ctx, json=json, person=person)
    worth = Money(_number(value), _official(code))

    async def work() -> Account:
        async with session.work() as (db, owner):
            new = OpenManual(name, kind, worth, await _day(db, owner, on, session.now()))
            return await accounts.open_manual(
                db, owner=owner, new=new, now=session.now(), actor="cli"
            )

    _print(session, [session.run(work())])


@app.command(context_settings=_SIGNED)
def value(
    ctx: typer.Context,
    account: Which,
    amount: Amount,
    on: OnDay = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Tell what something was worth at the end of a day."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        worth, day = Money(_number(amount), found.currency), await _day(db, owner, on, now)
        return await accounts.revalue(
            db, owner=owner, account_id=found.id, value=worth, day=day, now=now, actor="cli"
        )

    now = session.now()
    _print(session, [_run(session, account, work)])


@app.command()
def values(
    ctx: typer.Context,
    account: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List the values that were told of an account, newest first."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Any:
        return await accounts.told_values(db, owner=owner, account_id=found.id)

    told = _run(session, account, work)
    if session.as_json:
        session.print_json(told)
        return
    session.print_table(
        ["Day", ">Value", "", "Told by"],
        [
            (
                one.day,
                amount_text(one.balance.amount, one.balance.currency),
                one.balance.currency,
                one.source.value,
            )
            for one in told
        ],
        empty="No value was told yet.",
    )


@app.command(context_settings=_SIGNED)
def correct(
    ctx: typer.Context,
    account: Which,
    day: Day,
    amount: Amount,
    to: Annotated[
        datetime | None,
        typer.Option("--to", parser=written_day, metavar=DAY, help="Move it to this day."),
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Put another value, or another day, in place of one that you told."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        return await accounts.correct_value(
            db,
            owner=owner,
            account_id=found.id,
            day=day.date(),
            value=Money(_number(amount), found.currency),
            new_day=None if to is None else to.date(),
            now=session.now(),
            actor="cli",
        )

    _print(session, [_run(session, account, work)])


@app.command()
def forget(
    ctx: typer.Context,
    account: Which,
    day: Day,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Delete a value that you told; the one before holds instead."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        return await accounts.forget_value(
            db, owner=owner, account_id=found.id, day=day.date(), now=session.now(), actor="cli"
        )

    _print(session, [_run(session, account, work)])


@app.command()
def describe(
    ctx: typer.Context,
    account: Which,
    note: Annotated[str | None, typer.Option(help="A note; '' takes it away.")] = None,
    rate: Annotated[
        str | None, typer.Option(help="Percent a year it gains, or -5 for loses; '' for none.")
    ] = None,
    remind: Annotated[
        int | None, typer.Option(help="Remind me when its value is so many months old; 0: never.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what you say of an account, or change what is given."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Details:
        said = await accounts.details(db, owner=owner, account_id=found.id)
        if note is not None:
            said = replace(said, note=note)
        if rate is not None:
            said = replace(said, yearly_percent=_number(rate, "--rate") if rate else None)
        if remind is not None:
            said = replace(said, remind_months=remind or None)
        return await accounts.describe(
            db, owner=owner, account_id=found.id, said=said, now=session.now(), actor="cli"
        )

    said = _run(session, account, work)
    if session.as_json:
        session.print_json(said)
        return
    percent = "none" if said.yearly_percent is None else f"{said.yearly_percent:f} % a year"
    months = said.remind_months
    reminder = "none" if months is None else f"when its value is {months} months old"
    session.say(f"Note: {said.note or 'none'}\nRate: {percent}\nReminder: {reminder}")


@app.command()
def loan(
    ctx: typer.Context,
    account: Which,
    principal: Annotated[str | None, typer.Option(help="What was lent: sets the terms.")] = None,
    rate: Annotated[str, typer.Option(help="Percent a year.")] = "0",
    first: Annotated[
        datetime | None,
        typer.Option(parser=written_day, metavar=DAY, help="The day of the first payment ever."),
    ] = None,
    payments: Annotated[int | None, typer.Option(help="How many payments there are.")] = None,
    payment: Annotated[str | None, typer.Option(help="What each is, of an annuity.")] = None,
    method: Annotated[Method, typer.Option()] = Method.ANNUITY,
    every: Annotated[int, typer.Option(help="Months between payments.")] = 1,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the balance as told, do not follow the schedule.")
    ] = False,
    forget_it: Annotated[bool, typer.Option("--forget", help="Forget the terms.")] = False,
    extra: Annotated[str | None, typer.Option(help="As if this were paid each time too.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what is still to be paid of a loan; with --principal, set on what terms."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Schedule | None:
        code, now = found.currency, session.now()
        if forget_it:
            await accounts.forget_loan_terms(
                db, owner=owner, account_id=found.id, now=now, actor="cli"
            )
            return None
        if principal is not None:
            if first is None:
                raise BadTerms("Say when the first payment was.", field="--first")
            terms = LoanTerms(
                principal=Money(_number(principal, "--principal"), code),
                yearly_percent=_number(rate, "--rate"),
                first_payment=first.date(),
                payments=payments,
                payment=None if payment is None else Money(_number(payment, "--payment"), code),
                method=method,
                every_months=every,
                follows=not keep,
            )
            await accounts.set_loan_terms(
                db, owner=owner, account_id=found.id, terms=terms, now=now, actor="cli"
            )
        more = None if extra is None else Money(_number(extra, "--extra"), code)
        return await accounts.schedule(db, owner=owner, account_id=found.id, extra=more)

    _print_schedule(session, _run(session, account, work))


@app.command()
def edit(
    ctx: typer.Context,
    account: Which,
    name: Annotated[str | None, typer.Option(help="Call it this.")] = None,
    kind: Annotated[str | None, typer.Option(help="Make it one of this kind.")] = None,
    hidden: Annotated[bool | None, typer.Option("--hide/--show", help="In lists.")] = None,
    primary: Annotated[
        bool | None, typer.Option("--primary/--not-primary", help="The one you live from.")
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Change an account's name, kind or how it shows; of a bank's account all but its kind."""
    session = terminal.session(ctx, json=json, person=person)
    now = session.now()

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        one: dict[str, Any] = {"owner": owner, "account_id": found.id, "now": now, "actor": "cli"}
        if name is not None:
            found = await accounts.rename(db, name=name, **one)
        if kind is not None:
            found = await accounts.change_kind(db, subtype=kind, **one)
        if hidden is not None:
            found = await accounts.hide(db, hidden=hidden, **one)
        if primary is not None:
            found = await accounts.make_primary(db, primary=primary, **one)
        return found

    _print(session, [_run(session, account, work)])


def _switch(
    session: terminal.Session, account: str, verb: Callable[..., Awaitable[Account]]
) -> None:
    """Do to an account what needs nothing but to know which, and print it."""

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        return await verb(db, owner=owner, account_id=found.id, now=session.now(), actor="cli")

    _print(session, [_run(session, account, work)])


@app.command()
def close(
    ctx: typer.Context,
    account: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Close an account: it counts as nothing from today, and its history stays."""
    _switch(terminal.session(ctx, json=json, person=person), account, accounts.close)


@app.command()
def reopen(
    ctx: typer.Context,
    account: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Open a closed account again."""
    _switch(terminal.session(ctx, json=json, person=person), account, accounts.reopen)


@app.command()
def delete(
    ctx: typer.Context,
    account: Which,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Delete what was added by mistake: no bank reports it and no transaction stands on it."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId, found: Account) -> Account:
        await accounts.delete(db, owner=owner, account_id=found.id, now=session.now(), actor="cli")
        return found

    gone = _run(session, account, work)
    if session.as_json:
        session.print_json({"deleted": ids.show("acc", gone.id)})
    session.say(f"{gone.name} is deleted.")


def _run(session: terminal.Session, which: str, work: Work) -> Any:
    """Do something with the account that is meant, in one unit of work."""

    async def inside() -> Any:
        async with session.work() as (db, owner):
            return await work(db, owner, await _find(db, owner, which))

    return session.run(inside())


async def _find(db: Db, owner: UserId, which: str) -> Account:
    try:
        account_id = AccountId(ids.parse("acc", which))
    except NotFound:
        everything = await accounts.list_all(db, owner=owner)
        found = [one for one in everything if one.name.casefold() == which.strip().casefold()]
        if len(found) == 1:
            return found[0]
        raise AccountNotFound(
            f"{len(found)} accounts are called {which}." if found else f"No account is {which!r}.",
            field="ACCOUNT",
            hint="Take its id from: strongroom accounts",
        ) from None
    return await accounts.get(db, owner=owner, account_id=account_id)


async def _day(db: Db, owner: UserId, on: datetime | None, now: datetime) -> date:
    settings = await identity.get_settings(db, owner=owner)
    return today(now, settings.time_zone) if on is None else on.date()


def _number(text: str, field: str = "AMOUNT") -> Decimal:
    try:
        return parse_amount(text, "en")
    except AmountNotReadable:
        raise BadValue(
            f"{text!r} is not a number.", field=field, hint="Write 1234.50 or 1,234.50."
        ) from None


def _official(text: str) -> Currency:
    code = currency(text)
    if not is_official(code):
        raise BadCurrency(
            f"{text!r} is not a currency of ISO 4217.",
            field="--currency",
            hint="What is in none, such as a coin, is valued in your own currency.",
        )
    return code


def _print(session: terminal.Session, found: list[Account]) -> None:
    if session.as_json:
        session.print_json([{**plain(one), "id": ids.show("acc", one.id)} for one in found])
        return
    session.print_table(
        ["Account", "Kind", ">Value", "", "As of", "", "Id"],
        [
            (
                one.name,
                one.subtype,
                "unknown" if one.balance is None else amount_text(one.balance.amount, one.currency),
                one.currency,
                one.balance_day,
                _standing(one),
                ids.show("acc", one.id),
            )
            for one in found
        ],
        empty="Nothing yet. Add something with: strongroom assets add",
    )


def _standing(one: Account) -> str:
    if one.closed_at is not None:
        return "closed"
    told = one.balance_source is None or one.balance_source.is_told
    words = [] if told else ["estimated"]
    return ", ".join(words + ["hidden"] * (one.hidden_at is not None))


def _print_schedule(session: terminal.Session, found: Schedule | None) -> None:
    if session.as_json:
        session.print_json(found)
        return
    if found is None:
        session.say("The terms are forgotten.")
        return

    def told(amount: Money) -> str:
        return amount_text(amount.amount, amount.currency)

    session.print_table(
        [">No", "Day", ">Payment", ">Interest", ">Principal", ">Left"],
        [
            (one.number, one.day, *map(told, (one.amount, one.interest, one.principal, one.left)))
            for one in found.payments
        ],
        empty="Nothing is owed.",
    )
    if found.ends_on is not None:
        session.say(
            f"Paid off on {found.ends_on}, with {told(found.interest)} {found.owed.currency}"
            " of interest still to pay."
        )
