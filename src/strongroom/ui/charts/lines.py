"""Lines over time: net worth as a total, and sparklines.

One accent line with a faint wash under it; missing days are gaps, estimated ones dashed, failed
syncs marked. Bands are drawn in ``stack``.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from strongroom.core.money import Currency
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
    runs,
)
from strongroom.ui.charts.scale import Scale, along, scale, thin, usual_gap
from strongroom.ui.charts.svg import (
    FINE,
    WIDE,
    cursor,
    element,
    frame,
    grid,
    path,
    share,
    stretched,
)
from strongroom.ui.charts.types import Chart, Key, Mark, NetWorthLine, Point, Sparkline
from strongroom.ui.dates import show_date
from strongroom.ui.figures import axis_labels
from strongroom.ui.language import gettext

_MOST_MARK_TEXTS: Final = 3


def draw_net_worth_line(spec: NetWorthLine, id_: str) -> Chart:
    """Draw net worth as one line. Without a single known day the plot stays empty."""
    points = thin(with_gaps(spec.points))
    known = [point for point in points if point.value is not None]
    axis = scale(point.value for point in known if point.value is not None)
    lines, labels = grid(axis, axis_labels(axis.ticks, spec.currency), TOP, PLOT)
    shapes: list[Markup] = []
    if known:
        first, last = points[0].day, points[-1].day
        places = [_place(point, axis, first, last) for point in points]
        shapes = _line(points, places)
        labels += days_axis(first, last)
        labels += _marks(spec.marks, points, places, first, last)
        labels += _end(places)
    svg = frame(
        id_,
        spec.title,
        _describe(known, spec.currency),
        HEIGHT,
        lines,
        stretched(TOP, PLOT, *shapes),
        labels,
        cursor(TOP, PLOT),
        kind="worth",
    )
    values = [point.value for point in points]
    return Chart(
        svg=svg,
        data=day_data([p.day for p in points], {spec.title: values}, spec.currency)
        | {"y": [None if p is None else TOP + round(p[1] / FINE) for p in _places(points, axis)]},
        legend=_legend(points, spec.marks),
        columns=(gettext("Day"), spec.title),
        rows=tuple(
            (show_date(p.day), amount_text(p.value, spec.currency) + _note(p))
            for p in table_days(known)
        ),
    )


def draw_sparkline(spec: Sparkline, id_: str) -> Markup:
    """Draw a small line, 32 pixels high, named by its title."""
    axis = scale(value for value in spec.values if value is not None)
    count = max(1, len(spec.values) - 1)
    height = 28
    places: list[Place | None] = [
        None if value is None else (n * WIDE // count, axis.up(value, height * FINE))
        for n, value in enumerate(spec.values)
    ]
    d = " ".join(polyline(run) for run in runs(places))
    return element(
        "svg",
        element("title", spec.title, id=f"{id_}-title"),
        stretched(2, height, path(d, "line")) if d else Markup(""),
        class_="chart spark",
        role="img",
        aria_labelledby=f"{id_}-title",
        width="100%",
        height=height + 4,
    )


def with_gaps(points: Sequence[Point]) -> list[Point]:
    """Return the points with a missing day put in wherever days were left out.

    A hole is a distance of twice the usual one or more.
    """
    if not points:
        return []
    usual = usual_gap([point.day for point in points])
    whole = [points[0]]
    for before, after in pairwise(points):
        if (after.day - before.day).days >= 2 * usual:
            whole.append(Point(before.day + timedelta(days=usual), None))
        whole.append(after)
    return whole


def table_days(points: Sequence[Point]) -> list[Point]:
    """Return the days for the table, newest first: all of a month, else the last of each month."""
    if len(points) <= ROWS_SHOWN_WHOLE:
        return list(reversed(points))
    ends = {(point.day.year, point.day.month): point for point in points}
    return list(reversed(ends.values()))


def _places(points: Sequence[Point], axis: Scale) -> list[Place | None]:
    first, last = points[0].day if points else None, points[-1].day if points else None
    return [_place(p, axis, first, last) for p in points] if first and last else []


def _place(point: Point, axis: Scale, first: date, last: date) -> Place | None:
    if point.value is None:
        return None
    return along(point.day, first, last, WIDE), axis.up(point.value, PLOT * FINE)


def _line(points: Sequence[Point], places: Sequence[Place | None]) -> list[Markup]:
    """Return the wash, then the known line, then the dashed one."""
    floor = PLOT * FINE
    wash = "".join(f"{polyline(run)}V{floor}H{run[0][0]}Z" for run in runs(places) if len(run) > 1)
    shapes = [path(wash, "wash")] if wash else []
    stretches = list(_stretches(points, places))
    for dashed, kind in ((False, "line"), (True, "line estimated")):
        d = "".join(polyline(run) for doubtful, run in stretches if doubtful == dashed)
        shapes += [path(d, kind)] if d else []
    return shapes


def _stretches(
    points: Sequence[Point], places: Sequence[Place | None]
) -> Iterator[tuple[bool, list[Place]]]:
    """Cut the line where it turns from known to estimated and back, or stops.

    The way between two days is estimated when either of them is.
    """
    stretch: list[Place] = []
    doubtful = False
    for before, (point, place) in zip(
        (None, *points), zip(points, places, strict=True), strict=False
    ):
        if place is None:
            if stretch:
                yield doubtful, stretch
            stretch = []
            continue
        way = point.estimated or bool(stretch and before and before.estimated)
        if len(stretch) > 1 and way != doubtful:
            yield doubtful, stretch
            stretch = stretch[-1:]
        doubtful = way
        stretch.append(place)
    if stretch:
        yield doubtful, stretch


def _legend(points: Sequence[Point], marks: Sequence[Mark]) -> tuple[Key, ...]:
    """Explain the dashes and the rings, if there are any."""
    drawn = [mark.text for mark in marks if points and points[0].day <= mark.day <= points[-1].day]
    dashed = any(point.estimated and point.value is not None for point in points)
    return (
        *((Key("dashed", gettext("Estimated"), ""),) if dashed else ()),
        *(Key("ring", text, "") for text in list(dict.fromkeys(drawn))[:_MOST_MARK_TEXTS]),
    )


def _end(places: Sequence[Place | None]) -> Markup:
    """Return a dot on the latest known day."""
    x, y = [place for place in places if place][-1]
    return element("circle", cx=share(x, WIDE), cy=TOP + round(y / FINE), r=4, class_="end")


def _marks(
    marks: Sequence[Mark],
    points: Sequence[Point],
    places: Sequence[Place | None],
    first: date,
    last: date,
) -> Markup:
    """Return a ring on the line for each mark, at the nearest known day before it."""
    drawn = []
    for mark in marks:
        before = [
            place
            for point, place in zip(points, places, strict=True)
            if place and point.day <= mark.day
        ]
        if before and first <= mark.day <= last:
            x = along(mark.day, first, last, WIDE)
            y = TOP + round(before[-1][1] / FINE)
            title = element("title", mark.text)
            drawn.append(element("circle", title, cx=share(x, WIDE), cy=y, r=5, class_="mark"))
    return Markup("").join(drawn)


def _describe(known: Sequence[Point], currency: Currency) -> str:
    values = [point.value for point in known if point.value is not None]
    if not values:
        return gettext("There are no days to show yet.")
    return gettext(
        "From %(first)s on %(start)s to %(last)s on %(end)s. Lowest %(low)s, highest %(high)s.",
        first=amount_text(values[0], currency),
        start=show_date(known[0].day),
        last=amount_text(values[-1], currency),
        end=show_date(known[-1].day),
        low=amount_text(min(values), currency),
        high=amount_text(max(values), currency),
    )


def _note(point: Point) -> str:
    return f" ({gettext('estimated')})" if point.estimated else ""
