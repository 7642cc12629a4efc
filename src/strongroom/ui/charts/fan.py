"""The fan: where an amount may go from today, as bands about the most likely line.

The edge of a band is not a path: each day's band stands for itself.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from strongroom.ui.charts.days import (
    HEIGHT,
    PLOT,
    ROWS_SHOWN_WHOLE,
    TOP,
    Place,
    amount_text,
    day_data,
    days_axis,
    polyline,
)
from strongroom.ui.charts.scale import Scale, along, scale, thin
from strongroom.ui.charts.svg import FINE, WIDE, cursor, frame, grid, path, stretched
from strongroom.ui.charts.types import Chart, Fan, FanDay, Key
from strongroom.ui.dates import show_date
from strongroom.ui.figures import axis_labels
from strongroom.ui.language import gettext

_BANDS: Final = ("outer", "wide", "inner")


def draw_fan(spec: Fan, id_: str) -> Chart:
    """Draw the bands, widest first, and the middle over them. Zero is on the axis if it is near."""
    days = thin(spec.days)
    axis = scale(value for day in days for value in day.edges)
    lines, labels = grid(axis, axis_labels(axis.ticks, spec.currency), TOP, PLOT)
    shapes: list[Markup] = []
    if days:
        shapes = _shapes(days, axis)
        labels += days_axis(days[0].day, days[-1].day)
    svg = frame(
        id_,
        spec.title,
        _describe(days, spec),
        HEIGHT,
        lines,
        stretched(TOP, PLOT, *shapes),
        labels,
        cursor(TOP, PLOT),
        kind="fan",
    )
    names = (gettext("Most likely"), gettext("8 in 10, from"), gettext("8 in 10, to"))
    picked: dict[str, list[Decimal | None]] = {
        name: [day.edges[at] for day in days] for name, at in zip(names, (3, 1, 5), strict=True)
    }
    return Chart(
        svg=svg,
        data=day_data([day.day for day in days], picked, spec.currency)
        | {"y": [TOP + axis.up(day.middle, PLOT) for day in days]},
        legend=(
            Key("inner", gettext("5 in 10"), ""),
            Key("wide", gettext("8 in 10"), ""),
            Key("outer", gettext("95 in 100"), ""),
        ),
        columns=(
            gettext("Day"),
            gettext("Lowest of 95 in 100"),
            gettext("8 in 10, from"),
            gettext("Most likely"),
            gettext("8 in 10, to"),
            gettext("Highest of 95 in 100"),
        ),
        rows=tuple(
            (
                show_date(day.day),
                *(amount_text(day.edges[at], spec.currency) for at in (0, 1, 3, 5, 6)),
            )
            for day in _table_days(days)
        ),
    )


def _shapes(days: Sequence[FanDay], axis: Scale) -> list[Markup]:
    def line(at: int) -> list[Place]:
        first, last = days[0].day, days[-1].day
        return [
            (along(day.day, first, last, WIDE), axis.up(day.edges[at], PLOT * FINE)) for day in days
        ]

    shapes = []
    for n, name in enumerate(_BANDS):
        low, high = line(n), line(6 - n)
        outline = f"{polyline(high)}L{polyline(low[::-1])[1:].replace('L', ' ')}Z"
        shapes.append(path(outline, f"fan-band {name}"))
    zero = axis.up(Decimal(0), PLOT * FINE)
    if axis.low < 0 < axis.high:
        shapes.append(path(f"M0 {zero}L{WIDE} {zero}", "fan-zero"))
    middle = polyline(line(3))
    return [*shapes, path(middle, "halo"), path(middle, "line")]


def _table_days(days: Sequence[FanDay]) -> Sequence[FanDay]:
    """Return all days of a short span, of a long one each seventh and the last."""
    if len(days) <= ROWS_SHOWN_WHOLE:
        return days
    return [*days[:-1:7], days[-1]]


def _describe(days: Sequence[FanDay], spec: Fan) -> str:
    if not days:
        return gettext("There are no days to show yet.")
    last = days[-1]
    return gettext(
        "On %(day)s most likely about %(middle)s. In 8 of 10 futures between %(low)s and %(high)s.",
        day=show_date(last.day),
        middle=amount_text(last.middle, spec.currency),
        low=amount_text(last.edges[1], spec.currency),
        high=amount_text(last.edges[5], spec.currency),
    )
