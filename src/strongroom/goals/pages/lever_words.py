"""What levers are called and what a change of one means, in the language of whoever reads.

Makes texts of values; looks nothing up.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from strongroom.core.money import Currency, Money
from strongroom.goals.levers.types import Change, Lever
from strongroom.ui import N_, gettext, money, ngettext, percent

_NAMES: Final[Mapping[Lever, str]] = {
    Lever.INCOME: N_("Income"),
    Lever.SPENDING: N_("Spending"),
    Lever.TIMELINE: N_("Time"),
    Lever.TARGET: N_("Target"),
    Lever.STARTING_AMOUNT: N_("What there is today"),
    Lever.VOLATILITY: N_("Ups and downs"),
    Lever.EMERGENCIES: N_("Emergencies"),
    Lever.CONTRIBUTION: N_("Monthly saving"),
    Lever.EXTRA_SAVING: N_("Spend less and save it"),
    Lever.RETURN: N_("Return"),
}
_MORE_AND_LESS: Final[Mapping[Lever, tuple[str, str]]] = {
    Lever.INCOME: (N_("Earn %(by)s more a month"), N_("Earn %(by)s less a month")),
    Lever.SPENDING: (N_("Spend %(by)s more a month"), N_("Spend %(by)s less a month")),
    Lever.TIMELINE: (N_("Take %(by)s longer"), N_("Be there %(by)s sooner")),
    Lever.TARGET: (N_("Aim for %(by)s more"), N_("Aim for %(by)s less")),
    Lever.STARTING_AMOUNT: (N_("Begin with %(by)s more"), N_("Begin with %(by)s less")),
    Lever.VOLATILITY: (N_("Ups and downs %(by)s larger"), N_("Ups and downs %(by)s smaller")),
    Lever.EMERGENCIES: (
        N_("An emergency in %(value)s of months"),
        N_("An emergency in %(value)s of months"),
    ),
    Lever.CONTRIBUTION: (N_("Put aside %(by)s more a month"), N_("Put aside %(by)s less a month")),
    Lever.EXTRA_SAVING: (
        N_("Spend %(by)s less a month and save it"),
        N_("Spend %(by)s more a month out of what is saved"),
    ),
    Lever.RETURN: (N_("A return of %(value)s a year"), N_("A return of %(value)s a year")),
}
_CENTS_MATTER: Final = 100
_OF_SHARES: Final = frozenset({Lever.VOLATILITY, Lever.EMERGENCIES, Lever.RETURN})


def lever_label(lever: Lever) -> str:
    """Return what a lever is called."""
    return gettext(_NAMES[lever])


def change_words(change: Change, currency: Currency) -> str:
    """Return what a change is, such as ``Put aside 140 more a month``."""
    more, less = _MORE_AND_LESS[change.lever]
    return gettext(
        more if change.by >= 0 else less,
        by=size(change.lever, abs(change.by), currency),
        value=size(change.lever, change.value, currency),
    )


def size(lever: Lever, value: Decimal, currency: Currency) -> str:
    """Return a lever's value as text: months, an amount, a share, or points of hundred."""
    if lever is Lever.TIMELINE:
        return months_text(int(value))
    if lever in _OF_SHARES:
        return percent(value)
    return money(Money(value, currency), exact=abs(value) < _CENTS_MATTER and value % 1 != 0)


def months_text(count: int) -> str:
    """Return so many months in words, whole years as years."""
    if count >= 12 and count % 12 == 0:
        return ngettext("%(num)s year", "%(num)s years", count // 12)
    return ngettext("%(num)s month", "%(num)s months", count)
