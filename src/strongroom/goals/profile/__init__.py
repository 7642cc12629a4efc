"""The financial profile: a household in figures, from its accounts and book. The room's door.

Reads the book and changes none of it. A figure that cannot be known is None, never a default.
"""

from __future__ import annotations

from strongroom.goals.profile.types import (
    ASSET_CLASSES,
    LEAST_MONTHS,
    CategorySpending,
    Figure,
    FigureName,
    PayerIncome,
    Profile,
    ProfileLoan,
    ToldBy,
    WhyUnknown,
)

__all__ = [
    "ASSET_CLASSES",
    "LEAST_MONTHS",
    "CategorySpending",
    "Figure",
    "FigureName",
    "PayerIncome",
    "Profile",
    "ProfileLoan",
    "ToldBy",
    "WhyUnknown",
]
