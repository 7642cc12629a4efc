"""The fan of a goal: where savings may go month by month, and the line that is to be reached.

The edge of a band is not a path: each month's band stands for itself.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from strongroom.core.money import Currency
from strongroom.ui.charts.days import (
    HEIGHT,
    PLOT,
    TOP,
    Place,
    amount_text,
    days_axis,
    polyline,
    whole,
)
from strongroom.ui.charts.scale import Scale, along, scale, thin
from strongroom.ui.charts.svg import FINE, WIDE, cursor, element, frame, grid, path, stretched
from strongroom.ui.charts.types import Chart, FanMonth, GoalFan, Key
from strongroom.ui.dates import show_date
from strongroom.ui.figures import affixes, axis_labels
from strongroom.ui.language import current, gettext

_BANDS: Final = ("wide", "inner")
_UNITS: Final = 10_000
_MONTHS_SHOWN_WHOLE: Final = 36
_YEAR: Final = 12
_LABEL_AT: Final = 76  # pixels: to the right of the amounts, where a fan is still narrow
_LABEL_HEIGHT: Final = 14


def draw_goal_fan(spec: GoalFan, id_: str) -> Chart:
    """Draw the bands, the target over them, and the middle on top. Zero shows where it is near."""
    months = thin(spec.months)
    axis = _axis(months, spec.target)
    lines, labels = grid(axis, axis_labels(axis.ticks, spec.currency), TOP, PLOT)
    shapes: list[Markup] = []
    if months:
        shapes = _shapes(months, axis)
        labels += days_axis(months[0].month, months[-1].month)
        labels += _target(spec, axis)
    svg = frame(
        id_,
        spec.title,
        _describe(months, spec),
        HEIGHT,
        lines,
        stretched(TOP, PLOT, *shapes),
        labels,
        cursor(TOP, PLOT),
        kind="goal",
    )
    return Chart(
        svg=svg,
        data=_data(months, spec.currency) | {"y": [TOP + axis.up(m.middle, PLOT) for m in months]},
        legend=(
            Key("middle", gettext("Middle outcome"), ""),
            Key("half", gettext("Half of futures"), ""),
            Key("most", gettext("8 of 10 futures"), ""),
            Key("target", gettext("Target"), ""),
        ),
        columns=(
            gettext("Month"),
            gettext("1 in 10 has less"),
            gettext("1 in 4 has less"),
            gettext("Middle outcome"),
            gettext("1 in 4 has more"),
            gettext("1 in 10 has more"),
        ),
        rows=tuple(
            (
                show_date(one.month, "month"),
                *(amount_text(edge, spec.currency) for edge in one.edges),
            )
            for one in _table_months(spec.months)
        ),
    )


def _axis(months: Sequence[FanMonth], target: Decimal) -> Scale:
    """Return an axis with every edge and the target, and with zero unless all lie far above it."""
    values = [target, *(edge for one in months for edge in one.edges)]
    return scale(values, zero=min(values) * 5 <= max(values) * 2)


def _shapes(months: Sequence[FanMonth], axis: Scale) -> list[Markup]:
    first, last = months[0].month, months[-1].month

    def line(at: int) -> list[Place]:
        return [
            (along(one.month, first, last, WIDE), axis.up(one.edges[at], PLOT * FINE))
            for one in months
        ]

    shapes = []
    for n, name in enumerate(_BANDS):
        low, high = line(n), line(4 - n)
        outline = f"{polyline(high)}L{polyline(low[::-1])[1:].replace('L', ' ')}Z"
        shapes.append(path(outline, f"fan-band {name}"))
    middle = polyline(line(2))
    return [*shapes, path(middle, "halo"), path(middle, "line")]


def _target(spec: GoalFan, axis: Scale) -> Markup:
    """Return the line to be reached and its label, under the line where there is no room above."""
    y = TOP + axis.up(spec.target, PLOT)
    above = y - 6
    return element("line", x1=0, x2="100%", y1=y, y2=y, class_="target") + element(
        "text",
        gettext("Target %(amount)s", amount=amount_text(spec.target, spec.currency)),
        x=_LABEL_AT,
        y=above if above > _LABEL_HEIGHT else y + _LABEL_HEIGHT,
        class_="target-label",
    )


def _table_months(months: Sequence[FanMonth]) -> Sequence[FanMonth]:
    """Return all months of a short goal, of a long one each twelfth and the last."""
    if len(months) <= _MONTHS_SHOWN_WHOLE + 1:
        return months
    return [*months[:-1:_YEAR], months[-1]]


def _data(months: Sequence[FanMonth], currency: Currency) -> dict[str, object]:
    around = affixes(currency, current().locale)
    hidden = current().hide_amounts
    names = (gettext("Middle outcome"), gettext("8 in 10, from"), gettext("8 in 10, to"))
    first, last = (months[0].month, months[-1].month) if months else (None, None)
    return {
        "labels": [show_date(one.month, "month") for one in months],
        "at": [along(one.month, first, last, _UNITS) for one in months if first and last],
        "before": around.before,
        "after": around.after,
        "hidden": hidden,
        "series": [
            {
                "name": name,
                "values": [] if hidden else [whole(one.edges[edge]) for one in months],
            }
            for name, edge in zip(names, (2, 0, 4), strict=True)
        ],
    }


def _describe(months: Sequence[FanMonth], spec: GoalFan) -> str:
    if not months:
        return gettext("There are no months to show yet.")
    last = months[-1]
    return gettext(
        "In %(month)s most likely about %(middle)s. In 8 of 10 futures between %(low)s and"
        " %(high)s. The target is %(target)s.",
        month=show_date(last.month, "month"),
        middle=amount_text(last.middle, spec.currency),
        low=amount_text(last.edges[0], spec.currency),
        high=amount_text(last.edges[4], spec.currency),
        target=amount_text(spec.target, spec.currency),
    )
