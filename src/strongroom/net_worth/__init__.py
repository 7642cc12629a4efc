"""Net worth: what is owned less what is owed, now and by day. The door of the domain."""

from strongroom.net_worth.changing import SpanIsBackToFront, between
from strongroom.net_worth.in_base import (
    base_currency,
    base_of,
    days,
    days_with_parts,
    remainders,
    worth,
    worth_of,
)
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
from strongroom.net_worth.table import as_csv
from strongroom.net_worth.types import (
    AccountChange,
    Between,
    DayTotal,
    Live,
    Remainder,
    RemainderKind,
    Snapshot,
    Worth,
    WorthDay,
    WorthPart,
    WorthSnapshot,
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
    "Remainder",
    "RemainderKind",
    "Snapshot",
    "SpanIsBackToFront",
    "Why",
    "Worth",
    "WorthDay",
    "WorthPart",
    "WorthSnapshot",
    "archive_balances_for_all",
    "as_csv",
    "base_currency",
    "base_of",
    "between",
    "days",
    "days_with_parts",
    "explain",
    "live",
    "live_of",
    "refresh",
    "remainders",
    "rows_behind",
    "series",
    "since",
    "take_snapshots_for_all",
    "totals",
    "worth",
    "worth_of",
]
