"""Bars: cash flow by month, and one category's spending against last month."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from strongroom.ui.charts.days import amount_text, whole
from strongroom.ui.charts.scale import Scale, scale
from strongroom.ui.charts.svg import cursor, element, frame, grid, share
from strongroom.ui.charts.types import CashFlow, Chart, FlowMonth, Key, SpendingBar
from strongroom.ui.dates import show_date
from strongroom.ui.figures import affixes, axis_labels
from strongroom.ui.language import current, gettext

_TOP: Final = 20
_PLOT: Final = 150
_HEIGHT: Final = _TOP + _PLOT + 26
_UNITS: Final = 10_000
# Kept free on the left for the amounts: their letters are of one size, however narrow the picture
# is. A phone shows it about this many pixels wide.
_NARROW: Final = 280
_LETTER: Final = 8
_MOST_FREE: Final = 3_000
_THICK: Final = 3  # bars fill three fifths of their slot
_BAR_HEIGHT: Final = 14


def draw_cash_flow(spec: CashFlow, id_: str) -> Chart:
    """Draw income up and spending down from one zero line, a pair for each month."""
    axis = scale((v for m in spec.months for v in (m.income, m.spending)), zero=True)
    amounts = axis_labels(axis.ticks, spec.currency)
    lines, labels = grid(axis, amounts, _TOP, _PLOT)
    free = min(_MOST_FREE, max(map(len, amounts)) * _LETTER * _UNITS // _NARROW)
    slot = (_UNITS - free) // max(1, len(spec.months))
    centres = [free + slot * (2 * n + 1) // 2 for n in range(len(spec.months))]
    shapes = Markup("")
    for n, (centre, month) in enumerate(zip(centres, spec.months, strict=True)):
        shapes += _pair(month, centre, slot * _THICK // 5, axis)
        labels += element(
            "text",
            month.short or show_date(month.month, "name"),
            x=share(centre, _UNITS),
            y=_HEIGHT - 6,
            text_anchor="middle",
            class_="day odd" if len(spec.months) > 6 and n % 2 else "day",
        )
    svg = frame(
        id_,
        spec.title,
        _describe(spec),
        _HEIGHT,
        lines,
        shapes,
        labels,
        cursor(_TOP, _PLOT, dot=False),
        kind="flow",
    )
    return Chart(
        svg=svg,
        data=_data(spec, centres),
        legend=(Key("c3", gettext("In"), ""), Key("c2", gettext("Out"), "")),
        columns=(gettext("Month"), gettext("In"), gettext("Out"), gettext("Left over")),
        rows=tuple(
            (
                _name(month),
                *(amount_text(value, spec.currency) for value in _three(month)),
            )
            for month in reversed(spec.months)
        ),
    )


def draw_spending_bar(spec: SpendingBar) -> Markup:
    """Draw one row's bar: this month's length, and a line where last month was by the same day.

    It only repeats the amounts written beside it, so it is hidden from screen readers.
    """
    longest = max(
        abs(spec.largest.amount), abs(spec.amount.amount), abs(spec.last_month.amount)
    ) or Decimal(1)
    now = int(abs(spec.amount.amount) * _UNITS / longest)
    before = int(abs(spec.last_month.amount) * _UNITS / longest)
    shapes = [
        element("rect", class_="track", width="100%", height=_BAR_HEIGHT),
        element("rect", class_="now", width=share(now, _UNITS), height=_BAR_HEIGHT),
    ]
    if before:
        shapes.append(
            element(
                "rect",
                class_="then",
                x=share(min(before, _UNITS - 100), _UNITS),
                y=-2,
                width=2,
                height=_BAR_HEIGHT + 4,
            )
        )
    return element(
        "svg", *shapes, class_="bar", width="100%", height=_BAR_HEIGHT, aria_hidden="true"
    )


def _pair(month: FlowMonth, centre: int, width: int, axis: Scale) -> Markup:
    """Return a month's two bars; nothing is drawn for nothing."""
    zero = _TOP + axis.up(Decimal(0), _PLOT)
    drawn = Markup("")
    for value, mark in ((month.income, "c3"), (month.spending, "c2")):
        y = _TOP + axis.up(value, _PLOT)
        if value:
            drawn += element(
                "rect",
                x=share(centre - width // 2, _UNITS),
                y=min(y, zero),
                width=share(width, _UNITS),
                height=max(1, abs(zero - y)),
                class_=mark,
            )
    return drawn


def _three(month: FlowMonth) -> tuple[Decimal, Decimal, Decimal]:
    return month.income, month.spending, month.income + month.spending


def _data(spec: CashFlow, centres: Sequence[int]) -> dict[str, object]:
    around = affixes(spec.currency, current().locale)
    hidden = current().hide_amounts
    names = (gettext("In"), gettext("Out"), gettext("Left over"))
    columns = list(zip(*(_three(month) for month in spec.months), strict=True)) or [(), (), ()]
    return {
        "labels": [_name(month) for month in spec.months],
        "at": centres,
        "before": around.before,
        "after": around.after,
        "hidden": hidden,
        "series": [
            {"name": name, "values": [] if hidden else [whole(value) for value in values]}
            for name, values in zip(names, columns, strict=True)
        ],
    }


def _name(month: FlowMonth) -> str:
    return month.name or show_date(month.month, "month")


def _describe(spec: CashFlow) -> str:
    if not spec.months:
        return gettext("There are no months to show yet.")
    last = spec.months[-1]
    income, spending, left = (amount_text(value, spec.currency) for value in _three(last))
    return gettext(
        "In %(month)s %(income)s came in and %(spending)s went out, which leaves %(left)s.",
        month=_name(last),
        income=income,
        spending=spending,
        left=left,
    )
