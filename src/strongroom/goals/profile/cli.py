"""The command ``goals profile``: a household in figures, and saying one oneself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any

import typer

from strongroom.core import ids, terminal
from strongroom.core.errors import Refused
from strongroom.core.money import Currency, Money, currency
from strongroom.core.plain import amount_text, plain
from strongroom.goals.profile import service
from strongroom.goals.profile.labels import figure_name, made_of, told_by, why_text
from strongroom.goals.profile.service import BadFigure
from strongroom.goals.profile.types import VOLATILITIES, Figure, FigureName, Profile
from strongroom.transactions import category_label

Said = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="FIGURE=VALUE",
        help="Say a figure yourself: monthly_income=4500, loan_debt='9000 EUR', "
        "income_volatility=0.1, investment_allocation=stocks:0.6,bonds:0.4. Repeatable.",
    ),
]
Forgotten = Annotated[
    list[str],
    typer.Option(metavar="FIGURE", help="Go back to what was found of a figure. Repeatable."),
]


def show(
    ctx: typer.Context,
    said: Said = [],  # noqa: B006 - typer copies it
    forget: Forgotten = [],  # noqa: B006
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show your household in figures: what was found, and what you say instead."""
    session = terminal.session(ctx, json=json, person=person)
    given = [_given(text) for text in said]
    forgotten = [_figure(name, "--forget") for name in forget]

    async def work() -> Profile:
        now = session.now()
        async with session.work() as (db, owner):
            found = await service.get(db, owner=owner, now=now)
            for name in forgotten:
                found = await service.forget_override(
                    db, owner=owner, figure=name, now=now, actor="cli"
                )
            for name, value in given:
                with _by_option(name):
                    found = await service.override(
                        db, owner=owner, figure=name, now=now, actor="cli",
                        **_value(name, value, found.currency),
                    )  # fmt: skip
            return found

    found = session.run(work())
    if session.as_json:
        session.print_json(_json(found))
    else:
        _print(session, found)
        if given or forgotten:
            session.say("Chances of goals follow once a worker is up: it reckons them anew.")


def _given(text: str) -> tuple[FigureName, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadFigure("Write it as FIGURE=VALUE.", field="--set")
    return _figure(name.strip(), "--set"), value.strip()


@contextmanager
def _by_option(name: FigureName) -> Iterator[None]:
    """Let a refusal name the figure that it is about, as it is given."""
    try:
        yield
    except Refused as wrong:
        shares, dot, kind = (wrong.field or "").partition(".")
        wrong.field = f"--set {name}{dot + kind if shares == 'shares' else ''}"
        raise


def _figure(name: str, option: str) -> FigureName:
    if name not in set(FigureName):
        raise BadFigure(
            f"There is no figure {name[:60]!r}.",
            field=option,
            hint=f"There are {', '.join(FigureName)}.",
        )
    return FigureName(name)


def _value(name: FigureName, text: str, base: Currency) -> dict[str, Any]:
    """Return what is said of a figure as the verb takes it. Raises ``BadFigure``."""
    if name is FigureName.INVESTMENT_ALLOCATION:
        parts = [part.partition(":") for part in text.split(",")]
        return {"shares": {kind.strip(): _number(share) for kind, _, share in parts}}
    if name in VOLATILITIES:
        return {"amount": _number(text)}
    number, _, code = text.partition(" ")
    return {"amount": Money(_number(number), currency(code) if code.strip() else base)}


def _number(text: str) -> Decimal:
    return terminal.number(text, field="--set")


def _print(session: terminal.Session, one: Profile) -> None:
    rows: list[tuple[object, ...]] = []
    for name in FigureName:
        if name is not FigureName.INVESTMENT_ALLOCATION:
            rows.append(_row(name, one.figure(name), one.currency))
    shares = _shares_text(one.investment_allocation)
    allocation = FigureName.INVESTMENT_ALLOCATION
    note = why_text(one.allocation_why_unknown) or made_of(allocation)
    if one.allocation_overridden:
        note = f"You said so; found: {_shares_text(one.derived_allocation) or 'nothing'}."
    rows.append((figure_name(allocation), shares, "", note))
    session.print_table(["Figure", ">Amount", "", "From what"], rows)
    _print_parts(session, one)
    session.say(f"\nFrom {one.months_of_history} full months of your book, as of {one.as_of}.")
    if one.left_out:
        session.say(f"Left out, for want of a rate: {', '.join(one.left_out)}.")


def _print_parts(session: terminal.Session, one: Profile) -> None:
    """Print what the sums consist of, as far as there is something."""

    def amount(value: Decimal) -> str:
        return amount_text(value, one.currency)

    tables: list[tuple[str, list[str], list[tuple[object, ...]]]] = [
        ("Income", ["Payer", ">A month", ""],
         [(it.payer, amount(it.monthly), one.currency) for it in one.income_by_payer]),
        ("Loans", ["Loan", ">Owed", ">A month", "", "Payment", ">A year", "Rate"],
         [(it.name or "as you said", amount(it.balance), amount(it.monthly_payment), one.currency,
           told_by(it.payment_by), f"{it.annual_rate * 100:.2f} %", told_by(it.rate_by))
          for it in one.loans]),
        ("Spending", ["Category", ">A month", "", ""],
         [(category_label(it.key, it.name), amount(it.monthly), one.currency,
           "could wait" if it.discretionary else "") for it in one.spending_by_category]),
    ]  # fmt: skip
    for title, columns, rows in tables:
        if rows:
            session.say(f"\n{title}")
            session.print_table(columns, rows)


def _row(name: FigureName, one: Figure, code: Currency) -> tuple[object, ...]:
    money = name not in VOLATILITIES
    shown = _text(one.amount, code if money else None)
    note = why_text(one.why_unknown) or made_of(name)
    if one.overridden:
        note = f"You said so; found: {_text(one.derived, code if money else None) or 'nothing'}."
    elif one.thin:
        note = f"From fewer than three full months. {note}"
    return figure_name(name), shown, code if money and shown else "", note


def _text(amount: Decimal | None, code: Currency | None) -> str:
    if amount is None:
        return ""
    return f"{amount:.2f}" if code is None else amount_text(amount, code)


def _shares_text(shares: Mapping[str, Decimal] | None) -> str:
    return ", ".join(f"{kind} {share * 100:.0f} %" for kind, share in (shares or {}).items())


def _json(one: Profile) -> dict[str, Any]:
    found: dict[str, Any] = plain(_without_hash(one))
    for loan, told in zip(one.loans, found["loans"], strict=True):
        told["account_id"] = None if loan.account_id is None else ids.show("acc", loan.account_id)
    for spent, told in zip(one.spending_by_category, found["spending_by_category"], strict=True):
        told["category_id"] = ids.show("cat", spent.category_id)
    return {**found, "data_hash": one.data_hash.hex()}


def _without_hash(one: Profile) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__ if name != "data_hash"}
