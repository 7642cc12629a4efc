"""Goals: what a person saves for, and how likely they are to get there. The door of the domain."""

from strongroom.goals.parsing import GoalTextIsEmpty, GoalTextIsTooLong, parse
from strongroom.goals.types import GoalType, Question, Understood

__all__ = [
    "GoalTextIsEmpty",
    "GoalTextIsTooLong",
    "GoalType",
    "Question",
    "Understood",
    "parse",
]
