"""The command ``goals sensitivity``: what would change a chance, and what would be enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer

from strongroom.core import ids, terminal
from strongroom.core.settings import Settings
from strongroom.goals.levers import effects, service
from strongroom.goals.levers.types import WANTED, Change, CutRule, Lever, Sensitivity
from strongroom.goals.levers.wire import CutOut, SensitivityOut
from strongroom.goals.request import file as request_file
from strongroom.goals.runs.cli import goal_id
from strongroom.goals.runs.told import hundredths
from strongroom.goals.simulation import prepare

_OF_HUNDRED: Final = frozenset({Lever.VOLATILITY, Lever.EMERGENCIES, Lever.RETURN})
_UNITS: Final = {
    Lever.INCOME: "monthly",
    Lever.SPENDING: "monthly",
    Lever.CONTRIBUTION: "monthly",
    Lever.EXTRA_SAVING: "monthly",
    Lever.TARGET: "amount",
    Lever.STARTING_AMOUNT: "amount",
    Lever.TIMELINE: "months",
    Lever.VOLATILITY: "%",
    Lever.EMERGENCIES: "% a month",
    Lever.RETURN: "points a year",
}


def sensitivity_(
    ctx: typer.Context,
    goal: request_file.GoalOrFile = None,
    request: request_file.RequestFile = None,
    wanted: Annotated[
        str, typer.Option(help="The chance that the smallest change is to reach.")
    ] = str(WANTED),
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Say what would change a goal's chance most, and the smallest change that is enough."""
    session = terminal.session(ctx, json=json, person=person)
    request_file.check_one(goal, request)
    chance = terminal.number(wanted, field="--wanted", hint="Write 0.8 for 80 in 100.")
    told = _of_goal(session, str(goal), chance) if request is None else _of_file(request, chance)
    if session.as_json:
        cuts = [CutOut.of(one, ids.show("cat", one.category_id)) for one in told.cuts]
        made = SensitivityOut.of(told.found, currency=told.currency, cuts=cuts)
        session.print_json(made.model_dump())
        return
    _print(session, told)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was found, and the currency of its amounts where one is known."""

    found: Sensitivity
    currency: str | None = None
    cuts: Sequence[CutRule] = ()


def _of_file(request: Path, wanted: Decimal) -> _Told:
    asked = request_file.read_file(request)
    prepare(Settings.from_environment().home)
    found = effects.sensitivity(asked.case, seed=asked.seed, paths=asked.paths, wanted=wanted)
    return _Told(found, asked.currency)


def _of_goal(session: terminal.Session, name: str, wanted: Decimal) -> _Told:
    wanted_goal = goal_id(name)

    async def work() -> _Told:
        async with session.services() as services:
            home = services.settings.home
            basis = await service.basis(
                services.database,
                owner=await session.owner(services),
                goal_id=wanted_goal,
                now=session.now(),
                home=home,
            )
        found = await service.sensitivity_of(basis, home=home, wanted=wanted)
        return _Told(found, basis.currency, await service.cut_rules_of(basis, home=home))

    return session.run(work())


def _print(session: terminal.Session, told: _Told) -> None:
    found = told.found
    session.say(f"{hundredths(found.chance)} in 100 as it is. If one number were different:\n")
    reaches = {one.lever: one.change for one in found.reaches}
    session.print_table(
        ["", ">Less", ">In 100", ">More", ">In 100", f">For {hundredths(found.wanted)} in 100"],
        [
            (
                _named(one.lever, told.currency),
                *_change(one.down),
                *_change(one.up),
                _enough(reaches[one.lever]),
            )
            for one in found.effects
        ],
    )
    if told.cuts:
        session.say("")
        session.print_table(
            ["Spend less on", ">Less", f">{told.currency} a month", ">In 100"],
            [
                (
                    one.name or one.key,
                    f"{one.share:.0%}",
                    f"{one.extra_saving:,.2f}",
                    hundredths(one.chance),
                )
                for one in told.cuts
            ],
        )


def _named(lever: Lever, code: str | None) -> str:
    unit = {"amount": code or "", "monthly": f"{code or ''} a month".strip()}.get(
        _UNITS[lever], _UNITS[lever]
    )
    name = lever.value.replace("_", " ")
    return f"{name} ({unit})" if unit else name


def _change(one: Change | None) -> tuple[str, str]:
    return ("-", "-") if one is None else (_by(one), hundredths(one.chance))


def _enough(one: Change | None) -> str:
    if one is None:
        return "out of reach"
    return _by(one) if one.by else "is so already"


def _by(one: Change) -> str:
    if one.lever in _OF_HUNDRED:
        return f"{one.by * 100:+.1f}"
    return f"{one.by:+,.0f}" if one.by == one.by.to_integral_value() else f"{one.by:+,.2f}"
