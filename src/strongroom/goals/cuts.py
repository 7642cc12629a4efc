"""What is spent less for a goal, by category: which there may be, and what each leaves in a month.

Pure. A cut is an assumption of the goal: a share of what its person spends in a category today, so
what it leaves follows their book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from strongroom.core import ids
from strongroom.core.money import Currency, minor_units
from strongroom.goals.profile import CategorySpending
from strongroom.goals.rules import BadGoal
from strongroom.goals.types import SPEND_LESS, Cut, Goal
from strongroom.ui import gettext


def cuts_of(
    goal: Goal, spent: Sequence[CategorySpending], rate: Fraction, code: Currency
) -> list[Cut]:
    """Return what is spent less for a goal. ``rate``: from the profile's currency to ``code``.

    What one could not do without, and what nothing is spent on, leaves nothing.
    """
    known = _by_name(spent)
    coin = Decimal(1).scaleb(-minor_units(code))
    made = []
    for name, share in goal.assumptions.items():
        if not name.startswith(SPEND_LESS):
            continue
        one = known.get(name)
        less = Fraction(one.monthly * share) * rate if one and one.discretionary else Fraction(0)
        made.append(
            Cut(
                name=name,
                share=share,
                monthly=(Decimal(less.numerator) / Decimal(less.denominator)).quantize(
                    coin, ROUND_DOWN
                ),
                category_id=None if one is None else one.category_id,
                key=_key(name) if one is None else one.key,
                label=None if one is None else one.name,
            )
        )
    return made


def checked(
    wanted: Mapping[str, Decimal],
    before: Mapping[str, Decimal],
    others: Iterable[Goal],
    spent: Sequence[CategorySpending],
) -> dict[str, Decimal]:
    """Return assumptions with each category called by one name. ``before``: the goal's own so far.

    Raises ``BadGoal`` for a new cut of what one could not do without or nothing is spent on, and
    where all goals together would spend less than nothing.
    """
    known = _by_name(spent)
    taken: dict[str, Decimal] = {}
    for goal in others:
        for name, share in goal.assumptions.items():
            taken[name] = taken.get(name, Decimal(0)) + share
    made: dict[str, Decimal] = {}
    for name, share in wanted.items():
        own = _name_of(known[name]) if name in known else name
        if own in made:
            raise _wrong(name, gettext("A category is named twice."), gettext("Name it once."))
        made[own] = share
        if name.startswith(SPEND_LESS) and before.get(own) != share:
            _check(name, known.get(name), taken.get(own, Decimal(0)) + share)
    return made


def _name_of(one: CategorySpending) -> str:
    """Return the name of the assumption that less is spent on a category."""
    return SPEND_LESS + (one.key or ids.show("cat", one.category_id))


def _by_name(spent: Sequence[CategorySpending]) -> dict[str, CategorySpending]:
    """Return categories by every name that a cut of them may be called."""
    shown = {SPEND_LESS + ids.show("cat", one.category_id): one for one in spent}
    return shown | {SPEND_LESS + one.key: one for one in spent if one.key is not None}


def _key(name: str) -> str | None:
    rest = name.removeprefix(SPEND_LESS)
    return None if rest.startswith("cat_") else rest


def _check(name: str, one: CategorySpending | None, together: Decimal) -> None:
    if one is None:
        raise _wrong(
            name,
            gettext("Nothing is spent in this category."),
            gettext("Choose one of the categories of your profile."),
        )
    if not one.discretionary:
        raise _wrong(
            name,
            gettext("This category is not one that one could do without."),
            gettext("Choose another one, or say how much more you save in all."),
        )
    if together > 1:
        raise _wrong(
            name,
            gettext("Your goals together would spend less on it than nothing."),
            gettext("Take a smaller share, or change another goal first."),
        )


def _wrong(name: str, message: str, hint: str) -> BadGoal:
    return BadGoal(message, field=f"assumptions.{name[:60]}", hint=hint)
