"""The command ``goals``: what is understood of a goal's text, and how likely a goal is.

Neither needs a database.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from strongroom import goals
from strongroom.core import terminal
from strongroom.core.money import currency as read_currency
from strongroom.core.settings import Settings
from strongroom.goals import Understood, lever_cli, request_file
from strongroom.goals import simulation_request as requests
from strongroom.goals.profile import cli as profile_cli
from strongroom.goals.simulation import prepare, simulate
from strongroom.goals.simulation_types import Outcome

app = typer.Typer(no_args_is_help=True, help="Goals: what one says, how likely it is.")

_DAY = ["%Y-%m-%d"]


app.command("sensitivity")(lever_cli.sensitivity_)
app.command("profile")(profile_cli.show)


@app.callback()
def group() -> None:
    """Goals: what one says, how likely it is."""


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


@app.command("simulate")
def simulate_(
    ctx: typer.Context,
    request: Annotated[
        Path,
        typer.Option("--input", metavar="FILE", help="A request as JSON; - reads standard input."),
    ],
    json: terminal.AsJson = False,
) -> None:
    """Say how likely a goal is, from the numbers of a file alone: financialProfile and goal."""
    session = terminal.session(ctx, json=json, person=None)
    asked = request_file.read_file(request)
    prepare(Settings.from_environment().home)
    outcome = simulate(asked.case, paths=asked.paths, seed=asked.seed)
    if json:
        session.print_json(requests.outcome_json(outcome))
    else:
        sys.stdout.write(_says(outcome))


def _says(found: Outcome) -> str:
    hundred = round(found.chance * 100)
    chance = "> 99" if hundred > 99 else "< 1" if hundred < 1 else str(hundred)
    low, high = found.at_the_end.p10, found.at_the_end.p90
    return (
        f"{chance} in 100\n"
        f"Most likely about {found.at_the_end.p50:,.0f}. "
        f"In 8 of 10 futures between {low:,.0f} and {high:,.0f}.\n"
        f"In {round(found.chance_below_zero * 100)} of 100 futures all money is used up at times.\n"
    )


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
