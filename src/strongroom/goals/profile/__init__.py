"""The financial profile: a household in figures, from its accounts and book. The room's door.

Reads the book and changes none of it. A figure that cannot be known is None, never a default.
"""

from __future__ import annotations

from strongroom.goals.profile.rules import NotEnoughHistory, household, stood_in
from strongroom.goals.profile.section import Sayings
from strongroom.goals.profile.service import (
    BadFigure,
    forget_override,
    get,
    override,
    refresh,
    refresh_for_all,
)
from strongroom.goals.profile.types import (
    ASSET_CLASSES,
    LEAST_MONTHS,
    CategorySpending,
    Figure,
    FigureName,
    PayerIncome,
    Profile,
    ProfileLoan,
    StoodIn,
    ToldBy,
    WhyUnknown,
)

__all__ = [
    "ASSET_CLASSES",
    "LEAST_MONTHS",
    "BadFigure",
    "CategorySpending",
    "Figure",
    "FigureName",
    "NotEnoughHistory",
    "PayerIncome",
    "Profile",
    "ProfileLoan",
    "Sayings",
    "StoodIn",
    "ToldBy",
    "WhyUnknown",
    "forget_override",
    "get",
    "household",
    "override",
    "refresh",
    "refresh_for_all",
    "stood_in",
]
