"""A goal as a form: fields made of a text that was understood or of a goal, and read back.

Knows fields and values; asks nobody and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape
from starlette.datastructures import FormData

from strongroom.core import ids
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import AccountId
from strongroom.core.money import Money, currency
from strongroom.core.time import months_before
from strongroom.goals.labels import suggested_name
from strongroom.goals.pages.figures import plain, read_named
from strongroom.goals.parsing.types import Origin, Understood
from strongroom.goals.types import Goal, GoalType, NewGoal
from strongroom.ui import N_, gettext, show_date

FIELDS: Final = (
    "name", "goal_type", "target_amount", "currency", "timeline_months", "monthly_contribution",
    "todays_money", "goal_text", "priority", "born",
)  # fmt: skip
_MOST_DIGITS: Final = 4
SAME: Final = {"target": "target_amount", "months": "timeline_months"}
"""What rules call a field, and what the form calls it."""


class GoalFormIsWrong(Refused):
    """A field of a form cannot be read; ``field`` says which."""


def texts_of(told: FormData) -> dict[str, str]:
    """Return the fields of a form."""
    return {name: str(told.get(name, "")).strip() for name in FIELDS}


def chosen_accounts(told: FormData) -> list[AccountId]:
    """Return the accounts that are ticked. Raises ``GoalFormIsWrong``."""
    try:
        return [AccountId(ids.parse("acc", str(one))) for one in told.getlist("accounts")]
    except NotFound:
        raise GoalFormIsWrong(gettext("There is no such account."), field="accounts") from None


def of_understood(said: Understood) -> dict[str, str]:
    """Return the fields of what was understood; what was not stays empty."""
    whose = any(one.field == "currency" for one in said.questions)
    return dict.fromkeys(FIELDS, "") | {
        "name": suggested_name(said),
        "goal_type": said.goal_type.value,
        "target_amount": _text(said.target_amount),
        "currency": "" if whose else said.currency,
        "timeline_months": "" if said.timeline_months is None else str(said.timeline_months),
        "monthly_contribution": _text(said.monthly_contribution),
        "goal_text": said.goal_text,
    }


def of_goal(goal: Goal, today: date) -> dict[str, str]:
    """Return the fields of a goal as it is."""
    return dict.fromkeys(FIELDS, "") | {
        "name": goal.name,
        "goal_type": goal.goal_type.value,
        "target_amount": plain(goal.target.amount),
        "currency": goal.target.currency,
        "timeline_months": str(goal.months_left(today) or ""),
        "monthly_contribution": _text(goal.monthly_contribution),
        "todays_money": "1" if goal.todays_money else "",
        "goal_text": goal.goal_text,
        "priority": str(goal.priority),
    }


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)


def read_goal(
    texts: Mapping[str, str], accounts: Sequence[AccountId], *, assumptions: Mapping[str, Decimal]
) -> NewGoal:
    """Return the goal of a form's fields.

    Raises ``GoalFormIsWrong``, ``AmountNotReadable``, ``BadAmount`` and ``BadCurrency``, each with
    the field's name.
    """
    amount = read_named("target_amount", texts["target_amount"])
    if not texts["currency"]:
        raise GoalFormIsWrong(gettext("A code such as NOK, EUR or USD."), field="currency")
    monthly = texts["monthly_contribution"]
    return NewGoal(
        name=texts["name"],
        goal_type=_kind(texts["goal_type"]),
        target=Money(amount, currency(texts["currency"])),
        timeline_months=whole("timeline_months", texts["timeline_months"]),
        goal_text=texts["goal_text"],
        priority=whole("priority", texts["priority"]) if texts["priority"] else None,
        monthly_contribution=read_named("monthly_contribution", monthly) if monthly else None,
        todays_money=texts["todays_money"] == "1",
        assumptions=assumptions,
        accounts=accounts,
    )


def _kind(text: str) -> GoalType:
    try:
        return GoalType(text)
    except ValueError:
        raise GoalFormIsWrong(gettext("Choose what it is."), field="goal_type") from None


def whole(name: str, text: str) -> int:
    """Return a whole number of at most four digits. Raises ``GoalFormIsWrong``."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        message = N_("By when? Say in how many months, from 1 to 720.")
        if name != "timeline_months":
            message = N_("Write a whole number.")
        raise GoalFormIsWrong(gettext(message), field=name)
    return int(text)


def when_help(months: str, today: date) -> str:
    """Return the month that so many months lead to; empty where they are no number."""
    if not (months.isascii() and months.isdecimal() and 1 <= len(months) <= _MOST_DIGITS):
        return ""
    count = int(months)
    if not 1 <= count <= 720:
        return ""
    day = months_before(today, -count)
    return gettext("That is %(month)s.", month=show_date(day, "month"))


def marked(text: str, origins: Sequence[Origin]) -> Markup:
    """Return a text with the words marked that something was understood of."""
    made, at = Markup(""), 0
    for one in sorted(origins, key=lambda one: one.start):
        if one.start < at or not one.words or text[one.start : one.end] != one.words:
            continue
        made += escape(text[at : one.start]) + Markup("<mark>%s</mark>") % one.words
        at = one.end
    return made + escape(text[at:])
