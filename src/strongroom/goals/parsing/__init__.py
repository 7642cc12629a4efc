"""Understands a goal as a person writes it, in English and Norwegian. The door of this room."""

from __future__ import annotations

from strongroom.goals.parsing.rules import GoalTextIsEmpty, GoalTextIsTooLong, parse
from strongroom.goals.parsing.service import understand

__all__ = ["GoalTextIsEmpty", "GoalTextIsTooLong", "parse", "understand"]
