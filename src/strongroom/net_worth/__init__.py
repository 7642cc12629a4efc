"""Net worth: what is owned less what is owed, now and by day. The door of the domain."""

from strongroom.net_worth.changing import SpanIsBackToFront, between
from strongroom.net_worth.ranges import Range, since
from strongroom.net_worth.service import (
    archive_balances_for_all,
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
from strongroom.net_worth.why import Behind, Cause, CauseKind, Left, Why, explain, rows_behind

__all__ = [
    "AccountChange",
    "Behind",
    "Between",
    "Cause",
    "CauseKind",
    "DayTotal",
    "Left",
    "Live",
    "Range",
    "RemainderKind",
    "Snapshot",
    "SpanIsBackToFront",
    "Why",
    "Worth",
    "WorthPart",
    "archive_balances_for_all",
    "between",
    "explain",
    "live",
    "live_of",
    "refresh",
    "rows_behind",
    "series",
    "since",
    "take_snapshots_for_all",
    "totals",
]
