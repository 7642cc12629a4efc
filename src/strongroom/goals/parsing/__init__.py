"""Understands a goal as a person writes it, in English and Norwegian. The door of this room."""

from __future__ import annotations

from strongroom.goals.parsing.currencies import home_of
from strongroom.goals.parsing.rules import (
    BirthIsOutOfRange,
    GoalTextIsEmpty,
    GoalTextIsTooLong,
    assumptions_of,
    parse,
)
from strongroom.goals.parsing.service import understand

__all__ = [
    "BirthIsOutOfRange",
    "GoalTextIsEmpty",
    "GoalTextIsTooLong",
    "assumptions_of",
    "home_of",
    "parse",
    "understand",
]
