"""Reports of the book: income against spending, sums by category and merchant, and their rows.

Reads what is there and changes nothing; net worth has a report of its own where it lives.
"""

from __future__ import annotations

from strongroom.transactions.reports.change_types import (
    Difference,
    Hand,
    HandCause,
    KnownWhy,
    PeriodWhy,
)
from strongroom.transactions.reports.changes import explain_known, explain_periods
from strongroom.transactions.reports.rules import BadPeriod, period_of, periods, read_period
from strongroom.transactions.reports.service import (
    cash_flow_report,
    category_report,
    merchant_report,
    part_rows,
)
from strongroom.transactions.reports.types import (
    Cell,
    Flow,
    FlowReport,
    Line,
    LineReport,
    PartPage,
    PartPosition,
    PartRow,
    Period,
    Scope,
    Span,
    Step,
    Unknown,
)

__all__ = [
    "BadPeriod",
    "Cell",
    "Difference",
    "Flow",
    "FlowReport",
    "Hand",
    "HandCause",
    "KnownWhy",
    "Line",
    "LineReport",
    "PartPage",
    "PartPosition",
    "PartRow",
    "Period",
    "PeriodWhy",
    "Scope",
    "Span",
    "Step",
    "Unknown",
    "cash_flow_report",
    "category_report",
    "explain_known",
    "explain_periods",
    "merchant_report",
    "part_rows",
    "period_of",
    "periods",
    "read_period",
]
