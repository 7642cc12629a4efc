"""What a person plans to spend, what comes again and again, and where that leads. The door.

Reads the book and changes none of it.
"""

from strongroom.budgets.forecast import ask_for_forecasts, forecasts, make_forecasts
from strongroom.budgets.forecast_types import Band, Check, Forecast, Lacking
from strongroom.budgets.plan_types import (
    Budget,
    BudgetId,
    Carry,
    Every,
    NewBudget,
    Period,
    Progress,
    Span,
)
from strongroom.budgets.plans import (
    BadBudget,
    BudgetExists,
    BudgetNotFound,
    add_budget,
    budget_progress,
    change_budget,
    delete_budget,
    get_budget,
)
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
from strongroom.budgets.sections import Budgets, Verdicts

SECTIONS = (Budgets(), Verdicts())
"""What of a person's is told in exports and brought back: plans, and their word on what recurs."""

__all__ = [
    "SECTIONS",
    "BadBudget",
    "Band",
    "Budget",
    "BudgetExists",
    "BudgetId",
    "BudgetNotFound",
    "Cadence",
    "Carry",
    "Check",
    "Coming",
    "Every",
    "Forecast",
    "Lacking",
    "NewBudget",
    "Period",
    "Progress",
    "RecurringId",
    "RecurringItem",
    "RecurringNotFound",
    "Span",
    "Standing",
    "Verdict",
    "add_budget",
    "ask_for_forecasts",
    "ask_if_stale",
    "ask_to_look_through",
    "budget_progress",
    "change_budget",
    "coming_up",
    "delete_budget",
    "forecasts",
    "get_budget",
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
