"""Chances as pictures: a hundred dots, a small bar, and what a change for better or worse makes.

Each repeats a number that stands beside it in words; only the dots are read out by themselves.
"""

from decimal import Decimal
from typing import Final

from markupsafe import Markup

from strongroom.ui.charts.svg import element, share
from strongroom.ui.charts.types import Chance, LeverBar
from strongroom.ui.language import gettext, ngettext

_ACROSS: Final = 20
_ROWS: Final = 5
_PITCH: Final = 14  # pixels from row to row
_RADIUS: Final = 5
_BAR_HEIGHT: Final = 14
_UNITS: Final = 10_000
_POSSIBLE: Final = 50
_ON_TRACK: Final = 80


def draw_hundred(chance: Chance, id_: str) -> Markup:
    """Draw a hundred futures as dots, as many filled as get there; a pale dot is less than one."""
    filled = min(99, max(0, chance.hundredths))
    half = chance.hundredths in {0, 100}
    dots = Markup("").join(
        element(
            "circle",
            cx=share(2 * (n % _ACROSS) + 1, 2 * _ACROSS),
            cy=_PITCH // 2 + n // _ACROSS * _PITCH,
            r=_RADIUS,
            class_="got" if n < filled else "half" if half and n == filled else "not",
        )
        for n in range(_ACROSS * _ROWS)
    )
    return element(
        "svg",
        element("title", _words(chance), id=f"{id_}-title"),
        dots,
        class_="hundred",
        role="img",
        aria_labelledby=f"{id_}-title",
        width="100%",
        height=_PITCH * _ROWS,
    )


def draw_chance_bar(chance: Chance) -> Markup:
    """Draw one chance as a bar, with marks where possible and on track begin."""
    length = min(99, max(1, chance.hundredths))
    marks = (
        element("rect", class_="then", x=f"{at}%", y=-2, width=2, height=_BAR_HEIGHT + 4)
        for at in (_POSSIBLE, _ON_TRACK)
    )
    return _bar(element("rect", class_="now", width=f"{length}%", height=_BAR_HEIGHT), *marks)


def draw_lever_bar(spec: LeverBar) -> Markup:
    """Draw one row: from the chance after the worse change over that of now to the better one."""
    worse, now, better = (_along(one, spec) for one in (spec.worse, spec.now, spec.better))
    spans = (("c2", min(worse, now), max(worse, now)), ("c3", min(better, now), max(better, now)))
    parts = [
        element(
            "rect",
            class_=mark,
            x=share(begin, _UNITS),
            width=share(end - begin, _UNITS),
            height=_BAR_HEIGHT,
        )
        for mark, begin, end in spans
        if end > begin
    ]
    line = element(
        "rect",
        class_="then",
        x=share(min(now, _UNITS - 100), _UNITS),
        y=-2,
        width=2,
        height=_BAR_HEIGHT + 4,
    )
    return _bar(*parts, line)


def _along(value: Decimal, spec: LeverBar) -> int:
    span = spec.most - spec.least
    place = (value - spec.least) / span if span > 0 else Decimal("0.5")
    return int(min(Decimal(1), max(Decimal(0), place)) * _UNITS)


def _bar(*shapes: Markup) -> Markup:
    track = element("rect", class_="track", width="100%", height=_BAR_HEIGHT)
    return element(
        "svg", track, *shapes, class_="bar", width="100%", height=_BAR_HEIGHT, aria_hidden="true"
    )


def _words(chance: Chance) -> str:
    if chance.hundredths <= 0:
        return gettext("Fewer than 1 of 100 futures get there.")
    if chance.hundredths >= _ACROSS * _ROWS:
        return gettext("More than 99 of 100 futures get there.")
    return ngettext(
        "%(num)s of 100 futures gets there.",
        "%(num)s of 100 futures get there.",
        chance.hundredths,
    )
