"""What a person plans to spend, what comes again and again, and where that leads. The door.

Reads the book and changes none of it.
"""

from strongroom.budgets.forecast import ask_for_forecasts, forecasts, make_forecasts
from strongroom.budgets.forecast_types import Band, Check, Forecast, Lacking
from strongroom.budgets.recurring import (
    RecurringNotFound,
    ask_if_stale,
    ask_to_look_through,
    coming_up,
    judge_recurring,
    look_through,
    looked_at,
    overdue_for_all,
    recurring_item,
    recurring_items,
    recurring_of,
    rows_of_recurring,
)
from strongroom.budgets.recurring_types import (
    Cadence,
    Coming,
    RecurringId,
    RecurringItem,
    Standing,
    Verdict,
)

__all__ = [
    "Band",
    "Cadence",
    "Check",
    "Coming",
    "Forecast",
    "Lacking",
    "RecurringId",
    "RecurringItem",
    "RecurringNotFound",
    "Standing",
    "Verdict",
    "ask_for_forecasts",
    "ask_if_stale",
    "ask_to_look_through",
    "coming_up",
    "forecasts",
    "judge_recurring",
    "look_through",
    "looked_at",
    "make_forecasts",
    "overdue_for_all",
    "recurring_item",
    "recurring_items",
    "recurring_of",
    "rows_of_recurring",
]
