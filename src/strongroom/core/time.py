"""Time: aware UTC instants, banking days, and whose "today" it is.

The clock is read here and only by edges; everything below takes ``now`` as an argument.
"""

from datetime import UTC, date, datetime
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
