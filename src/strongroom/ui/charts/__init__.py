"""Charts as inline SVG, drawn on the server from plain values in the current person's language.

``draw`` takes any of the specifications below. Pages pass the specification to their template and
let the macro draw it, so that hidden amounts are hidden there too.
"""

from functools import singledispatch

from strongroom.ui.charts.bars import draw_cash_flow, draw_spending_bar
from strongroom.ui.charts.chances import draw_chance_bar, draw_hundred, draw_lever_bar
from strongroom.ui.charts.fan import draw_fan
from strongroom.ui.charts.goal_fan import draw_goal_fan
from strongroom.ui.charts.lines import draw_net_worth_line, draw_sparkline
from strongroom.ui.charts.stack import draw_net_worth_breakdown
from strongroom.ui.charts.types import (
    CashFlow,
    Chance,
    Chart,
    Fan,
    FanDay,
    FanMonth,
    FlowMonth,
    GoalFan,
    Holdings,
    Key,
    LeverBar,
    Mark,
    NetWorthBreakdown,
    NetWorthLine,
    Point,
    Sparkline,
    SpendingBar,
)

__all__ = [
    "CashFlow",
    "Chance",
    "Chart",
    "Fan",
    "FanDay",
    "FanMonth",
    "FlowMonth",
    "GoalFan",
    "Holdings",
    "Key",
    "LeverBar",
    "Mark",
    "NetWorthBreakdown",
    "NetWorthLine",
    "Point",
    "Sparkline",
    "SpendingBar",
    "draw",
    "draw_chance_bar",
    "draw_hundred",
    "draw_lever_bar",
    "draw_sparkline",
    "draw_spending_bar",
]


@singledispatch
def draw(spec: object, id_: str) -> Chart:
    """Draw a chart; ``id_`` must be unique on the page. Raises ``TypeError`` for other values."""
    raise TypeError(f"There is no chart for {type(spec).__name__}.")


draw.register(NetWorthLine, draw_net_worth_line)
draw.register(NetWorthBreakdown, draw_net_worth_breakdown)
draw.register(CashFlow, draw_cash_flow)
draw.register(Fan, draw_fan)
draw.register(GoalFan, draw_goal_fan)
