"""What would change a goal's chance: levers, the least change that is enough, what if. The door."""

from __future__ import annotations

from strongroom.goals.levers.changes import SHARE, check_cuts, cut_rules, what_if
from strongroom.goals.levers.effects import (
    WantedIsNoChance,
    sensitivity,
    smallest_change,
    tornado,
)
from strongroom.goals.levers.service import (
    Basis,
    basis,
    count_sensitivity,
    count_what_if,
    cut_rules_of,
    sensitivity_of,
    what_if_of,
)
from strongroom.goals.levers.types import (
    WANTED,
    Change,
    Changes,
    CutRule,
    Effect,
    Lever,
    Reach,
    Sensitivity,
    WhatIf,
    WhatIfIsWrong,
)

__all__ = [
    "SHARE",
    "WANTED",
    "Basis",
    "Change",
    "Changes",
    "CutRule",
    "Effect",
    "Lever",
    "Reach",
    "Sensitivity",
    "WantedIsNoChance",
    "WhatIf",
    "WhatIfIsWrong",
    "basis",
    "check_cuts",
    "count_sensitivity",
    "count_what_if",
    "cut_rules",
    "cut_rules_of",
    "sensitivity",
    "sensitivity_of",
    "smallest_change",
    "tornado",
    "what_if",
    "what_if_of",
]
