"""The command ``goals``: what is understood of a goal's text, how likely it is; the rooms' own.

Reading a text, and simulating a file, need no database.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import typer

from strongroom import goals
from strongroom.core import terminal
from strongroom.core.settings import Settings
from strongroom.goals import Understood, goal_cli
from strongroom.goals.levers import cli as levers_cli
from strongroom.goals.parsing import home_of
from strongroom.goals.profile import cli as profile_cli
from strongroom.goals.request import file as request_file
from strongroom.goals.request import keys as request_keys
from strongroom.goals.request import outcome_json
from strongroom.goals.runs import cli as run_cli
from strongroom.goals.runs import told
from strongroom.goals.simulation import prepare, simulate

app = typer.Typer(no_args_is_help=True, help="Goals: how likely each is, and what would change it.")


app.command("sensitivity", epilog=request_keys.listed())(levers_cli.sensitivity_)
app.command("profile")(profile_cli.show)
app.command("list")(goal_cli.list_)
app.command("add")(goal_cli.add)
app.command("show")(goal_cli.show)
app.command("change")(goal_cli.change)
app.command("delete")(goal_cli.delete)
app.command("runs")(run_cli.runs)
app.command("replay")(run_cli.replay)
app.command("stop")(run_cli.stop)
app.command("delete-run")(run_cli.delete_run)


@app.callback()
def group() -> None:
    """Goals: how likely each is, and what would change it."""


@app.command()
def parse(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help='Such as "save $50k for a house in 3 years".')],
    today: Annotated[
        datetime | None,
        typer.Option(formats=goal_cli.DAY, help="Count from this day instead of today."),
    ] = None,
    currency: Annotated[str, typer.Option(help="The currency where the text names none.")] = "USD",
    born: goal_cli.Born = None,
    no_model: goal_cli.NoModel = False,
) -> None:
    """Print as JSON what a goal's text says, and what it leaves to be asked."""
    session = terminal.session(ctx, json=True, person=None)
    understood = session.run(
        goals.understand(
            text,
            interpreter=goal_cli.reader(Settings.from_environment(), no_model=no_model),
            today=_day(today) or session.now().date(),
            currency=home_of(currency),
            born=_day(born),
        )
    )
    session.print_json(_json(understood))


@app.command("simulate", epilog=request_keys.listed())
def simulate_(
    ctx: typer.Context,
    goal: request_file.GoalOrFile = None,
    request: request_file.RequestFile = None,
    paths: Annotated[int | None, typer.Option(help="How many futures of a goal.")] = None,
    seed: Annotated[int | None, typer.Option(help="Other futures than the goal's own.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say how likely a goal is: one of yours, or from the numbers of a file alone."""
    session = terminal.session(ctx, json=json, person=person)
    request_file.check_one(goal, request)
    if request is None:
        run_cli.simulate_goal(session, str(goal), paths=paths, seed=seed)
        return
    if paths is not None or seed is not None:
        raise request_file.NameOneGoal(
            "A file says by itself how many paths and which seed.",
            field="--paths" if seed is None else "--seed",
        )
    asked = request_file.read_file(request)
    prepare(Settings.from_environment().home)
    outcome = simulate(asked.case, paths=asked.paths, seed=asked.seed)
    if session.as_json:
        session.print_json(outcome_json(outcome, asked.currency))
    else:
        session.say(told.says(outcome, asked.currency))


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
        "origins": [
            {"field": one.field, "source": one.source, "words": one.words} for one in said.origins
        ],
        "constraints": said.constraints,
        "assumed": said.assumed,
        "confidence": said.confidence,
        "source": said.source,
        "model": said.model,
        "model_name": said.model_name,
    }
