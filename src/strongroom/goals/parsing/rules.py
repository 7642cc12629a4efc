"""Understands a goal as a person writes it: how much, by when, what for. Deterministic.

English and Norwegian in one. It never rewrites an amount and never fills in what was not said: it
asks. Pure; a model that fills gaps stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from strongroom.core.errors import Refused
from strongroom.core.money import Currency
from strongroom.goals.parsing import amounts, constraints, effects, kinds, targets, times, words
from strongroom.goals.parsing.types import (
    Constraint,
    ConstraintKind,
    Origin,
    Question,
    Source,
    Understood,
)
from strongroom.goals.types import GoalType
from strongroom.ui import N_
from strongroom.ui import gettext as _

LONGEST_TEXT = 2_000
MOST = Decimal(10) ** 12
_OLDEST = 120


class GoalTextIsEmpty(Refused):
    """There is nothing to understand."""


class GoalTextIsTooLong(Refused):
    """The text is longer than any goal."""


class BirthIsOutOfRange(Refused):
    """Nobody who writes a goal was born on that day."""


_QUESTIONS = {
    "amount": ("target_amount", N_("How much do you need in all?")),
    "debt": ("target_amount", N_("How much is owed?")),
    "reserve": ("target_amount", N_("How much would that be, in money?")),
    "share": ("target_amount", N_("A share of something: how much is that, in money?")),
    "range": ("target_amount", N_("You named a range: which amount do you aim for?")),
    "two_amounts": ("target_amount", N_("You named several amounts: which one is the goal?")),
    "not_positive": ("target_amount", N_("A goal needs an amount above zero: how much?")),
    "too_much": ("target_amount", N_("That is more than can be reckoned with: how much is it?")),
    "unread": ("target_amount", N_("A word of the amount is unknown: how much is it, in digits?")),
    "on_top": (
        "target_amount", N_("Is that all, or on top of what you have? How much is it in all?")
    ),
    "currency": ("currency", N_("Which country's money is that?")),
    "when": ("timeline_months", N_("By when?")),
    "two_times": ("timeline_months", N_("You named several times: by which one?")),
    "no_time": ("timeline_months", N_("A goal needs a month or more: by when?")),
    "past": ("timeline_months", N_("That day has passed: by when?")),
    "too_far": ("timeline_months", N_("That is more than 60 years away: by when?")),
    "date": ("timeline_months", N_("Which day is that? Write it as 2028-06-30.")),
    "when_next_year": ("timeline_months", N_("By which month of next year?")),
    "when_year": (
        "timeline_months", N_("By which month of that year? December, if any of them will do.")
    ),
    "born": ("born", N_("When were you born?")),
    "whose_age": ("timeline_months", N_("In how many years will that be?")),
    "monthly": ("monthly_contribution", N_("How much do you put aside for this each month?")),
    "monthly_range": ("monthly_contribution", N_("You named a range: how much is it each month?")),
    "monthly_several": (
        "monthly_contribution",
        N_("You named several amounts a month: how much do you put aside each month?"),
    ),
    "monthly_other": (
        "monthly_contribution", N_("What you named is not by the month: how much is it a month?")
    ),
    "monthly_currency": (
        "monthly_contribution",
        N_("That is in another currency than the goal: how much is it each month?"),
    ),
}  # fmt: skip
_OF_TIME = ("timeline_months", "born")
_WHEN_ASKED = frozenset(code for code, (name, text) in _QUESTIONS.items() if name in _OF_TIME)


def parse(text: str, *, today: date, currency: Currency, born: date | None = None) -> Understood:
    """Return what a goal's text says. ``currency`` holds where the text names none.

    Raises ``GoalTextIsEmpty``, ``GoalTextIsTooLong`` and ``BirthIsOutOfRange``.
    """
    text = _checked(text)
    if born is not None and not today.year - _OLDEST <= born.year <= today.year:
        raise BirthIsOutOfRange(_("Give a day of birth within the last 120 years."), field="born")
    limits = constraints.find(text)
    clear = constraints.without(text, [*limits, *constraints.of_today(text)])
    tokens = words.split(clear)
    kind, kind_start, kind_end = kinds.kind_of(clear)
    when = times.find(tokens, today=today, born=born)
    sums = targets.find(tokens, when.used, currency, is_debt=kind is GoalType.DEBT_PAYOFF)
    asks = [*_asks_of_amount(kind, sums, when), *_asks_of_time(when)]
    asks += [sums.asks_monthly] if sums.asks_monthly else []
    target = sums.target
    if target is not None and target.value > MOST:
        target, asks = None, [*asks, "too_much"]
    places = {
        "goal_type": (kind_start, kind_end),
        "target_amount": _place(target),
        "timeline_months": (when.start_char, when.end_char) if when.months else (0, 0),
        "monthly_contribution": _place(sums.monthly),
    }
    code = (target and target.currency) or sums.currency or currency
    return Understood(
        goal_text=text,
        goal_type=kind,
        target_amount=None if target is None else target.value,
        currency=code,
        timeline_months=when.months,
        monthly_contribution=None if sums.monthly is None else sums.monthly.value,
        covers_months=when.covers_months,
        said_amount=None if target is None else text[target.start_char : target.end_char],
        said_time=text[when.start_char : when.end_char] or None,
        assumed=when.assumed,
        questions=[question(code) for code in asks],
        confidence=_confidence(kind, target is not None, when.months is not None),
        origins=[
            Origin(name, Source.RULES, text[start:end], start, end)
            for name, (start, end) in places.items()
            if end > start
        ],
        constraints=[
            replace(one, reckoned=effects.is_reckoned(one, code))
            for one in [*_limits(text, limits, code), *_at_most(text, sums, currency)]
        ],
    )


def assumptions_of(text: str, code: Currency) -> dict[str, Decimal]:
    """Return the assumptions that the limits in a text make of a goal in ``code``."""
    if len(text) > LONGEST_TEXT:
        return {}
    return effects.assumptions([*_limits(text, constraints.find(text), code)], code)


def question(code: str) -> Question:
    """Return the question that a code stands for."""
    return Question(_QUESTIONS[code][0], code, _QUESTIONS[code][1])


def _checked(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise GoalTextIsTooLong(
            _("A goal has at most 2,000 characters."), field="text", hint=_("Shorten it.")
        )
    if not text.strip():
        raise GoalTextIsEmpty(
            _("Write what you are saving for."),
            field="text",
            hint=_("For example: save 50 000 for a house in 3 years."),
        )
    return text.strip()


def _place(one: amounts.Amount | None) -> tuple[int, int]:
    return (0, 0) if one is None else (one.start_char, one.end_char)


def _limits(
    text: str, limits: Sequence[tuple[ConstraintKind, int, int]], home: Currency
) -> Iterator[Constraint]:
    for kind, start, end in limits:
        inside = amounts.read(words.split(text[start:end]), frozenset(), home)
        kept = inside[0] if len(inside) == 1 and kind is not ConstraintKind.NO_RISK else None
        # What a cabin or a pension is worth is no part of the money that goals share.
        bound = kind is ConstraintKind.LEAVE_ALONE and not constraints.is_liquid(text[start:end])
        if kept is None or bound or kept.per or kept.unsure or kept.value <= 0:
            yield Constraint(kind, text[start:end])
        else:
            yield Constraint(kind, text[start:end], kept.value, kept.currency or home)


def _at_most(text: str, sums: targets.Sums, home: Currency) -> Iterator[Constraint]:
    one = sums.monthly
    if one is not None and constraints.is_at_most(text, one.start_char):
        said = text[one.start_char : one.end_char]
        kind = ConstraintKind.AT_MOST_A_MONTH
        yield Constraint(kind, said, one.value, one.currency or sums.currency or home)


def _asks_of_amount(kind: GoalType, sums: targets.Sums, when: times.When) -> list[str]:
    if sums.target is not None or sums.asks:
        return [*sums.asks]
    if when.covers_months is not None:
        return ["reserve"]
    return ["debt" if kind is GoalType.DEBT_PAYOFF else "amount"]


def _asks_of_time(when: times.When) -> list[str]:
    if when.months is not None:
        return []
    return [code for code in when.asks if code in _WHEN_ASKED] or ["when"]


def _confidence(kind: GoalType, has_target: bool, has_time: bool) -> Decimal:
    known = (kind is not GoalType.CUSTOM) + 2 * has_target + 2 * has_time
    return (Decimal(known) / 5).quantize(Decimal("0.1"))
