"""What would change a chance as the goal's page shows it: rows of the tornado, reaches, cuts.

Makes texts and bars of what the levers found; reckons nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from strongroom.core.money import Currency, Money
from strongroom.goals.goal_labels import chance_text
from strongroom.goals.goal_numbers import plain
from strongroom.goals.goal_sliders import lever_name
from strongroom.goals.levers.labels import change_words, lever_label, size
from strongroom.goals.levers.types import Change, CutRule, Effect, Sensitivity
from strongroom.goals.simulation_types import Case
from strongroom.transactions import category_label
from strongroom.ui import gettext, money, percent
from strongroom.ui.charts import Chance, LeverBar

_NARROWEST = Decimal("0.1")
_CUTS = 4


@dataclass(frozen=True, slots=True)
class LeverRow:
    """One bar of the tornado, with the chances at its ends as figures."""

    name: str
    steps: str
    bar: LeverBar
    worse: str
    better: str


@dataclass(frozen=True, slots=True)
class Row:
    """A change in words, the chance there is then, and where it can be tried."""

    key: str
    words: str
    chance: str
    href: str = ""
    leaves: str = ""


@dataclass(frozen=True, slots=True)
class WhatMatters:
    """All of it, for a page."""

    chance_text: str
    rows: Sequence[LeverRow]
    reaches: Sequence[Row]
    out_of_reach: Sequence[str]
    cuts: Sequence[Row]
    is_there: bool


def what_matters(
    found: Sensitivity, cuts: Sequence[CutRule], case: Case, code: Currency, page: str
) -> WhatMatters:
    """Return what the page shows. ``page``: the address of the goal, where changes are tried."""
    least, most = _ends(found)
    return WhatMatters(
        chance_text=chance_text(Chance(found.chance)),
        rows=[_row(one, found.chance, code, least, most) for one in found.effects if one.swing],
        reaches=[
            _reach(one.change, case, code, page)
            for one in found.reaches
            if one.change is not None and one.change.by
        ],
        out_of_reach=[lever_label(one.lever) for one in found.reaches if one.change is None],
        cuts=[_cut(one, code, page) for one in cuts[:_CUTS]],
        is_there=found.chance >= found.wanted,
    )


def _ends(found: Sensitivity) -> tuple[Decimal, Decimal]:
    """Return the ends of the axis that all bars share: not so near that nothing looks like much."""
    seen = [found.chance]
    for one in found.effects:
        seen += [change.chance for change in (one.down, one.up) if change is not None]
    least, most = min(seen), max(seen)
    room = max(Decimal(0), _NARROWEST - (most - least)) / 2
    return max(Decimal(0), least - room), min(Decimal(1), most + room)


def _row(one: Effect, now: Decimal, code: Currency, least: Decimal, most: Decimal) -> LeverRow:
    changes = [change for change in (one.down, one.up) if change is not None]
    seen = [now, *(change.chance for change in changes)]
    worse, better = min(seen), max(seen)
    return LeverRow(
        name=lever_label(one.lever),
        steps=gettext(" or ").join(size(one.lever, change.value, code) for change in changes),
        bar=LeverBar(worse, now, better, least, most),
        worse=Chance(worse).figure,
        better=Chance(better).figure,
    )


def _reach(change: Change, case: Case, code: Currency, page: str) -> Row:
    name = lever_name(change.lever, case)
    value = change.value * 100 if name == "return" else change.value
    return Row(
        key=change.lever.value,
        words=change_words(change, code),
        chance=chance_text(Chance(change.chance)),
        href=f"{page}?{urlencode({name: plain(value)})}" if name else "",
    )


def _cut(one: CutRule, code: Currency, page: str) -> Row:
    leaves = money(Money(one.extra_saving, code), exact=False)
    return Row(
        key=str(one.category_id),
        words=gettext(
            "%(share)s less on %(category)s",
            share=percent(one.share),
            category=category_label(one.key, one.name),
        ),
        chance=chance_text(Chance(one.chance)),
        href=f"{page}?{urlencode({'extra': plain(one.extra_saving)})}",
        leaves=gettext("leaves %(amount)s a month", amount=leaves),
    )
