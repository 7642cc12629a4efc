"""Days and instants as text, in the current person's language and time zone.

Knows no clock: ``now`` is an argument. A plain date is a banking day and is never shifted.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, Literal

from strongroom.core.time import zone
from strongroom.ui.language import current, gettext
from strongroom.ui.preferences import LANGUAGES, Locale

Style = Literal["medium", "day", "short", "month", "name", "time", "instant"]

_SKELETONS: Final[dict[str, str]] = {"short": "MMMd", "month": "yMMM", "name": "MMM"}
_JUST_NOW_SECONDS = 60
_YEAR: Final = re.compile(r"[-/]?yyyy-?")


def show_date(when: date | datetime, style: Style = "medium") -> str:
    """Return a day or an instant as text.

    Styles in English: medium ``20 Nov 2026``, day ``Friday, 20 November 2026``, short
    ``20 Nov``, month ``Nov 2026``, name ``Nov``, time ``14:30``, instant
    ``20 Nov 2026, 14:30``. Instants are shown in the person's time zone; the last two styles
    need one and raise ``TypeError`` for a plain date. Who wants days in digits gets them so, but
    for months, which have none.
    """
    from babel import dates

    locale = LANGUAGES[current().locale].cldr
    if isinstance(when, datetime):
        when = _aware(when).astimezone(zone(current().time_zone))
        if style == "time":
            return dates.format_time(when, "short", locale=locale)
        if style == "instant":
            return f"{_shown(when.date(), 'medium')}, {when:%H:%M}"
        when = when.date()
    if style in {"time", "instant"}:
        raise TypeError(f"The style {style!r} needs an instant, not a day.")
    return _shown(when, style)


def ago(instant: datetime, now: datetime) -> str:
    """Return how long before ``now`` an instant was, in words: ``3 days ago``, ``just now``."""
    from babel import dates

    passed = _aware(now) - _aware(instant)
    if abs(passed.total_seconds()) < _JUST_NOW_SECONDS:
        return gettext("just now")
    locale = LANGUAGES[current().locale].cldr
    return dates.format_timedelta(-passed, add_direction=True, locale=locale)


def _shown(day: date, style: str) -> str:
    return _day(day, style, current().locale, current().date_pattern)


@lru_cache(maxsize=4096)
def _day(day: date, style: str, locale: Locale, digits: str) -> str:
    """Format one day; a page of rows asks for the same few days again and again."""
    from babel import dates

    name = LANGUAGES[locale].cldr
    if digits and style not in {"month", "name"}:
        pattern = {"day": f"EEEE {digits}", "short": _YEAR.sub("", digits)}.get(style, digits)
        return dates.format_date(day, pattern, locale=name)
    if style in _SKELETONS:
        return dates.format_skeleton(_SKELETONS[style], day, locale=name)
    return dates.format_date(day, "full" if style == "day" else "medium", locale=name)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone cannot be shown.")
    return instant.astimezone(UTC)
