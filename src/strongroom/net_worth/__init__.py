"""Net worth: what is owned less what is owed, now and by day. The door of the domain."""

from strongroom.net_worth.ranges import Range, since
from strongroom.net_worth.service import live, refresh, series, take_snapshots_for_all
from strongroom.net_worth.types import Live, Snapshot

__all__ = [
    "Live",
    "Range",
    "Snapshot",
    "live",
    "refresh",
    "series",
    "since",
    "take_snapshots_for_all",
]
