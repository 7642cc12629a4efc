"""What would change a chance as the goal's page shows it: rows of the tornado, reaches, cuts.

Makes texts and bars of what the levers found; reckons nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from strongroom.core import ids
from strongroom.core.money import Currency, Money
from strongroom.goals.labels import chance_text
from strongroom.goals.levers.steps import saves_on_top
from strongroom.goals.levers.types import Change, CutRule, Effect, Lever, Reach, Sensitivity
from strongroom.goals.pages.figures import plain
from strongroom.goals.pages.lever_words import change_words, lever_label, size
from strongroom.goals.pages.sliders import CUT, lever_name
from strongroom.goals.simulation.types import Case
from strongroom.transactions import category_label
from strongroom.ui import gettext, money, percent
from strongroom.ui.charts import Chance, LeverBar

_NARROWEST = Decimal("0.1")
_CUTS = 4
_SEEN = Decimal("0.0005")
"""The least that a bar has to move for anybody to see it."""


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
        rows=[
            _row(one, found.chance, case, code, (least, most))
            for one in found.effects
            if one.swing >= _SEEN
        ],
        reaches=[
            _reach(one.change, case, code, page)
            for one in found.reaches
            if one.change is not None and one.change.by
        ],
        out_of_reach=[_tried(one, case, code) for one in found.reaches if one.change is None],
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


def _label(lever: Lever, case: Case) -> str:
    """Return what a lever is called for this case: what is saved on top is spent less first."""
    return lever_label(Lever.EXTRA_SAVING if saves_on_top(case, lever) else lever)


def _tried(one: Reach, case: Case, code: Currency) -> str:
    """Return a lever that is not enough, and how far it was tried."""
    return gettext(
        "%(lever)s (to %(limit)s)",
        lever=_label(one.lever, case),
        limit=size(one.lever, one.limit, code),
    )


def _row(
    one: Effect, now: Decimal, case: Case, code: Currency, ends: tuple[Decimal, Decimal]
) -> LeverRow:
    changes = [change for change in (one.down, one.up) if change is not None]
    seen = [now, *(change.chance for change in changes)]
    worse, better = min(seen), max(seen)
    return LeverRow(
        name=_label(one.lever, case),
        steps=gettext(" or ").join(size(one.lever, change.value, code) for change in changes),
        bar=LeverBar(worse, now, better, *ends),
        worse=Chance(worse).figure,
        better=Chance(better).figure,
    )


def _reach(change: Change, case: Case, code: Currency, page: str) -> Row:
    name = lever_name(change.lever, case)
    value = change.value * 100 if name == "return" else change.value
    on_top = saves_on_top(case, change.lever)
    shown = replace(change, lever=Lever.EXTRA_SAVING) if on_top else change
    return Row(
        key=change.lever.value,
        words=change_words(shown, code),
        chance=chance_text(Chance(change.chance)),
        href=f"{page}?{urlencode({name: plain(value)})}" if name else "",
    )


def cut_words(share: Decimal, key: str | None, name: str | None) -> str:
    """Return what is spent less, such as ``20% less on Restaurants``."""
    label = category_label(key, name)
    return gettext("%(share)s less on %(category)s", share=percent(share), category=label)


def _cut(one: CutRule, code: Currency, page: str) -> Row:
    leaves = money(Money(one.extra_saving, code), exact=False)
    return Row(
        key=str(one.category_id),
        words=cut_words(one.share, one.key, one.name),
        chance=chance_text(Chance(one.chance)),
        href=f"{page}?{urlencode({CUT: ids.show('cat', one.category_id)})}",
        leaves=gettext("leaves %(amount)s a month", amount=leaves),
    )
