"""Net worth: what is owned less what is owed, now and by day. The door of the domain."""

from strongroom.net_worth.changing import SpanIsBackToFront, between
from strongroom.net_worth.ranges import Range, since
from strongroom.net_worth.service import (
    live,
    live_of,
    refresh,
    series,
    take_snapshots_for_all,
    totals,
)
from strongroom.net_worth.types import (
    AccountChange,
    Between,
    DayTotal,
    Live,
    RemainderKind,
    Snapshot,
    Worth,
    WorthPart,
)

__all__ = [
    "AccountChange",
    "Between",
    "DayTotal",
    "Live",
    "Range",
    "RemainderKind",
    "Snapshot",
    "SpanIsBackToFront",
    "Worth",
    "WorthPart",
    "between",
    "live",
    "live_of",
    "refresh",
    "series",
    "since",
    "take_snapshots_for_all",
    "totals",
]
