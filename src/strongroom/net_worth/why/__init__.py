"""Why net worth changed between two days: causes that add up to the difference, and their rows."""

from __future__ import annotations

from strongroom.net_worth.why.service import Behind, explain, rows_behind
from strongroom.net_worth.why.types import Cause, CauseKind, Left, Why

__all__ = ["Behind", "Cause", "CauseKind", "Left", "Why", "explain", "rows_behind"]
