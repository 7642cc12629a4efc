"""What a goal may be: pure checks of what a person writes, each naming the field at fault.

Nothing is cut off, rounded or put right here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from strongroom.core.errors import Refused
from strongroom.core.money import is_official, minor_units
from strongroom.goals.simulation import FEWEST_PATHS, MOST, SimulationInputIsWrong, check
from strongroom.goals.simulation.types import Aim, Assumptions, Case, Household
from strongroom.goals.types import (
    ASSUMED,
    KEPT,
    LOWEST_PRIORITY,
    MONEY_ASSUMED,
    MOST_MONTHS,
    SPEND_LESS,
    Goal,
    NewGoal,
)
from strongroom.ui import gettext

_LONGEST_NAME: Final = 120
_LONGEST_TEXT: Final = 2_000
_MOST_DECIMALS: Final = 10


class BadGoal(Refused):
    """Something of a goal does not make sense; the field and the message say what."""


def check_goal(new: NewGoal) -> None:
    """Look at everything of a goal that can be judged by itself. Raises ``BadGoal``."""
    _check_texts(new)
    _check_amounts(new)
    if not 1 <= new.timeline_months <= MOST_MONTHS:
        raise BadGoal(gettext("A goal lies 1 to 720 months ahead."), field="timeline_months")
    if new.priority is not None and not 1 <= new.priority <= LOWEST_PRIORITY:
        raise BadGoal(gettext("Priority is a whole number from 1 (first) to 99."), field="priority")
    _check_assumptions(new)


def last_priority(every: Iterable[Goal]) -> int:
    """Return the priority of a goal that comes after all there are, as far as numbers go."""
    return min(LOWEST_PRIORITY, max((one.priority for one in every), default=0) + 1)


def _check_texts(new: NewGoal) -> None:
    if not 1 <= len(new.name.strip()) <= _LONGEST_NAME or not new.name.isprintable():
        raise BadGoal(
            gettext("Give it a name of at most 120 characters, in one line."), field="name"
        )
    if len(new.goal_text) > _LONGEST_TEXT:
        raise BadGoal(
            gettext("The text of a goal has at most 2,000 characters."), field="goal_text"
        )
    if "\0" in new.goal_text:
        raise BadGoal(gettext("The text has characters that are none."), field="goal_text")


def _check_amounts(new: NewGoal) -> None:
    code = new.target.currency
    if not is_official(code):
        raise BadGoal(
            gettext("%(code)s is not a currency that is known.", code=code),
            field="currency",
            hint=gettext("A code such as NOK, EUR or USD."),
        )
    if new.target.amount <= 0:
        raise BadGoal(gettext("The target has to be more than nothing."), field="target")
    _check_amount(new, new.target.amount, "target")
    if new.monthly_contribution is not None:
        _check_amount(new, new.monthly_contribution, "monthly_contribution")


def _check_amount(new: NewGoal, amount: Decimal, field: str) -> None:
    code = new.target.currency
    if not amount.is_finite() or not 0 <= amount <= MOST:
        raise BadGoal(
            gettext("The amount has to be a number from 0 to 1,000,000,000,000."), field=field
        )
    if amount != amount.quantize(Decimal(1).scaleb(-minor_units(code))):
        raise BadGoal(
            gettext(
                "%(code)s has %(most)s decimals, and the amount has more.",
                code=code,
                most=minor_units(code),
            ),
            field=field,
        )


def _check_assumptions(new: NewGoal) -> None:
    for name, value in new.assumptions.items():
        if name.startswith(SPEND_LESS):
            _check_share(name, value)
        elif name not in ASSUMED:
            raise BadGoal(
                gettext("There is no such assumption."),
                field=f"assumptions.{name[:60]}",
                hint=gettext(
                    "There are: %(names)s.", names=", ".join((*ASSUMED, f"{SPEND_LESS}CATEGORY"))
                ),
            )
    for name, value in new.assumptions.items():
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
            raise BadGoal(
                gettext("The number has more than ten decimals."), field=f"assumptions.{name}"
            )
    own = {name: value for name, value in new.assumptions.items() if name in ASSUMED}
    kept = own.pop(KEPT, Decimal(0))
    if not kept.is_finite() or not 0 <= kept <= MOST:
        raise BadGoal(
            gettext("The amount has to be a number from 0 to 1,000,000,000,000."),
            field=f"assumptions.{KEPT}",
        )
    for name in MONEY_ASSUMED:
        # Whether one goes with our default for the other depends on rates: judged elsewhere.
        own.setdefault(name, next((own[one] for one in MONEY_ASSUMED if one in own), Decimal(0)))
    aim = Aim(target=new.target.amount, months=new.timeline_months)
    nobody = Household(saved=Decimal(0), monthly_income=Decimal(0), monthly_spending=Decimal(0))
    case = Case(nobody, aim, replace(Assumptions(), **own))
    try:
        check(case, paths=FEWEST_PATHS, seed=0)
    except SimulationInputIsWrong as wrong:
        field = f"assumptions.{wrong.field}" if wrong.field in ASSUMED else wrong.field
        raise BadGoal(wrong.message, field=field, hint=wrong.hint) from None


def _check_share(name: str, share: Decimal) -> None:
    if not share.is_finite() or not 0 < share <= 1:
        raise BadGoal(
            gettext("The share to spend less has to be above 0 and at most 1."),
            field=f"assumptions.{name[:60]}",
            hint=gettext("Write 0.2 for 20 percent less."),
        )
