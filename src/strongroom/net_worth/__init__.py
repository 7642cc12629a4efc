"""Net worth: what is owned less what is owed, now and by day. The door of the domain."""

from strongroom.net_worth.ranges import Range, since
from strongroom.net_worth.service import (
    live,
    live_of,
    refresh,
    series,
    take_snapshots_for_all,
    totals,
)
from strongroom.net_worth.types import DayTotal, Live, Snapshot

__all__ = [
    "DayTotal",
    "Live",
    "Range",
    "Snapshot",
    "live",
    "live_of",
    "refresh",
    "series",
    "since",
    "take_snapshots_for_all",
    "totals",
]
