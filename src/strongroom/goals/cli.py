"""The command ``goals``: today, what is understood of a goal as a person writes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import typer

from strongroom import goals
from strongroom.core import terminal
from strongroom.core.money import currency as read_currency
from strongroom.goals import Understood

app = typer.Typer(no_args_is_help=True, help="Goals: what is understood of one.")

_DAY = ["%Y-%m-%d"]


@app.callback()
def group() -> None:
    """Goals: what is understood of one."""


@app.command()
def parse(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help='Such as "save $50k for a house in 3 years".')],
    today: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Count from this day instead of today.")
    ] = None,
    currency: Annotated[str, typer.Option(help="The currency where the text names none.")] = "USD",
    born: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Your day of birth, for ages in the text.")
    ] = None,
) -> None:
    """Print as JSON what a goal's text says, and what it leaves to be asked."""
    session = terminal.session(ctx, json=True, person=None)
    understood = goals.parse(
        text,
        today=_day(today) or session.now().date(),
        currency=read_currency(currency),
        born=_day(born),
    )
    session.print_json(_json(understood))


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _json(said: Understood) -> dict[str, Any]:
    return {
        "goal_type": said.goal_type,
        "target_amount": said.target_amount,
        "currency": said.currency,
        "timeline_months": said.timeline_months,
        "monthly_contribution": said.monthly_contribution,
        "covers_months": said.covers_months,
        "needs_clarification": said.needs_clarification,
        "questions": [{"field": one.field, "question": one.text} for one in said.questions],
        "understood": {"amount": said.said_amount, "time": said.said_time},
        "assumed": said.assumed,
        "confidence": said.confidence,
        "source": said.source,
    }
