"""Time: aware UTC instants, banking days, and whose "today" it is.

The clock is read here and only by edges; everything below takes ``now`` as an argument.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from strongroom.core.errors import Refused


class UnknownTimeZone(Refused):
    """The name is not in the IANA time zone database."""


def clock() -> datetime:
    """Return the current instant, aware, in UTC. For edges: web, worker and command line."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called ``name``. Raises ``UnknownTimeZone``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(
            f"{name!r} is not a time zone name.", field="time_zone", hint="Try Europe/Oslo."
        ) from error


def today(now: datetime, time_zone: str) -> date:
    """Return the banking day it is at ``now`` for someone who lives in ``time_zone``."""
    return now.astimezone(zone(time_zone)).date()


def month_start(day: date, back: int = 0) -> date:
    """Return the first day of the month ``back`` months before the one that ``day`` is in."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def months_before(day: date, back: int) -> date:
    """Return the day ``back`` months earlier, or the last of that month where it is shorter."""
    last = month_start(day, back - 1) - timedelta(days=1)
    return min(month_start(day, back) + timedelta(days=day.day - 1), last)
