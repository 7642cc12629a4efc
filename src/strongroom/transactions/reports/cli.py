"""The command ``reports``: income against spending, and sums by category or merchant."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from strongroom import accounts, identity
from strongroom.core import terminal
from strongroom.core.money import Currency
from strongroom.core.plain import amount_text
from strongroom.core.time import today
from strongroom.transactions.labels import category_label
from strongroom.transactions.reports.rules import MOST, USUAL, periods, read_period
from strongroom.transactions.reports.service import (
    cash_flow_report,
    category_report,
    merchant_report,
)
from strongroom.transactions.reports.types import FlowReport, Line, LineReport, Step
from strongroom.transactions.types import Kind

_IF_NOTHING_SAYS = Currency("EUR")


class Of(StrEnum):
    """What a report is of."""

    FLOW = "flow"
    CATEGORIES = "categories"
    MERCHANTS = "merchants"


def reports(
    ctx: typer.Context,
    of: Annotated[Of, typer.Argument(help="What to report.")] = Of.FLOW,
    by: Annotated[Step, typer.Option(help="How long a period is.")] = Step.MONTH,
    until: Annotated[str, typer.Option(help="The last one: 2026-11, 2026-Q4 or 2026.")] = "",
    count: Annotated[int, typer.Option(min=0, max=MOST, help="How many periods.")] = 0,
    income: Annotated[bool, typer.Option("--income", help="Income in place of spending.")] = False,
    code: Annotated[str, typer.Option("--currency", help="What to report in.")] = "",
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Report income against spending, or sums by category or merchant, period by period."""
    session = terminal.session(ctx, json=json, person=person)
    kind = Kind.INCOME if income else Kind.SPENDING
    report = session.run(_read(session, of, kind, by, until, count or USUAL[by], code))
    if session.as_json:
        session.print_json(report)
    elif isinstance(report, FlowReport):
        _print_flow(session, report)
    else:
        _print_lines(session, report)


async def _read(
    session: terminal.Session,
    of: Of,
    kind: Kind,
    by: Step,
    until: str,
    count: int,
    code: str,
) -> FlowReport | LineReport:
    async with session.work() as (db, owner):
        settings = await identity.get_settings(db, owner=owner)
        held = await accounts.list_all(db, owner=owner)
        own = settings.currency
        if code:
            own = await accounts.currency_asked(db, owner=owner, code=code)
        chosen = own or next(iter(accounts.currencies_of(held, None)), _IF_NOTHING_SAYS)
        now = today(session.now(), settings.time_zone)
        wanted = periods(by, read_period(until, by).first if until else now, count)
        if of is Of.FLOW:
            return await cash_flow_report(db, owner=owner, currency=chosen, periods=wanted)
        read = category_report if of is Of.CATEGORIES else merchant_report
        return await read(db, owner=owner, currency=chosen, periods=wanted, kind=kind)


def _print_flow(session: terminal.Session, report: FlowReport) -> None:
    session.print_table(
        ["Period", ">In", ">Out", ">Left over", ""],
        [
            (
                one.period.key,
                *(
                    amount_text(money.amount, money.currency)
                    for money in (one.income, one.spending, one.left)
                ),
                report.currency,
            )
            for one in report.flows
        ],
    )
    _print_unknown(session, report)


def _print_lines(session: terminal.Session, report: LineReport) -> None:
    def line(one: Line, indent: str = "") -> tuple[str, ...]:
        name = one.merchant or category_label(one.key, one.name)
        amounts = [amount_text(money.amount, money.currency) for money in (*one.amounts, one.total)]
        return (indent + name, *amounts)

    rows = [
        row
        for group in report.lines
        for row in (line(group), *(line(one, "  ") for one in group.inside))
    ]
    if report.rest is not None:
        rows.append((f"{report.rest_count} others", *line(report.rest)[1:]))
    heads = ["Name", *(f">{one.key}" for one in report.periods), ">Total"]
    session.print_table(heads, rows, empty="Nothing in these periods.")
    _print_unknown(session, report)


def _print_unknown(session: terminal.Session, report: FlowReport | LineReport) -> None:
    for one in report.unknown:
        amount = amount_text(one.amount.amount, one.amount.currency)
        session.say(
            f"Not counted, for no rate is known: {amount} {one.amount.currency} "
            f"({one.count} rows, {one.first} to {one.last})"
        )
