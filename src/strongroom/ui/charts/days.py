"""What all charts over days share: the size of the plot, its day labels, its data block.

Draws no shape of its own.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from strongroom.core.money import Currency, Money
from strongroom.ui.charts.scale import along, date_ticks
from strongroom.ui.charts.svg import WIDE, element, share
from strongroom.ui.charts.types import Key
from strongroom.ui.dates import show_date
from strongroom.ui.figures import affixes, money, rounded_to
from strongroom.ui.language import current

TOP: Final = 22  # room for the highest label
PLOT: Final = 208
FOOT: Final = 26  # room for the days
HEIGHT: Final = TOP + PLOT + FOOT
ROWS_SHOWN_WHOLE: Final = 31
_NEAR_EDGE: Final = 5  # hundredths of the width
_LABEL_ROOM: Final = 11

Place = tuple[int, int]


def runs(places: Sequence[Place | None]) -> list[list[Place]]:
    """Split places at the gaps."""
    found: list[list[Place]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(place)
    return [run for run in found if run]


def polyline(run: Sequence[Place]) -> str:
    """Return the path through the places; a lone place becomes a dot."""
    (x, y), *rest = run
    return f"M{x} {y}" + ("L" + " ".join(f"{x} {y}" for x, y in rest) if rest else "h1")


def days_axis(first: date, last: date) -> Markup:
    """Return the labels under a plot. The year shows where it changes; odd ones hide on phones."""
    labels: list[Markup] = []
    year = 0
    latest = -_LABEL_ROOM
    months = date_ticks(first, last)
    named = len(months) > 1 and all(day.day == 1 for day in months)
    for day in months:
        place = along(day, first, last, 100)
        if place - latest < _LABEL_ROOM:
            continue
        latest = place
        anchor = "start" if place < _NEAR_EDGE else "end" if place > 100 - _NEAR_EDGE else "middle"
        text = show_date(day, "name" if named else "short")
        if named and day.year != year:
            year, text = day.year, f"{text} {day.year}"
        labels.append(
            element(
                "text",
                text,
                x=share(along(day, first, last, WIDE), WIDE),
                y=HEIGHT - 6,
                text_anchor=anchor,
                class_="day odd" if len(labels) % 2 else "day",
            )
        )
    return Markup("").join(labels)


def day_data(
    days: Sequence[date], series: dict[str, list[Decimal | None]], currency: Currency
) -> dict[str, object]:
    """Return what kit.js reads out: days since 1970 and whole units, no amounts while hidden."""
    around = affixes(currency, current().locale)
    hidden = current().hide_amounts
    epoch = date(1970, 1, 1).toordinal()
    return {
        "days": [day.toordinal() - epoch for day in days],
        "before": around.before,
        "after": around.after,
        "hidden": hidden,
        "series": [
            {"name": name, "values": [] if hidden else [whole(value) for value in values]}
            for name, values in series.items()
        ],
    }


def whole(value: Decimal | None) -> int | None:
    """Return the amount as shown, in whole units."""
    return None if value is None else int(rounded_to(value, 0))


def key(mark: str, name: str, value: Decimal, currency: Currency) -> Key:
    """Return a legend entry with an amount in whole units."""
    return Key(mark, name, amount_text(value, currency))


def amount_text(value: Decimal | None, currency: Currency) -> str:
    """Return an amount in whole units; a missing one is empty."""
    return "" if value is None else money(Money(value, currency), exact=False)
