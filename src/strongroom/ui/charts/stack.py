"""Net worth as bands: what is owned above zero, what is owed below, the net as a line over both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from strongroom.core.money import Currency
from strongroom.ui.charts.days import (
    HEIGHT,
    PLOT,
    ROWS_SHOWN_WHOLE,
    TOP,
    amount_text,
    day_data,
    days_axis,
    key,
    polyline,
)
from strongroom.ui.charts.scale import Scale, along, scale, thin, usual_gap
from strongroom.ui.charts.svg import FINE, WIDE, cursor, frame, grid, path, stretched
from strongroom.ui.charts.types import Chart, Holdings, NetWorthBreakdown
from strongroom.ui.dates import show_date
from strongroom.ui.figures import axis_labels
from strongroom.ui.language import N_, gettext

# From zero upwards; the mark is the colour's name in the style sheet.
_ABOVE: Final = (
    ("property", "c2", N_("Property")),
    ("investments", "c1", N_("Investments")),
    ("cash", "c3", N_("Cash")),
    ("other", "c5", N_("Other")),
)


@dataclass(frozen=True, slots=True)
class Levels:
    """The edges of one day's bands, from zero up, and how far the debt reaches down."""

    day: date
    edges: tuple[Decimal, ...]
    owed: Decimal
    net: Decimal


def draw_net_worth_breakdown(spec: NetWorthBreakdown, id_: str) -> Chart:
    """Draw the bands. An overdraft or another asset below zero is drawn with the debt."""
    days = thin(_with_gaps(spec.days))
    known = [held for held in days if not held.missing]
    kinds = [kind for kind in _ABOVE if any(getattr(held, kind[0]) for held in known)]
    found = [levels(held, [name for name, _, _ in kinds]) for held in known]
    axis = scale(_extent(found), zero=True)
    lines, labels = grid(axis, axis_labels(axis.ticks, spec.currency), TOP, PLOT)
    shapes: list[Markup] = []
    if known:
        first, last = days[0].day, days[-1].day
        for run in _runs(days, [name for name, _, _ in kinds]):
            shapes += _bands(run, axis, [mark for _, mark, _ in kinds], (first, last))
        labels += days_axis(first, last)
    svg = frame(
        id_,
        spec.title,
        _describe(known, spec.currency),
        HEIGHT,
        lines,
        stretched(TOP, PLOT, *shapes),
        labels,
        cursor(TOP, PLOT),
        kind="bands",
    )
    names = [("net", "net", spec.title), *kinds, ("debt", "c4", N_("Debt"))]
    series = {
        name: [None if held.missing else getattr(held, kind) for held in days]
        for kind, _, name in names
    }
    return Chart(
        svg=svg,
        data=day_data([held.day for held in days], _translated(series), spec.currency)
        | {"y": [None if h.missing else TOP + axis.up(h.net, PLOT) for h in days]},
        legend=tuple(
            key(mark, gettext(name), getattr(known[-1], kind), spec.currency)
            for kind, mark, name in names
            if known
        ),
        columns=(gettext("Day"), *(gettext(name) for _, _, name in names)),
        rows=tuple(
            (
                show_date(held.day),
                *(amount_text(getattr(held, kind), spec.currency) for kind, _, _ in names),
            )
            for held in _table_days(known)
        ),
    )


def levels(held: Holdings, kinds: Sequence[str]) -> Levels:
    """Return where one day's bands begin and end. Edges never fall, debt is never above zero."""
    edges = [Decimal(0)]
    owed = min(held.debt, Decimal(0))
    for kind in kinds:
        value: Decimal = getattr(held, kind)
        edges.append(edges[-1] + max(value, Decimal(0)))
        owed += min(value, Decimal(0))
    return Levels(held.day, tuple(edges), owed, held.net)


def _with_gaps(days: Sequence[Holdings]) -> list[Holdings]:
    """Put a missing day in wherever days were left out, as for the line."""
    if not days:
        return []
    usual = usual_gap([held.day for held in days])
    whole = [days[0]]
    for before, after in pairwise(days):
        if (after.day - before.day).days >= 2 * usual:
            whole.append(Holdings(before.day + timedelta(days=usual), missing=True))
        whole.append(after)
    return whole


def _extent(found: Sequence[Levels]) -> list[Decimal]:
    return [value for day in found for value in (day.edges[-1], day.owed, day.net)]


def _runs(days: Sequence[Holdings], kinds: Sequence[str]) -> list[list[Levels]]:
    found: list[list[Levels]] = [[]]
    for held in days:
        if held.missing:
            found.append([])
        else:
            found[-1].append(levels(held, kinds))
    return [run for run in found if run]


def _bands(
    run: Sequence[Levels], axis: Scale, marks: Sequence[str], span: tuple[date, date]
) -> list[Markup]:
    """Return the fills, then the edges, then the net line on its halo."""
    xs = [along(day.day, *span, WIDE) for day in run]

    def line(values: Sequence[Decimal]) -> list[tuple[int, int]]:
        return [(x, axis.up(v, PLOT * FINE)) for x, v in zip(xs, values, strict=True)]

    edges = [line([day.edges[n] for day in run]) for n in range(len(marks) + 1)]
    owed = line([day.owed for day in run])
    pairs = [(mark, edges[n], edges[n + 1]) for n, mark in enumerate(marks)]
    if any(day.owed for day in run):
        pairs.append(("c4", edges[0], owed))
    fills = [
        path(f"{polyline(outer)}L{polyline(inner[::-1])[1:].replace('L', ' ')}Z", f"fill {mark}")
        for mark, inner, outer in pairs
        if len(run) > 1
    ]
    strokes = [path(polyline(outer), f"edge {mark}") for mark, _, outer in pairs]
    net = polyline(line([day.net for day in run]))
    return [*fills, *strokes, path(net, "halo"), path(net, "net")]


def _translated(series: dict[str, list[Decimal | None]]) -> dict[str, list[Decimal | None]]:
    return {gettext(name): values for name, values in series.items()}


def _table_days(known: Sequence[Holdings]) -> list[Holdings]:
    if len(known) <= ROWS_SHOWN_WHOLE:
        return list(reversed(known))
    ends = {(held.day.year, held.day.month): held for held in known}
    return list(reversed(ends.values()))


def _describe(known: Sequence[Holdings], currency: Currency) -> str:
    if not known:
        return gettext("There are no days to show yet.")
    last = known[-1]
    return gettext(
        "On %(day)s: property %(property)s, investments %(investments)s, cash %(cash)s, "
        "other %(other)s, debt %(debt)s, net %(net)s.",
        day=show_date(last.day),
        property=amount_text(last.property, currency),
        investments=amount_text(last.investments, currency),
        cash=amount_text(last.cash, currency),
        other=amount_text(last.other, currency),
        debt=amount_text(last.debt, currency),
        net=amount_text(last.net, currency),
    )
